package io.carrick;

import io.carrick.spi.Codec;
import io.carrick.spi.Compression;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.BiPredicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * A node: it listens, connects, or both. Handlers registered here answer calls of every peer,
 * whoever dialled. One that listens keeps the process alive until it is closed, unless it is {@link
 * Builder#daemon}. Safe for use by any thread.
 *
 * <pre>{@code
 * Messenger orders = Messenger.builder("orders").listen("unix:/run/orders/carrick.sock").build();
 * orders.handle("orders/create", CreateOrder.class, order -> new Receipt(order.id()));
 * }</pre>
 */
public interface Messenger extends Handlers, AutoCloseable {

  /** The service's name. */
  String service();

  /** This life of this node: 128 random bits as 32 hexadecimal digits. Not secret. */
  String instance();

  /** What it listens on, with real ports, in configured order. */
  List<String> endpoints();

  /**
   * The service that is reached by any of these endpoints. Nothing is dialled before the first
   * call. Each remote that is made has a session of its own: make one for a service, keep it and
   * share it, as views of it do. An endpoint that names the topics of a broker, and no service, is
   * connected to alone.
   *
   * @throws EndpointException if an endpoint is no URI, or its scheme has no installed transport
   */
  Remote connect(String endpoint, String... more);

  /**
   * As {@link #connect(String, String...)}, and the first session has these needs already: only
   * endpoints that meet the hard ones are dialled, and the latency target judges its path from the
   * beginning.
   */
  Remote connect(Requirements needs, String endpoint, String... more);

  /**
   * As {@link #connect(String, String...)}, and the service that answers must bear this name:
   * another one is refused.
   */
  Remote connectTo(String service, String endpoint, String... more);

  /**
   * The nodes that have dialled this one and are connected now, one for each of their sessions, in
   * no order. One whose connection broke is not among them while its session waits for another, for
   * at most {@link Builder#resumeTime}, and is the same again when it has come back: {@link
   * Remote#onPathEvent} tells SUSPENDED, and then RESUMED or LOST. A broken connection is seen at
   * once where the kernel tells; a host that vanished is missed after 45 s without traffic.
   */
  List<Remote> peers();

  /**
   * Publishes to this node: to its own subscriptions and to those of its sessions. As with {@link
   * Remote#publish}, either all get it or none.
   */
  CompletableFuture<Void> publish(String topic, Object value);

  /**
   * Decodes a message that was taken as it came, by {@code Message.class}.
   *
   * @throws CodecException if its bytes are no value of the type, or no codec is installed that
   *     makes the type of its content type
   */
  <T> T decode(Message message, TypeRef<T> type);

  /** Decodes a message, as {@link #decode(Message, TypeRef)} does. */
  default <T> T decode(Message message, Class<T> type) {
    return decode(message, TypeRef.of(type));
  }

  @Override
  Handlers with(HandlerOptions options);

  /**
   * Serves nobody any more, without breaking what peers do, and goes on as a node that calls
   * others: refuses new sessions, tells peers, whoever dialled, who open no new calls here and let
   * the others end, and when all have gone or the time is over, closes its listeners and the
   * sessions of those that dialled it. What was accepted, one-way messages and publishes too, is
   * handled before; subscriptions of peers get what they were given, and then end. Until then
   * broken connections are resumed, and {@code grpc} health says NOT_SERVING. Sessions that this
   * node dialled stay, and it may dial others. The process goes on until {@link #close}.
   * Idempotent: the first time counts.
   *
   * @param atMost 0 to 24 h; open calls then have 5 s more. What programs without the SDK have open
   *     by then ends with {@link #close}
   * @return completes when nothing is served any more, at the latest when this messenger is closed
   * @throws IllegalArgumentException if the time is not in this range
   */
  CompletableFuture<Void> stopServing(Duration atMost);

  /**
   * Goes away without breaking what peers do: {@link #stopServing}, and then {@link #close}. Where
   * it stops serving already, the time of that counts.
   *
   * @param atMost 0 to 24 h; open calls then have the 5 s of {@link #close}
   * @return completes when this messenger is closed
   * @throws IllegalArgumentException if the time is not in this range
   */
  CompletableFuture<Void> drain(Duration atMost);

  /**
   * Stops listening and ends all sessions in order: open calls, what was accepted and callbacks
   * that run have 5 s to end; the rest is cancelled, and handlers and callbacks are interrupted.
   * Idempotent. Blocks until done (at most 10 s), except on a thread of Carrick, where it only
   * starts: a handler or a callback that closes its own messenger goes on.
   */
  @Override
  void close();

  /**
   * Completes when this messenger is closed, whoever closed or drained it: nothing of it runs any
   * more, but for handlers that ignore their interrupt or run on an executor of the application.
   * What depends on it runs on the thread that closes; where the messenger kept the process alive,
   * that lives until it has run.
   */
  CompletionStage<Void> closed();

  /**
   * Waits until this messenger is closed, without limit.
   *
   * @throws InterruptedException if the thread is interrupted; the messenger goes on
   * @throws IllegalStateException on a thread of Carrick, which closing waits for
   */
  void awaitClosed() throws InterruptedException;

  /**
   * Starts a messenger. Its implementation, transports and codecs are those that the context class
   * loader of this thread finds, or else the class loader of this class: in a fat jar the threads
   * of the common pool have one that finds none.
   *
   * @param service {@code [a-z0-9][a-z0-9-]{0,62}}
   * @throws IllegalArgumentException if the name is not of this form
   * @throws IllegalStateException if {@code io.carrick:carrick-sdk-core} is not installed
   */
  static Builder builder(String service) {
    return Installed.messengers()
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "no implementation of Carrick is installed: add io.carrick:carrick-sdk-core"))
        .builder(service);
  }

  /**
   * Two messengers in this process, connected over memory: for tests of what is built on Carrick.
   *
   * @throws EndpointException if {@code io.carrick:carrick-transport-memory} is not installed
   */
  static InMemoryPair inMemory() {
    return InMemoryPair.create();
  }

  /**
   * Sets up a messenger. Not safe for use by several threads. A setting that is out of its range
   * throws {@link IllegalArgumentException} at once.
   */
  interface Builder {

    /**
     * Applies what is set up elsewhere, such as a module that adds interceptors: {@code
     * builder.apply(Tracing::setUp)}.
     */
    default Builder apply(UnaryOperator<Builder> setup) {
      return setup.apply(this);
    }

    /**
     * Listens on an endpoint, for instance {@code unix:/run/orders/carrick.sock}; repeatable.
     *
     * @throws EndpointException if it is no URI
     */
    Builder listen(String endpoint);

    /**
     * Whether the process may end while this messenger listens, as a daemon thread lets it; false
     * by default, so that a service does not end with {@code main}. A messenger that only connects
     * never keeps the process alive.
     */
    Builder daemon(boolean value);

    /** Allows or refuses what peers do; by default everything is allowed. */
    Builder authorizer(Authorizer authorizer);

    /** Adds an interceptor around the calls that this node makes. */
    Builder interceptCalls(Interceptor interceptor);

    /** Adds an interceptor around the calls that this node serves. */
    Builder interceptHandlers(Interceptor interceptor);

    /**
     * Adds a codec to those that are found; repeatable. For the types that it supports, it stands
     * in place of all others of its content type, and among other content types by its priority. Of
     * two that are given for one content type, the first counts.
     *
     * @throws IllegalArgumentException if it is not available, with what to install, or its content
     *     type is no media type in lower case
     */
    Builder codec(Codec codec);

    /**
     * Compresses messages to peers that undo it, and undoes that of theirs, as {@code
     * Compressors.of(new ZstdCompressor())} of {@code carrick-serialization} does. By default
     * nothing is compressed, and peers are offered nothing. A message goes as it is where {@link
     * CallContext#ENCODING_HEADER} says so, and on threads that read a connection, as those of
     * handlers that are {@code nonBlocking()}.
     *
     * <p>Do not compress a secret together with text that somebody else chose: who sees the size of
     * messages learns from it what they have in common.
     */
    Builder compression(Compression compression);

    /**
     * Runs handlers. By default virtual threads on Java 21 and later, else at most 512 threads that
     * end after 30 s idle. Continuations of futures, subscribers and listeners never run on it, so
     * that handlers may wait for them however few threads it has: they run on threads of Carrick
     * (virtual, or at most 1,024). What is attached to a future that has completed runs where it is
     * attached, as the JDK has it. Where it runs handlers on the thread that calls it, a wait for a
     * result in a handler throws {@link IllegalStateException}. What it refuses is answered
     * RESOURCE_EXHAUSTED. The executor is not shut down by {@code close()}.
     */
    Builder handlerExecutor(Executor executor);

    /** The largest message, in bytes, in and out: 1 KiB to 1 GiB, 4 MiB by default. */
    Builder maxMessageBytes(int bytes);

    /**
     * What all buffers of all sessions may hold together, in bytes: at least 16 MiB, by default a
     * quarter of the maximum heap.
     */
    Builder bufferBudget(long bytes);

    /**
     * The time for one attempt to connect and to agree on a session: 10 ms to 5 min, 10 s default.
     */
    Builder connectTimeout(Duration timeout);

    /**
     * How long a session without a connection waits for another one: 0 to 1 h, 120 s by default;
     * one that was never used waits 10 s at most. With 0 a session ends with its connection. The
     * side that was dialled keeps a session no longer than the side that dialled it.
     */
    Builder resumeTime(Duration time);

    /**
     * Over how long the clients of this node dial the endpoint again that broke, if all of them
     * lose their connections at once: 0 to 60 s, 36 s by default, so that fewer than a tenth of
     * them connect in any second. Each is told its own place when its session begins. The first
     * eight sessions have none and dial at once, and so does every client that has another endpoint
     * to go to; the others wait, and their calls wait in the session. Choose less where connections
     * break more often than the service, and it can take more clients a second.
     */
    Builder resumeSpread(Duration time);

    /**
     * Tells peers inside their sessions that this node is reached by this endpoint, too;
     * repeatable. Unix sockets that it listens on are advertised in any case. At most 8 together,
     * each of at most 255 bytes.
     *
     * @throws EndpointException if it is no URI
     */
    Builder advertise(String endpoint);

    /** What a client dials of that; {@link AdvertisedEndpoints#SAME_HOST} by default. */
    Builder advertisedEndpoints(AdvertisedEndpoints policy);

    /**
     * The least security of every path of every session of this node: a connection that gives less
     * is refused. {@link SecurityLevel#NONE} by default.
     */
    Builder floor(SecurityLevel level);

    /**
     * What peers may take of this node before it knows them, and how many sessions one principal
     * may have; {@link PeerLimits#DEFAULT} by default.
     */
    Builder peerLimits(PeerLimits limits);

    /** Who this node is over TLS, and whom it believes; {@link TlsConfig#SYSTEM} by default. */
    Builder tls(TlsConfig tls);

    /**
     * Demands a bearer token of everybody who dials this node, on every listener: of a session when
     * it begins, of a plain call in its metadata. Who it names is the principal that handlers and
     * the authorizer see, whatever the path shows. A session ends when its token does; its peer is
     * asked for another one before that. Without it tokens are ignored.
     */
    Builder tokens(TokenVerifier verifier);

    /** As {@link #tokens}, but who brings no token comes in as what the path shows. */
    Builder optionalTokens(TokenVerifier verifier);

    /**
     * Shows a bearer token to the nodes that this one dials. The source is asked for each new
     * session, and again before a token expires, as a callback; it may block, within the time to
     * connect. Tokens have 1 to {@value TokenVerifier#MAX_TOKEN_BYTES} printable ASCII characters,
     * and are sent only where nobody else can read them: over TLS, or to a socket or a memory of
     * this host.
     */
    Builder token(Supplier<String> source);

    /**
     * Lets tokens pass, both ways, where others can read them, as on {@code grpc://}. For tests:
     * who reads a token can use it.
     */
    Builder tokensInClear();

    /**
     * Whether a session whose first path showed the first principal may move to a path that shows
     * the second; a token does not change what paths show. Equal ones may, and a session that began
     * with a network identity may move to a socket of this host whose other side runs as the user
     * of this process. By default nothing else; what does not show the same is then refused by a
     * node that relies on who its peer is, as one with such a rule does, and taken as nobody by
     * others. It is called inside sessions and must return at once.
     */
    Builder samePrincipal(BiPredicate<Principal, Principal> rule);

    /**
     * Builds it and binds every listener.
     *
     * @throws EndpointException if the scheme of an endpoint has no installed transport, or it
     *     cannot be bound; nothing is left bound then
     */
    Messenger build();
  }
}
