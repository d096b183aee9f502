package io.carrick.samples;

import io.carrick.Emitter;
import io.carrick.Flows;
import io.carrick.Messenger;
import io.carrick.Remote;
import java.nio.file.Files;
import java.nio.file.Path;

/** Code that has items and no demand hands them to an emitter; none is lost before its reader. */
public final class EmittingItems {

  private EmittingItems() {}

  /** Runs the sample. */
  public static void main(String[] args) throws Exception {
    Path directory = Files.createTempDirectory("carrick");
    String endpoint = "unix:" + directory.resolve("kitchen.sock");

    try (Messenger kitchen = Messenger.builder("kitchen").listen(endpoint).build();
        Messenger waiter = Messenger.builder("waiter").build()) {
      // An answer: the cook begins before anybody has subscribed.
      kitchen.handleStream(
          "menu",
          String.class,
          day -> {
            Emitter<String> dishes = Emitter.create();
            new Thread(() -> serve(dishes, "soup", "bread", "plums")).start();
            return dishes;
          });
      kitchen.handleChannel("orders", String.class, (orders, call) -> orders);

      Remote remote = waiter.connect(endpoint);
      Flows.forEach(remote.stream("menu", "monday", String.class), System.out::println).join();

      // The values of a channel: they may be there before it has opened.
      Emitter<String> orders = Emitter.create();
      var taken =
          Flows.forEach(remote.channel("orders", orders, String.class), System.out::println);
      serve(orders, "soup for two");
      taken.join();
    }
    Files.delete(directory);
  }

  private static void serve(Emitter<String> dishes, String... names) {
    for (String name : names) {
      // False where 256 wait, or the reader has gone; offer(name, time) waits for room.
      if (!dishes.offer(name)) {
        return;
      }
    }
    dishes.complete();
  }
}
