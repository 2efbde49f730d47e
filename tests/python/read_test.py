"""Reading from PySpark: what we wrote, and what delta-rs wrote."""
import json
import struct
import time
from datetime import date, datetime, timezone

import pyarrow
from deltalake import convert_to_deltalake, write_deltalake
from pyarrow import parquet
from pyspark.sql import functions

from lake import LakeTest


def z85(data):
    """Base 85 in the alphabet of ZeroMQ (Delta protocol, "Deletion Vector Format")."""
    alphabet = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#"
    data += b"\0" * (-len(data) % 4)
    words = (int.from_bytes(data[i:i + 4], "big") for i in range(0, len(data), 4))
    return "".join(alphabet[word // 85 ** power % 85] for word in words for power in (4, 3, 2, 1, 0))


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
        files = self.spark.table(f"{table}.files").select("record_count", "lower_bounds.id", "null_counts.s")
        self.assertEqual(sorted(self.rows(files)), [(10, 0, 0), (10, 10, 0)])
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

    def test_columns_of_all_times(self):
        """Renamed, widened, added, void: files of before are read as what the table is now."""
        table, path = self.create("times", "id BIGINT, i INT, v VOID, s STRUCT<a: INT>",
                                  "TBLPROPERTIES ('delta.columnMapping.mode' = 'name', 'delta.enableTypeWidening' = 'true')")
        self.spark.sql(f"INSERT INTO {table} VALUES (1, 2, NULL, named_struct('a', 3))")
        for change in "RENAME COLUMN i TO wide", "ALTER COLUMN wide TYPE BIGINT", "ADD COLUMN s.b STRING", "ADD COLUMN more DOUBLE":
            self.spark.sql(f"ALTER TABLE {table} {change}")
        self.spark.sql(f"INSERT INTO {table} VALUES (2, 3000000000, NULL, named_struct('a', 4, 'b', 'x'), 1.5)")
        self.assertEqual(self.rows(self.spark.table(table).selectExpr("id", "wide", "v", "s.a", "s.b", "more")),
                         [(1, 2, None, 3, None, None), (2, 3000000000, None, 4, "x", 1.5)])
        self.assertEqual(self.rows(self.spark.table(table).where("wide > 2147483647").select("id")), [(2,)])

    def test_deleted_rows(self):
        """A deletion vector in the log, of the rows 0 and 2: as in the Delta protocol, "Deletion Vector Format"."""
        table, path = self.create("deleted", "id BIGINT", "TBLPROPERTIES ('delta.enableDeletionVectors' = 'true')")
        self.spark.range(5).coalesce(1).writeTo(table).append()
        commit = path / "_delta_log" / f"{1:020}.json"
        add = next(line["add"] for line in map(json.loads, commit.read_text().splitlines()) if "add" in line)
        positions = struct.pack("<I", 1681511377) + struct.pack("<Q", 1) + struct.pack("<I", 0)
        positions += struct.pack("<IIHHI", 12346, 1, 0, 1, 16) + struct.pack("<HH", 0, 2)
        vector = {"storageType": "i", "pathOrInlineDv": z85(positions), "sizeInBytes": len(positions), "cardinality": 2}
        remove = {"path": add["path"], "deletionTimestamp": 1, "dataChange": True, "extendedFileMetadata": True,
                  "partitionValues": {}, "size": add["size"]}
        again = {**add, "deletionVector": vector}
        (path / "_delta_log" / f"{2:020}.json").write_text(
            "\n".join(json.dumps(action) for action in ({"remove": remove}, {"add": again})) + "\n")
        frame = self.spark.table(table)
        self.assertEqual(self.rows(frame), [(1,), (3,), (4,)])
        self.assertEqual(frame.count(), 3)
        self.assertEqual(self.rows(frame.where("id < 3")), [(1,)])
        self.assertEqual(self.spark.sql(f"SELECT * FROM {table} VERSION AS OF 1").count(), 5)

    def test_partitions_found_while_it_runs(self):
        table, _ = self.filled("runtime", "PARTITIONED BY (day)")
        self.spark.createDataFrame([(date(2024, 1, 2), "second")], "day DATE, name STRING").createOrReplaceTempView("py_days")
        joined = self.spark.sql(f"SELECT t.id FROM {table} t JOIN (SELECT * FROM py_days WHERE name = 'second') d ON t.day = d.day")
        self.assertEqual(self.rows(joined), [(i,) for i in range(1, 20, 2)])

    def test_variants(self):
        table, _ = self.create("variants", "id BIGINT, v VARIANT")
        self.spark.sql(f"""INSERT INTO {table} SELECT 1, parse_json('{{"a": [1, 2]}}') UNION ALL SELECT 2, NULL""")
        self.assertEqual(self.rows(self.spark.table(table).selectExpr("id", "variant_get(v, '$.a[1]', 'int')")), [(1, 2), (2, None)])

    def test_options_are_kept_to(self):
        table, path = self.filled("options")
        self.assert_fails("SLUICE_UNSUPPORTED_OPTION",
                          lambda: self.spark.read.format("sluice").option("readChangeFeed", "true").load(str(path)).collect())
        next(path.glob("*.parquet")).unlink()
        self.assertEqual(len(self.spark.read.option("ignoreMissingFiles", "true").table(table).collect()), 10)

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
