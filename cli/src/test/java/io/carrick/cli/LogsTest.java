package io.carrick.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LogsTest {

  @AfterEach
  void asBefore() {
    Logs.configure(true, null);
  }

  @ParameterizedTest
  @ValueSource(strings = {"io.grpc.netty.NettyServerHandler", "io.netty.channel.Channel"})
  void aCallerIsNotShownWhatLibrariesWarnOf(String name) {
    Logger library = Logger.getLogger(name);
    Logs.configure(false, null);
    assertThat(library.isLoggable(Level.WARNING)).isFalse();
    assertThat(library.isLoggable(Level.SEVERE)).isTrue();
  }

  @Test
  void whoAsksForMoreIsShownIt() {
    Logs.configure(false, null);
    Logs.configure(true, null);
    assertThat(Logger.getLogger("io.grpc.netty.NettyServerHandler").isLoggable(Level.WARNING))
        .isTrue();
  }
}
