package io.carrick.integration;

import static io.carrick.integration.PlainGrpc.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.carrick.Call;
import io.carrick.Message;
import io.carrick.testkit.Await;
import io.carrick.wire.v1.Kind;
import io.carrick.wire.v1.Reply;
import io.carrick.wire.v1.ToResponder;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.reflection.v1.ServiceResponse;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * docs/polyglot.md, in its order. Methods, deadlines and details are in GrpcPlainCallsTest, flow in
 * GrpcPlainFlowTest, limits in GrpcAccessTest and GrpcLimitsTest, statuses and trailers in
 * ErrorsPagePlainTest, TLS in TlsNeedsTest, tokens in GrpcTokensTest, serving in GrpcServeTest,
 * health in GrpcAccessTest and GrpcDrainTest, and the programs in PolyglotTest, PolyglotServeTest
 * and EveryLanguageTest.
 */
@Timeout(60)
final class PolyglotPageTest {

  private static final Metadata.AsciiMarshaller<String> TEXT = Metadata.ASCII_STRING_MARSHALLER;

  private final PlainGrpc grpc = new PlainGrpc();
  private final Semantics.Gate gate = new Semantics.Gate();

  @AfterEach
  void close() throws InterruptedException {
    gate.open();
    grpc.close();
  }

  private static StatusRuntimeException failure(Runnable call) {
    return catchThrowableOfType(StatusRuntimeException.class, call::run);
  }

  // The methods.

  @Test
  void sendIsDoneWhenTheHandlerHasItInItsQueueAndWhatItDoesIsNotTold() {
    CompletableFuture<Void> reached = new CompletableFuture<>();
    grpc.orders.handleSend(
        "slow",
        String.class,
        text -> {
          reached.complete(null);
          gate.pass();
          throw new IllegalStateException("told to nobody");
        });

    grpc.blocking.send(call("slow", "one"));
    grpc.blocking.send(call("slow", "two"));

    Await.result(reached);
  }

  @Test
  void publishIsDoneWhenEachSubscriptionHasIt() {
    List<String> seen = new CopyOnWriteArrayList<>();
    grpc.orders.subscribe("news/#", String.class, seen::add);
    grpc.orders.subscribe("news/+", String.class, seen::add);

    grpc.blocking.publish(call("news/a", "x"));

    Await.until("both have it", () -> seen.size() == 2);
    grpc.blocking.publish(call("nobody/listens", "x"));
  }

  @Test
  void sendsOfOneConnectionReachAHandlerInTheirOrderAndOneAtATime() {
    List<Integer> seen = new CopyOnWriteArrayList<>();
    AtomicInteger running = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    grpc.orders.handleSend(
        "in",
        String.class,
        text -> {
          most.accumulateAndGet(running.incrementAndGet(), Math::max);
          seen.add(Integer.parseInt(text));
          running.decrementAndGet();
        });

    IntStream.range(0, 200).forEach(i -> grpc.blocking.send(call("in", Integer.toString(i))));

    Await.until("all came", () -> seen.size() == 200);
    assertThat(seen).isSorted();
    assertThat(most).hasValue(1);
  }

  // Content types.

  @Test
  void aValueOfAChannelWithoutATypeIsOfTheTypeOfTheOneBefore() {
    List<Message> values = new CopyOnWriteArrayList<>();
    grpc.orders.handleChannel(
        "types",
        Message.class,
        (in, call) -> {
          in.subscribe(Items.all(values::add));
          return Source.silent();
        });
    StreamObserver<io.carrick.wire.v1.Call> channel = grpc.stub.channel(new Replies());

    channel.onNext(call("types", "").toBuilder().clearPayload().build());
    channel.onNext(call("", "a").toBuilder().setContentType("a/b").build());
    channel.onNext(call("", "b").toBuilder().clearContentType().build());
    channel.onNext(call("", "c"));

    Await.until("three are there", () -> values.size() == 3);
    assertThat(values).extracting(Message::contentType).containsExactly("a/b", "a/b", "text/plain");
    channel.onCompleted();
  }

  @Test
  void repliesComeInTheTypeOfTheCallOrInOneThatTheyName() {
    grpc.orders.handle("json", String.class, text -> List.of(text));

    Reply other = grpc.blocking.request(call("json", "x"));

    assertThat(other.getContentType()).isEqualTo("application/json");
    assertThat(other.getPayload().toStringUtf8()).isEqualTo("[\"x\"]");
  }

  @Test
  void aContentTypeIsAtMost255PrintableAsciiCharacters() {
    grpc.orders.handle("type", Message.class, Message::contentType);
    String longest = "a/" + "b".repeat(253);

    assertThat(typed(longest).getPayload().toStringUtf8()).isEqualTo(longest);
    for (String wrong : List.of(longest + "b", "a/ü")) {
      assertThat(failure(() -> typed(wrong)).getStatus().getCode())
          .isEqualTo(Status.Code.INVALID_ARGUMENT);
    }
  }

  private Reply typed(String contentType) {
    return grpc.blocking.request(call("type", "").toBuilder().setContentType(contentType).build());
  }

  // Metadata and headers.

  @Test
  void credentialsAndWhatSpeaksOfTheConnectionAreNoHeaders() {
    CompletableFuture<Message> seen = new CompletableFuture<>();
    grpc.orders.handleSend("h", Message.class, seen::complete);
    Metadata metadata = new Metadata();
    for (String name :
        List.of("authorization", "proxy-authorization", "cookie", "carrick-x", "x-request-id")) {
      metadata.put(Metadata.Key.of(name, TEXT), "value");
    }

    grpc.blocking
        .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(metadata))
        .send(call("h", "x"));

    assertThat(Await.result(seen).headers().entries())
        .extracting(e -> e.name() + "=" + e.value())
        .containsExactly("x-request-id=value");
  }

  // Deadlines and cancel.

  @Test
  void aStreamWithoutADeadlineHasNone() {
    CompletableFuture<Boolean> limited = new CompletableFuture<>();
    grpc.orders.handleStream(
        "s",
        String.class,
        (String text, Call call) -> {
          limited.complete(call.remaining().isPresent());
          return Source.numbers(1);
        });

    grpc.stub.stream(call("s", ""), new Replies());

    assertThat(Await.result(limited)).isFalse();
  }

  // Serve.

  @Test
  void aStreamOfAProgramHas64Topics() {
    ForeignResponder program = ForeignResponder.of(grpc.channel);
    IntStream.range(0, 64).forEach(i -> program.serving(Kind.REQUEST, "topic/" + i));

    program.register(Kind.REQUEST, "topic/64", 0);

    ToResponder refused = program.next();
    assertThat(refused.getRefused().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED.value());
    assertThat(refused.getRefused().getMessage()).contains("64");
  }

  @Test
  void callerIsWhoCallsAsTheNodeVerifiedIt() {
    ForeignResponder program = ForeignResponder.of(grpc.channel).serving(Kind.REQUEST, "who");

    CompletableFuture<Message> reply = grpc.remote().request("who", "x", Message.class);

    assertThat(program.nextCall().getCaller()).isEqualTo("memory:local");
    reply.cancel(true);
  }

  // Health and reflection. Health is in GrpcAccessTest and GrpcDrainTest.

  @Test
  void serveHasReflectionForItsGrpcEndpointsUnlessTheySayOff(@TempDir Path directory) {
    try (Program serve =
        Program.start(
            directory,
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "io.carrick.cli.Main",
                "serve",
                "--listen",
                "grpc://127.0.0.1:0",
                "--listen",
                "grpc://127.0.0.1:0?reflection=off"))) {
      serve.await("ready");
      List<Integer> ports =
          serve.lines().stream()
              .filter(line -> line.startsWith("listening grpc://"))
              .map(line -> URI.create(line.substring("listening ".length())).getPort())
              .toList();

      assertThat(services(ports.get(0))).contains("carrick.v1.Carrick", "grpc.health.v1.Health");
      assertThat(failure(() -> services(ports.get(1))).getStatus().getCode())
          .isEqualTo(Status.Code.UNIMPLEMENTED);
    }
  }

  private static List<String> services(int port) {
    ManagedChannel channel =
        ManagedChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
    CompletableFuture<ServerReflectionResponse> answer = new CompletableFuture<>();
    try {
      ServerReflectionGrpc.newStub(channel)
          .serverReflectionInfo(
              new StreamObserver<>() {
                @Override
                public void onNext(ServerReflectionResponse value) {
                  answer.complete(value);
                }

                @Override
                public void onError(Throwable failure) {
                  answer.completeExceptionally(failure);
                }

                @Override
                public void onCompleted() {}
              })
          .onNext(ServerReflectionRequest.newBuilder().setListServices("").build());
      return answer
          .orTimeout(20, TimeUnit.SECONDS)
          .join()
          .getListServicesResponse()
          .getServiceList()
          .stream()
          .map(ServiceResponse::getName)
          .toList();
    } catch (CompletionException e) {
      throw e.getCause() instanceof StatusRuntimeException status ? status : e;
    } finally {
      channel.shutdownNow();
    }
  }
}
