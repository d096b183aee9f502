package io.carrick.core;

import io.carrick.core.call.RemoteView;
import io.carrick.core.message.Codecs;
import io.carrick.core.message.Interceptors;
import io.carrick.core.path.MessengerContext;
import io.carrick.core.path.Transports;
import io.carrick.core.run.ApplicationExecutor;
import io.carrick.core.run.Delays;
import io.carrick.core.serve.Router;
import io.carrick.core.session.Budget;
import io.carrick.core.session.SessionRuntime;
import io.carrick.core.session.auth.Resumption;
import io.carrick.core.session.state.SessionConfig;
import io.carrick.spi.TransportConfig;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;

/** Puts together what a messenger consists of. */
final class MessengerAssembly {

  private static final SecureRandom RANDOM = new SecureRandom();

  private MessengerAssembly() {}

  /** A new instance: 128 random bits. */
  static byte[] instance() {
    byte[] id = new byte[16];
    RANDOM.nextBytes(id);
    return id;
  }

  static MessengerContext create(
      MessengerBuilder settings, byte[] instance, List<String> advertised) {
    String service = settings.service;
    Executor given = settings.executor;
    ApplicationExecutor tasks =
        given == null
            ? ApplicationExecutor.create(service)
            : ApplicationExecutor.of(service, given);
    Codecs codecs = Codecs.with(settings.codecs);
    SessionRuntime runtime =
        new SessionRuntime(service, tasks, new Budget(settings.bufferBudget), System::nanoTime);
    if (settings.readersRunItsCode()) {
      runtime.keepCallersFromReading();
    }
    return new MessengerContext(
        tasks,
        new Delays(service),
        codecs,
        new Router(
            service,
            tasks,
            codecs,
            settings.authorizer,
            new Interceptors(settings.handlers),
            settings.maxMessageBytes,
            runtime::keepCallersFromReading),
        new Interceptors(settings.calls),
        new Transports(
            TransportConfig.of(service)
                .withConnectTimeout(settings.connectTimeout)
                .withTls(settings.tls)
                .withPeers(settings.peers)
                .withMaxMessageBytes(settings.maxMessageBytes)),
        runtime,
        config(settings, codecs, instance, () -> advertised(runtime, advertised)),
        settings.connectTimeout,
        (from, to) -> ThreadLocalRandom.current().nextLong(from, to),
        RemoteView::ofPeer);
  }

  /** Nobody shall come any more once the node stops serving. */
  private static List<String> advertised(SessionRuntime runtime, List<String> endpoints) {
    return runtime.isDraining() ? List.of() : List.copyOf(endpoints);
  }

  private static SessionConfig config(
      MessengerBuilder settings,
      Codecs codecs,
      byte[] instance,
      Supplier<List<String>> advertised) {
    return settings.limits.apply(
        SessionConfig.defaults(
                settings.service, instance, codecs.contentTypes(), settings.maxMessageBytes)
            .withHandshakeNanos(settings.connectTimeout.toNanos())
            .withTokens(settings.tokens())
            .withPeers(settings.peers)
            .withCompression(settings.compression)
            .withResumption(
                new Resumption(
                    settings.resumeTime.toNanos(),
                    settings.resumeSpread.toNanos(),
                    settings.floor,
                    advertised,
                    settings.samePrincipal,
                    settings.relies())));
  }
}
