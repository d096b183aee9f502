package io.carrick.integration;

import io.carrick.ConnectException;
import io.carrick.spi.Connection;
import io.carrick.spi.Endpoint;
import io.carrick.spi.ListenContext;
import io.carrick.spi.Listener;
import io.carrick.spi.Transport;
import io.carrick.spi.TransportConfig;
import io.carrick.spi.TransportProvider;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/** Puts a {@link FaultyConnection} before each connection of the real transports. */
final class FaultyTransport implements Transport {

  private final TransportConfig config;
  private final Faults faults;
  private final Map<String, Transport> real = new ConcurrentHashMap<>();

  FaultyTransport(TransportConfig config, Faults faults) {
    this.config = config;
    this.faults = faults;
  }

  @Override
  public CompletionStage<Connection> connect(Endpoint endpoint) {
    faults.attempted();
    if (faults.refuses(endpoint)) {
      return CompletableFuture.failedFuture(
          new ConnectException("the test refuses to connect to " + endpoint, null));
    }
    CompletionStage<Connection> connect = transport(endpoint).connect(inner(endpoint));
    CompletableFuture<Connection> result =
        new CompletableFuture<>() {
          @Override
          public boolean cancel(boolean mayInterrupt) {
            connect.toCompletableFuture().cancel(mayInterrupt);
            return super.cancel(mayInterrupt);
          }
        };
    connect.whenComplete(
        (connection, failure) -> {
          if (failure != null) {
            result.completeExceptionally(failure);
          } else {
            result.complete(faults.opened(endpoint, connection));
          }
        });
    return result;
  }

  @Override
  public CompletionStage<Listener> listen(Endpoint endpoint, ListenContext context) {
    return transport(endpoint)
        .listen(
            inner(endpoint),
            ListenContext.of(
                connection -> context.acceptor().accept(faults.opened(endpoint, connection)),
                context.calls()))
        .thenApply(FaultyListener::new);
  }

  @Override
  public void close() {
    real.values().forEach(Transport::close);
    faults.forget();
  }

  private Transport transport(Endpoint endpoint) {
    TransportProvider provider = FaultyTransports.provider(inner(endpoint));
    return real.computeIfAbsent(provider.getClass().getName(), name -> provider.create(config));
  }

  private static Endpoint inner(Endpoint endpoint) {
    return FaultyTransports.inner(endpoint);
  }

  private record FaultyListener(Listener listener) implements Listener {

    @Override
    public Endpoint endpoint() {
      return FaultyTransports.faulty(listener.endpoint());
    }

    @Override
    public void close() {
      listener.close();
    }
  }
}
