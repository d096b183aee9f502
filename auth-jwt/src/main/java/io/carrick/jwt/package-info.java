/** Signed JSON web tokens as identity (RFC 7519, RFC 8725). */
@NullMarked
package io.carrick.jwt;

import org.jspecify.annotations.NullMarked;
