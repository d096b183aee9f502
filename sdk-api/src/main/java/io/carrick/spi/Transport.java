package io.carrick.spi;

import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * Carries whole frames of bytes both ways between two peers until it closes. Every messaging
 * semantic lives above it. docs/transport-contract.md has the rules C01 to C22, and the test kit a
 * test for each.
 */
public interface Transport extends AutoCloseable {

  /** The largest frame on every transport: 65,536 bytes. */
  int MAX_FRAME_BYTES = 65_536;

  /** What a connection may hold that its socket has not taken before send says false: 64 KiB. */
  int HIGH_WATER_BYTES = 65_536;

  /**
   * Connects. Never blocks. The stage fails within the time-out with {@link
   * io.carrick.ConnectException} (nobody answers; it names the endpoint) or {@link
   * io.carrick.EndpointException} (not usable). Cancelling {@code toCompletableFuture()} releases
   * everything (C16). Nothing is read before {@link Connection#receive}.
   */
  CompletionStage<Connection> connect(Endpoint endpoint);

  /**
   * Listens. The stage fails with {@link io.carrick.EndpointException} and leaves nothing bound
   * (C13). The acceptor of the context gets each session connection on a thread of the transport;
   * native calls go to its calls.
   */
  CompletionStage<Listener> listen(Endpoint endpoint, ListenContext context);

  /**
   * The topics of a broker, where the endpoint names them and no service. Starts nothing.
   *
   * @throws io.carrick.EndpointException if the transport is closed
   */
  default Optional<Broker> broker(Endpoint endpoint) {
    return Optional.empty();
  }

  /**
   * Closes all listeners and connections. Within 5 s no thread, file or socket is left (C15).
   * Idempotent; returns when done, but on a thread of this transport only starts.
   */
  @Override
  void close();
}
