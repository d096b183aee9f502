package io.carrick.transport.tcp;

import java.io.IOException;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.Channel;
import java.nio.channels.CompletionHandler;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What the asynchronous sockets of the JDK take and give. */
final class Sockets {

  private static final System.Logger LOG = System.getLogger(Sockets.class.getName());

  private Sockets() {}

  static <V> CompletionHandler<V, @Nullable Void> handler(
      Consumer<V> done, Consumer<? super Throwable> failed) {
    return new CompletionHandler<>() {
      @Override
      public void completed(V result, @Nullable Void none) {
        done.accept(result);
      }

      @Override
      public void failed(Throwable failure, @Nullable Void none) {
        failed.accept(failure);
      }
    };
  }

  static String remoteOf(AsynchronousSocketChannel socket) {
    try {
      return "tcp:/" + socket.getRemoteAddress();
    } catch (IOException e) {
      return "tcp://a peer that is gone";
    }
  }

  static void close(Channel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "A socket stays", e);
    }
  }
}
