"""What is used every day, from PySpark, in both catalogs, on every supported Spark; read back by delta-rs."""
import itertools
import time
from datetime import date, datetime, timezone
from decimal import Decimal

from deltalake import DeltaTable
from pyspark.sql import functions

from lake import LakeTest, WAREHOUSE

NUMBERS = itertools.count()


class EverydayTest(LakeTest):
    namespace = "everyday_py"

    def tables(self, prefix):
        """A new name in each catalog, and where its table will lie."""
        name = f"{prefix}_{next(NUMBERS)}"
        return [(f"lake.{self.namespace}.{name}", self.path_of(name)), (f"spark_catalog.default.{name}", WAREHOUSE / "session" / name)]

    def assert_ids(self, name, path, *ids):
        self.assertEqual([row["id"] for row in self.read(path)], sorted(ids))
        self.assertEqual(self.rows(self.spark.table(name).select("id")), [(i,) for i in sorted(ids)])

    def test_every_type_comes_back(self):
        schema = "id BIGINT NOT NULL, b BOOLEAN, f DOUBLE, d DECIMAL(20,2), s STRING, x BINARY, day DATE, t TIMESTAMP, a ARRAY<STRING>, n STRUCT<u: INT>"
        data = [(1, True, -0.0, Decimal("-123456789012345678.25"), "ünï 😀", b"\x00\xff", date(1, 1, 1),
                 datetime(2024, 2, 29, 12, 30, 0, 123456, timezone.utc), ["a", None], (1,)), (2,) + (None,) * 9]
        for name, path in self.tables("types"):
            self.spark.createDataFrame(data, schema).writeTo(name).using("delta").create()
            shout = functions.udf(lambda s: s and s + "!")
            self.spark.table(name).withColumn("id", functions.col("id") + 2).withColumn("s", shout("s")).writeTo(name).append()
            found = [tuple(row["n"] and (row["n"]["u"],) if key == "n" else row[key] for key in row) for row in self.read(path)]
            self.assertEqual(found, data + [(3,) + data[0][1:4] + ("ünï 😀!",) + data[0][5:], (4,) + data[1][1:]])
            self.assertEqual(self.spark.table(name).where("day = DATE'0001-01-01' AND f = 0").count(), 2)

    def test_appends_and_overwrites(self):
        def row(i, p):
            return self.spark.range(i, i + 1).withColumn("p", functions.lit(p))

        col = functions.col
        for name, path in self.tables("writes"):
            self.spark.sql(f"CREATE TABLE {name} (id BIGINT, p INT) USING delta PARTITIONED BY (p)")
            row(1, 1).writeTo(name).append()
            row(2, 2).write.format("delta").mode("append").saveAsTable(name)
            row(3, 3).write.insertInto(name)
            row(4, 4).write.format("sluice").mode("append").save(str(path))
            if "delta" in self.spark.conf.get("spark.sql.extensions"):  # whose parser loses parameters from Spark 4.2 on
                self.spark.sql(f"INSERT INTO {name} VALUES (5, 5)")
            else:
                self.spark.sql(f"INSERT INTO {name} VALUES (:id, 5)", {"id": 5})
            self.assert_ids(name, path, 1, 2, 3, 4, 5)
            row(6, 1).writeTo(name).overwrite(col("p") == 1)
            row(7, 2).writeTo(name).overwritePartitions()
            row(8, 3).write.format("sluice").mode("overwrite").option("replaceWhere", "p = 3").save(str(path))
            self.spark.sql(f"INSERT OVERWRITE {name} PARTITION (p = 4) SELECT 9L")
            self.spark.sql(f"DELETE FROM {name} WHERE p = 5")
            self.assert_ids(name, path, 6, 7, 8, 9)
            self.spark.sql(f"INSERT OVERWRITE {name} SELECT id + 1, p FROM {name} WHERE p < 3")
            self.assert_ids(name, path, 7, 8)
            row(1, 1).write.mode("overwrite").insertInto(name)
            self.assert_ids(name, path, 1)
            self.spark.sql(f"TRUNCATE TABLE {name}")
            self.assert_ids(name, path)

    def test_rows_are_changed(self):
        for name, path in self.tables("rows"):
            self.spark.range(6).withColumn("s", functions.lit("a")).writeTo(name).using("delta").create()
            self.spark.sql(f"DELETE FROM {name} WHERE id % 2 = 1 AND s = 'a'")
            self.spark.sql(f"UPDATE {name} SET s = concat(s, 'b'), id = id + 10 WHERE id > 2")
            self.assert_ids(name, path, 0, 2, 14)
            changes = self.spark.range(2, 4).withColumn("s", functions.lit("c")).alias("c")
            changes.mergeInto(name, functions.expr(f"{name}.id = c.id")).whenMatched().updateAll().whenNotMatched().insertAll().merge()
            self.assertEqual(self.read(path), [{"id": 0, "s": "a"}, {"id": 2, "s": "c"}, {"id": 3, "s": "c"}, {"id": 14, "s": "ab"}])

    def test_tables_are_made_changed_and_dropped(self):
        for name, path in self.tables("ddl"):
            self.spark.sql(f"CREATE TABLE {name} USING delta COMMENT 'c' AS SELECT id FROM range(3)")
            self.spark.sql(f"CREATE OR REPLACE TABLE {name} USING delta AS SELECT id * 2 AS id FROM {name}")
            self.assert_ids(name, path, 0, 2, 4)
            self.spark.range(2).writeTo(name).using("delta").createOrReplace()
            self.spark.range(3).write.format("delta").mode("overwrite").saveAsTable(name)
            self.assert_ids(name, path, 0, 1, 2)
            self.assertEqual(DeltaTable(path).version(), 3)
            self.spark.sql(f"ALTER TABLE {name} ADD COLUMN s STRING COMMENT 'text'")
            self.spark.sql(f"ALTER TABLE {name} SET TBLPROPERTIES ('mine' = 'yes')")
            self.spark.sql(f"INSERT INTO {name} VALUES (3, 'x')")
            self.assertEqual([row["s"] for row in self.read(path)], [None, None, None, "x"])
            self.assertIn(("mine", "yes"), self.sql(f"SHOW TBLPROPERTIES {name}"))
            self.assertEqual(self.sql(f"SHOW COLUMNS IN {name}"), [("id",), ("s",)])
            self.assertIn(("Provider", "delta", ""), self.sql(f"DESCRIBE EXTENDED {name}"))
            self.assertTrue(self.spark.catalog.tableExists(name))
            renamed = name.replace("ddl_", "renamed_")
            self.spark.sql(f"ALTER TABLE {name} RENAME TO {renamed.split('.', 1)[1]}")
            self.assertEqual(self.spark.table(renamed).count(), 4)
            self.spark.sql(f"DROP TABLE {renamed}")
            self.assertFalse(path.with_name(renamed.rsplit(".", 1)[1]).exists())
            self.assert_fails("TABLE_OR_VIEW_NOT_FOUND", lambda: self.spark.sql(f"DROP TABLE {renamed}"))

    def test_older_versions_paths_and_caches(self):
        for name, path in self.tables("reads"):
            self.spark.range(2).writeTo(name).using("delta").create()
            time.sleep(0.01)
            between = datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M:%S.%f")
            time.sleep(0.01)
            self.spark.table(name).cache()
            self.spark.range(2, 5).writeTo(name).append()
            for frame, count in [(self.spark.sql(f"SELECT * FROM {name} VERSION AS OF 0"), 2),
                                 (self.spark.sql(f"SELECT * FROM {name} TIMESTAMP AS OF '{between}'"), 2),
                                 (self.spark.read.option("versionAsOf", 0).table(name), 2),
                                 (self.spark.read.format("sluice").option("timestampAsOf", between).load(str(path)), 2),
                                 (self.spark.read.format("sluice").load(str(path)), 5),
                                 (self.spark.table(f"lake.delta.`{path}`").where("id > 2"), 2),
                                 (self.spark.table(name), 5)]:
                self.assertEqual(frame.count(), count)
            self.spark.catalog.uncacheTable(name)
            self.assert_fails("DELTA_VERSION_NOT_FOUND", lambda: self.spark.sql(f"SELECT * FROM {name} VERSION AS OF 9").count())

    def test_constraints_variants_and_failures(self):
        for name, path in self.tables("checked"):
            self.spark.sql(f"CREATE TABLE {name} (id BIGINT NOT NULL) USING delta")
            if self.spark.version >= "4.1":
                self.spark.sql(f"ALTER TABLE {name} ADD CONSTRAINT positive CHECK (id > 0)")
                self.assertEqual(DeltaTable(path).metadata().configuration, {"delta.constraints.positive": "id > 0"})
                self.assert_fails("DELTA_VIOLATE_CONSTRAINT_WITH_VALUES", lambda: self.spark.range(1).writeTo(name).append())
            self.spark.range(1, 2).writeTo(name).append()
            self.assert_fails("NOT_NULL", lambda: self.spark.sql(f"INSERT INTO {name} VALUES (NULL)"))
            self.assert_fails("SLUICE_UNSUPPORTED_OPTION", lambda: self.spark.range(1, 2).writeTo(name).option("mergeSchema", "true").append())
            self.assert_ids(name, path, 1)
        for name, _ in self.tables("variants"):
            self.spark.sql(f"CREATE TABLE {name} (id BIGINT, v VARIANT) USING delta")
            self.spark.sql(f"""INSERT INTO {name} SELECT 1, parse_json('{{"a": [1, 2]}}') UNION ALL SELECT 2, NULL""")
            self.assertEqual(self.rows(self.spark.table(name).selectExpr("id", "variant_get(v, '$.a[1]', 'int')")), [(1, 2), (2, None)])

    def test_parquet_goes_in_by_columns(self):
        directory = WAREHOUSE / "everyday.parquet"
        self.spark.range(0, 20_000, 1, 2).selectExpr("id", "concat('t', id % 7) AS s", "IF(id % 3 = 0, NULL, id / 4D) AS d").write.parquet(str(directory))
        for name, path in self.tables("columnar"):
            self.spark.sql(f"CREATE TABLE {name} (id BIGINT, s STRING, d DOUBLE) USING delta")
            insert = f"INSERT INTO {name} SELECT * FROM parquet.`{directory}`"
            self.assertIn("SluiceColumnarInput", self.spark.sql("EXPLAIN " + insert).first()[0])
            self.spark.sql(insert)
            self.assertEqual(self.read(path), [{"id": i, "s": f"t{i % 7}", "d": None if i % 3 == 0 else i / 4} for i in range(20_000)])
