"""A peer of Carrick in Python, without the SDK: sessions over a Unix socket that outlive connections.

Written from docs/wire-format.md and wire.proto, with nothing but the standard library; wire_crypto.py
has the key, wire_fields.py what protobuf does. It is there to show that the pages suffice, and to be
read beside them.
"""

import os
import select
import socket
import sys
from collections import deque

import wire_crypto as crypto
from wire_fields import decode, encode, read_varint, varint

MAX_FRAME = 65_536
MAX_MESSAGE = 4 << 20
INITIAL_BYTES = 64 << 10
WINDOW = 1 << 20
WAIT_SECONDS = 20
REQUEST, STREAM = 1, 4


class Connection:
    """Whole frames over a Unix socket: each behind 0a and its length."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(WAIT_SECONDS)
        self.socket.connect(path)
        self.input = b""

    def send(self, frame):
        self.socket.sendall(b"\x0a" + varint(len(frame)) + frame)

    def say(self, body, **values):
        self.send(encode("Frame", {body: values}))

    def has_more(self):
        return self.buffered() or bool(select.select([self.socket], [], [], 0)[0])

    def buffered(self):
        """A whole frame that was read already."""
        if not self.input:
            return None
        assert self.input[0] == 0x0A, "no Packet"
        try:
            length, at = read_varint(self.input, 1)
        except IndexError:
            return None
        assert length <= MAX_FRAME, "a frame that is too long"
        return (at, at + length) if len(self.input) >= at + length else None

    def read(self):
        """The seq, the name of the body and its fields; waits for them."""
        while not (found := self.buffered()):
            more = self.socket.recv(1 << 16)
            if not more:
                raise ConnectionError("the acceptor closed")
            self.input += more
        frame = decode("Frame", self.input[found[0] : found[1]])
        self.input = self.input[found[1] :]
        seq = frame.pop("seq")
        said = [(name, body) for name, body in frame.items() if body is not None]
        return (seq, *(said[0] if said else ("unknown", {})))

    def expect(self, wanted):
        _, name, body = self.read()
        assert name == wanted, f"{name} {body} instead of {wanted}"
        return body

    def close(self):
        self.socket.close()


class Exchange:
    """One request or stream that this side opened."""

    def __init__(self, allowed, items):
        self.allowed, self.sent = allowed, 0
        self.granted_bytes, self.granted_items = INITIAL_BYTES, items
        self.received = self.received_items = self.taken = self.taken_items = 0
        self.part, self.length = b"", 0
        self.messages = deque()
        self.ended = False


class Session:
    """The initiator's side of one session."""

    def __init__(self, path, service):
        self.path, self.service = path, service
        self.instance = os.urandom(16)
        self.cum = 0  # The highest seq that came.
        self.since_ack = 0
        self.written = 0  # The highest seq of this side.
        self.kept = deque()  # What the acceptor has not acknowledged.
        self.acked = 0
        self.exchanges, self.next_exchange, self.opened = {}, 1, {REQUEST: 0, STREAM: 0}
        self.epoch = 0
        self.peer_finished = False
        self.connection = Connection(path)
        self.greet()

    def greet(self):
        private = os.urandom(32)
        hello = {
            "min_version": 1,
            "max_version": 1,
            "instance": self.instance,
            "service": self.service,
            "nonce": os.urandom(32),
            "key_share": crypto.x25519(private),
            "limits": {
                "max_message_bytes": MAX_MESSAGE,
                "initial_bytes": INITIAL_BYTES,
                "calls": 64,
                "streams": 64,
            },
            "content_types": ["text/plain"],
        }
        self.connection.say("hello", **hello)
        welcome = self.connection.expect("welcome")
        heard = decode("Hello", encode("Hello", hello))  # With the defaults.
        self.key, mac = crypto.session(heard, welcome, private)
        assert crypto.equal(mac, welcome["mac"]), "WELCOME does not prove the key"
        self.acceptor, self.id = welcome["instance"], welcome["session"]
        self.limits = welcome["limits"]
        self.allowed = {REQUEST: self.limits["calls"], STREAM: self.limits["streams"]}

    # Connections.

    def cut(self):
        self.connection.close()

    def resume(self, lose_resumed=False):
        """Goes on over another connection; the one before may still be open."""
        fresh = Connection(self.path)
        self.epoch += 1
        resume = {
            "session": self.id,
            "client_instance": self.instance,
            "server_instance": self.acceptor,
            "epoch": self.epoch,
            "nonce": os.urandom(32),
            "path_kind": "unix",
            "cum": self.cum,
        }
        fresh.say("resume", **resume)
        transcript = crypto.resume_transcript(resume, fresh.expect("challenge"))
        fresh.say("proof", mac=crypto.proof(self.key, transcript))
        if lose_resumed:
            select.select([fresh.socket], [], [], WAIT_SECONDS)
            fresh.close()
            return
        resumed = fresh.expect("resumed")
        expected = crypto.resumed(self.key, transcript, resumed["cum"])
        assert resumed["epoch"] == self.epoch and crypto.equal(resumed["mac"], expected)
        self.key = crypto.next_key(self.key, transcript)
        self.connection.close()
        self.connection = fresh
        self.forget(resumed["cum"])
        self.acknowledge()
        for _, frame in self.kept:
            fresh.send(frame)

    def acknowledge(self):
        self.since_ack = 0
        self.tell("ack", cum=self.cum, calls=64, streams=64)

    def tell(self, body, **values):
        """What is not sequenced may be lost with its connection; reading says that it is gone."""
        try:
            self.connection.say(body, **values)
        except OSError:
            pass

    def forget(self, cum):
        assert cum <= self.written, "an acknowledgement of what was not sent"
        self.acked = max(self.acked, cum)
        while self.kept and self.kept[0][0] <= cum:
            self.kept.popleft()

    def write(self, body, **values):
        self.written += 1
        frame = encode("Frame", {"seq": self.written, body: values})
        self.kept.append((self.written, frame))
        try:
            self.connection.send(frame)
        except OSError:
            pass  # It goes over the next connection.

    # What comes.

    def pump(self):
        """Takes one frame, and waits for it."""
        seq, name, body = self.connection.read()
        if seq:
            assert seq <= self.cum + 1, f"a gap: {seq} after {self.cum}"
            self.since_ack += 1
            if seq <= self.cum:
                return
            self.cum = seq
        x = self.exchanges.get(body.get("exchange"))
        if name == "ack":
            self.forget(body["cum"])
            self.allowed[REQUEST] = max(self.allowed[REQUEST], body["calls"])
            self.allowed[STREAM] = max(self.allowed[STREAM], body["streams"])
        elif name == "ping":
            assert body["sent"] <= self.cum, "a gap before PING"
            self.tell("pong", token=body["token"], cum=self.cum)
        elif name == "credit" and x:
            x.allowed = max(x.allowed, body["bytes"])
        elif name == "item" and x:
            self.item(body["exchange"], x, body)
        elif name == "error" and x:
            raise RuntimeError(f"status {body['code']}: {body['message']}")
        elif name == "fin":
            self.peer_finished = True
        elif name == "path_close":
            raise ConnectionError(f"the acceptor closes: {body['reason']}")
        if self.since_ack >= 64 or (self.since_ack and not self.connection.has_more()):
            self.acknowledge()

    def item(self, number, x, item):
        x.received += len(item["payload"])
        assert x.received <= x.granted_bytes, "more bytes than granted"
        if item["present"]:
            x.part += item["payload"]
            x.length = x.length or item["length"]
            if not item["more"]:
                assert x.length in (0, len(x.part)), "not the length that was declared"
                x.messages.append(x.part.decode())
                x.part, x.length = b"", 0
                x.received_items += 1
                assert not x.granted_items or x.received_items <= x.granted_items
            elif x.received - len(x.part) + x.length > x.granted_bytes:
                x.granted_bytes = x.received - len(x.part) + x.length
                self.write("credit", exchange=number, bytes=x.granted_bytes)
        x.ended |= bool(item["last"])

    # What users do.

    def open(self, kind, topic, text, items=0):
        while self.opened[kind] >= self.allowed[kind]:
            self.pump()
        self.opened[kind] += 1
        number, self.next_exchange = self.next_exchange, self.next_exchange + 2
        x = self.exchanges[number] = Exchange(self.limits["initial_bytes"], items)
        payload = text.encode()
        assert len(payload) <= self.limits["max_message_bytes"]
        body, head = "open", {"kind": kind, "topic": topic, "items": items}
        head["content_type"] = "text/plain"
        while True:
            chunk = payload[x.sent : x.sent + min(MAX_FRAME - 1_000, x.allowed - x.sent)]
            x.sent += len(chunk)
            more = x.sent < len(payload)
            if more and body == "open":
                head["length"] = len(payload)
            if body == "item":
                head["present"] = True
            self.write(body, exchange=number, **head, more=more, payload=chunk)
            if not more:
                return number
            body, head = "item", {}
            while x.allowed < min(x.sent + MAX_FRAME - 1_000, len(payload)):
                self.pump()

    def take(self, number):
        """The next message of an exchange; None at its end."""
        x = self.exchanges[number]
        while not x.messages and not x.ended:
            self.pump()
        if not x.messages:
            return None
        message = x.messages.popleft()
        x.taken += len(message.encode())
        x.taken_items += 1
        return message

    def permit(self, number, items):
        """Permits so many more items than were taken, and the bytes of a window."""
        x = self.exchanges[number]
        x.granted_items = max(x.granted_items, x.taken_items + items)
        x.granted_bytes = max(x.granted_bytes, x.taken + WINDOW)
        self.write("credit", exchange=number, bytes=x.granted_bytes, items=x.granted_items)

    def close(self):
        self.write("fin")
        while not self.peer_finished or self.acked < self.written:
            self.pump()
        self.acknowledge()  # Where it was acknowledged before, the acceptor may be gone.
        self.connection.close()


def run(path):
    """Calls a Java node, and loses its connection again and again."""
    session = Session(path, "python-peer")
    number = session.open(REQUEST, "echo", "hello")
    print("reply", session.take(number))
    long = "0123456789" * 20_000
    number = session.open(REQUEST, "echo", long)
    assert session.take(number) == long
    print("long reply is the same")

    count, requests = 3_000, []
    stream = session.open(STREAM, "count", str(count), items=100)
    for item in range(1, count + 1):
        assert session.take(stream) == str(item)
        if item % 50 == 0 and item < count:
            session.permit(stream, 100)
        if item % 700 == 0:
            lost = item == 1_400
            if item == 2_800:
                requests.append(session.open(REQUEST, "echo", "moved"))
            else:
                requests.append(session.open(REQUEST, "echo", f"sent before cut {item}"))
                session.cut()
                requests.append(session.open(REQUEST, "echo", f"sent after cut {item}"))
            if lost:
                session.resume(lose_resumed=True)
            session.resume()
            print("resumed epoch", session.epoch)
    assert session.take(stream) is None
    print("items", count)
    for number in requests:
        print("reply", session.take(number))
    session.close()
    print("closed")


if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[1] == "run":
        run(sys.argv[2])
    elif len(sys.argv) == 3 and sys.argv[1] == "check":
        crypto.check(sys.argv[2], lambda kind, frame: decode("Frame", frame)[kind])
        print("checked")
    else:
        sys.exit("usage: wire_peer.py run SOCKET | check docs/handshake.json")
