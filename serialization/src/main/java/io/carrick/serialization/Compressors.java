package io.carrick.serialization;

import io.carrick.spi.Compression;
import io.carrick.spi.Compressor;
import io.carrick.spi.PeerInfo;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Compresses by the first of some compressors that the peer has, too, where that is worth it: not
 * on the way to the same host, not what is less than 1 KiB, and what did not become smaller by an
 * eighth is not tried again for a while. Safe for use by any thread.
 */
public final class Compressors implements Compression {

  /** What is smaller goes as it is, in bytes: 1 KiB. */
  public static final int LEAST_BYTES = 1 << 10;

  private static final int MOST_COMPRESSORS = 8;
  private static final Pattern ENCODING = Pattern.compile("[a-z0-9._-]{1,32}");

  private final Map<String, Compressor> byEncoding = new LinkedHashMap<>();

  private Compressors(List<Compressor> compressors) {
    if (compressors.isEmpty() || compressors.size() > MOST_COMPRESSORS) {
      throw new IllegalArgumentException(
          compressors.size() + " compressors: give 1 to " + MOST_COMPRESSORS);
    }
    for (Compressor compressor : compressors) {
      String name = compressor.encoding();
      if (!ENCODING.matcher(name).matches()) {
        throw new IllegalArgumentException(
            "the encoding of "
                + compressor.getClass().getName()
                + " must match "
                + ENCODING.pattern());
      }
      if (!compressor.isAvailable()) {
        throw new IllegalArgumentException(
            "the compressor of " + name + " is not available: " + compressor.remedy());
      }
      if (byEncoding.putIfAbsent(name, compressor) != null) {
        throw new IllegalArgumentException("two compressors of " + name);
      }
    }
  }

  /**
   * Compresses by these, the preferred one first: 1 to 8.
   *
   * @throws IllegalArgumentException if one is not available, with what to install, or if its
   *     encoding is none or is that of another one
   */
  public static Compressors of(Compressor... compressors) {
    return new Compressors(List.copyOf(Arrays.asList(compressors)));
  }

  @Override
  public List<String> encodings() {
    return new ArrayList<>(byEncoding.keySet());
  }

  @Override
  public Sender sender(List<String> theirs) {
    for (Compressor compressor : byEncoding.values()) {
      if (theirs.contains(compressor.encoding())) {
        return new ByOne(compressor);
      }
    }
    return (path, contentType, payload) -> Optional.empty();
  }

  @Override
  public byte[] decompress(String encoding, byte[] block, int maxBytes) {
    Compressor compressor = byEncoding.get(encoding);
    if (compressor == null) {
      throw new IllegalArgumentException(encoding + " is none of " + encodings());
    }
    return compressor.decompress(block, maxBytes);
  }

  /** Remembers which content types do not shrink. */
  private static final class ByOne implements Sender {

    /** Content types by a part of their hash: those that meet rest together. */
    private static final int PLACES = 64;

    private static final int FIRST_REST = 4;
    private static final int LONGEST_REST = 256;

    private final Compressor compressor;

    // Guarded by this: the messages of a content type that still rest, and that will next time.
    private final int[] left = new int[PLACES];
    private final int[] following = new int[PLACES];

    ByOne(Compressor compressor) {
      this.compressor = compressor;
      Arrays.fill(following, FIRST_REST);
    }

    @Override
    public Optional<Packed> pack(PeerInfo path, String contentType, byte[] payload) {
      int place = contentType.hashCode() & (PLACES - 1);
      if (payload.length < LEAST_BYTES || path.sameHost() || rests(place)) {
        return Optional.empty();
      }
      boolean worth = false;
      try {
        byte[] bytes = compressor.compress(payload);
        worth = bytes.length > 0 && bytes.length <= payload.length - payload.length / 8;
        return worth ? Optional.of(new Packed(compressor.encoding(), bytes)) : Optional.empty();
      } finally {
        saw(place, worth);
      }
    }

    private synchronized boolean rests(int place) {
      return left[place] > 0 && left[place]-- > 0;
    }

    private synchronized void saw(int place, boolean worth) {
      left[place] = worth ? 0 : following[place];
      following[place] = worth ? FIRST_REST : Math.min(LONGEST_REST, 2 * following[place]);
    }
  }
}
