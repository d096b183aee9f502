package io.carrick.core.session;

import io.carrick.Delivered;
import io.carrick.StatusCode;
import io.carrick.core.frame.FrameWriter;
import io.carrick.core.session.auth.Audit;
import io.carrick.core.session.state.End;
import java.util.Map;

/** Ends a session that cannot go on: by a fault of this node, or of the peer, or of the path. */
final class SessionFaults {

  private final Session session;

  SessionFaults(Session session) {
    this.session = session;
  }

  /** In the serial section: ends the session, and tells the peer why. */
  void end(StatusCode code, String words, String message) {
    if (session.core.ended() == null) {
      session.section.writer().say(FrameWriter.pathClose(words, true, code.number()));
      session.core.lose(new End(End.Cause.SESSION_LOST, code, message, Map.of(), Delivered.MAYBE));
    }
  }

  /**
   * In the serial section: a step threw, perhaps half done, so that the state can not be relied on.
   */
  void failed(Throwable t) {
    end(
        failure(t),
        words(t),
        session.config.service()
            + " ended the session with "
            + session.peer().service()
            + ", since it failed: "
            + t);
  }

  /** In the serial section: tells the peer that the session has ended by a fault. */
  void sayFailed(Throwable t) {
    session.section.writer().say(FrameWriter.pathClose(words(t), true, failure(t).number()));
  }

  private static StatusCode failure(Throwable t) {
    return t instanceof VirtualMachineError ? StatusCode.RESOURCE_EXHAUSTED : StatusCode.INTERNAL;
  }

  private static String words(Throwable t) {
    return t instanceof VirtualMachineError ? "out of memory" : "a fault of the node";
  }

  /** Ends the session without a word to the peer, which does not know it. */
  void lose(StatusCode code, String message) {
    session.section.turn(
        () ->
            session.core.lose(
                new End(End.Cause.SESSION_LOST, code, message, Map.of(), Delivered.MAYBE)));
  }

  void violated(String rule) {
    try {
      Audit.of(Audit.Event.PROTOCOL_VIOLATED)
          .with("peer", session.peer().service())
          .with("principal", session.peer().principal())
          .with("address", session.path().address())
          .with("reason", rule)
          .log();
    } finally {
      String message = session.peer().service() + " broke the protocol: " + rule;
      session.section.turn(() -> end(StatusCode.INTERNAL, rule, message));
    }
  }

  /** For the timer, as {@link Session#tick}. */
  boolean overBudget(Budget budget) {
    String message =
        "the buffers of all sessions hold "
            + budget.used()
            + " bytes, more than the "
            + budget.limit()
            + " allowed, and this one holds most ("
            + session.heldBytes()
            + "): raise bufferBudget, or send less at a time";
    return session.section.tryTurn(
        this,
        message,
        (core, faults, words) -> faults.end(StatusCode.RESOURCE_EXHAUSTED, words, words));
  }
}
