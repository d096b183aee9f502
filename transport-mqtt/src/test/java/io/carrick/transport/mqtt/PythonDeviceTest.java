package io.carrick.transport.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Message;
import io.carrick.Messenger;
import io.carrick.Remote;
import io.carrick.testkit.Await;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A device of samples/python, by the library that most of them use. */
@Timeout(90)
final class PythonDeviceTest {

  private static final Path SAMPLES = Path.of("../samples/python").toAbsolutePath().normalize();
  private static final Path PYTHON = SAMPLES.resolve(".venv/bin/python");

  @Test
  void aLampInPythonAnswersRequestsAndTellsItsState() {
    if (!Files.isExecutable(PYTHON)) {
      String missing = "python is missing: run samples/setup";
      String required = System.getenv().getOrDefault("CARRICK_TEST_REQUIRE", "");
      if (required.equals("all") || Arrays.asList(required.split(",", -1)).contains("python")) {
        Assertions.fail(missing);
      }
      Assumptions.abort(missing);
    }
    String device = SAMPLES.resolve("mqtt_device.py").toString();
    try (Mosquitto broker = Mosquitto.start();
        Device lamp = Device.run(PYTHON.toString(), device, "127.0.0.1", broker.port() + "");
        Messenger home = Messenger.builder("home").build()) {
      lamp.line("ready");
      Remote remote = home.connect("mqtt://127.0.0.1:" + broker.port());

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
