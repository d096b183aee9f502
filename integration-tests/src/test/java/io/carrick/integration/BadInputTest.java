package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Each bad input gets its error, while a stream beside it misses nothing. */
final class BadInputTest {

  private static final int TIMES = 5;

  @TempDir Path directory;

  private BadInputs inputs;
  private RawInputs raw;

  @BeforeEach
  void start() {
    inputs = new BadInputs(directory);
    raw = new RawInputs(directory);
  }

  @AfterEach
  void stop() {
    inputs.close();
    raw.close();
  }

  @TestFactory
  Stream<DynamicTest> ofAnApplication() {
    return inputs.quick().entrySet().stream()
        .map(one -> DynamicTest.dynamicTest(one.getKey(), () -> repeat(one.getValue())));
  }

  @TestFactory
  Stream<DynamicTest> ofAPeer() {
    return raw.cases().entrySet().stream()
        .map(one -> DynamicTest.dynamicTest(one.getKey(), () -> repeat(one.getValue())));
  }

  private void repeat(BadInputs.Case one) throws Exception {
    long before = inputs.beside().count();
    for (int i = 0; i < TIMES; i++) {
      one.run();
    }
    inputs.beside().verify();
    assertThat(inputs.beside().count()).isGreaterThan(before);
  }
}
