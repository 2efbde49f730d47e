"""Tables that delta-rs makes and changes, and both write to: after each step both see the same rows."""
from datetime import date, datetime, timezone
from decimal import Decimal

import pyarrow
from deltalake import DeltaTable, WriterProperties, write_deltalake

from lake import LakeTest

COLUMNS = pyarrow.schema([
    ("id", pyarrow.int64()), ("b", pyarrow.int8()), ("h", pyarrow.int16()), ("i", pyarrow.int32()), ("f", pyarrow.float32()),
    ("d", pyarrow.float64()), ("ok", pyarrow.bool_()), ("s", pyarrow.string()), ("raw", pyarrow.binary()), ("day", pyarrow.date32()),
    ("at", pyarrow.timestamp("us", "UTC")), ("price", pyarrow.decimal128(9, 2)), ("big", pyarrow.decimal128(38, 10)),
    ("tags", pyarrow.list_(pyarrow.string())), ("m", pyarrow.map_(pyarrow.string(), pyarrow.int32())),
    ("n", pyarrow.struct([("a", pyarrow.int32()), ("b", pyarrow.list_(pyarrow.struct([("c", pyarrow.string())])))])),
    ("p", pyarrow.string()), ("q", pyarrow.date32())])


def row(i):
    """Row `i`: every fifth has nulls wherever it can."""
    if i % 5 == 0:
        return {"id": i, "p": None, "q": None}
    return {"id": i, "b": i % 100, "h": -i, "i": i * 1000, "f": i / 4, "d": float("nan") if i % 7 == 0 else -i / 3, "ok": i % 2 == 0,
            "s": f"text ü {i % 17}", "raw": bytes([i % 256, 0, 255]), "day": date(1969, 12, 25 + i % 7),
            "at": datetime(2024, 2, 29, 1, 2, i % 60, i, timezone.utc), "price": Decimal(i) / 4, "big": Decimal(i) ** 9 / 1024,
            "tags": ["x", None, f"{i}"][: i % 4], "m": [("k", i), ("l", None)], "n": {"a": i, "b": [{"c": "y"}, {"c": None}, None]},
            "p": ["a b", "x/y=z", "%41"][i % 3], "q": date(2024, 1, 1 + i % 2)}


def rows(first, end):
    return pyarrow.Table.from_pylist([row(i) for i in range(first, end)], COLUMNS)


class DeltaRsTest(LakeTest):
    namespace = "py_delta_rs"

    def assert_same(self, path):
        """Values and nulls of all rows, and what a few filters leave."""
        table = DeltaTable(path).to_pyarrow_table().sort_by("id")
        frame = self.spark.table(f"lake.delta.`{path}`")
        self.assertEqual(sorted(frame.columns), sorted(table.column_names))
        ours = frame.select(*table.column_names).orderBy("id").toArrow()
        self.assertEqual(ours.num_rows, table.num_rows)
        for name in table.column_names:
            self.assertEqual(repr(ours[name].to_pylist()), repr(table[name].to_pylist()), name)
        for query in ("id BETWEEN 37 AND 41", "p = 'x/y=z'", "q = DATE'2024-01-02' AND price > 10", "s IS NULL", "big > 1000000",
                      "day < DATE'1969-12-28'", "n.a = 44", "d > 0 AND p IS NOT NULL"):
            skipping = frame.where(query).count()
            self.assertEqual(skipping, frame.selectExpr(f"count_if({query})").first()[0], query)
        return table.num_rows

    def test_what_one_changes_the_other_sees(self):
        path = self.path_of("changes")
        zstd = WriterProperties(compression="ZSTD", data_page_size_limit=1 << 12, max_row_group_size=64)
        write_deltalake(path, rows(0, 200), partition_by=["p", "q"], writer_properties=zstd)
        self.assertEqual(self.assert_same(path), 200)
        DeltaTable(path).delete("id % 10 = 3")
        self.assertEqual(self.assert_same(path), 180)
        DeltaTable(path).update(predicate="p = 'a b'", updates={"s": "'changed'", "price": "price + 1"})
        self.assertEqual(self.assert_same(path), 180)
        self.spark.table(f"lake.delta.`{path}`").where("id < 20").selectExpr("id + 1000 AS id", "* EXCEPT (id)").writeTo(f"lake.delta.`{path}`").append()
        self.assertEqual(self.assert_same(path), 198)
        DeltaTable(path).create_checkpoint()
        merged = DeltaTable(path).merge(rows(190, 210), "t.id = s.id", source_alias="s", target_alias="t")
        merged.when_matched_delete().when_not_matched_insert_all().execute()
        self.assertEqual(self.assert_same(path), 198 - 9 + 11)
        DeltaTable(path).optimize.compact()
        DeltaTable(path).vacuum(retention_hours=0, enforce_retention_duration=False, dry_run=False)
        self.assertEqual(self.assert_same(path), 200)
        wider = rows(300, 310).append_column("more", pyarrow.array([None, *range(9)], pyarrow.int64()))
        write_deltalake(path, wider, mode="append", schema_mode="merge")
        self.assertEqual(self.assert_same(path), 210)
        self.spark.table(f"lake.delta.`{path}`").where("id BETWEEN 300 AND 309").selectExpr("id + 1000 AS id", "* EXCEPT (id)").writeTo(f"lake.delta.`{path}`").append()
        self.assertEqual(self.assert_same(path), 220)
        write_deltalake(path, rows(0, 3), mode="overwrite", schema_mode="overwrite")
        self.assertEqual(self.assert_same(path), 3)

    def test_timestamps_without_a_zone(self):
        path = self.path_of("zoneless")
        times = [datetime(1, 1, 1), datetime(1969, 12, 31, 23, 59, 59, 999999), None, datetime(9999, 12, 31, 23, 59, 59)]
        write_deltalake(path, pyarrow.table({"id": [1, 2, 3, 4], "t": pyarrow.array(times, pyarrow.timestamp("us"))}))
        table = f"lake.delta.`{path}`"
        self.assertEqual(self.rows(self.spark.table(table)), list(zip([1, 2, 3, 4], times)))
        self.spark.table(table).selectExpr("id + 4 AS id", "t").writeTo(table).append()
        self.assertEqual([row["t"] for row in self.read(path)], times * 2)

    def test_what_delta_rs_constrains_is_kept(self):
        path = self.path_of("constrained")
        write_deltalake(path, pyarrow.table({"id": [1, 2]}))
        DeltaTable(path).alter.add_constraint({"positive": "id > 0"})
        self.spark.sql(f"INSERT INTO lake.delta.`{path}` VALUES (3)")
        self.assert_fails("positive", lambda: self.spark.sql(f"INSERT INTO lake.delta.`{path}` VALUES (-3)"))
        self.assertEqual([row["id"] for row in self.read(path)], [1, 2, 3])
