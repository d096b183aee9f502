package io.carrick.unix;

import io.carrick.EndpointException;
import io.carrick.StatusCode;
import io.carrick.spi.Endpoint;
import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A listening socket and its file, which is 0600 from its first moment: it is bound inside a
 * private directory beside its place and linked there, which fails where something stands in the
 * place.
 */
public final class SocketFile implements AutoCloseable {

  private static final System.Logger LOG = System.getLogger(SocketFile.class.getName());

  /** Clients that have connected and are not accepted yet; the system may allow fewer. */
  private static final int BACKLOG = 1024;

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
    } catch (FileAlreadyExistsException e) {
      throw refused(
          StatusCode.FAILED_PRECONDITION,
          endpoint,
          e.getFile() + " is in the way; choose another path or move it",
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

  /** Closes the socket, and deletes its file if it is still the one that was made here. */
  @Override
  public void close() {
    Channels.close(channel);
    try {
      if (key != null && key.equals(keyOf(path))) {
        Files.deleteIfExists(path);
      }
    } catch (NoSuchFileException e) {
      LOG.log(System.Logger.Level.DEBUG, "The file of " + endpoint + " is gone already", e);
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
      file = new SocketFile(endpoint, path, open(home), lock);
      Files.createLink(path, home.socket());
      file.key = keyOf(path);
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

  private static ServerSocketChannel open(PrivateDirectory home) throws IOException {
    ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      channel.bind(UnixDomainSocketAddress.of(home.socket()), BACKLOG);
      Files.setPosixFilePermissions(home.socket(), PosixFilePermissions.fromString("rw-------"));
      return channel;
    } catch (IOException | RuntimeException e) {
      Channels.close(channel);
      throw e;
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

  private static Object keyOf(Path path) throws IOException {
    BasicFileAttributes found =
        Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    return Objects.requireNonNull(found.fileKey(), "no file key");
  }
}
