package io.carrick;

import java.util.UUID;

/**
 * Two messengers in one process, connected over memory; they do not keep it alive.
 *
 * @param server the node that listens: register handlers here
 * @param client the node that dialled
 * @param remote the server as seen from the client: make calls here
 */
public record InMemoryPair(Messenger server, Messenger client, Remote remote)
    implements AutoCloseable {

  static InMemoryPair create() {
    String endpoint = "memory:" + UUID.randomUUID();
    Messenger server = Messenger.builder("server").listen(endpoint).daemon(true).build();
    Messenger client = Messenger.builder("client").build();
    return new InMemoryPair(server, client, client.connect(endpoint));
  }

  /** Closes the client, then the server. */
  @Override
  public void close() {
    client.close();
    server.close();
  }
}
