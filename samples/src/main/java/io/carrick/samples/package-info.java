/** Samples, each run by a test. */
@NullMarked
package io.carrick.samples;

import org.jspecify.annotations.NullMarked;
