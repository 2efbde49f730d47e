#!/usr/bin/env bash
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check pyspark==4.1.4
cat > parameters.py <<'PY'
# Spark 4.1 hands the parameters of a statement to the parser. Delta's inherits a method that leaves them out.
import os
import sys
from pyspark.errors import AnalysisException
from pyspark.sql import SparkSession

builder = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").config("spark.jars.ivy", os.path.abspath("ivy"))
if sys.argv[1] == "delta":
    builder = (builder.config("spark.jars.packages", "io.delta:delta-spark_4.1_2.13:4.4.0")
               .config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension"))
spark = builder.getOrCreate()
try:
    print(spark.sql("SELECT :a + 1 AS b", {"a": 1}).first().b)
except AnalysisException as e:
    print(e.getCondition())
PY
plain=$(env/bin/python parameters.py plain 2>/dev/null | tail -1)
delta=$(env/bin/python parameters.py delta 2>/dev/null | tail -1)
echo "SELECT :a + 1 with a = 1 gives $plain in Spark 4.1.4, and $delta with Delta's extension"
[ "$plain $delta" = "2 UNBOUND_SQL_PARAMETER" ] || { echo "changed"; exit 1; }
echo "Delta's extension 4.4.0 takes the parameters of SQL statements away on Spark 4.1"
