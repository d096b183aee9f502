package main

import (
	"bytes"
	"crypto/ecdh"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"hash"
	"os"
)

// The key of a session, as docs/wire-format.md has it ("The handshake").

func mac(key []byte, parts ...[]byte) []byte {
	h := hmac.New(sha256.New, key)
	for _, part := range parts {
		h.Write(part)
	}
	return h.Sum(nil)
}

// hkdf is that of RFC 5869 with one block: extract, then T(1).
func hkdf(secret, salt []byte, info string) []byte {
	return mac(mac(salt, secret), []byte(info), []byte{1})
}

func number(value uint64) []byte { return binary.BigEndian.AppendUint64(nil, value) }

type transcript struct{ hash hash.Hash }

func begin(purpose string) transcript {
	t := transcript{sha256.New()}
	t.add([]byte(purpose))
	return t
}

// add takes each value behind its length.
func (t transcript) add(values ...[]byte) {
	for _, value := range values {
		t.hash.Write(binary.BigEndian.AppendUint32(nil, uint32(len(value))))
		t.hash.Write(value)
	}
}

func (t transcript) list(texts []string) {
	t.add(number(uint64(len(texts))))
	for _, text := range texts {
		t.add([]byte(text))
	}
}

func (t transcript) limits(b body) {
	for field := 1; field <= 4; field++ {
		t.add(number(min(b.numbers[field], 1<<63-1)))
	}
}

func (t transcript) sum() []byte { return t.hash.Sum(nil) }

// uint32s keep their low 32 bits.
func (b body) short(field int) []byte { return number(uint64(uint32(b.numbers[field]))) }

func helloTranscript(h, w body) []byte {
	t := begin("carrick v1 hello")
	t.add(h.short(1), h.short(2), h.bytes(3), h.bytes(4), h.bytes(5), h.bytes(6), h.bytes(7))
	t.limits(read(h.bytes(8)))
	t.list(h.texts(9))
	t.list(h.texts(10))
	t.add(h.short(11), h.bytes(12))
	t.add(w.short(1), w.bytes(2), w.bytes(3), w.bytes(4), w.bytes(5), w.bytes(6))
	t.limits(read(w.bytes(7)))
	t.list(w.texts(8))
	t.list(w.texts(9))
	t.add(w.short(10))
	t.list(w.texts(11))
	t.add(w.short(14))
	return t.sum()
}

func agree(private *ecdh.PrivateKey, share []byte) []byte {
	public, err := ecdh.X25519().NewPublicKey(share)
	check(err)
	secret, err := private.ECDH(public) // Refuses a secret of zeros.
	check(err)
	return secret
}

func sessionKey(secret, transcript []byte) []byte {
	return hkdf(secret, transcript, "carrick v1 session")
}

func resumeTranscript(r, c body) []byte {
	t := begin("carrick v1 resume")
	t.add(r.bytes(1), r.bytes(2), r.bytes(3), number(r.numbers[4]), r.bytes(5), r.bytes(6))
	t.add(number(min(r.numbers[7], 1<<63-1)), c.bytes(1), c.bytes(2))
	return t.sum()
}

func proofOf(key, transcript []byte) []byte { return mac(key, []byte("c"), transcript) }

func resumedOf(key, transcript []byte, cum uint64) []byte {
	return mac(key, []byte("s"), transcript, number(cum))
}

func nextKey(key, transcript []byte) []byte {
	return hkdf(key, transcript, "carrick v1 resumed")
}

type resumeExample struct {
	Key, Resume, Challenge, Transcript, Proof, Resumed string
	NextKey                                            string `json:"next_key"`
}

// checkExamples computes docs/handshake.json anew.
func checkExamples(file string) {
	var example struct {
		Initiator                               string `json:"initiator_private_key"`
		BootID                                  string `json:"boot_id"`
		Hello, Welcome, Secret, Transcript, Key string
		Resumes                                 []resumeExample
	}
	text, err := os.ReadFile(file)
	check(err)
	check(json.Unmarshal(text, &example))
	private, err := ecdh.X25519().NewPrivateKey(unhex(example.Initiator))
	check(err)
	h, w := parsed(example.Hello), parsed(example.Welcome)
	said := helloTranscript(h, w)
	key := sessionKey(agree(private, w.bytes(6)), said)

	same(private.PublicKey().Bytes(), h.bytes(7))
	same(agree(private, w.bytes(6)), unhex(example.Secret))
	same(said, unhex(example.Transcript))
	same(key, unhex(example.Key))
	same(mac(key, []byte("w"), said, w.bytes(13)), w.bytes(12))
	same(mac(key, []byte("host"), []byte(example.BootID)), w.bytes(13))
	for _, each := range example.Resumes {
		said, key, answer := resumeTranscript(parsed(each.Resume), parsed(each.Challenge)), unhex(each.Key), parsed(each.Resumed)
		same(said, unhex(each.Transcript))
		same(proofOf(key, said), parsed(each.Proof).bytes(1))
		same(resumedOf(key, said, answer.numbers[2]), answer.bytes(3))
		same(nextKey(key, said), unhex(each.NextKey))
	}
}

func parsed(text string) body {
	_, _, b := parse(unhex(text))
	return b
}

func unhex(text string) []byte {
	data, err := hex.DecodeString(text)
	check(err)
	return data
}

func same(computed, expected []byte) {
	if !bytes.Equal(computed, expected) {
		fail("%x instead of %x", computed, expected)
	}
}
