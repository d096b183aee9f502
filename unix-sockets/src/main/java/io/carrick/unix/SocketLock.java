package io.carrick.unix;

import io.carrick.StatusCode;
import io.carrick.spi.Endpoint;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The right to a path, held while a service listens: a lock on the file {@code path.lock}. */
final class SocketLock implements AutoCloseable {

  private static final System.Logger LOG = System.getLogger(SocketLock.class.getName());

  // A process that opens and closes a file gives up its locks on it (POSIX.1-2017, fcntl), so a
  // second listener of this process must not even open it.
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path path;
  private final FileChannel channel;

  private SocketLock(Path path, FileChannel channel) {
    this.path = path;
    this.channel = channel;
  }

  /**
   * Takes the right to a path.
   *
   * @throws io.carrick.EndpointException if another listener has it, or the file is another user's
   */
  static SocketLock take(Endpoint endpoint, Path socket, UserPrincipal owner) throws IOException {
    Path real = PrivateDirectory.parentOf(socket).toRealPath();
    Path path = real.resolve(socket.getFileName() + ".lock");
    if (!HELD.add(path)) {
      throw SocketFile.inUse(endpoint, "this process listens there");
    }
    try {
      requireOwn(endpoint, path, owner);
      FileChannel channel = open(path);
      if (channel.tryLock() != null) {
        return new SocketLock(path, channel);
      }
      channel.close();
      throw SocketFile.inUse(endpoint, "another process holds " + path);
    } catch (IOException | RuntimeException e) {
      HELD.remove(path);
      throw e;
    }
  }

  /** Gives it up; the file goes with it. */
  @Override
  public void close() {
    try {
      // Before the lock: who finds the file later finds it unlocked or makes a new one.
      Files.deleteIfExists(path);
      channel.close();
    } catch (IOException e) {
      LOG.log(System.Logger.Level.WARNING, "The lock " + path + " stays", e);
    }
    HELD.remove(path);
  }

  private static FileChannel open(Path path) throws IOException {
    return FileChannel.open(
        path,
        Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
  }

  private static void requireOwn(Endpoint endpoint, Path path, UserPrincipal owner)
      throws IOException {
    try {
      PosixFileAttributes found =
          Files.readAttributes(path, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      if (!found.isRegularFile() || !found.owner().equals(owner)) {
        throw SocketFile.refused(
            StatusCode.PERMISSION_DENIED,
            endpoint,
            path
                + " is no lock of this user ("
                + found.owner().getName()
                + " owns it) and was not touched; choose another path or remove it",
            null);
      }
    } catch (NoSuchFileException e) {
      LOG.log(System.Logger.Level.DEBUG, "No lock yet at {0}", path);
    }
  }
}
