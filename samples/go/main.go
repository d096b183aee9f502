// The program calls a Carrick service, and answers a topic for it, with nothing but generated stubs.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	pb "example.com/carrick/sample/carrickv1"
)

const usage = `carrick-sample [options] COMMAND
  call TOPIC TEXT...       a request for each text; prints the replies
  stream TOPIC TEXT...     a stream for each text; prints its items
  publish TOPIC TEXT...    publishes each text
  subscribe FILTER         prints what is published
  serve TOPIC              answers requests and streams on a topic
Exit code: 0, or 64 + the number of the gRPC status, or 2 for wrong arguments.
Options:
`

var (
	target  = flag.String("target", "localhost:7400", "host:port of the service")
	timeout = flag.Float64("timeout", 10, "seconds for each call")
	count   = flag.Int("count", 0, "subscribe: ends after so many messages")
	delay   = flag.Float64("delay", 0, "serve: seconds before each answer")
)

func main() {
	flag.Usage = func() {
		fmt.Fprint(flag.CommandLine.Output(), usage)
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() < 2 {
		flag.Usage()
		os.Exit(2)
	}
	connection, err := grpc.NewClient(*target, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	os.Exit(exitCode(run(pb.NewCarrickClient(connection), flag.Arg(0), flag.Arg(1), flag.Args()[2:])))
}

func run(carrick pb.CarrickClient, command, topic string, texts []string) error {
	switch command {
	case "call", "stream", "publish":
		for _, text := range texts {
			if err := ask(carrick, command, topic, text); err != nil {
				return err
			}
		}
		return nil
	case "subscribe":
		return listen(carrick, topic)
	case "serve":
		stop, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		defer cancel()
		return serve(stop, carrick, topic, seconds(*delay))
	default:
		flag.Usage()
		os.Exit(2)
		return nil
	}
}

func ask(carrick pb.CarrickClient, command, topic, text string) error {
	ctx, cancel := context.WithTimeout(context.Background(), seconds(*timeout))
	defer cancel()
	switch command {
	case "stream":
		return stream(ctx, carrick, topic, text, func(item *pb.Reply) { fmt.Println(string(item.Payload)) })
	case "publish":
		return publish(ctx, carrick, topic, text)
	default:
		reply, err := call(ctx, carrick, topic, text)
		if err == nil {
			fmt.Println(reply)
		}
		return err
	}
}

func listen(carrick pb.CarrickClient, filter string) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	begun := func() { fmt.Println("subscribed", filter) }
	left := *count
	err := subscribe(ctx, carrick, filter, begun, func(message *pb.Reply) {
		fmt.Println(message.Topic, string(message.Payload))
		if left--; left == 0 {
			cancel()
		}
	})
	if ctx.Err() != nil {
		return nil
	}
	return err
}

func seconds(n float64) time.Duration { return time.Duration(n * float64(time.Second)) }

func exitCode(err error) int {
	var no refused
	call := failure{err, "not known"}
	switch {
	case err == nil:
		return 0
	case errors.As(err, &no):
		fmt.Fprintln(os.Stderr, no)
		return 64 + int(no.Code)
	default:
		errors.As(err, &call)
		said := status.Convert(call.error)
		fmt.Fprintf(os.Stderr, "%v: %v (delivered: %v)\n", said.Code(), said.Message(), call.delivered)
		return 64 + int(said.Code())
	}
}
