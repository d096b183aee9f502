/** The entry point and its builder. */
@NullMarked
package io.carrick.core;

import org.jspecify.annotations.NullMarked;
