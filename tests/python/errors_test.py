"""Failures as PySpark users catch them: by class, condition and SQLSTATE, with the message alone as text."""
import json

from pyspark.errors import AnalysisException, IllegalArgumentException, PySparkException, SparkRuntimeException, UnsupportedOperationException
from pyspark.sql import functions

from lake import LakeTest


class ErrorsTest(LakeTest):
    namespace = "py_errors"

    def assert_raises(self, kind, condition, state, action):
        with self.assertRaises(kind) as raised:
            action()
        error = raised.exception
        self.assertEqual((error.getCondition(), error.getSqlState()), (condition, state))
        self.assertRegex(str(error), rf"^\[{condition}\] Cannot ")
        self.assertNotRegex(str(error), "stacktrace|\tat |Exception")
        self.assertEqual(f"[{condition}] {error.getMessageParameters()['message']}", str(error))
        self.assertEqual(error.getQueryContext(), [])
        return error

    def test_bad_input_is_an_analysis_exception(self):
        rows, path = self.spark.range(1), str(self.path_of("input"))
        save = lambda **options: rows.write.format("sluice").mode("append").options(**options).save(path)
        refused = self.assert_raises(AnalysisException, "SLUICE_UNSUPPORTED_OPTION", "SL0A0", lambda: save(dataChange="false"))
        self.assertEqual((refused.getMessageParameters()["option"], refused.getMessageParameters()["value"]), ("dataChange", "false"))
        self.assert_raises(AnalysisException, "DELTA_ILLEGAL_DELTA_OPTION", "42616", lambda: save(maxRecordsPerFile="0"))
        self.assert_raises(AnalysisException, "DELTA_PATH_DOES_NOT_EXIST", "42K03", lambda: self.spark.read.format("sluice").load(path + "/no"))
        self.assert_raises(AnalysisException, "SLUICE_RELATIVE_PATH", "SL420", lambda: self.spark.read.format("sluice").load("rel/ative"))
        self.assert_raises(AnalysisException, "DELTA_INVALID_CHARACTERS_IN_COLUMN_NAMES", "42K05", lambda: self.create("spaced", "`a b` INT"))
        name, _ = self.create("versions", "id BIGINT")
        self.assert_raises(AnalysisException, "DELTA_VERSION_NOT_FOUND", "22003", lambda: self.spark.sql(f"SELECT * FROM {name} VERSION AS OF 7"))

    def test_what_is_not_offered(self):
        name, _ = self.create("offered", "id BIGINT, p INT", "PARTITIONED BY (p)")
        self.assert_raises(UnsupportedOperationException, "SLUICE_UNSUPPORTED_OPERATION", "SL0A0",
                           lambda: self.spark.sql(f"ALTER TABLE {name} ADD PARTITION (p = 1)"))
        self.assert_raises(IllegalArgumentException, "DELTA_UNSUPPORTED_DROP_COLUMN", "0AKDC",
                           lambda: self.spark.sql(f"ALTER TABLE {name} DROP COLUMN id"))
        self.assert_raises(IllegalArgumentException, "DELTA_INVALID_TABLE_PROPERTY_VALUE", "42616",
                           lambda: self.spark.sql(f"ALTER TABLE {name} SET TBLPROPERTIES ('delta.appendOnly' = 'maybe')"))

    def test_rows_that_break_a_rule(self):
        name, _ = self.create("ruled", "id BIGINT NOT NULL")
        self.spark.sql(f"ALTER TABLE {name} SET TBLPROPERTIES ('delta.appendOnly' = 'true')")
        self.assert_raises(AnalysisException, "DELTA_CANNOT_MODIFY_APPEND_ONLY", "42809", lambda: self.spark.sql(f"DELETE FROM {name}"))
        self.spark.sql(f"ALTER TABLE {name} ADD CONSTRAINT positive CHECK (id > 0)")
        self.assert_raises(SparkRuntimeException, "DELTA_VIOLATE_CONSTRAINT_WITH_VALUES", "23001",
                           lambda: self.spark.sql(f"INSERT INTO {name} VALUES (-1)"))

    def test_conflicts_are_told_by_their_state(self):
        name, path = self.create("contested", "id BIGINT")
        log = path / "_delta_log"
        metadata = next(action for action in map(json.loads, (log / f"{0:020}.json").read_text().splitlines()) if "metaData" in action)
        metadata["metaData"]["description"] = "another writer's"
        commit, line = log / f"{1:020}.json", json.dumps(metadata)

        @functions.udf("bigint")
        def meanwhile(id):
            commit.write_text(line)
            return id

        rows = self.spark.range(1).select(meanwhile("id").alias("id"))
        self.assert_raises(SparkRuntimeException, "DELTA_METADATA_CHANGED", "2D521", lambda: rows.writeTo(name).append())
        self.spark.range(1).writeTo(name).append()
        self.assertEqual(self.read(path), [{"id": 0}])

    def test_damage(self):
        name, path = self.create("damaged", "id BIGINT")
        (path / "_delta_log" / f"{0:020}.json").write_text("no json\n")
        error = self.assert_raises(SparkRuntimeException, "DELTA_LOG_FILE_MALFORMED", "XXKDS", lambda: self.spark.table(name))
        self.assertIsInstance(error, PySparkException)
