package io.carrick.core.session.auth;

import io.carrick.core.frame.Challenge;
import io.carrick.core.frame.FrameWriter;
import io.carrick.core.frame.Proof;
import io.carrick.core.frame.Resume;
import io.carrick.core.frame.Resumed;
import java.nio.ByteBuffer;
import java.security.MessageDigest;

/** The initiator's side of one attempt to resume (docs/session.md, "Resume"). Pure. */
public final class ResumeAttempt {

  public static final int NONCE_BYTES = 32;

  private static final byte[] NO_BYTES = {};

  private final Binding binding;
  private final SessionKey key;
  private final Resume resume;
  private final boolean asNobody;
  private byte[] transcript = NO_BYTES;

  public ResumeAttempt(Binding binding, byte[] nonce, String pathKind, long cum, boolean asNobody) {
    this.asNobody = asNobody;
    this.binding = binding;
    this.key = binding.key();
    this.resume =
        new Resume(
            binding.session(),
            binding.initiator(),
            binding.acceptor(),
            binding.nextEpoch(),
            nonce,
            pathKind,
            cum);
  }

  /** All fields of both frames in the order of their numbers. */
  public static byte[] transcript(Resume r, Challenge c) {
    return new Transcript("carrick v1 resume")
        .add(r.session())
        .add(r.clientInstance())
        .add(r.serverInstance())
        .add(r.epoch())
        .add(r.nonce())
        .add(r.pathKind())
        .add(r.cum())
        .add(c.nonce())
        .add(c.pathNonce())
        .hash();
  }

  /** The acceptor's proof covers what it adds, too. */
  static byte[] confirmation(SessionKey key, byte[] transcript, long cum) {
    return key.mac("s", ByteBuffer.allocate(40).put(transcript).putLong(cum).array());
  }

  /** Whether the peer's principal is none once the connection counts. */
  public boolean asNobody() {
    return asNobody;
  }

  public byte[] begin() {
    return FrameWriter.resume(resume);
  }

  /** Whether {@link #prove} has answered: another CHALLENGE is the same one again. */
  public boolean proved() {
    return transcript.length > 0;
  }

  public byte[] prove(Challenge challenge) {
    transcript = transcript(resume, challenge);
    return FrameWriter.proof(new Proof(key.mac("c", transcript)));
  }

  /** Whether the acceptor has proved itself, too: the new connection then counts. */
  public boolean confirm(Resumed resumed) {
    if (transcript.length == 0
        || resumed.epoch() != resume.epoch()
        || !MessageDigest.isEqual(resumed.mac(), confirmation(key, transcript, resumed.cum()))) {
      return false;
    }
    binding.adopt(resume.epoch(), key, transcript);
    binding.confirmed();
    return true;
  }
}
