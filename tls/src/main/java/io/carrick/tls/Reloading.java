package io.carrick.tls;

import io.carrick.EndpointException;
import io.carrick.StatusCode;
import io.carrick.TlsConfig;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What files hold, read again once they have changed. Looks at them at most once a second, on the
 * thread that asks; what cannot be read then leaves what was read before. Safe for any thread.
 */
final class Reloading<T> {

  /** Reads the files. */
  @FunctionalInterface
  interface Reader<T> {
    T read() throws IOException, GeneralSecurityException;
  }

  static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final System.Logger LOG = System.getLogger("io.carrick.tls");

  private final TlsConfig.@Nullable Source source;
  private final Reader<T> reader;

  // By its lock.
  private T value;
  private List<Object> stamps;
  private long lookedNanos;

  /**
   * Reads for the first time.
   *
   * @param source null where there are no files
   * @throws EndpointException if it cannot be read
   */
  Reloading(TlsConfig.@Nullable Source source, Reader<T> reader) {
    this.source = source;
    this.reader = reader;
    this.lookedNanos = System.nanoTime();
    this.stamps = stamps();
    try {
      this.value = reader.read();
    } catch (IOException | GeneralSecurityException | RuntimeException e) {
      throw new EndpointException(
          StatusCode.FAILED_PRECONDITION, "cannot use " + source + " for TLS: " + whyOf(e), e);
    }
  }

  /** What the files hold now. */
  synchronized T get() {
    if (source == null || System.nanoTime() - lookedNanos < LOOK_NANOS) {
      return value;
    }
    lookedNanos = System.nanoTime();
    List<Object> now = stamps();
    if (now.equals(stamps)) {
      return value;
    }
    try {
      value = reader.read();
      LOG.log(System.Logger.Level.INFO, "{0} has changed, and was read again", source);
    } catch (IOException | GeneralSecurityException | RuntimeException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "{0} has changed, and cannot be used ({1}): what was read before stays in use",
          source,
          whyOf(e));
    }
    stamps = now;
    return value;
  }

  private List<Object> stamps() {
    List<Object> all = new ArrayList<>();
    if (source != null) {
      stamp(source.file(), all);
      if (source.key() != null) {
        stamp(source.key(), all);
      }
    }
    return all;
  }

  private static void stamp(Path file, List<Object> all) {
    try {
      all.add(Files.getLastModifiedTime(file));
      all.add(Files.size(file));
      Object inode = Files.readAttributes(file, "*").get("fileKey");
      all.add(inode == null ? "" : inode);
    } catch (IOException gone) {
      all.add("gone");
    }
  }

  private static String whyOf(Exception e) {
    return e instanceof NoSuchFileException missing
        ? "there is no file " + missing.getMessage()
        : e instanceof AccessDeniedException denied
            ? "this process may not read " + denied.getMessage()
            : String.valueOf(e.getMessage());
  }
}
