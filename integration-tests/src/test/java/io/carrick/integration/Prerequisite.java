package io.carrick.integration;

import java.util.Arrays;
import java.util.Locale;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/**
 * What a test needs of the machine beside a JDK: another language, the built client of
 * samples/browser, a container engine, a proxy, a broker. Without it the test is skipped, and says
 * why; where {@code CARRICK_TEST_REQUIRE} is {@code all}, or names it in a list with commas, it
 * fails.
 */
enum Prerequisite {
  PYTHON,
  NODE,
  GO,
  CONTAINERS,
  PROXIES,
  CURL,
  BROKERS,
  BROWSER;

  /** Ends the calling test unless {@code present}; {@code remedy} says how to get it. */
  void check(boolean present, String remedy) {
    if (present) {
      return;
    }
    String message = name().toLowerCase(Locale.ROOT) + " is missing: " + remedy;
    String required = System.getenv().getOrDefault("CARRICK_TEST_REQUIRE", "");
    if (required.equals("all")
        || Arrays.asList(required.split(",", -1)).contains(name().toLowerCase(Locale.ROOT))) {
      Assertions.fail(message);
    }
    Assumptions.abort(message);
  }
}
