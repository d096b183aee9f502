package io.carrick.edge.http;

import io.carrick.CallException;
import io.carrick.Delivered;
import io.carrick.Message;
import io.carrick.MessagingException;
import io.carrick.OverloadedException;
import io.carrick.Principal;
import io.carrick.SecurityLevel;
import io.carrick.StatusCode;
import io.carrick.netty.HttpPeer;
import io.carrick.netty.Loops;
import io.carrick.spi.Caller;
import io.carrick.spi.Calls;
import io.carrick.transport.support.edge.CallTerm;
import io.carrick.transport.support.edge.EdgeFailure;
import io.carrick.transport.support.edge.EdgeHeaders;
import io.carrick.transport.support.edge.ItemWriter;
import io.carrick.transport.support.edge.Patience;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** One request, from its head to the end of its response. Touched only on its loop. */
final class CallHandler extends ChannelInboundHandlerAdapter implements OpenCall {

  private static final String ALLOWED = "GET, POST, OPTIONS";

  private final HttpEdge edge;
  private final HttpPeer peer;
  private final EventLoop loop;
  private final HttpEdge.Connection connection;
  private final CallTerm term = new CallTerm();
  private @Nullable ResponseBody response;
  private Routed.@Nullable Taken call;
  private @Nullable ByteArrayOutputStream body;
  private int held;
  private boolean complete;
  private boolean over;
  private @Nullable Caller caller;
  private @Nullable Patience patience;
  private @Nullable CompletableFuture<?> running;
  private @Nullable ItemWriter writer;
  private @Nullable Runnable deadline;

  CallHandler(HttpEdge edge, HttpPeer peer) {
    this.edge = edge;
    this.peer = peer;
    this.loop = peer.door().loop();
    this.connection = edge.of(peer);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    try {
      if (message instanceof HttpRequest request) {
        begin(context, request);
      }
      if (message instanceof HttpContent content && !over) {
        take(content.content());
        if (content instanceof LastHttpContent && !over) {
          complete = true;
          Objects.requireNonNull(patience).end();
          runWhenReady();
        }
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private void begin(ChannelHandlerContext context, HttpRequest request) {
    HttpHeaders headers = request.headers();
    boolean tls = peer.info().security() != SecurityLevel.NONE;
    String origin = edge.origins().check(headers, tls);
    boolean headOnly = request.method().equals(HttpMethod.HEAD);
    ResponseBody begun =
        new ResponseBody(context, loop, origin == null ? "" : origin, headOnly, this::close);
    response = begun;
    if (origin == null) {
      answer(
          Problems.refusal(
              403,
              StatusCode.PERMISSION_DENIED,
              "pages of this origin may not call: add it to those that the service allows"));
    } else if (request.method().equals(HttpMethod.OPTIONS)) {
      answer(
          origin.isEmpty()
              ? Answer.empty(204).with(HttpHeaderNames.ALLOW, ALLOWED)
              : Origins.preflight(headers));
    } else {
      route(request);
    }
  }

  private void route(HttpRequest request) {
    try {
      Routed found = Routes.find(edge.service(), request);
      if (found instanceof Routed.Refused refused) {
        answer(refused.answer());
      } else if (found instanceof Routed.Taken taken) {
        begin(taken, request.headers());
      }
    } catch (IllegalArgumentException e) {
      answer(Problems.refusal(400, StatusCode.INVALID_ARGUMENT, String.valueOf(e.getMessage())));
    }
  }

  private void begin(Routed.Taken taken, HttpHeaders headers) {
    call = taken;
    body = new ByteArrayOutputStream();
    edge.opened(this, taken.kind() != Kind.SUBSCRIBE);
    patience = new Patience(this::later, this::fail);
    if (headers.contains(HttpHeaderNames.CONTENT_LENGTH)
        && Long.parseLong(headers.get(HttpHeaderNames.CONTENT_LENGTH)) > mostBytes()) {
      tooLarge();
      return;
    }
    CompletableFuture<Caller> asked = ask(headers);
    if (asked.isDone()) {
      admitted(asked);
    } else {
      var unused = asked.whenComplete((who, refused) -> later(() -> admitted(asked)));
    }
  }

  private CompletableFuture<Caller> ask(HttpHeaders headers) {
    try {
      String token = EdgeHeaders.bearer(headers.getAll(HttpHeaderNames.AUTHORIZATION));
      return connection.calls().caller(peer.info(), token).toCompletableFuture();
    } catch (MessagingException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private void admitted(CompletableFuture<Caller> asked) {
    if (over) {
      return;
    }
    try {
      Caller known = asked.join();
      if (known.expires() != null && !known.expires().isAfter(Instant.now())) {
        throw CallTerm.over();
      }
      peer.door().admit();
      caller = known;
      runWhenReady();
    } catch (CompletionException | CancellationException | MessagingException e) {
      fail(e);
    }
  }

  private long mostBytes() {
    return Objects.requireNonNull(call).dialect().mostBodyBytes(edge.maxMessageBytes());
  }

  private void take(ByteBuf more) {
    int bytes = more.readableBytes();
    ByteArrayOutputStream into = body;
    if (bytes == 0 || into == null) {
      return;
    }
    if (held + (long) bytes > mostBytes()) {
      tooLarge();
      return;
    }
    held += bytes;
    MessagingException tooMuch = connection.held().take(bytes);
    if (tooMuch != null) {
      fail(tooMuch);
      return;
    }
    try {
      more.readBytes(into, bytes);
    } catch (IOException e) {
      throw new IllegalStateException(e); // It writes to memory.
    }
  }

  private void tooLarge() {
    EdgeFailure failure =
        EdgeFailure.of(
            OverloadedException.tooLarge(
                Delivered.NO,
                "the body of this request has more than the "
                    + mostBytes()
                    + " bytes that the service takes: raise its maxMessageBytes, or send less"));
    Answer answer = Objects.requireNonNull(call).dialect().failure(failure);
    answer(answer.status() == 429 ? new Answer(413, answer.headers(), answer.body()) : answer);
  }

  private void runWhenReady() {
    Routed.Taken what = call;
    Caller who = caller;
    ByteArrayOutputStream came = body;
    if (over || !complete || what == null || who == null || came == null) {
      return;
    }
    body = null;
    try {
      run(what, who, what.dialect().message(came.toByteArray()));
    } catch (IllegalArgumentException e) {
      fail(EdgeFailure.malformed(e));
    } catch (MessagingException e) {
      fail(e);
    }
  }

  private void run(Routed.Taken what, Caller who, Message message) {
    Calls calls = connection.calls().accepting(what.accept());
    if (what.deadline() != null) {
      calls = calls.within(what.deadline());
    }
    Principal principal = who.principal();
    switch (what.kind()) {
      case REQUEST -> unary(calls.request(principal, message));
      case SEND -> unary(calls.send(principal, message).thenApply(sent -> Message.empty()));
      case PUBLISH -> unary(calls.publish(principal, message).thenApply(sent -> Message.empty()));
      case STREAM -> calls.stream(principal, message).subscribe(items(what));
      case SUBSCRIBE -> calls.subscribe(principal, message).whenComplete(items(what)::subscribed);
    }
    if (!over) {
      term.begin(this::later, who.expires(), this::fail);
    }
  }

  private void unary(CompletionStage<Message> stage) {
    CompletableFuture<Message> answer = stage.toCompletableFuture();
    running = answer;
    var unused = answer.whenComplete((reply, failure) -> later(() -> reply(reply, failure)));
  }

  private void reply(@Nullable Message reply, @Nullable Throwable failure) {
    running = null;
    if (over) {
      return;
    }
    if (reply == null) {
      fail(Objects.requireNonNull(failure, "why there is no reply"));
      return;
    }
    try {
      answer(Objects.requireNonNull(call).dialect().reply(reply));
    } catch (IllegalArgumentException e) { // Its content type is no header.
      fail(e);
    }
  }

  /** Runs a step on the loop; where it fails, the request ends with its connection. */
  private void later(Runnable step) {
    Loops.execute(
        loop,
        () -> {
          try {
            step.run();
          } catch (RuntimeException | Error e) {
            Objects.requireNonNull(response).broken(e);
          }
        });
  }

  private ItemWriter items(Routed.Taken what) {
    ResponseBody out = Objects.requireNonNull(response);
    ItemWriter begun = new ItemWriter(out, edge.unread(), () -> false);
    writer = begun;
    out.begin(what.dialect(), begun::ready);
    Duration left = what.deadline();
    if (left != null) {
      deadline = later(left, () -> fail(tooLate()));
    }
    return begun;
  }

  private static MessagingException tooLate() {
    return new CallException(
        StatusCode.DEADLINE_EXCEEDED,
        Delivered.MAYBE,
        "the stream had not ended by its deadline: allow more time, or none",
        Map.of(),
        null);
  }

  private Runnable later(Duration delay, Runnable task) {
    Future<?> timer = Loops.later(loop, delay, task);
    return () -> timer.cancel(false);
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    if (writer != null) {
      writer.ready();
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
            fail(reason);
          } finally { // What it writes was given to the loop before this.
            Loops.execute(loop, () -> Loops.execute(loop, () -> told.complete(null)));
          }
        });
    return told;
  }

  private void fail(Throwable failure) {
    if (over) {
      return;
    }
    if (writer != null) {
      writer.fail(failure);
    } else {
      answer(Objects.requireNonNull(call).dialect().failure(EdgeFailure.of(failure)));
    }
  }

  private void answer(Answer answer) {
    Objects.requireNonNull(response).whole(answer);
  }

  /** Nothing more is written: gives back what it holds, and ends what still runs. */
  private void close() {
    if (over) {
      return;
    }
    over = true;
    body = null;
    term.end();
    if (patience != null) {
      patience.end();
    }
    if (deadline != null) {
      deadline.run();
    }
    if (call != null) {
      edge.closed(this, call.kind() != Kind.SUBSCRIBE);
    }
    connection.held().release(held);
    CompletableFuture<?> unanswered = running;
    if (unanswered != null) {
      unanswered.cancel(true);
    }
    if (writer != null) {
      writer.cancel();
    }
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    gone();
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    gone();
    context.fireChannelInactive();
  }

  /** What cannot be answered any more ends with its connection. */
  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    gone();
    context.fireExceptionCaught(cause);
  }

  private void gone() {
    close();
    if (response != null) {
      response.close();
    }
  }
}
