package io.carrick.edge.http.socket;

import io.carrick.netty.Door;
import io.carrick.transport.support.Pace;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.time.Duration;
import java.util.List;

/**
 * Reads frames by Netty, which refuses what breaks RFC 6455, and asks for a least rate while a
 * message is incomplete. On the loop.
 */
final class SocketFrames extends WebSocket13FrameDecoder implements Pace.Peer {

  private final Door door;
  private final JsonSocket socket;
  private final Pace pace;
  private boolean begun; // Whether a part of a frame is here.
  private boolean inMessage; // Whether fragments are to follow.
  private int frames;
  private int stops;

  /**
   * @param mostBytes of a frame
   */
  SocketFrames(Door door, JsonSocket socket, int mostBytes) {
    super(
        WebSocketDecoderConfig.newBuilder()
            .expectMaskedFrames(true)
            .allowMaskMismatch(false)
            .allowExtensions(false)
            .closeOnProtocolViolation(false)
            .withUTF8Validator(false)
            .maxFramePayloadLength(mostBytes)
            .build());
    this.door = door;
    this.socket = socket;
    this.pace = new Pace(door.limits(), this, "a message");
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
    int came = message instanceof ByteBuf bytes ? bytes.readableBytes() : 0;
    frames = 0;
    socket.heard();
    super.channelRead(context, message);
    pace.count(came);
    door.frames(frames, came);
    socket.incomplete(actualReadableBytes());
    if (begun || inMessage) {
      pace.open();
    }
    stops += context.channel().config().isAutoRead() ? 0 : 1;
  }

  @Override
  protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out)
      throws Exception {
    int before = out.size();
    super.decode(context, in, out);
    begun = out.size() == before;
    if (!begun && out.get(before) instanceof WebSocketFrame frame) {
      frames++;
      boolean data =
          frame instanceof TextWebSocketFrame || frame instanceof ContinuationWebSocketFrame;
      inMessage = data ? !frame.isFinalFragment() : inMessage;
      if (!inMessage) {
        pace.complete();
      }
    }
  }

  @Override
  protected void handlerRemoved0(ChannelHandlerContext context) {
    pace.end();
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) throws Exception {
    pace.end();
    super.channelInactive(context);
  }

  @Override
  public boolean isHolding() {
    return !socket.isReading();
  }

  @Override
  public int pauses() {
    return stops + door.pauses();
  }

  @Override
  public Runnable later(Duration delay, Runnable task) {
    return door.later(delay, task);
  }

  @Override
  public void tooSlow(String what, long bytes, long least) {
    door.tooSlow(what, bytes, least);
  }
}
