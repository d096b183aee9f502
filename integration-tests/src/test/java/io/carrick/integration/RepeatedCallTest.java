package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.AdvertisedEndpoints;
import io.carrick.CallOptions;
import io.carrick.DeadlineExceededException;
import io.carrick.Delivered;
import io.carrick.MessagingException;
import io.carrick.Messenger;
import io.carrick.Remote;
import io.carrick.Requirements;
import io.carrick.SessionLostException;
import io.carrick.testkit.Await;
import io.carrick.testkit.FaultProxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A call that was taken, and is made again in vain, is not told as one that was not taken. */
@Timeout(60)
final class RepeatedCallTest {

  @TempDir Path directory;

  private final CompletableFuture<Void> taken = new CompletableFuture<>();
  private final CompletableFuture<String> reply = new CompletableFuture<>();
  private Messenger server;
  private FaultProxy proxy;
  private Messenger client;

  @BeforeEach
  void start() {
    Path socket = directory.resolve("s");
    server = Messenger.builder("server").listen("unix:" + socket).build();
    server.handleAsync(
        "never",
        String.class,
        (text, call) -> {
          taken.complete(null);
          return reply;
        });
    proxy = FaultProxy.unix(directory.resolve("p"), socket, 1);
    client =
        Messenger.builder("client")
            .advertisedEndpoints(AdvertisedEndpoints.NONE)
            .resumeTime(Duration.ZERO)
            .build();
  }

  @AfterEach
  void stop() {
    client.close();
    proxy.close();
    reply.complete("too late");
    server.close();
  }

  private Remote remote(CallOptions options) {
    return client
        .connect("unix:" + proxy.path())
        .with(Requirements.NONE.idempotent())
        .with(options);
  }

  /** The service takes the call, and then its connection is lost for good. */
  private CompletableFuture<String> lost(Remote remote) {
    CompletableFuture<String> call = remote.request("never", "x", String.class);
    Await.result(taken);
    proxy.refuse();
    proxy.cut();
    return call;
  }

  private static <E extends MessagingException> void isUnknown(
      CompletableFuture<String> call, Class<E> type) {
    E failure = Failures.in(call, type);
    assertThat(failure.delivered()).as("%s", failure).isEqualTo(Delivered.MAYBE);
    assertThat(failure.retrySafe()).isFalse();
  }

  @Test
  void whereNoSessionCameUntilItsDeadline() {
    CallOptions brief = CallOptions.DEFAULT.withDeadline(Duration.ofSeconds(2));

    isUnknown(lost(remote(brief)), DeadlineExceededException.class);
  }

  @Test
  void whereItDoesNotWaitForTheService() {
    CallOptions impatient = CallOptions.DEFAULT.withWaitForReady(false);

    isUnknown(lost(remote(impatient)), SessionLostException.class);
  }

  @Test
  void whereItsRemoteIsClosedMeanwhile() {
    Remote remote = remote(CallOptions.DEFAULT);
    CompletableFuture<String> call = lost(remote);
    Await.until("it is lost", () -> remote.instance().isEmpty());

    remote.close();

    isUnknown(call, SessionLostException.class);
  }

  @Test
  void whereAnotherInstanceRefusesIt() {
    Remote remote = remote(CallOptions.DEFAULT);
    CompletableFuture<String> call = remote.request("never", "x", String.class);
    Await.result(taken);
    proxy.refuse();
    proxy.cut();
    reply.complete("too late");
    server.close();
    server = Messenger.builder("server").listen("unix:" + directory.resolve("s")).build();

    proxy.admit();

    isUnknown(call, SessionLostException.class);
  }
}
