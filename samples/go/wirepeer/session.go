package main

import (
	"crypto/ecdh"
	"crypto/hmac"
	"crypto/rand"
)

const (
	request = 1
	stream  = 4

	maxMessage   = 4 << 20
	initialBytes = 64 << 10
	window       = 1 << 20
	mostOpen     = 64
)

// exchange is a request or a stream that this side opened.
type exchange struct {
	allowed, sent              uint64
	grantedBytes, grantedItems uint64
	received, receivedItems    uint64
	taken, takenItems          uint64
	part                       []byte
	length                     uint64
	messages                   []string
	ended                      bool
}

type kept struct {
	seq   uint64
	frame []byte
}

// session is the initiator's side of one.
type session struct {
	path               string
	connection         *connection
	instance, acceptor []byte
	id, key            []byte
	epoch              uint64
	maxMessage         uint64
	initialBytes       uint64
	cum, unsaid        uint64 // The highest seq that came; frames since the last ACK.
	written, acked     uint64
	kept               []kept // What the acceptor has not acknowledged.
	exchanges          map[uint64]*exchange
	nextExchange       uint64
	opened, permitted  map[int]uint64 // Exchanges by their kind.
	peerFinished       bool
}

func random(count int) []byte {
	data := make([]byte, count)
	_, err := rand.Read(data)
	check(err)
	return data
}

func connect(path, service string) *session {
	s := &session{path: path, connection: dial(path), instance: random(16), nextExchange: 1}
	s.exchanges = map[uint64]*exchange{}
	private, err := ecdh.X25519().GenerateKey(rand.Reader)
	check(err)
	var limits, fields writer
	limits.number(1, maxMessage)
	limits.number(2, initialBytes)
	limits.number(3, mostOpen)
	limits.number(4, mostOpen)
	fields.number(1, 1)
	fields.number(2, 1)
	fields.bytes(3, s.instance)
	fields.text(4, service)
	fields.bytes(6, random(32))
	fields.bytes(7, private.PublicKey().Bytes())
	fields.message(8, limits)
	fields.text(9, "text/plain")
	check(s.connection.send(frame(0, hello, fields)))

	w := s.connection.expect(welcome)
	said := helloTranscript(read(fields), w)
	s.key = sessionKey(agree(private, w.bytes(6)), said)
	if !hmac.Equal(w.bytes(12), mac(s.key, []byte("w"), said, w.bytes(13))) {
		fail("WELCOME does not prove the key")
	}
	s.acceptor, s.id = w.bytes(2), w.bytes(4)
	theirs := read(w.bytes(7))
	s.maxMessage, s.initialBytes = theirs.numbers[1], theirs.numbers[2]
	s.opened = map[int]uint64{}
	s.permitted = map[int]uint64{request: theirs.numbers[3], stream: theirs.numbers[4]}
	return s
}

// Connections.

func (s *session) cut() { check(s.connection.Close()) }

// resume goes on over another connection; the one before may still be open.
func (s *session) resume(loseResumed bool) {
	fresh := dial(s.path)
	s.epoch++
	var fields writer
	fields.bytes(1, s.id)
	fields.bytes(2, s.instance)
	fields.bytes(3, s.acceptor)
	fields.number(4, s.epoch)
	fields.bytes(5, random(32))
	fields.text(6, "unix")
	fields.number(7, s.cum)
	check(fresh.send(frame(0, resume, fields)))
	said := resumeTranscript(read(fields), fresh.expect(challenge))
	var answer writer
	answer.bytes(1, proofOf(s.key, said))
	check(fresh.send(frame(0, proof, answer)))
	r := fresh.expect(resumed)
	if loseResumed {
		check(fresh.Close())
		return
	}
	if r.numbers[1] != s.epoch || !hmac.Equal(r.bytes(3), resumedOf(s.key, said, r.numbers[2])) {
		fail("RESUMED does not prove the key")
	}
	s.key = nextKey(s.key, said)
	_ = s.connection.Close() // It may be closed already.
	s.connection = fresh
	s.forget(r.numbers[2])
	s.acknowledge()
	for _, each := range s.kept {
		check(fresh.send(each.frame))
	}
}

func (s *session) acknowledge() {
	s.unsaid = 0
	var fields writer
	fields.number(1, s.cum)
	fields.number(2, mostOpen)
	fields.number(3, mostOpen)
	s.tell(ack, fields)
}

// tell says what is not sequenced: it may be lost with its connection, and reading says that it is gone.
func (s *session) tell(kind int, fields writer) { _ = s.connection.send(frame(0, kind, fields)) }

func (s *session) forget(cum uint64) {
	if cum > s.written {
		fail("an acknowledgement of %d, and %d were sent", cum, s.written)
	}
	s.acked = max(s.acked, cum)
	for len(s.kept) > 0 && s.kept[0].seq <= cum {
		s.kept = s.kept[1:]
	}
}

func (s *session) write(kind int, fields writer) {
	s.written++
	data := frame(s.written, kind, fields)
	s.kept = append(s.kept, kept{s.written, data})
	_ = s.connection.send(data) // Where it is closed, this goes over the next one.
}

// What comes.

// pump takes one frame, and waits for it.
func (s *session) pump() {
	seq, kind, b := parse(s.connection.next())
	if seq != 0 {
		if seq > s.cum+1 {
			fail("a gap: %d after %d", seq, s.cum)
		}
		s.unsaid++
		if seq <= s.cum {
			return
		}
		s.cum = seq
	}
	s.handle(kind, b)
	if s.unsaid >= 64 || (s.unsaid > 0 && !s.connection.hasMore()) {
		s.acknowledge()
	}
}

func (s *session) handle(kind int, b body) {
	x := s.exchanges[b.numbers[1]]
	switch kind {
	case ack:
		s.forget(b.numbers[1])
		s.permitted[request] = max(s.permitted[request], b.numbers[2])
		s.permitted[stream] = max(s.permitted[stream], b.numbers[3])
	case ping:
		if b.numbers[2] > s.cum {
			fail("a gap before PING")
		}
		var fields writer
		fields.number(1, b.numbers[1])
		fields.number(2, s.cum)
		s.tell(pong, fields)
	case credit:
		if x != nil {
			x.allowed = max(x.allowed, b.numbers[2])
		}
	case item:
		if x != nil {
			s.item(b.numbers[1], x, b)
		}
	case failure:
		fail("status %d: %s", b.numbers[2], b.text(3))
	case fin:
		s.peerFinished = true
	case pathClose:
		fail("the acceptor closes: %s", b.text(1))
	}
}

func (s *session) item(id uint64, x *exchange, b body) {
	payload := b.bytes(15)
	x.received += uint64(len(payload))
	if x.received > x.grantedBytes {
		fail("more bytes than granted")
	}
	if b.flag(3) {
		if len(x.part) == 0 {
			x.length = b.numbers[7]
		}
		x.part = append(x.part, payload...)
		if b.flag(8) {
			s.grantWhole(id, x)
		} else {
			x.receivedItems++
			if x.grantedItems > 0 && x.receivedItems > x.grantedItems {
				fail("more items than granted")
			}
			x.messages, x.part = append(x.messages, string(x.part)), nil
		}
	}
	x.ended = x.ended || b.flag(2)
}

// grantWhole permits the rest of a message that began.
func (s *session) grantWhole(id uint64, x *exchange) {
	needed := x.received - uint64(len(x.part)) + x.length
	if needed > x.grantedBytes {
		x.grantedBytes = needed
		var fields writer
		fields.number(1, id)
		fields.number(2, needed)
		s.write(credit, fields)
	}
}
