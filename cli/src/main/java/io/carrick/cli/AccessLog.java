package io.carrick.cli;

import io.carrick.CallContext;
import io.carrick.Interceptor;
import io.carrick.Message;
import io.carrick.MessagingException;
import java.io.PrintStream;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A line for each call that reaches a handler, when it has ended. A thread of its own writes them,
 * since calls must not wait for a slow terminal: {@value #MOST_WAITING} lines wait at most, and
 * what comes beyond is left out and counted.
 */
final class AccessLog implements Interceptor {

  private static final int MOST_WAITING = 10_000;

  private final PrintStream to;
  private final BlockingQueue<String> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
  private final AtomicLong leftOut = new AtomicLong();

  AccessLog(PrintStream to) {
    this.to = to;
    Thread writer = new Thread(this::write, "carrick-cli-access-log");
    writer.setDaemon(true);
    writer.start();
  }

  @Override
  public CompletionStage<Message> unary(
      CallContext call, Message message, Function<Message, CompletionStage<Message>> next) {
    Entry entry = new Entry(call);
    entry.in.increment();
    return next.apply(message)
        .whenComplete(
            (reply, failure) -> {
              if (failure == null) {
                entry.out.increment();
              }
              entry.end(failure);
            });
  }

  @Override
  public Flow.Publisher<Message> stream(
      CallContext call, Message message, Function<Message, Flow.Publisher<Message>> next) {
    Entry entry = new Entry(call);
    entry.in.increment();
    return new Counting(next.apply(message), entry.out, entry::end);
  }

  @Override
  public Flow.Publisher<Message> channel(
      CallContext call,
      Flow.Publisher<Message> values,
      Function<Flow.Publisher<Message>, Flow.Publisher<Message>> next) {
    Entry entry = new Entry(call);
    Flow.Publisher<Message> counted = new Counting(values, entry.in, failure -> {});
    return new Counting(next.apply(counted), entry.out, entry::end);
  }

  /** One call. */
  private final class Entry {

    private final CallContext call;
    private final Instant at = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    private final long began = System.nanoTime();
    private final LongAdder in = new LongAdder();
    private final LongAdder out = new LongAdder();

    Entry(CallContext call) {
      this.call = call;
    }

    void end(@Nullable Throwable failure) {
      String line =
          String.format(
              Locale.ROOT,
              "%s %s %s %s %s %.3f ms in=%d out=%d",
              at,
              call.action().name().toLowerCase(Locale.ROOT),
              call.topic(),
              printable(call.principal().toString()),
              outcome(failure),
              (System.nanoTime() - began) / 1e6,
              in.sum(),
              out.sum());
      if (!waiting.offer(line)) {
        leftOut.incrementAndGet();
      }
    }
  }

  private void write() {
    try {
      while (true) {
        to.println(waiting.take());
        long lost = leftOut.getAndSet(0);
        if (lost > 0) {
          to.println(lost + " calls are not in this log: it could not be written as fast");
        }
        if (waiting.isEmpty()) {
          to.flush();
        }
      }
    } catch (InterruptedException e) {
      // Nobody interrupts it; the process ends.
      Thread.currentThread().interrupt();
    }
  }

  private static String outcome(@Nullable Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    if (cause == null) {
      return "OK";
    }
    return cause instanceof MessagingException e ? e.code().name() : "UNKNOWN";
  }

  // Who calls chooses the name that a certificate or a token has: it must not forge another line.
  private static String printable(String text) {
    return text.replaceAll("[^\\x21-\\x7e]", "?");
  }
}
