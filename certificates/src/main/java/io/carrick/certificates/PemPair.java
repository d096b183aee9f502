package io.carrick.certificates;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.PrivateKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.EnumSet;
import java.util.Set;

/**
 * A certificate and its private key, for files in PEM (RFC 7468).
 *
 * @param certificate for everybody
 * @param key for its owner only
 */
public record PemPair(X509Certificate certificate, PrivateKey key) {

  private static final int LINE = 64; // RFC 7468, section 2.

  /** Where a certificate of this name is in a directory. */
  public static Path certificateFile(Path directory, String name) {
    return directory.resolve(name + ".pem");
  }

  /** Where the key of a certificate of this name is in a directory. */
  public static Path keyFile(Path directory, String name) {
    return directory.resolve(name + "-key.pem");
  }

  /**
   * Writes both files, the key readable for its owner only (mode 0600), each at once in place of
   * one that was there.
   */
  public void write(Path directory, String name) {
    try {
      replace(keyFile(directory, name), pem("PRIVATE KEY", key.getEncoded()));
      replace(certificateFile(directory, name), pem("CERTIFICATE", certificate.getEncoded()));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + name + " into " + directory, e);
    } catch (CertificateEncodingException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Without the key. */
  @Override
  public String toString() {
    return certificate.getSubjectX500Principal().getName();
  }

  private static void replace(Path file, String text) throws IOException {
    FileAttribute<?> owner =
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    Files.deleteIfExists(fresh);
    Set<StandardOpenOption> create =
        EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    try (SeekableByteChannel channel = Files.newByteChannel(fresh, create, owner)) {
      ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    }
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private static String pem(String label, byte[] der) {
    String body = Base64.getMimeEncoder(LINE, new byte[] {'\n'}).encodeToString(der);
    return "-----BEGIN " + label + "-----\n" + body + "\n-----END " + label + "-----\n";
  }
}
