package io.carrick.edge.http.socket;

import io.carrick.CallException;
import io.carrick.Delivered;
import io.carrick.MessagingException;
import io.carrick.StatusCode;
import io.carrick.edge.http.HttpEdge;
import io.carrick.edge.http.JsonText;
import io.carrick.edge.http.MessageJson;
import io.carrick.edge.http.OpenCall;
import io.carrick.netty.HttpPeer;
import io.carrick.netty.Loops;
import io.carrick.spi.Caller;
import io.carrick.spi.Calls;
import io.carrick.transport.support.Allowance;
import io.carrick.transport.support.edge.CallTerm;
import io.carrick.transport.support.edge.EdgeFailure;
import io.carrick.transport.support.edge.HeldBytes;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.util.ReferenceCountUtil;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One socket: gathers the messages that come, says who calls, and has its calls. Touched only on
 * its loop, but for what says otherwise.
 */
final class JsonSocket extends ChannelInboundHandlerAdapter implements OpenCall {

  private static final System.Logger LOG = System.getLogger(JsonSocket.class.getName());

  /** Calls that are open at a time, subscriptions among them. */
  static final int MOST_CALLS = 256;

  /** Pings, pongs and those of the protocol within {@link #CONTROL_WINDOW_SECONDS}. */
  static final int MOST_CONTROLS = 100;

  static final int CONTROL_WINDOW_SECONDS = 10;

  /** What hello may take from the handshake on. */
  static final int HELLO_SECONDS = 10;

  /** Who says nothing for so long is asked, and closed after {@link #SILENT_SECONDS}. */
  static final int ASK_SECONDS = 20;

  static final int SILENT_SECONDS = 60;

  /** Of what waits for its reader some has to leave in so long. */
  static final int UNREAD_SECONDS = 30;

  private static final int WATCH_SECONDS = 10;
  private static final int CLOSE_SECONDS = 1;
  private static final int BESIDE_BYTES = 16 * 1024;
  private static final int MOST_REASON_BYTES = 123; // RFC 6455, section 5.5.
  private static final int GOING_AWAY = 1001; // RFC 6455, section 7.4.1.

  private final HttpEdge edge;
  private final HttpPeer peer;
  private final EventLoop loop;
  private final Calls calls;
  private final HeldBytes.OfConnection held;
  private final Fragments fragments;
  private final Allowance controls = new Allowance(MOST_CONTROLS, CONTROL_WINDOW_SECONDS);
  private final CallTerm term = new CallTerm();
  private final Map<Long, SocketCall> open = new HashMap<>(); // At most MOST_CALLS.
  private @Nullable SocketWriter writer;
  private @Nullable Future<?> patience;
  private @Nullable Future<?> watch;
  private @Nullable CompletableFuture<Caller> asked;
  private @Nullable Caller caller;
  private long last;
  private long heardNanos = System.nanoTime();
  private long pingedNanos;
  private boolean pinged; // Since it was heard.
  private volatile boolean over;

  JsonSocket(HttpEdge edge, HttpPeer peer) {
    this.edge = edge;
    this.peer = peer;
    this.loop = peer.door().loop();
    this.calls = edge.calls().ofPeer();
    this.held = edge.held().ofConnection();
    this.fragments = new Fragments(held, mostBytes(edge));
  }

  /** A message of the socket, with the largest payload in Base64 and what stands beside it. */
  static int mostBytes(HttpEdge edge) {
    return (int)
        Math.min(Integer.MAX_VALUE - 8L, edge.maxMessageBytes() / 3 * 4L + 4 + BESIDE_BYTES);
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    writer = new SocketWriter(context, held);
    edge.opened(this, false);
    patience =
        Loops.later(loop, Duration.ofSeconds(HELLO_SECONDS), () -> writer().run(this::tooLate));
    watch =
        loop.scheduleAtFixedRate(
            () -> writer().run(this::watch), WATCH_SECONDS, WATCH_SECONDS, TimeUnit.SECONDS);
  }

  private void tooLate() {
    close(Violation.POLICY, "no hello came within " + HELLO_SECONDS + " s");
  }

  SocketWriter writer() {
    return Objects.requireNonNull(writer, "added");
  }

  HttpEdge edge() {
    return edge;
  }

  EventLoop loop() {
    return loop;
  }

  /** The calls of this socket, in the order of their own. */
  Calls calls() {
    return calls;
  }

  HeldBytes.OfConnection held() {
    return held;
  }

  Caller caller() {
    return Objects.requireNonNull(caller, "welcome");
  }

  /** Whether this side asks for more of what the client sends. */
  boolean isReading() {
    return peer.connection().config().isAutoRead() && !peer.door().isHolding();
  }

  /** Bytes came. */
  void heard() {
    heardNanos = System.nanoTime();
    pinged = false;
  }

  private void watch() {
    long now = System.nanoTime();
    if (writer().isUnread(UNREAD_SECONDS)) {
      cut("read nothing of what waits for it in " + UNREAD_SECONDS + " s");
    } else if (pinged) {
      if (now - pingedNanos > TimeUnit.SECONDS.toNanos(SILENT_SECONDS - ASK_SECONDS)
          && isReading()) {
        cut("said nothing for " + SILENT_SECONDS + " s, and was asked");
      }
    } else if (now - heardNanos > TimeUnit.SECONDS.toNanos(ASK_SECONDS)) {
      pinged = writer().control(new PingWebSocketFrame());
      pingedNanos = now;
    }
  }

  private void cut(String why) {
    LOG.log(System.Logger.Level.DEBUG, "{0} {1}; closed", peer.connection().remoteAddress(), why);
    peer.door().cut();
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    try {
      if (over) {
        if (message instanceof CloseWebSocketFrame) {
          context.close();
        }
      } else if (message instanceof WebSocketFrame frame) {
        take(frame);
      }
    } catch (Violation e) {
      close(e.closeCode(), String.valueOf(e.getMessage()));
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private void take(WebSocketFrame frame) {
    if (frame instanceof CloseWebSocketFrame close) {
      int code = close.statusCode();
      finish(code < 0 ? new CloseWebSocketFrame() : new CloseWebSocketFrame(code, ""), true);
    } else if (frame instanceof PingWebSocketFrame) {
      count();
      writer().control(new PongWebSocketFrame(frame.content().retain()));
    } else if (frame instanceof PongWebSocketFrame) {
      count();
    } else if (frame instanceof BinaryWebSocketFrame) {
      throw new Violation(
          Violation.UNSUPPORTED, "messages of " + JsonSockets.PROTOCOL + " are text");
    } else {
      gather(frame.content(), frame.isFinalFragment());
    }
  }

  private void count() {
    if (!controls.take()) {
      throw new Violation(
          Violation.POLICY,
          "more than "
              + MOST_CONTROLS
              + " pings and pongs came in "
              + CONTROL_WINDOW_SECONDS
              + " s");
    }
  }

  private void gather(ByteBuf fragment, boolean complete) {
    String message = fragments.add(fragment, complete);
    if (message != null) {
      handle(ClientMessage.read(message));
    }
  }

  /** So many bytes of a frame are here that is not complete. */
  void incomplete(int ofFrame) {
    if (!over) {
      try {
        fragments.hold(ofFrame);
      } catch (Violation e) {
        close(e.closeCode(), String.valueOf(e.getMessage()));
      }
    }
  }

  private void handle(ClientMessage message) {
    switch (message.type()) {
      case HELLO -> hello(message);
      case PING -> {
        count();
        writer().answer(new JsonText().put("t", "pong"));
      }
      case OPEN -> open(message);
      case ITEM, END, CREDIT, CANCEL -> {
        requireWelcome();
        SocketCall call = open.get(message.call());
        if (call != null) {
          call.take(message);
        } else if (message.call() > last) {
          throw new Violation(Violation.PROTOCOL, "call " + message.call() + " was never opened");
        }
      }
    }
  }

  private void requireWelcome() {
    if (caller == null) {
      throw new Violation(
          Violation.PROTOCOL, "hello comes first, and nothing else before its welcome");
    }
  }

  private void hello(ClientMessage message) {
    if (asked != null) {
      throw new Violation(Violation.PROTOCOL, "hello comes once");
    }
    CompletableFuture<Caller> answer;
    try {
      answer = calls.caller(peer.info(), message.token()).toCompletableFuture();
    } catch (MessagingException e) {
      answer = CompletableFuture.failedFuture(e);
    }
    asked = answer;
    CompletableFuture<Caller> known = answer;
    var unused = known.whenComplete((who, refused) -> writer().run(() -> admitted(known)));
  }

  private void admitted(CompletableFuture<Caller> answer) {
    if (over) {
      return;
    }
    Objects.requireNonNull(patience).cancel(false);
    try {
      Caller who = answer.join();
      if (who.expires() != null && !who.expires().isAfter(Instant.now())) {
        throw CallTerm.over();
      }
      peer.door().admit();
      caller = who;
      writer()
          .answer(
              new JsonText()
                  .put("t", "welcome")
                  .put("maxMessageBytes", edge.maxMessageBytes())
                  .put("calls", MOST_CALLS));
      term.begin(
          (delay, task) -> {
            Future<?> timer = Loops.later(loop, delay, task);
            return () -> timer.cancel(false);
          },
          who.expires(),
          why -> writer().run(() -> reject(why)));
    } catch (CompletionException | CancellationException | MessagingException e) {
      reject(e);
    }
  }

  /** Its caller may not call, or not any more. */
  private void reject(Throwable why) {
    if (!over) {
      EdgeFailure failure = EdgeFailure.of(why);
      failAll(why);
      writer().answer(MessageJson.put(new JsonText().put("t", "reject"), "message", failure));
      close(Violation.POLICY, failure.message());
    }
  }

  private void open(ClientMessage message) {
    requireWelcome();
    if (message.call() <= last) {
      throw new Violation(
          Violation.PROTOCOL,
          "calls have rising numbers: " + message.call() + " came after " + last);
    }
    last = message.call();
    SocketCall call = new SocketCall(this, message);
    if (edge.isClosed()) {
      call.refuse(
          EdgeFailure.refusal(
              StatusCode.UNAVAILABLE, "the service closes: call another instance of it"));
    } else if (open.size() == MOST_CALLS) {
      call.refuse(
          EdgeFailure.refusal(
              StatusCode.RESOURCE_EXHAUSTED,
              "a socket has "
                  + MOST_CALLS
                  + " open calls at most: end some, or open another socket"));
    } else {
      open.put(last, call);
      edge.opened(call, call.endsByItself());
      call.start(message);
    }
  }

  /** A call is over. */
  void ended(SocketCall call) {
    if (open.remove(call.number(), call)) {
      edge.closed(call, call.endsByItself());
    }
  }

  private void failAll(Throwable reason) {
    List.copyOf(open.values()).forEach(call -> call.refuse(reason));
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    boolean writable = context.channel().isWritable();
    if (!writable || !peer.door().isHolding()) {
      context.channel().config().setAutoRead(writable || over);
    }
    if (writable) {
      List.copyOf(open.values()).forEach(SocketCall::ready);
    }
    context.fireChannelWritabilityChanged();
  }

  @Override
  public CompletableFuture<Void> end(MessagingException reason) {
    CompletableFuture<Void> told = new CompletableFuture<>();
    Loops.execute(
        loop,
        () -> {
          try {
            failAll(reason);
            close(GOING_AWAY, "the service closed");
          } finally {
            told.complete(null);
          }
        });
    return told;
  }

  /** Closes it; the client is to close it, too. */
  void close(int code, String reason) {
    finish(new CloseWebSocketFrame(code, EdgeFailure.shortened(reason, MOST_REASON_BYTES)), false);
  }

  private void finish(CloseWebSocketFrame last, boolean both) {
    if (over) {
      last.release();
      return;
    }
    gone();
    peer.connection().config().setAutoRead(true); // For the close of the client.
    writer().last(last, both, Duration.ofSeconds(CLOSE_SECONDS));
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    gone();
    context.fireChannelInactive();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    gone();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    if (cause instanceof CorruptedWebSocketFrameException broken) {
      close(broken.closeStatus().code(), String.valueOf(broken.getMessage()));
    } else {
      gone();
      context.fireExceptionCaught(cause);
    }
  }

  /** Nothing more is sent: gives back what it holds, and ends what runs. */
  private void gone() {
    if (over) {
      return;
    }
    over = true;
    fragments.end();
    term.end();
    if (patience != null) {
      patience.cancel(false);
    }
    if (watch != null) {
      watch.cancel(false);
    }
    if (asked != null) {
      asked.cancel(true);
    }
    List.copyOf(open.values()).forEach(call -> writer().run(call::close)); // Each by itself.
    writer().end();
    edge.closed(this, false);
  }

  /** What a client is told whose socket holds too much that it did not read. */
  static MessagingException unread() {
    return new CallException(
        StatusCode.RESOURCE_EXHAUSTED,
        Delivered.MAYBE,
        "too much waits to be read on this socket, or on all of its listener: read faster, or ask"
            + " for less at a time",
        Map.of(),
        null);
  }
}
