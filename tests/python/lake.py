"""The one Spark session of the Python tests: `lake` is ours and so is the built-in catalog; delta-spark is not there."""
import sys
import unittest
from pathlib import Path

from deltalake import DeltaTable
from pyspark.sql import SparkSession

JAR, WAREHOUSE = sys.argv[1], Path(sys.argv[2])


def start(settings):
    builder = SparkSession.builder.master("local[2]")
    settings = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.shuffle.partitions": "2",
        "spark.databricks.delta.snapshotPartitions": "2",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.warehouse.dir": str(WAREHOUSE / "session"),
        "spark.sql.extensions": "io.sluice.spark.SluiceExtensions",
        "spark.sql.catalog.spark_catalog": "io.sluice.spark.SluiceSessionCatalog",
        "spark.sql.catalog.lake": "io.sluice.spark.SluiceCatalog",
        "spark.sql.catalog.lake.warehouse": str(WAREHOUSE),
    } | settings
    for key, value in settings.items():
        builder = builder.config(key, value)
    return builder.getOrCreate()


class LakeTest(unittest.TestCase):
    namespace = "py"

    @classmethod
    def setUpClass(cls):
        cls.spark = SparkSession.getActiveSession() or start({"spark.jars": JAR})

    def path_of(self, name):
        return WAREHOUSE / self.namespace / name

    def create(self, name, columns, rest=""):
        self.spark.sql(f"CREATE TABLE lake.{self.namespace}.{name} ({columns}) {rest}")
        return f"lake.{self.namespace}.{name}", self.path_of(name)

    def read(self, path):
        """The table's rows as delta-rs sees them, by id."""
        return DeltaTable(path).to_pyarrow_table().sort_by("id").to_pylist()

    def rows(self, frame):
        """A frame's rows as Spark gives them, by the first column."""
        return sorted((tuple(row) for row in frame.collect()), key=lambda row: (row[0] is not None, row[0]))

    def sql(self, statement):
        return self.rows(self.spark.sql(statement))

    def assert_fails(self, condition, action):
        with self.assertRaisesRegex(Exception, condition):
            action()
