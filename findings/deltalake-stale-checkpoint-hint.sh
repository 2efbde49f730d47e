#!/usr/bin/env bash
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check deltalake==1.6.6 pyarrow==25.0.1
env/bin/python - <<'PY'
# A checkpoint that was removed while all commits are there: `_last_checkpoint`, a hint, still names it. The protocol lets
# readers list the log without it, and delta-spark 4.4.0 reads all rows.
import pathlib

import pyarrow
from deltalake import DeltaTable, write_deltalake

for row in range(6):
    write_deltalake("t", pyarrow.table({"id": [row]}), mode="append")
    if row == 3:
        DeltaTable("t").create_checkpoint()
for checkpoint in pathlib.Path("t/_delta_log").glob("*.checkpoint.parquet"):
    checkpoint.unlink()
try:
    DeltaTable("t")
    raise SystemExit("changed: the table is read")
except Exception as error:
    print(error)
    assert "_last_checkpoint" in str(error), "changed"
print("deltalake 1.6.6 refuses a table whose checkpoint hint is stale")
PY
