package io.carrick.integration;

import io.carrick.Messenger;
import java.time.Duration;

/** A process that has called a service, and then does nothing until it is killed. */
final class PeerProcess {

  private PeerProcess() {}

  /** Takes what it dials, and the milliseconds that its sessions wait for another connection. */
  public static void main(String[] args) throws Exception {
    try (Messenger client =
        Messenger.builder("client")
            .resumeTime(Duration.ofMillis(Long.parseLong(args[1])))
            .build()) {
      client.connect(args[0]).request("echo", "x", String.class).get();
      System.out.println("ready");
      ChildJvm.awaitParent();
    }
  }
}
