package main

// What users do with a session.

func (s *session) open(kind int, topic, text string, items uint64) uint64 {
	for s.opened[kind] >= s.permitted[kind] {
		s.pump()
	}
	s.opened[kind]++
	id := s.nextExchange
	s.nextExchange += 2
	x := &exchange{allowed: s.initialBytes, grantedBytes: initialBytes, grantedItems: items}
	s.exchanges[id] = x
	size := uint64(len(text))
	if size > s.maxMessage {
		fail("a message of %d bytes, and %d are taken", size, s.maxMessage)
	}
	chunk := min(size, x.allowed, maxFrame-1_000)
	var fields writer
	fields.number(1, id)
	fields.number(2, uint64(kind))
	fields.text(3, topic)
	fields.number(6, items)
	fields.text(8, "text/plain")
	if chunk < size {
		fields.number(11, size)
	}
	fields.flag(12, chunk < size)
	fields.text(15, text[:chunk])
	s.write(open, fields)
	for x.sent = chunk; x.sent < size; x.sent += chunk {
		chunk = min(size-x.sent, maxFrame-1_000)
		for x.allowed < x.sent+chunk {
			s.pump()
		}
		var fields writer
		fields.number(1, id)
		fields.flag(3, true)
		fields.flag(8, x.sent+chunk < size)
		fields.text(15, text[x.sent:x.sent+chunk])
		s.write(item, fields)
	}
	return id
}

// take waits for the next message of an exchange; false at its end.
func (s *session) take(id uint64) (string, bool) {
	x := s.exchanges[id]
	for len(x.messages) == 0 && !x.ended {
		s.pump()
	}
	if len(x.messages) == 0 {
		return "", false
	}
	message := x.messages[0]
	x.messages = x.messages[1:]
	x.taken += uint64(len(message))
	x.takenItems++
	return message, true
}

// permit lets so many more items come than were taken, and the bytes of a window.
func (s *session) permit(id, items uint64) {
	x := s.exchanges[id]
	x.grantedItems = max(x.grantedItems, x.takenItems+items)
	x.grantedBytes = max(x.grantedBytes, x.taken+window)
	var fields writer
	fields.number(1, id)
	fields.number(2, x.grantedBytes)
	fields.number(3, x.grantedItems)
	s.write(credit, fields)
}

func (s *session) close() {
	s.write(fin, nil)
	for !s.peerFinished || s.acked < s.written {
		s.pump()
	}
	s.acknowledge() // Where it was acknowledged before, the acceptor may be gone.
	s.cut()
}
