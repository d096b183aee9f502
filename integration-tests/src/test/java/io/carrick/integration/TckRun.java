package io.carrick.integration;

import java.lang.annotation.Annotation;
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
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Test;

/** Runs a verification of the Reactive Streams TCK, which is written for TestNG, under JUnit. */
final class TckRun {

  private final List<String> skipped = new ArrayList<>();
  private int passed;
  private int untestable;

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
        "Reactive Streams TCK over %s: %d passed, %d skipped, %d that the kit cannot verify%n",
        where, passed, skipped.size(), untestable);
    skipped.forEach(s -> System.out.println("  skipped " + s));
  }

  // Half of the rules cannot be tested from outside: the kit lists them so that nobody forgets.
  private void note(String rule, String reason) {
    if (reason.startsWith("Not verified")) {
      untestable++;
    } else {
      skipped.add(rule + ": " + reason);
    }
  }

  private void run(String what, Object verification, Method method) throws Throwable {
    try {
      invokeAll(verification, BeforeClass.class);
      invokeAll(verification, BeforeMethod.class);
      method.invoke(verification);
      passed++;
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof SkipException skip) {
        note(what + " " + method.getName(), String.valueOf(skip.getMessage()));
        Assumptions.abort(skip.getMessage());
      }
      throw e.getCause();
    } finally {
      invokeAll(verification, AfterClass.class);
    }
  }

  private static void invokeAll(Object verification, Class<? extends Annotation> marked)
      throws ReflectiveOperationException {
    for (Method method : verification.getClass().getMethods()) {
      if (method.isAnnotationPresent(marked)) {
        method.invoke(verification);
      }
    }
  }
}
