#!/usr/bin/env bash
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check polars==2.1.0 deltalake==1.6.6 pyarrow==25.0.1
env/bin/python - <<'PY'
# The Delta protocol takes partition values from the log alone; directories are named as the writer likes (random prefixes, say).
import json
from pathlib import Path

import polars
import pyarrow
import pyarrow.parquet
from deltalake import DeltaTable

Path("t/_delta_log").mkdir(parents=True)
Path("t/Qz").mkdir()
pyarrow.parquet.write_table(pyarrow.table({"id": pyarrow.array([1, 2], pyarrow.int32())}), "t/Qz/f.parquet")
columns = [{"name": name, "type": kind, "nullable": True, "metadata": {}} for name, kind in (("id", "integer"), ("p", "string"))]
actions = [
    {"protocol": {"minReaderVersion": 1, "minWriterVersion": 2}},
    {"metaData": {"id": "6f2f3a5e-0c55-4a4f-9d0c-2f6f4a1f3c12", "format": {"provider": "parquet", "options": {}},
                  "schemaString": json.dumps({"type": "struct", "fields": columns}), "partitionColumns": ["p"], "createdTime": 0, "configuration": {}}},
    {"add": {"path": "Qz/f.parquet", "partitionValues": {"p": "x"}, "size": Path("t/Qz/f.parquet").stat().st_size, "modificationTime": 0,
             "dataChange": True, "stats": json.dumps({"numRecords": 2})}},
]
Path("t/_delta_log/00000000000000000000.json").write_text("\n".join(map(json.dumps, actions)))
right = DeltaTable("t").to_pyarrow_table().to_pylist()
found = polars.scan_delta("t").collect().to_dicts()
print("deltalake:", right, "- polars:", found)
assert right == [{"id": 1, "p": "x"}, {"id": 2, "p": "x"}] and found == [{"id": 1, "p": None}, {"id": 2, "p": None}], "changed"
print("polars 2.1.0 gives NULL for partition values that no directory is named for")
PY
