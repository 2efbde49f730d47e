package io.sluice.spark;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.Logger;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Configurator;
import org.apache.logging.log4j.core.config.Property;

/** What Sluice warns of while something runs. */
final class Warnings extends AbstractAppender {
    private static final String OURS = "io.sluice";

    private final List<String> messages = new CopyOnWriteArrayList<>();

    private Warnings() {
        super("warnings", null, null, true, Property.EMPTY_ARRAY);
    }

    @Override
    public void append(LogEvent event) {
        if (event.getLoggerName().startsWith(OURS)) {
            messages.add(event.getMessage().getFormattedMessage());
        }
    }

    static List<String> of(Runnable action) {
        Warnings warnings = new Warnings();
        Logger root = (Logger) LogManager.getRootLogger();
        Level level = root.getLevel();
        warnings.start();
        root.addAppender(warnings);
        Configurator.setLevel(OURS, Level.WARN);
        try {
            action.run();
        } finally {
            root.removeAppender(warnings);
            Configurator.setLevel(OURS, level);
            warnings.stop();
        }
        return warnings.messages;
    }
}
