package io.carrick.transport.mqtt;

import io.carrick.EndpointException;
import io.carrick.MessagingException;
import io.carrick.Requirements;
import io.carrick.StatusCode;
import io.carrick.spi.Connection;
import io.carrick.spi.Endpoint;
import io.carrick.spi.ListenContext;
import io.carrick.spi.Listener;
import io.carrick.spi.Transport;
import io.carrick.spi.TransportConfig;
import io.carrick.tls.TlsContexts;
import io.carrick.transport.support.SerialExecutor;
import io.carrick.transport.support.TransportLifecycle;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Connects and listens at brokers. All that happens to its connections happens on one loop, which
 * ends when it is idle.
 */
final class MqttTransport implements Transport {

  /** Brokers that one transport uses at a time; each has a client, with four threads of Paho. */
  private static final int MAX_BROKERS = 64;

  private static final int CLOSE_SECONDS = 1; // For each of two things.

  /** More than there are: the loop waits for one turn, and its last one for the end. */
  private static final int MOST_TURNS = 8;

  private final String name;
  private final TransportConfig config;

  private final TransportLifecycle open;
  private final TlsContexts tls;
  private final ThreadPoolExecutor pool;
  private final Executor loop;
  private final Map<Endpoint, Broker> brokers = new HashMap<>(); // On the loop.
  private final Set<Topics> topics = new HashSet<>(); // Guarded by itself.
  private volatile @Nullable Thread thread;

  MqttTransport(TransportConfig config) {
    this.name = "carrick-mqtt-" + config.name();
    this.config = config;
    this.open = new TransportLifecycle(name, config.connectTimeout());
    this.tls = new TlsContexts(config.tls());
    // Tasks wait in the turn of the loop, one for each message that may wait and each callback.
    this.pool =
        new ThreadPoolExecutor(
            1,
            1,
            1,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(MOST_TURNS),
            this::newThread,
            (task, ended) -> ForkJoinPool.commonPool().execute(task));
    pool.allowCoreThreadTimeOut(true);
    this.loop = new SerialExecutor(pool);
  }

  private Thread newThread(Runnable task) {
    Thread created = new Thread(task, name);
    created.setDaemon(true); // And so are those that Paho starts from it.
    created.setContextClassLoader(MqttTransport.class.getClassLoader()); // Not its starter's.
    thread = created;
    return created;
  }

  @Override
  public CompletionStage<Connection> connect(Endpoint endpoint) {
    return open.connect(
        endpoint,
        attempt -> {
          MqttAddress address = MqttAddress.of(endpoint);
          if (address.isTopics()) {
            throw new EndpointException(
                StatusCode.INVALID_ARGUMENT,
                endpoint + " names the topics of a broker: write a service behind it",
                null);
          }
          loop.execute(() -> dial(endpoint, address, attempt));
        });
  }

  @Override
  public Optional<io.carrick.spi.Broker> broker(Endpoint endpoint) {
    return MqttAddress.of(endpoint).isTopics() ? Optional.of(topics(endpoint)) : Optional.empty();
  }

  private Topics topics(Endpoint endpoint) {
    MqttAddress address = MqttAddress.of(endpoint);
    Topics made = new Topics(loop, endpoint, config.maxMessageBytes(), use -> client(address, use));
    synchronized (topics) {
      topics.removeIf(Topics::isClosed);
      if (topics.size() == MAX_BROKERS) {
        throw new EndpointException(
            StatusCode.RESOURCE_EXHAUSTED,
            "cannot use the topics of "
                + endpoint
                + ": "
                + MAX_BROKERS
                + " remotes of brokers are open; close some, or keep one and share it",
            null);
      }
      topics.add(made);
    }
    return made;
  }

  private BrokerClient client(MqttAddress address, BrokerClient.Use use) {
    return new BrokerClient(loop, address, tls, use, config.connectTimeout().toMillis());
  }

  private void dial(Endpoint endpoint, MqttAddress address, CompletableFuture<Connection> attempt) {
    if (attempt.isDone()) {
      return; // Also where the transport is closed.
    }
    long seconds = Math.max(1, config.connectTimeout().toSeconds());
    client(address)
        .whenComplete(
            (client, failure) -> {
              if (failure != null) {
                attempt.completeExceptionally(
                    Failures.of(endpoint, "cannot connect to " + endpoint, failure));
              } else {
                new Dial(loop, endpoint, client, open, attempt, seconds).start();
              }
            });
  }

  private CompletableFuture<BrokerClient> client(MqttAddress address) {
    try {
      if (!open.isOpen()) {
        throw new EndpointException(
            StatusCode.FAILED_PRECONDITION,
            "cannot use " + address.broker() + ": its transport is closed; create another one",
            null);
      }
      return broker(address).client();
    } catch (EndpointException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  @Override
  public CompletionStage<Listener> listen(Endpoint endpoint, ListenContext context) {
    CompletableFuture<Listener> result = new CompletableFuture<>();
    try {
      MqttAddress address = MqttAddress.of(endpoint);
      if (address.isTopics()) {
        listen(topics(endpoint), endpoint, context, result);
      } else {
        loop.execute(() -> listen(endpoint, address, context, result));
      }
    } catch (EndpointException e) {
      result.completeExceptionally(e);
    }
    return result;
  }

  private void listen(
      Topics at, Endpoint endpoint, ListenContext context, CompletableFuture<Listener> result) {
    TopicServer[] made = new TopicServer[1];
    TopicServer server =
        new TopicServer(
            loop, endpoint, at, context.calls(), config.name(), () -> open.forget(made[0]));
    made[0] = server;
    at.connect(new io.carrick.spi.Broker.Terms(Requirements.NONE, config.connectTimeout(), false))
        .thenCompose(done -> open.listen(endpoint, Runnable::run, () -> server))
        .whenComplete(
            (listener, failure) -> {
              if (failure == null) {
                server.start();
                result.complete(listener);
              } else {
                at.close();
                Throwable why = failure.getCause() == null ? failure : failure.getCause();
                result.completeExceptionally(cannotListen(endpoint, why));
              }
            });
  }

  private void listen(
      Endpoint endpoint,
      MqttAddress address,
      ListenContext context,
      CompletableFuture<Listener> result) {
    client(address)
        .whenComplete(
            (client, failure) -> {
              if (failure != null) {
                result.completeExceptionally(cannotListen(endpoint, failure));
              } else {
                Broker broker = broker(address);
                Door door =
                    new Door(loop, endpoint, broker, open, context.acceptor(), config.peers());
                broker.add(door);
                door.open(client, refused -> opened(broker, door, refused, result));
              }
            });
  }

  private void opened(
      Broker broker, Door door, @Nullable Throwable refused, CompletableFuture<Listener> result) {
    if (refused != null) {
      broker.remove(door);
      result.completeExceptionally(cannotListen(door.endpoint(), refused));
    } else {
      open.listen(door.endpoint(), Runnable::run, () -> door)
          .whenComplete(
              (listener, failure) -> {
                if (failure != null) {
                  result.completeExceptionally(failure);
                } else {
                  result.complete(listener);
                }
              });
    }
  }

  private static EndpointException cannotListen(Endpoint endpoint, Throwable failure) {
    String doing = "cannot listen on " + endpoint;
    MessagingException why = Failures.of(endpoint, doing, failure);
    return why instanceof EndpointException known
        ? known
        : new EndpointException(why.code(), String.valueOf(why.getMessage()), failure);
  }

  private Broker broker(MqttAddress address) {
    Broker known = brokers.get(address.broker());
    if (known == null) {
      brokers.values().removeIf(Broker::isUnused);
      if (brokers.size() == MAX_BROKERS) {
        throw new EndpointException(
            StatusCode.RESOURCE_EXHAUSTED,
            "cannot use the broker of "
                + address.broker()
                + ": "
                + MAX_BROKERS
                + " others are in use; use fewer, or another messenger",
            null);
      }
      known = new Broker(loop, () -> client(address, BrokerClient.Use.forSessions(Knock.tag())));
      brokers.put(address.broker(), known);
    }
    return known;
  }

  @Override
  public void close() {
    open.close(Thread.currentThread() == thread, this::end);
  }

  private void closeTopics() {
    List<Topics> all;
    synchronized (topics) {
      all = List.copyOf(topics);
      topics.clear();
    }
    all.forEach(Topics::closeNow);
  }

  private void end() {
    CountDownLatch ended = new CountDownLatch(1);
    loop.execute(
        () -> {
          brokers.values().forEach(Broker::close);
          closeTopics();
          ended.countDown();
        });
    try {
      ended.await(CLOSE_SECONDS, TimeUnit.SECONDS);
      pool.shutdown();
      pool.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      pool.shutdown();
    }
  }
}
