package io.carrick.integration;

import io.carrick.Message;
import io.carrick.Messenger;
import java.io.IOException;

/** A process with a service of small items without end. */
final class UnreadStreamsServer {

  private static final int ITEM_BYTES = 25;

  private UnreadStreamsServer() {}

  /** Where it listens, as the process has said. */
  static int port(ChildJvm child) {
    return child.lines().stream()
        .filter(line -> line.startsWith("port "))
        .mapToInt(line -> Integer.parseInt(line.substring("port ".length())))
        .findFirst()
        .orElseThrow();
  }

  /** What lives in the heap. */
  private static long usedMib() {
    System.gc();
    return (Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory()) >> 20;
  }

  public static void main(String[] args) throws IOException {
    byte[] item = new byte[ITEM_BYTES];
    try (Messenger server = Messenger.builder("orders").listen("grpc://127.0.0.1:0").build()) {
      server.handleStream(
          "ticks", String.class, (String q) -> Source.of(Long.MAX_VALUE, n -> Message.of(item)));
      server.handle("echo", String.class, text -> text);
      server.handle("heap", String.class, text -> String.valueOf(usedMib()));
      System.out.println("port " + server.endpoints().get(0).replaceAll(".*:", ""));
      System.out.println("ready");
      ChildJvm.awaitParent();
    }
  }
}
