package io.sluice.spark;

import static org.junit.Assert.assertEquals;

import java.util.List;
import org.junit.Test;

/** Table features turned on for tables there are: the protocol, the properties and the rows as with delta-spark. */
public class FeatureTest {
    private static Twins twins(String properties) {
        Twins twins = new Twins();
        twins.create("id INT", properties, "1");
        return twins;
    }

    @Test
    public void featuresAreTurnedOnOneAfterTheOther() {
        Twins twins = twins("");
        for (String property : List.of("delta.enableTypeWidening' = 'true", "delta.checkpointPolicy' = 'v2", "delta.enableInCommitTimestamps' = 'true",
                "delta.enableInCommitTimestamps' = 'false", "delta.enableInCommitTimestamps' = 'true", "delta.enableDeletionVectors' = 'true",
                "delta.enableChangeDataFeed' = 'true", "delta.columnMapping.mode' = 'name")) {
            twins.alter("SET TBLPROPERTIES ('" + property + "')");
        }
        twins.append("2");
        twins.appendCrosswise("3");
        twins.assertRefused("ALTER TABLE %s SET TBLPROPERTIES ('delta.columnMapping.mode' = 'id')");
        twins.assertRefused("ALTER TABLE %s SET TBLPROPERTIES ('delta.columnMapping.maxColumnId' = '9')");
    }

    @Test
    public void columnsMappedByIdChangeAsThoseByName() {
        Twins twins = new Twins();
        twins.create("id INT, name STRING", "TBLPROPERTIES ('delta.columnMapping.mode' = 'id')", "1, 'x'");
        twins.assertRefused("ALTER TABLE %s SET TBLPROPERTIES ('delta.columnMapping.mode' = 'name')");
        twins.alter("RENAME COLUMN id TO k");
        twins.alter("DROP COLUMN name");
        twins.alter("ADD COLUMN name STRING");
        twins.append("2, 'y'");
    }

    @Test
    public void featuresAreSupportedByName() {
        Twins twins = twins("");
        for (String feature : List.of("generatedColumns", "identityColumns", "materializePartitionColumns", "rowTracking")) {
            twins.alter("SET TBLPROPERTIES ('delta.feature." + feature + "' = 'supported')");
        }
        twins.append("2");
        twins.appendCrosswise("3");
        for (String property : List.of("delta.feature.clustering' = 'supported", "delta.feature.nosuch' = 'supported", "delta.feature.appendOnly' = 'on",
                "delta.constraints.a' = 'id > 0", "delta.nosuch' = '1", "Delta.Mine' = '1")) {
            twins.assertRefused("ALTER TABLE %s SET TBLPROPERTIES ('" + property + "')");
        }
    }

    @Test
    public void versionsAreRaisedToTheFeaturesTheyStandFor() {
        Twins twins = twins("");
        for (String version : List.of("'delta.minReaderVersion' = '2'", "'delta.minWriterVersion' = '3'", "'delta.minWriterVersion' = '4'",
                "'delta.minWriterVersion' = '5', 'delta.minReaderVersion' = '2'", "'delta.minWriterVersion' = '6'")) {
            twins.alter("SET TBLPROPERTIES (" + version + ")");
        }
        twins.append("2");
        twins.appendCrosswise("3");
    }

    @Test
    public void clusteringWantsStatistics() {
        for (String property : List.of("delta.dataSkippingNumIndexedCols' = '3", "delta.dataSkippingStatsColumns' = 'id,s")) {
            Twins twins = new Twins();
            twins.create("id INT, s STRUCT<x: INT, y: INT>, name STRING", "TBLPROPERTIES ('" + property + "')", "1, NULL, 'x'");
            twins.assertRefused("ALTER TABLE %s CLUSTER BY (name)");
            twins.assertRefused("ALTER TABLE %s CLUSTER BY (id, ID)");
            twins.assertRefused("ALTER TABLE %s CLUSTER BY (nosuch)");
            twins.alter("CLUSTER BY (S.Y, id)");
            twins.append("2, NULL, 'y'");
        }
    }

    /** Files of the old layout have statistics of what was indexed when they were written, or none at all. */
    @Test
    public void filesWithoutStatisticsAreClusteredFromNowOn() {
        Twins twins = new Twins();
        twins.create("id INT, name STRING", "TBLPROPERTIES ('delta.dataSkippingNumIndexedCols' = '0')", "1, 'x'");
        twins.alter("CLUSTER BY NONE");
        twins.alter("SET TBLPROPERTIES ('delta.dataSkippingNumIndexedCols' = '2')");
        twins.alter("CLUSTER BY (name)");
        twins.append("2, 'y'");
        twins.alter("CLUSTER BY NONE");
        twins.alter("CLUSTER BY NONE");
        twins.appendCrosswise("3, 'z'");
        assertEquals(3, SparkFixture.delta(twins.ours).count());
    }
}
