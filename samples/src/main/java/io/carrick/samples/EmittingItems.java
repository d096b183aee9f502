package io.carrick.samples;

import io.carrick.Emitter;
import io.carrick.Messenger;
import io.carrick.Remote;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;

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
      kitchen.<String, String>handleChannel("orders", String.class, (orders, call) -> orders);

      Remote remote = waiter.connect(endpoint);
      Reader menu = new Reader();
      remote.stream("menu", "monday", String.class).subscribe(menu);
      menu.end.get(10, TimeUnit.SECONDS);

      // The values of a channel: they may be there before it has opened.
      Emitter<String> orders = Emitter.create();
      Reader taken = new Reader();
      remote.channel("orders", orders, String.class).subscribe(taken);
      serve(orders, "soup for two");
      taken.end.get(10, TimeUnit.SECONDS);
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

  /** Prints all there is. */
  private static final class Reader implements Flow.Subscriber<String> {

    private final CompletableFuture<Void> end = new CompletableFuture<>();

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
      subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(String item) {
      System.out.println(item);
    }

    @Override
    public void onError(Throwable failure) {
      end.completeExceptionally(failure);
    }

    @Override
    public void onComplete() {
      end.complete(null);
    }
  }
}
