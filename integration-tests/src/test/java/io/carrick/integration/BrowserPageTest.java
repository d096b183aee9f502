package io.carrick.integration;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.CallException;
import io.carrick.Message;
import io.carrick.Messenger;
import io.carrick.StatusCode;
import io.carrick.TlsConfig;
import io.carrick.certificates.CertificateAuthority;
import io.carrick.certificates.CertificateOrder;
import io.carrick.certificates.PemPair;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a socket of a page gets, as docs/browser.md says. The client of samples/browser is in {@code
 * BrowserClientTest}, what breaks rules in {@code JsonSocketHostileTest}.
 */
@Timeout(60)
final class BrowserPageTest {

  private static final String ORIGIN = "http://app.example";

  private final Messenger shop =
      Messenger.builder("shop")
          .maxMessageBytes(64 * 1024)
          .listen("http://127.0.0.1:0?origin=" + ORIGIN)
          .build();
  private final String port = shop.endpoints().get(0);

  @AfterEach
  void close() {
    shop.close();
  }

  @Test
  void aRequestIsAnsweredByAnItem() throws Exception {
    shop.handle("upper", String.class, text -> text.toUpperCase(Locale.ROOT));
    try (JsonSocketClient page = JsonSocketClient.open(port)) {

      page.say("{'t':'hello'}");
      assertThat(page.next()).isEqualTo("{'t':'welcome','maxMessageBytes':65536,'calls':256}");

      page.say(
          "{'t':'open','x':1,'kind':'request','topic':'upper','contentType':'text/plain',"
              + "'payload':'grün','unknown':{'is':['skipped']}}");
      assertThat(page.next())
          .isEqualTo("{'t':'item','x':1,'last':true,'contentType':'text/plain','payload':'GRÜN'}");
    }
  }

  @Test
  void payloadsHeadersAndTypesGoBothWays() throws Exception {
    shop.handle(
        "mirror",
        Message.class,
        (message, call) ->
            Message.of(message.contentType(), message.toByteArray())
                .withHeaders(message.headers().with("seen", "yes")));
    try (JsonSocketClient page = JsonSocketClient.welcome(port)) {

      page.say(
          "{'t':'open','x':1,'kind':'request','topic':'mirror','payloadBase64':'AP8=',"
              + "'contentType':'application/octet-stream','headers':[['tenant','é']]}");
      assertThat(page.next())
          .isEqualTo(
              "{'t':'item','x':1,'last':true,'contentType':'application/octet-stream',"
                  + "'headers':[['tenant','é'],['seen','yes']],'payloadBase64':'AP8='}");
    }
  }

  @Test
  void sendsAndPublishesAreAnsweredByAnEnd() throws Exception {
    BlockingQueue<String> got = new LinkedBlockingQueue<>();
    shop.handleSend("log", String.class, text -> got.add("sent " + text));
    shop.subscribe("news/#", String.class, (text, call) -> got.add(text));
    try (JsonSocketClient page = JsonSocketClient.welcome(port)) {

      page.say(
          "{'t':'open','x':1,'kind':'publish','topic':'news/a','payload':'rain',"
              + "'contentType':'text/plain'}");

      assertThat(page.next()).isEqualTo("{'t':'end','x':1}");
      assertThat(got.poll(20, SECONDS)).isEqualTo("rain");

      page.say(
          "{'t':'open','x':2,'kind':'send','topic':'log','payload':'rain',"
              + "'contentType':'text/plain'}");

      assertThat(page.next()).isEqualTo("{'t':'end','x':2}");
      assertThat(got.poll(20, SECONDS)).isEqualTo("sent rain");
    }
  }

  @Test
  void aSubscriptionIsAcceptedAndHasTopicsAndCredit() throws Exception {
    try (JsonSocketClient page = JsonSocketClient.welcome(port)) {
      page.say("{'t':'open','x':5,'kind':'subscribe','topic':'price/#','items':1}");
      assertThat(page.next()).isEqualTo("{'t':'accepted','x':5}");

      shop.publish("price/a", "1").toCompletableFuture().get(20, SECONDS);
      shop.publish("price/b", "2").toCompletableFuture().get(20, SECONDS);

      assertThat(page.next()).contains("'x':5", "'topic':'price/a'");
      page.say("{'t':'ping'}");
      assertThat(page.next()).as("no credit").isEqualTo("{'t':'pong'}");
      page.say("{'t':'credit','x':5,'items':2}");
      assertThat(page.next()).contains("'topic':'price/b'");
      page.say("{'t':'cancel','x':5}");
    }
  }

  @Test
  void aStreamHasAsManyItemsAsTheClientGranted() throws Exception {
    Numbers numbers = new Numbers(5);
    shop.handleStream("count", String.class, text -> numbers);
    try (JsonSocketClient page = JsonSocketClient.welcome(port)) {
      page.say(
          "{'t':'open','x':1,'kind':'stream','topic':'count','items':3,"
              + "'contentType':'text/plain'}");

      for (int i = 1; i <= 3; i++) {
        assertThat(page.next()).contains("'payload':'" + i + "'");
      }
      page.say("{'t':'ping'}");
      assertThat(page.next()).isEqualTo("{'t':'pong'}");
      page.say("{'t':'credit','x':1,'items':2}");
      page.say("{'t':'credit','x':1,'items':9}");
      assertThat(page.next()).contains("'payload':'4'");
      assertThat(page.next()).contains("'payload':'5'");
      assertThat(page.next()).isEqualTo("{'t':'end','x':1}");
    }
  }

  @Test
  void cancelAndGoingAwayReachTheHandler() throws Exception {
    Numbers first = new Numbers(99);
    Numbers second = new Numbers(99);
    List<Numbers> all = new ArrayList<>(List.of(second, first));
    shop.handleStream("count", String.class, text -> all.remove(all.size() - 1));
    CompletableFuture<Void> abandoned = new CompletableFuture<>();
    shop.handleAsync(
        "wait",
        Message.class,
        (message, call) -> {
          call.onCancel(() -> abandoned.complete(null));
          return new CompletableFuture<Message>();
        });
    try (JsonSocketClient page = JsonSocketClient.welcome(port)) {
      page.say("{'t':'open','x':1,'kind':'stream','topic':'count','items':1}");
      page.next();
      page.say("{'t':'cancel','x':1}");
      first.cancelled.get(20, SECONDS);

      page.say("{'t':'open','x':2,'kind':'request','topic':'wait'}");
      page.say("{'t':'open','x':3,'kind':'stream','topic':'count','items':1}");
      page.next();
    }
    second.cancelled.get(20, SECONDS);
    abandoned.get(20, SECONDS);
  }

  @Test
  void aChannelHasCreditBothWays() throws Exception {
    shop.handleChannel(
        "double",
        String.class,
        values ->
            subscriber ->
                values.subscribe(
                    new Flow.Subscriber<>() {
                      @Override
                      public void onSubscribe(Flow.Subscription subscription) {
                        subscriber.onSubscribe(subscription);
                      }

                      @Override
                      public void onNext(String value) {
                        subscriber.onNext(value + value);
                      }

                      @Override
                      public void onError(Throwable failure) {
                        subscriber.onError(failure);
                      }

                      @Override
                      public void onComplete() {
                        subscriber.onComplete();
                      }
                    }));
    try (JsonSocketClient page = JsonSocketClient.welcome(port)) {
      page.say(
          "{'t':'open','x':1,'kind':'channel','topic':'double','items':9,"
              + "'contentType':'text/plain'}");

      List<String> come = new ArrayList<>();
      for (String value : List.of("a", "b")) {
        awaitCredit(page, come, come.size() + 1);
        page.say("{'t':'item','x':1,'payload':'" + value + "'}");
        awaitItem(page, come);
        assertThat(come.get(come.size() - 1)).contains("'payload':'" + value + value + "'");
      }
      page.say("{'t':'end','x':1}");
      awaitItem(page, come);
      assertThat(come).hasSize(3).last().isEqualTo("{'t':'end','x':1}");
    }
  }

  private long granted;

  /** Waits until the channel may send so many values; what else comes is kept. */
  private void awaitCredit(JsonSocketClient page, List<String> come, int values)
      throws InterruptedException {
    while (granted < values) {
      hear(page, come);
    }
  }

  private void awaitItem(JsonSocketClient page, List<String> come) throws InterruptedException {
    int known = come.size();
    while (come.size() == known) {
      hear(page, come);
    }
  }

  private void hear(JsonSocketClient page, List<String> come) throws InterruptedException {
    String message = page.next();
    if (message.startsWith("{'t':'credit','x':1,'items':")) {
      granted = Long.parseLong(message.replaceAll(".*'items':|}", ""));
    } else {
      come.add(message);
    }
  }

  @Test
  void aFailureSaysItsCodeAndWhetherItWasDelivered() throws Exception {
    shop.handle(
        "fail",
        Message.class,
        message -> {
          throw new CallException(
              StatusCode.FAILED_PRECONDITION, "sold out", Map.of("sku", "A-17"));
        });
    shop.handleAsync("late", Message.class, message -> new CompletableFuture<Message>());
    try (JsonSocketClient page = JsonSocketClient.welcome(port)) {
      page.say("{'t':'open','x':1,'kind':'request','topic':'fail'}");
      assertThat(page.next())
          .isEqualTo(
              "{'t':'error','x':1,'message':'sold out','code':'failed_precondition',"
                  + "'delivered':'yes','retry':'unsafe','details':{'sku':'A-17'}}");

      page.say("{'t':'open','x':2,'kind':'request','topic':'nobody'}");
      assertThat(page.next()).contains("'x':2", "'code':'unimplemented'", "'delivered':'no'");

      page.say("{'t':'open','x':3,'kind':'request','topic':'late','timeoutMillis':1}");
      assertThat(page.next()).contains("'x':3", "'code':'deadline_exceeded'");

      page.say("{'t':'open','x':4,'kind':'stream','topic':'nobody','items':1}");
      assertThat(page.next()).contains("'t':'error','x':4", "'delivered':'no'");

      page.say("{'t':'open','x':5,'kind':'request','topic':'a b//#'}");
      assertThat(page.next()).contains("'t':'error','x':5", "'code':'invalid_argument'");

      page.say(
          "{'t':'open','x':6,'kind':'request','topic':'fail','payload':'"
              + "x".repeat(64 * 1024 + 1)
              + "'}");
      assertThat(page.next())
          .contains("'t':'error','x':6", "'code':'resource_exhausted'", "'delivered':'no'");
    }
  }

  @Test
  void aTokenComesInTheFirstMessage() throws Exception {
    try (TokenNodes nodes = new TokenNodes()) {
      Messenger orders =
          nodes.serve(
              Messenger.builder("orders")
                  .listen("http://127.0.0.1:0")
                  .tokens(nodes.verifier)
                  .tokensInClear());
      String guarded = orders.endpoints().get(0);
      String token = TokenNodes.token("alice", Duration.ofMinutes(1));
      try (JsonSocketClient good = JsonSocketClient.open(guarded);
          JsonSocketClient bad = JsonSocketClient.open(guarded);
          JsonSocketClient none = JsonSocketClient.open(guarded)) {

        good.say("{'t':'hello','token':'" + token + "'}");
        assertThat(good.next()).contains("'t':'welcome'");
        good.say("{'t':'open','x':1,'kind':'request','topic':'whoami'}");
        assertThat(good.next()).contains("token:alice");

        bad.say("{'t':'hello','token':'forged'}");
        assertThat(bad.next()).contains("'t':'reject'", "'code':'unauthenticated'");
        assertThat(bad.closed()).startsWith("1008");

        none.say("{'t':'hello'}");
        assertThat(none.next()).contains("'t':'reject'", "'code':'unauthenticated'");
      }
    }
  }

  @Test
  void aSocketEndsWithItsToken() throws Exception {
    try (TokenNodes nodes = new TokenNodes()) {
      Messenger orders =
          nodes.serve(
              Messenger.builder("orders")
                  .listen("http://127.0.0.1:0")
                  .tokens(nodes.verifier)
                  .tokensInClear());
      String token = TokenNodes.token("alice", Duration.ofSeconds(3));
      try (JsonSocketClient page = JsonSocketClient.open(orders.endpoints().get(0))) {
        page.say("{'t':'hello','token':'" + token + "'}");
        page.next();
        page.say("{'t':'open','x':1,'kind':'subscribe','topic':'news/#','items':1}");
        page.next();

        assertThat(page.next()).contains("'t':'error','x':1", "'code':'unauthenticated'");
        assertThat(page.next()).contains("'t':'reject'");
        assertThat(page.closed()).startsWith("1008");
      }
    }
  }

  @Test
  void onlyPagesOfListedOriginsAreUpgraded() throws Exception {
    JsonSocketClient.open(port, "Origin", ORIGIN).close();

    for (String origin :
        List.of(
            "http://app.example.evil.com",
            "http://evil-app.example",
            "http://app.example:8080",
            "https://app.example",
            "http://APP.example",
            "http://127.0.0.1",
            "null",
            "",
            port)) {
      assertThatThrownBy(() -> JsonSocketClient.open(port, "Origin", origin))
          .as(origin)
          .hasCauseInstanceOf(WebSocketHandshakeException.class);
    }
  }

  @Test
  void overTlsItIsTheSame(@TempDir Path directory) throws Exception {
    CertificateAuthority authority = CertificateAuthority.create("tests");
    authority
        .issue(CertificateOrder.of("shop", List.of("127.0.0.1"), Duration.ofDays(1)))
        .write(directory, "shop");
    authority.own().write(directory, CertificateAuthority.NAME);
    KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
    trusted.load(null, null);
    try (InputStream pem =
        Files.newInputStream(PemPair.certificateFile(directory, CertificateAuthority.NAME))) {
      trusted.setCertificateEntry(
          "authority", CertificateFactory.getInstance("X.509").generateCertificate(pem));
    }
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    SSLContext tls = SSLContext.getInstance("TLS");
    tls.init(null, trust.getTrustManagers(), null);
    try (Messenger secure =
        Messenger.builder("secure")
            .tls(
                TlsConfig.builder()
                    .identity(
                        PemPair.certificateFile(directory, "shop"),
                        PemPair.keyFile(directory, "shop"))
                    .build())
            .listen("https://127.0.0.1:0?origin=https://app.example")
            .build()) {
      secure.handle("upper", String.class, text -> text.toUpperCase(Locale.ROOT));
      HttpClient client = HttpClient.newBuilder().sslContext(tls).build();
      String at = secure.endpoints().get(0).replaceFirst("\\?.*", "");
      try (JsonSocketClient page =
          JsonSocketClient.open(client, at, "Origin", "https://app.example")) {
        page.say("{'t':'hello'}");
        page.next();
        page.say(
            "{'t':'open','x':1,'kind':'request','topic':'upper','contentType':'text/plain',"
                + "'payload':'tls'}");
        assertThat(page.next()).contains("'payload':'TLS'");
      }
    }
  }

  @Test
  void aServiceThatClosesSaysSo() throws Exception {
    shop.handleAsync("wait", Message.class, message -> new CompletableFuture<Message>());
    try (JsonSocketClient page = JsonSocketClient.welcome(port)) {
      page.say("{'t':'open','x':1,'kind':'subscribe','topic':'a','items':1}");
      page.next();

      shop.close();

      assertThat(page.next()).contains("'t':'error','x':1", "'code':'unavailable'");
      assertThat(page.closed()).isEqualTo("1001 the service closed");
    }
  }

  @Test
  void binaryMessagesAreClosedWith1003() throws Exception {
    try (JsonSocketClient page = JsonSocketClient.welcome(port)) {
      page.socket().sendBinary(ByteBuffer.allocate(3), true).get(20, SECONDS);

      assertThat(page.closed()).startsWith("1003");
    }
  }
}
