package io.carrick.core.session;

import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Sessions that could not tell all they had to, since there was no memory; they may be over. The
 * timer tries again until there is some. Any thread may add one, which allocates nothing.
 */
final class Untold {

  /** When the timer comes again to a session that could not be left as it should. */
  static final long AGAIN_NANOS = 10_000_000L;

  /** The last one; each knows the one before. */
  private final AtomicReference<@Nullable Section> last = new AtomicReference<>();

  void add(Section section) {
    if (!section.untold.compareAndSet(false, true)) {
      return;
    }
    Section before;
    do {
      before = last.get();
      section.untoldBefore = before;
    } while (!last.compareAndSet(before, section));
  }

  /** Has each one told; whether there are some that could not be. */
  boolean tell(Predicate<Section> tell) {
    Section section = last.getAndSet(null);
    while (section != null) {
      Section before = section.untoldBefore;
      section.untoldBefore = null;
      section.untold.set(false);
      if (!tell.test(section)) {
        add(section);
      }
      section = before;
    }
    return last.get() != null;
  }
}
