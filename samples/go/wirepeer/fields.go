package main

import "encoding/binary"

// writer makes a protobuf message: fields in the order of the calls, defaults left out.
type writer []byte

func (w *writer) number(field int, value uint64) {
	if value != 0 {
		*w = binary.AppendUvarint(binary.AppendUvarint(*w, uint64(field)<<3), value)
	}
}

func (w *writer) flag(field int, value bool) {
	if value {
		w.number(field, 1)
	}
}

func (w *writer) bytes(field int, value []byte) {
	if len(value) > 0 {
		w.message(field, value)
	}
}

func (w *writer) text(field int, value string) { w.bytes(field, []byte(value)) }

// message is written where it is empty, too: FIN without fields is a FIN.
func (w *writer) message(field int, value []byte) {
	*w = binary.AppendUvarint(*w, uint64(field)<<3|2)
	*w = append(binary.AppendUvarint(*w, uint64(len(value))), value...)
}

// body is a message that was read: by field, the last number, and all bytes.
type body struct {
	numbers map[int]uint64
	values  map[int][][]byte
}

func read(data []byte) body {
	b := body{map[int]uint64{}, map[int][][]byte{}}
	for len(data) > 0 {
		tag := take(&data)
		field := int(uint32(tag) >> 3)
		switch tag & 7 {
		case 0:
			b.numbers[field] = take(&data)
		case 1:
			data = data[8:]
		case 2:
			length := uint32(take(&data))
			b.values[field] = append(b.values[field], data[:length])
			data = data[length:]
		case 5:
			data = data[4:]
		default:
			fail("wire type %d", tag&7)
		}
	}
	return b
}

func take(data *[]byte) uint64 {
	number, size := binary.Uvarint(*data)
	if size <= 0 {
		fail("a number that is cut, or too long")
	}
	*data = (*data)[size:]
	return number
}

// bytes is the last value of a field; an absent one has no bytes.
func (b body) bytes(field int) []byte {
	if all := b.values[field]; len(all) > 0 {
		return all[len(all)-1]
	}
	return nil
}

func (b body) text(field int) string { return string(b.bytes(field)) }

func (b body) texts(field int) []string {
	var texts []string
	for _, value := range b.values[field] {
		texts = append(texts, string(value))
	}
	return texts
}

func (b body) flag(field int) bool { return b.numbers[field] != 0 }

// The numbers of the bodies of Frame that are used here.
const (
	open      = 2
	item      = 3
	failure   = 4
	credit    = 6
	fin       = 8
	ack       = 9
	ping      = 10
	pong      = 11
	pathClose = 12
	hello     = 16
	welcome   = 17
	resume    = 19
	challenge = 20
	proof     = 21
	resumed   = 22
)

func frame(seq uint64, kind int, fields writer) []byte {
	var w writer
	w.number(1, seq)
	w.message(kind, fields)
	return w
}

// parse tells the seq, the kind and the fields of a frame; kind 0 is one that is not known here.
func parse(data []byte) (uint64, int, body) {
	outer := read(data)
	for kind := range outer.values {
		return outer.numbers[1], kind, read(outer.bytes(kind))
	}
	return outer.numbers[1], 0, read(nil)
}
