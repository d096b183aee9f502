package io.carrick.transport.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.spi.CloseReason;
import io.carrick.spi.Connection;
import io.carrick.testkit.Await;
import io.carrick.testkit.RecordingReceiver;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A broker that does what none should: nothing is accepted twice, or out of order (T3). */
@Timeout(60)
final class EvilBrokerTest {

  private static final Logger AUDIT = Logger.getLogger("io.carrick.audit");

  private static Mosquitto broker;

  private final Link link = new Link();
  private final Queue<String> audited = new ConcurrentLinkedQueue<>();
  private final Handler keeper =
      new Handler() {
        @Override
        public void publish(LogRecord line) {
          audited.add(line.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };
  private EvilBroker evil;

  @BeforeAll
  static void start() {
    broker = Mosquitto.start();
  }

  @AfterAll
  static void stop() {
    if (broker != null) {
      broker.close();
    }
  }

  @BeforeEach
  void listenToTheAudit() {
    AUDIT.addHandler(keeper);
    evil = new EvilBroker(broker);
  }

  @AfterEach
  void close() throws Exception {
    AUDIT.removeHandler(keeper);
    link.close();
    evil.close();
  }

  /** A connection that has carried 10 frames already. */
  private final class Pair {
    final Connection client;
    final RecordingReceiver atClient;
    final RecordingReceiver atServer;

    Pair(String service) throws Exception {
      client = connect(service);
      atServer = Link.receive(link.accepted());
      atClient = Link.receive(client);
      for (int i = 0; i < 10; i++) {
        send(i);
        assertThat(number(atServer.nextFrame())).isEqualTo(i);
      }
    }

    private Connection connect(String service) {
      String at = evil.endpoint(service);
      link.listen(at);
      return link.connect(at);
    }

    void send(int number) {
      client.send(ByteBuffer.allocate(4).putInt(0, number));
      client.flush();
    }

    /** All that has arrived until the connection is closed. */
    List<Integer> restUntilClosed() {
      CloseReason reason = Await.result(atServer.closed());
      assertThat(reason.kind()).isEqualTo(CloseReason.Kind.NETWORK);
      assertThat(reason.detail()).contains("the broker lost");
      List<Integer> rest = new ArrayList<>();
      while (atServer.waiting() > 0) {
        rest.add(number(atServer.nextFrame()));
      }
      return rest;
    }
  }

  private static int number(byte[] frame) {
    return ByteBuffer.wrap(frame).getInt();
  }

  private void assertAudited(String what) {
    Await.until("it is audited", () -> !audited.isEmpty());
    assertThat(audited)
        .anySatisfy(line -> assertThat(line).contains("\"broker-tricked\"").contains(what));
  }

  @Test
  void whatItRepeatsIsAcceptedOnce() throws Exception {
    Pair pair = new Pair("twice");
    evil.doesWithConnections(packet -> List.of(packet, packet));

    for (int i = 10; i < 100; i++) {
      pair.send(i);
      assertThat(number(pair.atServer.nextFrame())).isEqualTo(i);
    }

    assertThat(pair.atServer.waiting()).isZero();
    assertAudited("repeated");
  }

  @Test
  void whatItReplaysIsNotAccepted() throws Exception {
    List<byte[]> old = new CopyOnWriteArrayList<>();
    evil.doesWithConnections(
        packet -> {
          old.add(packet);
          return List.of(packet);
        });
    Pair pair = new Pair("replayed");
    evil.does(List::of);

    old.forEach(evil::giveToAll);
    pair.send(10);

    assertThat(number(pair.atServer.nextFrame())).isEqualTo(10);
    assertThat(pair.atServer.waiting()).isZero();
    assertAudited("repeated");
  }

  @Test
  void whatItLosesClosesTheConnection() throws Exception {
    Pair pair = new Pair("lost");
    AtomicInteger count = new AtomicInteger();
    evil.doesWithConnections(packet -> count.getAndIncrement() == 0 ? List.of() : List.of(packet));

    pair.send(10);
    Await.until("it is lost", () -> count.get() > 0);
    pair.send(11);

    assertThat(pair.restUntilClosed()).isEmpty();
    assertAudited("lost or out of order");
  }

  @Test
  void whatItTurnsRoundClosesTheConnection() throws Exception {
    Pair pair = new Pair("turned");
    List<byte[]> kept = new CopyOnWriteArrayList<>();
    evil.doesWithConnections(
        packet -> {
          if (!EvilBroker.topicOf(packet).endsWith("/a")) {
            return List.of(packet);
          }
          if (kept.isEmpty()) {
            kept.add(packet);
            return List.of();
          }
          return List.of(packet, kept.get(0));
        });

    pair.send(10);
    Await.until("it is kept", () -> !kept.isEmpty());
    pair.send(11);

    assertThat(pair.restUntilClosed()).isEmpty();
    assertAudited("lost or out of order");
  }

  @Test
  void whatIsForOthersOrRetainedIsIgnored() throws Exception {
    List<byte[]> seen = new CopyOnWriteArrayList<>();
    evil.doesWithConnections(
        packet -> {
          seen.add(packet);
          return List.of(packet);
        });
    Pair one = new Pair("one");
    Pair other = new Pair("other");
    evil.doesWithConnections(
        packet -> {
          List<byte[]> all = new ArrayList<>();
          seen.forEach(each -> all.add(EvilBroker.retained(each)));
          all.add(EvilBroker.retained(packet));
          all.add(packet);
          return all;
        });

    for (int i = 10; i < 30; i++) {
      one.send(i);
      other.send(i);
      assertThat(number(one.atServer.nextFrame())).isEqualTo(i);
      assertThat(number(other.atServer.nextFrame())).isEqualTo(i);
    }

    assertThat(one.atServer.waiting()).isZero();
    assertThat(other.atServer.waiting()).isZero();
    assertThat(audited).isEmpty();
  }
}
