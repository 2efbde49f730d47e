package io.sluice.spark.faults;

import io.sluice.spark.SparkFixture;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.config.Configurator;
import org.junit.rules.ExternalResource;

/** Keeps Spark from logging failures that are meant to happen. */
public final class QuietLog extends ExternalResource {
    @Override
    protected void before() {
        setLevel(Level.OFF);
    }

    @Override
    protected void after() {
        setLevel(Level.ERROR);
    }

    private static void setLevel(Level level) {
        SparkFixture.spark().sparkContext().setLogLevel(level.name());
        Configurator.setLevel("org.apache.spark.util.Utils", level); // has a level of its own
    }
}
