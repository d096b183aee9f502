package io.carrick.core.select;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;

/** What a policy asks the system. The calls may block. */
public interface Surroundings {

  /** The addresses of a host. */
  List<InetAddress> resolve(String host) throws IOException;

  /** The real path of a directory, all links followed. */
  Path realDirectory(Path directory) throws IOException;

  /** What a path names itself, no link followed. */
  FileFacts facts(Path file) throws IOException;

  /**
   * A file.
   *
   * @param socket whether it may be a socket: no link, no directory, no regular file
   * @param owner the name of its owner
   */
  record FileFacts(boolean socket, String owner) {}
}
