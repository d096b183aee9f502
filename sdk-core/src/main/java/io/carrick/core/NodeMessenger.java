package io.carrick.core;

import io.carrick.AdvertisedEndpoints;
import io.carrick.CallOptions;
import io.carrick.Delivered;
import io.carrick.EndpointException;
import io.carrick.Handler;
import io.carrick.HandlerOptions;
import io.carrick.Handlers;
import io.carrick.Message;
import io.carrick.Messenger;
import io.carrick.OneWayHandler;
import io.carrick.OverloadedException;
import io.carrick.Registration;
import io.carrick.Remote;
import io.carrick.Requirements;
import io.carrick.SessionLostException;
import io.carrick.StatusCode;
import io.carrick.Topic;
import io.carrick.TypeRef;
import io.carrick.core.call.BrokerRemote;
import io.carrick.core.call.RemoteView;
import io.carrick.core.message.Body;
import io.carrick.core.message.Encoded;
import io.carrick.core.message.Failure;
import io.carrick.core.path.AcceptedPath;
import io.carrick.core.path.DialledSource;
import io.carrick.core.path.EndpointTable;
import io.carrick.core.path.MessengerContext;
import io.carrick.core.path.PathEvents;
import io.carrick.core.path.PeerLink;
import io.carrick.core.path.SessionPool;
import io.carrick.core.run.GuardedFuture;
import io.carrick.core.select.AdvertisedPolicy;
import io.carrick.core.select.SystemSurroundings;
import io.carrick.core.serve.HandlerRegistry;
import io.carrick.core.serve.NativeCalls;
import io.carrick.core.serve.Origin;
import io.carrick.core.serve.OwnPublish;
import io.carrick.core.session.Session;
import io.carrick.spi.Broker;
import io.carrick.spi.Capabilities;
import io.carrick.spi.Connection;
import io.carrick.spi.Endpoint;
import io.carrick.spi.ListenContext;
import io.carrick.spi.Listener;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/** A node: its listeners, the sessions that it accepted, and the remotes that it made. */
final class NodeMessenger implements Messenger {

  /** What a listener may take to be bound beyond the time to connect. */
  private static final long LISTEN_SECONDS = 10;

  private static final Duration MOST_DRAIN = Duration.ofDays(1);

  private static final System.Logger LOG = System.getLogger("io.carrick.sessions");

  private final String service;
  private final String instance;
  private final MessengerContext node;
  private final Handlers handlers;
  private final Origin origin = new Origin();
  private final List<CompletableFuture<Listener>> binding = new CopyOnWriteArrayList<>();
  private final List<Listener> listeners = new ArrayList<>();
  private final Set<PeerLink> peers = ConcurrentHashMap.newKeySet();
  private final Remotes remotes = new Remotes();
  private final Shutdown shutdown;
  private final AdvertisedEndpoints policy;
  private final List<Path> directories;

  private NodeMessenger(
      String service, String instance, MessengerContext node, MessengerBuilder settings) {
    this.policy = settings.advertisedEndpoints;
    this.directories = SocketDirectories.of(settings.endpoints);
    this.service = service;
    this.instance = instance;
    this.node = node;
    this.shutdown = new Shutdown(service, node, binding, listeners, peers, remotes);
    this.handlers = new HandlerRegistry(node.router(), HandlerOptions.DEFAULT);
  }

  static NodeMessenger start(MessengerBuilder settings) {
    byte[] id = MessengerAssembly.instance();
    List<String> advertised = new CopyOnWriteArrayList<>();
    MessengerContext node = MessengerAssembly.create(settings, id, advertised);
    NodeMessenger messenger =
        new NodeMessenger(settings.service, java.util.HexFormat.of().formatHex(id), node, settings);
    try {
      // Every scheme is looked at before anything is bound.
      settings.endpoints.forEach(node.transports()::provider);
      NativeCalls calls =
          new NativeCalls(node.router(), node.delays(), settings.floor, node.config().tokens());
      for (Endpoint endpoint : settings.endpoints) {
        messenger.listeners.add(messenger.bind(endpoint, calls));
      }
      messenger.advertise(settings, advertised);
      if (!settings.daemon && !settings.endpoints.isEmpty()) {
        messenger.shutdown.keepProcessAlive();
      }
      return messenger;
    } catch (Throwable e) {
      // Nothing is left bound when this returns, though the thread is interrupted.
      boolean interrupted = Thread.interrupted();
      messenger.close();
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
      throw e;
    }
  }

  /** Its Unix sockets, and what it was told to say. */
  private void advertise(MessengerBuilder settings, List<String> advertised) {
    List<String> all =
        Stream.concat(
                settings.advertised.stream(),
                endpoints().stream().filter(e -> e.startsWith("unix:")))
            .distinct()
            .toList();
    all.stream()
        .filter(e -> e.getBytes(StandardCharsets.UTF_8).length <= AdvertisedPolicy.MAX_BYTES)
        .limit(AdvertisedPolicy.MAX_ENTRIES)
        .forEach(advertised::add);
    if (advertised.size() < all.size()) {
      LOG.log(
          System.Logger.Level.WARNING,
          "peers are not told of {0}: at most {1} endpoints of {2} bytes each are advertised",
          all.stream().filter(e -> !advertised.contains(e)).toList(),
          AdvertisedPolicy.MAX_ENTRIES,
          AdvertisedPolicy.MAX_BYTES);
    }
  }

  private Listener bind(Endpoint endpoint, NativeCalls calls) {
    CompletableFuture<Listener> bound =
        node.transports()
            .transport(endpoint)
            .listen(endpoint, ListenContext.of(this::accept, calls))
            .toCompletableFuture();
    binding.add(bound);
    try {
      return bound.get(LISTEN_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw Failure.unwrap(e) instanceof EndpointException known
          ? known
          : cannotListen(endpoint, String.valueOf(Failure.unwrap(e)), e);
    } catch (TimeoutException e) {
      throw cannotListen(endpoint, "it was not bound within " + LISTEN_SECONDS + " s", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw cannotListen(endpoint, "the thread was interrupted", e);
    }
  }

  private static EndpointException cannotListen(Endpoint endpoint, String why, Throwable cause) {
    return new EndpointException(
        StatusCode.UNAVAILABLE, "cannot listen on " + endpoint + ": " + why, cause);
  }

  private void accept(Connection connection) {
    PathEvents events = new PathEvents(node.tasks());
    PeerLink link =
        new PeerLink(
            node, events, new AcceptedPath(events), (ended, reason) -> peers.remove(ended));
    Session.accept(
        connection, node.config(), node.runtime(), link, session -> accepted(link, session));
  }

  private void accepted(PeerLink link, Session session) {
    link.started(session);
    peers.add(link);
    shutdown.began(session);
  }

  @Override
  public String service() {
    return service;
  }

  @Override
  public String instance() {
    return instance;
  }

  @Override
  public List<String> endpoints() {
    return shutdown.hasStoppedServing() ? List.of() : bound();
  }

  private List<String> bound() {
    return listeners.stream().map(l -> l.endpoint().toString()).toList();
  }

  @Override
  public Remote connect(String endpoint, String... more) {
    return connect("", Requirements.NONE, endpoint, more);
  }

  @Override
  public Remote connect(Requirements needs, String endpoint, String... more) {
    return connect("", Objects.requireNonNull(needs, "requirements"), endpoint, more);
  }

  @Override
  public Remote connectTo(String expected, String endpoint, String... more) {
    return connect(MessengerBuilder.checkName(expected), Requirements.NONE, endpoint, more);
  }

  private Remote connect(String expected, Requirements needs, String endpoint, String[] more) {
    Map<Endpoint, Capabilities> endpoints = new LinkedHashMap<>();
    List<String> all = new ArrayList<>();
    all.add(endpoint);
    all.addAll(List.of(more));
    for (String text : all) {
      Endpoint parsed = Endpoint.parse(Objects.requireNonNull(text, "endpoint"));
      endpoints.put(parsed, node.transports().capabilities(parsed));
    }
    EndpointTable table = new EndpointTable(endpoints);
    for (Map.Entry<Endpoint, Capabilities> each : endpoints.entrySet()) {
      Optional<Broker> broker =
          each.getValue().brokered()
              ? node.transports().transport(each.getKey()).broker(each.getKey())
              : Optional.empty();
      if (broker.isPresent()) {
        return topics(broker.get(), table, needs, expected, all);
      }
    }
    List<Path> sockets = new ArrayList<>(directories);
    sockets.addAll(SocketDirectories.ofConfigured(endpoints.keySet()));
    AdvertisedPolicy advertised =
        new AdvertisedPolicy(
            policy,
            List.copyOf(endpoints.keySet()),
            sockets,
            System.getProperty("user.name", ""),
            node.transports()::isInstalled,
            new SystemSurroundings());
    SessionPool pool =
        new SessionPool(
            needs,
            table,
            (hard, events) -> new DialledSource(node, expected, table, hard, advertised, events),
            () -> new PathEvents(node.tasks()),
            (nanos, action) -> node.delays().after(nanos, action),
            System::nanoTime);
    remotes.add(pool);
    if (shutdown.isClosing()) {
      pool.close("the messenger is closed");
      throw new IllegalStateException(node.router().closedText());
    }
    return new RemoteView(node, pool, needs, CallOptions.DEFAULT);
  }

  private Remote topics(
      Broker broker, EndpointTable table, Requirements needs, String service, List<String> all) {
    if (all.size() > 1 || !service.isEmpty()) {
      broker.close();
      throw new EndpointException(
          StatusCode.INVALID_ARGUMENT,
          all
              + " names the topics of a broker, which are no service: connect to that endpoint alone,"
              + " without a service's name, or write the service behind it",
          null);
    }
    table.raiseFloor(node.config().resumption().floor());
    return new BrokerRemote(node, broker, table, needs);
  }

  @Override
  public List<Remote> peers() {
    return peers.stream().filter(PeerLink::isConnected).map(PeerLink::remote).toList();
  }

  @Override
  public CompletableFuture<Void> publish(String topic, Object value) {
    Topic.check(topic);
    Objects.requireNonNull(value, "value");
    CompletableFuture<Void> result = new GuardedFuture<>(node.tasks());
    try {
      if (shutdown.isClosed()) {
        throw new SessionLostException(
            StatusCode.FAILED_PRECONDITION, Delivered.NO, node.router().closedText(), null);
      }
      Encoded e = node.codecs().encode(value, Optional.empty(), List.of());
      OverloadedException tooLarge = node.router().tooLarge(e.payload().length, Delivered.NO);
      if (tooLarge != null) {
        throw tooLarge;
      }
      Message message = Message.wrap(topic, e.headers(), e.contentType(), e.payload());
      Failure refused =
          node.router()
              .subscriptions
              .publish(
                  message,
                  new OwnPublish(service, message),
                  origin,
                  () -> node.tasks().execute(() -> result.complete(null)));
      if (refused != null) {
        result.completeExceptionally(refused.toException());
      }
    } catch (io.carrick.MessagingException e) {
      result.completeExceptionally(e);
    }
    return result;
  }

  @Override
  public Handlers with(HandlerOptions options) {
    return handlers.with(options);
  }

  @Override
  public <T> T decode(Message message, TypeRef<T> type) {
    return new Body<>(node.codecs().decode(message, Objects.requireNonNull(type, "type"))).value();
  }

  @Override
  public <Q> Registration handle(String topic, TypeRef<Q> type, Handler<? super Q, ?> handler) {
    return handlers.handle(topic, type, handler);
  }

  @Override
  public <Q, R> Registration handle(
      String topic, TypeRef<Q> type, TypeRef<R> reply, Handler<? super Q, ? extends R> handler) {
    return handlers.handle(topic, type, reply, handler);
  }

  @Override
  public <Q> Registration handleAsync(
      String topic, TypeRef<Q> type, Handler<? super Q, ? extends CompletionStage<?>> handler) {
    return handlers.handleAsync(topic, type, handler);
  }

  @Override
  public <Q> Registration handleSend(
      String topic, TypeRef<Q> type, OneWayHandler<? super Q> handler) {
    return handlers.handleSend(topic, type, handler);
  }

  @Override
  public <Q> Registration handleStream(
      String topic, TypeRef<Q> type, Handler<? super Q, ? extends Flow.Publisher<?>> handler) {
    return handlers.handleStream(topic, type, handler);
  }

  @Override
  public <Q> Registration handleChannel(
      String topic,
      TypeRef<Q> type,
      Handler<Flow.Publisher<Q>, ? extends Flow.Publisher<?>> handler) {
    return handlers.handleChannel(topic, type, handler);
  }

  @Override
  public <T> Registration subscribe(
      String filter, TypeRef<T> type, OneWayHandler<? super T> handler) {
    return handlers.subscribe(filter, type, handler);
  }

  @Override
  public CompletableFuture<Void> stopServing(Duration atMost) {
    return shutdown.stopServing(checked("stopServing", atMost));
  }

  @Override
  public CompletableFuture<Void> drain(Duration atMost) {
    return shutdown.drain(checked("drain", atMost));
  }

  private static long checked(String what, Duration atMost) {
    if (atMost.isNegative() || atMost.compareTo(MOST_DRAIN) > 0) {
      throw new IllegalArgumentException(what + " " + atMost + " must be 0 to " + MOST_DRAIN);
    }
    return atMost.toNanos();
  }

  @Override
  public void close() {
    shutdown.close();
  }

  @Override
  public CompletionStage<Void> closed() {
    return shutdown.closed();
  }

  @Override
  public void awaitClosed() throws InterruptedException {
    shutdown.awaitClosed();
  }

  @Override
  public String toString() {
    return "Messenger[" + service + " " + instance + " at " + endpoints() + "]";
  }
}
