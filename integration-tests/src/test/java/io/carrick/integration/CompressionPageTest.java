package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.CallContext;
import io.carrick.Delivered;
import io.carrick.HandlerOptions;
import io.carrick.Message;
import io.carrick.Messenger;
import io.carrick.Remote;
import io.carrick.StatusCode;
import io.carrick.serialization.Compressors;
import io.carrick.serialization.DeflateCompressor;
import io.carrick.serialization.GzipCompressor;
import io.carrick.serialization.Lz4Compressor;
import io.carrick.serialization.SnappyCompressor;
import io.carrick.serialization.ZstdCompressor;
import io.carrick.spi.Compression;
import io.carrick.spi.Compressor;
import io.carrick.testkit.Await;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * docs/compression.md, in its order. Blocks, bombs and damaged payloads of each compressor are in
 * its own test, which extends CompressorContract.
 */
@Timeout(60)
final class CompressionPageTest {

  private static final String TEXT = "{\"id\":17,\"name\":\"rope\"},".repeat(100);

  @TempDir Path directory;

  private Messenger server;
  private Messenger client;
  private Remote remote;

  /** Counts what another compressor does. */
  private static class Counting implements Compressor {

    final Compressor counted;
    final AtomicInteger compressed = new AtomicInteger();
    final AtomicInteger decompressed = new AtomicInteger();

    Counting(Compressor counted) {
      this.counted = counted;
    }

    @Override
    public String encoding() {
      return counted.encoding();
    }

    @Override
    public byte[] compress(byte[] bytes) {
      compressed.incrementAndGet();
      return counted.compress(bytes);
    }

    @Override
    public byte[] decompress(byte[] block, int maxBytes) {
      decompressed.incrementAndGet();
      return counted.decompress(block, maxBytes);
    }
  }

  private final Counting atServer = new Counting(new ZstdCompressor());
  private final Counting atClient = new Counting(new ZstdCompressor());

  private void start(
      TestTransport transport,
      UnaryOperator<Messenger.Builder> serverSetup,
      UnaryOperator<Messenger.Builder> clientSetup) {
    String endpoint = transport.endpoint(directory);
    server = serverSetup.apply(TestTls.messenger("server").listen(endpoint)).build();
    client = clientSetup.apply(TestTls.messenger("client")).build();
    remote = client.connect(endpoint);
    server.handle("echo", Message.class, message -> message);
    server.handle("length", String.class, text -> Integer.toString(text.length()));
    server.handleSend("take", String.class, text -> {});
  }

  private void start() {
    start(TestTransport.HTTP, b -> by(b, atServer), b -> by(b, atClient));
  }

  @AfterEach
  void stop() {
    if (client != null) {
      client.close();
      server.close();
    }
  }

  private static Messenger.Builder by(Messenger.Builder builder, Compressor... compressors) {
    return builder.compression(Compressors.of(compressors));
  }

  private String echo(String text) {
    return await(remote.request("echo", text, String.class));
  }

  private static <T> T await(CompletableFuture<T> call) {
    return Await.result(call);
  }

  @Test
  void nothingIsCompressedUnlessBothSidesSayByWhat() {
    start(TestTransport.HTTP, b -> b, b -> by(b, atClient));

    assertThat(echo(TEXT)).isEqualTo(TEXT);
    assertThat(atClient.compressed).hasValue(0);
  }

  static Stream<Compressor> compressors() {
    return Stream.of(
        new ZstdCompressor(),
        new Lz4Compressor(),
        new SnappyCompressor(),
        new GzipCompressor(),
        new DeflateCompressor());
  }

  @ParameterizedTest
  @MethodSource("compressors")
  void eachCompressesBothWays(Compressor compressor) {
    Counting one = new Counting(compressor);
    Counting other = new Counting(compressor);
    start(TestTransport.HTTP, b -> by(b, one), b -> by(b, other));
    String large =
        new Random(1)
            .ints(50_000, 0, 1_000)
            .mapToObj(n -> "item " + n)
            .collect(Collectors.joining(","));

    assertThat(echo(TEXT)).isEqualTo(TEXT);
    assertThat(echo(large)).isEqualTo(large);
    assertThat(List.of(one.compressed.get(), one.decompressed.get())).isEqualTo(List.of(2, 2));
    assertThat(List.of(other.compressed.get(), other.decompressed.get())).isEqualTo(List.of(2, 2));
  }

  @Test
  void theFirstOfTheSendersThatTheReceiverHasIsUsed() {
    Counting lz4 = new Counting(new Lz4Compressor());
    Counting gzip = new Counting(new GzipCompressor());
    start(
        TestTransport.GRPC,
        b -> by(b, new GzipCompressor(), new Lz4Compressor()),
        b -> by(b, atClient, lz4, gzip));

    assertThat(echo(TEXT)).isEqualTo(TEXT);
    assertThat(atClient.compressed).hasValue(0);
    assertThat(lz4.compressed).hasValue(1);
    assertThat(gzip.decompressed).hasValue(1);
  }

  @Test
  void allPatternsAreCompressed() {
    start();
    server.handleStream("items", String.class, text -> Source.of(2, n -> TEXT));

    assertThat(Items.of(remote.stream("items", "x", String.class)).complete())
        .containsExactly(TEXT, TEXT);
    await(remote.send("take", TEXT));

    assertThat(atServer.compressed).hasValue(2);
    assertThat(atClient.decompressed).hasValue(2);
    assertThat(atClient.compressed).hasValue(1);
    assertThat(atServer.decompressed).hasValue(1);
  }

  @Test
  void lessThanAKibibyteGoesAsItIs() {
    start();

    assertThat(echo("a".repeat(1_023))).hasSize(1_023);
    assertThat(atClient.compressed).hasValue(0);
    assertThat(echo("a".repeat(1_024))).hasSize(1_024);
    assertThat(atClient.compressed).hasValue(1);
  }

  @ParameterizedTest
  @EnumSource(names = {"MEMORY", "UNIX"})
  void nothingIsCompressedWithinAHost(TestTransport transport) {
    start(transport, b -> by(b, atServer), b -> by(b, atClient));

    assertThat(echo(TEXT)).isEqualTo(TEXT);
    assertThat(atClient.compressed).hasValue(0);
    assertThat(atServer.compressed).hasValue(0);
  }

  @Test
  void aSessionThatMovesToANetworkBeginsToCompress() {
    String unix = TestTransport.UNIX.endpoint(directory);
    String http = TestTransport.HTTP.endpoint(directory);
    server = by(TestTls.messenger("server").listen(unix).listen(http), atServer).build();
    server.handle("echo", Message.class, message -> message);
    client = by(TestTls.messenger("client"), atClient).build();
    remote = client.connect(unix, http);
    assertThat(echo(TEXT)).isEqualTo(TEXT);
    assertThat(atClient.compressed).hasValue(0);

    await(remote.move(http));

    assertThat(echo(TEXT)).isEqualTo(TEXT);
    assertThat(atClient.compressed).hasValue(1);
    assertThat(atServer.compressed).hasValue(1);
  }

  @Test
  void whatDoesNotShrinkRests() {
    start();
    byte[] noise = new byte[2_000];
    new Random(1).nextBytes(noise);

    for (int i = 0; i < 14; i++) {
      assertThat(await(remote.request("echo", noise, byte[].class))).isEqualTo(noise);
    }

    // One, and then 4 that are not tried; one, and 8.
    assertThat(atClient.compressed).hasValue(2);
    assertThat(atServer.decompressed).hasValue(0);
    assertThat(echo(TEXT)).isEqualTo(TEXT);
    assertThat(atServer.decompressed).hasValue(1);
  }

  @Test
  void aReaderDoesNotCompress() {
    start();
    server.with(HandlerOptions.nonBlocking()).handle("here", String.class, text -> text);

    assertThat(await(remote.request("here", TEXT, String.class))).isEqualTo(TEXT);
    assertThat(atServer.decompressed).hasValue(1);
    assertThat(atServer.compressed).hasValue(0);
  }

  @Test
  void theLimitIsOneOfTheWholeMessage() {
    start(TestTransport.HTTP, b -> by(b, atServer).maxMessageBytes(100_000), b -> by(b, atClient));

    Failures.in(
        remote.request("length", "ab".repeat(50_001), String.class),
        StatusCode.RESOURCE_EXHAUSTED,
        Delivered.NO,
        "100002");
    assertThat(atClient.compressed).hasValue(0);
  }

  @Test
  void aMessageMayAskToGoAsItIs() {
    start();
    server.handle(
        "secret",
        String.class,
        (text, call) -> {
          call.replyHeader(CallContext.ENCODING_HEADER, "identity");
          return text;
        });
    Remote plain = remote.with(remote.options().withoutCompression());
    Message message = Message.ofText(TEXT);

    assertThat(await(plain.request("secret", TEXT, String.class))).isEqualTo(TEXT);
    await(
        remote.send(
            "take",
            message.withHeaders(message.headers().with(CallContext.ENCODING_HEADER, "identity"))));
    assertThat(atClient.compressed).hasValue(0);
    assertThat(atServer.compressed).hasValue(0);

    // The options of a call ask nothing of its reply; the header comes back with an echo.
    server.handle("reply", String.class, text -> text);
    assertThat(await(plain.request("reply", TEXT, String.class))).isEqualTo(TEXT);
    assertThat(atServer.compressed).hasValue(1);
  }

  /** A peer whose blocks are not what they should be. */
  private static Compressor lying(byte[] block) {
    return new Counting(new ZstdCompressor()) {
      @Override
      public byte[] compress(byte[] bytes) {
        return block;
      }
    };
  }

  @Test
  void aDamagedPayloadFailsItsCallAndNothingElse() {
    byte[] damaged = new ZstdCompressor().compress(TEXT.getBytes(StandardCharsets.UTF_8));
    damaged[damaged.length / 2] ^= 0x55;
    start(TestTransport.HTTP, b -> by(b, atServer), b -> by(b, lying(damaged)));

    Failures.in(
        remote.request("echo", TEXT, String.class),
        StatusCode.INVALID_ARGUMENT,
        Delivered.NO,
        "zstd payload of " + damaged.length + " bytes");
    assertThat(echo("small")).isEqualTo("small");
  }

  @Test
  void aBombIsRefusedByWhatItDeclares() {
    byte[] gigabyte = {(byte) 0x80, (byte) 0x80, (byte) 0x80, (byte) 0x80, 4, 0x28, (byte) 0xB5};
    byte[] much = Arrays.copyOf(new byte[] {(byte) 0x80, (byte) 0x80, 8}, 500);
    start(TestTransport.HTTP, b -> by(b, atServer), b -> by(b, lying(gigabyte)));

    Failures.in(
        remote.request("echo", TEXT, String.class),
        StatusCode.INVALID_ARGUMENT,
        Delivered.NO,
        "declares 1073741824");
    assertThat(echo("small")).isEqualTo("small");

    stop();
    start(TestTransport.HTTP, b -> by(b, lying(much)), b -> by(b, atClient));
    server.handle("grown", String.class, n -> TEXT);
    Failures.in(
        remote.request("grown", "x", String.class),
        StatusCode.RESOURCE_EXHAUSTED,
        Delivered.YES,
        "200 times");
    assertThat(echo("small")).isEqualTo("small");
  }

  /** Says of every message that it is this block of this encoding. */
  private record Bombing(String encoding, byte[] block) implements Compression {

    @Override
    public List<String> encodings() {
      return List.of(encoding);
    }

    @Override
    public Sender sender(List<String> theirs) {
      return (path, contentType, payload) ->
          payload.length < 1_000
              ? Optional.empty()
              : Optional.of(new Packed(encoding, block.clone()));
    }

    @Override
    public byte[] decompress(String from, byte[] bytes, int maxBytes) {
      throw new AssertionError(from);
    }
  }

  @Test
  void fourKibibytesThatDeclareAGibibyteCostANodeOf256MebibytesNothing() throws Exception {
    String endpoint = TestTransport.HTTP.endpoint(directory);
    byte[] block = new byte[4 << 10];
    System.arraycopy(
        new byte[] {(byte) 0x80, (byte) 0x80, (byte) 0x80, (byte) 0x80, 4}, 0, block, 0, 5);
    try (ChildJvm node =
        ChildJvm.start(BombedNode.class, List.of("-Xmx256m"), endpoint).await("ready")) {
      for (String encoding : List.of("zstd", "lz4", "snappy", "gzip", "deflate")) {
        try (Messenger bomber =
            Messenger.builder("bomber").compression(new Bombing(encoding, block)).build()) {
          Remote to = bomber.connect(endpoint);
          List<CompletableFuture<String>> calls =
              Stream.generate(() -> to.request("echo", TEXT, String.class)).limit(32).toList();
          for (CompletableFuture<String> call : calls) {
            Failures.in(
                call,
                StatusCode.INVALID_ARGUMENT,
                Delivered.NO,
                encoding + " payload of 4096 bytes declares 1073741824",
                "200 times");
          }
          assertThat(await(to.request("echo", "small", String.class))).isEqualTo("small");
        }
      }
      assertThat(node.lines()).noneMatch(line -> line.contains("OutOfMemory"));
    }
  }

  @Test
  void aCompressorThatFailsRests() {
    AtomicInteger asked = new AtomicInteger();
    Compressor failing =
        new Counting(new ZstdCompressor()) {
          @Override
          public byte[] compress(byte[] bytes) {
            asked.incrementAndGet();
            throw new IllegalStateException("out of order");
          }
        };
    start(TestTransport.HTTP, b -> by(b, atServer), b -> by(b, failing));

    for (int i = 0; i < 5; i++) {
      assertThat(echo(TEXT)).isEqualTo(TEXT);
    }
    assertThat(asked).hasValue(1);
  }
}
