package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Call;
import io.carrick.testkit.Await;
import io.carrick.wire.v1.CarrickGrpc;
import io.carrick.wire.v1.Reply;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What programs without the SDK see of a service that drains. */
@Timeout(60)
final class GrpcDrainTest {

  @Test
  void whatIsStillOpenWhenItHasClosedIsToldThatItWasCut() throws Exception {
    try (PlainGrpc grpc = new PlainGrpc()) {
      CompletableFuture<Call> begun = new CompletableFuture<>();
      grpc.orders.handleAsync(
          "never",
          String.class,
          (text, call) -> {
            begun.complete(call);
            return new CompletableFuture<String>();
          });
      Replies reply = new Replies();
      grpc.stub.request(PlainGrpc.call("never", "x"), reply);
      Await.result(begun);
      Replies subscription = Replies.ofSubscription(grpc, "news");

      grpc.orders.close();

      for (StatusRuntimeException cut : List.of(reply.failure(), subscription.failure())) {
        assertThat(cut.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(PlainGrpc.trailer(cut, "carrick-delivered")).isEqualTo("maybe");
        assertThat(PlainGrpc.trailer(cut, "carrick-retry")).isEqualTo("unsafe");
      }
    }
  }

  @Test
  void healthTellsItAtOnceAndCallsThatAreOpenEndInPeace() throws Exception {
    try (PlainGrpc grpc = new PlainGrpc()) {
      CompletableFuture<String> answer = new CompletableFuture<>();
      CompletableFuture<Call> begun = new CompletableFuture<>();
      grpc.orders.handleAsync(
          "slow",
          String.class,
          (text, call) -> {
            begun.complete(call);
            return answer;
          });
      List<ServingStatus> seen = watch(grpc);
      Await.until("SERVING", () -> seen.contains(ServingStatus.SERVING));
      CompletableFuture<Reply> reply =
          CompletableFuture.supplyAsync(() -> grpc.blocking.request(PlainGrpc.call("slow", "x")));
      Await.result(begun);

      CompletableFuture<Void> drained = grpc.orders.drain(Duration.ofSeconds(30));

      Await.until("NOT_SERVING", () -> seen.contains(ServingStatus.NOT_SERVING));
      assertThat(seen).containsExactly(ServingStatus.SERVING, ServingStatus.NOT_SERVING);
      assertThat(reply).isNotDone();
      assertThat(drained).isNotDone();
      answer.complete("done");
      assertThat(Await.result(reply).getPayload().toStringUtf8()).isEqualTo("done");
      Await.result(drained);
    }
  }

  @Test
  void healthTellsThatANodeStopsServing() throws Exception {
    try (PlainGrpc grpc = new PlainGrpc()) {
      List<ServingStatus> seen = watch(grpc);
      Await.until("SERVING", () -> seen.contains(ServingStatus.SERVING));

      CompletableFuture<Void> stopped = grpc.orders.stopServing(Duration.ofSeconds(30));

      Await.until("NOT_SERVING", () -> seen.contains(ServingStatus.NOT_SERVING));
      Await.result(stopped);
      assertThat(grpc.orders.closed().toCompletableFuture()).isNotDone();
    }
  }

  private static List<ServingStatus> watch(PlainGrpc grpc) {
    List<ServingStatus> seen = new CopyOnWriteArrayList<>();
    HealthGrpc.newStub(grpc.channel)
        .watch(
            HealthCheckRequest.newBuilder().setService(CarrickGrpc.SERVICE_NAME).build(),
            new StreamObserver<>() {
              @Override
              public void onNext(HealthCheckResponse response) {
                seen.add(response.getStatus());
              }

              @Override
              public void onError(Throwable failure) {}

              @Override
              public void onCompleted() {}
            });
    return seen;
  }
}
