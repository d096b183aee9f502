package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Call;
import io.carrick.ConnectException;
import io.carrick.Delivered;
import io.carrick.Messenger;
import io.carrick.Remote;
import io.carrick.SecurityLevel;
import io.carrick.StatusCode;
import io.carrick.testkit.Await;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * docs/transports/unix.md, in its order. What the file system is left like is in UnixListenTest,
 * servers that are not who they should be in UnixConnectTest, bytes of other protocols in
 * UnixWireTest, slow peers in UnixPaceTest, callers that read in CallerReadsTest, capabilities in
 * UnixTransportContractTest.
 */
@Timeout(60)
final class UnixPageTest {

  private static final String USER = "unix:" + System.getProperty("user.name");

  @TempDir Path directory;
  private final Messenger client =
      Messenger.builder("client").connectTimeout(Duration.ofSeconds(1)).build();

  @AfterEach
  void close() {
    client.close();
  }

  @Test
  void threeSlashesMeanTheSameAsOne() {
    try (Messenger server = TransportPage.listen("unix:" + directory.resolve("s"))) {
      assertThat(server.endpoints()).hasSize(1);
      assertThat(TransportPage.who(client, "unix://" + directory.resolve("s"), SecurityLevel.NONE))
          .isEqualTo(USER);
    }
  }

  @Test
  void aRelativePathAHostAQueryAFragmentAndATrailingSlashAreRefused() {
    for (String wrong :
        new String[] {"unix:s", "unix://host/s", "unix:/s?q=1", "unix:/s#f", "unix:/s/"}) {
      TransportPage.notToListen(wrong, StatusCode.INVALID_ARGUMENT);
      TransportPage.notToConnect(client, wrong, StatusCode.INVALID_ARGUMENT);
    }
  }

  @Test
  void aPathHasAtMost106BytesAndItsDirectory97WhereOneListens() {
    TransportPage.notToConnect(
        client, "unix:/" + "x".repeat(106), StatusCode.INVALID_ARGUMENT, "106");
    TransportPage.notToListen("unix:/" + "x".repeat(97) + "/s", StatusCode.INVALID_ARGUMENT, "106");
  }

  @Test
  void bothSidesSeeTheUserOfTheOtherAtLevelMutual() {
    try (Messenger server = TransportPage.listen("unix:" + directory.resolve("s"))) {
      client.handle("me", String.class, (String text, Call call) -> call.principal().toString());
      assertThat(TransportPage.who(client, server.endpoints().get(0), SecurityLevel.MUTUAL))
          .isEqualTo(USER);

      Remote back = server.peers().get(0);

      assertThat(Await.result(back.request("me", "", String.class))).isEqualTo(USER);
    }
  }

  @Test
  void onlyTheOwnUserMayOpenWhatItMakesAndItIsGoneAfterwards() throws IOException {
    Path socket = directory.resolve("made/here/s");
    try (Messenger server = TransportPage.listen("unix:" + socket)) {
      assertThat(server.endpoints()).hasSize(1);
      assertThat(permissions(directory.resolve("made"))).isEqualTo("rwx------");
      assertThat(permissions(socket.getParent())).isEqualTo("rwx------");
      assertThat(permissions(socket)).isEqualTo("rw-------");
    }
    assertThat(socket).doesNotExist();
    assertThat(Path.of(socket + ".lock")).doesNotExist();
  }

  private static String permissions(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }

  @Test
  void noSuchFileNobodyWhoListensAndWhoAcceptsNothingAreConnectExceptions() throws IOException {
    Path silent = directory.resolve("silent");
    Path left = directory.resolve("left");
    try (ServerSocketChannel listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      listening.bind(UnixDomainSocketAddress.of(silent));
      ServerSocketChannel.open(StandardProtocolFamily.UNIX)
          .bind(UnixDomainSocketAddress.of(left))
          .close();

      for (Path nobody : new Path[] {directory.resolve("none"), left, silent}) {
        ConnectException failure =
            Failures.in(client.connect("unix:" + nobody).connect(), ConnectException.class);

        Failures.check(failure, StatusCode.UNAVAILABLE, Delivered.NO, nobody.toString());
      }
    }
  }

  @Test
  void aServiceThatListensAFileADirectoryAndALinkAreLeftAlone() throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "mine");
    Path link = Files.createSymbolicLink(directory.resolve("link"), file);
    try (Messenger server = TransportPage.listen("unix:" + directory.resolve("s"))) {
      for (Path taken :
          new Path[] {
            directory.resolve("s"), file, link, Files.createDirectory(directory.resolve("d"))
          }) {
        TransportPage.notToListen("unix:" + taken, StatusCode.ALREADY_EXISTS, taken.toString());
      }
      TransportPage.who(client, server.endpoints().get(0), SecurityLevel.NONE);
    }
    assertThat(file).hasContent("mine");
    assertThat(link).isSymbolicLink();
  }

  @Test
  void aSocketOnWhichNobodyListensIsTakenOver() throws IOException {
    Path left = directory.resolve("left");
    ServerSocketChannel.open(StandardProtocolFamily.UNIX)
        .bind(UnixDomainSocketAddress.of(left))
        .close();
    assertThat(left).exists();

    try (Messenger server = TransportPage.listen("unix:" + left)) {
      assertThat(TransportPage.who(client, server.endpoints().get(0), SecurityLevel.NONE))
          .isEqualTo(USER);
    }
  }
}
