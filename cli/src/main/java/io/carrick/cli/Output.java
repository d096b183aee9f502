package io.carrick.cli;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The standard output, in UTF-8 whatever the locale. A {@link PrintStream} hides why it cannot
 * write; this one remembers it.
 */
final class Output extends PrintStream {

  private final Sink sink;

  Output(OutputStream to) {
    this(new Sink(to));
  }

  private Output(Sink sink) {
    super(new BufferedOutputStream(sink, 8_192), false, StandardCharsets.UTF_8);
    this.sink = sink;
  }

  /** Writes what is buffered; returns whether nobody gets what is written. */
  boolean isLost() {
    return checkError();
  }

  /** Why it is lost; empty for a pipe whose reader had enough, which is nothing to tell. */
  Optional<String> complaint() {
    IOException failure = sink.failure;
    return failure == null || String.valueOf(failure.getMessage()).contains("roken pipe")
        ? Optional.empty()
        : Optional.of("the output could not be written: " + failure.getMessage());
  }

  private static final class Sink extends OutputStream {

    private final OutputStream to;
    private volatile @Nullable IOException failure;

    Sink(OutputStream to) {
      this.to = to;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      try {
        to.write(bytes, offset, length);
      } catch (IOException e) {
        failure = e;
        throw e;
      }
    }
  }
}
