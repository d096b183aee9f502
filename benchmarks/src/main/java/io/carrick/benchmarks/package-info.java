/** Carrick beside a bare socket of the JDK, client and server in processes of their own. */
@NullMarked
package io.carrick.benchmarks;

import org.jspecify.annotations.NullMarked;
