package io.carrick.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestWatcher;

/** Prints after each class how many rules of a contract were tested and which were skipped, why. */
public final class ContractSummary implements TestWatcher, AfterAllCallback {

  private final List<String> skipped = new ArrayList<>();
  private int passed;
  private int failed;

  /** Creates a summary that has seen nothing; JUnit does so. */
  public ContractSummary() {}

  @Override
  public void testSuccessful(ExtensionContext context) {
    passed++;
  }

  @Override
  public void testFailed(ExtensionContext context, @Nullable Throwable cause) {
    failed++;
  }

  @Override
  public void testAborted(ExtensionContext context, @Nullable Throwable cause) {
    skipped.add(
        context.getDisplayName() + ": " + (cause == null ? "no reason" : cause.getMessage()));
  }

  @Override
  public void testDisabled(ExtensionContext context, Optional<String> reason) {
    skipped.add(context.getDisplayName() + ": " + reason.orElse("disabled"));
  }

  @Override
  public void afterAll(ExtensionContext context) {
    System.out.printf(
        "Contract in %s: %d passed, %d failed, %d skipped%n",
        context.getDisplayName(), passed, failed, skipped.size());
    skipped.forEach(s -> System.out.println("  skipped " + s));
  }
}
