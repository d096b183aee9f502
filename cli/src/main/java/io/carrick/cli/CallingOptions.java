package io.carrick.cli;

import io.carrick.CallOptions;
import io.carrick.DeliveryGuarantee;
import io.carrick.Requirements;
import io.carrick.SecurityLevel;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of every command that calls a service. */
final class CallingOptions {

  @Option(
      names = "--connect",
      required = true,
      split = ",",
      paramLabel = "URI",
      description = "Ways to the service, for instance unix:/run/orders/carrick.sock.")
  List<String> endpoints = List.of();

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      defaultValue = "30s",
      converter = Converters.OfDuration.class,
      description =
          "Time to connect, and time for each call: until the reply, the first item of a stream, or"
              + " the accepted subscription. For instance 500ms, 5s, 2m; default: ${DEFAULT-VALUE}.")
  Duration timeout = CallOptions.DEFAULT.deadline();

  @Option(
      names = "--max-latency",
      paramLabel = "TIME",
      converter = Converters.OfDuration.class,
      description = "Prefer paths whose round trip is shorter than this.")
  Optional<Duration> maxLatency = Optional.empty();

  @Option(
      names = "--delivery",
      paramLabel = "GUARANTEE",
      defaultValue = "at-most-once",
      converter = Converters.OfDelivery.class,
      description = "Least guarantee: at-most-once, at-least-once, exactly-once.")
  DeliveryGuarantee delivery = DeliveryGuarantee.AT_MOST_ONCE;

  @Option(
      names = "--security",
      paramLabel = "LEVEL",
      defaultValue = "none",
      converter = Converters.OfSecurity.class,
      description = "Least security: none, encrypted, server-authenticated, mutual.")
  SecurityLevel security = SecurityLevel.NONE;

  @Option(
      names = "--max-message-bytes",
      paramLabel = "BYTES",
      defaultValue = "4194304",
      description = "The largest message, in and out; default: ${DEFAULT-VALUE}.")
  int maxMessageBytes = 4 << 20;

  @Mixin TlsOptions tls = new TlsOptions();

  @Mixin TokenOptions tokens = new TokenOptions();

  /** What the path must give. */
  Requirements requirements() {
    Requirements needs = Requirements.security(security).withDelivery(delivery);
    return maxLatency.map(needs::maxLatency).orElse(needs);
  }
}
