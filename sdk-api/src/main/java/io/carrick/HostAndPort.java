package io.carrick;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** The form of the patterns of {@link AdvertisedEndpoints#listed}; asks no name service. */
final class HostAndPort {

  private static final int MOST_PORT = 65_535;
  private static final String NAME = "(\\*\\.)?[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?\\.?";

  private HostAndPort() {}

  /** Refuses what can match nothing, or everything. */
  static void check(String pattern) {
    int colon = pattern.lastIndexOf(':');
    String port = pattern.substring(colon + 1);
    if (colon < 0 || !(port.equals("*") || isNumber(port, 1, MOST_PORT))) {
      throw bad(pattern, "has no port from 1 to " + MOST_PORT + ": write host:port or host:*");
    }
    String host = bare(pattern.substring(0, colon));
    int slash = host.indexOf('/');
    int bits = bits(slash < 0 ? host : host.substring(0, slash));
    if (host.equals("*")) {
      throw bad(pattern, "matches every host: name hosts, *.name or a block such as 10.1.0.0/16");
    }
    if (slash >= 0 && (bits == 0 || !isNumber(host.substring(slash + 1), 0, bits))) {
      throw bad(
          pattern,
          bits == 0
              ? "has a block without an address: write it as 10.1.0.0/16 or [fd00::/8]"
              : "has a block of more than the " + bits + " bits of an address");
    }
    if (slash < 0 && bits == 0 && (!host.matches(NAME) || host.matches("[\\d.]+"))) {
      throw bad(pattern, "names no host: write a name, *.name, an address or a block of addresses");
    }
  }

  /** How many bits the address has that a text stands for; 0 where it is none. */
  private static int bits(String text) {
    String[] parts = text.split("\\.", -1);
    if (parts.length == 4) {
      for (String part : parts) {
        if (!isNumber(part, 0, 255)) {
          return 0;
        }
      }
      return 32;
    }
    try {
      boolean literal = text.indexOf(':') >= 0 && text.matches("[0-9a-fA-F:.]+");
      return literal ? InetAddress.getByName(text).getAddress().length * 8 : 0;
    } catch (UnknownHostException e) {
      return 0;
    }
  }

  private static boolean isNumber(String text, int least, int most) {
    return text.matches("\\d{1,5}")
        && Integer.parseInt(text) >= least
        && Integer.parseInt(text) <= most;
  }

  private static String bare(String host) {
    return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
  }

  private static IllegalArgumentException bad(String pattern, String why) {
    return new IllegalArgumentException("pattern \"" + pattern + "\" " + why);
  }
}
