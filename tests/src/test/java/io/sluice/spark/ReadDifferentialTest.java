package io.sluice.spark;

import static io.sluice.spark.ReadTest.sluice;
import static io.sluice.spark.SparkFixture.delta;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.BeforeClass;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.junit.runners.Parameterized;
import org.junit.runners.Parameterized.Parameters;

/** Tables of other writers, and of ours: whatever is asked, the rows are those that nobody has skipped. */
@RunWith(Parameterized.class)
public class ReadDifferentialTest {
    private static List<Dataset<Row>> parts;

    private final ForeignTables.Maker maker;

    public ReadDifferentialTest(ForeignTables.Maker maker) {
        this.maker = maker;
    }

    @Parameters(name = "{0}")
    public static List<ForeignTables.Maker> makers() {
        return ForeignTables.ALL;
    }

    @BeforeClass
    public static void prepare() {
        var columns = new ArrayList<>(SampleColumns.FLAT);
        columns.addAll(SampleColumns.NESTED);
        columns.addAll(SampleColumns.NTZ);
        parts = SampleColumns.parts(columns, 8, 3).parts();
    }

    @Test
    public void readAlike() {
        Path table = maker.make().apply(parts);
        Differential.assertAlike(maker.name(), delta(table), sluice(table));
    }
}
