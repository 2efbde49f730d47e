"""The built-in catalog with native Delta tables, in a Spark that does not have delta-spark: the provider is `delta` all the same."""
from deltalake import DeltaTable

from lake import LakeTest, WAREHOUSE


class SessionCatalogTest(LakeTest):
    def place(self, table):
        return WAREHOUSE / "session" / table

    def test_tables_are_created_using_delta(self):
        for table, using in ("lower", "delta"), ("upper", "DELTA"), ("own", "sluice"):
            self.spark.sql(f"CREATE TABLE {table} (id BIGINT, p STRING) USING {using} PARTITIONED BY (p)")
            self.spark.sql(f"INSERT INTO {table} VALUES (1, 'a')")
            self.assertEqual(self.read(self.place(table)), [{"id": 1, "p": "a"}])
            self.assertIn("USING delta", self.spark.sql(f"SHOW CREATE TABLE {table}").first()[0])
            self.spark.sql(f"DROP TABLE {table}")
            self.assertFalse(self.place(table).exists())

    def test_tables_are_created_with_data(self):
        self.spark.sql("CREATE TABLE filled USING delta AS SELECT id FROM range(3)")
        self.spark.sql("CREATE OR REPLACE TABLE filled USING delta AS SELECT id FROM range(2)")
        self.spark.range(2, 3).writeTo("filled").append()
        self.assertEqual(self.read(self.place("filled")), [{"id": 0}, {"id": 1}, {"id": 2}])
        self.assertEqual(self.sql("SELECT * FROM filled VERSION AS OF 0"), [(0,), (1,), (2,)])
        self.spark.range(1).writeTo("made").using("delta").create()
        self.spark.sql("ALTER TABLE made RENAME TO remade")
        self.spark.sql("ALTER TABLE remade ADD COLUMN s STRING")
        self.assertEqual(self.sql("SELECT * FROM default.remade"), [(0, None)])

    def test_data_frames_are_saved(self):
        for mode in "append", "append", "ignore":
            self.spark.range(2).write.format("delta").mode(mode).saveAsTable("saved")
        self.assertEqual(len(self.read(self.place("saved"))), 4)
        self.spark.range(1).write.format("delta").mode("overwrite").saveAsTable("saved")
        self.assertEqual(self.rows(self.spark.table("saved")), [(0,)])
        path = str(WAREHOUSE / "by_path")
        self.spark.range(2).write.format("delta").save(path)
        self.spark.range(2).write.format("delta").mode("append").save(path)
        self.assertEqual(self.spark.sql(f"SELECT * FROM delta.`{path}`").count(), 4)
        self.assertEqual(DeltaTable(path).version(), 1)

    def test_tables_lie_elsewhere(self):
        path = WAREHOUSE / "external"
        self.spark.range(2).write.format("sluice").save(str(path))
        self.spark.sql(f"CREATE TABLE external USING delta LOCATION '{path}'")
        self.assertEqual(self.spark.table("external").count(), 2)
        self.spark.sql("DROP TABLE external")
        self.assertEqual(len(self.read(path)), 2)

    def test_everything_else_is_sparks(self):
        self.spark.sql("CREATE TABLE plain USING parquet AS SELECT 1 AS id")
        self.spark.sql("CREATE TABLE native USING delta AS SELECT 1 AS id")
        self.spark.sql("CREATE VIEW both AS SELECT id FROM plain UNION ALL SELECT id FROM native")
        self.assertEqual(self.sql("SELECT * FROM both"), [(1,), (1,)])
        self.assertEqual(self.spark.catalog.getTable("plain").tableType, "MANAGED")
        self.assert_fails("DATA_SOURCE_NOT_FOUND", lambda: self.spark.sql("CREATE TABLE other (id INT) USING nosuch"))
        self.spark.sql("DROP VIEW both")
        self.spark.sql("DROP TABLE plain")
