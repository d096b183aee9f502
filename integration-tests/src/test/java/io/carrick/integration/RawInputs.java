package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.carrick.Call;
import io.carrick.CallOptions;
import io.carrick.CodecException;
import io.carrick.ConnectException;
import io.carrick.DeadlineExceededException;
import io.carrick.Delivered;
import io.carrick.MessagingException;
import io.carrick.Messenger;
import io.carrick.Remote;
import io.carrick.StatusCode;
import io.carrick.testkit.Await;
import io.carrick.wire.v1.Ack;
import io.carrick.wire.v1.Error;
import io.carrick.wire.v1.Frame;
import io.carrick.wire.v1.Item;
import io.carrick.wire.v1.Kind;
import io.carrick.wire.v1.Open;
import io.carrick.wire.v1.Reject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * What peers do wrong at the level of bytes, as clients of a real listener and as servers of a real
 * client. A case leaves nothing behind and may be repeated.
 */
final class RawInputs implements AutoCloseable {

  private static final CallOptions SOON = CallOptions.DEFAULT.withDeadline(Duration.ofMillis(100));
  private static final String HTTP = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

  private final Path directory;
  private final String endpoint;
  private final Messenger server;
  private final Messenger client;
  private final SplittableRandom random = new SplittableRandom(1);
  private final AtomicInteger listeners = new AtomicInteger();
  private volatile CompletableFuture<Call> cancelled = new CompletableFuture<>();
  private volatile CompletableFuture<Call> begun = new CompletableFuture<>();

  RawInputs(Path directory) {
    this.directory = directory;
    this.endpoint = "unix:" + directory.resolve("raw");
    this.server = Messenger.builder("server").listen(endpoint).build();
    this.client = Messenger.builder("client").connectTimeout(Duration.ofSeconds(2)).build();
    server.handle("test/echo", String.class, text -> text);
    server.handleAsync(
        "test/never",
        byte[].class,
        (bytes, call) -> {
          call.onCancel(() -> cancelled.complete(call));
          begun.complete(call);
          return new CompletableFuture<String>();
        });
  }

  @Override
  public void close() {
    client.close();
    server.close();
  }

  Map<String, BadInputs.Case> cases() {
    Map<String, BadInputs.Case> cases = new LinkedHashMap<>();
    cases.put("an HTTP request", () -> refused(peer -> peer.send(HTTP)));
    cases.put("random bytes", () -> refused(peer -> peer.send(randomBytes())));
    cases.put("a HELLO of another version", this::otherVersion);
    cases.put("a frame before the HELLO", () -> refused(peer -> peer.send(ack(0))));
    cases.put("a frame too large", () -> broken(peer -> peer.send(new byte[] {10, -1, -1, 127})));
    cases.put("a malformed frame", () -> broken(peer -> peer.send(new byte[] {10, 3, 18, 5, 1})));
    cases.put("a truncated frame", this::truncated);
    cases.put("a gap in the sequence", () -> broken(peer -> peer.send(open(7))));
    cases.put("an ack of what was never sent", () -> broken(peer -> peer.send(ack(99))));
    cases.put("an item of an exchange never opened", () -> broken(peer -> peer.send(item())));
    cases.put("a client that disappears in the middle", this::disappears);
    cases.put("a server that speaks HTTP", () -> foreignServer("HTTP/1.1 400 Bad Request\r\n\r\n"));
    cases.put("a server of random bytes", () -> foreignServer("\u0003\u0000\u0000junk"));
    cases.put("a server that closes at once", this::closingServer);
    cases.put("a server of another version", this::otherServer);
    cases.put("a server that refuses", this::refusingServer);
    cases.put("a server that shares no codec", this::noSharedCodec);
    cases.put("a server that breaks the protocol", this::brokenServer);
    cases.put("a server that vanishes in a call", this::vanishingServer);
    cases.put("a server that takes no more calls", this::fullServer);
    cases.put("a server that fails with a code from the future", this::futureCode);
    return cases;
  }

  // Clients of the real listener.

  private void refused(Consumer<RawPeer> fault) {
    try (RawPeer peer = RawPeer.connect(endpoint)) {
      fault.accept(peer);
      peer.awaitClose();
    }
    serves();
  }

  private void broken(Consumer<RawPeer> fault) {
    try (RawPeer peer = RawPeer.client(endpoint)) {
      begin(peer);
      fault.accept(peer);
      peer.awaitClose();
      assertThat(Await.result(cancelled).isCancelled()).isTrue();
    }
    serves();
  }

  private void begin(RawPeer peer) {
    cancelled = new CompletableFuture<>();
    begun = new CompletableFuture<>();
    peer.send(open(1));
    Await.result(begun);
  }

  private void otherVersion() {
    try (RawPeer peer = RawPeer.connect(endpoint)) {
      peer.send(
          Frame.newBuilder().setHello(RawPeer.hello().setMinVersion(2).setMaxVersion(3)).build());
      Reject reject = peer.next().getReject();
      assertThat(reject.getCode()).isEqualTo(StatusCode.FAILED_PRECONDITION.number());
      assertThat(reject.getMessage()).contains("2 to 3", "speaks 1", "upgrade");
      peer.awaitClose();
    }
    serves();
  }

  private void truncated() {
    try (RawPeer peer = RawPeer.client(endpoint)) {
      begin(peer);
      peer.send(new byte[] {10, 100, 1, 2, 3});
    }
    assertThat(Await.result(cancelled).isCancelled()).isTrue();
    serves();
  }

  private void disappears() {
    try (RawPeer peer = RawPeer.client(endpoint)) {
      begin(peer);
    }
    assertThat(Await.result(cancelled).isCancelled()).isTrue();
    serves();
  }

  /** Others are served as if nothing had happened. */
  private void serves() {
    try (RawPeer peer = RawPeer.client(endpoint)) {
      peer.send(
          Frame.newBuilder()
              .setSeq(1)
              .setOpen(
                  Open.newBuilder()
                      .setExchange(1)
                      .setKind(Kind.REQUEST)
                      .setTopic("test/echo")
                      .setContentType("text/plain")
                      .setPayload(ByteString.copyFromUtf8("hello")))
              .build());
      assertThat(peer.next().getItem().getPayload().toStringUtf8()).isEqualTo("hello");
    }
  }

  private byte[] randomBytes() {
    byte[] bytes = new byte[1 + random.nextInt(300)];
    random.nextBytes(bytes);
    bytes[0] = (byte) (bytes[0] | 0x80); // Never the first byte of a frame.
    return bytes;
  }

  private static Frame open(long seq) {
    return Frame.newBuilder()
        .setSeq(seq)
        .setOpen(
            Open.newBuilder()
                .setExchange(2 * seq - 1)
                .setKind(Kind.REQUEST)
                .setTopic("test/never")
                .setContentType("application/octet-stream"))
        .build();
  }

  private static Frame ack(long cum) {
    return Frame.newBuilder().setAck(Ack.newBuilder().setCum(cum)).build();
  }

  private static Frame item() {
    return Frame.newBuilder()
        .setSeq(2)
        .setItem(Item.newBuilder().setExchange(77).setPresent(true).setLast(true))
        .build();
  }

  // Servers of the real client.

  private interface Calling {
    void call(Remote remote, String endpoint) throws Exception;
  }

  private void with(Consumer<RawPeer> script, Calling calling) throws Exception {
    Path path = directory.resolve("r" + listeners.incrementAndGet());
    String uri = "unix:" + path;
    // The listener goes first: it answers no good-bye.
    try (Remote remote = client.connect(uri);
        RawListener listener = new RawListener(path, script)) {
      calling.call(remote, uri);
    }
  }

  private void foreignServer(String says) throws Exception {
    with(
        peer -> peer.send(says),
        (remote, uri) -> {
          ConnectException failure = Failures.in(remote.connect(), ConnectException.class);
          assertThat(failure.delivered()).isEqualTo(Delivered.NO);
          assertThat(failure.getMessage()).contains(uri, "does not speak Carrick");
        });
  }

  private void closingServer() throws Exception {
    with(
        RawPeer::close,
        (remote, uri) -> {
          ConnectException failure = Failures.in(remote.connect(), ConnectException.class);
          Failures.check(failure, StatusCode.UNAVAILABLE, Delivered.NO, uri, "handshake");
        });
  }

  private void otherServer() throws Exception {
    with(
        peer -> {
          peer.next();
          peer.send(Frame.newBuilder().setWelcome(RawPeer.welcome().setVersion(9)).build());
        },
        (remote, uri) ->
            Failures.check(
                Failures.in(remote.connect(), ConnectException.class),
                StatusCode.FAILED_PRECONDITION,
                Delivered.NO,
                "version 9",
                "speaks 1"));
  }

  private void refusingServer() throws Exception {
    with(
        peer -> {
          peer.next();
          peer.send(
              Frame.newBuilder()
                  .setReject(Reject.newBuilder().setCode(9).setMessage("speak version 4 or later"))
                  .build());
        },
        (remote, uri) -> {
          ConnectException failure = Failures.in(remote.connect(), ConnectException.class);
          Failures.check(
              failure,
              StatusCode.FAILED_PRECONDITION,
              Delivered.NO,
              uri,
              "speak version 4 or later");
          assertThat(failure.retrySafe()).isFalse();
        });
  }

  private void noSharedCodec() throws Exception {
    with(
        RawInputs::welcome,
        (remote, uri) -> {
          Throwable failure =
              org.assertj.core.api.Assertions.catchThrowable(
                  () ->
                      remote
                          .request("test/order", new Semantics.Order("A", 1), String.class)
                          .join());
          Throwable cause = failure.getCause() == null ? failure : failure.getCause();
          assertThat(cause).isInstanceOf(CodecException.class);
          Failures.check(
              (CodecException) cause,
              StatusCode.FAILED_PRECONDITION,
              Delivered.NO,
              "Order",
              "application/octet-stream",
              "application/json");
        });
  }

  private static void welcome(RawPeer peer) {
    peer.next();
    peer.send(Frame.newBuilder().setWelcome(RawPeer.welcome()).build());
  }

  private void brokenServer() throws Exception {
    with(
        peer -> {
          welcome(peer);
          peer.next();
          peer.send(item());
        },
        (remote, uri) -> {
          MessagingException failure =
              Failures.in(remote.request("test/echo", "x", String.class), MessagingException.class);
          assertThat(failure.delivered()).isEqualTo(Delivered.MAYBE);
          assertThat(failure.retrySafe()).isFalse();
          assertThat(failure.getMessage()).contains("a gap");
        });
  }

  private void vanishingServer() throws Exception {
    with(
        peer -> {
          welcome(peer);
          peer.next();
          peer.close();
        },
        (remote, uri) -> {
          MessagingException failure =
              Failures.in(remote.request("test/echo", "x", String.class), MessagingException.class);
          Failures.check(failure, StatusCode.UNAVAILABLE, Delivered.MAYBE);
          assertThat(failure.retrySafe()).isFalse();
        });
  }

  private void fullServer() throws Exception {
    with(
        RawInputs::welcome,
        (remote, uri) -> {
          Await.result(remote.connect());
          List<CompletableFuture<String>> calls = new ArrayList<>();
          for (int i = 0; i < 70; i++) {
            calls.add(remote.with(SOON).request("test/echo", "x" + i, String.class));
          }
          for (int i = 0; i < 70; i++) {
            DeadlineExceededException failure =
                Failures.in(calls.get(i), DeadlineExceededException.class);
            assertThat(failure.delivered())
                .as("call %d: the peer allows 64", i)
                .isEqualTo(i < 64 ? Delivered.MAYBE : Delivered.NO);
            assertThat(failure.retrySafe()).isEqualTo(i >= 64);
          }
        });
  }

  private void futureCode() throws Exception {
    with(
        peer -> {
          welcome(peer);
          long exchange = peer.next().getOpen().getExchange();
          peer.send(
              Frame.newBuilder()
                  .setSeq(1)
                  .setError(Error.newBuilder().setExchange(exchange).setCode(99).setMessage("new"))
                  .build());
        },
        (remote, uri) ->
            Failures.in(
                remote.request("test/echo", "x", String.class),
                StatusCode.UNKNOWN,
                Delivered.YES,
                "new"));
  }
}
