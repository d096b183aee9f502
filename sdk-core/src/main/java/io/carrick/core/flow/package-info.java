/** Between publishers and subscribers of the application and exchanges of a session. */
@NullMarked
package io.carrick.core.flow;

import org.jspecify.annotations.NullMarked;
