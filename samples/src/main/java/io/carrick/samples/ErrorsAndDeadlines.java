package io.carrick.samples;

import io.carrick.CallException;
import io.carrick.CallOptions;
import io.carrick.MessagingException;
import io.carrick.Messenger;
import io.carrick.Remote;
import io.carrick.StatusCode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Each failure says what happened, whether the message arrived, and whether to try again. */
public final class ErrorsAndDeadlines {

  private ErrorsAndDeadlines() {}

  /** Runs the sample. */
  public static void main(String[] args) throws Exception {
    Path directory = Files.createTempDirectory("carrick");
    String endpoint = "unix:" + directory.resolve("orders.sock");

    try (Messenger orders = Messenger.builder("orders").listen(endpoint).build();
        Messenger web = Messenger.builder("web").build()) {
      orders.handle("orders/find", String.class, ErrorsAndDeadlines::find);
      orders.handleAsync("orders/slow", String.class, (id, call) -> new CompletableFuture<Order>());

      Remote remote = web.connect(endpoint);
      show("found nothing", remote.request("orders/find", "A-17", Order.class));
      show("no handler", remote.request("orders/fnid", "A-17", Order.class));

      Remote hasty = remote.with(CallOptions.DEFAULT.withDeadline(Duration.ofMillis(100)));
      show("too slow", hasty.request("orders/slow", "A-17", Order.class));

      Remote nobody = web.connect("unix:" + directory.resolve("nobody.sock"));
      show("nobody there", nobody.request("orders/find", "A-17", Order.class));
    }
    Files.delete(directory);
  }

  private static Order find(String id) {
    throw new CallException(StatusCode.NOT_FOUND, "no order " + id);
  }

  private static void show(String what, CompletableFuture<?> call) {
    try {
      System.out.println(what + ": " + call.join());
    } catch (CompletionException e) {
      if (!(e.getCause() instanceof MessagingException failure)) {
        throw e;
      }
      System.out.printf(
          "%s: %s, delivered %s, retry safe %s%n",
          what, failure.code(), failure.delivered(), failure.retrySafe());
    }
  }

  record Order(String id) {}
}
