package io.carrick.integration;

import io.carrick.CallOptions;
import io.carrick.Messenger;
import io.carrick.Remote;
import java.time.Duration;

/** A process that is stopped in the middle: one of the two sides of {@link Traffic}. */
final class FrozenProcess {

  private static final Duration LONG = Duration.ofMinutes(5);

  private FrozenProcess() {}

  /**
   * Arguments: {@code server} or {@code client}, two endpoints, the resume time in milliseconds.
   */
  public static void main(String[] args) throws Exception {
    Messenger.Builder builder =
        Messenger.builder(args[0]).resumeTime(Duration.ofMillis(Long.parseLong(args[3])));
    if (args[0].equals("server")) {
      try (Messenger server = builder.listen(args[1]).listen(args[2]).build()) {
        new TrafficServer(server);
        System.out.println("ready");
        ChildJvm.awaitParent();
      }
    } else {
      try (Messenger client = builder.build()) {
        call(client.connect(args[1], args[2]));
        ChildJvm.awaitParent();
      }
    }
  }

  /** Says whether all was well once the server answers {@code control/stop}. */
  private static void call(Remote remote) throws Exception {
    try (Traffic traffic = new Traffic(remote)) {
      traffic.await(100, 10, Duration.ofSeconds(20));
      System.out.println("ready");
      remote
          .with(CallOptions.DEFAULT.withDeadline(LONG))
          .request("control/stop", "", String.class)
          .get();
      traffic.stop();
      System.out.println("verified");
      System.out.println(traffic);
    }
  }
}
