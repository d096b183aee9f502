package io.carrick.samples;

import io.carrick.Messenger;
import io.carrick.PathEvent;
import io.carrick.Registration;
import io.carrick.Remote;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;

/** A session goes on over another path; a listener hears of each move and its reason. */
public final class MovingSession {

  private MovingSession() {}

  /** Runs the sample. */
  public static void main(String[] args) throws Exception {
    Path directory = Files.createTempDirectory("carrick");
    String first = "unix:" + directory.resolve("first.sock");
    String second = "unix:" + directory.resolve("second.sock");

    try (Messenger orders = Messenger.builder("orders").listen(first).listen(second).build();
        Messenger web = Messenger.builder("web").build()) {
      orders.handle("orders/count", String.class, query -> 17);

      Remote remote = web.connect(first, second);
      CompletableFuture<PathEvent> moved = new CompletableFuture<>();
      Registration listening =
          remote.onPathEvent(
              event -> {
                if (event.what() == PathEvent.What.MOVED) {
                  moved.complete(event);
                }
              });
      System.out.println(remote.request("orders/count", "", Integer.class).join());
      String instance = remote.instance().orElseThrow();

      remote.move(second).join();

      System.out.println("moved: " + moved.join().reason());
      System.out.println("on the second: " + remote.explain().chosen().orElse("").equals(second));
      System.out.println("same session: " + remote.instance().orElseThrow().equals(instance));
      System.out.println(remote.request("orders/count", "", Integer.class).join());
      listening.close();
    }
    Files.delete(directory);
  }
}
