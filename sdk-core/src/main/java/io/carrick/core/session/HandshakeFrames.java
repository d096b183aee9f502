package io.carrick.core.session;

import io.carrick.ConnectException;
import io.carrick.Principal;
import io.carrick.SecurityLevel;
import io.carrick.StatusCode;
import io.carrick.core.frame.Hello;
import io.carrick.core.frame.ReceiveLimits;
import io.carrick.core.frame.Reject;
import io.carrick.core.frame.Text;
import io.carrick.core.frame.Welcome;
import io.carrick.core.session.auth.Binding;
import io.carrick.core.session.auth.HandshakeRules;
import io.carrick.core.session.auth.HostId;
import io.carrick.core.session.auth.KeyShare;
import io.carrick.core.session.auth.PathRules;
import io.carrick.core.session.auth.PeerIdentity;
import io.carrick.core.session.auth.SessionKey;
import io.carrick.core.session.auth.Transcript;
import io.carrick.core.session.state.OutMessage;
import io.carrick.core.session.state.SessionConfig;
import io.carrick.spi.PeerInfo;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What both sides say before a session is open. Pure but for its random numbers. */
final class HandshakeFrames {

  /** The version of wire.proto that this code speaks. */
  static final int VERSION = 1;

  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int MAX_CALLS = 1 << 20;
  private static final String KEY = "carrick v1 session";

  private HandshakeFrames() {}

  static Hello hello(SessionConfig config, String expectedService, KeyShare share, String token) {
    return new Hello(
        VERSION,
        VERSION,
        config.instance(),
        config.service(),
        expectedService,
        random(32),
        share.publicKey(),
        limits(config),
        config.contentTypes(),
        config.encodings(),
        config.resumption().floor().ordinal(),
        token,
        config.resumption().toldMillis());
  }

  /** What the acceptor answers, and what binds the session to both sides. */
  record Answer(Welcome welcome, @Nullable Binding binding) {}

  /**
   * Answers a HELLO that was not refused. A peer without a key share gets a session that ends with
   * its connection.
   *
   * @param redialMillis when the peer dials again; see {@link SessionRuntime#redialMillis}
   * @param identityRequired whether other paths must show who the peer is
   * @throws GeneralSecurityException if its key share gives no secret
   */
  static Answer answer(
      SessionConfig config, Hello hello, long redialMillis, boolean identityRequired)
      throws GeneralSecurityException {
    boolean keyed = hello.keyShare().length > 0;
    KeyShare share = keyed ? KeyShare.create() : null;
    Welcome bare =
        new Welcome(
            VERSION,
            config.instance(),
            config.service(),
            random(16),
            random(32),
            share == null ? OutMessage.NO_BYTES : share.publicKey(),
            limits(config),
            config.contentTypes(),
            config.encodings(),
            config.resumption().floor().ordinal(),
            config.resumption().endpoints().get(),
            OutMessage.NO_BYTES,
            OutMessage.NO_BYTES,
            redialMillis,
            identityRequired);
    if (share == null) {
      return new Answer(bare, null);
    }
    return seal(hello, bare, share, HostId.bootId());
  }

  /** Completes a WELCOME that holds all but {@code mac} and {@code host}. */
  static Answer seal(Hello hello, Welcome bare, KeyShare share, byte[] bootId)
      throws GeneralSecurityException {
    byte[] transcript = transcript(hello, bare);
    SessionKey key = SessionKey.derive(share.agree(hello.keyShare()), transcript, KEY);
    byte[] host = host(key, bootId);
    Welcome sealed =
        new Welcome(
            bare.version(),
            bare.instance(),
            bare.service(),
            bare.session(),
            bare.nonce(),
            bare.keyShare(),
            bare.limits(),
            bare.contentTypes(),
            bare.encodings(),
            bare.floor(),
            bare.endpoints(),
            proof(key, transcript, host),
            host,
            bare.redialMillis(),
            bare.identityRequired());
    return new Answer(sealed, binding(hello, sealed, key));
  }

  /**
   * What binds the session that this WELCOME opens; null where the acceptor agreed no key.
   *
   * @throws GeneralSecurityException if the acceptor does not prove that it has the key
   */
  static @Nullable Binding agree(Hello hello, Welcome welcome, KeyShare share)
      throws GeneralSecurityException {
    if (welcome.keyShare().length == 0) {
      return null;
    }
    byte[] transcript = transcript(hello, welcome);
    SessionKey key = SessionKey.derive(share.agree(welcome.keyShare()), transcript, KEY);
    if (!MessageDigest.isEqual(welcome.mac(), proof(key, transcript, welcome.host()))) {
      throw new GeneralSecurityException("WELCOME does not prove the agreed key");
    }
    return binding(hello, welcome, key);
  }

  private static Binding binding(Hello hello, Welcome welcome, SessionKey key) {
    return new Binding(welcome.session(), hello.instance(), welcome.instance(), key);
  }

  /** Whether this WELCOME came from this host. */
  static boolean sameHost(Welcome welcome, @Nullable Binding binding) {
    return binding != null
        && welcome.host().length > 0
        && MessageDigest.isEqual(welcome.host(), host(binding.key(), HostId.bootId()));
  }

  private static byte[] host(SessionKey key, byte[] bootId) {
    return bootId.length == 0 ? bootId : key.mac("host", bootId);
  }

  /** {@code host} is made with the key, and the key with the transcript: so it stands behind it. */
  private static byte[] proof(SessionKey key, byte[] transcript, byte[] host) {
    return key.mac(
        "w",
        ByteBuffer.allocate(transcript.length + host.length).put(transcript).put(host).array());
  }

  /**
   * All fields in the order of their numbers, but {@code resume_ms} of HELLO and {@code mac},
   * {@code host} and {@code identity_required} of WELCOME.
   */
  static byte[] transcript(Hello h, Welcome w) {
    return new Transcript("carrick v1 hello")
        .add(h.minVersion())
        .add(h.maxVersion())
        .add(h.instance())
        .add(h.service())
        .add(h.expectedService())
        .add(h.nonce())
        .add(h.keyShare())
        .add(h.limits())
        .add(h.contentTypes())
        .add(h.encodings())
        .add(h.floor())
        .add(h.token())
        .add(w.version())
        .add(w.instance())
        .add(w.service())
        .add(w.session())
        .add(w.nonce())
        .add(w.keyShare())
        .add(w.limits())
        .add(w.contentTypes())
        .add(w.encodings())
        .add(w.floor())
        .add(w.endpoints())
        .add(w.redialMillis())
        .hash();
  }

  private static ReceiveLimits limits(SessionConfig config) {
    return new ReceiveLimits(
        config.maxMessageBytes(),
        config.initialBytes(),
        config.initialCalls(),
        config.initialCalls());
  }

  /** Why a HELLO is refused; null where it is taken. */
  static @Nullable Reject refuse(Hello hello, SessionConfig config, PeerInfo path) {
    if (hello.minVersion() > VERSION || hello.maxVersion() < VERSION) {
      return reject(
          config,
          "peer speaks versions "
              + hello.minVersion()
              + " to "
              + hello.maxVersion()
              + " of the wire, "
              + config.service()
              + " speaks "
              + VERSION
              + ": upgrade the older side");
    }
    String wrong = HandshakeRules.wrong(hello);
    if (wrong != null) {
      return reject(config, wrong);
    }
    if (!hello.expectedService().isEmpty() && !hello.expectedService().equals(config.service())) {
      return reject(
          config,
          "service \""
              + Text.printable(hello.expectedService())
              + "\" was expected, and this is \""
              + config.service()
              + "\": correct the endpoint or the name");
    }
    SecurityLevel floor = floor(hello.floor(), config);
    if (PathRules.security(path).compareTo(floor) < 0) {
      return reject(
          config,
          path.address()
              + " gives security "
              + PathRules.security(path)
              + ", and "
              + floor
              + " is required: use an endpoint that gives it, or lower the floor");
    }
    return null;
  }

  static Reject reject(SessionConfig config, String message) {
    return new Reject(config.instance(), StatusCode.FAILED_PRECONDITION.number(), message);
  }

  /** Why a WELCOME is refused; null where it is taken. */
  static @Nullable ConnectException refuse(Welcome welcome, String expectedService) {
    if (welcome.version() != VERSION) {
      return new ConnectException(
          StatusCode.FAILED_PRECONDITION,
          "the peer chose version "
              + welcome.version()
              + " of the wire, this side speaks "
              + VERSION,
          null);
    }
    String wrong = HandshakeRules.wrong(welcome);
    if (wrong != null) {
      return new ConnectException(StatusCode.FAILED_PRECONDITION, wrong, null);
    }
    if (!expectedService.isEmpty() && !expectedService.equals(welcome.service())) {
      return new ConnectException(
          StatusCode.FAILED_PRECONDITION,
          "service \""
              + expectedService
              + "\" was expected, and \""
              + Text.printable(welcome.service())
              + "\" answered: correct the endpoint or the name",
          null);
    }
    return null;
  }

  /** The higher of what both sides require. */
  static SecurityLevel floor(long theirs, SessionConfig config) {
    SecurityLevel own = config.resumption().floor();
    SecurityLevel their = SecurityLevel.values()[(int) theirs];
    return own.compareTo(their) >= 0 ? own : their;
  }

  /** The peer's limits as this side uses them: no count that could overflow. */
  static ReceiveLimits bounded(ReceiveLimits limits) {
    return new ReceiveLimits(
        limits.maxMessageBytes(),
        limits.initialBytes(),
        Math.min(limits.calls(), MAX_CALLS),
        Math.min(limits.streams(), MAX_CALLS));
  }

  static PeerIdentity identity(
      String service,
      byte[] instance,
      Principal principal,
      List<String> types,
      List<String> encodings,
      long maxMessage,
      PeerInfo path) {
    return new PeerIdentity(
        service,
        HexFormat.of().formatHex(instance),
        principal,
        List.copyOf(types),
        List.copyOf(encodings),
        maxMessage,
        path);
  }

  static byte[] random(int count) {
    byte[] bytes = new byte[count];
    RANDOM.nextBytes(bytes);
    return bytes;
  }
}
