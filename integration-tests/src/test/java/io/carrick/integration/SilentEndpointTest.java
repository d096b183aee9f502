package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.AdvertisedEndpoints;
import io.carrick.CallOptions;
import io.carrick.DeadlineExceededException;
import io.carrick.Messenger;
import io.carrick.Remote;
import io.carrick.testkit.Await;
import io.carrick.testkit.FaultProxy;
import io.carrick.testkit.FaultProxy.Direction;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** An endpoint that takes connections and says nothing: who waits for it, and how long. */
@Timeout(60)
class SilentEndpointTest {

  /** Far below the 10 s of an attempt, and far above the 250 ms that an endpoint is alone. */
  private static final Duration SOON = Duration.ofSeconds(6);

  @TempDir Path directory;
  private Messenger service;
  private Messenger client;
  private FaultProxy silent;
  private FaultProxy sound;
  private Remote remote;

  @BeforeEach
  void open() {
    service = Messenger.builder("service").listen("unix:" + directory.resolve("s.sock")).build();
    service.handle("e", String.class, text -> text);
    client = Messenger.builder("client").advertisedEndpoints(AdvertisedEndpoints.NONE).build();
    silent = FaultProxy.unix(directory.resolve("a.sock"), directory.resolve("s.sock"), 1);
    sound = FaultProxy.unix(directory.resolve("b.sock"), directory.resolve("s.sock"), 2);
    remote = client.connect("unix:" + silent.path(), "unix:" + sound.path());
    Await.result(remote.connect());
  }

  @AfterEach
  void close() {
    client.close();
    service.close();
    silent.close();
    sound.close();
  }

  @Test
  void aMoveToItEndsByTheDeadlineAndLeavesTheSessionAsItWas() {
    Await.result(remote.move("unix:" + sound.path()));
    silent.blackHole(Direction.values());
    long start = System.nanoTime();

    assertThatThrownBy(
            () ->
                Await.result(
                    remote
                        .with(CallOptions.DEFAULT.withDeadline(Duration.ofMillis(500)))
                        .move("unix:" + silent.path())))
        .hasCauseInstanceOf(DeadlineExceededException.class)
        .hasMessageContaining("not moved within PT0.5S");

    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(SOON);
    assertThat(remote.explain().chosen()).contains("unix:" + sound.path());
    assertThat(Await.result(remote.request("e", "x", String.class))).isEqualTo("x");
    silent.heal();
    Await.until(
        "another move is made",
        () -> remote.move("unix:" + silent.path()).handle((v, f) -> f == null).join());
  }

  @Test
  void aResumeDoesNotWaitForIt() {
    Await.result(remote.move("unix:" + sound.path()));
    silent.blackHole(Direction.values());
    long start = System.nanoTime();

    // A path that broke is ranked behind, so that the silent one is dialled first.
    sound.cut();

    assertThat(Await.result(remote.request("e", "x", String.class))).isEqualTo("x");
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(SOON);
    assertThat(remote.explain().chosen()).contains("unix:" + sound.path());
  }
}
