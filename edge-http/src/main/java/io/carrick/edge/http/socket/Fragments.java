package io.carrick.edge.http.socket;

import io.carrick.transport.support.edge.HeldBytes;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Makes messages of text of the fragments that come, and counts what it holds. On the loop. */
final class Fragments {

  /** What a fragment counts at least. */
  private static final int LEAST_BYTES = 128;

  private final HeldBytes.OfConnection held;
  private final int mostBytes;
  private @Nullable ByteBuf gathered;
  private int counted;
  private int taken; // Of what is held.

  /**
   * @param mostBytes of a message
   */
  Fragments(HeldBytes.OfConnection held, int mostBytes) {
    this.held = held;
    this.mostBytes = mostBytes;
  }

  /**
   * One more fragment.
   *
   * @return the message where it is complete
   * @throws Violation if it is too large, or no UTF-8
   */
  @Nullable String add(ByteBuf fragment, boolean complete) {
    ByteBuf before = gathered;
    if (before == null && complete) {
      return text(fragment);
    }
    counted += Math.max(LEAST_BYTES, fragment.readableBytes());
    if (counted > mostBytes) {
      throw new Violation(
          Violation.TOO_BIG, "a message may have " + mostBytes + " bytes, with its fragments");
    }
    ByteBuf into = before == null ? Unpooled.buffer() : before;
    into.writeBytes(fragment);
    gathered = complete ? null : into;
    if (!complete) {
      return null;
    }
    counted = 0;
    return text(into);
  }

  private static String text(ByteBuf bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(bytes.nioBuffer()).toString();
    } catch (CharacterCodingException e) {
      throw new Violation(Violation.MALFORMED, "the message is no UTF-8");
    }
  }

  /**
   * Counts what is here of a message that is not complete.
   *
   * @param ofFrame bytes of a frame that is not
   * @throws Violation if that is too much
   */
  void hold(int ofFrame) {
    ByteBuf fragments = gathered;
    int now = ofFrame + (fragments == null ? 0 : fragments.readableBytes());
    int more = now - taken;
    taken = now;
    if (more < 0) {
      held.release(-more);
    } else if (more > 0 && held.take(more) != null) {
      throw new Violation(
          Violation.TRY_LATER, "this socket or its listener holds too much of what came");
    }
  }

  /** Nothing more comes. */
  void end() {
    gathered = null;
    hold(0);
  }
}
