package io.sluice.spark;

import org.junit.Test;

/** ALTER TABLE of columns with awkward names, in awkward places, or of which the layout speaks, as delta-spark does it. */
public class AlterNamesTest {
    private static final String MAPPED = "TBLPROPERTIES ('delta.columnMapping.mode' = 'name')";
    private final Twins twins = new Twins();

    @Test
    public void quotedNames() {
        twins.create("id INT, name STRING", MAPPED, "1, 'x'");
        twins.alter("ADD COLUMNS (`a-b` INT, `c d` STRING, `e``f` INT)");
        twins.alter("RENAME COLUMN `a-b` TO `g;h`");
        twins.alter("ALTER COLUMN `c d` COMMENT 'quoted'");
        twins.alter("DROP COLUMN `e``f`");
        twins.append("2, 'y', 3, 'z'");
        twins.assertRefused("ALTER TABLE %s ADD COLUMN `NAME` INT");
        twins.assertRefused("ALTER TABLE %s RENAME COLUMN nosuch TO other");
        twins.alter("RENAME COLUMN ID TO `i d`");
        twins.append("3, 'y', 4, 'z'");
    }

    @Test
    public void insideArraysAndMaps() {
        twins.create("id INT, arr ARRAY<STRUCT<x: INT, y: INT>>, m MAP<STRUCT<k: INT>, STRUCT<v: INT>>", MAPPED,
                "1, array(named_struct('x', 1, 'y', 2)), map(named_struct('k', 1), named_struct('v', 2))");
        twins.alter("ADD COLUMNS (arr.element.z INT FIRST, m.key.l INT, m.value.w STRING AFTER v)");
        twins.alter("RENAME COLUMN m.key.k TO kk");
        twins.alter("DROP COLUMN arr.element.y");
        twins.assertRefused("ALTER TABLE %s ALTER COLUMN arr.element COMMENT 'none'");
        twins.assertRefused("ALTER TABLE %s ALTER COLUMN m.key COMMENT 'none'");
        twins.append("2, array(named_struct('z', 1, 'x', 2)), map(named_struct('kk', 1, 'l', 2), named_struct('v', 2, 'w', 'x'))");
    }

    @Test
    public void partitionColumns() {
        twins.create("id INT, p INT, q STRING", "PARTITIONED BY (p, q) " + MAPPED, "1, 2, 'x'");
        twins.assertRefused("ALTER TABLE %s DROP COLUMN p");
        twins.assertRefused("ALTER TABLE %s CLUSTER BY (id)");
        twins.alter("RENAME COLUMN p TO pp");
        twins.alter("ALTER COLUMN pp COMMENT 'part'");
        twins.alter("ADD COLUMN r INT FIRST");
        twins.append("0, 2, 3, 'y'");
    }

    @Test
    public void clusteringColumns() {
        twins.create("id INT, s STRUCT<x: INT, y: INT>", "CLUSTER BY (s.x) " + MAPPED, "1, named_struct('x', 1, 'y', 2)");
        twins.assertRefused("ALTER TABLE %s DROP COLUMN s.x");
        twins.alter("RENAME COLUMN s.x TO z");
        twins.append("2, named_struct('z', 1, 'y', 2)");
    }
}
