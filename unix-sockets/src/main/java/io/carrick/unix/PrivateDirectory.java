package io.carrick.unix;

import io.carrick.EndpointException;
import io.carrick.StatusCode;
import io.carrick.spi.Endpoint;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/** A directory of mode 0700 that stands beside the place of a socket while it is bound. */
final class PrivateDirectory implements AutoCloseable {

  private static final System.Logger LOG = System.getLogger(PrivateDirectory.class.getName());

  private static final Set<PosixFilePermission> PRIVATE =
      Set.copyOf(PosixFilePermissions.fromString("rwx------"));
  private static final FileAttribute<Set<PosixFilePermission>> ONLY_OWNER =
      PosixFilePermissions.asFileAttribute(PRIVATE);

  private static final int ATTEMPTS = 16;

  // All names of a kind are as long, so that a path fits always or never.
  private static final int FIRST_NAME = 36 * 36 * 36;
  private static final int NAMES = 36 * FIRST_NAME;

  private final Path directory;
  private final UserPrincipal owner;

  private PrivateDirectory(Path directory) throws IOException {
    this.directory = directory;
    this.owner = Files.getOwner(directory, LinkOption.NOFOLLOW_LINKS);
  }

  /** Creates the missing directories above a path with mode 0700. */
  static void createMissing(Path path) throws IOException {
    Path parent = parentOf(path);
    if (!Files.isDirectory(parent)) {
      Files.createDirectories(parent, ONLY_OWNER);
    } else if (isOpenToAll(parent)) {
      LOG.log(
          System.Logger.Level.WARNING,
          "Every user of this host can replace {0}: take the right to write to {1} from others",
          path,
          parent);
    }
  }

  static PrivateDirectory beside(Endpoint endpoint, Path path) throws IOException {
    for (int i = 0; ; i++) {
      int random = ThreadLocalRandom.current().nextInt(FIRST_NAME, NAMES);
      Path directory = parentOf(path).resolve(".c" + Integer.toString(random, 36));
      requireShort(endpoint, path, directory.resolve("s"));
      try {
        return new PrivateDirectory(Files.createDirectory(directory, ONLY_OWNER));
      } catch (FileAlreadyExistsException e) {
        if (i == ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  /** Where to bind. */
  Path socket() {
    return directory.resolve("s");
  }

  /** Whether only the same user can reach what is beside it, and so a socket may be bound there. */
  boolean isInPrivate(Path path) throws IOException {
    PosixFileAttributes parent = Files.readAttributes(parentOf(path), PosixFileAttributes.class);
    return parent.owner().equals(owner) && PRIVATE.containsAll(parent.permissions());
  }

  /** The user whose files this process makes. */
  UserPrincipal owner() {
    return owner;
  }

  @Override
  public void close() {
    try {
      Files.deleteIfExists(socket());
      Files.deleteIfExists(directory);
    } catch (IOException e) {
      LOG.log(System.Logger.Level.WARNING, "The directory " + directory + " stays", e);
    }
  }

  static Path parentOf(Path path) {
    return Objects.requireNonNull(path.getParent(), "no parent");
  }

  private static boolean isOpenToAll(Path directory) throws IOException {
    int mode = (Integer) Files.getAttribute(directory, "unix:mode");
    return (mode & 01002) == 0002; // S_IWOTH without S_ISVTX (POSIX.1-2017, sys/stat.h).
  }

  private static void requireShort(Endpoint endpoint, Path path, Path temporary) {
    int bytes = UnixAddress.lengthOf(temporary.toString());
    if (bytes > UnixAddress.MAX_PATH_BYTES) {
      throw new EndpointException(
          StatusCode.INVALID_ARGUMENT,
          "cannot listen on "
              + endpoint
              + ": binding needs a path of "
              + bytes
              + " bytes ("
              + temporary
              + "), more than "
              + UnixAddress.MAX_PATH_BYTES
              + "; choose a shorter directory than "
              + parentOf(path),
          null);
    }
  }
}
