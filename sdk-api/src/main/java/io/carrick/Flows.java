package io.carrick;

import java.util.Iterator;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collector;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Publishers from what Java has, and back: for streams and channels whose code needs no {@link
 * java.util.concurrent.Flow.Subscriber} of its own. FlowIterator that come from elsewhere and at
 * their own time go through an {@link Emitter}.
 *
 * <pre>{@code
 * station.handleStream("readings", String.class, sensor -> Flows.generate(() -> read(sensor)));
 *
 * Flows.forEach(remote.stream("readings", "attic", Reading.class), System.out::println).join();
 * }</pre>
 *
 * <p>What makes publishers runs the code that it was given on the thread that asks for items, one
 * call at a time: no item is made that nobody asked for. A failure of that code fails the stream. A
 * subscriber that throws has gone (Reactive Streams rule 2.13), and hears no more.
 */
public final class Flows {

  /** How many items {@link #forEach} and {@link #collect} ask for ahead: 64. */
  public static final int PREFETCH = 64;

  private Flows() {}

  /**
   * The items of a collection, from the beginning for each subscriber. Its iterator is asked
   * whether there is more as soon as an item has gone, so that the end needs no demand.
   */
  public static <T> Flow.Publisher<T> of(Iterable<? extends T> items) {
    Objects.requireNonNull(items, "items");
    return subscriber ->
        Pulled.subscribe(subscriber, () -> new Pulled.Elements<T>(items.iterator(), () -> {}));
  }

  /**
   * The items of a stream, for one subscriber: each further one fails with {@link
   * IllegalStateException}. The stream is closed when its items have gone, when it fails and when
   * the subscriber cancels. It is asked for its next item as soon as one has gone, so that the end
   * needs no demand: what waits for items to come belongs into {@link #generate}.
   */
  public static <T> Flow.Publisher<T> of(Stream<? extends T> items) {
    Objects.requireNonNull(items, "items");
    return once(() -> new Pulled.Elements<T>(items.iterator(), items::close));
  }

  /**
   * What is left of an iterator, for one subscriber: each further one fails with {@link
   * IllegalStateException}.
   */
  public static <T> Flow.Publisher<T> of(Iterator<? extends T> items) {
    Objects.requireNonNull(items, "items");
    return once(() -> new Pulled.Elements<T>(items, () -> {}));
  }

  private static <T> Flow.Publisher<T> once(Supplier<Pulled.Source<T>> source) {
    AtomicBoolean taken = new AtomicBoolean();
    return subscriber ->
        Pulled.subscribe(
            subscriber,
            () -> {
              if (taken.getAndSet(true)) {
                throw new IllegalStateException(
                    "an iterator or a stream has one subscriber: make a publisher for each, or one"
                        + " of a collection");
              }
              return source.get();
            });
  }

  /**
   * FlowIterator that are made as they are asked for, by the same code for all subscribers; null
   * ends the stream. The code may be called by several threads at a time where there are several
   * subscribers.
   */
  public static <T> Flow.Publisher<T> generate(Supplier<? extends @Nullable T> next) {
    Objects.requireNonNull(next, "next");
    return subscriber -> Pulled.subscribe(subscriber, () -> new Pulled.Generated<T>(next));
  }

  /**
   * The items of a publisher, each made into another. A function that throws, or that returns null,
   * cancels the publisher and fails the stream.
   */
  public static <T, R> Flow.Publisher<R> map(
      Flow.Publisher<? extends T> items, Function<? super T, ? extends R> function) {
    Objects.requireNonNull(items, "items");
    Objects.requireNonNull(function, "function");
    return subscriber -> {
      Objects.requireNonNull(subscriber, "subscriber");
      items.subscribe(new Mapping<T, R>(subscriber, function));
    };
  }

  /**
   * Gives each item to the consumer, one at a time and in order, on the thread that brings it; at
   * most {@value #PREFETCH} are asked for ahead.
   *
   * @return completes when the publisher has, and fails as it fails, or with what the consumer
   *     threw. Cancelling it cancels the publisher: an item that is under way still comes
   */
  public static <T> CompletableFuture<Void> forEach(
      Flow.Publisher<? extends T> items, Consumer<? super T> consumer) {
    Objects.requireNonNull(consumer, "consumer");
    return Taking.all(items, consumer, () -> null);
  }

  /**
   * Collects the items, as {@link Stream#collect(Collector)} does.
   *
   * @param atMost how many items there may be; 1 or more. One more cancels the publisher and fails
   *     the future with {@link IllegalStateException}
   * @return completes with the collection when the publisher has completed, and fails as it fails.
   *     Cancelling it cancels the publisher
   */
  public static <T, A, R> CompletableFuture<R> collect(
      Flow.Publisher<? extends T> items, long atMost, Collector<? super T, A, R> collector) {
    if (atMost < 1) {
      throw new IllegalArgumentException("atMost " + atMost + " must be at least 1 item");
    }
    A into = collector.supplier().get();
    long[] taken = new long[1];
    return Taking.all(
        items,
        item -> {
          if (taken[0]++ == atMost) {
            throw new IllegalStateException("there are more than " + atMost + " items to collect");
          }
          collector.accumulator().accept(into, item);
        },
        () -> collector.finisher().apply(into));
  }

  /**
   * The items of a publisher for a loop: {@link FlowIterator#hasNext} waits for the next one. To be
   * closed where the loop may be left before the end.
   *
   * <pre>{@code
   * try (FlowIterator<Reading> readings = Flows.iterate(remote.stream("readings", "attic", Reading.class), 16)) {
   *   while (readings.hasNext()) {
   *     show(readings.next());
   *   }
   * }
   * }</pre>
   *
   * @param prefetch how many items are asked for ahead and may wait: 1 to 1,024
   */
  public static <T> FlowIterator<T> iterate(Flow.Publisher<? extends T> items, int prefetch) {
    return new FlowIterator<>(items, prefetch);
  }
}
