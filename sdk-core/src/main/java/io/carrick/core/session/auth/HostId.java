package io.carrick.core.session.auth;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Which host this is, until it boots again: Linux tells it to every container alike. */
public final class HostId {

  private static final byte[] BOOT_ID = read(Path.of("/proc/sys/kernel/random/boot_id"));

  private HostId() {}

  /** Empty where the system does not tell. */
  public static byte[] bootId() {
    return BOOT_ID.clone();
  }

  private static byte[] read(Path file) {
    try {
      return Files.readString(file).strip().getBytes(StandardCharsets.US_ASCII);
    } catch (IOException | SecurityException e) {
      return new byte[0];
    }
  }
}
