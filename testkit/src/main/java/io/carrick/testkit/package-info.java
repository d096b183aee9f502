/** Contracts, fakes and the manual clock. */
@NullMarked
package io.carrick.testkit;

import org.jspecify.annotations.NullMarked;
