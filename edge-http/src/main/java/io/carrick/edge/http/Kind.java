package io.carrick.edge.http;

/** What is asked of the node. */
enum Kind {
  REQUEST,
  SEND,
  PUBLISH,
  STREAM,
  SUBSCRIBE;

  /** Whether it has one answer, rather than items. */
  boolean isUnary() {
    return this != STREAM && this != SUBSCRIBE;
  }
}
