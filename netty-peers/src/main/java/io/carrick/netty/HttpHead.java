package io.carrick.netty;

/**
 * What of a request decides who takes it.
 *
 * @param http2 whether it is a stream of HTTP/2
 * @param method as sent; {@code GET}
 * @param path without the query, as sent; begins with a slash, or is {@code *}
 * @param upgrade what an upgrade of HTTP/1.1 asks for, in lower case: {@code websocket}; empty for
 *     none
 */
public record HttpHead(boolean http2, String method, String path, String upgrade) {

  /**
   * Takes the query off a target.
   *
   * @param target path and query
   */
  static HttpHead of(boolean http2, String method, String target, String upgrade) {
    int query = target.indexOf('?');
    return new HttpHead(http2, method, query < 0 ? target : target.substring(0, query), upgrade);
  }
}
