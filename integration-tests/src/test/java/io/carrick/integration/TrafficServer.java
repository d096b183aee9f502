package io.carrick.integration;

import io.carrick.HandlerOptions;
import io.carrick.Handlers;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/** Answers the {@link Traffic} of one client, and finds what comes twice or out of order. */
final class TrafficServer {

  private final Set<Long> asked = ConcurrentHashMap.newKeySet();
  private final AtomicLong told = new AtomicLong();
  private final List<String> faults = new CopyOnWriteArrayList<>();

  TrafficServer(Handlers server) {
    server.handleStream("traffic/stream", String.class, text -> Source.endless());
    server.handleChannel("traffic/channel", Long.class, (in, call) -> in);
    server.handle("traffic/ask", Long.class, this::ask);
    server.with(HandlerOptions.nonBlocking()).handleSend("traffic/tell", Long.class, this::tell);
    server.handle("traffic/report", String.class, text -> report(asked.size(), told.get(), faults));
  }

  /** What a client must find at the end, with the counts of its own. */
  static String report(long requests, long sends, List<String> faults) {
    return requests + " requests, " + sends + " sends, faults " + faults;
  }

  /** How many requests and sends have come. */
  long calls() {
    return asked.size() + told.get();
  }

  private Long ask(Long n) {
    if (!asked.add(n)) {
      Traffic.add(faults, "request " + n + " came twice");
    }
    return -n;
  }

  private void tell(Long n) {
    long expected = told.getAndIncrement();
    if (n != expected) {
      Traffic.add(faults, "send " + n + " came where " + expected + " was due");
    }
  }
}
