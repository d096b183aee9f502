package io.carrick.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.cli.Processes.Result;
import io.carrick.cli.Processes.Running;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A service that demands tokens, and who shows one, in processes of their own. */
final class TokenTest {

  @TempDir static Path directory;

  private static Processes processes;
  private static Running serving;
  private static String endpoint;
  private static KeyPair key;

  @BeforeAll
  static void startTheService() throws Exception {
    processes = new Processes(directory);
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2_048);
    key = generator.generateKeyPair();
    RSAPublicKey known = (RSAPublicKey) key.getPublic();
    Path keys =
        write(
            "jwks.json",
            "{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"1\",\"n\":\""
                + encoded(known.getModulus())
                + "\",\"e\":\""
                + encoded(known.getPublicExponent())
                + "\"}]}");
    endpoint = "unix:" + directory.resolve("s.sock");
    serving =
        processes.start(
            new byte[0],
            "serve",
            "--listen",
            endpoint,
            "--jwks",
            keys.toString(),
            "--issuer",
            "https://login.example.com",
            "--audience",
            "carrick");
    serving.awaitLine("ready");
  }

  @AfterAll
  static void stopTheService() throws Exception {
    assertThat(serving.stop().exitCode()).isZero();
  }

  @Test
  void whoShowsATokenIsServed() throws Exception {
    Path token = write("alice", token(Instant.now().plusSeconds(600)) + "\n");

    assertThat(request("--token-file", token.toString())).isEqualTo(new Result(0, "hello\n", ""));
  }

  @Test
  void whoShowsNoneIsToldWhatIsMissing() throws Exception {
    Result result = request();

    assertThat(result.exitCode()).isEqualTo(ExitCode.NO_ANSWER);
    assertThat(result.err()).contains("carrick demands a token");
  }

  @Test
  void whoShowsAnExpiredOneIsToldSo() throws Exception {
    String expired = token(Instant.now().minusSeconds(600));
    Result result = request("--token-file", write("late", expired).toString());

    assertThat(result.exitCode()).isEqualTo(ExitCode.NO_ANSWER);
    assertThat(result.err()).contains("the token has expired").doesNotContain(expired);
  }

  @Test
  void mistakesAreNamed() throws Exception {
    assertThat(request("--token-file", "/nowhere/token").err()).contains("cannot be read");
    Result result = processes.run("serve", "--listen", "unix:x.sock", "--issuer", "me");
    assertThat(result.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(result.err()).contains("--jwks, --issuer and --audience");
  }

  private static Result request(String... more) throws Exception {
    String[] all =
        Arrays.copyOf(
            new String[] {
              "request", "--connect", endpoint, "--timeout=10s", "carrick/echo", "hello"
            },
            6 + more.length);
    System.arraycopy(more, 0, all, 6, more.length);
    return processes.run(all);
  }

  private static Path write(String name, String text) throws Exception {
    return Files.writeString(directory.resolve(name), text);
  }

  private static String token(Instant end) throws Exception {
    String input =
        encoded("{\"alg\":\"RS256\",\"typ\":\"JWT\",\"kid\":\"1\"}")
            + "."
            + encoded(
                "{\"iss\":\"https://login.example.com\",\"aud\":\"carrick\",\"sub\":\"alice\","
                    + "\"exp\":"
                    + end.getEpochSecond()
                    + "}");
    Signature signature = Signature.getInstance("SHA256withRSA");
    signature.initSign(key.getPrivate());
    signature.update(input.getBytes(StandardCharsets.US_ASCII));
    return input + "." + encoded(signature.sign());
  }

  private static String encoded(BigInteger number) {
    byte[] bytes = number.toByteArray();
    return encoded(bytes[0] == 0 ? Arrays.copyOfRange(bytes, 1, bytes.length) : bytes);
  }

  private static String encoded(String text) {
    return encoded(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String encoded(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
