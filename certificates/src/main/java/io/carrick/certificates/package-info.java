/** A throw-away certificate authority, for demos and tests. */
@NullMarked
package io.carrick.certificates;

import org.jspecify.annotations.NullMarked;
