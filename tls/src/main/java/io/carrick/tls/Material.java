package io.carrick.tls;

import io.carrick.TlsConfig;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** What the files of a source hold. */
final class Material {

  /** A certificate chain and the key of its first. */
  record Identity(List<X509Certificate> chain, PrivateKey key) {}

  private Material() {}

  static Identity identity(TlsConfig.Source source) throws IOException, GeneralSecurityException {
    Identity identity =
        source.password() == null
            ? pem(source.file(), Objects.requireNonNull(source.key()))
            : stored(source.file(), source.password());
    requireBelonging(identity);
    return identity;
  }

  /** Believes what the source holds, or the JVM where there is none. */
  static X509ExtendedTrustManager trust(TlsConfig.@Nullable Source source)
      throws IOException, GeneralSecurityException {
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(source == null ? null : anchors(source));
    for (TrustManager manager : factory.getTrustManagers()) {
      if (manager instanceof X509ExtendedTrustManager found) {
        return found;
      }
    }
    throw new GeneralSecurityException("this JVM has no trust manager for X.509");
  }

  private static KeyStore anchors(TlsConfig.Source source)
      throws IOException, GeneralSecurityException {
    KeyStore anchors = KeyStore.getInstance(KeyStore.getDefaultType());
    anchors.load(null, null);
    for (X509Certificate each : certificatesOf(source)) {
      anchors.setCertificateEntry("anchor-" + anchors.size(), each);
    }
    if (anchors.size() == 0) {
      throw new GeneralSecurityException("it holds no certificate entry");
    }
    return anchors;
  }

  private static List<X509Certificate> certificatesOf(TlsConfig.Source source)
      throws IOException, GeneralSecurityException {
    if (source.password() == null) {
      return PemFiles.certificates(source.file());
    }
    KeyStore store = load(source.file(), source.password());
    List<X509Certificate> found = new ArrayList<>();
    for (String alias : Collections.list(store.aliases())) {
      if (store.isCertificateEntry(alias)
          && store.getCertificate(alias) instanceof X509Certificate each) {
        found.add(each);
      }
    }
    return found;
  }

  private static Identity pem(Path file, Path key) throws IOException, GeneralSecurityException {
    return new Identity(PemFiles.certificates(file), PemFiles.key(key));
  }

  private static Identity stored(Path file, String password)
      throws IOException, GeneralSecurityException {
    KeyStore store = load(file, password);
    List<String> keys = new ArrayList<>();
    for (String alias : Collections.list(store.aliases())) {
      if (store.isKeyEntry(alias)) {
        keys.add(alias);
      }
    }
    if (keys.size() != 1) {
      throw new GeneralSecurityException(
          "it holds " + keys.size() + " keys " + keys + ": leave exactly one in it");
    }
    Certificate[] chain = store.getCertificateChain(keys.get(0));
    if (chain == null
        || !(store.getKey(keys.get(0), password.toCharArray()) instanceof PrivateKey key)) {
      throw new GeneralSecurityException("its entry " + keys.get(0) + " is no key with a chain");
    }
    return new Identity(Arrays.stream(chain).map(X509Certificate.class::cast).toList(), key);
  }

  private static KeyStore load(Path file, String password)
      throws IOException, GeneralSecurityException {
    if (Files.size(file) > PemFiles.MAX_BYTES) {
      throw new GeneralSecurityException("it has more than " + PemFiles.MAX_BYTES + " bytes");
    }
    try (InputStream in = Files.newInputStream(file)) {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(in, password.toCharArray());
      return store;
    }
  }

  /** Or peers would say only that the signature is wrong. */
  private static void requireBelonging(Identity identity) throws GeneralSecurityException {
    String algorithm = identity.key().getAlgorithm();
    byte[] probe = {1, 2, 3};
    Signature signature =
        Signature.getInstance(
            algorithm.equals("EC")
                ? "SHA256withECDSA"
                : algorithm.equals("RSA") ? "SHA256withRSA" : "EdDSA");
    signature.initSign(identity.key());
    signature.update(probe);
    byte[] signed = signature.sign();
    boolean belongs;
    try {
      signature.initVerify(identity.chain().get(0).getPublicKey());
      signature.update(probe);
      belongs = signature.verify(signed);
    } catch (GeneralSecurityException otherKind) {
      belongs = false;
    }
    if (!belongs) {
      throw new GeneralSecurityException(
          "the key does not belong to the first certificate, "
              + identity.chain().get(0).getSubjectX500Principal().getName());
    }
  }
}
