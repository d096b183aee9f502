package io.carrick.integration;

import io.carrick.Call;
import io.carrick.Messenger;
import io.carrick.Remote;
import io.carrick.testkit.Await;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A server, and a client that has a remote of it, over one transport. */
abstract class Semantics {

  /** Travels as JSON. */
  record Order(String id, int count) {}

  /** The answer to an order. */
  record Receipt(String id, long total) {}

  @TempDir Path directory;

  final TestTransport transport;
  final Gate gate = new Gate();
  String endpoint;
  Messenger server;
  Messenger client;
  Remote remote;

  Semantics(TestTransport transport) {
    this.transport = transport;
  }

  @BeforeEach
  void start() {
    start(b -> b, b -> b);
  }

  @AfterEach
  void stop() {
    gate.open();
    client.close();
    server.close();
  }

  /** Begins again with messengers that are set up otherwise. */
  void restart(
      UnaryOperator<Messenger.Builder> serverSetup, UnaryOperator<Messenger.Builder> clientSetup) {
    client.close();
    server.close();
    start(serverSetup, clientSetup);
  }

  private void start(
      UnaryOperator<Messenger.Builder> serverSetup, UnaryOperator<Messenger.Builder> clientSetup) {
    endpoint = transport.endpoint(directory);
    server = serverSetup.apply(TestTls.messenger("server").listen(endpoint)).build();
    client = clientSetup.apply(TestTls.messenger("client")).build();
    remote = client.connect(endpoint);
  }

  /** A call of "holds" with "x", whose handler has been reached and waits for the gate. */
  final CompletableFuture<String> held() {
    CompletableFuture<Void> reached = new CompletableFuture<>();
    server.handle(
        "holds",
        String.class,
        text -> {
          reached.complete(null);
          gate.pass();
          return text;
        });
    CompletableFuture<String> call = remote.request("holds", "x", String.class);
    await(reached);
    return call;
  }

  /** Completes when a call is cancelled. */
  static CompletableFuture<Call> cancelled(Call call) {
    CompletableFuture<Call> result = new CompletableFuture<>();
    call.onCancel(() -> result.complete(call));
    return result;
  }

  static <T> T await(CompletableFuture<T> future) {
    return Await.result(future);
  }

  /** Holds handlers until the test is over, or opens it. */
  static final class Gate {
    private final CountDownLatch latch = new CountDownLatch(1);

    void open() {
      latch.countDown();
    }

    void pass() {
      try {
        if (!latch.await(50, TimeUnit.SECONDS)) {
          throw new AssertionError("The gate was not opened within 50 s");
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError("interrupted at the gate", e);
      }
    }
  }
}
