package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Message;
import io.carrick.Messenger;
import io.carrick.Remote;
import io.carrick.testkit.Await;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A device of samples/python, by the library that most of them use. */
@Timeout(90)
final class PythonDeviceTest {

  private static final Path SAMPLES = Path.of("../samples/python").toAbsolutePath().normalize();

  @Test
  void aLampInPythonAnswersRequestsAndTellsItsState() {
    Language.PYTHON.check();
    URI broker = URI.create(TestTransport.MQTT.endpoint(SAMPLES));
    List<String> device =
        List.of(
            SAMPLES.resolve(".venv/bin/python").toString(),
            "mqtt_device.py",
            broker.getHost(),
            Integer.toString(broker.getPort()));
    try (Program lamp = Program.start(SAMPLES, device);
        Messenger home = Messenger.builder("home").build()) {
      lamp.await("ready");
      Remote remote = home.connect("mqtt://" + broker.getAuthority());

      Message reply = Await.result(remote.request("lamp/set", "on", Message.class));
      CompletableFuture<Message> state = new CompletableFuture<>();
      Await.result(remote.subscribe("lamp/state", Message.class, m -> state.complete(m)));

      assertThat(reply.text()).isEqualTo("lamp is on");
      assertThat(reply.contentType()).isEqualTo("text/plain");
      assertThat(reply.headers().first("device")).contains("lamp");
      assertThat(Await.result(state).text()).isEqualTo("on");
      assertThat(Await.result(state).headers().first("mqtt-retain")).contains("true");
    }
  }
}
