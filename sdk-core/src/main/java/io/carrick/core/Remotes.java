package io.carrick.core;

import io.carrick.core.path.SessionPool;
import java.util.AbstractCollection;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;

/**
 * The remotes of a messenger, as long as anybody uses them: the application, a call, or a session,
 * which refers to its remote until it ends. One that was closed, or dropped before it had a
 * session, is forgotten with the next collection of garbage. Safe for use by any thread.
 */
final class Remotes extends AbstractCollection<SessionPool> {

  // Guarded by itself.
  private final Set<SessionPool> known = Collections.newSetFromMap(new WeakHashMap<>());

  @Override
  public boolean add(SessionPool pool) {
    synchronized (known) {
      return known.add(pool);
    }
  }

  /** Those that there are now. */
  @Override
  public Iterator<SessionPool> iterator() {
    List<SessionPool> now;
    synchronized (known) {
      now = new ArrayList<>(known);
    }
    return now.iterator();
  }

  @Override
  public int size() {
    synchronized (known) {
      return known.size();
    }
  }
}
