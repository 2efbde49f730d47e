"""The one Spark session of the Python tests: `lake` is ours and so is the built-in catalog; delta-spark is not there."""
import sys
import unittest
from pathlib import Path

from deltalake import DeltaTable
from pyspark.sql import SparkSession

JAR, WAREHOUSE = sys.argv[1], Path(sys.argv[2])


class LakeTest(unittest.TestCase):
    namespace = "py"

    @classmethod
    def setUpClass(cls):
        cls.spark = (SparkSession.builder.master("local[2]").config("spark.jars", JAR)
                     .config("spark.ui.enabled", "false").config("spark.ui.showConsoleProgress", "false")
                     .config("spark.sql.shuffle.partitions", "2")
                     .config("spark.sql.session.timeZone", "UTC")
                     .config("spark.sql.warehouse.dir", str(WAREHOUSE / "session"))
                     .config("spark.sql.extensions", "io.sluice.spark.SluiceExtensions")
                     .config("spark.sql.catalog.spark_catalog", "io.sluice.spark.SluiceSessionCatalog")
                     .config("spark.sql.catalog.lake", "io.sluice.spark.SluiceCatalog")
                     .config("spark.sql.catalog.lake.warehouse", str(WAREHOUSE)).getOrCreate())

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
