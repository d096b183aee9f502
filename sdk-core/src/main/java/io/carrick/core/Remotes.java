package io.carrick.core;

import io.carrick.core.path.Lines;

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
final class Remotes extends AbstractCollection<Lines> {

  // Guarded by itself.
  private final Set<Lines> known = Collections.newSetFromMap(new WeakHashMap<>());

  @Override
  public boolean add(Lines lines) {
    synchronized (known) {
      return known.add(lines);
    }
  }

  /** Those that there are now. */
  @Override
  public Iterator<Lines> iterator() {
    List<Lines> now;
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
