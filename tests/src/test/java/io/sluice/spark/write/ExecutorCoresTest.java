package io.sluice.spark.write;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNull;

import java.util.Map;
import org.junit.Test;

public class ExecutorCoresTest {
  private static Integer cores(String master, String executorCores) {
    Map<String, String> conf = executorCores == null
        ? Map.of("spark.master", master)
        : Map.of("spark.master", master, "spark.executor.cores", executorCores);
    return ExecutorCores.of(conf::get);
  }

  @Test
  public void ofOneProcess() {
    assertEquals(Integer.valueOf(1), cores("local", null));
    assertEquals(Integer.valueOf(3), cores("local[3]", "7"));
    assertEquals(Integer.valueOf(4), cores("local[4, 2]", null));
    assertNull(cores("local[*]", "7"));
    assertNull(cores("local[*,2]", null));
  }

  @Test
  public void ofACluster() {
    assertEquals(Integer.valueOf(2), cores("local-cluster[3,2,1024]", "7"));
    assertEquals(Integer.valueOf(7), cores("yarn", "7"));
    assertEquals(Integer.valueOf(1), cores("k8s://https://example.org", "1"));
    assertNull(cores("spark://example.org:7077", null));
    assertNull(cores("yarn", "many"));
    assertNull(ExecutorCores.of(key -> null));
  }
}
