#!/usr/bin/env bash
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check deltalake==1.6.6 pyarrow==25.0.1
env/bin/python - <<'PY'
# -1.50 is a value of decimal(9,2) like any other, and the protocol writes it as the text "-1.50".
from decimal import Decimal

import pyarrow
from deltalake import write_deltalake

for value in ("1.50", "-1.50"):
    try:
        write_deltalake(f"by{value}", pyarrow.table({"id": [1], "p": pyarrow.array([Decimal(value)], pyarrow.decimal128(9, 2))}), partition_by=["p"])
        print(value, "written")
        assert value == "1.50", "changed"
    except Exception as error:
        print(value, "-", error)
        assert value == "-1.50" and "-1.-50" in str(error), "changed"
print("deltalake 1.6.6 cannot partition by negative decimals")
PY
