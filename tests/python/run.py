"""Runs the Python tests and counts them. Usage: run.py <jar> <directory>"""
import sys
import unittest

names = ["everyday_test", "append_test", "read_test", "delta_rs_test", "parquet_test", "ddl_test", "errors_test", "session_catalog_test", "procedure_test"]
result = unittest.TextTestRunner(verbosity=2).run(unittest.defaultTestLoader.loadTestsFromNames(names))
failed = len(result.failures) + len(result.errors)
print(f"result: {max(result.testsRun - failed, 0)} passed; {failed} failed")
sys.exit(failed > 0)
