package io.carrick.core.session;

import io.carrick.Principal;
import io.carrick.SecurityLevel;
import io.carrick.core.frame.ReceiveLimits;
import io.carrick.core.session.auth.Binding;
import io.carrick.core.session.auth.PeerIdentity;
import io.carrick.core.session.auth.SessionKey;
import io.carrick.core.session.state.SessionConfig;
import io.carrick.spi.PeerInfo;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What HELLO and WELCOME agreed.
 *
 * @param identityRequired whether the acceptor refuses paths that do not show who this side is
 * @param token whether HELLO showed one that counts
 */
record Agreement(
    boolean initiator,
    ReceiveLimits limits,
    PeerIdentity peer,
    @Nullable Binding binding,
    SecurityLevel floor,
    boolean sameHost,
    List<String> advertised,
    long redialNanos,
    boolean identityRequired,
    boolean token,
    @Nullable Instant expires) {

  /** That of a session which nobody can resume. */
  static Agreement stranger(SessionConfig config) {
    SessionKey key =
        SessionKey.derive(
            HandshakeFrames.random(32), HandshakeFrames.random(32), "carrick v1 stranger");
    PeerInfo nowhere = PeerInfo.of("nowhere");
    PeerIdentity nobody =
        HandshakeFrames.identity(
            "", new byte[16], Principal.NONE, List.of(), List.of(), 1, nowhere);
    return new Agreement(
        false,
        new ReceiveLimits(1, 0, 0, 0),
        nobody,
        new Binding(HandshakeFrames.random(16), HandshakeFrames.random(16), config.instance(), key),
        SecurityLevel.NONE,
        false,
        List.of(),
        0,
        false,
        false,
        null);
  }
}
