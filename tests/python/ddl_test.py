"""Catalog and DDL from PySpark: tables and namespaces made, looked at and changed, read back by delta-rs."""
import threading

from deltalake import DeltaTable
from pyspark.sql import functions

from lake import LakeTest, WAREHOUSE


class DdlTest(LakeTest):
    namespace = "py_ddl"

    def columns(self, table):
        return [f"{field.name} {field.dataType.simpleString()}" for field in self.spark.table(table).schema.fields]

    def test_writer_v2_creates_and_replaces(self):
        name, path = "lake.py_ddl.v2", self.path_of("v2")
        numbers = self.spark.range(4).withColumn("p", functions.col("id") % 2)
        numbers.writeTo(name).using("delta").partitionedBy("p").tableProperty("mine", "yes").create()
        self.assertEqual(DeltaTable(path).metadata().partition_columns, ["p"])
        self.assertEqual(DeltaTable(path).metadata().configuration, {"mine": "yes"})
        self.assertEqual([row["id"] for row in self.read(path)], [0, 1, 2, 3])
        self.assert_fails("TABLE_OR_VIEW_ALREADY_EXISTS", lambda: numbers.writeTo(name).create())
        self.spark.range(2).writeTo(name).replace()
        self.assertEqual(self.read(path), [{"id": 0}, {"id": 1}])
        self.spark.range(3).writeTo(name).createOrReplace()
        self.assertEqual(len(self.read(path)), 3)
        self.assertEqual(self.spark.sql(f"SELECT * FROM {name} VERSION AS OF 0").count(), 4)
        self.assert_fails("TABLE_OR_VIEW_NOT_FOUND|CANNOT_REPLACE_MISSING", lambda: numbers.writeTo(f"{name}_not").replace())
        numbers.writeTo(f"{name}_new").createOrReplace()
        self.assertEqual(len(self.read(self.path_of("v2_new"))), 4)

    def test_sql_creates_and_replaces(self):
        name, path = "lake.py_ddl.ctas", self.path_of("ctas")
        self.spark.sql(f"CREATE TABLE {name} USING delta COMMENT 'c' CLUSTER BY (id) AS SELECT id FROM range(3)")
        self.assertEqual(DeltaTable(path).metadata().description, "c")
        self.spark.sql(f"CREATE TABLE IF NOT EXISTS {name} (other INT)")
        self.spark.sql(f"CREATE OR REPLACE TABLE {name} AS SELECT id * 2 AS id FROM {name}")
        self.assertEqual(self.read(path), [{"id": 0}, {"id": 2}, {"id": 4}])
        self.spark.sql(f"REPLACE TABLE {name} AS SELECT 7L AS id")
        self.assertEqual(self.read(path), [{"id": 7}])
        self.assertEqual([h["operation"] for h in DeltaTable(path).history()],
                         ["REPLACE TABLE AS SELECT", "CREATE OR REPLACE TABLE AS SELECT", "CREATE TABLE AS SELECT"])
        self.assert_fails("no luck", lambda: self.spark.sql("CREATE TABLE lake.py_ddl.failed AS SELECT CAST(raise_error('no luck') AS INT) AS x"))
        self.assertFalse(self.path_of("failed").exists())

    def test_tables_are_altered(self):
        name, path = self.create("altered", "id BIGINT NOT NULL, i INT", "TBLPROPERTIES ('delta.enableTypeWidening' = 'true')")
        self.spark.sql(f"INSERT INTO {name} VALUES (1, 1)")
        for change in ("SET TBLPROPERTIES ('k' = 'v', 'delta.columnMapping.mode' = 'name')", "UNSET TBLPROPERTIES ('k')",
                       "ADD COLUMNS (s STRUCT<a: INT> COMMENT 'nested', first STRING FIRST)", "ADD COLUMN s.b STRING AFTER a",
                       "ALTER COLUMN s COMMENT 'other'", "ALTER COLUMN id DROP NOT NULL", "ALTER COLUMN i TYPE BIGINT",
                       "RENAME COLUMN first TO `the first`", "DROP COLUMN s.a", "ALTER COLUMN `the first` AFTER i",
                       "SET TBLPROPERTIES ('delta.feature.allowColumnDefaults' = 'supported')",
                       "ALTER COLUMN i SET DEFAULT 42", "CLUSTER BY (id)"):
            self.spark.sql(f"ALTER TABLE {name} {change}")
        self.assertEqual(self.columns(name), ["id bigint", "i bigint", "the first string", "s struct<b:string>"])
        self.spark.sql(f"INSERT INTO {name} (id) VALUES (2)")
        self.assertEqual(self.sql(f"SELECT id, i, s FROM {name}"), [(1, 1, None), (2, 42, None)])
        self.assertEqual(len(list((path / "_delta_log").glob("*.json"))), 16, "one commit a statement")
        self.assert_fails("delta.nosuch", lambda: self.spark.sql(f"ALTER TABLE {name} SET TBLPROPERTIES ('delta.nosuch' = '1')"))

    def test_tables_are_looked_at(self):
        name, _ = self.create("shown", "id BIGINT COMMENT 'key', p STRING", "PARTITIONED BY (p) COMMENT 'what' TBLPROPERTIES ('mine' = 'yes')")
        self.assertIn(("py_ddl", "shown", False), self.sql("SHOW TABLES IN lake.py_ddl"))
        self.assertEqual(self.sql(f"SHOW COLUMNS IN {name}"), [("id",), ("p",)])
        self.assertIn(("mine", "yes"), self.sql(f"SHOW TBLPROPERTIES {name}"))
        described = {row[0]: row[1] for row in self.spark.sql(f"DESCRIBE EXTENDED {name}").collect()}
        self.assertEqual((described["Comment"], described["Provider"], described["Type"]), ("what", "delta", "MANAGED"))
        statement = self.spark.sql(f"SHOW CREATE TABLE {name}").first()[0]
        self.spark.sql(f"DROP TABLE {name}")
        self.spark.sql(statement)
        self.assertEqual(self.spark.sql(f"SHOW CREATE TABLE {name}").first()[0], statement)
        self.assertEqual([column.name for column in self.spark.catalog.listColumns(name)], ["id", "p"])
        self.assertTrue(self.spark.catalog.tableExists(name))
        self.assertEqual(self.spark.catalog.getTable(name).description, "what")

    def test_tables_are_renamed_and_dropped(self):
        name, path = self.create("old", "id BIGINT")
        self.spark.sql(f"ALTER TABLE {name} RENAME TO lake.py_ddl.renamed")
        self.assertFalse(path.exists())
        self.spark.sql("DROP TABLE lake.py_ddl.renamed PURGE")
        self.assertFalse(self.path_of("renamed").exists())
        self.spark.sql("DROP TABLE IF EXISTS lake.py_ddl.renamed")
        self.assert_fails("TABLE_OR_VIEW_NOT_FOUND", lambda: self.spark.sql("DROP TABLE lake.py_ddl.renamed"))

    def test_tables_lie_elsewhere(self):
        elsewhere = WAREHOUSE / "elsewhere"
        self.spark.sql(f"CREATE TABLE lake.py_ddl.away LOCATION '{elsewhere}' AS SELECT 1L AS id")
        self.assertEqual(self.read(elsewhere), [{"id": 1}])
        self.spark.sql("DROP TABLE lake.py_ddl.away")
        self.assertEqual(self.read(elsewhere), [{"id": 1}])

    def test_namespaces(self):
        self.spark.sql("CREATE NAMESPACE lake.py_ns COMMENT 'mine' WITH DBPROPERTIES ('a' = '1')")
        self.spark.sql("ALTER NAMESPACE lake.py_ns SET PROPERTIES ('b' = '2')")
        self.spark.sql("CREATE NAMESPACE lake.py_ns.inner")
        self.assertIn(("py_ns",), self.sql("SHOW NAMESPACES IN lake"))
        self.assertEqual(self.sql("SHOW NAMESPACES IN lake.py_ns"), [("py_ns.inner",)])
        self.assertIn("((a,1), (b,2))", str(self.sql("DESCRIBE NAMESPACE EXTENDED lake.py_ns")))
        self.spark.range(1).writeTo("lake.py_ns.inner.t").create()
        self.assert_fails("SCHEMA_NOT_EMPTY", lambda: self.spark.sql("DROP NAMESPACE lake.py_ns"))
        self.spark.sql("DROP NAMESPACE lake.py_ns CASCADE")
        self.assertFalse((WAREHOUSE / "py_ns").exists())
        self.spark.range(1).writeTo("lake.py_top").create()
        self.assertIn(("", "py_top", False), self.sql("SHOW TABLES IN lake"))

    def test_save_modes(self):
        path = self.path_of("saved")
        for mode, count in ("append", 2), ("append", 4), ("ignore", 4):
            self.spark.range(2).write.format("sluice").mode(mode).save(str(path))
            self.assertEqual(len(self.read(path)), count)
        self.assert_fails("ALREADY_EXISTS", lambda: self.spark.range(2).write.format("sluice").save(str(path)))
        self.spark.range(3).write.format("sluice").mode("overwrite").save(str(self.path_of("overwritten")))
        self.assertEqual(len(self.read(self.path_of("overwritten"))), 3)
        self.spark.range(1).write.format("sluice").mode("overwrite").save(str(path))
        self.assertEqual(self.read(path), [{"id": 0}])
        self.spark.range(2).write.format("delta").mode("append").saveAsTable("lake.py_ddl.by_name")
        self.assertEqual(len(self.read(self.path_of("by_name"))), 2)

    def test_constraints_are_added_kept_and_dropped(self):
        name, path = self.create("checked", "id BIGINT")
        self.spark.sql(f"INSERT INTO {name} VALUES (1)")
        self.assert_fails("NEW_CHECK_CONSTRAINT_VIOLATION",
                          lambda: self.spark.sql(f"ALTER TABLE {name} ADD CONSTRAINT large CHECK (id > 1)"))
        self.spark.sql(f"ALTER TABLE {name} ADD CONSTRAINT positive CHECK (id > 0)")
        self.assertEqual(DeltaTable(path).metadata().configuration, {"delta.constraints.positive": "id > 0"})
        self.assert_fails("DELTA_VIOLATE_CONSTRAINT_WITH_VALUES", lambda: self.spark.range(1).writeTo(name).append())
        self.spark.sql(f"ALTER TABLE {name} DROP CONSTRAINT positive")
        self.spark.range(1).writeTo(name).append()
        self.assertEqual(self.read(path), [{"id": 0}, {"id": 1}])

    def test_constraints_of_new_tables(self):
        for create in "CREATE TABLE", "CREATE OR REPLACE TABLE":
            self.spark.sql(f"{create} lake.py_ddl.ruled (id BIGINT, CONSTRAINT positive CHECK (id > 0))")
            with self.assertRaises(Exception) as raised:
                self.spark.range(1).writeTo("lake.py_ddl.ruled").append()
            self.assertIn("DELTA_VIOLATE_CONSTRAINT_WITH_VALUES", str(raised.exception))
            self.assertNotIn("Job aborted", str(raised.exception))
        self.assertIn("CONSTRAINT positive CHECK (id > 0)", self.spark.sql("SHOW CREATE TABLE lake.py_ddl.ruled").first()[0])
        self.assertEqual(DeltaTable(self.path_of("ruled")).metadata().configuration, {"delta.constraints.positive": "id > 0"})
        self.assert_fails("CONSTRAINT_DOES_NOT_EXIST", lambda: self.spark.sql("ALTER TABLE lake.py_ddl.ruled DROP CONSTRAINT nosuch"))

    def test_partitions_go_with_their_rows(self):
        name, path = self.create("dropped_parts", "id BIGINT, p STRING", "PARTITIONED BY (p)")
        self.spark.sql(f"INSERT INTO {name} VALUES (1, 'a'), (2, 'b'), (3, NULL), (4, 'c')")
        self.spark.sql(f"ALTER TABLE {name} DROP PARTITION (p = 'a'), PARTITION (p = null)")
        self.spark.sql(f"TRUNCATE TABLE {name} PARTITION (p = 'b')")
        self.assertEqual(self.read(path), [{"id": 4, "p": "c"}])

    def test_partitions_are_listed(self):
        name, _ = self.create("listed", "id BIGINT, p STRING, q INT", "PARTITIONED BY (p, q)")
        self.spark.sql(f"INSERT INTO {name} VALUES (1, 'a', 1), (2, 'b', 2), (3, NULL, 2)")
        self.assertEqual(self.sql(f"SHOW PARTITIONS {name}"),
                         [("p=a/q=1",), ("p=b/q=2",), ("p=null/q=2",)])
        self.assertEqual(self.sql(f"SHOW PARTITIONS {name} PARTITION (q = 1)"), [("p=a/q=1",)])

    def test_columns_are_replaced(self):
        name, path = self.create("replaced", "id INT, s STRING", "TBLPROPERTIES ('delta.enableTypeWidening' = 'true')")
        self.spark.sql(f"INSERT INTO {name} VALUES (1, 'x')")
        self.spark.sql(f"ALTER TABLE {name} REPLACE COLUMNS (id BIGINT COMMENT 'key', s STRING, more DOUBLE)")
        self.assertEqual(self.columns(name), ["id bigint", "s string", "more double"])
        self.assertEqual(self.sql(f"SELECT * FROM {name}"), [(1, "x", None)])

    def test_options_are_properties(self):
        name, path = self.create("optioned", "id BIGINT", "OPTIONS ('delta.appendOnly' = 'true', mine = 'x')")
        self.assertEqual(DeltaTable(path).metadata().configuration["delta.appendOnly"], "true")
        self.assert_fails("DELTA_CANNOT_MODIFY_APPEND_ONLY", lambda: self.spark.sql(f"TRUNCATE TABLE {name}"))

    def test_overwrites(self):
        path = self.path_of("parts")
        self.spark.sql("CREATE TABLE lake.py_ddl.parts (id BIGINT, p INT) PARTITIONED BY (p)")
        table = self.spark.range(6).selectExpr("id", "CAST(id % 3 AS INT) AS p")
        table.writeTo("lake.py_ddl.parts").append()
        table.where("id = 1").writeTo("lake.py_ddl.parts").overwritePartitions()
        self.assertEqual([row["id"] for row in self.read(path)], [0, 1, 2, 3, 5])
        table.where("id = 4").writeTo("lake.py_ddl.parts").overwrite(functions.col("p") == 1)
        self.assertEqual([row["id"] for row in self.read(path)], [0, 2, 3, 4, 5])
        table.where("id = 1").write.format("sluice").mode("overwrite").option("replaceWhere", "p > 0").save(str(path))
        self.assertEqual([row["id"] for row in self.read(path)], [0, 1, 3])
        self.spark.sql("DELETE FROM lake.py_ddl.parts WHERE p = 0")
        self.assertEqual([row["id"] for row in self.read(path)], [1])
        table.write.mode("overwrite").insertInto("lake.py_ddl.parts")
        self.spark.sql("INSERT OVERWRITE lake.py_ddl.parts VALUES (9, 9)")
        self.assertEqual(self.read(path), [{"id": 9, "p": 9}])

    def test_threads_save(self):
        """Python's threads are served by threads of the JVM that are older than the session."""
        path, failures = self.path_of("threads"), []

        def save(first):
            try:
                self.spark.range(first, first + 5).write.format("sluice").mode("append").save(str(path))
            except Exception as error:
                failures.append(error)

        save(0)
        threads = [threading.Thread(target=save, args=(first,)) for first in (5, 10)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])
        self.assertEqual([row["id"] for row in self.read(path)], list(range(15)))
        self.assertIsNone(self.spark.conf.get("spark.sql.catalog.sluice", None))

    def test_what_cannot_be_is_refused(self):
        for statement in ("CREATE TABLE lake.py_ddl.no (d DATE, i INT) PARTITIONED BY (years(d))",
                          "CREATE TABLE lake.py_ddl.no (d DATE, i INT) PARTITIONED BY (bucket(4, i))",
                          "CREATE TABLE lake.py_ddl.no (i INT) USING parquet", "CREATE VIEW lake.py_ddl.no AS SELECT 1 AS i"):
            with self.subTest(statement):
                self.assert_fails("not supported|Cannot|UNSUPPORTED|MISSING_CATALOG_ABILITY", lambda: self.spark.sql(statement))
        self.assertFalse(self.path_of("no").exists())
