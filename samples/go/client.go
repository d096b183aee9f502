package main

import (
	"context"
	"errors"
	"io"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	pb "example.com/carrick/sample/carrickv1"
)

// A failure is the status of a call, and whether a handler may have seen it: no, maybe or yes.
type failure struct {
	error
	delivered string
}

func failed(err error, trailer metadata.MD) error {
	if err == nil {
		return nil
	}
	delivered := append(trailer.Get("carrick-delivered"), "not known")
	return failure{err, delivered[0]}
}

func message(topic, text string) *pb.Call {
	return &pb.Call{Topic: topic, ContentType: "text/plain", Payload: []byte(text)}
}

// call sends one message and returns the reply.
func call(ctx context.Context, carrick pb.CarrickClient, topic, text string) (string, error) {
	var trailer metadata.MD
	reply, err := carrick.Request(ctx, message(topic, text), grpc.Trailer(&trailer))
	return string(reply.GetPayload()), failed(err, trailer)
}

// stream sends one message and hands over each item; the service makes no more of them than are
// read here.
func stream(ctx context.Context, carrick pb.CarrickClient, topic, text string, take func(*pb.Reply)) error {
	items, err := carrick.Stream(ctx, message(topic, text))
	if err != nil {
		return err
	}
	return each(items, take)
}

// publish sends one message to all who subscribed.
func publish(ctx context.Context, carrick pb.CarrickClient, topic, text string) error {
	var trailer metadata.MD
	_, err := carrick.Publish(ctx, message(topic, text), grpc.Trailer(&trailer))
	return failed(err, trailer)
}

// subscribe hands over what is published until ctx ends; from the call of begun on, nothing is
// missed.
func subscribe(ctx context.Context, carrick pb.CarrickClient, filter string, begun func(), take func(*pb.Reply)) error {
	messages, err := carrick.Subscribe(ctx, &pb.Call{Topic: filter})
	if err != nil {
		return err
	}
	// Comes when the subscription is in place; without one, Recv says why.
	if header, err := messages.Header(); err == nil && header != nil {
		begun()
	}
	return each(messages, take)
}

func each(replies grpc.ServerStreamingClient[pb.Reply], take func(*pb.Reply)) error {
	for {
		reply, err := replies.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return failed(err, replies.Trailer())
		}
		take(reply)
	}
}
