#!/usr/bin/env bash
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check deltalake==1.6.6 pyarrow==25.0.1
env/bin/python - <<'PY'
# A commit file of no bytes, as a crash leaves it on file systems that write in place, is taken for a commit without
# actions: its rows are gone, and nobody is told.
import pathlib

import pyarrow
from deltalake import DeltaTable, write_deltalake

for row in range(4):
    write_deltalake("t", pyarrow.table({"id": [row]}), mode="append")
pathlib.Path("t/_delta_log/00000000000000000002.json").write_bytes(b"")
table = DeltaTable("t")
rows = sorted(table.to_pyarrow_table()["id"].to_pylist())
print("version", table.version(), "rows", rows)
assert table.version() == 3 and rows == [0, 1, 3], "changed"
print("deltalake 1.6.6 reads a table with an empty commit without its rows")
PY
