package io.carrick.core.run;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * All classes of Carrick that have something to initialize, and what the JDK logs with: a class for
 * which there was no memory when it was first needed, or no descriptor, could not be used for ever
 * after. A test compares the list with what there is.
 */
final class Initialized {

  static final String LIST = "initialized.txt";

  static {
    try (InputStream list = Initialized.class.getResourceAsStream(LIST);
        BufferedReader names =
            new BufferedReader(
                new InputStreamReader(Objects.requireNonNull(list), StandardCharsets.US_ASCII))) {
      for (String name = names.readLine(); name != null; name = names.readLine()) {
        Class.forName(name, true, Initialized.class.getClassLoader());
      }
    } catch (IOException | ClassNotFoundException e) {
      throw new ExceptionInInitializerError(e);
    }
    try {
      Class.forName("java.util.logging.LogRecord");
    } catch (ClassNotFoundException e) {
      // The application logs by other means than the JDK's.
    }
  }

  private Initialized() {}

  /** Sees to it, once a process. */
  static void all() {
    // The initializer of this class has done it.
  }
}
