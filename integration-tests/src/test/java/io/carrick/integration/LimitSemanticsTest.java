package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.CallException;
import io.carrick.Delivered;
import io.carrick.Interceptor;
import io.carrick.MessagingException;
import io.carrick.OverflowPolicy;
import io.carrick.OverloadedException;
import io.carrick.SessionLostException;
import io.carrick.StatusCode;
import io.carrick.Subscriber;
import io.carrick.testkit.Await;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Limits of messages reach every pattern, and hit nobody but who passes them. */
@OverEachTransport
final class LimitSemanticsTest extends Semantics {

  private static final int SMALL = 64 << 10;
  private static final String LARGE = "x".repeat(SMALL + 1);

  LimitSemanticsTest(TestTransport transport) {
    super(transport);
  }

  /** Says what it is told. */
  private record Told(List<String> log) implements Subscriber.Simple<String> {
    @Override
    public void onMessage(String value) {
      log.add(value);
    }

    @Override
    public void onGap(long missed) {
      log.add("gap of " + missed);
    }

    @Override
    public void onEnd(MessagingException reason) {
      log.add("end: " + reason);
    }
  }

  private void restartWithASmallClient(boolean intercepted) {
    UnaryOperator<io.carrick.Messenger.Builder> around =
        b -> intercepted ? b.interceptHandlers(new Interceptor() {}) : b;
    restart(around, b -> b.maxMessageBytes(SMALL));
  }

  @ParameterizedTest(name = "interceptors: {0}")
  @ValueSource(booleans = {false, true})
  void aPublishTooLargeForASubscriberIsMissedByThatOneAlone(boolean intercepted) {
    restartWithASmallClient(intercepted);
    List<String> here = new CopyOnWriteArrayList<>();
    server.subscribe("news", String.class, here::add);
    Map<OverflowPolicy, List<String>> logs = new EnumMap<>(OverflowPolicy.class);
    for (OverflowPolicy policy : OverflowPolicy.values()) {
      List<String> log = new CopyOnWriteArrayList<>();
      logs.put(policy, log);
      await(remote.subscribe("news", String.class, policy, new Told(log)));
    }

    await(server.publish("news", "first"));
    await(server.publish("news", LARGE));
    await(server.publish("news", LARGE));
    await(server.publish("news", "last"));

    logs.forEach(
        (policy, log) -> {
          Await.until(() -> policy + ": " + log, Await.LONG_ENOUGH, () -> log.contains("last"));
          assertThat(log).as(policy.name()).containsExactly("first", "gap of 2", "last");
        });
    Await.until(here::toString, Await.LONG_ENOUGH, () -> here.contains("last"));
    assertThat(here).containsExactly("first", LARGE, LARGE, "last");
  }

  @Test
  void manyThatAreTooLargeUseUpNoCredit() {
    restartWithASmallClient(false);
    List<String> log = new CopyOnWriteArrayList<>();
    await(remote.subscribe("news", String.class, OverflowPolicy.DROP_OLDEST, new Told(log)));
    for (int i = 0; i < 600; i++) {
      await(server.publish("news", LARGE));
    }

    await(server.publish("news", "last"));

    Await.until(log::toString, Await.LONG_ENOUGH, () -> log.contains("last"));
    assertThat(log).containsExactly("gap of 600", "last");
  }

  @Test
  void aFlowThatMissedAMessageEndsAndSaysSo() {
    restartWithASmallClient(false);
    Items<String> items = Items.of(remote.subscription("news", String.class));
    Await.until(
        () -> "a first item",
        Await.LONG_ENOUGH,
        () -> {
          await(server.publish("news", "first"));
          return items.count() > 0;
        });

    await(server.publish("news", LARGE));
    await(server.publish("news", "last"));

    MessagingException failure = items.failure(CallException.class);
    Failures.check(failure, StatusCode.RESOURCE_EXHAUSTED, Delivered.YES, "maxMessageBytes");
    assertThat(failure.details()).containsEntry("missed", "1");
  }

  @Test
  void aPublishAboveTheOwnLimitFails() {
    restart(b -> b.maxMessageBytes(SMALL), b -> b);
    List<String> here = new CopyOnWriteArrayList<>();
    server.subscribe("news", String.class, here::add);

    OverloadedException failure =
        Failures.in(server.publish("news", LARGE), OverloadedException.class);

    Failures.check(
        failure, StatusCode.RESOURCE_EXHAUSTED, Delivered.NO, "65537", "65536", "maxMessageBytes");
    assertThat(failure.retrySafe()).isFalse();
    assertThat(here).isEmpty();
  }

  @Test
  void aValueOfAChannelThatIsTooLargeEndsItAlwaysTheSame() {
    restart(b -> b.maxMessageBytes(SMALL), b -> b);
    server.handleChannel("echo", String.class, (values, call) -> values);

    for (int i = 0; i < 50; i++) {
      Failures.check(
          Items.of(remote.channel("echo", Source.of(1, n -> LARGE), String.class))
              .failure(OverloadedException.class),
          StatusCode.RESOURCE_EXHAUSTED,
          Delivered.NO,
          "maxMessageBytes of server");
    }
  }

  @Test
  void aMessengerThatIsClosedSaysSo() {
    server.close();

    SessionLostException failure =
        Failures.in(server.publish("news", "x"), SessionLostException.class);
    Failures.check(failure, StatusCode.FAILED_PRECONDITION, Delivered.NO, "server is closed");
    assertThat(failure.retrySafe()).isFalse();
    assertThatThrownBy(() -> server.handle("a", String.class, text -> text))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("messenger server is closed");
    assertThatThrownBy(() -> server.subscribe("a", String.class, text -> {}))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("messenger server is closed");
    assertThatThrownBy(() -> server.connect(endpoint))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("messenger server is closed");
  }
}
