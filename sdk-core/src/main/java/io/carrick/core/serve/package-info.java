/** What comes in: handlers and their limits, publish and subscribe, calls of native edges. */
@NullMarked
package io.carrick.core.serve;

import org.jspecify.annotations.NullMarked;
