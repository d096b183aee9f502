package io.carrick.transport.support;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.spi.Endpoint;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class UnknownPeersTest {

  private static final Optional<InetAddress> HERE = Optional.of(InetAddress.getLoopbackAddress());

  private final UnknownPeers<Waiting> peers = new UnknownPeers<>(Endpoint.parse("test:here"), 2);
  private final List<String> shed = new ArrayList<>();

  private final class Waiting implements UnknownPeers.Peer {

    private final String name;
    private final Optional<InetAddress> from;

    Waiting(String name, Optional<InetAddress> from) {
      this.name = name;
      this.from = from;
      peers.arrive(this);
    }

    @Override
    public Optional<InetAddress> from() {
      return from;
    }

    @Override
    public void shed() {
      shed.add(name);
    }
  }

  @Test
  void theOldestGoesForOneTooMany() {
    for (String name : List.of("a", "b", "c", "d")) {
      new Waiting(name, HERE);
    }

    assertThat(shed).containsExactly("a", "b");
    assertThat(peers.waiting()).extracting(peer -> peer.name).containsExactly("c", "d");
  }

  @Test
  void whoIsKnownOrHasGoneMakesRoom() {
    Waiting first = new Waiting("a", HERE);
    new Waiting("b", HERE);
    peers.leave(first);
    new Waiting("c", HERE);

    assertThat(shed).isEmpty();
  }

  @Test
  void theOldestOfAnAddressGoesWhereThatIsFull() {
    new Waiting("a", Optional.empty());
    new Waiting("b", HERE);

    assertThat(peers.shedOldest(HERE::equals)).isTrue();
    assertThat(peers.shedOldest(HERE::equals)).isFalse();

    assertThat(shed).containsExactly("b");
    assertThat(peers.shedOldest(any -> true)).isTrue();
    assertThat(shed).containsExactly("b", "a");
  }
}
