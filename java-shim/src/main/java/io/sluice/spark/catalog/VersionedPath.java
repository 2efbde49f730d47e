package io.sluice.spark.catalog;

import io.sluice.spark.InvalidInputException;
import io.sluice.spark.error.Unchecked;
import io.sluice.spark.storage.Location;
import io.sluice.spark.storage.Place;
import io.sluice.spark.table.SparkTable;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.sql.catalyst.analysis.NoSuchTableException;
import org.apache.spark.sql.connector.catalog.Identifier;
import org.apache.spark.sql.internal.SQLConf;

/**
 * A path with a version at its end, as delta-spark takes it: {@code /path@v7}, or {@code /path@20240131235959000} for a
 * time of the session's time zone.
 *
 * @param at what stands behind the {@code @}
 */
record VersionedPath(Place table, String at) {
  private static final Pattern SYNTAX = Pattern.compile("(.+)@([vV]\\d+|\\d{17})", Pattern.DOTALL);
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuuMMddHHmmssSSS");

  /** @param place of the whole path */
  static Optional<VersionedPath> of(Identifier ident, Place place) {
    Matcher parts = SYNTAX.matcher(ident.name());
    return CatalogPaths.isPath(ident) && parts.matches()
        ? Optional.of(new VersionedPath(
            new Place(place.name(), Location.of(parts.group(1)), true), parts.group(2)))
        : Optional.empty();
  }

  SparkTable load(PlacedTables tables, Identifier ident) throws NoSuchTableException {
    return Character.isDigit(at.charAt(0))
        ? tables.loadAt(ident, table, micros())
        : tables.loadVersion(ident, table, at.substring(1));
  }

  private long micros() {
    try {
      Instant time = LocalDateTime.parse(at, TIME).atZone(ZoneId.of(SQLConf.get().sessionLocalTimeZone())).toInstant();
      return ChronoUnit.MICROS.between(Instant.EPOCH, time);
    } catch (DateTimeException e) {
      throw Unchecked.raise(new InvalidInputException("DELTA_INVALID_TIMESTAMP_FORMAT", "Cannot read table " + table.name() + " as of '"
          + at + "': give a time as yyyyMMddHHmmssSSS", e));
    }
  }
}
