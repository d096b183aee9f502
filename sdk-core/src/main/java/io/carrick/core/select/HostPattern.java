package io.carrick.core.select;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** {@code host:port} as AdvertisedEndpoints.listed takes it, and literal addresses. Pure. */
final class HostPattern {

  private final String host;
  private final int port;
  private final int bits;
  private final byte @Nullable [] block;

  /** Parses a pattern that was found to be one. */
  HostPattern(String pattern) {
    int colon = pattern.lastIndexOf(':');
    String portText = pattern.substring(colon + 1);
    port = portText.equals("*") ? -1 : Integer.parseInt(portText);
    String whole = bare(pattern.substring(0, colon).toLowerCase(Locale.ROOT));
    int slash = whole.indexOf('/');
    host = slash < 0 ? whole : whole.substring(0, slash);
    InetAddress address = literal(host);
    block = address == null ? null : address.getAddress();
    int all = block == null ? 0 : block.length * 8;
    bits = slash < 0 ? all : Integer.parseInt(whole.substring(slash + 1));
  }

  /** Whether it names this host, or the address that the host stands for. */
  boolean matches(String name, InetAddress address, int atPort) {
    if (port >= 0 && port != atPort) {
      return false;
    }
    byte[] own = block;
    if (own != null) {
      return inBlock(own, address.getAddress());
    }
    return host.startsWith("*.") ? name.endsWith(host.substring(1)) : name.equals(host);
  }

  /** Whether it stands for one address and names it. */
  boolean isLiterally(InetAddress address) {
    byte[] own = block;
    return own != null && bits == own.length * 8 && inBlock(own, address.getAddress());
  }

  private boolean inBlock(byte[] own, byte[] other) {
    if (own.length != other.length) {
      return false;
    }
    for (int i = 0; i < bits; i++) {
      int mask = 0x80 >> (i % 8);
      if ((own[i / 8] & mask) != (other[i / 8] & mask)) {
        return false;
      }
    }
    return true;
  }

  /** An address that a text stands for without any name service; null for names. */
  static @Nullable InetAddress literal(String host) {
    String text = bare(host);
    boolean v4 = text.matches("(\\d{1,3}\\.){3}\\d{1,3}");
    boolean v6 = text.indexOf(':') >= 0 && text.matches("[0-9a-fA-F:.]+");
    try {
      return v4 || v6 ? InetAddress.getByName(text) : null;
    } catch (UnknownHostException e) {
      return null;
    }
  }

  /** The host of a URI, in lower case and without brackets; empty where it has none. */
  static String hostOf(URI uri) {
    String host = uri.getHost();
    return host == null ? "" : bare(host.toLowerCase(Locale.ROOT));
  }

  private static String bare(String host) {
    return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
  }
}
