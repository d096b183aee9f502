package io.carrick.core.session;

import io.carrick.core.frame.Challenge;
import io.carrick.core.frame.FrameWriter;
import io.carrick.core.frame.Proof;
import io.carrick.core.frame.Resume;
import io.carrick.core.frame.Resumed;
import java.security.MessageDigest;
import java.util.Set;

/** The acceptor's side of one attempt to resume. Pure. */
final class ResumeCheck {

  /** Stands in for the key of a session that is not known, so that the work is the same (R16). */
  private static final SessionKey NOBODY =
      SessionKey.derive(new byte[32], new byte[32], "carrick v1 nobody");

  final Resume resume;
  private final Challenge challenge;
  private final byte[] transcript;

  ResumeCheck(Resume resume, byte[] nonce, byte[] pathNonce) {
    this.resume = resume;
    this.challenge = new Challenge(nonce, pathNonce);
    this.transcript = ResumeAttempt.transcript(resume, challenge);
  }

  byte[] challenge() {
    return FrameWriter.challenge(challenge);
  }

  /** The same work as a check, for a session that is not known. */
  void checkNothing(Proof proof) {
    proves(NOBODY, proof);
    proves(NOBODY, proof);
  }

  /** Adopts the epoch where the proof holds (R6); false where it does not. */
  boolean adopt(Binding binding, Proof proof, Set<Rule> without) {
    boolean current = proves(binding.key(), proof);
    SessionKey before = binding.previous();
    boolean previous =
        proves(before == null ? NOBODY : before, proof)
            && before != null
            && !without.contains(Rule.KEY_BEFORE);
    SessionKey proved = current ? binding.key() : previous ? before : null;
    if (proved == null
        || (resume.epoch() <= binding.epoch() && !without.contains(Rule.RISING_EPOCHS))
        || !MessageDigest.isEqual(resume.clientInstance(), binding.initiator())
        || !MessageDigest.isEqual(resume.serverInstance(), binding.acceptor())) {
      return false;
    }
    binding.adopt(resume.epoch(), proved, transcript);
    return true;
  }

  /** RESUMED, after {@link #adopt} with the key that it proved. */
  byte[] resumed(Binding binding, long cum) {
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
