package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Call;
import io.carrick.CallException;
import io.carrick.CallOptions;
import io.carrick.Delivered;
import io.carrick.Registration;
import io.carrick.StatusCode;
import io.carrick.testkit.Await;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.SubmissionPublisher;
import org.junit.jupiter.api.Test;

@OverEachTransportAndBroker
final class ChannelSemanticsTest extends Semantics {

  ChannelSemanticsTest(TestTransport transport) {
    super(transport);
  }

  /** Gives for each value the sum so far, with the demand of its subscriber. */
  static Flow.Publisher<Long> sums(Flow.Publisher<Long> values) {
    return subscriber ->
        values.subscribe(
            new Flow.Subscriber<Long>() {
              private long sum;

              @Override
              public void onSubscribe(Flow.Subscription s) {
                subscriber.onSubscribe(s);
              }

              @Override
              public void onNext(Long value) {
                sum += value;
                subscriber.onNext(sum);
              }

              @Override
              public void onError(Throwable failure) {
                subscriber.onError(failure);
              }

              @Override
              public void onComplete() {
                subscriber.onComplete();
              }
            });
  }

  @Test
  void valuesGoThereAndItemsComeBack() {
    server.handleChannel("test/sum", Long.class, (values, call) -> sums(values));

    List<Long> items =
        Items.of(remote.channel("test/sum", Source.numbers(5_000), Long.class)).complete();

    assertThat(items).hasSize(5_000);
    assertThat(items.get(4_999)).isEqualTo(4_999L * 5_000 / 2);
  }

  @Test
  void theValuesMayEndBeforeTheItems() {
    Items<Long> values = Items.all();
    SubmissionPublisher<String> answers = new SubmissionPublisher<>();
    server.handleChannel(
        "test/half",
        Long.class,
        (in, call) -> {
          in.subscribe(values);
          return answers;
        });
    Items<String> items = Items.of(remote.channel("test/half", Source.numbers(10), String.class));

    assertThat(values.complete()).hasSize(10);
    Await.until("the answers are asked for", answers::hasSubscribers);
    answers.submit("a");
    answers.submit("b");
    answers.close();

    assertThat(items.complete()).containsExactly("a", "b");
  }

  @Test
  void theItemsMayEndBeforeTheValues() {
    Source<Long> source = Source.endless();
    server.handleChannel(
        "test/first",
        Long.class,
        (values, call) -> {
          values.subscribe(Items.all());
          return Source.numbers(3);
        });

    assertThat(Items.of(remote.channel("test/first", source, Long.class)).complete())
        .containsExactly(0L, 1L, 2L);

    await(source.cancelled());
  }

  @Test
  void whoCancelsTheValuesTakesNoMoreAndCancelsTheirPublisherWhileTheItemsGoOn() {
    Source<Long> up = Source.endless();
    Source<Long> down = Source.numbers(2);
    Items<Long> values = Items.asking(3);
    server.handleChannel(
        "test/enough",
        Long.class,
        (in, call) -> {
          in.subscribe(values);
          return down;
        });
    Items<Long> items = Items.asking(1);
    remote.channel("test/enough", up, Long.class).subscribe(items);
    values.awaitCount(3);

    values.cancel();

    await(up.cancelled());
    assertThat(values.count()).isEqualTo(3);
    assertThat(values.ended()).isFalse();
    items.request(1);
    assertThat(items.complete()).containsExactly(0L, 1L);
  }

  @Test
  void whoCancelsTheValuesAtOnceOrUnderADemandWithoutBoundCancelsTheirPublisherToo() {
    for (long demand : new long[] {0, Long.MAX_VALUE}) {
      Source<Long> up = Source.endless();
      Registration handler =
          server.handleChannel(
              "test/never",
              Long.class,
              (in, call) -> {
                Items<Long> values = Items.asking(demand);
                in.subscribe(values);
                values.cancel();
                return Source.numbers(2);
              });

      assertThat(Items.of(remote.channel("test/never", up, Long.class)).complete()).hasSize(2);

      await(up.cancelled());
      handler.close();
    }
  }

  @Test
  void demandIsExactInBothDirections() {
    Source<Long> up = Source.endless();
    Source<Long> down = Source.endless();
    Items<Long> values = Items.asking(3);
    server.handleChannel(
        "test/both",
        Long.class,
        (in, call) -> {
          in.subscribe(values);
          return down;
        });
    Items<Long> items = Items.asking(2);
    remote.channel("test/both", up, Long.class).subscribe(items);

    values.awaitCount(3);
    items.awaitCount(2);
    assertThat(up.emitted()).isEqualTo(3);
    assertThat(down.emitted()).isEqualTo(2);
    values.request(4);
    values.awaitCount(7);
    assertThat(up.emitted()).isEqualTo(7);
    assertThat(down.emitted()).isEqualTo(2);
    items.cancel();
    await(up.cancelled());
    await(down.cancelled());
  }

  @Test
  void aFailureOfTheHandlerEndsBothDirections() {
    Source<Long> up = Source.endless();
    server.handleChannel(
        "test/fail",
        Long.class,
        (values, call) -> {
          values.subscribe(Items.all());
          return Source.failing(2, new CallException(StatusCode.ABORTED, "enough"));
        });
    Items<Long> items = Items.of(remote.channel("test/fail", up, Long.class));

    Failures.check(items.failure(CallException.class), StatusCode.ABORTED, Delivered.YES, "enough");
    assertThat(items.count()).isEqualTo(2);
    await(up.cancelled());
  }

  @Test
  void aFailureOfTheCallersPublisherReachesBothSides() {
    Items<Long> values = Items.all();
    CompletableFuture<Call> call = new CompletableFuture<>();
    server.handleChannel(
        "test/fail",
        Long.class,
        (in, c) -> {
          in.subscribe(values);
          c.onCancel(() -> call.complete(c));
          return Source.silent();
        });
    Items<Long> items =
        Items.of(
            remote.channel(
                "test/fail",
                Source.failing(5, new CallException(StatusCode.DATA_LOSS, "file is torn")),
                Long.class));

    Failures.check(
        items.failure(io.carrick.MessagingException.class),
        StatusCode.DATA_LOSS,
        items.failure(io.carrick.MessagingException.class).delivered(),
        "file is torn");
    assertThat(await(call).isCancelled()).isTrue();
    Failures.check(
        values.failure(io.carrick.MessagingException.class),
        StatusCode.CANCELLED,
        values.failure(io.carrick.MessagingException.class).delivered());
  }

  @Test
  void theHandlerSeesTheTopicAndTheHeaders() {
    CompletableFuture<Call> seen = new CompletableFuture<>();
    server.handleChannel(
        "test/sum",
        Long.class,
        (values, call) -> {
          seen.complete(call);
          return sums(values);
        });

    Items.of(
            remote
                .with(CallOptions.DEFAULT.withHeader("kind", "sum"))
                .channel("test/sum", Source.numbers(1), Long.class))
        .complete();

    assertThat(await(seen).message().topic()).isEqualTo("test/sum");
    assertThat(await(seen).message().headers().first("kind")).contains("sum");
    assertThat(await(seen).message().size()).isZero();
  }
}
