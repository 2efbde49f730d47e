"""A table's history and detail, in a Spark that does not have delta-spark."""
from deltalake import DeltaTable

from lake import LakeTest


class ProcedureTest(LakeTest):
    namespace = "py_procedure"

    def test_history_and_detail(self):
        table, path = self.create("seen", "id BIGINT, p STRING", "PARTITIONED BY (p) COMMENT 'what'")
        self.spark.sql(f"INSERT INTO {table} VALUES (1, 'a'), (2, 'b')")
        self.spark.sql(f"DELETE FROM {table} WHERE p = 'a'")
        log = DeltaTable(path)
        expected = [(c["version"], c["operation"], c["timestamp"]) for c in log.history()]
        self.assertEqual(len(expected), 3)
        ways = (f"CALL lake.system.history('{table}')", f"DESCRIBE HISTORY {table}", f"DESC HISTORY '{path}';",
                f"CALL spark_catalog.system.history(table => '{path}')", f"describe history delta.`{path}` limit 3")
        for way in ways:
            commits = self.spark.sql(way)
            self.assertEqual([(c.version, c.operation) for c in commits.collect()], [c[:2] for c in expected])
            self.assertTrue(all("Sluice" in c.engineInfo for c in commits.collect()))
        self.assertEqual(self.spark.sql(f"CALL lake.system.history('{table}', limit => 1)").collect()[0].operationMetrics["numRemovedFiles"], "1")
        detail = self.spark.sql(f"CALL lake.system.detail(table => '{table}')").collect()[0]
        self.assertEqual((detail.name, detail.description, detail.partitionColumns, detail.numFiles), (table, "what", ["p"], 1))
        self.assertEqual((detail.id, detail.sizeInBytes), (str(log.metadata().id), sum(log.get_add_actions().column("size_bytes").to_pylist())))
        self.assertEqual(self.spark.sql(f"DESCRIBE DETAIL '{path}'").collect()[0].sizeInBytes, detail.sizeInBytes)
        self.spark.sql(f"DESCRIBE HISTORY {table}").createOrReplaceTempView("seen")
        self.assertEqual(self.sql("SELECT max(version) FROM seen WHERE operation = 'WRITE'"), [(1,)])

    def test_other_statements_are_sparks(self):
        self.assertEqual(self.spark.sql("SELECT :a + 1 AS a", {"a": 1}).collect(), [(2,)])
        self.assertEqual(self.spark.sql("SELECT ?", [3]).collect(), [(3,)])
        self.spark.sql("CREATE TABLE history (t INT) USING parquet")
        self.assertEqual(self.spark.sql("DESCRIBE history").first()[0], "t")
        self.assert_fails("PARSE_SYNTAX_ERROR", lambda: self.spark.sql("DESCRIBE HISTORY db.t LIMIT"))

    def test_errors_are_of_the_analysis(self):
        for statement in "CALL lake.system.history('nowhere.t')", "DESCRIBE DETAIL nowhere.t", "CALL lake.system.detail('/nowhere')":
            self.assert_fails("TABLE_OR_VIEW_NOT_FOUND", lambda: self.spark.sql(statement))
