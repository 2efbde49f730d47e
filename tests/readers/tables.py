"""The tables that Sluice writes for other readers: name -> statements ({t} is the table), and the conditions they are read with."""
from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    """What makes a table, and the conditions under which its rows are asked for once more: skipping must lose none."""
    statements: tuple
    filters: tuple = ()


def of_type(type_name, values, filters=()):
    """A table of one column of a type, with nulls at both ends, in two files."""
    half = (len(values) + 1) // 2
    insert = ["INSERT INTO {t} VALUES " + ", ".join(f"({first + i}, CAST({value} AS {type_name}))" for i, value in enumerate(part))
              for first, part in ((0, ["NULL", *values[:half]]), (half + 1, [*values[half:], "NULL"])) if part]
    return Case((f"CREATE TABLE {{t}} (id INT, v {type_name})", *insert), tuple(filters))


def partitioned(type_name, values, filters=()):
    rows = ", ".join(f"({i}, CAST({value} AS {type_name}))" for i, value in enumerate([*values, "NULL"]))
    return Case((f"CREATE TABLE {{t}} (id INT, v {type_name}) PARTITIONED BY (v)", f"INSERT INTO {{t}} VALUES {rows}"), tuple(filters))


def featured(properties, *more, columns="id INT, v STRING, p STRING", layout="", filters=("id > 3", "v = 'b'")):
    clause = f" TBLPROPERTIES ({properties})" if properties else ""
    start = (f"CREATE TABLE {{t}} ({columns}){layout}{clause}", "INSERT INTO {t} VALUES (1, 'a', 'x'), (2, 'b', 'y'), (3, NULL, 'x')",
             "INSERT INTO {t} VALUES (4, 'b', NULL), (5, 'e', 'z z')")
    return Case((*start, *more), filters)


NAMES = ["''", "' '", "'a b'", "'a/b'", "'a%20b'", "'a=b'", "'a:b'", "'ü'", "'a+b'", "'__HIVE_DEFAULT_PARTITION__'", "'.'", "'A'", "'a'"]

CASES = {
    # Types
    "byte": of_type("TINYINT", ["-128", "127", "0"], ["v > 0"]),
    "short": of_type("SMALLINT", ["-32768", "32767"], ["v < 0"]),
    "int": of_type("INT", ["-2147483648", "2147483647"], ["v < 0"]),
    "long": of_type("BIGINT", ["-9223372036854775808", "9223372036854775807", "9007199254740993"], ["v = 9007199254740993"]),
    "float": of_type("FLOAT", ["'NaN'", "-0.0", "0.0", "'Infinity'", "'-Infinity'", "1.5"], ["v = 1.5", "v = 0"]),
    "double": of_type("DOUBLE", ["'NaN'", "-0.0D", "0.0D", "'Infinity'", "'-Infinity'", "0.1D"], ["v < 1", "v = 0"]),
    "decimal_9_2": of_type("DECIMAL(9,2)", ["-1234567.89", "0.01"], ["v < 0"]),
    "decimal_18_6": of_type("DECIMAL(18,6)", ["-123456789012.345678", "0.000001"], ["v < 0"]),
    "decimal_38_10": of_type("DECIMAL(38,10)", ["-1234567890123456789012345678.0123456789", "1"], ["v < 0"]),
    "string": of_type("STRING", ["''", "'ü€😀'", "repeat('long ', 20)", "repeat('z', 40)", "'a\\0b'"], ["v > 'y'"]),
    "binary": of_type("BINARY", ["X''", "X'00FF'"]),
    "boolean": of_type("BOOLEAN", ["true", "false"], ["v", "NOT v"]),
    "date": of_type("DATE", ["'0001-01-01'", "'1582-10-04'", "'1582-10-15'", "'1969-12-31'", "'9999-12-31'"], ["v < DATE '1600-01-01'"]),
    "timestamp": of_type("TIMESTAMP", ["'0001-01-01 00:00:00'", "'1677-01-01 00:00:00'", "'1969-12-31 23:59:59.999999'", "'2262-12-31 00:00:00'",
                                       "'9999-12-31 23:59:59.999999'"], ["v > TIMESTAMP '2262-01-01 00:00:00'"]),
    "timestamp_ntz": of_type("TIMESTAMP_NTZ", ["'0001-01-01 00:00:00'", "'1969-12-31 23:59:59.999999'", "'9999-12-31 23:59:59.999999'"],
                             ["v < TIMESTAMP_NTZ '1970-01-01 00:00:00'"]),
    "char": of_type("CHAR(3)", ["'a'", "'abc'"]),
    "varchar": of_type("VARCHAR(3)", ["'a'", "'abc'"]),
    "array": of_type("ARRAY<STRING>", ["array()", "array('a', NULL)"]),
    "map": of_type("MAP<STRING, INT>", ["map()", "map('a', NULL, 'b', 2)"]),
    "struct": of_type("STRUCT<a: INT, b: STRUCT<c: STRING>>", ["named_struct('a', 1, 'b', named_struct('c', 'x'))",
                                                              "named_struct('a', NULL, 'b', NULL)"], ["v.a = 1"]),
    "nested": of_type("ARRAY<STRUCT<m: MAP<STRING, ARRAY<INT>>>>", ["array(named_struct('m', map('a', array(1, NULL))), NULL)"]),
    "variant": Case(("CREATE TABLE {t} (id INT, v VARIANT)", "INSERT INTO {t} SELECT id, parse_json(v) FROM VALUES (1, '{\"a\": [1, null]}'), (2, NULL) x(id, v)")),
    "void": Case(("CREATE TABLE {t} (id INT, v VOID)", "INSERT INTO {t} VALUES (1, NULL), (2, NULL)")),
    "no_rows": Case(("CREATE TABLE {t} (id INT, v STRING)",)),
    "forty_columns": Case(("CREATE TABLE {t} (id INT, " + ", ".join(f"c{i} INT" for i in range(40)) + ")",
                           "INSERT INTO {t} VALUES (1, " + ", ".join(map(str, range(40))) + ")"), ("c39 = 39",)),
    "odd_column_names": Case(("CREATE TABLE {t} (id INT, `Ünï` INT, `select` INT, `a-b` INT)", "INSERT INTO {t} VALUES (1, 2, 3, 4)"), ("`select` = 3",)),
    # Partitions
    "by_string": partitioned("STRING", NAMES, ["v = 'a b'", "v IS NULL"]),
    "by_int": partitioned("INT", ["-1", "2147483647"], ["v < 0"]),
    "by_long": partitioned("BIGINT", ["-9223372036854775808"]),
    "by_boolean": partitioned("BOOLEAN", ["true", "false"], ["v"]),
    "by_date": partitioned("DATE", ["'0001-01-01'", "'2024-02-29'"], ["v > DATE '2000-01-01'"]),
    "by_timestamp": partitioned("TIMESTAMP", ["'2024-02-29 01:02:03.000004'", "'1582-01-01 00:00:00'"], ["v > TIMESTAMP '2000-01-01 00:00:00'"]),
    "by_timestamp_ntz": partitioned("TIMESTAMP_NTZ", ["'2024-02-29 01:02:03.000004'"]),
    "by_decimal": partitioned("DECIMAL(9,2)", ["-1.50", "2.00"], ["v < 0"]),
    "by_float": partitioned("FLOAT", ["1.5", "-0.0"]),
    "by_double": partitioned("DOUBLE", ["0.1D", "1e300"], ["v < 1"]),
    "by_binary": partitioned("BINARY", ["X'6162'", "X'C3BC'"]),
    "by_two": Case(("CREATE TABLE {t} (p INT, id INT, q STRING) PARTITIONED BY (q, p)", "INSERT INTO {t} VALUES (1, 2, 'b c'), (NULL, 3, NULL), (2, 4, 'd')"),
                   ("p = 1", "q = 'd'")),
    # Features
    "plain": featured(""),
    "checks": featured("", "ALTER TABLE {t} ADD CONSTRAINT c CHECK (id > 0)"),
    "not_null": featured("", columns="id INT NOT NULL, v STRING, p STRING"),
    "defaults": featured("'delta.feature.allowColumnDefaults' = 'supported'", columns="id INT, v STRING DEFAULT 'd', p STRING"),
    "mapped_by_name": featured("'delta.columnMapping.mode' = 'name'", "ALTER TABLE {t} RENAME COLUMN v TO v2", "ALTER TABLE {t} ADD COLUMN w INT",
                               "INSERT INTO {t} VALUES (6, 'f', 'x', 7)", filters=("id > 3", "v2 = 'b'")),
    "mapped_by_id": featured("'delta.columnMapping.mode' = 'id'", "ALTER TABLE {t} RENAME COLUMN v TO v2", filters=("id > 3", "v2 = 'b'")),
    "mapped_partitioned": featured("'delta.columnMapping.mode' = 'name'", "ALTER TABLE {t} RENAME COLUMN p TO p2", layout=" PARTITIONED BY (p)",
                                   filters=("id > 3", "p2 = 'x'")),
    "mapped_legacy": featured("'delta.columnMapping.mode' = 'name', 'delta.minReaderVersion' = '2', 'delta.minWriterVersion' = '5'",
                              "ALTER TABLE {t} RENAME COLUMN v TO v2", filters=("id > 3", "v2 = 'b'")),
    "mapped_nested": Case(("CREATE TABLE {t} (id INT, s STRUCT<a: INT, b: STRING>) TBLPROPERTIES ('delta.columnMapping.mode' = 'name')",
                           "INSERT INTO {t} VALUES (1, named_struct('a', 1, 'b', 'x'))", "ALTER TABLE {t} RENAME COLUMN s.a TO c"), ("s.c = 1",)),
    "dropped_column": featured("'delta.columnMapping.mode' = 'name'", "ALTER TABLE {t} DROP COLUMN v", filters=("id > 3",)),
    "vectors_allowed": featured("'delta.enableDeletionVectors' = 'true'"),
    "change_feed": featured("'delta.enableChangeDataFeed' = 'true'"),
    "row_tracking": featured("'delta.enableRowTracking' = 'true'"),
    "clustered": featured("", layout=" CLUSTER BY (id)"),
    "commit_timestamps": featured("'delta.enableInCommitTimestamps' = 'true'"),
    "v2_checkpoints": featured("'delta.checkpointPolicy' = 'v2', 'delta.checkpointInterval' = '2'", "INSERT INTO {t} VALUES (6, 'b', 'x')"),
    "checkpoints": featured("'delta.checkpointInterval' = '2'", "INSERT INTO {t} VALUES (6, 'b', 'x')"),
    "checkpoints_partitioned": featured("'delta.checkpointInterval' = '2'", "INSERT INTO {t} VALUES (6, 'b', 'x')", layout=" PARTITIONED BY (p)",
                                        filters=("id > 3", "p = 'x'")),
    "widened": Case(("CREATE TABLE {t} (id INT, v INT) TBLPROPERTIES ('delta.enableTypeWidening' = 'true')", "INSERT INTO {t} VALUES (1, 1), (2, NULL)",
                     "ALTER TABLE {t} ALTER COLUMN v TYPE BIGINT", "INSERT INTO {t} VALUES (3, 5000000000)"), ("v = 1", "v > 10")),
    "iceberg_v2": featured("'delta.enableIcebergCompatV2' = 'true', 'delta.columnMapping.mode' = 'name'"),
    "append_only": featured("'delta.appendOnly' = 'true'"),
    "random_prefixes": featured("'delta.randomizeFilePrefixes' = 'true'", layout=" PARTITIONED BY (p)", filters=("id > 3", "p = 'x'")),
    "no_statistics": featured("'delta.dataSkippingNumIndexedCols' = '0'"),
    "overwritten": featured("", "INSERT OVERWRITE {t} VALUES (7, 'b', 'x')"),
    "deleted_partition": featured("", "DELETE FROM {t} WHERE p = 'x'", layout=" PARTITIONED BY (p)", filters=("id > 3", "p = 'y'")),
    "replaced": featured("", "CREATE OR REPLACE TABLE {t} (id INT, other BIGINT)", "INSERT INTO {t} VALUES (8, 9)", filters=("id > 3", "other = 9")),
    "added_column": featured("", "ALTER TABLE {t} ADD COLUMN w INT", "INSERT INTO {t} VALUES (6, 'b', 'x', 7)", filters=("id > 3", "w = 7", "w IS NULL")),
    # Codecs
    **{codec: featured(f"'delta.parquet.compression.codec' = '{codec}'") for codec in ("uncompressed", "snappy", "gzip", "lz4_raw", "zstd")},
}

# Directories of tables whose own name is odd.
ODD_DIRECTORIES = {"directory_space": "a b", "directory_percent": "a%25b", "directory_unicode": "ü", "directory_equals": "a=b", "directory_plus": "a+b"}
CASES.update({name: featured("", layout=" PARTITIONED BY (p)", filters=("id > 3", "p = 'x'")) for name in ODD_DIRECTORIES})
