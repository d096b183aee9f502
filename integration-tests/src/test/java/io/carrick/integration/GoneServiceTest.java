package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.CallCancelledException;
import io.carrick.CallOptions;
import io.carrick.ConnectException;
import io.carrick.DeadlineExceededException;
import io.carrick.Delivered;
import io.carrick.Messenger;
import io.carrick.Remote;
import io.carrick.StatusCode;
import io.carrick.testkit.Await;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What callers are told, and when, of a service that was there and is gone. */
@Tag("side-by-side")
@Timeout(60)
final class GoneServiceTest {

  private static final CallOptions SHORT = CallOptions.DEFAULT.withDeadline(Duration.ofMillis(800));
  private static final CallOptions IMPATIENT = CallOptions.DEFAULT.withWaitForReady(false);
  private static final int PLACES = 1_024;

  @TempDir Path directory;
  private TestPath path;
  private Messenger server;
  private Messenger client;

  @AfterEach
  void close() {
    client.close();
    server.close();
    path.close();
  }

  private Remote connect(TestTransport transport) {
    path = TestPath.over(transport, directory, "path", "client", "server", 1);
    server = serve();
    client = TestTls.messenger("client").build();
    Remote remote = client.connect(path.dials());
    assertThat(Await.result(remote.request("echo", "x", String.class))).isEqualTo("x");
    return remote;
  }

  private Messenger serve() {
    Messenger messenger = TestTls.messenger("server").listen(path.listens()).build();
    messenger.handle("echo", String.class, text -> text);
    return messenger;
  }

  /** The session waits for another connection, and none can be had. */
  private Remote suspended(TestTransport transport) {
    Remote remote = connect(transport);
    path.refuse();
    path.clientKills();
    Await.until("the break is noticed", () -> remote.explain().chosen().isEmpty());
    return remote;
  }

  /** The session is over, and nobody answers. */
  private Remote lost(TestTransport transport) {
    Remote remote = connect(transport);
    server.close();
    path.refuse();
    Await.until("the loss is noticed", () -> remote.instance().isEmpty());
    return remote;
  }

  @ParameterizedTest
  @EnumSource(names = {"UNIX", "GRPC"})
  void aDeadlineNamesTheLastCauseWhileASessionIsSuspended(TestTransport transport) {
    assertCauseIsTold(suspended(transport));
  }

  @ParameterizedTest
  @EnumSource(names = {"UNIX", "GRPC"})
  void aDeadlineNamesTheLastCauseWhereASessionWasLost(TestTransport transport) {
    assertCauseIsTold(lost(transport));
  }

  private void assertCauseIsTold(Remote remote) {
    Remote hasty = remote.with(SHORT);
    List<CompletableFuture<?>> calls =
        List.of(
            hasty.request("echo", "x", String.class),
            hasty.send("echo", "x"),
            hasty.publish("news", "x"),
            Items.of(hasty.stream("echo", "x", String.class)).end());
    for (CompletableFuture<?> call : calls) {
      Failures.in(call, StatusCode.DEADLINE_EXCEEDED, Delivered.NO, path.dials() + ": ");
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"UNIX", "GRPC"})
  void whoDoesNotWaitIsToldAtOnceWhileASessionIsSuspended(TestTransport transport) {
    assertFailsFast(suspended(transport));
  }

  @ParameterizedTest
  @EnumSource(names = {"UNIX", "GRPC"})
  void whoDoesNotWaitIsToldAtOnceWhereASessionWasLost(TestTransport transport) {
    assertFailsFast(lost(transport));
  }

  private void assertFailsFast(Remote remote) {
    CompletableFuture<String> patient = remote.request("echo", "patient", String.class);
    for (int i = 0; i < 3; i++) {
      ConnectException failure =
          Failures.in(
              remote.with(IMPATIENT).request("echo", "x", String.class), ConnectException.class);
      Failures.check(failure, StatusCode.UNAVAILABLE, Delivered.NO, path.dials() + ": ");
    }
    Failures.in(
        Items.of(remote.with(IMPATIENT).stream("echo", "x", String.class)).end(),
        ConnectException.class);
    assertThat(patient).isNotDone();

    if (remote.instance().isEmpty()) {
      server = serve();
    }
    path.admit();

    assertThat(Await.result(patient)).isEqualTo("patient");
    assertThat(Await.result(remote.with(IMPATIENT).request("echo", "y", String.class)))
        .isEqualTo("y");
  }

  @Test
  void connectEndsByItsDeadlineAndNamesTheCause() {
    Remote remote = lost(TestTransport.GRPC);
    CompletableFuture<String> waiting = remote.request("echo", "x", String.class);

    DeadlineExceededException failure =
        Failures.in(remote.with(SHORT).connect(), DeadlineExceededException.class);

    Failures.check(
        failure, StatusCode.DEADLINE_EXCEEDED, Delivered.NO, "connect()", path.dials() + ": ");
    assertThat(waiting).isNotDone();
  }

  @Test
  void whoWaitsForAPlaceIsToldOfItsDeadlineAndItsInterrupt() throws Exception {
    Remote remote = lost(TestTransport.GRPC);
    for (int i = 0; i < PLACES; i++) {
      var unused = remote.send("echo", "x");
    }

    Failures.in(
        remote.with(SHORT).send("echo", "late"), StatusCode.DEADLINE_EXCEEDED, Delivered.NO);

    var pool = Executors.newSingleThreadExecutor();
    try {
      CompletableFuture<Thread> thread = new CompletableFuture<>();
      Future<CompletableFuture<Void>> send =
          pool.submit(
              () -> {
                thread.complete(Thread.currentThread());
                return remote.send("echo", "interrupted");
              });
      Await.result(thread).interrupt();

      Failures.in(send.get(10, TimeUnit.SECONDS), CallCancelledException.class);
    } finally {
      pool.shutdownNow();
    }
  }
}
