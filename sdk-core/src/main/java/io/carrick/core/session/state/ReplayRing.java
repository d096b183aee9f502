package io.carrick.core.session.state;

import java.nio.ByteBuffer;

/**
 * Holds the encoded sequenced frames that the peer has not acknowledged (R2, F4). One array, grown
 * on demand; entries are a length and a frame, contiguous; a wrap marker sends the walker back to
 * the start. Belongs to the session's serial section, but for the frames between {@link
 * #handOffset} and the end: a writer may read these outside, since they are never moved or pruned
 * before {@link #handed} was called for them (growth copies to a new array).
 */
public final class ReplayRing {

  private static final int FIRST_BYTES = 4 << 10;
  private static final int WRAP = -1;

  private final int maxBytes;
  private final int maxFrames;
  private ByteBuffer ring = ByteBuffer.allocate(0);
  private ByteBuffer place = ring;
  private int head;
  private int tail;
  private int hand;
  private int frames;
  private int unhanded;
  private int usedBytes;
  private int unhandedBytes;
  private long tailSeq = 1;
  private long acked;

  ReplayRing(int maxBytes, int maxFrames) {
    this.maxBytes = maxBytes;
    this.maxFrames = maxFrames;
  }

  /** Whether a frame of this size can be stored. */
  public boolean hasRoom(int size) {
    int need = size + Integer.BYTES;
    if (frames >= maxFrames || usedBytes + need > maxBytes) {
      return false;
    }
    return place(need) >= 0 || ring.capacity() < maxBytes;
  }

  /**
   * Makes the place for a frame of this size; false where there is none, or no memory for it, so
   * that the frame must wait.
   */
  boolean makeRoom(int size) {
    if (!hasRoom(size)) {
      return false;
    }
    try {
      while (place(size + Integer.BYTES) < 0) {
        grow();
      }
      return true;
    } catch (OutOfMemoryError e) {
      return false;
    }
  }

  /** The place for a frame of this size: write exactly that many bytes. Room was checked before. */
  ByteBuffer append(int size) {
    int need = size + Integer.BYTES;
    int at = place(need);
    while (at < 0) {
      grow();
      at = place(need);
    }
    if (at != head && head + Integer.BYTES <= ring.capacity()) {
      ring.putInt(head, WRAP);
    }
    if (unhanded == 0) {
      hand = at;
    }
    if (frames == 0) {
      tail = at;
    }
    ring.putInt(at, size);
    head = at + need;
    frames++;
    unhanded++;
    usedBytes += need;
    unhandedBytes += need;
    place.limit(head).position(at + Integer.BYTES);
    return place;
  }

  private int place(int need) {
    int capacity = ring.capacity();
    if (frames == 0) {
      return need <= capacity ? 0 : -1;
    }
    if (head > tail) {
      if (head + need <= capacity) {
        return head;
      }
      return need < tail ? 0 : -1;
    }
    return head + need < tail ? head : -1;
  }

  private void grow() {
    int capacity = Math.min(maxBytes, Math.max(FIRST_BYTES, ring.capacity() * 2));
    if (capacity == ring.capacity()) {
      throw new IllegalStateException("replay buffer of " + maxBytes + " bytes is full");
    }
    // All that needs memory comes before all that changes.
    ByteBuffer larger = ByteBuffer.allocate(capacity);
    ByteBuffer view = larger.duplicate();
    int from = tail;
    int to = 0;
    for (int i = 0; i < frames; i++) {
      from = skipWrap(ring, from);
      if (i == frames - unhanded) {
        hand = to;
      }
      int bytes = ring.getInt(from) + Integer.BYTES;
      larger.put(to, ring.array(), from, bytes);
      from += bytes;
      to += bytes;
    }
    ring = larger;
    place = view;
    tail = 0;
    head = to;
  }

  /** The offset of an entry, after a possible wrap marker at this offset. */
  public static int skipWrap(ByteBuffer ring, int offset) {
    return offset + Integer.BYTES > ring.capacity() || ring.getInt(offset) == WRAP ? 0 : offset;
  }

  /** The array that holds the frames not yet handed to a connection. */
  public ByteBuffer buffer() {
    return ring;
  }

  /** Where the first frame not yet handed begins, perhaps behind a wrap marker. */
  public int handOffset() {
    return hand;
  }

  /** How many frames were not yet handed. */
  public int unhanded() {
    return unhanded;
  }

  int unhandedBytes() {
    return unhandedBytes;
  }

  /** The highest seq handed to a connection; 0 for none. */
  public long handedSeq() {
    return tailSeq + frames - unhanded - 1;
  }

  /** The seq of the next frame to be stored. */
  long nextSeq() {
    return tailSeq + frames;
  }

  /** A connection is done with the next frames. */
  public void handed(int count) {
    for (int i = 0; i < count; i++) {
      hand = skipWrap(ring, hand);
      int bytes = ring.getInt(hand) + Integer.BYTES;
      hand += bytes;
      unhandedBytes -= bytes;
    }
    unhanded -= count;
    prune();
  }

  /** Another connection begins: all that is kept goes over it, from the lowest seq on (R8). */
  void rewind() {
    hand = tail;
    unhanded = frames;
    unhandedBytes = usedBytes;
  }

  /** Leaves out what the peer has acknowledged meanwhile; only while no frame is being written. */
  public void skipAcknowledged() {
    while (unhanded > 0 && handedSeq() < acked) {
      handed(1);
    }
  }

  /** The highest seq that the peer acknowledged. */
  public long acked() {
    return acked;
  }

  /** The peer has all frames up to this one; returns the bytes that this freed. */
  int acknowledge(long seq) {
    acked = Math.max(acked, seq);
    return prune();
  }

  private int prune() {
    int before = usedBytes;
    while (frames > unhanded && tailSeq <= acked) {
      tail = skipWrap(ring, tail);
      int bytes = ring.getInt(tail) + Integer.BYTES;
      tail += bytes;
      usedBytes -= bytes;
      frames--;
      tailSeq++;
    }
    if (frames == 0) {
      tail = 0;
      head = 0;
      hand = 0;
    }
    return before - usedBytes;
  }

  public int usedBytes() {
    return usedBytes;
  }

  int capacity() {
    return ring.capacity();
  }

  /** Gives memory back where a large buffer stands empty. */
  void trim() {
    if (frames == 0 && ring.capacity() > 64 << 10) {
      ByteBuffer none = ByteBuffer.allocate(0);
      place = none.duplicate();
      ring = none;
    }
  }
}
