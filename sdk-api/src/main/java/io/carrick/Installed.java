package io.carrick;

import io.carrick.spi.MessengerProvider;
import java.util.Optional;
import java.util.ServiceLoader;

/** Finds the implementation, wherever the thread that asks comes from. */
final class Installed {

  private Installed() {}

  /** What the class loader of this thread finds, or else the one of this class. */
  static Optional<MessengerProvider> messengers() {
    ClassLoader context = Thread.currentThread().getContextClassLoader();
    Optional<MessengerProvider> found = sees(context) ? messengers(context) : Optional.empty();
    return found.isPresent() ? found : messengers(Installed.class.getClassLoader());
  }

  private static Optional<MessengerProvider> messengers(ClassLoader loader) {
    return ServiceLoader.load(MessengerProvider.class, loader).findFirst();
  }

  /** Whether a loader knows Carrick as this one: in a fat jar the one of the system does not. */
  private static boolean sees(ClassLoader loader) {
    try {
      return loader != null
          && loader.loadClass(MessengerProvider.class.getName()) == MessengerProvider.class;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }
}
