package io.carrick.core.session.state;

import io.carrick.PeerLimits;
import io.carrick.SecurityLevel;
import io.carrick.core.session.auth.Resumption;
import io.carrick.core.session.auth.Tokens;
import io.carrick.spi.Compression;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The limits of a session and what it says of itself. docs/session.md gives the rule behind each.
 *
 * @param service this node's service name
 * @param instance this node's 16 random bytes
 * @param contentTypes what this node can encode and decode, best first
 * @param maxMessageBytes the largest message taken (F7)
 * @param initialBytes bytes that a direction of a new exchange may carry, at least 65,536 (F6)
 * @param maxWindowBytes the largest byte window, F6: 1 MiB
 * @param initialCalls one-shot exchanges, and as many streams, that the peer may open at once, F6:
 *     64
 * @param maxCalls the same after growth, F6: 1,024
 * @param itemsWindow items granted ahead of delivery, F6: 256
 * @param replayBytes size of the replay buffer, F4: 8 MiB
 * @param replayFrames frames in the replay buffer, F4: 65,536
 * @param waitingCalls one-shot calls that wait for a seq, F2: 1,024
 * @param waitingBytes bytes of calls that wait for a seq, F2: 8 MiB
 * @param handshakeNanos time for HELLO and WELCOME, T10: 5 s
 * @param closeNanos time for open exchanges to end at close, and again for FIN, F14: 5 s
 * @param resumption how a session outlives its connections
 * @param tokens what is done with bearer tokens
 * @param peers what peers may take before they are known, and one principal in all
 * @param compression what compresses messages and undoes it; null where nothing does
 */
public record SessionConfig(
    String service,
    byte[] instance,
    List<String> contentTypes,
    int maxMessageBytes,
    int initialBytes,
    int maxWindowBytes,
    int initialCalls,
    int maxCalls,
    int itemsWindow,
    int replayBytes,
    int replayFrames,
    int waitingCalls,
    int waitingBytes,
    long handshakeNanos,
    long closeNanos,
    Resumption resumption,
    Tokens tokens,
    PeerLimits peers,
    @Nullable Compression compression) {

  /** The encodings that are undone here, best first. */
  public List<String> encodings() {
    return compression == null ? List.of() : compression.encodings();
  }

  /** The same with another time for the handshake. */
  public SessionConfig withHandshakeNanos(long nanos) {
    return with(nanos, resumption, tokens, peers, compression);
  }

  /** The same with another way to outlive connections. */
  public SessionConfig withResumption(Resumption value) {
    return value.equals(resumption)
        ? this
        : with(handshakeNanos, value, tokens, peers, compression);
  }

  /** The same with this floor, if it is a higher one. */
  public SessionConfig withFloor(SecurityLevel floor) {
    return floor.compareTo(resumption.floor()) > 0
        ? withResumption(
            new Resumption(
                resumption.nanos(),
                resumption.spreadNanos(),
                floor,
                resumption.endpoints(),
                resumption.alias(),
                resumption.relies()))
        : this;
  }

  /** The same with another way to treat tokens. */
  public SessionConfig withTokens(Tokens value) {
    return with(handshakeNanos, resumption, value, peers, compression);
  }

  /** The same with other limits of peers. */
  public SessionConfig withPeers(PeerLimits value) {
    return with(handshakeNanos, resumption, tokens, value, compression);
  }

  /** The same with messages compressed by this. */
  public SessionConfig withCompression(@Nullable Compression value) {
    return with(handshakeNanos, resumption, tokens, peers, value);
  }

  private SessionConfig with(
      long handshake,
      Resumption resume,
      Tokens withTokens,
      PeerLimits withPeers,
      @Nullable Compression withCompression) {
    return new SessionConfig(
        service,
        instance,
        contentTypes,
        maxMessageBytes,
        initialBytes,
        maxWindowBytes,
        initialCalls,
        maxCalls,
        itemsWindow,
        replayBytes,
        replayFrames,
        waitingCalls,
        waitingBytes,
        handshake,
        closeNanos,
        resume,
        withTokens,
        withPeers,
        withCompression);
  }

  /** The defaults of docs/session.md. */
  public static SessionConfig defaults(
      String service, byte[] instance, List<String> contentTypes, int maxMessageBytes) {
    return new SessionConfig(
        service,
        instance,
        contentTypes,
        maxMessageBytes,
        64 << 10,
        1 << 20,
        64,
        1024,
        256,
        8 << 20,
        65_536,
        1024,
        8 << 20,
        5_000_000_000L,
        5_000_000_000L,
        Resumption.DEFAULT,
        Tokens.NONE,
        PeerLimits.DEFAULT,
        null);
  }
}
