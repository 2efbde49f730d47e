"""One reader over every table. Usage: read.py <reader> <directory>; writes <directory>/<reader>.json

Each table is read in a process of its own, as a reader may end it or never come back.
"""
import json
import re
import subprocess
import sys
from pathlib import Path

SECONDS = 60


def in_dialect(reader, condition):
    """The condition as the reader's SQL spells it; None where it has no words for it, which says nothing of how it reads."""
    if reader in ("daft", "polars") and "TIMESTAMP" in condition or reader == "daft" and (re.match(r"\w\.\w", condition) or "`" in condition):
        return None
    if reader == "chdb":
        condition = re.sub(r"DATE ('[^']+')", r"toDate32(\1)", condition)
    return condition.replace("TIMESTAMP_NTZ", "TIMESTAMP").replace("`", {"duckdb": '"', "deltalake": '"'}.get(reader, "`"))


def deltalake(path, condition):
    import pyarrow
    from deltalake import DeltaTable, QueryBuilder
    query = "SELECT * FROM t" + (f" WHERE {condition}" if condition else "")
    return pyarrow.table(QueryBuilder().register("t", DeltaTable(path)).execute(query).read_all())


def deltalake_pyarrow(path, condition):
    from deltalake import DeltaTable
    import pyarrow.compute
    dataset = DeltaTable(path).to_pyarrow_dataset()
    if condition is None:
        return dataset.to_table()
    return dataset.to_table(filter=pyarrow_filter(condition, dataset.schema))


def pyarrow_filter(condition, schema):
    """The few shapes of condition in the list, as pyarrow's expression: a comparison, a boolean column, NOT, IS NULL."""
    import pyarrow
    import pyarrow.compute as pc
    condition = condition.replace('"', "")
    words = condition.replace("`", "").split(" ", 2)
    if words[0] == "NOT":
        return ~pc.field(words[1])
    if len(words) == 1:
        return pc.field(words[0])
    field = pc.field(*words[0].split("."))
    if words[1:] == ["IS", "NULL"]:
        return field.is_null()
    kind = schema.field(words[0].split(".")[0]).type
    for part in words[0].split(".")[1:]:
        kind = kind.field(part).type
    text = words[2].split("'")[1] if "'" in words[2] else words[2]
    if pyarrow.types.is_timestamp(kind) and kind.tz:
        text += "Z"
    value = pyarrow.scalar(text).cast(kind.value_type if pyarrow.types.is_dictionary(kind) else kind)
    return {"=": field == value, "<": field < value, ">": field > value}[words[1]]


def polars(path, condition):
    import polars as pl
    frame = pl.scan_delta(path)
    if condition:
        frame = pl.SQLContext(t=frame).execute(f"SELECT * FROM t WHERE {condition}")
    return frame.collect().to_arrow()


def chdb(path, condition):
    import chdb
    import pyarrow
    answer = chdb.query(f"SELECT * FROM deltaLakeLocal('{path}') WHERE {condition or 1}", "ArrowStream").bytes()
    return pyarrow.ipc.open_stream(answer).read_all()


def daft(path, condition):
    import daft
    frame = daft.read_deltalake(path)
    return (frame.where(condition) if condition else frame).to_arrow()


def duckdb(path, condition):
    import duckdb
    import duckdb_extension_delta
    file = next(Path(duckdb_extension_delta.__file__).parent.rglob("delta.duckdb_extension"))
    connection = duckdb.connect(config={"allow_unsigned_extensions": "true"})
    connection.execute(f"LOAD '{file}'; SET TimeZone = 'UTC'")
    return connection.execute(f"SELECT * FROM delta_scan('{path}') WHERE {condition or 'true'}").to_arrow_table()


READERS = {"deltalake": deltalake, "deltalake-pyarrow": deltalake_pyarrow, "polars": polars, "chdb": chdb, "daft": daft, "duckdb": duckdb}


def read(reader, path, conditions):
    """In the process of one table: its rows, and those for each condition, or what the reader says of it."""
    from values import rows_of
    def attempt(condition):
        try:
            return rows_of(READERS[reader](path, condition))
        except BaseException as error:      # noqa: BLE001 - panics of Rust are BaseExceptions
            return "error: " + (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
    rows = attempt(None)
    asked = {condition: in_dialect(reader, condition) for condition in conditions}
    return {"rows": rows, "filters": {condition: attempt(words) for condition, words in asked.items() if words}}


def main(reader, root):
    expected = json.loads((root / "expected.json").read_text())
    found = {}
    for name, table in expected.items():
        command = [sys.executable, str(Path(__file__).resolve()), reader, table["path"], json.dumps(list(table["filters"]))]
        try:
            # chdb reads below the working directory only
            done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False, cwd=root)
            # Some readers crash at exit, after they have answered.
            found[name] = json.loads(done.stdout.splitlines()[-1]) if done.stdout else {"rows": f"error: ended with code {done.returncode}", "filters": {}}
        except subprocess.TimeoutExpired:
            found[name] = {"rows": f"error: no answer in {SECONDS} s", "filters": {}}
    (root / f"{reader}.json").write_text(json.dumps(found, indent=1))


if __name__ == "__main__" and len(sys.argv) == 4:
    print(json.dumps(read(sys.argv[1], sys.argv[2], json.loads(sys.argv[3]))))
elif __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
