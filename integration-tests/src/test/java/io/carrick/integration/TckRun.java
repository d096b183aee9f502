package io.carrick.integration;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.testng.SkipException;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Test;

/** Runs a verification of the Reactive Streams TCK, which is written for TestNG, under JUnit. */
final class TckRun {

  private final List<String> skipped = new ArrayList<>();
  private int passed;

  /** A test for each rule; each has a verification of its own. */
  Stream<DynamicTest> tests(String what, Supplier<?> verification) {
    return Arrays.stream(verification.get().getClass().getMethods())
        .filter(method -> method.isAnnotationPresent(Test.class))
        .sorted(Comparator.comparing(Method::getName))
        .map(
            method ->
                DynamicTest.dynamicTest(
                    what + " " + method.getName(), () -> run(what, verification.get(), method)));
  }

  void print(String where) {
    System.out.printf(
        "Reactive Streams TCK in %s: %d passed, %d skipped%n", where, passed, skipped.size());
    skipped.forEach(s -> System.out.println("  skipped " + s));
  }

  private void run(String what, Object verification, Method method) throws Throwable {
    try {
      for (Method before : verification.getClass().getMethods()) {
        if (before.isAnnotationPresent(BeforeMethod.class)) {
          before.invoke(verification);
        }
      }
      method.invoke(verification);
      passed++;
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof SkipException skip) {
        skipped.add(what + " " + method.getName() + ": " + skip.getMessage());
        Assumptions.abort(skip.getMessage());
      }
      throw e.getCause();
    }
  }
}
