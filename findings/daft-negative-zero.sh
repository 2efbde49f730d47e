#!/usr/bin/env bash
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check daft==0.7.26
env/bin/python - <<'PY'
# IEEE 754, SQL, Spark and Arrow's own kernels hold -0.0 equal to 0.0.
import daft

frame = daft.from_pydict({"v": [0.0, -0.0, 1.0]})
by_text, by_expression = frame.where("v = 0.0").to_pydict()["v"], frame.where(daft.col("v") == 0.0).to_pydict()["v"]
print("v = 0.0 of [0.0, -0.0, 1.0]:", by_text, by_expression)
assert [str(v) for v in by_text] == ["0.0"] and [str(v) for v in by_expression] == ["0.0"], "changed"
print("daft 0.7.26 does not find -0.0 by = 0.0")
PY
