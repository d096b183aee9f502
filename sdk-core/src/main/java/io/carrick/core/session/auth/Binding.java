package io.carrick.core.session.auth;

import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * What ties connections to one session between two instances (R4, R6): its number, its epoch, and
 * the key that only these two know. Serial section only.
 */
public final class Binding {

  private final byte[] session;
  private final byte[] initiator;
  private final byte[] acceptor;
  private SessionKey key;

  /** The key before, while the initiator may not have heard of the present one. */
  private @Nullable SessionKey previous;

  private long epoch;
  private long tried;

  public Binding(byte[] session, byte[] initiator, byte[] acceptor, SessionKey key) {
    this.session = session;
    this.initiator = initiator;
    this.acceptor = acceptor;
    this.key = key;
  }

  /** The session's number, for the table of the acceptor. */
  public String id() {
    return id(session);
  }

  public static String id(byte[] session) {
    return HexFormat.of().formatHex(session);
  }

  public byte[] session() {
    return session;
  }

  byte[] initiator() {
    return initiator;
  }

  byte[] acceptor() {
    return acceptor;
  }

  public SessionKey key() {
    return key;
  }

  @Nullable SessionKey previous() {
    return previous;
  }

  public long epoch() {
    return epoch;
  }

  /** An epoch that no attempt has used. */
  long nextEpoch() {
    tried = Math.max(tried, epoch) + 1;
    return tried;
  }

  /** A connection of this epoch carries the session; {@code proved} was the key that said so. */
  void adopt(long newEpoch, SessionKey proved, byte[] transcript) {
    epoch = newEpoch;
    previous = proved;
    key = proved.next(transcript);
  }

  /** The peer has the present key, too. */
  public void confirmed() {
    previous = null;
  }
}
