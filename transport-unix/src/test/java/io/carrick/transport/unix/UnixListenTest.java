package io.carrick.transport.unix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.carrick.EndpointException;
import io.carrick.StatusCode;
import io.carrick.spi.Connection;
import io.carrick.spi.Listener;
import io.carrick.testkit.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

@Timeout(60)
final class UnixListenTest {

  @TempDir Path directory;
  private final Unix unix = new Unix();

  @AfterEach
  void close() {
    unix.close();
  }

  @Test
  void missingDirectoriesAreMadeForTheOwnerAlone() throws IOException {
    Files.createDirectory(directory.resolve("there"));
    String before = Unix.modeOf(directory.resolve("there"));
    Path socket = directory.resolve("there/a/b/x.sock");

    unix.listen(socket);

    assertThat(Unix.modeOf(directory.resolve("there"))).isEqualTo(before);
    assertThat(Unix.modeOf(directory.resolve("there/a"))).isEqualTo("rwx------");
    assertThat(Unix.modeOf(directory.resolve("there/a/b"))).isEqualTo("rwx------");
    assertThat(Unix.modeOf(socket)).isEqualTo("rw-------");
    assertThat(namesIn(directory.resolve("there/a/b"))).containsOnly("x.sock", "x.sock.lock");
  }

  @Test
  void theSocketIsForTheOwnerAloneUnderEveryUmask() throws Exception {
    for (String umask : List.of("000", "022", "077")) {
      Path socket = directory.resolve("made" + umask + "/x.sock");
      try (ListeningProcess other =
          ListeningProcess.start(socket, "sh", "-c", "umask " + umask + "; exec \"$@\"", "sh")) {
        assertThat(other.outcome()).isEqualTo("listening");
        assertThat(Unix.modeOf(socket)).isEqualTo("rw-------");
        assertThat(Unix.modeOf(socket.getParent())).isEqualTo("rwx------");
      }
      assertThat(socket).doesNotExist();
    }
  }

  @Test
  void closingDeletesTheSocketAndItsLock() {
    Listener listener = unix.listen(directory.resolve("x.sock"));

    listener.close();

    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void theSystemKnowsTheSocketUnderItsNameWhereTheDirectoryIsTheOwnersAlone() throws IOException {
    Path socket = directory.resolve("made/x.sock");
    Path table = Path.of("/proc/net/unix");
    assumeTrue(Files.isReadable(table), "the system shows no table of its sockets");

    unix.listen(socket);

    assertThat(Files.readString(table)).contains(" " + socket + "\n");
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void aSocketThatWasDeletedIsMadeAgain() throws Exception {
    Map<Path, Connection> connected = new LinkedHashMap<>();
    for (String mode : List.of("rwx------", "rwxr-xr-x")) {
      Path folder = Files.createDirectory(directory.resolve(mode));
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString(mode));
      Path socket = folder.resolve("x.sock");
      unix.listen(socket);
      connected.put(socket, unix.connect(socket));
      unix.nextReceiver();
    }
    for (Path socket : connected.keySet()) {
      Files.delete(socket);
      Files.delete(socket.resolveSibling("x.sock.lock"));
    }

    for (Path socket : connected.keySet()) {
      Await.until("the socket to be back", () -> isTaken(socket));

      assertThat(unix.connect(socket).peer().sameHost()).isTrue();
      connected.get(socket).send(java.nio.ByteBuffer.wrap(new byte[] {1}));
      assertThat(Unix.modeOf(socket)).isEqualTo("rw-------");
      try (ListeningProcess other = ListeningProcess.start(socket)) {
        assertThat(other.outcome()).contains("address in use");
      }
    }
    unix.close();
    assertThat(namesIn(directory.resolve("rwx------"))).isEmpty();
  }

  private static boolean isTaken(Path socket) {
    return Files.exists(socket) && Files.exists(socket.resolveSibling("x.sock.lock"));
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void theSocketAndItsLockStayYoung() throws Exception {
    Path socket = directory.resolve("x.sock");
    Path lock = directory.resolve("x.sock.lock");
    unix.listen(socket);
    FileTime old = FileTime.from(Instant.now().minus(Duration.ofDays(11)));
    Files.setLastModifiedTime(socket, old);
    new ProcessBuilder("touch", "-d", "11 days ago", lock.toString()).start().waitFor();
    assertThat(isYoung(lock)).isFalse();

    Await.until("the socket to be young", () -> isYoung(socket) && isYoung(lock));
  }

  private static boolean isYoung(Path file) {
    try {
      Instant changed = Files.getLastModifiedTime(file, LinkOption.NOFOLLOW_LINKS).toInstant();
      return changed.isAfter(Instant.now().minus(Duration.ofHours(1)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void closingLeavesAFileAloneThatHasTakenThePlace() throws IOException {
    Path socket = directory.resolve("x.sock");
    Listener listener = unix.listen(socket);
    Files.delete(socket);
    Files.writeString(socket, "mine");

    listener.close();

    assertThat(socket).hasContent("mine");
  }

  @Test
  void theSocketOfADeadProcessIsTakenOver() throws Exception {
    Path socket = directory.resolve("x.sock");
    try (ListeningProcess other = ListeningProcess.start(socket)) {
      assertThat(other.outcome()).isEqualTo("listening");
      other.kill();
    }
    assertThat(socket).exists();

    unix.listen(socket);

    assertThat(unix.connect(socket).peer().sameHost()).isTrue();
  }

  @Test
  void theSocketOfALiveProcessIsLeftAlone() throws Exception {
    Path socket = directory.resolve("x.sock");
    try (ListeningProcess other = ListeningProcess.start(socket)) {
      assertThat(other.outcome()).isEqualTo("listening");

      assertRefused(socket, StatusCode.ALREADY_EXISTS, "address in use");

      assertThat(unix.connect(socket).peer().sameHost()).isTrue();
    }
    unix.listen(socket);
  }

  @Test
  void theSocketOfAnotherProgramThatAnswersIsLeftAlone() throws IOException {
    Path socket = directory.resolve("x.sock");
    try (ServerSocketChannel other = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      other.bind(UnixDomainSocketAddress.of(socket));

      assertRefused(socket, StatusCode.ALREADY_EXISTS, "address in use: a service answers");

      assertThat(namesIn(directory)).containsOnly("x.sock");
    }
    unix.listen(socket);
  }

  @Test
  void oneOfManyStartersWins() throws Exception {
    Path socket = directory.resolve("x.sock");
    try (ListeningProcess dead = ListeningProcess.start(socket)) {
      assertThat(dead.outcome()).isEqualTo("listening");
      dead.kill();
    }
    List<ListeningProcess> starters = new ArrayList<>();
    List<String> outcomes = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      starters.add(ListeningProcess.start(socket));
    }
    for (ListeningProcess starter : starters) {
      outcomes.add(starter.outcome());
    }

    assertThat(outcomes).filteredOn("listening"::equals).hasSize(1);
    assertThat(outcomes)
        .filteredOn(o -> !o.equals("listening"))
        .allMatch(o -> o.contains("address in use"));
    assertThat(unix.connect(socket).peer().sameHost()).isTrue();
    for (ListeningProcess starter : starters) {
      starter.close();
    }
  }

  @Test
  void aForeignFileIsNeverTouched() throws IOException {
    Path file = Files.writeString(directory.resolve("notes"), "mine");

    assertRefused(file, StatusCode.ALREADY_EXISTS, "a file that is no socket");

    assertThat(file).hasContent("mine");
    assertThat(namesIn(directory)).containsOnly("notes");
  }

  @Test
  void aDirectoryAndASymbolicLinkAreNeverTouched() throws IOException {
    Path folder = Files.createDirectory(directory.resolve("folder"));
    Path target = directory.resolve("x.sock");
    unix.listen(target).close();
    Path link = Files.createSymbolicLink(directory.resolve("link"), target);

    assertRefused(folder, StatusCode.ALREADY_EXISTS, "a directory that is no socket");
    assertRefused(link, StatusCode.ALREADY_EXISTS, "a symbolic link that is no socket");

    assertThat(folder).isDirectory();
    assertThat(link).isSymbolicLink();
    assertThat(target).doesNotExist();
  }

  @Test
  void aSocketOrLockOfAnotherUserIsNeverTouched() throws IOException {
    assumeTrue(isRoot(), "only root can give a file to another user");
    Path socket = directory.resolve("x.sock");
    UserPrincipal nobody =
        socket.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("nobody");
    try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      dead.bind(UnixDomainSocketAddress.of(socket));
    }
    Files.setOwner(socket, nobody);
    Path other = directory.resolve("y.sock");
    Files.setOwner(Files.createFile(directory.resolve("y.sock.lock")), nobody);

    assertRefused(socket, StatusCode.PERMISSION_DENIED, "a socket of user nobody");
    assertRefused(other, StatusCode.PERMISSION_DENIED, "no lock of this user");

    assertThat(namesIn(directory)).containsOnly("x.sock", "y.sock.lock");
  }

  @Test
  void aPathThatIsTooLongIsRefusedWithTheLimit() {
    Path socket = directory.resolve("x".repeat(107 - directory.toString().length() - 1));
    assertThat(socket.toString()).hasSize(107);

    assertRefused(socket, StatusCode.INVALID_ARGUMENT, "107 bytes, more than 106");
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void theLongestPathWorks() {
    Path socket = directory.resolve("x".repeat(106 - directory.toString().length() - 1));

    unix.listen(socket);

    assertThat(unix.connect(socket).peer().address()).endsWith(socket.toString());
  }

  @Test
  void aDirectoryThatLeavesNoRoomToBindIsRefusedWithTheLimit() {
    Path longest = directory.resolve("d".repeat(97 - directory.toString().length() - 1));
    Path tooLong = directory.resolve("d".repeat(98 - directory.toString().length() - 1));

    unix.listen(longest.resolve("x"));
    assertRefused(tooLong.resolve("x"), StatusCode.INVALID_ARGUMENT, "107 bytes");
  }

  @Test
  void aDirectoryThatCannotBeMadeIsRefused() throws IOException {
    Files.writeString(directory.resolve("file"), "mine");

    assertRefused(directory.resolve("file/x.sock"), StatusCode.FAILED_PRECONDITION, "file");
  }

  @Test
  void twoListenersOfOneProcessNeedTwoPathsAndAnAliasIsNone() throws IOException {
    Path real = Files.createDirectory(directory.resolve("real"));
    Path alias = Files.createSymbolicLink(directory.resolve("alias"), real);
    unix.listen(real.resolve("x.sock"));

    assertRefused(alias.resolve("x.sock"), StatusCode.ALREADY_EXISTS, "this process listens");

    try (ListeningProcess other = ListeningProcess.start(real.resolve("x.sock"))) {
      assertThat(other.outcome()).contains("address in use");
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aTransportThatIsClosedListensNoMore() {
    unix.close();

    assertRefused(directory.resolve("x"), StatusCode.FAILED_PRECONDITION, "transport is closed");
    Await.until("nothing is left", () -> directory.toFile().list().length == 0);
  }

  private void assertRefused(Path path, StatusCode code, String why) {
    Throwable failure = unix.listenFailure(path);
    assertThat(failure)
        .isInstanceOf(EndpointException.class)
        .hasMessageContaining(path.toString())
        .hasMessageContaining(why);
    assertThat(((EndpointException) failure).code()).isEqualTo(code);
  }

  private static boolean isRoot() {
    return System.getProperty("user.name").equals("root");
  }

  private static List<String> namesIn(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(p -> p.getFileName().toString()).toList();
    }
  }
}
