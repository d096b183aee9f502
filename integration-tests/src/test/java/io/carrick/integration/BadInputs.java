package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.carrick.Authorizer;
import io.carrick.Call;
import io.carrick.CallException;
import io.carrick.CallOptions;
import io.carrick.CodecException;
import io.carrick.ConnectException;
import io.carrick.ContentTypes;
import io.carrick.DeadlineExceededException;
import io.carrick.Delivered;
import io.carrick.EndpointException;
import io.carrick.HandlerOptions;
import io.carrick.Message;
import io.carrick.MessagingException;
import io.carrick.Messenger;
import io.carrick.NoPathException;
import io.carrick.OverloadedException;
import io.carrick.Remote;
import io.carrick.Requirements;
import io.carrick.SecurityLevel;
import io.carrick.StatusCode;
import io.carrick.testkit.Await;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * What people and programs do wrong with the nodes of one process, each with a check of what it
 * gets. A case leaves nothing behind and may be repeated.
 */
final class BadInputs implements AutoCloseable {

  /** One thing done wrong. */
  interface Case {
    void run() throws Exception;
  }

  private static final CallOptions SOON = CallOptions.DEFAULT.withDeadline(Duration.ofMillis(20));

  private final Path directory;
  private final String endpoint;
  private final Messenger server;
  private final Messenger client;
  private final Remote remote;
  private final CountingStream beside;
  private final Semantics.Gate gate = new Semantics.Gate();
  private volatile CompletableFuture<Call> served = new CompletableFuture<>();

  BadInputs(Path directory) {
    this.directory = directory;
    this.endpoint = "unix:" + directory.resolve("s");
    this.server =
        Messenger.builder("server")
            .listen(endpoint)
            .authorizer(Authorizer.nonBlocking((p, action, topic) -> !topic.startsWith("secret")))
            .build();
    this.client = Messenger.builder("client").maxMessageBytes(8 << 20).build();
    this.remote = client.connect(endpoint);
    serve();
    this.beside = new CountingStream(remote);
  }

  private void serve() {
    CountingStream.serve(server);
    server.handle("test/order", Semantics.Order.class, order -> order.id());
    server.handle("test/echo", String.class, text -> text);
    server.handle(
        "test/throw",
        String.class,
        text -> {
          throw new IllegalStateException("secret of the service");
        });
    server.handleAsync(
        "test/never",
        String.class,
        (text, call) -> {
          served.complete(call);
          return new CompletableFuture<String>();
        });
    server.handleStream("test/twice", String.class, text -> RudePublishers.endsTwice());
    server.handleStream("test/greedy", String.class, text -> RudePublishers.givesTooMany());
    server
        .with(HandlerOptions.nonBlocking())
        .handle(
            "test/blocking",
            String.class,
            (String text, Call call) -> {
              // No echo: a result that is there needs no waiting.
              CompletableFuture<String> never =
                  call.peer().request("client/never", text, String.class);
              try {
                return never.join();
              } finally {
                never.cancel(false);
              }
            });
    server.handle(
        "test/asks",
        String.class,
        (String text, Call call) -> call.peer().request("client/echo", text, String.class).join());
    server.handle(
        "test/closes",
        String.class,
        (String text, Call call) -> {
          call.peer().close();
          return text;
        });
    client.handle("client/echo", String.class, text -> text);
    client.handleAsync(
        "client/never",
        String.class,
        (text, call) -> {
          CompletableFuture<String> reply = new CompletableFuture<>();
          call.onCancel(() -> reply.complete(text));
          return reply;
        });
  }

  CountingStream beside() {
    return beside;
  }

  @Override
  public void close() {
    gate.open();
    beside.close();
    client.close();
    server.close();
  }

  /** All cases that are over in milliseconds, by what is done wrong. */
  Map<String, Case> quick() {
    Map<String, Case> cases = new LinkedHashMap<>();
    cases.put("an unknown scheme", this::unknownScheme);
    cases.put("a bad URI", this::badUri);
    cases.put("a path that is too long", this::longPath);
    cases.put("a bad topic or filter", this::badTopics);
    cases.put("an address in use", this::addressInUse);
    cases.put("a foreign file", this::foreignFile);
    cases.put("nobody listening", this::nobodyListening);
    cases.put("a need that no path meets", this::noPath);
    cases.put("another service than expected", this::otherService);
    cases.put("a codec that is not installed", this::unknownCodec);
    cases.put("a content type that the handler cannot take", this::wrongContentType);
    cases.put("a body that does not parse", this::badBody);
    cases.put("a value that no codec takes", this::badValue);
    cases.put("a message that is too large", this::tooLarge);
    cases.put("no handler", this::noHandler);
    cases.put("a handler that throws", this::throwingHandler);
    cases.put("a handler that answers twice", this::answersTwice);
    cases.put("a handler that gives more than was asked for", this::greedyHandler);
    cases.put("a handler that never answers", this::neverAnswers);
    cases.put("an unauthorized call", this::unauthorized);
    cases.put("an interrupted caller", this::interruptedCaller);
    cases.put("a blocking call inside a handler", this::blockingInHandler);
    cases.put("a blocking call inside a non-blocking handler", this::blockingInReader);
    cases.put("a blocking call inside a continuation", this::blockingInContinuation);
    cases.put("close twice", this::closeTwice);
    cases.put("close from a callback", this::closeFromCallback);
    cases.put("a call after close", this::callAfterClose);
    cases.put("a second handler for a topic", this::secondHandler);
    return cases;
  }

  private void unknownScheme() {
    EndpointException connect =
        thrown(EndpointException.class, () -> client.connect("pigeon://roof/1").connect().get());
    assertThat(connect.getMessage()).contains("pigeon", "unix");
    assertThat(connect.retrySafe()).isFalse();
    EndpointException listen =
        thrown(
            EndpointException.class,
            () -> Messenger.builder("other").listen("pigeon://roof/1").build());
    assertThat(listen.getMessage()).contains("pigeon", "unix");
    assertThat(listen.delivered()).isEqualTo(Delivered.NO);
  }

  private void badUri() {
    for (String bad :
        List.of("no uri", "/run/x.sock", "", "http://user:password@host/", "unix:x")) {
      EndpointException failure =
          thrown(EndpointException.class, () -> client.connect(bad).connect().get());
      Failures.check(failure, StatusCode.INVALID_ARGUMENT, Delivered.NO, "unix:/path");
      assertThat(failure.getMessage()).doesNotContain("password");
    }
  }

  private void longPath() {
    String path = "unix:/tmp/" + "x".repeat(120);
    EndpointException failure =
        thrown(EndpointException.class, () -> client.connect(path).connect().get());
    Failures.check(failure, StatusCode.INVALID_ARGUMENT, Delivered.NO, path, "125", "106");
  }

  private void badTopics() {
    for (String bad : List.of("", "/a", "a//b", "a b", "a/../b", "a/+", "x".repeat(256), "ü")) {
      assertThat(catchThrowable(() -> remote.request(bad, "x", String.class)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("topic \"");
      assertThat(catchThrowable(() -> remote.publish(bad, "x")))
          .isInstanceOf(IllegalArgumentException.class);
      assertThat(catchThrowable(() -> server.handle(bad, String.class, text -> text)))
          .isInstanceOf(IllegalArgumentException.class);
    }
    for (String bad : List.of("", "a/#/b", "a+/b", "#a")) {
      assertThat(catchThrowable(() -> remote.subscribe(bad, String.class, text -> {})))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("filter \"");
    }
  }

  private void addressInUse() {
    EndpointException failure =
        thrown(EndpointException.class, () -> Messenger.builder("thief").listen(endpoint).build());
    Failures.check(
        failure, StatusCode.ALREADY_EXISTS, Delivered.NO, endpoint, "in use", "choose another");
  }

  private void foreignFile() {
    EndpointException failure =
        thrown(
            EndpointException.class,
            () -> Messenger.builder("thief").listen("unix:" + directory).build());
    Failures.check(failure, StatusCode.ALREADY_EXISTS, Delivered.NO, directory.toString());
  }

  private void nobodyListening() {
    String nobody = "unix:" + directory.resolve("nobody");
    try (Remote absent = client.connect(nobody)) {
      ConnectException failure = Failures.in(absent.connect(), ConnectException.class);
      Failures.check(failure, StatusCode.UNAVAILABLE, Delivered.NO, nobody, "start the service");
      assertThat(failure.retrySafe()).isTrue();
      MessagingException call =
          Failures.in(
              absent.with(SOON).request("test/echo", "x", String.class), MessagingException.class);
      assertThat(call.delivered()).isEqualTo(Delivered.NO);
      assertThat(call.retrySafe()).isTrue();
      assertThat(call.getMessage()).contains(nobody);
    }
  }

  private void noPath() {
    Remote durable = remote.with(Requirements.NONE.durable());
    NoPathException failure =
        Failures.in(durable.request("test/echo", "x", String.class), NoPathException.class);
    Failures.check(failure, StatusCode.FAILED_PRECONDITION, Delivered.NO, endpoint, "durable");
    assertThat(failure.rejections()).hasSize(1);
    assertThat(failure.rejections().get(0).endpoint()).isEqualTo(endpoint);
    assertThat(failure.rejections().get(0).remedy()).isNotEmpty();
    Remote mutual = remote.with(Requirements.security(SecurityLevel.MUTUAL));
    assertThat(Await.result(mutual.request("test/echo", "x", String.class))).isEqualTo("x");
  }

  private void otherService() {
    try (Remote wrong = client.connectTo("bakery", endpoint)) {
      ConnectException failure = Failures.in(wrong.connect(), ConnectException.class);
      Failures.check(
          failure, StatusCode.FAILED_PRECONDITION, Delivered.NO, "bakery", "server", "correct");
      assertThat(failure.retrySafe()).isFalse();
    }
  }

  private void unknownCodec() {
    Remote odd = remote.with(CallOptions.DEFAULT.withContentType("application/x-none"));
    CodecException failure =
        thrown(
            CodecException.class,
            () -> odd.request("test/order", new Semantics.Order("A", 1), String.class).get());
    Failures.check(failure, StatusCode.FAILED_PRECONDITION, Delivered.NO, "application/x-none");
    assertThat(failure.retrySafe()).isFalse();
  }

  private void wrongContentType() {
    MessagingException failure =
        Failures.in(
            remote.request(
                "test/order", Message.of("application/x-none", new byte[] {1}), String.class),
            MessagingException.class);
    assertThat(failure.delivered()).isEqualTo(Delivered.NO);
    assertThat(failure.getMessage()).contains("application/x-none");
    assertThat(failure.code()).isIn(StatusCode.FAILED_PRECONDITION, StatusCode.INVALID_ARGUMENT);
  }

  private void badBody() {
    Failures.in(
        remote.request(
            "test/order", Message.of(ContentTypes.JSON, new byte[] {'{', '"'}), String.class),
        StatusCode.INVALID_ARGUMENT,
        Delivered.NO,
        "Order",
        "line 1");
  }

  private void badValue() {
    CodecException failure =
        thrown(
            CodecException.class,
            () ->
                remote
                    .with(CallOptions.DEFAULT.withContentType(ContentTypes.TEXT))
                    .request("test/echo", new Semantics.Order("A", 1), String.class)
                    .get());
    assertThat(failure.delivered()).isEqualTo(Delivered.NO);
    assertThat(failure.getMessage()).contains("text/plain", "Order");
  }

  private void tooLarge() {
    OverloadedException failure =
        thrown(
            OverloadedException.class,
            () -> remote.request("test/echo", new byte[(4 << 20) + 1], String.class).get());
    Failures.check(
        failure,
        StatusCode.RESOURCE_EXHAUSTED,
        Delivered.NO,
        "4194305",
        "4194304",
        "maxMessageBytes");
  }

  private void noHandler() {
    Failures.in(
        remote.request("no/such", "x", String.class),
        StatusCode.UNIMPLEMENTED,
        Delivered.NO,
        "no/such");
    Failures.in(remote.send("no/such", "x"), StatusCode.UNIMPLEMENTED, Delivered.NO, "no/such");
  }

  private void throwingHandler() {
    CallException failure =
        Failures.in(remote.request("test/throw", "x", String.class), CallException.class);
    Failures.check(failure, StatusCode.UNKNOWN, Delivered.YES, "test/throw", "log");
    assertThat(failure.getMessage()).doesNotContain("secret");
    assertThat(failure.retrySafe()).isFalse();
  }

  private void answersTwice() {
    Items<Long> items = Items.of(remote.stream("test/twice", "x", Long.class));
    assertThat(items.complete()).containsExactly(1L);
    assertThat(items.ends()).isEqualTo(1);
  }

  private void greedyHandler() {
    Items<Long> items = Items.asking(5);
    remote.stream("test/greedy", "x", Long.class).subscribe(items);
    MessagingException failure = items.failure(MessagingException.class);
    Failures.check(failure, StatusCode.INTERNAL, Delivered.YES, "test/greedy");
    assertThat(items.count()).isLessThanOrEqualTo(5);
  }

  private void neverAnswers() {
    served = new CompletableFuture<>();
    CompletableFuture<Call> now = served;
    DeadlineExceededException failure =
        Failures.in(
            remote.with(SOON).request("test/never", "x", String.class),
            DeadlineExceededException.class);
    Failures.check(failure, StatusCode.DEADLINE_EXCEEDED, Delivered.MAYBE, "test/never");
    assertThat(failure.retrySafe()).isFalse();
    Await.until("the handler's call is cancelled", () -> Await.result(now).isCancelled());
  }

  private void unauthorized() {
    List<CompletableFuture<?>> calls =
        List.of(
            remote.request("secret/x", "x", String.class),
            remote.send("secret/x", "x"),
            remote.publish("secret/x", "x"),
            remote.subscribe("secret/x", String.class, text -> {}));
    for (CompletableFuture<?> call : calls) {
      MessagingException failure =
          Failures.in(call, StatusCode.PERMISSION_DENIED, Delivered.NO, "secret/x");
      assertThat(failure.retrySafe()).isFalse();
    }
  }

  private void interruptedCaller() throws Exception {
    Thread.currentThread().interrupt();
    CompletableFuture<String> reply = remote.request("test/echo", "x", String.class);
    assertThat(Thread.interrupted()).isTrue();
    assertThat(Await.result(reply)).isEqualTo("x");
    served = new CompletableFuture<>();
    CompletableFuture<String> never = remote.with(SOON).request("test/never", "x", String.class);
    Thread.currentThread().interrupt();
    assertThat(catchThrowable(never::get)).isInstanceOf(InterruptedException.class);
    assertThat(Thread.interrupted()).isFalse();
    never.cancel(true);
    assertThat(remote.request("test/echo", "y", String.class).get(10, TimeUnit.SECONDS))
        .isEqualTo("y");
  }

  private void blockingInHandler() {
    assertThat(Await.result(remote.request("test/asks", "x", String.class))).isEqualTo("x");
  }

  private void blockingInReader() {
    Failures.in(
        remote.request("test/blocking", "x", String.class),
        StatusCode.UNKNOWN,
        Delivered.YES,
        "IllegalStateException");
  }

  private void blockingInContinuation() {
    CompletableFuture<String> both =
        remote
            .request("test/echo", "a", String.class)
            .thenApply(a -> a + remote.request("test/echo", "b", String.class).join());
    assertThat(Await.result(both)).isEqualTo("ab");
  }

  private void closeTwice() {
    Messenger other = Messenger.builder("other").build();
    Remote another = other.connect(endpoint);
    Await.result(another.connect());
    another.close();
    another.close();
    other.close();
    other.close();
  }

  private void closeFromCallback() {
    Messenger other = Messenger.builder("other").build();
    Remote another = other.connect(endpoint);
    CompletableFuture<Void> closed =
        another
            .request("test/echo", "x", String.class)
            .thenAccept(
                text -> {
                  another.close();
                  other.close();
                });
    Await.result(closed);
    Await.until("the session is over", () -> another.instance().isEmpty());
    other.close();
  }

  private void callAfterClose() {
    Messenger other = Messenger.builder("other").build();
    Remote another = other.connect(endpoint);
    Await.result(another.connect());
    other.close();
    MessagingException failure =
        thrown(
            MessagingException.class, () -> another.request("test/echo", "x", String.class).get());
    assertThat(failure.delivered()).isEqualTo(Delivered.NO);
    assertThat(failure.getMessage()).contains("closed");
    assertThat(failure).isNotInstanceOf(DeadlineExceededException.class);
  }

  private void secondHandler() {
    assertThat(catchThrowable(() -> server.handle("test/echo", String.class, text -> text)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("test/echo");
  }

  private static <E extends MessagingException> E thrown(Class<E> type, Case action) {
    Throwable failure =
        catchThrowable(
            () -> {
              try {
                action.run();
              } catch (ExecutionException e) {
                throw e.getCause();
              }
            });
    assertThat(failure).isInstanceOf(type);
    return type.cast(failure);
  }
}
