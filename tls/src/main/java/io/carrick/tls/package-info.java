/** TLS as network transports use it: certificates and keys that are read again, and identities. */
@NullMarked
package io.carrick.tls;

import org.jspecify.annotations.NullMarked;
