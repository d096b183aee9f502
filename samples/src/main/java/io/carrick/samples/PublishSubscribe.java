package io.carrick.samples;

import io.carrick.Messenger;
import io.carrick.Registration;
import io.carrick.Remote;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A service passes on what is published to it, to all whose filter selects the topic. */
public final class PublishSubscribe {

  private PublishSubscribe() {}

  /** Runs the sample. */
  public static void main(String[] args) throws Exception {
    Path directory = Files.createTempDirectory("carrick");
    String endpoint = "unix:" + directory.resolve("market.sock");

    try (Messenger market = Messenger.builder("market").listen(endpoint).build();
        Messenger smith = Messenger.builder("smith").build();
        Messenger trader = Messenger.builder("trader").build()) {
      BlockingQueue<Price> metals = new LinkedBlockingQueue<>();
      Registration subscription =
          smith.connect(endpoint).subscribe("prices/metal/+", Price.class, metals::put).join();

      Remote remote = trader.connect(endpoint);
      remote.publish("prices/metal/tin", new Price("tin", 29.5)).join();
      remote.publish("prices/grain/rye", new Price("rye", 0.2)).join();
      market.publish("prices/metal/zinc", new Price("zinc", 2.6)).join();
      for (int i = 0; i < 2; i++) {
        System.out.println("smith got " + metals.poll(10, TimeUnit.SECONDS));
      }

      subscription.close();
    }
    Files.delete(directory);
  }

  record Price(String good, double euros) {}
}
