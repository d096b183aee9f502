package io.carrick.integration;

import io.carrick.HandlerOptions;
import io.carrick.Message;
import io.carrick.Messenger;
import java.util.concurrent.CompletableFuture;

/** A node that takes more than its heap holds: its limits protect it from nothing. */
final class SmallHeap {

  static final int MOST_BYTES = 64 << 20;

  private SmallHeap() {}

  /** Argument: the endpoint. */
  public static void main(String[] args) throws Exception {
    try (Messenger node =
        Messenger.builder("small")
            .maxMessageBytes(MOST_BYTES)
            .bufferBudget(4L << 30)
            .listen(args[0])
            .build()) {
      node.handle("length", Message.class, message -> Message.ofText("" + message.size()));
      // Each keeps its message until its caller gives up.
      node.with(HandlerOptions.DEFAULT.withConcurrency(1_000).withWaiting(1_000))
          .handleAsync("keep", Message.class, (message, call) -> new Keeping(message));
      System.out.println("ready");
      ChildJvm.awaitParent();
    }
  }

  private static final class Keeping extends CompletableFuture<String> {

    private final Message kept;

    Keeping(Message kept) {
      this.kept = kept;
    }

    @Override
    public String toString() {
      return "keeps " + kept.size();
    }
  }
}
