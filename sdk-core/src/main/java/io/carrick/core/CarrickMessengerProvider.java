package io.carrick.core;

import io.carrick.Messenger;
import io.carrick.spi.MessengerProvider;

/** Gives the messengers of this implementation; safe for use by any thread. */
public final class CarrickMessengerProvider implements MessengerProvider {

  /** Creates a provider; it has no state. */
  public CarrickMessengerProvider() {}

  /** A builder whose defaults {@link Messenger.Builder} states. */
  @Override
  public Messenger.Builder builder(String service) {
    return new MessengerBuilder(service);
  }
}
