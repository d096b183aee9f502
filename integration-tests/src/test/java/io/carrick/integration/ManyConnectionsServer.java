package io.carrick.integration;

import io.carrick.Messenger;
import java.io.IOException;

/** A process with a service that listens at the given endpoints. */
final class ManyConnectionsServer {

  private ManyConnectionsServer() {}

  public static void main(String[] args) throws IOException {
    Messenger.Builder builder = Messenger.builder("orders");
    for (String endpoint : args) {
      builder.listen(endpoint);
    }
    try (Messenger server = builder.build()) {
      server.handle("echo", String.class, text -> text);
      server.endpoints().forEach(endpoint -> System.out.println("listening " + endpoint));
      System.out.println("ready");
      while (System.in.read() >= 0) {}
    }
  }
}
