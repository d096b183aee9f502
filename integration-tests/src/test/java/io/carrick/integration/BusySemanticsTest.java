package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.CallOptions;
import io.carrick.Delivered;
import io.carrick.HandlerOptions;
import io.carrick.Messenger;
import io.carrick.OverloadedException;
import io.carrick.Priority;
import io.carrick.StatusCode;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Priorities, and messages as large as the limits allow. */
@OverEachTransport
final class BusySemanticsTest extends Semantics {

  private static final int LARGE = 64 << 20;

  BusySemanticsTest(TestTransport transport) {
    super(transport);
  }

  @Test
  void aHighRequestOvertakesBulkThatWaits() {
    List<String> arrived = new CopyOnWriteArrayList<>();
    CompletableFuture<Void> stalled = new CompletableFuture<>();
    // It breaks its promise: nothing of the connection is read until the gate opens.
    server
        .with(HandlerOptions.nonBlocking())
        .handleSend(
            "test/stall",
            String.class,
            text -> {
              stalled.complete(null);
              gate.pass();
            });
    server.handle(
        "test/bulk",
        byte[].class,
        bytes -> {
          arrived.add("bulk");
          return "";
        });
    server.handle(
        "test/high",
        String.class,
        text -> {
          arrived.add("high");
          return "";
        });
    await(remote.connect());
    remote.send("test/stall", "x");
    await(stalled);

    List<CompletableFuture<String>> calls = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      calls.add(
          remote
              .with(CallOptions.DEFAULT.withPriority(Priority.BULK))
              .request("test/bulk", new byte[512 << 10], String.class));
    }
    calls.add(
        remote
            .with(CallOptions.DEFAULT.withPriority(Priority.HIGH))
            .request("test/high", "x", String.class));
    gate.open();

    calls.forEach(Semantics::await);
    assertThat(arrived).hasSize(13);
    assertThat(arrived.indexOf("high")).isLessThanOrEqualTo(2);
  }

  @Test
  void bulkIsNotStarved() {
    server.handleStream("test/count", String.class, text -> Source.of(400, n -> new byte[8 << 10]));

    Items<byte[]> high =
        Items.of(
            remote.with(CallOptions.DEFAULT.withPriority(Priority.HIGH)).stream(
                "test/count", "x", byte[].class));
    Items<byte[]> bulk =
        Items.of(
            remote.with(CallOptions.DEFAULT.withPriority(Priority.BULK)).stream(
                "test/count", "x", byte[].class));

    assertThat(bulk.complete()).hasSize(400);
    assertThat(high.complete()).hasSize(400);
  }

  @Test
  void aMessageOf64MiBTravelsBothWaysWhereBothSidesAllowIt() throws Exception {
    UnaryOperator<Messenger.Builder> large = b -> b.maxMessageBytes(LARGE).bufferBudget(512L << 20);
    restart(large, large);
    server.handle("test/echo", byte[].class, bytes -> bytes);
    byte[] payload = new byte[LARGE];
    new SplittableRandom(7).nextBytes(payload);

    byte[] back = remote.request("test/echo", payload, byte[].class).get(30, TimeUnit.SECONDS);

    assertThat(java.util.Arrays.equals(back, payload)).isTrue();
  }

  @Test
  void aMessageOverThePeersLimitIsRefusedBeforeItLeaves() {
    restart(b -> b.maxMessageBytes(1 << 20), b -> b.maxMessageBytes(LARGE));
    server.handle("test/echo", byte[].class, bytes -> bytes);

    OverloadedException failure =
        Failures.in(
            remote.request("test/echo", new byte[(1 << 20) + 1], byte[].class),
            OverloadedException.class);

    Failures.check(
        failure,
        StatusCode.RESOURCE_EXHAUSTED,
        Delivered.NO,
        "1048577",
        "1048576",
        "maxMessageBytes");
    assertThat(await(remote.request("test/echo", new byte[1 << 20], byte[].class)))
        .hasSize(1 << 20);
  }

  @Test
  void aMessageOverTheOwnLimitIsRefusedBeforeItLeaves() {
    restart(b -> b.maxMessageBytes(LARGE), b -> b.maxMessageBytes(2_048));
    server.handle("test/echo", byte[].class, bytes -> bytes);

    Failures.in(
        remote.request("test/echo", new byte[2_049], byte[].class),
        StatusCode.RESOURCE_EXHAUSTED,
        Delivered.NO,
        "2049",
        "2048",
        "maxMessageBytes");
  }

  @Test
  void aReplyOverTheCallersLimitIsAFailureThatNamesIt() {
    restart(b -> b, b -> b.maxMessageBytes(64 << 10));
    server.handle("test/grow", String.class, text -> new byte[(64 << 10) + 1]);

    Failures.in(
        remote.request("test/grow", "x", byte[].class),
        StatusCode.RESOURCE_EXHAUSTED,
        Delivered.YES,
        "65537",
        "65536",
        "maxMessageBytes");
    assertThat(
            Failures.in(
                remote.request("no/such", "x", String.class),
                StatusCode.UNIMPLEMENTED,
                Delivered.NO))
        .isNotNull();
  }

  @Test
  void manyLargeMessagesWaitForEachOther() {
    server.handle("test/size", byte[].class, bytes -> bytes.length);

    List<CompletableFuture<Integer>> replies = new ArrayList<>();
    for (int i = 0; i < 24; i++) {
      replies.add(remote.request("test/size", new byte[4 << 20], Integer.class));
    }

    replies.forEach(reply -> assertThat(await(reply)).isEqualTo(4 << 20));
  }
}
