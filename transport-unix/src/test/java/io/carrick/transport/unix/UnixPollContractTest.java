package io.carrick.transport.unix;

import io.carrick.spi.Endpoint;
import io.carrick.spi.TransportProvider;
import io.carrick.testkit.PollContract;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.io.TempDir;

final class UnixPollContractTest extends PollContract {

  private static final AtomicInteger NEXT = new AtomicInteger();

  @TempDir static Path directory;

  @Override
  protected TransportProvider provider() {
    return new UnixTransportProvider();
  }

  @Override
  protected Endpoint listenEndpoint() {
    return Endpoint.parse("unix:" + directory.resolve(NEXT.incrementAndGet() + ".sock"));
  }
}
