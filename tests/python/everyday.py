"""
Runs the everyday tests of Python and of Java in one Spark, and counts them.
Usage: everyday.py <jar> <directory> <class path of the Java tests> <names of their classes>
"""
import sys
import unittest

import lake

JAR, CLASS_PATH, CLASSES = sys.argv[1], sys.argv[3], sys.argv[4].split(",")


def python():
    result = unittest.TextTestRunner(verbosity=2).run(unittest.defaultTestLoader.loadTestsFromName("everyday_test"))
    return result.testsRun, len(result.failures) + len(result.errors)


def java(spark):
    """In this Spark's JVM, so that no other has to start and to warm up."""
    jvm, run, failed = spark._jvm, 0, 0
    for name in CLASSES:
        classes = spark.sparkContext._gateway.new_array(jvm.java.lang.Class, 1)
        classes[0] = jvm.java.lang.Class.forName(name)
        result = jvm.org.junit.runner.JUnitCore.runClasses(classes)
        for failure in result.getFailures():
            print(failure.getTestHeader(), failure.getTrace(), sep="\n")
        run, failed = run + result.getRunCount(), failed + result.getFailureCount()
        print(f"{name:60} {result.getRunCount():4} tests {result.getFailureCount():4} failed {result.getRunTime() / 1000:7.1f} s")
    return run, failed


delta_spark = ["io.delta.sql.DeltaSparkSessionExtension"] if "delta-spark" in CLASS_PATH else []
session = lake.start({
    "spark.driver.extraClassPath": f"{JAR}:{CLASS_PATH}",
    # Short tests: optimizing the code takes longer than running it.
    "spark.driver.extraJavaOptions": f"-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Dsluice.jar={JAR}",
    "spark.driver.memory": "2g",
    "spark.sql.extensions": ",".join(delta_spark + ["io.sluice.spark.SluiceExtensions"])})
session.sparkContext.setLogLevel("OFF")
runs, failures = map(sum, zip(python(), java(session)))
print(f"result: {runs - failures} passed; {failures} failed")
sys.exit(failures > 0)
