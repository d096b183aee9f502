package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.StatusCode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The samples in other languages: one command line for all, {@code samples/setup} prepares them.
 */
enum Language {
  PYTHON(
      Prerequisite.PYTHON,
      "carrick/v1/wire_pb2_grpc.py",
      List.of(".venv/bin/python", "carrick_sample.py"),
      List.of(".venv/bin/python", "wire_peer.py")),
  NODE(
      Prerequisite.NODE,
      "node_modules/@grpc/grpc-js",
      List.of("node", "carrick-sample.js"),
      List.of()),
  GO(
      Prerequisite.GO,
      "target/carrick-sample",
      List.of("target/carrick-sample"),
      List.of("target/wire-peer"));

  /** Exit codes of the samples: this and the number of the gRPC status. */
  static final int EXIT = 64;

  private final Prerequisite prerequisite;
  private final String made;
  private final List<String> command;
  private final List<String> peer;

  Language(Prerequisite prerequisite, String made, List<String> command, List<String> peer) {
    this.prerequisite = prerequisite;
    this.made = made;
    this.command = command;
    this.peer = peer;
  }

  /** Ends the calling test where the sample is not prepared. */
  void check() {
    prerequisite.check(Files.exists(directory().resolve(made)), "run samples/setup");
  }

  /** Ends the calling test where the peer of docs/wire-format.md is not prepared. */
  void checkPeer() {
    prerequisite.check(Files.exists(directory().resolve(peer.get(0))), "run samples/setup");
  }

  /** Starts the peer of docs/wire-format.md. */
  Program startPeer(String... arguments) {
    List<String> line = new ArrayList<>(peer);
    line.set(0, directory().resolve(peer.get(0)).toString());
    line.addAll(List.of(arguments));
    return Program.start(directory(), line);
  }

  /** A topic for this language. */
  String topic() {
    return this + "/hello";
  }

  /** Starts the sample: options, a command, what it is about. */
  Program start(String target, String... arguments) {
    List<String> line = new ArrayList<>();
    // A path, or the name of a command.
    Path program = directory().resolve(command.get(0));
    line.add(Files.exists(program) ? program.toString() : command.get(0));
    line.addAll(command.subList(1, command.size()));
    line.add("--target");
    line.add(target);
    line.addAll(List.of(arguments));
    return Program.start(directory(), line);
  }

  /** Runs the sample to its end. */
  Program.Result run(String target, String... arguments) {
    try (Program program = start(target, arguments)) {
      return program.end();
    }
  }

  /** Checks that a sample printed one line about a failure, and ended with its exit code. */
  static void checkFailure(Program.Result result, StatusCode code, String said) {
    assertThat(result.err()).hasSize(1);
    // Go writes NotFound where others write NOT_FOUND.
    assertThat(result.err().get(0).replace("_", ""))
        .startsWithIgnoringCase(code.name().replace("_", "") + ": ");
    assertThat(result.err().get(0)).contains(said);
    assertThat(result.exit()).isEqualTo(EXIT + code.number());
  }

  /** Starts the sample as a responder, and waits until it has its topic. */
  Program serve(CarrickServe service, String topic, String... options) {
    List<String> arguments = new ArrayList<>(List.of(options));
    arguments.add("serve");
    arguments.add(topic);
    Program program = start(service.target(), arguments.toArray(String[]::new));
    program.await("serving REQUEST " + topic);
    program.await("serving STREAM " + topic);
    return program;
  }

  private Path directory() {
    return Path.of("../samples", toString()).toAbsolutePath().normalize();
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
