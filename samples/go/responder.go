package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	pb "example.com/carrick/sample/carrickv1"
)

var kinds = []pb.Kind{pb.Kind_REQUEST, pb.Kind_STREAM}

// refused is the answer to a topic that this program may not serve.
type refused struct{ *pb.Refused }

func (r refused) Error() string { return "refused: " + r.Message }

// An openCall is not answered yet.
type openCall struct {
	withdraw context.CancelFunc
	demand   chan uint64 // The newest demand of a stream's caller.
}

// A responder serves one topic for as long as its stream lives; one goroutine for each call.
type responder struct {
	topic  string
	delay  time.Duration
	stream pb.Carrick_ServeClient

	sending sync.Mutex // A stream has one sender at a time.
	mu      sync.Mutex // Guards what follows.
	calls   map[uint64]openCall
	leaving bool
}

// serve answers until stop ends, or the service goes away.
func serve(stop context.Context, carrick pb.CarrickClient, topic string, delay time.Duration) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	stream, err := carrick.Serve(ctx)
	if err != nil {
		return err
	}
	r := &responder{topic: topic, delay: delay, stream: stream, calls: map[uint64]openCall{}}
	for _, kind := range kinds {
		register := &pb.Register{Kind: kind, Topic: topic}
		r.say(&pb.FromResponder{Body: &pb.FromResponder_Register{Register: register}})
	}
	context.AfterFunc(stop, r.leave)
	for {
		said, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := r.hear(ctx, said); err != nil {
			return err
		}
	}
}

func (r *responder) hear(ctx context.Context, said *pb.ToResponder) error {
	switch body := said.Body.(type) {
	case *pb.ToResponder_Registered:
		fmt.Println("serving", body.Registered.Kind, r.topic)
	case *pb.ToResponder_Refused:
		return refused{body.Refused}
	case *pb.ToResponder_Incoming:
		fmt.Println(body.Incoming.Kind, "from", body.Incoming.Caller)
		r.take(ctx, body.Incoming)
	case *pb.ToResponder_Demand:
		if call, ok := r.find(body.Demand.Call); ok {
			// Demand is absolute: only the newest matters.
			select {
			case <-call.demand:
			default:
			}
			call.demand <- body.Demand.Items
		}
	case *pb.ToResponder_Withdrawn:
		if call, ok := r.find(body.Withdrawn.Call); ok {
			call.withdraw()
		}
	}
	return nil
}

func (r *responder) find(number uint64) (openCall, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	call, ok := r.calls[number]
	return call, ok
}

func (r *responder) take(ctx context.Context, incoming *pb.Incoming) {
	ctx, withdraw := context.WithCancel(ctx)
	call := openCall{withdraw, make(chan uint64, 1)}
	r.mu.Lock()
	r.calls[incoming.Call] = call
	r.mu.Unlock()
	go func() {
		defer withdraw()
		if err := r.answer(ctx, incoming, call.demand); err != nil && ctx.Err() == nil {
			failure := &pb.Failure{
				Call:    incoming.Call,
				Code:    uint32(status.Code(err)),
				Message: status.Convert(err).Message(),
			}
			r.say(&pb.FromResponder{Body: &pb.FromResponder_Failure{Failure: failure}})
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.calls, incoming.Call)
		r.closeWhenIdle()
	}()
}

func (r *responder) answer(ctx context.Context, incoming *pb.Incoming, demand <-chan uint64) error {
	select {
	case <-time.After(r.delay):
	case <-ctx.Done():
		return ctx.Err()
	}
	if !utf8.Valid(incoming.Payload) {
		return status.Error(codes.InvalidArgument, "not UTF-8")
	}
	text := string(incoming.Payload)
	if incoming.Kind == pb.Kind_REQUEST {
		r.reply(incoming.Call, "go heard "+text)
		return nil
	}
	var items uint64
	for index, word := range strings.Fields(text) {
		for items <= uint64(index) {
			select {
			case items = <-demand:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		r.reply(incoming.Call, word)
	}
	finish := &pb.Finish{Call: incoming.Call}
	r.say(&pb.FromResponder{Body: &pb.FromResponder_Finish{Finish: finish}})
	return nil
}

func (r *responder) reply(number uint64, text string) {
	reply := &pb.Reply{ContentType: "text/plain", Payload: []byte(text)}
	answer := &pb.Answer{Call: number, Reply: reply}
	r.say(&pb.FromResponder{Body: &pb.FromResponder_Answer{Answer: answer}})
}

// say drops what it cannot send: the stream is over then, and Recv tells why.
func (r *responder) say(message *pb.FromResponder) {
	r.sending.Lock()
	defer r.sending.Unlock()
	_ = r.stream.Send(message)
}

// leave takes no more calls, answers those that are open, and half-closes.
func (r *responder) leave() {
	for _, kind := range kinds {
		unregister := &pb.Unregister{Kind: kind, Topic: r.topic}
		r.say(&pb.FromResponder{Body: &pb.FromResponder_Unregister{Unregister: unregister}})
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.leaving = true
	r.closeWhenIdle()
}

func (r *responder) closeWhenIdle() {
	if r.leaving && len(r.calls) == 0 {
		r.sending.Lock()
		defer r.sending.Unlock()
		_ = r.stream.CloseSend()
	}
}
