"""Writes every table with Sluice and notes the rows that Sluice reads. Usage: write.py <sluice jar> <delta jars,…> <directory>

The directory gets a table for each case, and expected.json: for each table its rows, and the rows for each of its conditions.
What delta-spark makes of the same tables is in delta-spark.json, as read.py writes it for the others.
"""
import json
import sys
from pathlib import Path

from pyspark.sql import SparkSession

from tables import CASES, ODD_DIRECTORIES
from values import rows_of


def session(jars, catalog):
    settings = {"spark.jars": jars, "spark.ui.enabled": "false", "spark.sql.session.timeZone": "UTC", "spark.sql.shuffle.partitions": "2",
                "spark.databricks.delta.snapshotPartitions": "2", "spark.ui.showConsoleProgress": "false",
                "spark.sql.catalog.lake": "io.sluice.spark.SluiceCatalog", "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
                "spark.sql.catalog.spark_catalog": catalog}
    builder = SparkSession.builder.master("local[2]")
    for key, value in settings.items():
        builder = builder.config(key, value)
    return builder.getOrCreate()


def directory(root, name):
    return root / name / ODD_DIRECTORIES[name] if name in ODD_DIRECTORIES else root / name


def columns(frame):
    """VARIANT has no Arrow type in Spark: its JSON text stands for it."""
    return [f"to_json(`{field.name}`) AS `{field.name}`" if field.dataType.typeName() == "variant" else f"`{field.name}`"
            for field in frame.schema]


def rows(spark, table, condition=None):
    frame = spark.sql(f"SELECT * FROM {table}")
    wanted = frame if condition is None else frame.where(condition)
    if any(field.dataType.typeName() == "void" for field in frame.schema):
        return rows_of_python(wanted)
    return rows_of(wanted.selectExpr(*columns(frame)).toArrow())


def rows_of_python(frame):
    import pyarrow
    return rows_of(pyarrow.table({name: pyarrow.array([row[name] for row in frame.collect()]) for name in frame.columns}))


def main(jar, delta, root):
    root.mkdir(parents=True, exist_ok=True)
    spark = session(f"{jar},{delta}", "org.apache.spark.sql.delta.catalog.DeltaCatalog")
    expected, judged = {}, {}
    for name, case in CASES.items():
        path = directory(root, name)
        ours = f"lake.delta.`{path}`"
        for statement in case.statements:
            spark.sql(statement.replace("{t}", ours))
        expected[name] = {"path": str(path), "rows": rows(spark, ours), "filters": {f: rows(spark, ours, f) for f in case.filters}}
        try:
            theirs = f"delta.`{path}`"
            judged[name] = {"rows": rows(spark, theirs), "filters": {f: rows(spark, theirs, f) for f in case.filters}}
        except Exception as error:      # noqa: BLE001 - whatever it says is the finding
            judged[name] = {"error": str(error).splitlines()[0][:300]}
    (root / "expected.json").write_text(json.dumps(expected, indent=1))
    (root / "delta-spark.json").write_text(json.dumps(judged, indent=1))
    spark.stop()


main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
