package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.carrick.CallException;
import io.carrick.CallOptions;
import io.carrick.CodecException;
import io.carrick.ConnectException;
import io.carrick.DeadlineExceededException;
import io.carrick.Delivered;
import io.carrick.EndpointException;
import io.carrick.HandlerOptions;
import io.carrick.Handlers;
import io.carrick.Message;
import io.carrick.MessagingException;
import io.carrick.NoPathException;
import io.carrick.OverloadedException;
import io.carrick.Remote;
import io.carrick.Requirements;
import io.carrick.SessionLostException;
import io.carrick.StatusCode;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import org.junit.jupiter.api.Test;

/** docs/errors.md in its order: each source of a failure, by each pattern that it can come by. */
@OverEachTransport
final class ErrorsPageTest extends Semantics {

  private enum Pattern {
    REQUEST,
    SEND,
    PUBLISH,
    STREAM,
    CHANNEL,
    SUBSCRIBE;

    static final Set<Pattern> ALL = EnumSet.allOf(Pattern.class);
    static final Set<Pattern> WITH_VALUES = EnumSet.complementOf(EnumSet.of(SUBSCRIBE));
    static final Set<Pattern> WITH_HANDLER = EnumSet.of(REQUEST, SEND, STREAM, CHANNEL);
    static final Set<Pattern> WITH_REPLY = EnumSet.of(REQUEST, STREAM, CHANNEL);
    static final Set<Pattern> DECODED_FIRST = EnumSet.of(REQUEST, SEND, STREAM);
  }

  /** Longer than a string in JSON may be, and shorter than a message. */
  private static final int TOO_LONG_FOR_JSON = 1_048_577;

  private record Named(String name) {}

  ErrorsPageTest(TestTransport transport) {
    super(transport);
  }

  private static CompletableFuture<?> call(
      Remote remote, Pattern pattern, Object value, Class<?> type) {
    return switch (pattern) {
      case REQUEST -> remote.request("topic", value, type);
      case SEND -> remote.send("topic", value);
      case PUBLISH -> remote.publish("topic", value);
      case STREAM -> Items.of(remote.stream("topic", value, type)).end();
      case CHANNEL -> Items.of(remote.channel("topic", Source.of(1, i -> value), type)).end();
      case SUBSCRIBE -> remote.subscribe("topic", type, item -> {});
    };
  }

  /** What every pattern of a set must fail with, which is what the page says. */
  private static void each(
      Set<Pattern> patterns,
      Remote remote,
      Object value,
      Class<? extends MessagingException> type,
      StatusCode code,
      Delivered delivered,
      boolean retrySafe) {
    for (Pattern pattern : patterns) {
      MessagingException failure = Failures.in(call(remote, pattern, value, String.class), type);
      check(pattern.toString(), failure, code, delivered, retrySafe);
    }
  }

  private static void check(
      String what,
      MessagingException failure,
      StatusCode code,
      Delivered delivered,
      boolean retrySafe) {
    assertThat(failure.code()).as("code of %s: %s", what, failure).isEqualTo(code);
    assertThat(failure.delivered()).as("delivered of %s: %s", what, failure).isEqualTo(delivered);
    assertThat(failure.retrySafe()).as("retrySafe of %s: %s", what, failure).isEqualTo(retrySafe);
    assertThat(failure.getMessage()).as("message of %s", what).isNotBlank();
    ErrorsPage.has(failure);
  }

  /** Handlers of every pattern that take a type and do the same. */
  private <T> void handleWith(Class<T> type, RuntimeException thrown) {
    server.handle(
        "topic",
        type,
        value -> {
          throw thrown;
        });
    server.handleSend("topic", type, value -> {});
    server.handleStream(
        "topic",
        type,
        value -> {
          throw thrown;
        });
    server.handleChannel(
        "topic",
        type,
        (values, call) -> {
          throw thrown;
        });
  }

  @Test
  void thePageHasARowForEachException() {
    assertThat(ErrorsPage.exceptions())
        .containsExactlyInAnyOrderElementsOf(
            Arrays.stream(MessagingException.class.getPermittedSubclasses())
                .map(Class::getSimpleName)
                .toList());
  }

  @Test
  void callExceptionTheHandlerThrewOne() {
    handleWith(
        String.class, new CallException(StatusCode.NOT_FOUND, "no order 7", Map.of("id", "7")));

    for (Pattern pattern : Pattern.WITH_REPLY) {
      CallException failure =
          Failures.in(call(remote, pattern, "x", String.class), CallException.class);
      check(pattern.toString(), failure, StatusCode.NOT_FOUND, Delivered.YES, false);
      assertThat(failure).hasMessageContaining("no order 7");
      assertThat(failure.details()).containsEntry("id", "7");
    }
  }

  @Test
  void callExceptionAnythingElseThatAHandlerThrewIsUnknownAndDoesNotLeak() {
    handleWith(String.class, new IllegalStateException("secret"));

    for (Pattern pattern : Pattern.WITH_REPLY) {
      CallException failure =
          Failures.in(call(remote, pattern, "x", String.class), CallException.class);
      check(pattern.toString(), failure, StatusCode.UNKNOWN, Delivered.YES, false);
      assertThat(failure.getMessage()).doesNotContain("secret");
    }
  }

  @Test
  void callExceptionRefusedByTheAuthorizer() {
    restart(b -> b.authorizer((principal, action, topic) -> false), b -> b);

    each(
        Pattern.ALL,
        remote,
        "x",
        CallException.class,
        StatusCode.PERMISSION_DENIED,
        Delivered.NO,
        false);
  }

  @Test
  void callExceptionRefusedBecauseNobodyHandlesIt() {
    each(
        Pattern.WITH_HANDLER,
        remote,
        "x",
        CallException.class,
        StatusCode.UNIMPLEMENTED,
        Delivered.NO,
        false);
  }

  @Test
  void callExceptionTheBodyDoesNotParse() {
    handleWith(Named.class, new AssertionFailure());
    server.handleChannel("topic2", Named.class, (values, call) -> values);
    Message broken = Message.of("application/json", new byte[] {'{', '{'});

    each(
        Pattern.DECODED_FIRST,
        remote,
        broken,
        CallException.class,
        StatusCode.INVALID_ARGUMENT,
        Delivered.NO,
        false);
    MessagingException failure =
        Items.of(remote.channel("topic2", Source.of(1, i -> broken), Named.class))
            .failure(CallException.class);
    check("a channel", failure, StatusCode.INVALID_ARGUMENT, Delivered.YES, false);
  }

  @Test
  void callExceptionTheBodyPassesALimitOfTheCodec() {
    handleWith(Named.class, new AssertionFailure());
    server.handleChannel("topic2", Named.class, (values, call) -> values);
    Named large = new Named("x".repeat(TOO_LONG_FOR_JSON));

    each(
        Pattern.DECODED_FIRST,
        remote,
        large,
        CallException.class,
        StatusCode.INVALID_ARGUMENT,
        Delivered.NO,
        false);
    MessagingException failure =
        Items.of(remote.channel("topic2", Source.of(1, i -> large), Named.class))
            .failure(CallException.class);
    check("a channel", failure, StatusCode.INVALID_ARGUMENT, Delivered.YES, false);
  }

  @Test
  void codecExceptionAValueCannotBeEncoded() {
    server.handleChannel("topic", String.class, (values, call) -> values);
    await(remote.connect());

    each(
        Pattern.WITH_VALUES,
        remote.with(CallOptions.DEFAULT.withContentType("none/such")),
        "x",
        CodecException.class,
        StatusCode.FAILED_PRECONDITION,
        Delivered.NO,
        false);
  }

  @Test
  void codecExceptionAReplyDoesNotParse() {
    Message broken = Message.of("application/json", new byte[] {'{', '{'});
    server.handle("topic", String.class, text -> broken);
    server.handleStream("topic", String.class, text -> Source.of(1, i -> broken));
    server.handleChannel("topic", String.class, (values, call) -> Source.of(1, i -> broken));

    for (Pattern pattern : Pattern.WITH_REPLY) {
      check(
          pattern.toString(),
          Failures.in(call(remote, pattern, "x", Named.class), CodecException.class),
          StatusCode.INVALID_ARGUMENT,
          Delivered.YES,
          false);
    }
  }

  @Test
  void connectExceptionNobodyAnswers() {
    server.close();

    for (Pattern pattern : Pattern.ALL) {
      check(
          pattern.toString(),
          Failures.in(
              call(client.connect(endpoint), pattern, "x", String.class), ConnectException.class),
          StatusCode.UNAVAILABLE,
          Delivered.NO,
          true);
    }
  }

  @Test
  void deadlineExceededExceptionTheHandlerIsTooSlow() {
    server.handleAsync("topic", String.class, (text, call) -> new CompletableFuture<String>());
    server.handleStream("topic", String.class, text -> Source.<String>silent());
    server.handleChannel("topic", String.class, (values, call) -> Source.<String>silent());
    await(remote.connect());

    each(
        Pattern.WITH_REPLY,
        remote.with(CallOptions.DEFAULT.withDeadline(Duration.ofMillis(150))),
        "x",
        DeadlineExceededException.class,
        StatusCode.DEADLINE_EXCEEDED,
        Delivered.MAYBE,
        false);
  }

  @Test
  void endpointExceptionAnEndpointCannotBeUsed() {
    EndpointException none =
        catchThrowableOfType(
            EndpointException.class, () -> client.connect("carrier-pigeon://roof"));
    check("no such scheme", none, StatusCode.INVALID_ARGUMENT, Delivered.NO, false);

    EndpointException used =
        catchThrowableOfType(
            EndpointException.class,
            () -> TestTls.messenger("second").listen(endpoint).build().close());
    check("in use", used, StatusCode.ALREADY_EXISTS, Delivered.NO, false);
  }

  @Test
  void noPathExceptionNoEndpointMeetsTheNeeds() {
    for (Remote view :
        new Remote[] {
          remote.with(Requirements.NONE.durable()), peer().with(Requirements.NONE.durable())
        }) {
      each(
          Pattern.ALL,
          view,
          "x",
          NoPathException.class,
          StatusCode.FAILED_PRECONDITION,
          Delivered.NO,
          false);
    }
  }

  private Remote peer() {
    await(remote.connect());
    return server.peers().get(0);
  }

  @Test
  void overloadedExceptionTheQueueOfTheHandlerIsFull() {
    Handlers one = server.with(HandlerOptions.DEFAULT.withConcurrency(1).withWaiting(0));
    one.handle("topic", String.class, this::held);
    one.handleSend("topic", String.class, this::held);
    one.handleStream("topic", String.class, text -> heldItems());
    one.handleChannel("topic", String.class, (values, call) -> heldItems());
    await(remote.connect());

    for (Pattern pattern : Pattern.WITH_HANDLER) {
      CompletableFuture<?> first = call(remote, pattern, "x", String.class);
      check(
          pattern.toString(),
          Failures.in(call(remote, pattern, "x", String.class), OverloadedException.class),
          StatusCode.RESOURCE_EXHAUSTED,
          Delivered.NO,
          true);
      assertThat(first).isNotCompletedExceptionally();
    }
  }

  private String held(String text) {
    gate.pass();
    return text;
  }

  private Flow.Publisher<String> heldItems() {
    gate.pass();
    return Source.of(0, i -> "none: a call that ends lets the node close at once");
  }

  @Test
  void overloadedExceptionAMessageIsTooLarge() {
    restart(b -> b.maxMessageBytes(64 << 10), b -> b);
    server.handleChannel("topic", String.class, (values, call) -> values);
    await(remote.connect());

    each(
        Pattern.WITH_VALUES,
        remote,
        "x".repeat((64 << 10) + 1),
        OverloadedException.class,
        StatusCode.RESOURCE_EXHAUSTED,
        Delivered.NO,
        false);
  }

  @Test
  void sessionLostExceptionTheRemoteWasClosed() {
    await(remote.connect());
    remote.close();

    each(
        Pattern.ALL,
        remote,
        "x",
        SessionLostException.class,
        StatusCode.FAILED_PRECONDITION,
        Delivered.NO,
        false);
  }

  /** A handler that must not be reached. */
  private static final class AssertionFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    AssertionFailure() {
      super("the handler was called");
    }
  }
}
