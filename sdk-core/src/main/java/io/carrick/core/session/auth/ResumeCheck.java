package io.carrick.core.session.auth;

import io.carrick.core.frame.Challenge;
import io.carrick.core.frame.FrameWriter;
import io.carrick.core.frame.Proof;
import io.carrick.core.frame.Resume;
import io.carrick.core.frame.Resumed;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/** The acceptor's side of one attempt to resume. Pure. */
public final class ResumeCheck {

  /** Stands in for a key that there is none of, so that the work is the same (R16). */
  private static final SessionKey NOBODY =
      SessionKey.derive(new byte[32], new byte[32], "carrick v1 nobody");

  public final Resume resume;
  private final Challenge challenge;
  private final byte[] transcript;

  public ResumeCheck(Resume resume, byte[] nonce, byte[] pathNonce) {
    this.resume = resume;
    this.challenge = new Challenge(nonce, pathNonce);
    this.transcript = ResumeAttempt.transcript(resume, challenge);
  }

  public byte[] challenge() {
    return FrameWriter.challenge(challenge);
  }

  /**
   * The key that the proof was made with; null where it is none of the session's. The work is the
   * same for every proof of every session.
   *
   * @param keyBefore whether the key before the last resume counts, too
   */
  public @Nullable SessionKey proved(Binding binding, Proof proof, boolean keyBefore) {
    SessionKey before = binding.previous();
    boolean current = proves(binding.key(), proof);
    boolean previous = proves(before == null ? NOBODY : before, proof);
    if (current) {
      return binding.key();
    }
    return previous && before != null && keyBefore ? before : null;
  }

  /**
   * Adopts the epoch with the key that was proved (R6); false where it is not this session's.
   *
   * @param epochsRise whether it must be higher than the last one
   */
  public boolean adopt(Binding binding, SessionKey proved, boolean epochsRise) {
    if ((epochsRise && resume.epoch() <= binding.epoch())
        || !MessageDigest.isEqual(resume.clientInstance(), binding.initiator())
        || !MessageDigest.isEqual(resume.serverInstance(), binding.acceptor())) {
      return false;
    }
    binding.adopt(resume.epoch(), proved, transcript);
    return true;
  }

  /** RESUMED, after {@link #adopt} with the key that it proved. */
  public byte[] resumed(Binding binding, long cum) {
    SessionKey proved = binding.previous();
    if (proved == null) {
      throw new IllegalStateException("nothing was adopted");
    }
    return FrameWriter.resumed(
        new Resumed(resume.epoch(), cum, ResumeAttempt.confirmation(proved, transcript, cum)));
  }

  private boolean proves(SessionKey key, Proof proof) {
    return MessageDigest.isEqual(key.mac("c", transcript), proof.mac());
  }
}
