package main

import (
	"bufio"
	"encoding/binary"
	"io"
	"net"
	"time"
)

const (
	maxFrame = 65_536
	wait     = 20 * time.Second
)

// connection carries whole frames over a Unix socket: each behind 0a and its length.
type connection struct {
	net.Conn
	input *bufio.Reader
}

func dial(path string) *connection {
	conn, err := net.DialTimeout("unix", path, wait)
	check(err)
	return &connection{conn, bufio.NewReaderSize(conn, 1<<17)}
}

func (c *connection) send(frame []byte) error {
	out := binary.AppendUvarint([]byte{0x0a}, uint64(len(frame)))
	if err := c.SetWriteDeadline(time.Now().Add(wait)); err != nil {
		return err
	}
	_, err := c.Write(append(out, frame...))
	return err
}

// next waits for a frame.
func (c *connection) next() []byte {
	check(c.SetReadDeadline(time.Now().Add(wait)))
	tag, err := c.input.ReadByte()
	check(err)
	length, err := binary.ReadUvarint(c.input)
	check(err)
	if tag != 0x0a || length > maxFrame {
		fail("no frame: tag %d, %d bytes", tag, length)
	}
	data := make([]byte, length)
	_, err = io.ReadFull(c.input, data)
	check(err)
	return data
}

// expect waits for a frame of the handshake.
func (c *connection) expect(wanted int) body {
	_, kind, b := parse(c.next())
	if kind != wanted {
		fail("frame %d instead of %d: %q", kind, wanted, b.text(3))
	}
	return b
}

// hasMore tells whether something can be read without waiting.
func (c *connection) hasMore() bool {
	if c.input.Buffered() > 0 {
		return true
	}
	check(c.SetReadDeadline(time.Now().Add(time.Millisecond)))
	_, err := c.input.Peek(1)
	return err == nil
}
