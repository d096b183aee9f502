package io.carrick.serialization;

/** What is installed. */
final class Libraries {

  private Libraries() {}

  /** Whether a class can be found; it is not initialised. */
  static boolean has(String className) {
    try {
      Class.forName(className, false, Libraries.class.getClassLoader());
      return true;
    } catch (ClassNotFoundException | LinkageError e) {
      return false;
    }
  }
}
