package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.CallException;
import io.carrick.Delivered;
import io.carrick.Message;
import io.carrick.StatusCode;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

@OverEachTransportAndBroker
final class StreamSemanticsTest extends Semantics {

  StreamSemanticsTest(TestTransport transport) {
    super(transport);
  }

  static List<Long> numbers(long count) {
    return LongStream.range(0, count).boxed().toList();
  }

  @Test
  void manyItemsComeOnceAndInOrder() {
    server.handleStream("test/count", Long.class, Source::numbers);

    assertThat(Items.of(remote.stream("test/count", 10_000L, Long.class)).complete())
        .isEqualTo(numbers(10_000));
  }

  @Test
  void demandIsExactFromEndToEnd() {
    Source<Long> source = Source.endless();
    server.handleStream("test/count", String.class, text -> source);
    Items<Long> items = Items.asking(0);
    remote.stream("test/count", "x", Long.class).subscribe(items);

    for (int n = 1; n <= 100; n++) {
      items.request(1);
      items.awaitCount(n);
      assertThat(items.count()).isEqualTo(n);
      assertThat(source.emitted()).isEqualTo(n);
    }
    items.request(50);
    items.awaitCount(150);

    assertThat(items.list()).isEqualTo(numbers(150));
    assertThat(source.emitted()).isEqualTo(150);
    assertThat(source.requested()).isEqualTo(150);
    items.cancel();
  }

  @Test
  void noDemandMeansNoItem() {
    Source<Long> source = Source.endless();
    server.handleStream("test/count", String.class, text -> source);
    server.handle("test/echo", String.class, text -> text);
    Items<Long> items = Items.asking(0);
    remote.stream("test/count", "x", Long.class).subscribe(items);

    for (int n = 0; n < 20; n++) {
      await(remote.request("test/echo", "x", String.class));
    }

    assertThat(source.emitted()).isZero();
    items.cancel();
  }

  @Test
  void demandThatComesWhileTheStreamOpensIsNotLost() {
    server.handleStream("test/count", String.class, text -> Source.endless());
    for (int i = 0; i < 200; i++) {
      Items<Long> items = Items.asking(0);
      CompletableFuture<Void> asking = CompletableFuture.runAsync(() -> items.request(3));
      remote.stream("test/count", "x", Long.class).subscribe(items);
      await(asking);
      items.awaitCount(3);
      items.cancel();
    }
  }

  @Test
  void anUnlimitedDemandOfASlowSubscriberHoldsThePublisherBack() {
    Source<Long> source = Source.endless();
    server.handleStream("test/count", String.class, text -> source);
    AtomicInteger taken = new AtomicInteger();
    Items<Long> items =
        Items.all(
            n -> {
              if (taken.incrementAndGet() == 100) {
                gate.pass();
              }
            });
    remote.stream("test/count", "x", Long.class).subscribe(items);
    items.awaitCount(100);
    server.handle("test/echo", String.class, text -> text);

    for (int n = 0; n < 20; n++) {
      await(remote.request("test/echo", "x", String.class));
    }

    assertThat(source.emitted()).isLessThan(100 + 256 + 256 + 64);
    gate.open();
    items.awaitCount(2_000);
    items.cancel();
  }

  @Test
  void anEmptyStreamCompletes() {
    server.handleStream("test/count", Long.class, Source::numbers);

    assertThat(Items.of(remote.stream("test/count", 0L, Long.class)).complete()).isEmpty();
  }

  @Test
  void anEmptyStreamCompletesWithoutDemand() {
    server.handleStream("test/count", Long.class, Source::numbers);
    Items<Long> items = Items.asking(0);

    remote.stream("test/count", 0L, Long.class).subscribe(items);

    assertThat(items.complete()).isEmpty();
  }

  @Test
  void eachSubscriberOpensItsOwnStream() {
    server.handleStream("test/count", Long.class, Source::numbers);
    Flow.Publisher<Long> publisher = remote.stream("test/count", 100L, Long.class);

    Items<Long> first = Items.of(publisher);
    Items<Long> second = Items.of(publisher);

    assertThat(first.complete()).isEqualTo(numbers(100));
    assertThat(second.complete()).isEqualTo(numbers(100));
  }

  @Test
  void aFailureComesBehindTheItems() {
    server.handleStream(
        "test/count",
        Long.class,
        n -> Source.failing(n, new CallException(StatusCode.DATA_LOSS, "page " + n + " is torn")));
    Items<Long> items = Items.of(remote.stream("test/count", 700L, Long.class));

    CallException failure = items.failure(CallException.class);

    Failures.check(failure, StatusCode.DATA_LOSS, Delivered.YES, "page 700 is torn");
    assertThat(items.list()).isEqualTo(numbers(700));
    assertThat(items.ends()).isEqualTo(1);
  }

  @Test
  void aStreamWithoutAHandlerIsNotDelivered() {
    Items<Long> items = Items.of(remote.stream("no/such", "x", Long.class));

    Failures.check(
        items.failure(CallException.class), StatusCode.UNIMPLEMENTED, Delivered.NO, "no/such");
  }

  @Test
  void aHandlerThatThrowsEndsTheStream() {
    server.handleStream(
        "test/fail",
        String.class,
        text -> {
          throw new CallException(StatusCode.OUT_OF_RANGE, "no page " + text);
        });

    Items<Long> items = Items.of(remote.stream("test/fail", "9", Long.class));

    Failures.check(
        items.failure(CallException.class), StatusCode.OUT_OF_RANGE, Delivered.YES, "no page 9");
  }

  @Test
  void largeAndEmptyItemsKeepTheirOrder() {
    server.handleStream(
        "test/sizes", String.class, text -> Source.of(60, n -> bytes(n % 3 == 0 ? 0 : n * 9_000)));

    List<byte[]> items = Items.of(remote.stream("test/sizes", "x", byte[].class)).complete();

    assertThat(items).hasSize(60);
    for (int n = 0; n < 60; n++) {
      assertThat(items.get(n)).isEqualTo(bytes(n % 3 == 0 ? 0 : n * 9_000L));
    }
  }

  @Test
  void manyStreamsRunBesideEachOther() {
    server.handleStream("test/count", Long.class, Source::numbers);

    List<Items<Long>> streams =
        LongStream.range(0, 100)
            .mapToObj(n -> Items.of(remote.stream("test/count", 200L, Long.class)))
            .toList();

    streams.forEach(items -> assertThat(items.complete()).isEqualTo(numbers(200)));
  }

  @Test
  void itemsMayBeMessages() {
    server.handleStream(
        "test/messages", String.class, text -> Source.of(3, n -> Message.ofText("m" + n)));

    assertThat(Items.of(remote.stream("test/messages", "x", Message.class)).complete())
        .extracting(Message::text)
        .containsExactly("m0", "m1", "m2");
  }

  private static byte[] bytes(long size) {
    byte[] bytes = new byte[(int) size];
    java.util.Arrays.fill(bytes, (byte) (size % 127));
    return bytes;
  }
}
