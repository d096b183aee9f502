/** JMH benchmarks. */
@NullMarked
package io.carrick.benchmarks;

import org.jspecify.annotations.NullMarked;
