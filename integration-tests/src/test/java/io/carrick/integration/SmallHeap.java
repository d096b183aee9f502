package io.carrick.integration;

import io.carrick.HandlerOptions;
import io.carrick.Message;
import io.carrick.Messenger;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A node that takes more than its heap holds: its limits protect it from nothing. */
final class SmallHeap {

  static final int MOST_BYTES = 64 << 20;
  static final long BUDGET = 4L << 30;

  private SmallHeap() {}

  /** Argument: the endpoint. */
  public static void main(String[] args) throws Exception {
    try (Messenger node =
        Messenger.builder("small")
            .maxMessageBytes(MOST_BYTES)
            .bufferBudget(BUDGET)
            .listen(args[0])
            .build()) {
      node.handle("length", Message.class, message -> Message.ofText("" + message.size()));
      node.handle("allocate", Message.class, message -> Message.ofText("" + allocate()));
      // Each keeps its message until its caller gives up.
      node.with(HandlerOptions.DEFAULT.withConcurrency(1_000).withWaiting(1_000))
          .handleAsync(
              "keep",
              Message.class,
              (message, call) -> {
                CompletableFuture<String> kept = new CompletableFuture<>();
                call.onCancel(() -> kept.complete("" + message.size()));
                return kept;
              });
      System.out.println("ready");
      ChildJvm.awaitParent();
    }
  }

  /** Takes what memory there is. */
  private static int allocate() {
    List<byte[]> all = new ArrayList<>();
    while (true) {
      all.add(new byte[64 << 10]);
    }
  }
}
