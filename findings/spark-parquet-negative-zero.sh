#!/usr/bin/env bash
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check pyspark==4.1.1
env/bin/python - <<'PY' 2>/dev/null
# -0.0 = 0.0 is true in Spark; the filter that it pushes to Parquet asks the dictionary of a column chunk for the bits of 0.0.
from pyspark.sql import SparkSession

spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
spark.range(1000).selectExpr("CASE WHEN id % 2 = 0 THEN -0.0D ELSE id % 7 + 1.5D END AS v").coalesce(1).write.parquet("t")
pushed = spark.read.parquet("t").where("v = 0.0D").count()
spark.conf.set("spark.sql.parquet.filterPushdown", "false")
evaluated = spark.read.parquet("t").where("v = 0.0D").count()
print(f"rows of -0.0 found by v = 0.0: {pushed} with the filter pushed down, {evaluated} without")
assert (pushed, evaluated) == (0, 500), "changed"
print("Spark 4.1.1 loses rows of -0.0 under a pushed-down = 0.0")
PY
