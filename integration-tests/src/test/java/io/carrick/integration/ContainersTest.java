package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.dockerjava.api.model.AccessMode;
import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.ContainerNetwork;
import com.github.dockerjava.api.model.Volume;
import io.carrick.testkit.Await;
import java.io.File;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.output.OutputFrame;
import org.testcontainers.containers.startupcheck.OneShotStartupCheckStrategy;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.images.RemoteDockerImage;
import org.testcontainers.utility.DockerImageName;

/** A service and its clients in containers: in one pod, and in two. */
@Tag("side-by-side")
@Tag("containers")
@Timeout(300)
final class ContainersTest {

  private static final String IMAGE = "eclipse-temurin:17-jre";
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final int PORT = 7400;

  /** The directory for sockets that a client looks into by itself. */
  private static final String SOCKETS = "/run/carrick";

  @BeforeAll
  static void engine() {
    Prerequisite.CONTAINERS.check(
        DockerClientFactory.instance().isDockerAvailable() && isThere(),
        "no container engine answers that has or can pull " + IMAGE);
  }

  private static boolean isThere() {
    try {
      return !new RemoteDockerImage(DockerImageName.parse(IMAGE)).get().isEmpty();
    } catch (RuntimeException e) {
      System.getLogger("test").log(System.Logger.Level.WARNING, "no image " + IMAGE, e);
      return false;
    }
  }

  @Test
  void inOnePodAClientMovesToTheSharedSocketAndBackWhenItDies() {
    String volume = "carrick-" + UUID.randomUUID();
    try (Network pod = Network.newNetwork();
        GenericContainer<?> server =
            server(pod, "--listen", "unix:/hidden/s", "--advertise", "unix:" + SOCKETS + "/s");
        GenericContainer<?> relay =
            java(pod, SocketRelay.class.getName(), SOCKETS + "/s", "/hidden/s");
        GenericContainer<?> client =
            java(
                pod,
                UpgradeClient.class.getName(),
                "grpc://server:" + PORT,
                "grpc",
                "unix",
                "grpc")) {
      share(volume, SOCKETS, relay, client);
      share(volume + "-hidden", "/hidden", server, relay);
      server.start();
      relay.waitingFor(Wait.forLogMessage("relaying\\n", 1)).start();
      client.waitingFor(Wait.forLogMessage("on unix\\n", 1).withStartupTimeout(PATIENCE)).start();

      relay.getDockerClient().killContainerCmd(relay.getContainerId()).exec();

      awaitEnd(client);
      assertThat(lines(client)).containsSubsequence("on grpc", "on unix", "on grpc");
      assertThat(lines(client)).anyMatch(line -> line.startsWith("in order: "));
    } finally {
      Stream.of(volume, volume + "-hidden").forEach(ContainersTest::remove);
    }
  }

  @Test
  void onTwoNetworksThatMeetOnlyAtTheServiceTheyTalkOverGrpcAndStayThere() {
    try (Network theirs = Network.newNetwork();
        Network ours = Network.newNetwork();
        GenericContainer<?> server = server(theirs, "--listen", "unix:/run/carrick/s");
        GenericContainer<?> request =
            java(
                ours,
                "io.carrick.cli.Main",
                "request",
                "--connect",
                "grpc://gateway:" + PORT,
                "carrick/echo",
                "hello");
        GenericContainer<?> client =
            java(ours, UpgradeClient.class.getName(), "grpc://gateway:" + PORT, "grpc")) {
      server.start();
      server
          .getDockerClient()
          .connectToNetworkCmd()
          .withContainerId(server.getContainerId())
          .withNetworkId(ours.getId())
          .withContainerNetwork(new ContainerNetwork().withAliases("gateway"))
          .exec();

      request.withStartupCheckStrategy(new OneShotStartupCheckStrategy().withTimeout(PATIENCE));
      request.start();
      client.withStartupCheckStrategy(new OneShotStartupCheckStrategy().withTimeout(PATIENCE));
      client.start();

      assertThat(lines(request)).contains("hello");
      assertThat(lines(client)).contains("on grpc").noneMatch(line -> line.contains("moved"));
    }
  }

  private static GenericContainer<?> server(Network network, String... more) {
    List<String> arguments =
        new ArrayList<>(List.of("serve", "--listen", "grpc://0.0.0.0:" + PORT));
    arguments.addAll(List.of(more));
    return java(network, "io.carrick.cli.Main", arguments.toArray(String[]::new))
        .withNetworkAliases("server")
        .waitingFor(Wait.forLogMessage("ready\\n", 1).withStartupTimeout(PATIENCE));
  }

  /** A JVM with the class path of this one. */
  private static GenericContainer<?> java(Network network, String main, String... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of("java", "-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp"));
    command.add(System.getProperty("java.class.path"));
    command.add(main);
    command.addAll(List.of(arguments));
    List<Bind> classes =
        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(entry -> Path.of(entry).toFile().exists())
            .map(entry -> new Bind(entry, new Volume(entry), AccessMode.ro))
            .toList();
    return new GenericContainer<>(IMAGE)
        .withNetwork(network)
        .withCommand(command.toArray(String[]::new))
        .withCreateContainerCmdModifier(
            create -> create.getHostConfig().withBinds(classes.toArray(Bind[]::new)));
  }

  private static void share(String volume, String path, GenericContainer<?>... containers) {
    for (GenericContainer<?> each : containers) {
      each.withCreateContainerCmdModifier(
          create -> {
            List<Bind> all = new ArrayList<>(List.of(create.getHostConfig().getBinds()));
            all.add(new Bind(volume, new Volume(path)));
            create.getHostConfig().withBinds(all.toArray(Bind[]::new));
          });
    }
  }

  private static void awaitEnd(GenericContainer<?> container) {
    Await.until(() -> "its end: " + container.getLogs(), PATIENCE, () -> !container.isRunning());
  }

  private static List<String> lines(GenericContainer<?> container) {
    return container.getLogs(OutputFrame.OutputType.STDOUT).lines().toList();
  }

  private static void remove(String volume) {
    DockerClientFactory.instance().client().removeVolumeCmd(volume).exec();
  }
}
