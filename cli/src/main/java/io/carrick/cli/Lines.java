package io.carrick.cli;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * The lines of an input, byte for byte: each ends at a line feed, which does not belong to it, or
 * at the end. One that is longer than a message may be is refused.
 */
final class Lines implements Iterator<byte[]> {

  private final InputStream in;
  private final int maxBytes;
  private byte @Nullable [] next;

  Lines(InputStream in, int maxBytes) {
    this.in = new BufferedInputStream(in);
    this.maxBytes = maxBytes;
  }

  @Override
  public boolean hasNext() {
    if (next == null) {
      next = read();
    }
    return next != null;
  }

  @Override
  public byte[] next() {
    byte[] line = hasNext() ? next : null;
    if (line == null) {
      throw new NoSuchElementException("the input is at its end");
    }
    next = null;
    return line;
  }

  private byte @Nullable [] read() {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    try {
      int b = in.read();
      if (b < 0) {
        return null;
      }
      for (; b >= 0 && b != '\n'; b = in.read()) {
        if (line.size() == maxBytes) {
          throw BodyOptions.tooLong(maxBytes);
        }
        line.write(b);
      }
      return line.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException("standard input could not be read", e);
    }
  }
}
