package io.sluice.spark.storage;

import io.sluice.spark.InvalidInputException;
import io.sluice.spark.error.Unchecked;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.Path;

/**
 * An absolute place in a file system or object store. Paths and URLs are taken as Hadoop takes them, unencoded: a
 * {@code %} in them is a percent sign.
 */
public final class Location {
  private static final Pattern ABSOLUTE = Pattern.compile("(/|[a-zA-Z][a-zA-Z0-9+.-]*:/).*", Pattern.DOTALL);

  private final Path path;

  private Location(Path path) {
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(path.toString())) {
      throw Unchecked.raise(new InvalidInputException("SLUICE_INVALID_PATH",
          "Cannot use '" + path + "' as a path: it is no Unicode text, as half a surrogate pair is in it", null));
    }
    this.path = path;
  }

  /** @throws InvalidInputException for a relative path */
  public static Location of(String pathOrUrl) {
    if (!isAbsolute(pathOrUrl)) {
      throw Unchecked.raise(new InvalidInputException(
          "SLUICE_RELATIVE_PATH",
          "Cannot use the relative path '" + pathOrUrl + "': give an absolute path or a URL such as s3a://bucket/table",
          null));
    }
    try {
      return new Location(new Path(pathOrUrl));
    } catch (IllegalArgumentException e) {
      throw Unchecked.raise(new InvalidInputException("SLUICE_INVALID_PATH", "Cannot use '" + pathOrUrl + "' as a path", e));
    }
  }

  public static boolean isAbsolute(String pathOrUrl) {
    return ABSOLUTE.matcher(pathOrUrl).matches();
  }

  /** @param name one path segment, as it is */
  public Location child(String name) {
    return new Location(new Path(path, new Path(null, null, "./" + name)));
  }

  public boolean isLocalFile() {
    return scheme().equals("file");
  }

  /** Percent-encoded ASCII, with a scheme, without a trailing slash: {@code file:///tmp/a%20b}. */
  public String url() {
    URI uri = path.toUri();
    String authority = uri.getRawAuthority() == null ? "" : uri.getRawAuthority();
    return scheme() + "://" + authority + ascii(uri.getRawPath());
  }

  /** As Hadoop writes it, for people: {@code file:/tmp/a b}. */
  @Override
  public String toString() {
    return path.toUri().getScheme() == null ? scheme() + ":" + path : path.toString();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Location location && url().equals(location.url());
  }

  @Override
  public int hashCode() {
    return url().hashCode();
  }

  private String scheme() {
    String scheme = path.toUri().getScheme();
    return scheme == null ? "file" : scheme;
  }

  /** URI leaves letters beyond ASCII as they are, and its toASCIIString would normalize them to other file names. */
  private static String ascii(String rawPath) {
    StringBuilder encoded = new StringBuilder(rawPath.length());
    for (byte b : rawPath.getBytes(StandardCharsets.UTF_8)) {
      if (b < 0) {
        encoded.append('%').append(HexFormat.of().withUpperCase().toHexDigits(b));
      } else {
        encoded.append((char) b);
      }
    }
    return encoded.toString();
  }
}
