"""Reading from PySpark: what we wrote, and what delta-rs wrote."""
import time
from datetime import date, datetime, timezone

import pyarrow
from deltalake import convert_to_deltalake, write_deltalake
from pyarrow import parquet
from pyspark.sql import functions

from lake import LakeTest


class ReadTest(LakeTest):
    namespace = "py_read"

    def filled(self, name, rest=""):
        table, path = self.create(name, "id BIGINT, s STRING, day DATE", rest)
        for first in 0, 10:
            (self.spark.range(first, first + 10)
             .selectExpr("id", "concat('s', id) AS s", "date_add(DATE'2024-01-01', CAST(id % 2 AS INT)) AS day")
             .coalesce(1).writeTo(table).append())
        return table, path

    def test_every_way_of_reading(self):
        table, path = self.filled("ways")
        expected = [(i, f"s{i}") for i in range(20)]
        for frame in (self.spark.table(table), self.spark.read.table(table), self.spark.sql(f"SELECT * FROM {table}"),
                      self.spark.table(f"lake.delta.`{path}`"), self.spark.read.format("sluice").load(str(path)),
                      self.spark.read.format("delta").load(str(path))):
            self.assertEqual(self.rows(frame.select("id", "s")), expected)

    def test_filters_are_pushed_down(self):
        table, path = self.filled("filters", "PARTITIONED BY (day)")
        frame = self.spark.table(table)
        self.assertEqual(self.rows(frame.where("id > 17").select("id")), [(18,), (19,)])
        self.assertEqual(frame.where(functions.col("day") == date(2024, 1, 2)).count(), 10)
        self.assertEqual(self.rows(frame.where("s = 's3' OR s IS NULL").select("id", "day")), [(3, date(2024, 1, 2))])
        self.assertEqual(frame.where("id IN (1, 11)").agg(functions.sum("id")).first()[0], 12)
        self.assertEqual(frame.where("id > 100").collect(), [])
        files = frame.where("id > 17 AND day = DATE'2024-01-02'").select("_metadata.file_name").distinct()
        self.assertEqual(files.count(), 1)
        self.assertEqual(frame.limit(3).count(), 3)
        self.assertEqual(tuple(frame.agg(functions.min("id"), functions.max("id"), functions.count("*")).first()), (0, 19, 20))

    def test_files_are_told(self):
        table, path = self.filled("metadata")
        found = self.spark.table(table).select("_metadata.file_path", "_metadata.file_size", "_metadata.row_index", "id").collect()
        self.assertEqual(sorted(row.row_index for row in found), sorted(list(range(10)) * 2))
        sizes = {file.name: file.stat().st_size for file in path.glob("*.parquet")}
        self.assertEqual({row.file_path.rsplit("/", 1)[1]: row.file_size for row in found}, sizes)
        self.assertNotIn("_metadata", self.spark.table(table).columns)

    def test_time_travel(self):
        table, path = self.filled("travel")
        time.sleep(0.01)
        between = datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M:%S.%f")
        time.sleep(0.01)
        self.spark.sql(f"INSERT INTO {table} VALUES (20, 'new', NULL)")
        for frame, count in [(self.spark.sql(f"SELECT * FROM {table} VERSION AS OF 1"), 10),
                             (self.spark.sql(f"SELECT * FROM {table} TIMESTAMP AS OF '{between}'"), 20),
                             (self.spark.read.option("versionAsOf", 0).table(table), 0),
                             (self.spark.read.format("sluice").option("versionAsOf", 1).load(str(path)), 10),
                             (self.spark.read.format("sluice").option("timestampAsOf", between).load(str(path)), 20),
                             (self.spark.table(table), 21)]:
            self.assertEqual(frame.count(), count)
        self.assert_fails("DELTA_VERSION_NOT_FOUND|Cannot", lambda: self.spark.sql(f"SELECT * FROM {table} VERSION AS OF 9").count())

    def test_tables_of_others(self):
        path = self.path_of("others")
        rows = {"id": [1, 2, None], "s": ["ü", None, ""], "n": [{"a": 1, "b": [1.5]}, None, {"a": None, "b": []}],
                "t": [datetime(2024, 2, 29, 1, 2, 3, 456789, timezone.utc), None, None], "p": ["x", "x/y", None]}
        write_deltalake(path, pyarrow.table(rows), partition_by=["p"])
        frame = self.spark.table(f"lake.delta.`{path}`")
        found = {row.id: row for row in frame.collect()}
        self.assertEqual((found[1].s, found[1].n.a, found[1].n.b, found[1].p), ("ü", 1, [1.5], "x"))
        self.assertEqual((found[2].s, found[2].n, found[2].p), (None, None, "x/y"))
        self.assertEqual((found[None].s, found[None].n.b, found[None].p), ("", [], None))
        self.assertEqual(frame.where("p = 'x/y'").count(), 1)
        self.assertEqual(self.rows(frame.selectExpr("n.a").where("a = 1")), [(1,)])

    def test_joins_and_pandas(self):
        table, _ = self.filled("joins", "PARTITIONED BY (day)")
        days = self.spark.createDataFrame([(date(2024, 1, 1), "first")], "day DATE, name STRING")
        self.assertEqual(self.spark.table(table).join(days, "day").count(), 10)
        self.assertEqual([row.id for row in self.spark.table(table).orderBy("id").toLocalIterator()], list(range(20)))

    def test_old_timestamps(self):
        path = self.path_of("int96")
        path.mkdir(parents=True)
        times = [datetime(1950, 3, 4, 5, 6, 7, 891011, timezone.utc), None, datetime(2024, 2, 29, tzinfo=timezone.utc)]
        parquet.write_table(pyarrow.table({"id": [1, 2, 3], "t": times}), path / "old.parquet", use_deprecated_int96_timestamps=True)
        convert_to_deltalake(path)
        frame = self.spark.table(f"lake.delta.`{path}`")
        micros = [time and round(time.timestamp() * 1_000_000) for time in times]
        self.assertEqual(self.rows(frame.selectExpr("id", "unix_micros(t)")), list(zip([1, 2, 3], micros)))
        self.assertEqual(self.rows(frame.where("t < TIMESTAMP'1960-01-01'").select("id")), [(1,)])

    def test_damage_is_named(self):
        for damage, word in (lambda file: file.unlink(), "no such file"), (lambda file: file.write_bytes(b"x" * 900), "Parquet|corrupt"):
            with self.subTest(word):
                table, path = self.filled(f"damaged_{len(word)}")
                file = next(path.glob("*.parquet"))
                damage(file)
                with self.assertRaisesRegex(Exception, word) as raised:
                    self.spark.table(table).collect()
                for part in table, "version 2", file.name:
                    self.assertIn(part, str(raised.exception))

    def test_missing_tables(self):
        self.assert_fails("TABLE_OR_VIEW_NOT_FOUND", lambda: self.spark.table("lake.py_read.nothing").count())
        self.assert_fails("DELTA_PATH_DOES_NOT_EXIST", lambda: self.spark.read.format("sluice").load(str(self.path_of("nothing"))))
