package io.carrick.netty;

import io.carrick.unix.Channels;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/** Listening sockets of TCP. */
final class ServerSockets {

  private ServerSockets() {}

  /** One that nothing ends but its close: Netty would close it for good by an Error. */
  static ServerChannel tcp() {
    return new NioServerSocketChannel() {
      @Override
      protected boolean closeOnReadError(Throwable cause) {
        return !isActive();
      }
    };
  }

  /**
   * Makes one connection of this process to itself, which loads all that connections need: a class
   * of the JDK that is first needed when no descriptor is left fails then, and for ever after.
   */
  static void touch() throws IOException {
    Channels.prepareLog();
    try (ServerSocketChannel server = ServerSocketChannel.open()) {
      server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      try (SocketChannel client = SocketChannel.open(server.getLocalAddress());
          SocketChannel accepted = server.accept()) {
        client.write(ByteBuffer.allocateDirect(1));
        accepted.read(ByteBuffer.allocateDirect(1));
      }
    }
  }
}
