package io.carrick.benchmarks;

/**
 * What one round gave.
 *
 * @param operations requests or items
 * @param figures one for each of {@link Scenario#figures}
 */
record Sample(long operations, double[] figures) {}
