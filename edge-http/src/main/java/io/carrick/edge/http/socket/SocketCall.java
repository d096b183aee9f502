package io.carrick.edge.http.socket;

import io.carrick.CallCancelledException;
import io.carrick.CallException;
import io.carrick.Delivered;
import io.carrick.Headers;
import io.carrick.Message;
import io.carrick.MessagingException;
import io.carrick.OverloadedException;
import io.carrick.Principal;
import io.carrick.StatusCode;
import io.carrick.edge.http.JsonText;
import io.carrick.edge.http.MessageJson;
import io.carrick.edge.http.OpenCall;
import io.carrick.edge.http.socket.ClientMessage.Kind;
import io.carrick.netty.Loops;
import io.carrick.spi.Calls;
import io.carrick.transport.support.edge.EdgeFailure;
import io.carrick.transport.support.edge.EdgeResponse;
import io.carrick.transport.support.edge.ItemWriter;
import io.carrick.transport.support.edge.Pipe;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One call of a socket, from its open to its end. Touched only on the loop, but for what its
 * interfaces say.
 */
final class SocketCall implements OpenCall, EdgeResponse, Pipe.Source {

  /** What a request, a send or a publish may last that names no time. */
  private static final Duration DEFAULT_DEADLINE = Duration.ofSeconds(30);

  /** Values of a channel that may be on their way. */
  static final int MOST_VALUES = 32;

  /** Values that a node keeps ahead of a slow handler, so that they count as held. */
  private static final int MOST_AHEAD = 8;

  /** What may wait for the loop. */
  private static final int MOST_QUEUED_BYTES = 32 * 1024;

  private final JsonSocket socket;
  private final SocketWriter out;
  private final long number;
  private final Kind kind;
  private final AtomicInteger queued = new AtomicInteger();
  private volatile long credit;
  private boolean over;
  private int held;
  private @Nullable CompletableFuture<?> running;
  private @Nullable ItemWriter writer;
  private @Nullable Future<?> deadline;

  // Of a channel.
  private final Pipe<Message> values = new Pipe<>(this);
  private String contentType = "";
  private long wanted;
  private long granted;
  private long received;
  private final ArrayDeque<Integer> ahead = new ArrayDeque<>(MOST_VALUES + MOST_AHEAD); // Sizes.
  private boolean complete;

  SocketCall(JsonSocket socket, ClientMessage opening) {
    this.socket = socket;
    this.out = socket.writer();
    this.number = opening.call();
    this.kind = Objects.requireNonNull(opening.kind());
    this.credit = Math.max(0, opening.items());
  }

  long number() {
    return number;
  }

  /** Whether it ends by itself, as a subscription does not. */
  boolean endsByItself() {
    return kind != Kind.SUBSCRIBE;
  }

  void start(ClientMessage opening) {
    try {
      Message message = message(opening, opening.topic());
      if (kind == Kind.CHANNEL && message.size() > 0) {
        throw new IllegalArgumentException(
            "a channel is opened without a payload: send the first value as an item");
      }
      held = message.size();
      MessagingException tooMuch = socket.held().take(held);
      if (tooMuch != null) {
        refuse(tooMuch);
      } else {
        run(opening, message);
      }
    } catch (IllegalArgumentException e) {
      refuse(EdgeFailure.malformed(e));
    } catch (MessagingException e) {
      refuse(e);
    }
  }

  private Message message(ClientMessage from, String topic) {
    if (from.contentType() != null) {
      contentType = from.contentType();
    }
    byte[] payload = from.payload() == null ? new byte[0] : from.payload();
    if (payload.length > socket.edge().maxMessageBytes()) {
      throw OverloadedException.tooLarge(
          Delivered.NO,
          "this message has "
              + payload.length
              + " bytes, and the service takes "
              + socket.edge().maxMessageBytes()
              + ": raise its maxMessageBytes, or send less");
    }
    return Message.wrap(topic, Headers.of(from.headers()), contentType, payload);
  }

  private void run(ClientMessage opening, Message message) {
    Calls calls = socket.calls().accepting(opening.accept());
    long millis = opening.timeoutMillis();
    Duration left =
        millis > 0 ? Duration.ofMillis(millis) : kind.isUnary() ? DEFAULT_DEADLINE : null;
    if (left != null) {
      calls = calls.within(left);
    }
    Principal principal = socket.caller().principal();
    switch (kind) {
      case REQUEST -> unary(calls.request(principal, message));
      case SEND -> unary(calls.send(principal, message).thenApply(sent -> Message.empty()));
      case PUBLISH -> unary(calls.publish(principal, message).thenApply(sent -> Message.empty()));
      case STREAM -> calls.stream(principal, message).subscribe(items(left));
      case CHANNEL -> calls.channel(principal, message, values).subscribe(items(left));
      case SUBSCRIBE -> {
        CompletableFuture<Flow.Publisher<Message>> permission =
            calls.subscribe(principal, message).toCompletableFuture();
        running = permission;
        var unused = permission.whenComplete(items(left)::subscribed);
      }
    }
  }

  private void unary(CompletionStage<Message> stage) {
    CompletableFuture<Message> answer = stage.toCompletableFuture();
    running = answer;
    var unused = answer.whenComplete((reply, failure) -> out.run(() -> reply(reply, failure)));
  }

  private void reply(@Nullable Message reply, @Nullable Throwable failure) {
    running = null;
    if (over) {
      return;
    }
    if (reply == null) {
      refuse(Objects.requireNonNull(failure, "why there is no reply"));
    } else if (kind != Kind.REQUEST) {
      last();
    } else if (out.offer(
        SocketWriter.bytes(MessageJson.put(begin("item").putJson("last", "true"), reply)))) {
      close();
    } else {
      refuse(JsonSocket.unread());
    }
  }

  private JsonText begin(String type) {
    return new JsonText().put("t", type).put("x", number);
  }

  private void last() {
    if (!over) {
      out.answer(begin("end"));
      close();
    }
  }

  private void tell(EdgeFailure failure) {
    if (!over) {
      out.answer(MessageJson.put(begin("error"), "message", failure));
      close();
    }
  }

  /** Ends it by a failure, which its client is told. */
  void refuse(Throwable failure) {
    tell(EdgeFailure.of(failure));
  }

  private ItemWriter items(@Nullable Duration left) {
    ItemWriter begun = new ItemWriter(this, socket.edge().unread(), values::isWanted);
    writer = begun;
    if (left != null) {
      deadline = Loops.later(socket.loop(), left, () -> out.run(() -> refuse(tooLate())));
    }
    return begun;
  }

  private static MessagingException tooLate() {
    return new CallException(
        StatusCode.DEADLINE_EXCEEDED,
        Delivered.MAYBE,
        "the call had not ended by its deadline: allow more time, or none",
        Map.of(),
        null);
  }

  /** The client says more of it. */
  void take(ClientMessage message) {
    switch (message.type()) {
      case CREDIT -> {
        if (message.items() > credit) {
          credit = message.items();
          ready();
        }
      }
      case ITEM -> value(message);
      case END -> {
        requireOpen();
        complete = true;
        values.end(null);
        Objects.requireNonNull(writer).release();
      }
      case CANCEL -> close();
      case HELLO, OPEN, PING -> throw new IllegalStateException("about no call");
    }
  }

  private void requireOpen() {
    if (kind != Kind.CHANNEL || complete) {
      throw new Violation(
          Violation.PROTOCOL, "call " + number + " takes no values, or no more of them");
    }
  }

  private void value(ClientMessage message) {
    requireOpen();
    if (received == granted) {
      throw new Violation(
          Violation.PROTOCOL, "call " + number + " may send " + granted + " values by now");
    }
    received++;
    try {
      Message value = message(message, "");
      ahead.add(value.size());
      held += value.size();
      MessagingException tooMuch = socket.held().take(value.size());
      taken();
      if (tooMuch != null) {
        refuse(tooMuch);
        return;
      }
      values.item(value);
      grant();
    } catch (IllegalArgumentException e) {
      refuse(EdgeFailure.malformed(e));
    } catch (MessagingException e) {
      refuse(e);
    }
  }

  /** The handler takes so many values more. Any thread. */
  @Override
  public void request(long n) {
    out.run(
        () -> {
          wanted = wanted + n < 0 ? Long.MAX_VALUE : wanted + n;
          taken();
          grant();
        });
  }

  /** The handler has what stands so far behind what it asks for. */
  private void taken() {
    while (!over && !ahead.isEmpty() && received - ahead.size() + 1 + MOST_AHEAD <= wanted) {
      int bytes = ahead.remove();
      held -= bytes;
      socket.held().release(bytes);
    }
  }

  private void grant() {
    long now = Math.min(ClientMessage.MOST, Math.min(wanted, received + MOST_VALUES));
    if (!over
        && !complete
        && (now - granted >= MOST_VALUES / 2 || (granted == received && now > granted))) {
      granted = now;
      out.answer(begin("credit").put("items", granted));
    }
  }

  /** The handler takes no more values. Any thread. */
  @Override
  public void cancel() {
    out.run(
        () -> {
          if (!over && !complete) {
            out.answer(begin("credit").putJson("stopSending", "true"));
          }
          if (writer != null) {
            writer.release();
          }
        });
  }

  /** The socket may take more. */
  void ready() {
    if (writer != null) {
      writer.ready();
    }
  }

  private record Encoded(SocketCall call, byte[] message) implements Item {

    @Override
    public int bytes() {
      return message.length;
    }

    @Override
    public void send() {
      call.queued.addAndGet(message.length);
      call.out.run(() -> call.write(message));
    }
  }

  private void write(byte[] message) {
    queued.addAndGet(-message.length);
    if (over) {
      return;
    }
    if (out.offer(message)) {
      ready();
    } else {
      refuse(JsonSocket.unread());
    }
  }

  @Override
  public boolean isReady() {
    return queued.get() < MOST_QUEUED_BYTES && out.isWritable();
  }

  @Override
  public long allowed() {
    return credit;
  }

  @Override
  public Item item(Message message) {
    return new Encoded(this, SocketWriter.bytes(MessageJson.put(begin("item"), message)));
  }

  @Override
  public void accepted() {
    if (kind == Kind.SUBSCRIBE) {
      out.run(
          () -> {
            if (!over) {
              out.answer(begin("accepted"));
            }
          });
    }
  }

  @Override
  public void end() {
    out.run(this::last);
  }

  @Override
  public void end(EdgeFailure failure) {
    out.run(() -> tell(failure));
  }

  @Override
  public CompletableFuture<Void> end(MessagingException reason) {
    CompletableFuture<Void> told = new CompletableFuture<>();
    Loops.execute(
        socket.loop(),
        () -> {
          try {
            refuse(reason);
          } finally { // Its flush was given to the loop before this.
            Loops.execute(socket.loop(), () -> told.complete(null));
          }
        });
    return told;
  }

  /** Nothing more is sent of it: gives back what it holds, and ends what still runs. */
  void close() {
    if (over) {
      return;
    }
    over = true;
    socket.ended(this);
    socket.held().release(held);
    if (deadline != null) {
      deadline.cancel(false);
    }
    if (running != null) {
      running.cancel(true);
    }
    if (writer != null) {
      writer.cancel();
    }
    if (kind == Kind.CHANNEL) {
      values.end(
          new CallCancelledException(Delivered.MAYBE, "the caller of the channel went away"));
    }
  }
}
