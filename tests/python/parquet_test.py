"""Parquet files of another writer than Spark, appended with SluiceExtensions and read back by delta-rs."""
from datetime import date, datetime, timezone
from decimal import Decimal

import pyarrow
from pyarrow import parquet

from lake import WAREHOUSE, LakeTest

ROWS = 20_000


def rows():
    """Columns of every type, one value in seven null."""
    def column(kind, value):
        return pyarrow.array([None if i % 7 == 3 else value(i) for i in range(ROWS)], kind)

    return pyarrow.table({
        "id": pyarrow.array(range(ROWS), pyarrow.int64()),
        "flag": column(pyarrow.bool_(), lambda i: i % 2 == 0),
        "tiny": column(pyarrow.int8(), lambda i: i % 256 - 128),
        "small": column(pyarrow.int16(), lambda i: i % 65536 - 32768),
        "plain": column(pyarrow.int32(), lambda i: -i),
        "real": column(pyarrow.float32(), lambda i: i / 4),
        "double": column(pyarrow.float64(), lambda i: i / 3),
        "short": column(pyarrow.decimal128(7, 2), lambda i: Decimal(i) / 4),
        "wide": column(pyarrow.decimal128(30, 3), lambda i: Decimal(-i) * 10**20 / 8),
        "word": column(pyarrow.string(), lambda i: "few" * (i % 5)),
        "text": column(pyarrow.string(), lambda i: f"ünï {i} " * (i % 9)),
        "bytes": column(pyarrow.binary(), lambda i: bytes([i % 256]) * (i % 20)),
        "day": column(pyarrow.date32(), lambda i: date(1582 + i % 400, 1 + i % 12, 17)),
        "at": column(pyarrow.timestamp("us", "UTC"), lambda i: datetime.fromtimestamp(i * 1e5, timezone.utc)),
        "list": column(pyarrow.list_(pyarrow.string()), lambda i: [None, f"v{i}"][:i % 3]),
        "map": column(pyarrow.map_(pyarrow.string(), pyarrow.int64()), lambda i: [(f"k{j}", i) for j in range(i % 3)]),
        "deep": column(pyarrow.struct([("a", pyarrow.int64()), ("b", pyarrow.list_(pyarrow.struct([("c", pyarrow.string())])))]),
                       lambda i: {"a": i, "b": [{"c": str(i)}] * (i % 3)}),
    })


class ParquetTest(LakeTest):
    def test_files_of_arrow_are_appended(self):
        written = rows()
        styles = {
            "default": {},
            "newer": {"compression": "zstd", "data_page_version": "2.0", "version": "2.6", "row_group_size": 3000},
            "delta": {"use_dictionary": False, "compression": "gzip",
                      "column_encoding": {"id": "DELTA_BINARY_PACKED", "text": "DELTA_BYTE_ARRAY", "double": "BYTE_STREAM_SPLIT"}},
            "int96": {"use_deprecated_int96_timestamps": True, "compression": "none"},
        }
        for style, options in styles.items():
            with self.subTest(style):
                directory = WAREHOUSE / "arrow" / style
                directory.mkdir(parents=True)
                parquet.write_table(written, directory / "a.parquet", **options)
                source = self.spark.read.parquet(str(directory))
                name, path = f"lake.py.arrow_{style}", self.path_of(f"arrow_{style}")
                source.writeTo(name).create()
                plan = self.spark.sql(f"EXPLAIN INSERT INTO {name} SELECT * FROM parquet.`{directory}`").collect()[0][0]
                self.assertIn("SluiceColumnarInput", plan)
                self.assertEqual(self.read(path), written.to_pylist())

    def test_kinds_that_are_sparks_alone(self):
        """Spark reads what it must convert; the table is the same."""
        small = rows().slice(0, 100)
        kinds = {"unsigned": pyarrow.uint32(), "millis": pyarrow.timestamp("ms", "UTC")}
        converted = pyarrow.table({
            "id": small["id"], "unsigned": small["id"].cast(kinds["unsigned"]),
            "millis": small["id"].cast(pyarrow.timestamp("ms")).cast(kinds["millis"])})
        directory = WAREHOUSE / "arrow" / "converted"
        directory.mkdir(parents=True)
        parquet.write_table(converted, directory / "a.parquet", version="2.6")
        self.spark.read.parquet(str(directory)).writeTo("lake.py.arrow_converted").create()
        expected = [{"id": i, "unsigned": i, "millis": datetime.fromtimestamp(i / 1000, timezone.utc)} for i in range(100)]
        self.assertEqual(self.read(self.path_of("arrow_converted")), expected)
