package io.carrick.transport.grpc;

import io.carrick.netty.ListenLimits;
import io.grpc.netty.NettyServerBuilder;
import java.util.concurrent.TimeUnit;

/** What a peer may ask of a server before and beside what sessions limit. */
final class Limits {

  /** The metadata of a call. */
  static final int METADATA_BYTES = 8 * 1024;

  /** What is read of the metadata of a call to refuse it alone; with more, its connection ends. */
  static final int MOST_METADATA_BYTES = 64 * 1024;

  /** More than the largest message of a session, which is a packet of frames. */
  static final int SESSION_MESSAGE_BYTES = 4 * 1024 * 1024;

  /** What a message of the plain methods may have around its payload: its topic and headers. */
  static final int AROUND_MESSAGE_BYTES = 16 * 1024;

  private static final int CALLS_PER_CONNECTION = 100;
  private static final int RESETS = 200;
  private static final int RESET_WINDOW_SECONDS = 30;
  private static final int KEEP_ALIVE_SECONDS = 10;
  private static final int IDLE_MINUTES = 5;

  /** Finds callers without the SDK that vanished; sessions find out by themselves, and sooner. */
  private static final int PING_SECONDS = 60;

  private static final int PONG_SECONDS = 20;

  private Limits() {}

  static void apply(NettyServerBuilder builder) {
    builder
        .flowControlWindow(ListenLimits.WINDOW_BYTES)
        .maxInboundMetadataSize(MOST_METADATA_BYTES)
        .maxInboundMessageSize(Integer.MAX_VALUE) // MessagePace counts while they come.
        .maxConcurrentCallsPerConnection(CALLS_PER_CONNECTION)
        .maxRstFramesPerWindow(RESETS, RESET_WINDOW_SECONDS)
        .maxConnectionIdle(IDLE_MINUTES, TimeUnit.MINUTES)
        .keepAliveTime(PING_SECONDS, TimeUnit.SECONDS)
        .keepAliveTimeout(PONG_SECONDS, TimeUnit.SECONDS)
        .permitKeepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
        .permitKeepAliveWithoutCalls(true)
        .handshakeTimeout(ListenLimits.HANDSHAKE_SECONDS, TimeUnit.SECONDS);
  }
}
