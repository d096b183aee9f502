package io.carrick.unix;

import io.carrick.StatusCode;
import io.carrick.spi.Endpoint;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
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
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * The right to a path, held while a service listens: a lock on the file {@code path.lock}. Who has
 * locked a file that is no longer the one in that place has nothing, and tries again.
 */
final class SocketLock implements AutoCloseable {

  private static final System.Logger LOG = System.getLogger(SocketLock.class.getName());

  /** How often the file may be replaced by others before that is an error. */
  private static final int ATTEMPTS = 64;

  // A process that opens and closes a file gives up its locks on it (POSIX.1-2017, fcntl), so a
  // second listener of this process must not even open it.
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  /** How many sizes tell a file from another one that came in its place. */
  private static final int MARKS = 1 << 20;

  private final Path path;
  private final FileChannel channel;
  private final Object key;

  private SocketLock(Path path, FileChannel channel, Object key) {
    this.path = path;
    this.channel = channel;
    this.key = key;
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
    SocketLock taken = null;
    try {
      for (int i = 0; i < ATTEMPTS && taken == null; i++) {
        taken = attempt(endpoint, path, owner);
      }
    } finally {
      if (taken == null) {
        HELD.remove(path);
      }
    }
    if (taken == null) {
      throw SocketFile.inUse(endpoint, "others start and stop there all the time");
    }
    return taken;
  }

  /** Null where the file that was locked is not, or no longer, the one in the place. */
  private static @Nullable SocketLock attempt(Endpoint endpoint, Path path, UserPrincipal owner)
      throws IOException {
    create(path);
    Object before = keyOfOwn(endpoint, path, owner);
    if (before == null) {
      return null;
    }
    FileChannel channel;
    try {
      channel = FileChannel.open(path, Set.of(StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS));
    } catch (NoSuchFileException e) {
      return null;
    }
    SocketLock taken = null;
    try {
      if (channel.tryLock() == null) {
        throw SocketFile.inUse(endpoint, "another process holds " + path);
      }
      long mark = mark(channel);
      if (before.equals(keyOfOwn(endpoint, path, owner)) && Files.size(path) == mark) {
        taken = new SocketLock(path, channel, before);
      }
      return taken;
    } catch (NoSuchFileException e) {
      LOG.log(System.Logger.Level.DEBUG, "The lock is gone: {0}", path);
      return null;
    } finally {
      if (taken == null) {
        channel.close();
      }
    }
  }

  /**
   * Gives the locked file a size by chance and tells it. A key alone does not tell a file from the
   * next one in its place: a file that is removed leaves its inode to the next that is made.
   */
  private static long mark(FileChannel channel) throws IOException {
    long size = 1L + ThreadLocalRandom.current().nextInt(MARKS);
    channel.truncate(0);
    channel.write(ByteBuffer.allocate(1), size - 1);
    return size;
  }

  /** Whether its file is still in its place. */
  boolean isInPlace() {
    return key.equals(SocketFile.keyOf(path));
  }

  /** Makes the file young. Not by its path: to open and close it would give up the lock. */
  void touch() throws IOException {
    channel.write(ByteBuffer.allocate(1), 0);
  }

  /** Gives it up; the file goes first, while nobody else can have it, unless it is another one. */
  @Override
  public void close() {
    try {
      if (isInPlace()) {
        Files.deleteIfExists(path);
      }
      channel.close();
    } catch (IOException e) {
      LOG.log(System.Logger.Level.WARNING, "The lock " + path + " stays", e);
    }
    HELD.remove(path);
  }

  private static void create(Path path) throws IOException {
    try {
      Files.createFile(
          path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    } catch (FileAlreadyExistsException e) {
      LOG.log(System.Logger.Level.DEBUG, "A lock is at {0}", path);
    }
  }

  /** The key of the file; null if there is none any more. */
  private static @Nullable Object keyOfOwn(Endpoint endpoint, Path path, UserPrincipal owner)
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
      return found.fileKey();
    } catch (NoSuchFileException e) {
      return null;
    }
  }
}
