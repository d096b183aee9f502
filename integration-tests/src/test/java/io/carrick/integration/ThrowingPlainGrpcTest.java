package io.carrick.integration;

import static io.carrick.integration.ThrowingCallbacks.hit;
import static io.carrick.integration.ThrowingCallbacks.two;
import static java.util.concurrent.TimeUnit.SECONDS;

import io.carrick.CallException;
import io.carrick.Delivered;
import io.carrick.Messenger;
import io.carrick.Remote;
import io.carrick.StatusCode;
import io.carrick.integration.ThrowingCells.Doing;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Callbacks that throw and that only calls over plain gRPC reach, or only a session that moves. */
@Timeout(120)
final class ThrowingPlainGrpcTest {

  @TempDir Path directory;

  @Test
  void publishersOfAnswersEndTheirCalls() throws Exception {
    try (PlainGrpc grpc = new PlainGrpc("", ThrowingCallbacks::authorize)) {
      grpc.orders.handle("request", String.class, text -> text);
      grpc.orders.handleStream(
          "stream", String.class, (String text) -> two("answer's", text, () -> {}));
      Doing stream =
          () -> {
            Replies replies = new Replies();
            grpc.stub.stream(PlainGrpc.call("stream", "x"), replies);
            return typed(replies.end());
          };
      ThrowingCells.run(
          Map.of(
              "answer's subscribe", stream,
              "answer's request", stream,
              "answer's later request", stream,
              "authorizer of stream", stream),
          Map.of());
    }
  }

  /** A status is a typed failure. */
  private static CompletableFuture<?> typed(CompletableFuture<Void> end) {
    return end.exceptionally(
        failure -> {
          if (failure instanceof StatusRuntimeException e) {
            throw new CallException(
                StatusCode.UNKNOWN, Delivered.MAYBE, String.valueOf(e.getMessage()), Map.of(), e);
          }
          throw new CompletionException(failure);
        });
  }

  /** Over a Unix socket a user is named, over gRPC nobody is: the service's rule is asked. */
  @Test
  void aRuleThatThrowsRefusesTheMoveAndNoMore() throws Exception {
    String unix = "unix:" + directory.resolve("s");
    try (Messenger service =
            Messenger.builder("orders")
                .listen("grpc://127.0.0.1:0")
                .listen(unix)
                .samePrincipal(
                    (of, path) -> {
                      hit("samePrincipal rule");
                      return true;
                    })
                .build();
        Messenger web = Messenger.builder("web").samePrincipal((of, path) -> true).build()) {
      service.handle("request", String.class, text -> text);
      Doing move =
          () -> {
            Remote remote = web.connect(unix, service.endpoints().get(0));
            try {
              remote.request("request", "x", String.class).get(10, SECONDS);
              CompletableFuture<Void> moved = remote.move(service.endpoints().get(0));
              CompletableFuture<Void> ended = moved.handle((v, e) -> null);
              ended.get(10, SECONDS);
              remote.request("request", "x", String.class).get(10, SECONDS);
              return moved;
            } finally {
              remote.close();
            }
          };
      ThrowingCells.run(Map.of("samePrincipal rule", move), Map.of());
    }
  }
}
