package io.carrick.transport.http2;

import io.carrick.ConnectException;
import io.carrick.spi.Connection;
import io.carrick.spi.Endpoint;
import io.carrick.spi.PeerInfo;
import io.carrick.tls.TlsContexts;
import io.carrick.tls.TlsPeers;
import io.carrick.transport.support.TransportLifecycle;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import okhttp3.Call;
import okhttp3.ConnectionPool;
import okhttp3.ConnectionSpec;
import okhttp3.CookieJar;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okhttp3.TlsVersion;
import okio.BufferedSink;
import org.jspecify.annotations.Nullable;

/**
 * Makes one connection: a call on an HTTP/2 connection of its own, and then reads for it. Runs on
 * one of the {@link SessionThreads}.
 */
final class Dialer implements Runnable {

  /** Of a link-local address, whose zone no URL can have (RFC 9844). */
  private static final String ZONED = "zoned.invalid";

  /**
   * Where to connect.
   *
   * @param addresses of its host
   */
  record Target(
      Endpoint endpoint, Http2Address address, List<InetAddress> addresses, Duration timeout) {}

  private final Target target;
  private final TransportLifecycle open;
  private final SessionThreads threads;
  private final CompletableFuture<Connection> attempt;
  private final OwnSockets sockets = new OwnSockets();
  private final ConnectionPool pool = new ConnectionPool(1, 1, TimeUnit.SECONDS);
  private final DuplexBody body = new DuplexBody();
  private final @Nullable NamedSockets secure;
  private final Call call;

  private Dialer(
      Target target,
      @Nullable NamedSockets secure,
      TransportLifecycle open,
      SessionThreads threads,
      CompletableFuture<Connection> attempt) {
    this.target = target;
    this.secure = secure;
    this.open = open;
    this.threads = threads;
    this.attempt = attempt;
    this.call = client().newCall(request());
  }

  /** Starts to connect; what it fails with is told to the attempt. */
  static void start(
      Target target,
      TlsContexts tls,
      TransportLifecycle open,
      SessionThreads threads,
      CompletableFuture<Connection> attempt) {
    if (!threads.take()) {
      attempt.completeExceptionally(
          new ConnectException(
              "cannot connect to "
                  + target.endpoint()
                  + ": this node has "
                  + SessionThreads.MOST_SESSIONS
                  + " sessions over HTTP/2 already; close some, or use grpc://",
              null));
      return;
    }
    try {
      NamedSockets secure = target.address().tls() ? new NamedSockets(target, tls) : null;
      Dialer dialer = new Dialer(target, secure, open, threads, attempt);
      attempt.whenComplete(
          (connection, failure) -> {
            if (failure != null) {
              dialer.cut();
            }
          });
      threads.execute(dialer);
    } catch (RuntimeException | Error e) {
      threads.giveBack();
      attempt.completeExceptionally(e);
    }
  }

  private OkHttpClient client() {
    OkHttpClient.Builder builder =
        new OkHttpClient.Builder()
            .connectTimeout(target.timeout())
            .readTimeout(Duration.ZERO) // The session has keep-alive, and our timer cuts.
            .writeTimeout(Duration.ZERO)
            .callTimeout(Duration.ZERO)
            .pingInterval(Duration.ZERO)
            .retryOnConnectionFailure(false)
            .followRedirects(false)
            .followSslRedirects(false)
            .cookieJar(CookieJar.NO_COOKIES)
            .proxy(Proxy.NO_PROXY)
            .connectionPool(pool)
            .socketFactory(sockets)
            .dns(host -> target.addresses());
    if (secure == null) {
      return builder.protocols(List.of(Protocol.H2_PRIOR_KNOWLEDGE)).build();
    }
    return builder
        .protocols(List.of(Protocol.HTTP_2, Protocol.HTTP_1_1)) // It insists on the second.
        .connectionSpecs(
            List.of(
                new ConnectionSpec.Builder(ConnectionSpec.RESTRICTED_TLS)
                    .tlsVersions(TlsVersion.TLS_1_3)
                    .build()))
        .sslSocketFactory(secure, secure.trust())
        .hostnameVerifier((host, session) -> true) // The handshake has checked the name.
        .build();
  }

  private Request request() {
    String host = target.address().peer().host();
    HttpUrl url =
        new HttpUrl.Builder()
            .scheme(target.address().tls() ? Http2Address.SECURE : Http2Address.PLAIN)
            .host(host.contains("%") ? ZONED : host)
            .port(target.address().peer().port())
            .addPathSegments(SessionCall.PATH.substring(1))
            .build();
    return new Request.Builder()
        .url(url)
        .header("host", authority())
        .header("content-type", SessionCall.CONTENT_TYPE)
        .header("accept-encoding", "identity")
        .header("user-agent", "carrick")
        .post(body)
        .build();
  }

  private String authority() {
    return secure == null
        ? target.address().peer().authority()
        : secure.authority(target.address().peer().port());
  }

  @Override
  public void run() {
    ClientStream stream = null;
    try (Response response = call.execute()) {
      String type = response.header("content-type");
      if (response.code() != 200 || !SessionCall.CONTENT_TYPE.equals(type)) {
        attempt.completeExceptionally(Failures.answered(target.endpoint(), response.code(), type));
        return;
      }
      sockets.answered();
      BufferedSink sink = Objects.requireNonNull(body.sink);
      stream = new ClientStream(new ClientLoop(threads), threads, this::cut, sink, peer());
      if (attempt.complete(stream.connection())) {
        stream.read(response.body().source());
      }
    } catch (IOException | RuntimeException e) {
      attempt.completeExceptionally(Failures.connect(target.endpoint(), reason(e)));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // Nobody does; the connection ends.
    } catch (Error e) {
      attempt.completeExceptionally(e);
    } finally {
      cut();
      pool.evictAll();
      threads.giveBack();
      if (stream != null) {
        open.forget(stream.connection());
      }
    }
  }

  /** Why it failed, which OkHttp may not have been told. */
  private Exception reason(Exception failure) {
    Exception unanswered = sockets.unanswered();
    if (unanswered != null) {
      return unanswered;
    }
    return failure instanceof IOException broken && secure != null && !attempt.isDone()
        ? secure.refusal(broken, sockets)
        : failure;
  }

  private PeerInfo peer() {
    String address = target.endpoint().toString();
    return secure == null ? PeerInfo.of(address) : TlsPeers.of(address, secure.session());
  }

  /** Ends everything at once; does not block. */
  private void cut() {
    sockets.close();
    call.cancel();
  }

  /** A body that is written while the answer is read. */
  private static final class DuplexBody extends RequestBody {

    private @Nullable BufferedSink sink; // Touched by the thread that calls.

    @Override
    public @Nullable MediaType contentType() {
      return null;
    }

    @Override
    public boolean isDuplex() {
      return true;
    }

    @Override
    public boolean isOneShot() {
      return true;
    }

    @Override
    public void writeTo(BufferedSink started) {
      sink = started;
    }
  }
}
