package io.carrick.core.run;

import java.util.List;
import java.util.ServiceLoader;

/** Finds transports and codecs, wherever the thread that asks comes from. */
public final class Installed {

  private Installed() {}

  /** What the class loader of this thread finds, or else the one of this class. */
  public static <S> List<S> of(Class<S> service) {
    ClassLoader context = Thread.currentThread().getContextClassLoader();
    List<S> found = sees(context, service) ? load(service, context) : List.of();
    return found.isEmpty() ? load(service, Installed.class.getClassLoader()) : found;
  }

  private static <S> List<S> load(Class<S> service, ClassLoader loader) {
    return ServiceLoader.load(service, loader).stream().map(ServiceLoader.Provider::get).toList();
  }

  /**
   * Whether a loader knows a service as this class does: in a fat jar that of the system does not.
   */
  private static boolean sees(ClassLoader loader, Class<?> service) {
    try {
      return loader != null && loader.loadClass(service.getName()) == service;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }
}
