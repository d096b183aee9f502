package io.carrick.spi;

import io.carrick.Messenger;

/** Found by {@link java.util.ServiceLoader}: gives messengers. */
public interface MessengerProvider {

  /** A builder for a node that bears a service's name. */
  Messenger.Builder builder(String service);
}
