package io.carrick.integration;

import static com.tngtech.archunit.lang.conditions.ArchConditions.callMethod;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaConstructorCall;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.ArrayDeque;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.PriorityBlockingQueue;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The rules of the architecture that the compiler does not check. */
final class ArchitectureTest {

  private static final JavaClasses MAIN =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .withImportOption(
              location -> !location.contains("integration-tests") && !location.contains("/wire/"))
          .importPackages("io.carrick");

  private static final Set<Class<?>> UNBOUNDED =
      Set.of(
          LinkedBlockingQueue.class,
          LinkedBlockingDeque.class,
          LinkedTransferQueue.class,
          PriorityBlockingQueue.class,
          ConcurrentLinkedQueue.class,
          ConcurrentLinkedDeque.class);

  private static void check(ArchRule rule) {
    rule.check(MAIN);
  }

  @Test
  void theCoreKnowsNoTransportAndNoCodec() {
    check(
        noClasses()
            .that()
            .resideInAPackage("io.carrick.core..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                "io.carrick.transport..", "io.carrick.serialization..", "io.carrick.wire.."));
  }

  @Test
  void transportsAndCodecsKnowTheApiOnly() {
    check(
        noClasses()
            .that()
            .resideInAnyPackage("io.carrick.transport..", "io.carrick.serialization..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.carrick.core.."));
  }

  @Test
  void transportsDoNotKnowEachOther() {
    List<String> transports =
        Stream.of("grpc", "http2", "memory", "mqtt", "unix", "websocket")
            .map(name -> "io.carrick.transport." + name)
            .toList();
    for (String one : transports) {
      String[] others = transports.stream().filter(t -> !t.equals(one)).toArray(String[]::new);
      check(
          noClasses()
              .that()
              .resideInAPackage(one)
              .should()
              .dependOnClassesThat()
              .resideInAnyPackage(others));
    }
  }

  @Test
  void whatStandsOnNettyKnowsNoTransport() {
    check(
        noClasses()
            .that()
            .resideInAnyPackage("io.carrick.netty..", "io.carrick.tls..", "io.carrick.unix..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.carrick.core..", "io.carrick.wire..", "io.grpc..")
            .orShould()
            .dependOnClassesThat(
                DescribedPredicate.describe(
                    "belong to a transport",
                    type ->
                        type.getPackageName().startsWith("io.carrick.transport.")
                            && !type.getPackageName().startsWith("io.carrick.transport.support"))));
  }

  @Test
  void whatTransportsShareKnowsNoLibrary() {
    check(
        noClasses()
            .that()
            .resideInAPackage("io.carrick.transport.support..")
            .should()
            .dependOnClassesThat()
            .resideOutsideOfPackages(
                "io.carrick",
                "io.carrick.spi",
                "io.carrick.transport.support..",
                "java..",
                "org.jspecify.."));
  }

  @Test
  void theApiStandsOnTheJdkAlone() {
    check(
        noClasses()
            .that()
            .resideInAnyPackage("io.carrick", "io.carrick.spi")
            .should()
            .dependOnClassesThat()
            .resideOutsideOfPackages("io.carrick", "io.carrick.spi", "java..", "org.jspecify.."));
  }

  /** A package of the core, and which of those below it it may use. */
  private record Layer(String name, String... uses) {}

  private static final String[] SESSION = {"session", "session.state", "session.auth"};

  private static final List<Layer> CORE =
      List.of(
          new Layer("", and(SESSION, "call", "path", "select", "serve", "message", "run", "frame")),
          new Layer("call", and(SESSION, "path", "flow", "message", "run", "frame")),
          new Layer("path", and(SESSION, "select", "serve", "message", "run", "queue")),
          new Layer("select"),
          new Layer("serve", and(SESSION, "flow", "message", "run", "frame", "queue")),
          new Layer("flow", "session", "session.state", "message", "run", "frame", "queue"),
          new Layer("message", "session.state", "run", "frame"),
          new Layer("session", "session.state", "session.auth", "run", "frame", "queue"),
          new Layer("session.state", "session.auth", "frame", "queue"),
          new Layer("session.auth", "run", "frame"),
          new Layer("run", "queue"),
          new Layer("frame"),
          new Layer("queue"));

  private static String[] and(String[] some, String... more) {
    return Stream.concat(Stream.of(some), Stream.of(more)).toArray(String[]::new);
  }

  @Test
  void thePackagesOfTheCoreHaveOneDirection() {
    Map<String, Set<String>> allowed = new TreeMap<>();
    for (Layer layer : CORE) {
      assertThat(layer.uses())
          .as("what %s uses stands below it", layer.name())
          .noneMatch(allowed::containsKey);
      allowed.put(layer.name(), new TreeSet<>(List.of(layer.uses())));
    }
    Map<String, Set<String>> used = new TreeMap<>();
    for (JavaClass one : MAIN) {
      String name = inCore(one);
      if (name != null) {
        Set<String> others = used.computeIfAbsent(name, n -> new TreeSet<>());
        one.getDirectDependenciesFromSelf().stream()
            .map(dependency -> inCore(dependency.getTargetClass().getBaseComponentType()))
            .filter(other -> other != null && !other.equals(name))
            .forEach(others::add);
      }
    }

    assertThat(used).isEqualTo(allowed);
  }

  private static @Nullable String inCore(JavaClass one) {
    String core = "io.carrick.core";
    String name = one.getPackageName();
    return name.equals(core)
        ? ""
        : name.startsWith(core + ".") ? name.substring(core.length() + 1) : null;
  }

  @Test
  void nothingIsSerialisedByJava() {
    check(
        noClasses()
            .should()
            .dependOnClassesThat()
            .belongToAnyOf(ObjectInputStream.class, ObjectOutputStream.class));
  }

  @Test
  void nothingSleeps() {
    check(noClasses().should(callMethod(Thread.class, "sleep", long.class)));
    check(noClasses().should(callMethod(Thread.class, "sleep", long.class, int.class)));
  }

  // Those of EventLoop and MemoryTransport hold no messages: a connection has one task there at
  // most
  // for each thing that can be asked of it (read, write, close), and a connect or listen has one.
  @Test
  void noQueueIsUnbounded() {
    for (Class<?> queue : UNBOUNDED) {
      check(
          noClasses()
              .that()
              .resideOutsideOfPackage("io.carrick.testkit..")
              .and()
              .doNotHaveFullyQualifiedName("io.carrick.transport.unix.EventLoop")
              .and()
              .doNotHaveFullyQualifiedName("io.carrick.transport.memory.MemoryTransport")
              .should()
              .callConstructorWhere(
                  DescribedPredicate.describe(
                      "it makes a " + queue.getSimpleName() + " without a bound",
                      (JavaConstructorCall call) ->
                          call.getTargetOwner().isEquivalentTo(queue)
                              && call.getTarget().getRawParameterTypes().stream()
                                  .noneMatch(type -> type.isEquivalentTo(int.class)))));
    }
  }

  private static final Set<String> DEQUES =
      Set.of(ArrayDeque.class.getName(), LinkedList.class.getName(), "io.carrick.core.queue.Fifo");

  /** Each class that queues in a deque, and what bounds all its deques: a member of a class. */
  private static final Map<String, String> DEQUE_BOUNDS =
      Map.ofEntries(
          Map.entry("Emitter", "Emitter#capacity"),
          Map.entry("FlowIterator", "FlowIterator#prefetch"),
          Map.entry("core.run.Bulkhead", "core.run.Bulkhead#capacity"),
          Map.entry("core.run.HandlerPool", "core.run.HandlerPool#MAX_WAITING"),
          Map.entry("core.flow.ItemReceiver", "core.session.Exchanges#POLLED"),
          Map.entry("core.serve.OrderedQueue", "core.run.Bulkhead#capacity"),
          Map.entry("core.serve.PassedSendRoute", "core.run.Bulkhead#capacity"),
          Map.entry("core.path.PathEvents", "core.path.PathEvents#MAX_EVENTS"),
          Map.entry("core.path.PathEvents$Listening", "core.path.PathEvents#MAX_WAITING"),
          Map.entry("core.serve.PeerSubscription", "core.serve.PeerSubscription#MAX_MESSAGES"),
          Map.entry("core.flow.NativeValues$Relay", "core.flow.NativeValues#MOST_AHEAD"),
          Map.entry("core.path.ResumeRound", "core.path.ResumeRound#targets"),
          Map.entry("core.path.DialledSource", "core.path.DialledSource#MAX_ASIDE"),
          Map.entry("core.session.EventQueue", "core.session.EventQueue#MOST_NOTES"),
          Map.entry("core.session.state.Exchange", "core.session.state.SessionConfig#itemsWindow"),
          Map.entry(
              "core.session.state.ExchangeQueue", "core.session.state.ExchangeQueue#MOST_GONE"),
          Map.entry(
              "core.session.state.SendOrder", "core.session.state.SessionConfig#waitingCalls"),
          Map.entry("core.session.state.Outbound", "core.session.state.Outbound#MOST_NOTICES"),
          Map.entry("edge.http.socket.SocketCall", "edge.http.socket.SocketCall#MOST_VALUES"),
          Map.entry("transport.grpc.LateListener", "transport.grpc.LateListener#MOST_EARLY"),
          Map.entry("transport.grpc.Outbox", "transport.grpc.Outbox#MAX_ENTRIES"),
          Map.entry(
              "transport.memory.MemoryChannel",
              "transport.support.QueuedConnection#MAX_HELD_BYTES"),
          Map.entry(
              "transport.support.ConfirmedChannel",
              "transport.support.QueuedConnection#MAX_HELD_BYTES"),
          Map.entry("transport.mqtt.BrokerClient", "transport.mqtt.BrokerClient#MAX_OUTBOX"),
          Map.entry("transport.mqtt.MqttChannel", "transport.mqtt.MqttChannel#WINDOW"),
          Map.entry("transport.mqtt.TopicFlow", "transport.mqtt.TopicFlow#MAX_WAITING"),
          Map.entry("transport.support.PacketQueue", "spi.Transport#HIGH_WATER_BYTES"),
          Map.entry(
              "transport.support.SerialExecutor",
              "transport.support.ConfirmedChannel#mostUnconfirmedBytes"),
          Map.entry("transport.unix.ChunkPool", "transport.unix.ChunkPool#MAX_IDLE"),
          Map.entry("transport.unix.Leases", "transport.unix.Leases#MOST"),
          Map.entry("transport.unix.Output", "spi.Transport#HIGH_WATER_BYTES"),
          Map.entry("transport.unix.Turn", "transport.unix.Turn#MOST_LATER"));

  @Test
  void everyDequeHasABoundWithAName() throws Exception {
    Map<String, String> bounds = new TreeMap<>();
    DEQUE_BOUNDS.forEach((name, bound) -> bounds.put("io.carrick." + name, bound));
    Set<String> made =
        MAIN.stream()
            .filter(c -> !c.getPackageName().startsWith("io.carrick.testkit"))
            .flatMap(c -> c.getConstructorCallsFromSelf().stream())
            .filter(call -> DEQUES.contains(call.getTargetOwner().getName()))
            .map(call -> call.getOriginOwner().getName())
            .filter(maker -> !DEQUES.contains(maker))
            .collect(Collectors.toCollection(TreeSet::new));

    assertThat(made).isEqualTo(bounds.keySet());
    for (String bound : bounds.values()) {
      String[] member = bound.split("#");
      assertThat(MAIN.get("io.carrick." + member[0]).getAllFields())
          .extracting(JavaField::getName)
          .as(bound)
          .contains(member[1]);
    }
  }

  /** An ArrayDeque that cannot grow for want of memory loses all that waits in it. */
  @Test
  void noArrayDequeIsMadeWithoutItsCapacity() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackage("io.carrick.testkit..")
            .should()
            .callConstructorWhere(
                DescribedPredicate.describe(
                    "it makes an ArrayDeque of no capacity",
                    (JavaConstructorCall call) ->
                        call.getTargetOwner().isEquivalentTo(ArrayDeque.class)
                            && call.getTarget().getRawParameterTypes().isEmpty())));
  }

  @Test
  void noExecutorIsUnbounded() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackage("io.carrick.testkit..")
            .should()
            .callMethodWhere(
                DescribedPredicate.describe(
                    "it makes a pool with an unbounded queue or number of threads",
                    call ->
                        call.getTargetOwner().isEquivalentTo(Executors.class)
                            && !call.getName().equals("newVirtualThreadPerTaskExecutor"))));
  }

  @Test
  void nobodyStopsTheProcess() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackages("io.carrick.cli..", "io.carrick.testkit..")
            .should(callMethod(System.class, "exit", int.class)));
  }
}
