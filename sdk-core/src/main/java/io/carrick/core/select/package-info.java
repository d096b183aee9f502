/** The choice of a path: a pure function of needs and candidates. */
@NullMarked
package io.carrick.core.select;

import org.jspecify.annotations.NullMarked;
