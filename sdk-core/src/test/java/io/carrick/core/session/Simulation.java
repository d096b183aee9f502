package io.carrick.core.session;

import io.carrick.Delivered;
import io.carrick.Headers;
import io.carrick.OverflowPolicy;
import io.carrick.Priority;
import io.carrick.StatusCode;
import io.carrick.core.frame.FrameParser;
import io.carrick.core.frame.FrameWriter;
import io.carrick.core.frame.Kind;
import io.carrick.core.frame.Limits;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;

/**
 * Two session cores, one virtual network and one virtual clock, all drawn from a seed. The
 * production classes run as they are; what is simulated is what stands around them: connections,
 * handlers, callers.
 */
final class Simulation {

  private static final long MILLI = 1_000_000L;

  final long seed;
  final Random random;
  final Node client;
  final Node server;
  final Map<String, Integer> coverage = new HashMap<>();
  private final PriorityQueue<Event> events = new PriorityQueue<>();
  private long now = 1_000_000_000L;
  private long order;
  private long nextTag = 1;
  boolean killed;
  long messages;
  private boolean released;

  private record Event(long at, long order, Runnable action) implements Comparable<Event> {
    @Override
    public int compareTo(Event other) {
      return at != other.at ? Long.compare(at, other.at) : Long.compare(order, other.order);
    }
  }

  Simulation(long seed) {
    this.seed = seed;
    this.random = new Random(seed);
    SessionConfig clientConfig = config();
    SessionConfig serverConfig = config();
    client = new Node("client", clientConfig, true, serverConfig);
    server = new Node("server", serverConfig, false, clientConfig);
    client.peer = server;
    server.peer = client;
  }

  private SessionConfig config() {
    boolean least = random.nextInt(3) == 0;
    return new SessionConfig(
        "sim",
        new byte[16],
        List.of(),
        300_000,
        64 << 10,
        least ? 64 << 10 : 1 << 20,
        least ? 1 + random.nextInt(3) : 64,
        least ? 4 : 1024,
        least ? 1 + random.nextInt(4) : 256,
        least ? 192 << 10 : 8 << 20,
        least ? 24 : 65_536,
        1024,
        8 << 20,
        5_000 * MILLI,
        5_000 * MILLI,
        Resumption.DEFAULT);
  }

  void at(long delayNanos, Runnable action) {
    events.add(new Event(now + delayNanos, order++, action));
  }

  void hit(String what) {
    coverage.merge(what, 1, Integer::sum);
  }

  /** Runs a whole life: traffic, perhaps a kill or a close, and the check of every end. */
  void run() {
    int calls = 20 + random.nextInt(150);
    for (int i = 0; i < calls; i++) {
      Node node = random.nextInt(4) == 0 ? server : client;
      at(random.nextInt(400) * MILLI, () -> node.call());
    }
    int fate = random.nextInt(4);
    if (fate == 0) {
      at(random.nextInt(500) * MILLI, this::kill);
    } else if (fate == 1) {
      Node closing = random.nextBoolean() ? client : server;
      at(random.nextInt(600) * MILLI, () -> closing.close());
    }
    at(0, client::tick);
    at(0, server::tick);
    runUntil(now + 60_000 * MILLI);
    if (!killed && client.core.ended() == null) {
      released = true;
      client.releaseNeverReturning();
      server.releaseNeverReturning();
      runUntil(now + 30_000 * MILLI);
    }
    client.checkAllEnded();
    server.checkAllEnded();
    if (fate == 1) {
      check(client.core.ended() != null && server.core.ended() != null, "close did not end it");
    }
  }

  private void runUntil(long end) {
    long steps = 0;
    while (!events.isEmpty() && events.peek().at <= end) {
      Event event = events.remove();
      now = event.at;
      event.action.run();
      check(++steps < 3_000_000, "no end in sight");
    }
    now = end;
  }

  private void kill() {
    if (killed) {
      return;
    }
    killed = true;
    hit("kill");
    for (Node node : List.of(client, server)) {
      node.lose();
    }
  }

  void check(boolean condition, String what) {
    if (!condition) {
      throw new AssertionError("seed " + seed + " at " + now / MILLI + " ms: " + what);
    }
  }

  /** One side: its session, its callers and its handlers. */
  final class Node {
    final String name;
    final SessionCore core;
    final SessionConfig config;
    Node peer;
    private final FrameParser parser = new FrameParser();
    private final ArrayDeque<byte[]> link = new ArrayDeque<>();
    private int inFlight;
    private long lastDelivery;
    private final List<Caller> callers = new ArrayList<>();
    private final Map<Long, Server> served = new HashMap<>();
    private final Set<Long> seen = new HashSet<>();
    private final Map<Priority, Long> lastOfLane = new EnumMap<>(Priority.class);
    private final List<Server> stuck = new ArrayList<>();
    private boolean ticking;

    Node(String name, SessionConfig config, boolean initiator, SessionConfig other) {
      this.name = name;
      this.config = config;
      this.core =
          new SessionCore(
              config,
              initiator,
              new Limits(
                  other.maxMessageBytes(),
                  other.initialBytes(),
                  other.initialCalls(),
                  other.initialCalls()),
              false,
              now);
    }

    void call() {
      if (core.state() != SessionCore.State.OPEN || !core.out.hasRoomToWait(1)) {
        return;
      }
      Caller caller = new Caller(this, nextTag++);
      callers.add(caller);
      caller.open();
      settle();
    }

    void close() {
      hit("close");
      core.close("the test closes", now);
      settle();
      tick();
    }

    void lose() {
      core.lose(
          new End(
              End.Cause.SESSION_LOST, StatusCode.UNAVAILABLE, "killed", Map.of(), Delivered.MAYBE));
      settle();
    }

    void tick() {
      if (!ticking && core.ended() == null) {
        ticking = true;
        long delay = Math.max(MILLI, core.nextTick() - now);
        at(
            Math.min(delay, 50 * MILLI),
            () -> {
              ticking = false;
              if (core.ended() == null) {
                core.tick(now);
                settle();
                tick();
              }
            });
      }
    }

    /** What the driver does after each step: writes, then calls owners. */
    void settle() {
      pump();
      Exchange chain = core.takeReady();
      while (chain != null) {
        Exchange x = chain;
        chain = x.nextReady;
        if (x.owner == null) {
          opened(x);
        }
        if (x.owner != null) {
          x.owner.ready(x);
        }
      }
      pump();
      check(core.out.ring.usedBytes() <= config.replayBytes(), "replay buffer beyond its bound");
      check(core.in.partBytes <= 4L * config.maxMessageBytes() + (1 << 20), "parts beyond bound");
      Exchange more = core.takeReady();
      if (more != null) {
        // Put back what the owners' calls made ready: handled as the next step.
        for (Exchange x = more; x != null; ) {
          Exchange next = x.nextReady;
          x.readyQueued = false;
          core.ready(x);
          x = next;
        }
        at(0, this::settle);
      }
    }

    private void pump() {
      while (inFlight < 96 << 10 && core.ended() == null) {
        List<byte[]> frames = new ArrayList<>();
        core.out.schedule(now);
        int count = core.out.ring.unhanded();
        core.unsequenced(frames, count > 0, now);
        ByteBuffer ring = core.out.ring.buffer();
        int offset = core.out.ring.handOffset();
        for (int i = 0; i < count; i++) {
          offset = ReplayRing.skipWrap(ring, offset);
          byte[] frame = new byte[ring.getInt(offset)];
          ring.get(offset + 4, frame);
          frames.add(frame);
          offset += 4 + frame.length;
        }
        core.out.ring.handed(count);
        if (frames.isEmpty()) {
          return;
        }
        frames.forEach(this::transmit);
        core.written(now);
        check(core.out.ring.handedSeq() + 1 == core.out.ring.nextSeq(), "unhanded frames left");
      }
    }

    private void transmit(byte[] frame) {
      check(frame.length <= 65_536, "frame of " + frame.length + " bytes");
      link.add(frame);
      inFlight += frame.length;
      lastDelivery = Math.max(lastDelivery, now + random.nextInt(3_000) * 1_000L);
      at(lastDelivery - now, this::deliver);
    }

    private void deliver() {
      byte[] frame = link.remove();
      inFlight -= frame.length;
      if (killed || peer.core.ended() != null) {
        if (!killed && core.ended() == null) {
          at(0, this::lose);
        }
        return;
      }
      try {
        peer.parser.parse(ByteBuffer.wrap(frame));
        peer.core.onFrame(peer.parser, frame.length, now);
      } catch (Exception e) {
        throw new AssertionError("seed " + seed + ": " + e, e);
      }
      peer.settle();
      settle();
      if (peer.core.ended() != null && core.ended() == null) {
        at(MILLI, () -> loseQuietly());
      }
    }

    private void loseQuietly() {
      if (core.ended() == null && link.isEmpty() && peer.link.isEmpty()) {
        lose();
      } else if (core.ended() == null) {
        at(MILLI, this::loseQuietly);
      }
    }

    private void opened(Exchange x) {
      Server handler = new Server(this, x);
      x.owner = handler;
    }

    void releaseNeverReturning() {
      List<Server> all = new ArrayList<>(stuck);
      stuck.clear();
      for (Server server : all) {
        server.answer();
      }
      settle();
    }

    void checkAllEnded() {
      for (Caller caller : callers) {
        check(caller.end != null, name + " " + caller + " never ended");
      }
      check(core.livingCount() == 0 || core.ended() != null, core.livingCount() + " living");
      check(core.out.waitingCalls == 0, core.out.waitingCalls + " calls still wait");
      check(core.out.queuedBytes == 0, core.out.queuedBytes + " bytes still queued");
      check(core.in.partBytes == 0, core.in.partBytes + " bytes of parts left");
    }
  }

  /** An opener and what it must see. */
  final class Caller implements ExchangeOwner {
    final Node node;
    final long tag;
    final Kind kind = Kind.values()[random.nextInt(6)];
    final Priority priority = Priority.values()[random.nextInt(3)];
    final int size = size();
    final int toSend = random.nextInt(40);
    final boolean slow = random.nextInt(4) == 0;
    Exchange x;
    End end;
    int received;
    int sent;
    boolean finished;
    boolean consuming;

    Caller(Node node, long tag) {
      this.node = node;
      this.tag = tag;
    }

    void open() {
      long timeout = random.nextInt(5) == 0 ? (1 + random.nextInt(300)) * MILLI : 0;
      boolean empty = kind == Kind.CHANNEL || kind == Kind.SUBSCRIBE;
      x =
          node.core.open(
              new Opening(
                  kind,
                  "t/" + tag,
                  Headers.EMPTY,
                  "",
                  empty ? new byte[0] : payload(tag, 0, size),
                  priority,
                  timeout,
                  1 + random.nextInt(300),
                  OverflowPolicy.FAIL,
                  List.of()),
              this,
              now);
      if (random.nextInt(12) == 0) {
        at(
            random.nextInt(60) * MILLI,
            () -> {
              hit("cancel");
              node.core.cancel(x, StatusCode.CANCELLED);
              node.settle();
            });
      }
    }

    @Override
    public void ready(Exchange exchange) {
      if (slow && !consuming && exchange.end() == null) {
        consuming = true;
        at(
            random.nextInt(20) * MILLI,
            () -> {
              consuming = false;
              consume();
              node.settle();
            });
      } else if (!consuming || exchange.end() != null) {
        consume();
      }
    }

    private void consume() {
      for (InboundMessage m = node.core.poll(x); m != null; m = node.core.poll(x)) {
        messages++;
        int index = check(m.payload(), tag);
        Simulation.this.check(index == received, this + " item " + index + " after " + received);
        received++;
        if (!kind.oneShot()) {
          node.core.in.demand(x, 1);
        }
      }
      supply();
      End now = x.end();
      if (now != null && end == null) {
        end = now;
        checkEnd();
      }
    }

    private void supply() {
      if (kind != Kind.CHANNEL || finished || x.end() != null) {
        return;
      }
      for (int n = node.core.out.supply(x); n > 0 && sent < toSend; n--) {
        node.core.send(x, noHead(), payload(tag, sent, size()), 0, false);
        sent++;
      }
      if (sent == toSend) {
        finished = true;
        node.core.finish(x);
      }
    }

    private void checkEnd() {
      hit(kind + " " + end.cause());
      boolean seen = node.peer.seen.contains(tag);
      if (end.delivered() == Delivered.NO) {
        Simulation.this.check(!seen, this + " says not delivered, and it was");
      }
      if (end.delivered() == Delivered.YES) {
        Simulation.this.check(seen, this + " says delivered, and it was not");
      }
      if (end.cause() == End.Cause.COMPLETED) {
        Server server = node.peer.served.get(tag);
        Simulation.this.check(
            received == server.expectedReplies(), this + " got " + received + " of " + server.sent);
      }
    }

    @Override
    public String toString() {
      Server server = node.peer.served.get(tag);
      return kind
          + " "
          + tag
          + " "
          + priority
          + (slow ? " slow" : "")
          + ", received "
          + received
          + ", granted "
          + x.itemsGranted
          + (server == null
              ? ", not seen"
              : ", server sent "
                  + server.sent
                  + " of "
                  + server.toSend
                  + ", allowed "
                  + server.x.itemsAllowed
                  + (server.answering ? "" : " not answering")
                  + (server.done ? " done " : " ")
                  + server.x.end())
          + (end == null ? "" : " " + end);
    }
  }

  /** A handler: quick, slow or never returning. */
  final class Server implements ExchangeOwner {
    final Node node;
    final Exchange x;
    long tag;
    int received;
    int sent;
    final int toSend = random.nextInt(60);
    boolean answering;
    boolean done;
    boolean started;

    Server(Node node, Exchange x) {
      this.node = node;
      this.x = x;
      this.tag = Long.parseLong(x.incoming().topic().substring(2));
      check(node.seen.add(tag), "call " + tag + " came twice");
      node.served.put(tag, this);
      if (x.kind == Kind.SEND || x.kind == Kind.PUBLISH) {
        Long last = node.lastOfLane.put(x.priority, tag);
        check(last == null || last < tag, "publish " + tag + " after " + last);
      }
    }

    int expectedReplies() {
      return sent;
    }

    @Override
    public void ready(Exchange exchange) {
      for (InboundMessage m = node.core.poll(x); m != null; m = node.core.poll(x)) {
        messages++;
        int index = Simulation.check(m.payload(), tag);
        check(index == received, "channel " + tag + " item " + index + " after " + received);
        received++;
        if (x.kind == Kind.CHANNEL) {
          node.core.in.demand(x, 1);
        }
      }
      if (!started) {
        started = true;
        if (x.kind == Kind.CHANNEL) {
          node.core.in.demand(x, 1 + random.nextInt(300));
        }
        if (x.kind == Kind.SUBSCRIBE) {
          node.core.accept(x);
        }
        int mood = random.nextInt(20);
        if (mood == 0 && !released) {
          hit("never returning");
          node.stuck.add(this);
        } else if (mood < 6) {
          at(random.nextInt(200) * MILLI, this::answer);
        } else {
          answer();
        }
      } else if (answering) {
        supply();
      }
    }

    void answer() {
      if (x.end() != null) {
        return;
      }
      answering = true;
      if (random.nextInt(15) == 0) {
        done = true;
        node.core.fail(
            x, FrameWriter.error(x.id, StatusCode.ABORTED.number(), "no", Map.of(), false));
      } else if (x.kind == Kind.REQUEST) {
        done = true;
        sent = 1;
        node.core.send(x, noHead(), payload(tag, 0, size()), 0, true);
      } else if (x.kind.oneShot()) {
        done = true;
        node.core.finish(x);
      } else {
        supply();
      }
      node.settle();
    }

    private void supply() {
      if (done || x.end() != null) {
        return;
      }
      for (int n = node.core.out.supply(x); n > 0 && sent < toSend; n--) {
        node.core.send(x, noHead(), payload(tag, sent, size()), 0, false);
        sent++;
      }
      if (sent >= toSend) {
        done = true;
        node.core.finish(x);
      }
    }
  }

  private int size() {
    int choice = random.nextInt(30);
    return choice == 0
        ? 65_000 + random.nextInt(200_000)
        : choice < 6 ? random.nextInt(20_000) : random.nextInt(200);
  }

  private static byte[] noHead() {
    return OutMessage.NO_BYTES;
  }

  private static byte[] payload(long tag, int index, int size) {
    byte[] bytes = new byte[16 + size];
    ByteBuffer.wrap(bytes).putLong(tag).putInt(index).putInt(size);
    for (int i = 16; i < bytes.length; i++) {
      bytes[i] = (byte) (tag + index + i);
    }
    return bytes;
  }

  private static int check(byte[] bytes, long tag) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    long actual = in.getLong();
    int index = in.getInt();
    int size = in.getInt();
    if (actual != tag || size != bytes.length - 16) {
      throw new AssertionError("message of " + actual + " in exchange of " + tag);
    }
    for (int i = 16; i < bytes.length; i++) {
      if (bytes[i] != (byte) (tag + index + i)) {
        throw new AssertionError("byte " + i + " of message " + index + " is wrong");
      }
    }
    return index;
  }
}
