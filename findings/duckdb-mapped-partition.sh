#!/usr/bin/env bash
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check duckdb==1.5.5 duckdb-extension-delta==1.5.5 pyarrow==25.0.1
env/bin/python - <<'PY'
# A table with column mapping by name, as the Delta protocol has it: partition values by physical name in the log.
import json
from pathlib import Path

import duckdb
import duckdb_extension_delta
import pyarrow
import pyarrow.parquet


def field(name, physical, number, kind):
    return {"name": name, "type": kind, "nullable": True,
            "metadata": {"delta.columnMapping.id": number, "delta.columnMapping.physicalName": physical}}


Path("t/_delta_log").mkdir(parents=True)
ids = pyarrow.field("col-a", pyarrow.int32(), metadata={"PARQUET:field_id": "1"})
pyarrow.parquet.write_table(pyarrow.table([pyarrow.array([1, 2], pyarrow.int32())], schema=pyarrow.schema([ids])), "t/f.parquet")
schema = {"type": "struct", "fields": [field("id", "col-a", 1, "integer"), field("p", "col-b", 2, "string")]}
actions = [
    {"protocol": {"minReaderVersion": 2, "minWriterVersion": 5}},
    {"metaData": {"id": "6f2f3a5e-0c55-4a4f-9d0c-2f6f4a1f3c11", "format": {"provider": "parquet", "options": {}}, "schemaString": json.dumps(schema),
                  "partitionColumns": ["p"], "createdTime": 0,
                  "configuration": {"delta.columnMapping.mode": "name", "delta.columnMapping.maxColumnId": "2"}}},
    {"add": {"path": "f.parquet", "partitionValues": {"col-b": "x"}, "size": Path("t/f.parquet").stat().st_size, "modificationTime": 0,
             "dataChange": True, "stats": json.dumps({"numRecords": 2})}},
]
Path("t/_delta_log/00000000000000000000.json").write_text("\n".join(map(json.dumps, actions)))
extension = next(Path(duckdb_extension_delta.__file__).parent.rglob("delta.duckdb_extension"))
connection = duckdb.connect(config={"allow_unsigned_extensions": "true"})
connection.execute(f"LOAD '{extension}'")
rows = sorted(connection.execute(f"SELECT id, p FROM delta_scan('{Path('t').resolve()}')").fetchall())
print("rows whose p is 'x' in the log:", rows)
assert rows == [(1, None), (2, None)], "changed"
print("duckdb 1.5.5 gives NULL for the partition column of a table with column mapping")
PY
