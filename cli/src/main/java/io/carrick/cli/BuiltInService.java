package io.carrick.cli;

import io.carrick.CallException;
import io.carrick.ContentTypes;
import io.carrick.Message;
import io.carrick.Messenger;
import io.carrick.StatusCode;
import io.carrick.serialization.JsonCodec;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.stream.LongStream;

/**
 * What {@code carrick serve} answers: {@code carrick/echo}, {@code carrick/count}, {@code
 * carrick/sum}, {@code carrick/info}, {@code carrick/ping} and {@code carrick/topics}. It takes
 * messages as they are, so that callers may use any content type that reads as a number.
 */
final class BuiltInService {

  static final String ECHO = "carrick/echo";
  static final String COUNT = "carrick/count";
  static final String SUM = "carrick/sum";
  static final String INFO = "carrick/info";

  /** The longest stream of {@link #COUNT}: 1,000,000,000 items. */
  static final long MOST_ITEMS = 1_000_000_000;

  private final Messenger messenger;
  private final Instant started = Instant.now();
  private final JsonCodec json = new JsonCodec();
  private final LongAdder requests = new LongAdder();
  private final LongAdder sends = new LongAdder();
  private final LongAdder streams = new LongAdder();
  private final LongAdder channels = new LongAdder();
  private final LongAdder published = new LongAdder();

  private BuiltInService(Messenger messenger) {
    this.messenger = messenger;
  }

  /** Registers all handlers at a messenger. */
  static void register(Messenger messenger) {
    BuiltInService service = new BuiltInService(messenger);
    messenger.handle(ECHO, Message.class, (Message message) -> service.echo(message));
    messenger.handleSend(ECHO, Message.class, message -> service.sends.increment());
    messenger.handleStream(COUNT, Message.class, (Message message) -> service.count(message));
    messenger.handleChannel(
        SUM,
        Message.class,
        (Flow.Publisher<Message> values, io.carrick.Call call) -> service.sum(values));
    messenger.handle(INFO, Message.class, (Message message) -> service.info());
    messenger.handle(Probe.TOPIC, Message.class, (Message message) -> Message.empty());
    Topics.of(
            new Topics.Entry(ECHO, "request", "any", "the same"),
            new Topics.Entry(ECHO, "send", "any", ""),
            new Topics.Entry(COUNT, "stream", "whole number", "whole numbers"),
            new Topics.Entry(SUM, "channel", "whole numbers", "whole numbers"),
            new Topics.Entry(INFO, "request", "nothing", ContentTypes.JSON),
            new Topics.Entry(Probe.TOPIC, "request", "nothing", "nothing"))
        .register(messenger);
    messenger.subscribe("#", Message.class, message -> service.published.increment());
  }

  private Message echo(Message message) {
    requests.increment();
    return Message.of(message.contentType(), message.toByteArray());
  }

  private Flow.Publisher<Message> count(Message message) {
    streams.increment();
    long last = number(COUNT, message);
    if (last < 0 || last > MOST_ITEMS) {
      throw new CallException(
          StatusCode.OUT_OF_RANGE, COUNT + " counts to 0 to " + MOST_ITEMS + ", not to " + last);
    }
    return new IteratorPublisher<>(
        () -> LongStream.rangeClosed(1, last).mapToObj(BuiltInService::text).iterator(),
        Runnable::run);
  }

  private Flow.Publisher<Message> sum(Flow.Publisher<Message> values) {
    channels.increment();
    return new MappedPublisher<>(values, RunningSum::new);
  }

  private Message info() {
    requests.increment();
    Info info =
        new Info(
            messenger.service(),
            messenger.instance(),
            messenger.endpoints(),
            Runtime.version().toString(),
            Duration.between(started, Instant.now()).toSeconds(),
            messenger.peers().size(),
            requests.sum(),
            sends.sum(),
            streams.sum(),
            channels.sum(),
            published.sum());
    return Message.of(ContentTypes.JSON, json.encode(info));
  }

  private static Message text(long number) {
    return Message.ofText(Long.toString(number));
  }

  private static long number(String topic, Message message) {
    try {
      return Long.parseLong(message.text().strip());
    } catch (NumberFormatException e) {
      throw new CallException(
          StatusCode.INVALID_ARGUMENT,
          topic
              + " takes whole numbers, and got a body of "
              + message.size()
              + " bytes that is none");
    }
  }

  private static final class RunningSum implements Function<Message, Message> {

    private long sum;

    @Override
    public Message apply(Message message) {
      try {
        sum = Math.addExact(sum, number(SUM, message));
      } catch (ArithmeticException e) {
        throw new CallException(
            StatusCode.OUT_OF_RANGE, SUM + " adds up to no more than " + Long.MAX_VALUE);
      }
      return text(sum);
    }
  }

  /** The reply of {@link #INFO}; the counters are those since the start. */
  record Info(
      String service,
      String instance,
      List<String> endpoints,
      String java,
      long uptimeSeconds,
      int peers,
      long requests,
      long sends,
      long streams,
      long channels,
      long published) {}
}
