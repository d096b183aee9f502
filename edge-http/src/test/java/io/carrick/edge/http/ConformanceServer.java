package io.carrick.edge.http;

import connectrpc.conformance.v1.Conformance.ServerCompatRequest;
import connectrpc.conformance.v1.Conformance.ServerCompatResponse;
import io.carrick.netty.HttpEndpoint;
import io.carrick.netty.HttpPorts;
import io.carrick.spi.Endpoint;
import io.carrick.spi.TransportConfig;
import io.carrick.transport.support.HostPort;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** The server that the Connect conformance suite starts: it says on which port it listens. */
final class ConformanceServer {

  private ConformanceServer() {}

  /** Serves until the suite ends the process. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    DataInputStream in = new DataInputStream(System.in);
    DataOutputStream out = new DataOutputStream(System.out);
    ServerCompatRequest.parseFrom(in.readNBytes(in.readInt()));
    try (HttpPorts ports = HttpPorts.of(TransportConfig.of("conformance"))) {
      Endpoint any = Endpoint.parse("http://127.0.0.1:0");
      HttpEdge edge =
          new HttpEdge(
              ConformanceService.SERVICE,
              new ConformanceService(),
              Origins.of(List.of()),
              TransportConfig.DEFAULT_MESSAGE_BYTES);
      HttpEndpoint bound = ports.listen(any, HostPort.of(any, "x"), false, List.of(edge));
      byte[] response =
          ServerCompatResponse.newBuilder()
              .setHost("127.0.0.1")
              .setPort(bound.endpoint().uri().getPort())
              .build()
              .toByteArray();
      out.writeInt(response.length);
      out.write(response);
      out.flush();
      new CountDownLatch(1).await();
    }
  }
}
