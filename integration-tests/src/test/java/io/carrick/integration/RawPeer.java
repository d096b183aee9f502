package io.carrick.integration;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import io.carrick.wire.v1.Frame;
import io.carrick.wire.v1.Hello;
import io.carrick.wire.v1.Limits;
import io.carrick.wire.v1.Packet;
import io.carrick.wire.v1.Welcome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * The other end of a Unix socket that says what it wants: a peer of another protocol, another
 * version, or a broken one. One thread at a time.
 */
final class RawPeer implements AutoCloseable {

  private static final long MAX_WAIT_MILLIS = 10_000;

  private final SocketChannel channel;
  private final Selector selector;
  private ByteBuffer input = ByteBuffer.allocate(256 << 10);
  private boolean ended;

  RawPeer(SocketChannel channel) throws IOException {
    this.channel = channel;
    channel.configureBlocking(false);
    this.selector = Selector.open();
    channel.register(selector, SelectionKey.OP_READ);
  }

  static RawPeer connect(String endpoint) {
    try {
      SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
      channel.connect(UnixDomainSocketAddress.of(Path.of(endpoint.substring("unix:".length()))));
      return new RawPeer(channel);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Connects and shakes hands as a well-behaved client. */
  static RawPeer client(String endpoint) {
    RawPeer peer = connect(endpoint);
    peer.send(Frame.newBuilder().setHello(hello()).build());
    if (!peer.next().hasWelcome()) {
      throw new AssertionError("no WELCOME came");
    }
    return peer;
  }

  static Hello.Builder hello() {
    return Hello.newBuilder()
        .setMinVersion(1)
        .setMaxVersion(1)
        .setInstance(ByteString.copyFrom(new byte[16]))
        .setService("raw")
        .setNonce(ByteString.copyFrom(new byte[32]))
        .addContentTypes("application/octet-stream")
        .addContentTypes("text/plain")
        .setLimits(limits());
  }

  static Welcome.Builder welcome() {
    return Welcome.newBuilder()
        .setVersion(1)
        .setInstance(ByteString.copyFrom(new byte[16]))
        .setService("raw")
        .setSession(ByteString.copyFrom(new byte[16]))
        .setNonce(ByteString.copyFrom(new byte[32]))
        .addContentTypes("application/octet-stream")
        .addContentTypes("text/plain")
        .setLimits(limits());
  }

  private static Limits limits() {
    return Limits.newBuilder()
        .setMaxMessageBytes(4 << 20)
        .setInitialBytes(64 << 10)
        .setCalls(64)
        .setStreams(64)
        .build();
  }

  void send(Frame frame) {
    send(Packet.newBuilder().addFrames(frame).build().toByteArray());
  }

  void send(String text) {
    send(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Sends bytes as they are; a peer that has closed meanwhile is no fault. */
  void send(byte[] bytes) {
    ByteBuffer out = ByteBuffer.wrap(bytes);
    try {
      while (out.hasRemaining()) {
        channel.write(out);
      }
    } catch (IOException e) {
      ended = true;
    }
  }

  /** The next frame that is not ACK or PING. */
  Frame next() {
    while (true) {
      Frame frame = nextOfAny();
      if (!frame.hasAck() && !frame.hasPing()) {
        return frame;
      }
    }
  }

  private Frame nextOfAny() {
    while (true) {
      try {
        Frame frame = parse();
        if (frame != null) {
          return frame;
        }
        if (!read()) {
          throw new AssertionError("the peer closed before the next frame");
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private Frame parse() throws IOException {
    ByteBuffer view = input.duplicate().flip();
    if (!view.hasRemaining()) {
      return null;
    }
    CodedInputStream in = CodedInputStream.newInstance(view);
    try {
      in.readTag();
      Frame frame = Frame.parseFrom(in.readByteArray());
      view.position(in.getTotalBytesRead());
      input.clear();
      input.put(view.slice());
      return frame;
    } catch (com.google.protobuf.InvalidProtocolBufferException e) {
      return null; // Not whole yet.
    }
  }

  private boolean read() throws IOException {
    if (selector.select(MAX_WAIT_MILLIS) == 0) {
      throw new AssertionError("nothing came within " + MAX_WAIT_MILLIS + " ms");
    }
    selector.selectedKeys().clear();
    return channel.read(input) >= 0;
  }

  /** Waits until the other side has closed; what it says before is thrown away. */
  void awaitClose() {
    long start = System.nanoTime();
    try {
      while (!ended && channel.isOpen()) {
        input.clear();
        if (!read()) {
          return;
        }
        if (System.nanoTime() - start > TimeUnit.MILLISECONDS.toNanos(MAX_WAIT_MILLIS)) {
          throw new AssertionError("not closed within " + MAX_WAIT_MILLIS + " ms");
        }
      }
    } catch (IOException e) {
      ended = true; // Reset: closed as well.
    }
  }

  @Override
  public void close() {
    try {
      selector.close();
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
