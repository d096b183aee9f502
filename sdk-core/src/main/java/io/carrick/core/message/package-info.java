/** Values as bytes and back, failures as they travel, and interceptors. */
@NullMarked
package io.carrick.core.message;

import org.jspecify.annotations.NullMarked;
