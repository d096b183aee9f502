package io.carrick.core.select;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;

/** The system as it is. */
public final class SystemSurroundings implements Surroundings {

  /** Creates it; it keeps nothing. */
  public SystemSurroundings() {}

  @Override
  public List<InetAddress> resolve(String host) throws IOException {
    return List.of(InetAddress.getAllByName(host));
  }

  @Override
  public Path realDirectory(Path directory) throws IOException {
    return directory.toRealPath();
  }

  @Override
  public FileFacts facts(Path file) throws IOException {
    BasicFileAttributes attributes =
        Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    return new FileFacts(
        attributes.isOther(), Files.getOwner(file, LinkOption.NOFOLLOW_LINKS).getName());
  }
}
