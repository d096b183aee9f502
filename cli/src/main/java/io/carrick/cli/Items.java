package io.carrick.cli;

import io.carrick.Message;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.function.Predicate;
import picocli.CommandLine.Option;

/** How many items are printed, and how. */
final class Items {

  @Option(
      names = "--count",
      paramLabel = "N",
      converter = Converters.OfCount.class,
      description = "Stop after so many items; default: at the end of the stream.")
  Optional<Integer> count = Optional.empty();

  @Option(names = "--raw", description = "Print the bytes of the items as they are, nothing else.")
  boolean raw;

  /** How one item is printed. */
  Predicate<Message> printer(Terminal terminal) {
    return raw ? terminal::raw : terminal::body;
  }

  /** How many to print. */
  long most() {
    return count.map(Integer::longValue).orElse(Long.MAX_VALUE);
  }

  /** Prints what a publisher gives, until its end. */
  void print(Terminal terminal, Flow.Publisher<Message> items) throws Exception {
    ItemPrinter printer = new ItemPrinter(printer(terminal), most());
    items.subscribe(printer);
    try {
      printer.done().get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    } catch (InterruptedException e) {
      printer.cancel();
      throw e;
    }
  }
}
