package io.carrick.unix;

import io.carrick.EndpointException;
import io.carrick.StatusCode;
import io.carrick.spi.Endpoint;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A listening socket and its file, which nobody else can open at any moment. Where its directory is
 * the owner's alone it is bound in its place; elsewhere it is bound inside a private directory
 * beside its place and linked there, so that it is 0600 from the first moment. Both fail where
 * something stands in the place. A socket that was linked is in the system's table under the name
 * of the private directory, so that who cleans up takes it for dead: see {@link #keepYoung}.
 */
public final class SocketFile implements AutoCloseable {

  private static final System.Logger LOG = System.getLogger(SocketFile.class.getName());

  /** Clients that have connected and are not accepted yet; the system may allow fewer. */
  private static final int BACKLOG = 1024;

  /** Cleaners of temporary directories take what is older than a day, or several. */
  private static final Duration YOUNG = Duration.ofHours(6);

  private static final AtomicBoolean CONNECTED = new AtomicBoolean();

  private final Endpoint endpoint;
  private final Path path;
  private final ServerSocketChannel channel;
  private final SocketLock lock;
  private @Nullable Object key; // Set before anybody else sees this.

  private SocketFile(Endpoint endpoint, Path path, ServerSocketChannel channel, SocketLock lock) {
    this.endpoint = endpoint;
    this.path = path;
    this.channel = channel;
    this.lock = lock;
  }

  /**
   * Binds a socket at the path of an endpoint, in the place of a dead one of the same owner.
   *
   * @throws EndpointException if that cannot be, with nothing left behind
   */
  public static SocketFile bind(Endpoint endpoint) {
    Path path = UnixAddress.pathOf(endpoint);
    try {
      PrivateDirectory.createMissing(path);
      try (PrivateDirectory home = PrivateDirectory.beside(endpoint, path)) {
        return bind(endpoint, path, home);
      }
    } catch (AccessDeniedException e) {
      throw refused(
          StatusCode.PERMISSION_DENIED,
          endpoint,
          "may not write " + e.getFile() + "; choose a directory of the user who runs this",
          e);
    } catch (FileAlreadyExistsException | BindException e) {
      throw refused(
          StatusCode.FAILED_PRECONDITION,
          endpoint,
          (e instanceof FileAlreadyExistsException there ? there.getFile() : path + " (" + e + ")")
              + " is in the way; choose another path or move it",
          e);
    } catch (IOException e) {
      throw refused(
          StatusCode.FAILED_PRECONDITION,
          endpoint,
          e + "; check that the directory is on a local file system and can be written",
          e);
    }
  }

  /** The bound channel, in blocking mode; closed by {@link #close}. */
  public ServerSocketChannel channel() {
    return channel;
  }

  /** Whether the file and its lock are still in their places. A look at the file system. */
  public boolean isInPlace() {
    return key != null && key.equals(keyOf(path)) && lock.isInPlace();
  }

  /** Makes the file and its lock young once they are some hours old, so that no cleaner looks. */
  public void keepYoung() {
    try {
      FileTime oldest = FileTime.from(Instant.now().minus(YOUNG));
      if (Files.getLastModifiedTime(path, LinkOption.NOFOLLOW_LINKS).compareTo(oldest) < 0) {
        Files.setLastModifiedTime(path, FileTime.from(Instant.now()));
        lock.touch();
      }
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "The file of " + endpoint + " grows old", e);
    }
  }

  /** Closes the socket, and deletes its file if it is still the one that was made here. */
  @Override
  public void close() {
    Channels.close(channel);
    try {
      if (key != null && key.equals(keyOf(path))) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      LOG.log(System.Logger.Level.WARNING, "The file of " + endpoint + " stays", e);
    }
    lock.close();
  }

  private static SocketFile bind(Endpoint endpoint, Path path, PrivateDirectory home)
      throws IOException {
    SocketLock lock = SocketLock.take(endpoint, path, home.owner());
    SocketFile file = null;
    try {
      removeStale(endpoint, path, home);
      boolean direct = home.isInPrivate(path);
      file = new SocketFile(endpoint, path, open(direct ? path : home.socket()), lock);
      if (!direct) {
        Files.createLink(path, home.socket());
      }
      file.key = Objects.requireNonNull(keyOf(path), "the file that was made");
      return file;
    } catch (IOException | RuntimeException e) {
      if (file == null) {
        lock.close();
      } else {
        file.close();
      }
      throw e;
    }
  }

  private static ServerSocketChannel open(Path path) throws IOException {
    ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      channel.bind(UnixDomainSocketAddress.of(path), BACKLOG);
      connectOnce(channel, path);
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
      return channel;
    } catch (IOException | RuntimeException e) {
      Channels.close(channel);
      throw e;
    }
  }

  /**
   * Loads all that connections need, while nobody else can connect: a class of the JDK that is
   * first needed when no descriptor is left fails then, and for ever after.
   */
  private static void connectOnce(ServerSocketChannel server, Path path) throws IOException {
    if (CONNECTED.get()) {
      return;
    }
    Channels.prepareLog();
    try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(path));
        SocketChannel accepted = server.accept()) {
      client.write(ByteBuffer.allocateDirect(1));
      accepted.read(ByteBuffer.allocateDirect(1));
      PeerCredentials.peerInfo("unix", PeerCredentials.userOf(accepted));
      CONNECTED.set(true);
    }
  }

  /** Deletes a socket that nobody listens on; refuses everything else that stands in the place. */
  private static void removeStale(Endpoint endpoint, Path path, PrivateDirectory home)
      throws IOException {
    PosixFileAttributes found;
    try {
      found = Files.readAttributes(path, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException e) {
      return;
    }
    if (!found.isOther() || !isSocket(path)) {
      String what =
          found.isSymbolicLink() ? "symbolic link" : found.isDirectory() ? "directory" : "file";
      throw refused(
          StatusCode.ALREADY_EXISTS,
          endpoint,
          "a " + what + " that is no socket is there and was not touched; choose another path",
          null);
    }
    if (!found.owner().equals(home.owner())) {
      throw refused(
          StatusCode.PERMISSION_DENIED,
          endpoint,
          "a socket of user "
              + found.owner().getName()
              + " is there and was not touched; choose another path or run as that user",
          null);
    }
    if (isAlive(path)) {
      throw inUse(endpoint, "a service answers there");
    }
    Files.delete(path);
  }

  static EndpointException inUse(Endpoint endpoint, String why) {
    return refused(
        StatusCode.ALREADY_EXISTS,
        endpoint,
        "address in use: " + why + "; stop it or choose another path",
        null);
  }

  /** A refusal to listen: why, and the remedy. */
  public static EndpointException refused(
      StatusCode code, Endpoint endpoint, String why, @Nullable Throwable cause) {
    return new EndpointException(code, "cannot listen on " + endpoint + ": " + why, cause);
  }

  private static boolean isSocket(Path path) throws IOException {
    int mode = (Integer) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
    return (mode & 0170000) == 0140000; // S_IFMT, S_IFSOCK (POSIX.1-2017, sys/stat.h).
  }

  private static boolean isAlive(Path path) throws IOException {
    try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      probe.configureBlocking(false);
      probe.connect(UnixDomainSocketAddress.of(path));
      return true;
    } catch (ConnectException e) {
      return false;
    } catch (java.net.SocketException e) {
      return true; // Its queue is full, or it may not be asked: somebody's in any case.
    }
  }

  /** What tells a file from another one that takes its place; null where there is none. */
  static @Nullable Object keyOf(Path path) {
    try {
      return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
          .fileKey();
    } catch (IOException e) {
      return null;
    }
  }
}
