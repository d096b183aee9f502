package io.carrick.certificates;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * A certificate authority whose key lies in a file, for demos and tests: whoever reads the file can
 * be everybody. For services that matter use the authority of your platform. All keys are of the
 * curve P-256. Safe for use by any thread.
 */
public final class CertificateAuthority {

  /** The name of its files in a directory. */
  public static final String NAME = "ca";

  private static final Duration VALIDITY = Duration.ofDays(365);
  private static final String SIGNATURE = "SHA256withECDSA";
  private static final int SERIAL_BITS = 127; // Positive and within 20 octets: RFC 5280, 4.1.2.2.
  private static final SecureRandom RANDOM = new SecureRandom();

  private final PemPair own;

  private CertificateAuthority(PemPair own) {
    this.own = own;
  }

  /** A new authority, valid for a year. */
  public static CertificateAuthority create(String commonName) {
    CertificateOrder order = CertificateOrder.of(commonName, List.of(), VALIDITY);
    KeyPair keys = newKeys();
    X500Principal name = nameOf(order);
    X509Certificate certificate =
        sign(order, name, keys.getPrivate(), keys.getPublic(), keys.getPublic(), true);
    return new CertificateAuthority(new PemPair(certificate, keys.getPrivate()));
  }

  /**
   * The authority whose files {@link PemPair#write} has put into a directory as {@value #NAME}.
   *
   * @throws IOException if they cannot be read, or are none
   */
  public static CertificateAuthority read(Path directory) throws IOException {
    Path file = PemPair.certificateFile(directory, NAME);
    Path keyFile = PemPair.keyFile(directory, NAME);
    try (java.io.InputStream in = Files.newInputStream(file)) {
      X509Certificate certificate =
          (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
      String text =
          Files.readString(keyFile, StandardCharsets.US_ASCII)
              .replaceAll("-----(BEGIN|END) PRIVATE KEY-----", "");
      byte[] key = Base64.getMimeDecoder().decode(text);
      PrivateKey own = KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(key));
      return new CertificateAuthority(new PemPair(certificate, own));
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new IOException(
          "no authority is in "
              + file
              + " and "
              + keyFile
              + " ("
              + e.getMessage()
              + "): remove both, and a new one is made",
          e);
    }
  }

  /** Its certificate and key. */
  public PemPair own() {
    return own;
  }

  /** A certificate for servers and clients, with a new key. */
  public PemPair issue(CertificateOrder order) {
    KeyPair keys = newKeys();
    X509Certificate certificate =
        sign(
            order,
            own.certificate().getSubjectX500Principal(),
            own.key(),
            own.certificate().getPublicKey(),
            keys.getPublic(),
            false);
    return new PemPair(certificate, keys.getPrivate());
  }

  private static X509Certificate sign(
      CertificateOrder order,
      X500Principal issuer,
      PrivateKey signer,
      PublicKey signerKey,
      PublicKey key,
      boolean authority) {
    try {
      JcaX509ExtensionUtils extensions = new JcaX509ExtensionUtils();
      JcaX509v3CertificateBuilder builder =
          new JcaX509v3CertificateBuilder(
              issuer,
              new BigInteger(SERIAL_BITS, RANDOM),
              Date.from(order.notBefore()),
              Date.from(order.notAfter()),
              nameOf(order),
              key);
      builder
          .addExtension(Extension.basicConstraints, true, new BasicConstraints(authority))
          .addExtension(
              Extension.keyUsage,
              true,
              new KeyUsage(
                  authority ? KeyUsage.keyCertSign | KeyUsage.cRLSign : KeyUsage.digitalSignature))
          .addExtension(
              Extension.subjectKeyIdentifier, false, extensions.createSubjectKeyIdentifier(key))
          .addExtension(
              Extension.authorityKeyIdentifier,
              false,
              extensions.createAuthorityKeyIdentifier(signerKey));
      if (!authority) {
        builder.addExtension(
            Extension.extendedKeyUsage,
            false,
            new ExtendedKeyUsage(
                new KeyPurposeId[] {KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth}));
      }
      if (!order.alternativeNames().isEmpty()) {
        builder.addExtension(
            Extension.subjectAlternativeName, false, alternatives(order.alternativeNames()));
      }
      return new JcaX509CertificateConverter()
          .getCertificate(builder.build(new JcaContentSignerBuilder(SIGNATURE).build(signer)));
    } catch (GeneralSecurityException | IOException | OperatorCreationException e) {
      throw new IllegalStateException("no certificate for " + order, e);
    }
  }

  private static GeneralNames alternatives(List<String> names) {
    return new GeneralNames(
        names.stream()
            .map(name -> new GeneralName(kindOf(name), name))
            .toArray(GeneralName[]::new));
  }

  private static int kindOf(String name) {
    if (name.contains("://")) {
      return GeneralName.uniformResourceIdentifier;
    }
    boolean address = name.indexOf(':') >= 0 || name.matches("[0-9.]+");
    return address ? GeneralName.iPAddress : GeneralName.dNSName;
  }

  private static X500Principal nameOf(CertificateOrder order) {
    return new X500Principal("CN=" + order.commonName());
  }

  private static KeyPair newKeys() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"), RANDOM);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JVM has no curve P-256", e);
    }
  }
}
