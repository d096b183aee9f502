package io.carrick.transport.http2;

/** The threads that OkHttp and Okio keep for the process, 60 s beyond their last use. */
final class LibraryThreads {

  private LibraryThreads() {}

  /** One that waits for work: those that read for a connection have its name. */
  static boolean areOfOkHttp(Thread thread) {
    String name = thread.getName();
    return name.equals("OkHttp TaskRunner")
        || name.startsWith("OkHttp ConnectionPool")
        || name.equals("Okio Watchdog");
  }
}
