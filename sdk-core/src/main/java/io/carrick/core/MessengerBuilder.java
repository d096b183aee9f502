package io.carrick.core;

import io.carrick.AdvertisedEndpoints;
import io.carrick.Authorizer;
import io.carrick.Interceptor;
import io.carrick.Messenger;
import io.carrick.PeerLimits;
import io.carrick.Principal;
import io.carrick.SecurityLevel;
import io.carrick.TlsConfig;
import io.carrick.TokenVerifier;
import io.carrick.core.frame.Text;
import io.carrick.core.message.Codecs;
import io.carrick.core.select.AdvertisedPolicy;
import io.carrick.core.session.auth.HandshakeRules;
import io.carrick.core.session.auth.Resumption;
import io.carrick.core.session.auth.Tokens;
import io.carrick.core.session.state.SessionConfig;
import io.carrick.spi.Codec;
import io.carrick.spi.Compression;
import io.carrick.spi.Endpoint;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.function.BiPredicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Collects and checks the settings of a messenger. */
final class MessengerBuilder implements Messenger.Builder {

  private static final Authorizer ALLOW_ALL =
      Authorizer.nonBlocking((principal, action, topic) -> true);

  private static final Pattern NAME = HandshakeRules.SERVICE;
  private static final int LEAST_MESSAGE_BYTES = 1 << 10;
  private static final int MOST_MESSAGE_BYTES = 1 << 30;
  private static final long LEAST_BUDGET_BYTES = 16L << 20;
  private static final Duration LEAST_CONNECT = Duration.ofMillis(10);
  private static final Duration MOST_CONNECT = Duration.ofMinutes(5);
  private static final Duration MOST_SPREAD = Duration.ofSeconds(60);
  private static final Duration MOST_RESUME = Duration.ofHours(1);

  final String service;
  final List<Endpoint> endpoints = new ArrayList<>();
  final List<Interceptor> calls = new ArrayList<>();
  final List<Interceptor> handlers = new ArrayList<>();
  final List<Codec> codecs = new ArrayList<>();
  @Nullable Compression compression;
  boolean daemon;
  Authorizer authorizer = ALLOW_ALL;
  @Nullable Executor executor;
  int maxMessageBytes = 4 << 20;
  long bufferBudget = Math.max(LEAST_BUDGET_BYTES, Runtime.getRuntime().maxMemory() / 4);
  Duration connectTimeout = Duration.ofSeconds(10);
  Duration resumeTime = Duration.ofMinutes(2);
  Duration resumeSpread = Duration.ofNanos(Resumption.DEFAULT_SPREAD_NANOS);
  PeerLimits peers = PeerLimits.DEFAULT;
  SecurityLevel floor = SecurityLevel.NONE;
  TlsConfig tls = TlsConfig.SYSTEM;
  AdvertisedEndpoints advertisedEndpoints = AdvertisedEndpoints.SAME_HOST;
  BiPredicate<Principal, Principal> samePrincipal = (session, path) -> false;
  private boolean tellsPrincipals;
  private @Nullable Supplier<String> token;
  private @Nullable TokenVerifier verifier;
  private boolean tokensRequired;
  private boolean tokensInClear;
  final List<String> advertised = new ArrayList<>();

  /** Changes the limits of sessions: for tests, which run them at their least. */
  UnaryOperator<SessionConfig> limits = UnaryOperator.identity();

  MessengerBuilder(String service) {
    this.service = checkName(service);
  }

  /** The name of a service, if it is one. */
  static String checkName(String service) {
    if (!NAME.matcher(service).matches()) {
      throw new IllegalArgumentException(
          "service name \"" + Text.printable(service) + "\" must match " + NAME.pattern());
    }
    return service;
  }

  @Override
  public Messenger.Builder listen(String endpoint) {
    endpoints.add(Endpoint.parse(endpoint));
    return this;
  }

  @Override
  public Messenger.Builder daemon(boolean value) {
    daemon = value;
    return this;
  }

  @Override
  public Messenger.Builder authorizer(Authorizer value) {
    authorizer = Objects.requireNonNull(value, "authorizer");
    return this;
  }

  @Override
  public Messenger.Builder interceptCalls(Interceptor interceptor) {
    calls.add(Objects.requireNonNull(interceptor, "interceptor"));
    return this;
  }

  @Override
  public Messenger.Builder interceptHandlers(Interceptor interceptor) {
    handlers.add(Objects.requireNonNull(interceptor, "interceptor"));
    return this;
  }

  @Override
  public Messenger.Builder codec(Codec codec) {
    codecs.add(Codecs.checked(codec));
    return this;
  }

  @Override
  public Messenger.Builder compression(Compression value) {
    compression = Objects.requireNonNull(value, "compression");
    return this;
  }

  @Override
  public Messenger.Builder handlerExecutor(Executor value) {
    executor = Objects.requireNonNull(value, "executor");
    return this;
  }

  @Override
  public Messenger.Builder maxMessageBytes(int bytes) {
    if (bytes < LEAST_MESSAGE_BYTES || bytes > MOST_MESSAGE_BYTES) {
      throw new IllegalArgumentException(
          "maxMessageBytes "
              + bytes
              + " must be "
              + LEAST_MESSAGE_BYTES
              + " to "
              + MOST_MESSAGE_BYTES);
    }
    maxMessageBytes = bytes;
    return this;
  }

  @Override
  public Messenger.Builder bufferBudget(long bytes) {
    if (bytes < LEAST_BUDGET_BYTES) {
      throw new IllegalArgumentException(
          "bufferBudget " + bytes + " must be at least " + LEAST_BUDGET_BYTES);
    }
    bufferBudget = bytes;
    return this;
  }

  @Override
  public Messenger.Builder connectTimeout(Duration timeout) {
    if (timeout.compareTo(LEAST_CONNECT) < 0 || timeout.compareTo(MOST_CONNECT) > 0) {
      throw new IllegalArgumentException(
          "connectTimeout " + timeout + " must be " + LEAST_CONNECT + " to " + MOST_CONNECT);
    }
    connectTimeout = timeout;
    return this;
  }

  @Override
  public Messenger.Builder resumeTime(Duration time) {
    if (time.isNegative() || time.compareTo(MOST_RESUME) > 0) {
      throw new IllegalArgumentException("resumeTime " + time + " must be 0 to " + MOST_RESUME);
    }
    resumeTime = time;
    return this;
  }

  @Override
  public Messenger.Builder resumeSpread(Duration time) {
    if (time.isNegative() || time.compareTo(MOST_SPREAD) > 0) {
      throw new IllegalArgumentException("resumeSpread " + time + " must be 0 to " + MOST_SPREAD);
    }
    resumeSpread = time;
    return this;
  }

  @Override
  public Messenger.Builder advertise(String endpoint) {
    Endpoint.parse(endpoint);
    int bytes = endpoint.getBytes(StandardCharsets.UTF_8).length;
    if (bytes > AdvertisedPolicy.MAX_BYTES || advertised.size() == AdvertisedPolicy.MAX_ENTRIES) {
      throw new IllegalArgumentException(
          "endpoint \""
              + endpoint
              + "\" of "
              + bytes
              + " bytes cannot be advertised: at most "
              + AdvertisedPolicy.MAX_ENTRIES
              + " endpoints of at most "
              + AdvertisedPolicy.MAX_BYTES
              + " bytes");
    }
    advertised.add(endpoint);
    return this;
  }

  @Override
  public Messenger.Builder advertisedEndpoints(AdvertisedEndpoints policy) {
    advertisedEndpoints = Objects.requireNonNull(policy, "policy");
    return this;
  }

  @Override
  public Messenger.Builder floor(SecurityLevel level) {
    floor = Objects.requireNonNull(level, "level");
    return this;
  }

  @Override
  public Messenger.Builder peerLimits(PeerLimits limits) {
    peers = Objects.requireNonNull(limits, "limits");
    return this;
  }

  @Override
  public Messenger.Builder tls(TlsConfig value) {
    tls = Objects.requireNonNull(value, "tls");
    return this;
  }

  @Override
  public Messenger.Builder tokens(TokenVerifier value) {
    verifier = Objects.requireNonNull(value, "verifier");
    tokensRequired = true;
    return this;
  }

  @Override
  public Messenger.Builder optionalTokens(TokenVerifier value) {
    verifier = Objects.requireNonNull(value, "verifier");
    tokensRequired = false;
    return this;
  }

  @Override
  public Messenger.Builder token(Supplier<String> source) {
    token = Objects.requireNonNull(source, "source");
    return this;
  }

  @Override
  public Messenger.Builder tokensInClear() {
    tokensInClear = true;
    return this;
  }

  /** Whether a thread that reads a connection runs code of the application (F13). */
  boolean readersRunItsCode() {
    boolean asksInPlace = !authorizer.equals(ALLOW_ALL) && authorizer.isNonBlocking();
    return asksInPlace || !handlers.isEmpty() || (verifier != null && verifier.isNonBlocking());
  }

  /** Whether it relies on who its peers are; a floor says so by itself, as sessions know it. */
  boolean relies() {
    return !authorizer.equals(ALLOW_ALL) || tellsPrincipals || verifier != null || token != null;
  }

  /** What it does with tokens. */
  Tokens tokens() {
    return new Tokens(token, verifier, tokensRequired, tokensInClear);
  }

  @Override
  public Messenger.Builder samePrincipal(BiPredicate<Principal, Principal> rule) {
    samePrincipal = Objects.requireNonNull(rule, "rule");
    tellsPrincipals = true;
    return this;
  }

  @Override
  public Messenger build() {
    return NodeMessenger.start(this);
  }
}
