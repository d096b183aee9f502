// A peer of Carrick in Go, without the SDK: sessions over a Unix socket that outlive connections.
//
// Written from docs/wire-format.md and wire.proto, with nothing but the standard library. It is
// there to show that the pages suffice, and to be read beside them.
package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

func fail(format string, values ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", values...)
	os.Exit(1)
}

func check(err error) {
	if err != nil {
		fail("%v", err)
	}
}

// expect prints a reply, which must be there.
func (s *session) expect(id uint64) string {
	reply, ok := s.take(id)
	if !ok {
		fail("no reply to exchange %d", id)
	}
	return reply
}

// run calls a Java node, and loses its connection again and again.
func run(path string) {
	s := connect(path, "go-peer")
	fmt.Println("reply", s.expect(s.open(request, "echo", "hello", 0)))
	long := strings.Repeat("0123456789", 20_000)
	if s.expect(s.open(request, "echo", long, 0)) != long {
		fail("another reply to the long request")
	}
	fmt.Println("long reply is the same")

	const count = 3_000
	var requests []uint64
	ask := func(text string) { requests = append(requests, s.open(request, "echo", text, 0)) }
	numbers := s.open(stream, "count", strconv.Itoa(count), 100)
	for i := 1; i <= count; i++ {
		if got := s.expect(numbers); got != strconv.Itoa(i) {
			fail("item %s instead of %d", got, i)
		}
		if i%50 == 0 && i < count {
			s.permit(numbers, 100)
		}
		if i%700 != 0 {
			continue
		}
		if i == 2_800 {
			ask("moved")
		} else {
			ask(fmt.Sprint("sent before cut ", i))
			s.cut()
			ask(fmt.Sprint("sent after cut ", i))
		}
		if i == 1_400 {
			s.resume(true)
		}
		s.resume(false)
		fmt.Println("resumed epoch", s.epoch)
	}
	if _, more := s.take(numbers); more {
		fail("more than %d items", count)
	}
	fmt.Println("items", count)
	for _, id := range requests {
		fmt.Println("reply", s.expect(id))
	}
	s.close()
	fmt.Println("closed")
}

func main() {
	switch {
	case len(os.Args) == 3 && os.Args[1] == "run":
		run(os.Args[2])
	case len(os.Args) == 3 && os.Args[1] == "check":
		checkExamples(os.Args[2])
		fmt.Println("checked")
	default:
		fail("usage: wire-peer run SOCKET | check docs/handshake.json")
	}
}
