package io.carrick.cli;

import io.carrick.Message;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.function.Predicate;
import picocli.CommandLine.Option;

/** How many items are printed, and how. */
final class Items {

  @Option(names = "--count", paramLabel = "N", description = "Stop after so many items.")
  long count = Long.MAX_VALUE;

  @Option(names = "--raw", description = "Print the bytes of the items as they are, nothing else.")
  boolean raw;

  /** Refuses a count that is none. */
  void check() {
    if (count < 1) {
      throw new IllegalArgumentException("--count " + count + " must be 1 or more");
    }
  }

  /** How one item is printed. */
  Predicate<Message> printer(Terminal terminal) {
    return raw ? terminal::raw : terminal::body;
  }

  /** Prints what a publisher gives, until its end. */
  void print(Terminal terminal, Flow.Publisher<Message> items) throws Exception {
    ItemPrinter printer = new ItemPrinter(printer(terminal), count);
    items.subscribe(printer);
    try {
      printer.done().get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }
}
