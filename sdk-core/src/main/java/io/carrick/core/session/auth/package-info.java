/** Who is who: keys, proofs, tokens, and the rules of what a path must give. */
@NullMarked
package io.carrick.core.session.auth;

import org.jspecify.annotations.NullMarked;
