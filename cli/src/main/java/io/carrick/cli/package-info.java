/** The carrick command. */
@NullMarked
package io.carrick.cli;

import org.jspecify.annotations.NullMarked;
