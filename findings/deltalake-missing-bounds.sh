#!/usr/bin/env bash
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check deltalake==1.6.6 pyarrow==25.0.1
env/bin/python - <<'PY'
# The statistics of a Delta file may lack bounds: JSON has no infinity, and older files know nothing of columns that were added
# later. deltalake turns the missing bounds into the guarantee `v >= null`, so that PyArrow drops the file for any filter on v.
import pyarrow
import pyarrow.compute as pc
from deltalake import DeltaTable, write_deltalake

write_deltalake("infinite", pyarrow.table({"v": [float("inf"), float("-inf"), 0.5]}))
below = pc.field("v") < 1.0
whole = DeltaTable("infinite").to_pyarrow_table().filter(below).to_pylist()
pushed = DeltaTable("infinite").to_pyarrow_dataset().to_table(filter=below).to_pylist()
print("v < 1 over all rows:", whole, "- as the filter of the dataset:", pushed)
assert whole == [{"v": float("-inf")}, {"v": 0.5}] and pushed == [], "changed"

write_deltalake("wider", pyarrow.table({"id": [1, 2]}))
write_deltalake("wider", pyarrow.table({"id": [3], "w": [7]}), mode="append", schema_mode="merge")
missing = pc.field("w").is_null()
whole = sorted(row["id"] for row in DeltaTable("wider").to_pyarrow_table().filter(missing).to_pylist())
pushed = DeltaTable("wider").to_pyarrow_dataset().to_table(filter=missing).to_pylist()
print("w IS NULL over all rows:", whole, "- as the filter of the dataset:", pushed)
assert whole == [1, 2] and pushed == [], "changed"
print("deltalake 1.6.6 loses rows under filters on columns without bounds")
PY
