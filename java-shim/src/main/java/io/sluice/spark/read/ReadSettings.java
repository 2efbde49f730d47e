package io.sluice.spark.read;

import io.sluice.spark.jni.message.ReadSession;
import java.time.Instant;
import java.time.ZoneId;
import org.apache.spark.sql.catalyst.util.DateTimeUtils;
import org.apache.spark.sql.internal.SQLConf;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/** What the session and the options of a read say about files of others. */
public final class ReadSettings {
  private ReadSettings() {}

  /** Options of the read win. */
  public static ReadSession of(CaseInsensitiveStringMap options) {
    SQLConf conf = SQLConf.get();
    return new ReadSession(
        zone(DateTimeUtils.getZoneId(conf.sessionLocalTimeZone())),
        options.getBoolean("ignoreMissingFiles", conf.ignoreMissingFiles()),
        options.getBoolean("ignoreCorruptFiles", conf.ignoreCorruptFiles()));
  }

  /** Java has several names for an offset. */
  private static String zone(ZoneId zone) {
    if (!zone.getRules().isFixedOffset()) {
      return zone.getId();
    }
    String offset = zone.getRules().getOffset(Instant.EPOCH).getId();
    return offset.equals("Z") ? "+00:00" : offset;
  }
}
