package io.carrick.transport.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Messenger;
import io.carrick.Remote;
import io.carrick.testkit.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * docs/mqtt.md: its commands as they stand there. What messages are on the wire, what calls do,
 * what a node handles, the broker that goes away and most limits are in TopicsTest, endpoints in
 * MqttAddressTest, reason codes in TopicFailuresTest, the device in Python in PythonDeviceTest.
 */
@Timeout(90)
final class TopicsPageTest {

  private static final Path PAGE = Path.of("../docs/mqtt.md");

  @Test
  void theCommandsOfThePageDoWhatItSays() throws IOException {
    List<String> commands =
        Files.readAllLines(PAGE).stream().filter(line -> line.startsWith("mosquitto_")).toList();
    assertThat(commands).hasSize(3);
    Queue<String> notes = new ConcurrentLinkedQueue<>();
    Queue<String> heard = new ConcurrentLinkedQueue<>();
    Queue<String> temperatures = new ConcurrentLinkedQueue<>();
    try (Mosquitto broker = Mosquitto.start();
        Messenger home =
            Messenger.builder("home").listen("mqtt://127.0.0.1:" + broker.port()).build();
        Device device = Device.subscribes(broker, "home/state", "got %p")) {
      home.handle("lamp/set", String.class, text -> "lamp is " + text);
      home.handleSend("lamp/note", String.class, text -> notes.add(text));
      home.subscribe("sensors/#", String.class, text -> heard.add(text));
      Remote remote = home.connect("mqtt://127.0.0.1:" + broker.port());
      Await.result(
          remote.subscribe("sensors/+/temperature", String.class, text -> temperatures.add(text)));
      Await.result(remote.publish("home/state", "awake"));
      // The handlers are there when the last one that was registered is.
      Await.until(
          "the node is there",
          () -> {
            Await.result(remote.publish("sensors/there", "there"));
            return !heard.isEmpty();
          });

      run(broker, commands.get(0));
      run(broker, commands.get(1));
      try (Device asking = run(broker, commands.get(2))) {
        assertThat(asking.line("lamp")).isEqualTo("lamp is on");
      }

      assertThat(device.line("got ")).isEqualTo("got awake");
      Await.until("the temperature came", () -> temperatures.contains("21.5"));
      Await.until("the node heard it, too", () -> heard.contains("21.5"));
      Await.until("the note came", () -> notes.contains("bulb is old"));
    }
  }

  private static Device run(Mosquitto broker, String command) {
    String[] words =
        Pattern.compile("\"([^\"]*)\"|(\\S+)")
            .matcher(command.replace("localhost", "127.0.0.1").replace("1883", broker.port() + ""))
            .results()
            .map(word -> word.group(1) == null ? word.group(2) : word.group(1))
            .toArray(String[]::new);
    return Device.run(words);
  }
}
