package io.carrick.transport.mqtt;

import io.carrick.testkit.Await;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** A program that knows nothing of Carrick: {@code mosquitto_pub} or {@code mosquitto_sub}. */
final class Device implements AutoCloseable {

  private final Process process;
  private final List<String> lines = new CopyOnWriteArrayList<>();

  private Device(Process process) {
    this.process = process;
    Thread reader = new Thread(this::read, "device");
    reader.setDaemon(true);
    reader.start();
  }

  /** Subscribes to a filter; what comes is a line of this format. There when this returns. */
  static Device subscribes(Mosquitto broker, String filter, String format, String... more) {
    List<String> arguments = new ArrayList<>(List.of("-d", "-t", filter, "-F", format));
    arguments.addAll(List.of(more));
    Device device = start(broker, "mosquitto_sub", arguments);
    Await.until(
        () -> "a device subscribes: " + device.lines,
        Await.LONG_ENOUGH.multipliedBy(3),
        () -> device.lines.stream().anyMatch(line -> line.startsWith("Subscribed")));
    return device;
  }

  /** Publishes, and waits until that is done. */
  static void publishes(Mosquitto broker, String topic, String text, String... more) {
    List<String> arguments = new ArrayList<>(List.of("-t", topic, "-m", text));
    arguments.addAll(List.of(more));
    try (Device device = start(broker, "mosquitto_pub", arguments)) {
      Await.until(
          () -> "a device publishes: " + device.lines,
          Await.LONG_ENOUGH.multipliedBy(3),
          () -> !device.process.isAlive());
      if (device.process.exitValue() != 0) {
        throw new AssertionError("mosquitto_pub ended with " + device.lines);
      }
    }
  }

  private static Device start(Mosquitto broker, String program, List<String> arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                "stdbuf", "-oL", program, "-V", "5", "-h", "127.0.0.1", "-p", broker.port() + ""));
    command.addAll(arguments);
    return run(command.toArray(String[]::new));
  }

  /** Runs a command. */
  static Device run(String... command) {
    try {
      return new Device(new ProcessBuilder(command).redirectErrorStream(true).start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void read() {
    try (BufferedReader in = process.inputReader(StandardCharsets.UTF_8)) {
      in.lines().forEach(lines::add);
    } catch (IOException | UncheckedIOException e) {
      lines.add("the device's output ended: " + e);
    }
  }

  /** Waits for a line that begins so. */
  String line(String start) {
    Await.until(
        () -> "a line that begins with " + start + " among " + lines,
        Await.LONG_ENOUGH.multipliedBy(3),
        () -> lines.stream().anyMatch(line -> line.startsWith(start)));
    return lines.stream().filter(line -> line.startsWith(start)).findFirst().orElseThrow();
  }

  List<String> lines(String start) {
    return lines.stream().filter(line -> line.startsWith(start)).toList();
  }

  @Override
  public void close() {
    process.destroyForcibly();
    try {
      process.waitFor(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
