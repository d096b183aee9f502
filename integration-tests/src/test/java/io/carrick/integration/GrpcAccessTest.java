package io.carrick.integration;

import static io.carrick.integration.PlainGrpc.call;
import static io.carrick.integration.PlainGrpc.trailer;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import io.carrick.Authorizer;
import io.carrick.EndpointException;
import io.carrick.Message;
import io.carrick.Messenger;
import io.carrick.testkit.Await;
import io.carrick.wire.v1.Call;
import io.carrick.wire.v1.Header;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.reflection.v1.ServiceResponse;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who may call what, what is too much, and what a listener tells of itself. */
@Timeout(30)
final class GrpcAccessTest {

  private final PlainGrpc grpc =
      new PlainGrpc(
          "?reflection=on",
          (principal, action, topic) ->
              !topic.startsWith("secret")
                  && (action != Authorizer.Action.RECEIVE || !topic.endsWith("hidden")));

  @AfterEach
  void close() throws InterruptedException {
    grpc.close();
  }

  private static StatusRuntimeException failure(Runnable call) {
    return catchThrowableOfType(StatusRuntimeException.class, call::run);
  }

  @Test
  void t13_eachMethodAsksTheAuthorizer() {
    Replies stream = new Replies();
    grpc.stub.stream(call("secret/s", ""), stream);
    Replies subscription = new Replies();
    grpc.stub.subscribe(call("secret/#", ""), subscription);
    Replies channel = new Replies();
    grpc.stub.channel(channel).onNext(Call.newBuilder().setTopic("secret/c").build());

    List<StatusRuntimeException> failures =
        List.of(
            failure(() -> grpc.blocking.request(call("secret/r", ""))),
            failure(() -> grpc.blocking.send(call("secret/r", ""))),
            failure(() -> grpc.blocking.publish(call("secret/r", ""))),
            stream.failure(),
            subscription.failure(),
            channel.failure());

    for (StatusRuntimeException e : failures) {
      assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
      assertThat(e.getStatus().getDescription()).startsWith("none: may not ");
      assertThat(trailer(e, "carrick-delivered")).isEqualTo("no");
      assertThat(trailer(e, "carrick-retry")).isEqualTo("unsafe");
    }
  }

  @Test
  void t13_aSubscriptionHasNoMessageThatItsPrincipalMayNotReceive() {
    Replies replies = Replies.ofSubscription(grpc, "news/#");

    grpc.blocking.publish(call("news/hidden", "no"));
    grpc.blocking.publish(call("news/open", "yes"));

    assertThat(replies.nextText()).isEqualTo("yes");
  }

  @Test
  void t09_metadataAboveItsLimitEndsTheCallAndNothingElse() {
    grpc.orders.handle("echo", String.class, text -> text);
    Metadata much = new Metadata();
    for (int i = 0; i < 20; i++) {
      much.put(Metadata.Key.of("h" + i, Metadata.ASCII_STRING_MARSHALLER), "x".repeat(500));
    }

    StatusRuntimeException e =
        failure(
            () ->
                grpc.blocking
                    .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(much))
                    .request(call("echo", "x")));

    assertThat(e.getStatus().getCode())
        .isIn(Status.Code.INTERNAL, Status.Code.UNKNOWN, Status.Code.RESOURCE_EXHAUSTED);
    assertThat(grpc.blocking.request(call("echo", "still")).getPayload().toStringUtf8())
        .isEqualTo("still");
  }

  @Test
  void t09_moreHeadersThanAMessageHasAreInvalid() {
    Call.Builder call = Call.newBuilder().setTopic("echo");
    for (int i = 0; i < 65; i++) {
      call.addHeaders(Header.newBuilder().setName("h").setValue("x"));
    }

    StatusRuntimeException e = failure(() -> grpc.blocking.send(call.build()));

    assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(e.getStatus().getDescription()).contains("65 headers exceed the 64");
  }

  @Test
  void t09_aMessageAboveItsLimitIsRefusedBeforeItIsRead() {
    BlockingQueue<Integer> seen = new LinkedBlockingQueue<>();
    grpc.orders.handleSend("in", Message.class, m -> seen.add(m.size()));

    StatusRuntimeException e =
        failure(
            () ->
                grpc.blocking.send(
                    Call.newBuilder()
                        .setTopic("in")
                        .setPayload(ByteString.copyFrom(new byte[4 * 1024 * 1024 + 64 * 1024]))
                        .build()));
    grpc.blocking.send(
        Call.newBuilder()
            .setTopic("in")
            .setPayload(ByteString.copyFrom(new byte[4 * 1024 * 1024]))
            .build());

    assertThat(e.getStatus().getCode()).isIn(Status.Code.RESOURCE_EXHAUSTED, Status.Code.CANCELLED);
    Await.until("the smaller one is there", () -> !seen.isEmpty());
    assertThat(seen).containsExactly(4 * 1024 * 1024);
  }

  @Test
  void t10_aConnectionHasAHundredCallsAndAnotherOneIsUntouched() throws Exception {
    grpc.orders.handleAsync("never", String.class, (text, call) -> new CompletableFuture<>());
    grpc.orders.handle("echo", String.class, text -> text);
    for (int i = 0; i < 150; i++) {
      grpc.stub.request(call("never", ""), new Replies());
    }
    ManagedChannel other = grpc.connect();
    try {
      String echoed =
          io.carrick.wire.v1.CarrickGrpc.newBlockingStub(other)
              .withDeadlineAfter(5, SECONDS)
              .request(call("echo", "quick"))
              .getPayload()
              .toStringUtf8();
      assertThat(echoed).isEqualTo("quick");
    } finally {
      other.shutdownNow();
    }
  }

  @Test
  void t10_theOpenCallsOfAConnectionHoldABoundedAmountAndAnotherOneIsUntouched() {
    grpc.orders.handleAsync("never", byte[].class, (bytes, call) -> new CompletableFuture<>());
    Call large =
        Call.newBuilder()
            .setTopic("never")
            .setPayload(ByteString.copyFrom(new byte[3 * 1024 * 1024]))
            .build();
    ManagedChannel greedy = grpc.connect();
    try {
      List<Replies> calls = new ArrayList<>();
      for (int i = 0; i < 12; i++) {
        Replies replies = new Replies();
        calls.add(replies);
        io.carrick.wire.v1.CarrickGrpc.newStub(greedy).request(large, replies);
      }
      Await.until(
          "one of them is refused", () -> calls.stream().anyMatch(call -> call.end().isDone()));
      Replies refused = calls.stream().filter(call -> call.end().isDone()).findAny().orElseThrow();
      assertThat(refused.failure().getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
      assertThat(refused.failure().getStatus().getDescription())
          .contains("more than the 33554432 bytes");

      grpc.orders.handle("size", byte[].class, bytes -> Integer.toString(bytes.length));
      Call other = large.toBuilder().setTopic("size").build();
      assertThat(grpc.blocking.request(other).getPayload().toStringUtf8()).isEqualTo("3145728");

      calls.forEach(call -> call.call().cancel("enough", null));
      Await.until(
          "what they held is free",
          () -> {
            try {
              return !io.carrick.wire.v1.CarrickGrpc.newBlockingStub(greedy)
                  .request(other)
                  .getPayload()
                  .isEmpty();
            } catch (StatusRuntimeException e) {
              return false;
            }
          });
    } finally {
      greedy.shutdownNow();
    }
  }

  @Test
  void aProgramOnTheSameHostIsKnownByItsUser(@TempDir Path directory) throws Exception {
    Path socket = directory.resolve("plain");
    EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    try (Messenger local = Messenger.builder("local").listen("grpc+unix:" + socket).build()) {
      local.handle("who", String.class, (text, call) -> call.principal().toString());
      ManagedChannel channel =
          NettyChannelBuilder.forAddress(UnixDomainSocketAddress.of(socket))
              .channelType(NioDomainSocketChannel.class)
              .eventLoopGroup(loops)
              .withOption(ChannelOption.SO_KEEPALIVE, null)
              .overrideAuthority("localhost")
              .usePlaintext()
              .build();

      String who =
          io.carrick.wire.v1.CarrickGrpc.newBlockingStub(channel)
              .request(call("who", ""))
              .getPayload()
              .toStringUtf8();
      channel.shutdownNow();

      assertThat(who).isEqualTo("unix:" + System.getProperty("user.name"));
    } finally {
      loops.shutdownGracefully(0, 1, SECONDS);
    }
  }

  @Test
  void sendsOfOneConnectionDoNotWaitForThoseOfAnother() throws Exception {
    CompletableFuture<Void> go = new CompletableFuture<>();
    BlockingQueue<String> seen = new LinkedBlockingQueue<>();
    grpc.orders.handleSend(
        "in",
        String.class,
        text -> {
          seen.add(text);
          if (text.equals("slow")) {
            go.get(10, SECONDS);
          }
        });
    ManagedChannel other = grpc.connect();
    try {
      grpc.blocking.send(call("in", "slow"));
      assertThat(seen.poll(5, SECONDS)).isEqualTo("slow");
      grpc.blocking.send(call("in", "behind"));
      io.carrick.wire.v1.CarrickGrpc.newBlockingStub(other).send(call("in", "beside"));

      assertThat(seen.poll(5, SECONDS)).isEqualTo("beside");
      go.complete(null);
      assertThat(seen.poll(5, SECONDS)).isEqualTo("behind");
    } finally {
      other.shutdownNow();
    }
  }

  @Test
  void healthIsServingUntilTheServiceCloses() {
    assertThat(health("")).isEqualTo(ServingStatus.SERVING);
    assertThat(health("carrick.v1.Carrick")).isEqualTo(ServingStatus.SERVING);
    Iterator<HealthCheckResponse> watch =
        HealthGrpc.newBlockingStub(grpc.channel).watch(HealthCheckRequest.getDefaultInstance());
    assertThat(watch.next().getStatus()).isEqualTo(ServingStatus.SERVING);

    grpc.orders.close();

    assertThat(watch.next().getStatus()).isEqualTo(ServingStatus.NOT_SERVING);
  }

  private ServingStatus health(String service) {
    return HealthGrpc.newBlockingStub(grpc.channel)
        .check(HealthCheckRequest.newBuilder().setService(service).build())
        .getStatus();
  }

  @Test
  void reflectionShowsTheServiceWhereTheEndpointAsksForIt() throws Exception {
    ServerReflectionResponse services =
        reflect(grpc.channel, ServerReflectionRequest.newBuilder().setListServices("").build());
    ServerReflectionResponse file =
        reflect(
            grpc.channel,
            ServerReflectionRequest.newBuilder()
                .setFileContainingSymbol("carrick.v1.Carrick.Serve")
                .build());

    assertThat(services.getListServicesResponse().getServiceList())
        .extracting(ServiceResponse::getName)
        .contains("carrick.v1.Carrick", "grpc.health.v1.Health");
    assertThat(file.getFileDescriptorResponse().getFileDescriptorProto(0).toStringUtf8())
        .contains("FromResponder");
    assertThat(grpc.orders.endpoints().get(0)).doesNotContain("?");
  }

  @Test
  void reflectionIsOffByDefault() throws Exception {
    try (PlainGrpc quiet = new PlainGrpc()) {
      Throwable failure =
          catchThrowableOfType(
              Throwable.class,
              () ->
                  reflect(
                      quiet.channel,
                      ServerReflectionRequest.newBuilder().setListServices("").build()));
      assertThat(failure).hasRootCauseInstanceOf(StatusRuntimeException.class);
      assertThat(failure).hasStackTraceContaining("UNIMPLEMENTED");
    }
  }

  @Test
  void anUnknownQueryOfAnEndpointIsRefused() {
    assertThatThrownBy(
            () -> Messenger.builder("x").listen("grpc://127.0.0.1:0?reflexion=on").build())
        .isInstanceOf(EndpointException.class)
        .hasMessageContaining("reflexion=on: write reflection=on");
  }

  private static ServerReflectionResponse reflect(
      ManagedChannel channel, ServerReflectionRequest request) {
    CompletableFuture<ServerReflectionResponse> answer = new CompletableFuture<>();
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
        .onNext(request);
    return Await.result(answer);
  }
}
