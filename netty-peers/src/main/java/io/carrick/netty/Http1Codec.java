package io.carrick.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseEncoder;
import java.util.function.Consumer;

/** How HTTP/1 is read and written: by Netty's codecs, with our limits and without its leniency. */
final class Http1Codec {

  private Http1Codec() {}

  static final class Decoder extends HttpRequestDecoder {

    private final Consumer<ByteBuf> bytes;

    /**
     * @param bytes sees what comes before it is decoded
     */
    Decoder(Consumer<ByteBuf> bytes) {
      super(
          new HttpDecoderConfig()
              .setMaxInitialLineLength(HttpLimits.LINE_BYTES)
              .setMaxHeaderSize(HttpLimits.HEADER_BYTES)
              .setMaxChunkSize(HttpLimits.CHUNK_BYTES));
      this.bytes = bytes;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
      if (message instanceof ByteBuf came) {
        bytes.accept(came);
      }
      super.channelRead(context, message);
    }

    @Override
    protected void handleTransferEncodingChunkedWithContentLength(HttpMessage message) {
      throw new IllegalArgumentException("a length beside chunks"); // RFC 9112, section 11.2.
    }
  }

  /** Answers one request at a time. */
  static final class Encoder extends HttpResponseEncoder {

    private boolean head;

    void answers(HttpRequest request) {
      head = HttpMethod.HEAD.equals(request.method());
    }

    @Override
    protected boolean isContentAlwaysEmpty(HttpResponse response) {
      return head || super.isContentAlwaysEmpty(response);
    }
  }
}
