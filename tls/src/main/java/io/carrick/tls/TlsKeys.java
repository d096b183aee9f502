package io.carrick.tls;

import io.carrick.TlsConfig;
import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * The own identity, as it is in its files now. The alias of a handshake stands for the identity
 * that the handshake began with, so that no chain goes with the key of another. Safe for any
 * thread.
 */
public final class TlsKeys extends X509ExtendedKeyManager {

  private record Named(String alias, Material.Identity identity) {}

  private final Reloading<Material.Identity> files;

  // By its lock: the present identity and the one before it.
  private Named present;
  private Named before;
  private long count;

  /**
   * Reads the files.
   *
   * @throws io.carrick.EndpointException if they cannot be used
   */
  public TlsKeys(TlsConfig.Source source) {
    files = new Reloading<>(source, () -> Material.identity(source));
    present = new Named("carrick-0", files.get());
    before = present;
  }

  private synchronized @Nullable String alias(String... keyTypes) {
    Material.Identity now = files.get();
    if (!now.equals(present.identity())) {
      before = present;
      present = new Named("carrick-" + ++count, now);
    }
    for (String type : keyTypes) {
      if (type.equals(now.key().getAlgorithm())) {
        return present.alias();
      }
    }
    return null;
  }

  private synchronized Material.@Nullable Identity named(String alias) {
    return alias.equals(present.alias())
        ? present.identity()
        : alias.equals(before.alias()) ? before.identity() : null;
  }

  @Override
  public @Nullable String chooseEngineServerAlias(
      String keyType, Principal @Nullable [] issuers, SSLEngine engine) {
    return alias(keyType);
  }

  @Override
  public @Nullable String chooseEngineClientAlias(
      String[] keyTypes, Principal @Nullable [] issuers, SSLEngine engine) {
    return alias(keyTypes);
  }

  @Override
  public @Nullable String chooseServerAlias(
      String keyType, Principal @Nullable [] issuers, Socket socket) {
    return alias(keyType);
  }

  @Override
  public @Nullable String chooseClientAlias(
      String[] keyTypes, Principal @Nullable [] issuers, Socket socket) {
    return alias(keyTypes);
  }

  @Override
  public X509Certificate @Nullable [] getCertificateChain(String alias) {
    Material.Identity found = named(alias);
    return found == null ? null : found.chain().toArray(X509Certificate[]::new);
  }

  @Override
  public @Nullable PrivateKey getPrivateKey(String alias) {
    Material.Identity found = named(alias);
    return found == null ? null : found.key();
  }

  @Override
  public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
    return aliases(keyType);
  }

  @Override
  public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
    return aliases(keyType);
  }

  private String @Nullable [] aliases(String keyType) {
    String found = alias(keyType);
    return found == null ? null : new String[] {found};
  }
}
