"""Appends from PySpark through the jar, read back by delta-rs without a JVM."""
import math
from datetime import date, datetime, timezone
from decimal import Decimal

import pyarrow
from deltalake import DeltaTable, write_deltalake
from pyspark.sql import Row, functions

from lake import LakeTest

SCHEMA = ("id BIGINT NOT NULL, b BOOLEAN, i INT, f DOUBLE, d DECIMAL(20,2), s STRING, x BINARY, day DATE, t TIMESTAMP, "
          "a ARRAY<STRING>, m MAP<STRING, INT>, n STRUCT<u: INT, v: STRING>, p STRING")
DATA = [
    (1, True, -2**31, math.inf, Decimal("123456789012345678.25"), "ünï 😀", b"\x00\xff", date(1, 1, 1),
     datetime(2024, 2, 29, 12, 30, 0, 123456, timezone.utc), ["a", None], {"k": 1}, (1, "v"), "a b/c%"),
    (2, False, 2**31 - 1, -0.0, Decimal("-0.01"), "", b"", date(9999, 12, 31),
     datetime(1969, 12, 31, 23, 59, 59, 999999, timezone.utc), [], {}, (None, None), "東京"),
    (3,) + (None,) * 12,
]


class AppendTest(LakeTest):
    def test_every_type_comes_back(self):
        for rest in "", "PARTITIONED BY (p)":
            with self.subTest(rest):
                name, path = self.create("partitioned" if rest else "plain", SCHEMA, rest)
                self.spark.createDataFrame(DATA, SCHEMA).writeTo(name).append()
                for row, expected in zip(self.read(path), DATA, strict=True):
                    row["m"] = dict(row["m"]) if row["m"] is not None else None
                    row["n"] = tuple(row["n"].values()) if row["n"] is not None else None
                    self.assertEqual(tuple(row[k] for k in "id b i f d s x day t a m n p".split()), expected)

    def test_thirteen_appends_cross_a_checkpoint(self):
        name, path = self.create("many", "id BIGINT, p INT", "PARTITIONED BY (p)")
        for i in range(13):
            self.spark.range(i * 3, i * 3 + 3).withColumn("p", (functions.col("id") % 2).cast("int")).writeTo(name).append()
        self.assertEqual(self.read(path), [{"id": i, "p": i % 2} for i in range(39)])
        table = DeltaTable(path)
        self.assertEqual(table.version(), 13)
        self.assertEqual(len(table.to_pyarrow_dataset().to_table(columns=["id"])), 39)
        self.assertEqual([h["operation"] for h in table.history()][:13], ["WRITE"] * 13)

    def test_entry_points(self):
        name, path = self.create("entries", "id BIGINT, s STRING")
        rows = self.spark.createDataFrame([Row(s="x", id=1)])
        rows.createOrReplaceTempView("source")
        entries = [
            lambda: rows.writeTo(name).append(),
            lambda: rows.writeTo(f"lake.delta.`{path}`").append(),
            lambda: rows.write.format("sluice").mode("append").save(str(path)),
            lambda: rows.write.mode("append").saveAsTable(name),
            lambda: rows.select("id", "s").write.insertInto(name),
            lambda: self.spark.sql(f"INSERT INTO {name} SELECT id, s FROM source"),
            lambda: self.spark.sql(f"INSERT INTO {name} VALUES (:id, :s)", {"id": 1, "s": "x"}),
        ]
        for count, append in enumerate(entries, 1):
            append()
            self.assertEqual(self.read(path), [{"id": 1, "s": "x"}] * count)

    def test_python_functions_feed_the_writer(self):
        name, path = self.create("functions", "id BIGINT, s STRING")
        shout = functions.udf(lambda i: f"{i}!")
        self.spark.range(5).withColumn("s", shout("id")).writeTo(name).append()
        self.assertEqual(self.read(path), [{"id": i, "s": f"{i}!"} for i in range(5)])

    def test_both_write_in_turn(self):
        name, path = self.create("turns", "id BIGINT")
        self.spark.range(1).writeTo(name).append()
        write_deltalake(path, pyarrow.table({"id": [1]}), mode="append")
        self.spark.range(2, 3).writeTo(name).append()
        self.assertEqual(self.read(path), [{"id": 0}, {"id": 1}, {"id": 2}])

    def test_statistics_leave_files_out(self):
        name, path = self.create("statistics", "id BIGINT, s STRING")
        for i in range(4):
            self.spark.sql(f"INSERT INTO {name} VALUES ({i}, repeat('{i}', 50))")
        actions = DeltaTable(path).get_add_actions(flatten=True)
        columns = {k: actions.column(k).to_pylist() for k in ("num_records", "min.id", "max.id", "null_count.s")}
        self.assertEqual(sorted(zip(*columns.values())), [(1, i, i, 0) for i in range(4)])

    def test_failures_speak_python(self):
        name, path = self.create("failures", "id BIGINT NOT NULL")
        for message, action in [
            ("TABLE_OR_VIEW_NOT_FOUND", lambda: self.spark.range(1).writeTo("lake.py.nothing").append()),
            ("SLUICE_UNSUPPORTED_CONDITION", lambda: self.spark.range(1).writeTo(name).overwrite(functions.col("id") == 1)),
            ("NOT_NULL", lambda: self.spark.sql(f"INSERT INTO {name} VALUES (NULL)")),
            ("SLUICE_UNSUPPORTED_OPTION", lambda: self.spark.range(1).writeTo(name).option("mergeSchema", "true").append()),
        ]:
            with self.subTest(message), self.assertRaisesRegex(Exception, message):
                action()
        self.assertEqual(DeltaTable(path).version(), 0)

