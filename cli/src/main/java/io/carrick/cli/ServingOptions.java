package io.carrick.cli;

import io.carrick.Messenger;
import io.carrick.SecurityLevel;
import io.carrick.TlsConfig.ClientAuthentication;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of every command that serves, and the life of its service. */
final class ServingOptions {

  @Option(
      names = "--listen",
      required = true,
      paramLabel = "URI",
      description = "Where to listen, for instance unix:/run/user/1000/carrick.sock; repeatable.")
  private List<String> endpoints = List.of();

  @Option(
      names = "--advertise",
      paramLabel = "URI",
      description =
          "Where else this very process is reached, for instance grpc://10.1.2.3:7400; callers are"
              + " told. Its Unix sockets are told in any case. Repeatable.")
  private List<String> advertised = List.of();

  @Option(
      names = "--name",
      paramLabel = "NAME",
      defaultValue = "carrick",
      description = "The service's name; default: ${DEFAULT-VALUE}.")
  private String name = "carrick";

  @Mixin final MessageSizeOption messageSize = new MessageSizeOption();

  @Option(
      names = "--drain",
      paramLabel = "TIME",
      defaultValue = "10s",
      converter = Converters.OfDrain.class,
      description =
          "How long calls and streams may go on after SIGTERM, while callers go elsewhere; default:"
              + " ${DEFAULT-VALUE}.")
  private Duration drain = Duration.ofSeconds(10);

  @Option(
      names = "--require",
      paramLabel = "LEVEL",
      defaultValue = "none",
      converter = Converters.OfSecurity.class,
      description =
          "Least security of every connection: none, encrypted, server-authenticated, mutual;"
              + " default: ${DEFAULT-VALUE}.")
  private SecurityLevel required = SecurityLevel.NONE;

  @Option(
      names = "--access-log",
      description =
          "Tell each call that reaches a handler on standard error: when, pattern, topic, who,"
              + " outcome, milliseconds, messages in and out.")
  private boolean accessLog;

  @Mixin private final TlsOptions tls = new TlsOptions();

  @Mixin private final JwtOptions tokens = new JwtOptions();

  /** What closing may take: 5 s for calls, 5 s for the ends of sessions, and some grace. */
  private static final long CLOSE_MILLIS = 12_000;

  /** Serves what is registered until the process is told to stop. */
  int serve(Terminal terminal, Consumer<Messenger> register) throws InterruptedException {
    Messenger.Builder builder =
        Messenger.builder(name)
            .maxMessageBytes(messageSize.bytes)
            .floor(required)
            .tls(tls.config(clientAuthentication()));
    tokens.applyTo(builder);
    endpoints.stream().map(ServingOptions::describingItself).forEach(builder::listen);
    advertised.forEach(builder::advertise);
    if (accessLog) {
      builder.interceptHandlers(new AccessLog(terminal.err()));
    }
    Messenger messenger = builder.build();
    register.accept(messenger);
    Runtime.getRuntime()
        .addShutdownHook(new Thread(() -> stop(terminal, messenger), "carrick-cli-stop"));
    messenger.endpoints().forEach(endpoint -> terminal.line("listening " + endpoint));
    terminal.line("ready");
    messenger.awaitClosed();
    return ExitCode.DONE;
  }

  private ClientAuthentication clientAuthentication() {
    boolean mutual = required == SecurityLevel.MUTUAL;
    if (tls.authorities.isPresent()) {
      return mutual ? ClientAuthentication.REQUIRED : ClientAuthentication.OPTIONAL;
    }
    if (mutual && endpoints.stream().anyMatch(e -> e.matches("(grpcs|https|wss):.*"))) {
      throw new IllegalArgumentException(
          "--require mutual needs the authorities that sign the clients' certificates: give"
              + " --tls-ca");
    }
    return ClientAuthentication.NONE;
  }

  /** These services are there to be looked at: over gRPC they tell tools what they serve. */
  private static String describingItself(String endpoint) {
    return endpoint.startsWith("grpc") && endpoint.indexOf('?') < 0
        ? endpoint + "?reflection=on"
        : endpoint;
  }

  private void stop(Terminal terminal, Messenger messenger) {
    try {
      messenger.drain(drain).get(drain.toMillis() + CLOSE_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      messenger.close();
    }
    terminal.out().flush();
    terminal.err().flush();
    // A signal was obeyed: that is success, where the JVM would say 128 and the signal's number.
    Runtime.getRuntime().halt(ExitCode.DONE);
  }
}
