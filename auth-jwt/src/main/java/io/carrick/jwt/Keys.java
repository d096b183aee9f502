package io.carrick.jwt;

import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyOperation;
import com.nimbusds.jose.jwk.KeyUse;
import io.carrick.TokenException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.text.ParseException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The keys that are trusted, by their ids; read again where their file has changed. */
final class Keys {

  private static final System.Logger LOG = System.getLogger(Keys.class.getName());
  private static final int MAX_BYTES = 1 << 20;
  private static final int MAX_KEYS = 64;
  private static final long LOOK_NANOS = 10_000_000_000L;
  private static final long LOOK_FOR_UNKNOWN_NANOS = 1_000_000_000L;

  /** The keys of one reading, and the file as it was then. */
  private record State(Map<String, Key> keys, @Nullable Object file) {}

  private final @Nullable Path file;
  private final LongSupplier nanoTime;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile State state;
  private volatile long looked;

  private Keys(@Nullable Path file, LongSupplier nanoTime, State state) {
    this.file = file;
    this.nanoTime = nanoTime;
    this.state = state;
    this.looked = nanoTime.getAsLong();
  }

  static Keys of(String json) {
    return new Keys(null, System::nanoTime, new State(parse(json), null));
  }

  static Keys of(Path file, LongSupplier nanoTime) {
    try {
      return new Keys(file, nanoTime, read(file));
    } catch (IOException e) {
      throw new IllegalArgumentException("cannot read the keys of " + file + ": " + e, e);
    }
  }

  /** The key that a token names; the only one where it names none. */
  Key find(JWSHeader header) throws TokenException {
    String id = header.getKeyID();
    look(LOOK_NANOS);
    Key key = find(id);
    if (key == null) {
      look(LOOK_FOR_UNKNOWN_NANOS);
      key = find(id);
    }
    if (key == null) {
      throw new TokenException(
          TokenException.Reason.UNTRUSTED,
          id == null
              ? "no key id, and there are " + state.keys().size() + " keys"
              : "key " + id + " is not one of " + state.keys().keySet());
    }
    return key;
  }

  private @Nullable Key find(@Nullable String id) {
    Map<String, Key> keys = state.keys();
    if (id != null) {
      return keys.get(id);
    }
    return keys.size() == 1 ? keys.values().iterator().next() : null;
  }

  /** Reads the file again if nobody has looked for so long and it has changed. */
  private void look(long after) {
    Path from = file;
    if (from == null || nanoTime.getAsLong() - looked < after || !lock.tryLock()) {
      return;
    }
    try {
      looked = nanoTime.getAsLong();
      if (!version(from).equals(state.file())) {
        state = read(from);
        LOG.log(System.Logger.Level.INFO, "read keys {0} of {1}", state.keys().keySet(), from);
      }
    } catch (IOException | IllegalArgumentException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "cannot read the keys of {0}, so those from before stay: {1}",
          from,
          e.getMessage());
    } finally {
      lock.unlock();
    }
  }

  private static Object version(Path file) throws IOException {
    BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
    return java.util.Arrays.asList(now.lastModifiedTime(), now.size(), now.fileKey());
  }

  private static State read(Path file) throws IOException {
    Object version = version(file);
    byte[] bytes;
    try (InputStream in = Files.newInputStream(file)) {
      bytes = in.readNBytes(MAX_BYTES + 1);
    }
    if (bytes.length > MAX_BYTES) {
      throw new IllegalArgumentException(file + " has more than " + MAX_BYTES + " bytes of keys");
    }
    return new State(parse(new String(bytes, StandardCharsets.UTF_8)), version);
  }

  private static Map<String, Key> parse(String json) {
    List<JWK> all;
    try {
      all = JWKSet.parse(json).getKeys();
    } catch (ParseException e) {
      throw new IllegalArgumentException("no JSON Web Key Set: " + e.getMessage(), e);
    }
    Map<String, Key> keys = new HashMap<>();
    for (JWK key : all) {
      if (signs(key)) {
        String id = key.getKeyID() == null ? "" : key.getKeyID();
        if (keys.put(id, Key.of(key)) != null) {
          throw new IllegalArgumentException("two keys have the id \"" + id + "\"");
        }
      }
    }
    if (keys.isEmpty() || keys.size() > MAX_KEYS) {
      throw new IllegalArgumentException(
          keys.size() + " keys for signatures, and 1 to " + MAX_KEYS + " are taken");
    }
    return Map.copyOf(keys);
  }

  /** Whether a key is there for signatures. */
  private static boolean signs(JWK key) {
    KeyUse use = key.getKeyUse();
    Set<KeyOperation> operations = key.getKeyOperations();
    return (use == null || use.equals(KeyUse.SIGNATURE))
        && (operations == null || operations.contains(KeyOperation.VERIFY));
  }

  @Override
  public String toString() {
    return "keys=" + state.keys().keySet();
  }
}
