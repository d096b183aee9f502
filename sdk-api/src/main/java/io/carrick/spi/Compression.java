package io.carrick.spi;

import java.util.List;
import java.util.Optional;

/**
 * What a node compresses by, and when. Given to {@link io.carrick.Messenger.Builder#compression}.
 * Safe for use by any thread.
 */
public interface Compression {

  /**
   * A payload, compressed.
   *
   * @param encoding one that both sides have
   * @param bytes what {@link #decompress} takes; nobody changes them any more
   */
  record Packed(String encoding, byte[] bytes) {}

  /** What one session sends. Its peer, and nothing else, is the same all the time. */
  interface Sender {

    /**
     * Compresses a payload, which it may not change, on the thread that sends it. Not asked on
     * threads that read connections, nor for messages that ask to go as they are.
     *
     * @param path the connection that the session has now
     * @return empty where the payload goes as it is
     */
    Optional<Packed> pack(PeerInfo path, String contentType, byte[] payload);
  }

  /**
   * The encodings that it undoes, best first, as peers know them: at most 32, of 1 to 255 printable
   * ASCII characters; always the same.
   */
  List<String> encodings();

  /** What a session sends whose peer undoes these, best first; asked once for each session. */
  Sender sender(List<String> theirs);

  /**
   * Decompresses what came from a peer, as {@link Compressor#decompress}.
   *
   * @param encoding one of {@link #encodings}
   * @throws io.carrick.CodecException if it cannot be, or is larger than {@code maxBytes}
   */
  byte[] decompress(String encoding, byte[] block, int maxBytes);
}
