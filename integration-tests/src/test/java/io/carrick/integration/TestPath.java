package io.carrick.integration;

import io.carrick.testkit.FaultProxy;
import io.carrick.testkit.Weather;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * One way from a client to a server that can be broken everywhere: at either end, and, where bytes
 * go over a socket, in between.
 */
final class TestPath implements AutoCloseable {

  private final String name;
  private final String listens;
  private final String dials;
  private final FaultProxy proxy;
  private final Faults client;
  private final Faults server;

  private TestPath(
      String name, String listens, String dials, FaultProxy proxy, Faults client, Faults server) {
    this.name = name;
    this.listens = listens;
    this.dials = dials;
    this.proxy = proxy;
    this.client = client;
    this.server = server;
  }

  /** A path over a transport, between the messengers with these names. */
  static TestPath over(
      TestTransport transport, Path parent, String name, String client, String server, long seed) {
    try {
      Path directory = Files.createDirectory(parent.resolve(name));
      String listens = transport.endpoint(directory);
      URI uri = URI.create(listens);
      FaultProxy proxy = null;
      String dials = listens;
      if (uri.getPort() > 0) {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        proxy = FaultProxy.tcp(new InetSocketAddress(loopback, uri.getPort()), seed);
        dials = over(listens, proxy);
      } else if (uri.getScheme().equals("unix")) {
        Path way = directory.resolve("proxy");
        proxy = FaultProxy.unix(way, Path.of(uri.getSchemeSpecificPart()), seed);
        dials = "unix:" + way;
      }
      return new TestPath(
          name,
          FaultyTransports.faulty(listens),
          FaultyTransports.faulty(dials),
          proxy,
          Faults.of(client),
          Faults.of(server));
    } catch (IOException e) {
      throw new UncheckedIOException("no directory for " + name, e);
    }
  }

  /**
   * A network before a TCP endpoint, whose every byte takes 1 ms each way: what a relayed socket is
   * faster than in each measurement.
   */
  static FaultProxy network(String endpoint) {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    FaultProxy network =
        FaultProxy.tcp(new InetSocketAddress(loopback, URI.create(endpoint).getPort()), 20261129);
    network.weather(Weather.CLEAR.withLatency(Duration.ofMillis(1)));
    return network;
  }

  /** What dials a TCP endpoint over a proxy that stands before it. */
  static String over(String endpoint, FaultProxy proxy) {
    return endpoint.replace(":" + URI.create(endpoint).getPort(), ":" + proxy.port());
  }

  String name() {
    return name;
  }

  /** What the server listens on. */
  String listens() {
    return listens;
  }

  /** What the client dials. */
  String dials() {
    return dials;
  }

  boolean hasProxy() {
    return proxy != null;
  }

  FaultProxy proxy() {
    return proxy;
  }

  void refuse() {
    client.refuse(dials);
  }

  void admit() {
    client.admit(dials);
  }

  /** How many connections the client holds over it. */
  int connections() {
    return client.at(dials).size();
  }

  /** When the client first connected over it, after a moment; -1 if it has not. */
  long connectedAfter(long nanos) {
    return client.opened().stream()
        .filter(opened -> opened.endpoint().equals(dials) && opened.nanos() - nanos >= 0)
        .mapToLong(Faults.Opened::nanos)
        .findFirst()
        .orElse(-1);
  }

  void clientKills() {
    client.kill(dials);
  }

  void serverKills() {
    server.kill(listens);
  }

  void blackHole() {
    if (proxy == null) {
      client.blackHole(dials);
    } else {
      proxy.blackHole(FaultProxy.Direction.values());
    }
  }

  @Override
  public void close() {
    if (proxy != null) {
      proxy.close();
    }
  }
}
