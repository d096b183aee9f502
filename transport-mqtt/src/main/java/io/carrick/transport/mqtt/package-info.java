/** Messages over an MQTT broker. */
@NullMarked
package io.carrick.transport.mqtt;

import org.jspecify.annotations.NullMarked;
