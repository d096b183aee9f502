package io.carrick.edge.http;

import io.carrick.CallException;
import io.carrick.Delivered;
import io.carrick.StatusCode;
import io.carrick.netty.HttpHead;
import io.carrick.netty.HttpPeer;
import io.carrick.netty.HttpTaker;
import io.carrick.spi.Calls;
import io.carrick.transport.support.edge.HeldBytes;
import io.carrick.transport.support.edge.UnreadStreams;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.util.AttributeKey;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What an endpoint of an HTTP port serves to programs without the SDK: calls by HTTP/1.0, HTTP/1.1
 * and HTTP/2. Safe for use by any thread.
 */
public final class HttpEdge implements HttpTaker.OfRequests {

  private static final AttributeKey<Connection> CONNECTION =
      AttributeKey.valueOf("carrick-edge-connection");

  private final RpcService service;
  private final Calls calls;
  private final Origins origins;
  private final int maxMessageBytes;
  private final HeldBytes held;
  private final UnreadStreams unread = new UnreadStreams();
  private final AtomicInteger ending = new AtomicInteger();
  private volatile boolean closed;

  // No more than the streams and sockets of all connections and their calls, which are bounded.
  private final Set<OpenCall> open = ConcurrentHashMap.newKeySet();

  /**
   * An edge.
   *
   * @param calls what it makes of what comes
   * @param origins whose pages may call
   * @param maxMessageBytes the largest payload that it takes
   */
  public HttpEdge(Calls calls, Origins origins, int maxMessageBytes) {
    this(CarrickMethods.SERVICE, calls, origins, maxMessageBytes);
  }

  /** An edge for another service of Protocol Buffers. */
  HttpEdge(RpcService service, Calls calls, Origins origins, int maxMessageBytes) {
    this.service = service;
    this.calls = calls;
    this.origins = origins;
    this.maxMessageBytes = maxMessageBytes;
    this.held = new HeldBytes(maxMessageBytes);
  }

  /**
   * What one connection has for itself.
   *
   * @param calls those of one peer, so that its order is its own
   */
  record Connection(Calls calls, HeldBytes.OfConnection held) {}

  @Override
  public boolean takes(HttpHead head) {
    return Routes.answers(service, head.path());
  }

  @Override
  public ChannelHandler handler(HttpPeer peer) {
    return new CallHandler(this, peer);
  }

  /** That of a peer, on its loop. */
  Connection of(HttpPeer peer) {
    Channel channel = peer.connection();
    Connection known = channel.attr(CONNECTION).get();
    if (known == null) {
      known = new Connection(calls.ofPeer(), held.ofConnection());
      channel.attr(CONNECTION).set(known);
    }
    return known;
  }

  RpcService service() {
    return service;
  }

  /** What it makes of what comes. */
  public Calls calls() {
    return calls;
  }

  /** What its calls hold of messages. */
  public HeldBytes held() {
    return held;
  }

  /** Whose pages may call. */
  public Origins origins() {
    return origins;
  }

  /** The largest payload that it takes. */
  public int maxMessageBytes() {
    return maxMessageBytes;
  }

  /** Its streams that nobody reads. */
  public UnreadStreams unread() {
    return unread;
  }

  /**
   * A call has begun.
   *
   * @param ends whether it ends by itself, as a subscription does not
   */
  public void opened(OpenCall call, boolean ends) {
    if (open.add(call) && ends) {
      ending.incrementAndGet();
    }
  }

  /** It is over. */
  public void closed(OpenCall call, boolean ends) {
    if (open.remove(call) && ends) {
      ending.decrementAndGet();
    }
  }

  /** No more calls begin here; those that are open go on. */
  public void close() {
    closed = true;
  }

  /** Whether no more calls begin here. */
  public boolean isClosed() {
    return closed;
  }

  /** Whether it is closed and no call is open. */
  public boolean isOver() {
    return closed && open.isEmpty();
  }

  /** How many calls are open that end by themselves, so not subscriptions. */
  public int openCalls() {
    return ending.get();
  }

  /** Ends the calls that are open; completes when their callers were told. */
  public CompletableFuture<Void> end() {
    CallException reason =
        new CallException(
            StatusCode.UNAVAILABLE,
            Delivered.MAYBE,
            "the service closed before the call ended: call another instance of it",
            Map.of(),
            null);
    return CompletableFuture.allOf(
        open.stream().map(call -> call.end(reason)).toArray(CompletableFuture[]::new));
  }
}
