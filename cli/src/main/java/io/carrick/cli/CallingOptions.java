package io.carrick.cli;

import io.carrick.CallOptions;
import io.carrick.DeliveryGuarantee;
import io.carrick.Headers;
import io.carrick.Priority;
import io.carrick.Requirements;
import io.carrick.SecurityLevel;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of every command that calls a service. */
final class CallingOptions {

  @Option(
      names = {"-c", "--connect"},
      defaultValue = "${env:CARRICK_CONNECT}",
      showDefaultValue = CommandLine.Help.Visibility.NEVER,
      split = ",",
      paramLabel = "URI",
      description =
          "Ways to the service, for instance unix:/run/orders/carrick.sock; default: what"
              + " CARRICK_CONNECT in the environment says.")
  private List<String> endpoints = List.of();

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      defaultValue = "30s",
      converter = Converters.OfDeadline.class,
      description =
          "Time to connect, and time for each call: until the reply, the first item of a stream, or"
              + " the accepted subscription. For instance 500ms, 5s, 2m; default:"
              + " ${DEFAULT-VALUE}.")
  Duration timeout = CallOptions.DEFAULT.deadline();

  @Option(
      names = "--no-wait",
      description =
          "Let a call fail as soon as the service cannot be reached any more; by default it waits"
              + " for it until the time-out.")
  boolean noWait;

  @Option(
      names = "--max-latency",
      paramLabel = "TIME",
      converter = Converters.OfPositive.class,
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
      names = "--priority",
      paramLabel = "PRIORITY",
      defaultValue = "normal",
      converter = Converters.OfPriority.class,
      description = "Who goes first on a busy session: normal, high, bulk.")
  Priority priority = Priority.NORMAL;

  @Option(
      names = {"-H", "--header"},
      paramLabel = "HEADER",
      converter = Converters.OfHeader.class,
      description = "A header of each call, 'name: value'; repeatable.")
  List<Headers.Entry> headers = List.of();

  @Option(
      names = "--security",
      paramLabel = "LEVEL",
      defaultValue = "none",
      converter = Converters.OfSecurity.class,
      description = "Least security: none, encrypted, server-authenticated, mutual.")
  SecurityLevel security = SecurityLevel.NONE;

  @Mixin final MessageSizeOption messageSize = new MessageSizeOption();

  @Mixin TlsOptions tls = new TlsOptions();

  @Mixin TokenOptions tokens = new TokenOptions();

  /** The ways to the service. */
  List<String> endpoints() {
    List<String> given = endpoints.stream().map(String::strip).filter(e -> !e.isEmpty()).toList();
    if (given.isEmpty()) {
      throw new IllegalArgumentException(
          "no service is named: give --connect URI, or set CARRICK_CONNECT to one");
    }
    return given;
  }

  /** How calls are made. */
  CallOptions calls() {
    return new CallOptions(timeout, priority, Optional.empty(), Headers.of(headers), !noWait);
  }

  /** What the path must give. */
  Requirements requirements() {
    Requirements needs = Requirements.security(security).withDelivery(delivery);
    return maxLatency.map(needs::maxLatency).orElse(needs);
  }
}
