/** The messaging API: messengers, remotes, messages, needs and errors. */
@NullMarked
package io.carrick;

import org.jspecify.annotations.NullMarked;
