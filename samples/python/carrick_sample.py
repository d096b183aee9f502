"""Calls a Carrick service, and answers a topic for it: python carrick_sample.py --help."""

import argparse
import asyncio
import itertools
import sys

import grpc
from carrick.v1.wire_pb2_grpc import CarrickStub

import client
import responder


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description="Exit code: 0, or 64 + the number of the gRPC status, or 2 for wrong arguments."
    )
    parser.add_argument("--target", default="localhost:7400", help="host:port of the service")
    parser.add_argument("--timeout", type=float, default=10, help="seconds for each call")
    parser.add_argument("--count", type=int, help="subscribe: ends after so many messages")
    parser.add_argument("--delay", type=float, default=0, help="serve: seconds before each answer")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, what in (
        ("call", "a request for each text; prints the replies"),
        ("stream", "a stream for each text; prints its items"),
        ("publish", "publishes each text"),
    ):
        command = commands.add_parser(name, help=what)
        command.add_argument("topic")
        command.add_argument("text", nargs="+")
    command = commands.add_parser("subscribe", help="prints what is published")
    command.add_argument("filter", help="a topic; + is any one level, a last # all that follow")
    command = commands.add_parser("serve", help="answers requests and streams on a topic")
    command.add_argument("topic")
    return parser.parse_args()


def ask(carrick: CarrickStub, options: argparse.Namespace) -> None:
    for text in options.text:
        if options.command == "call":
            print(client.call(carrick, options.topic, text, options.timeout), flush=True)
        elif options.command == "stream":
            for item in client.stream(carrick, options.topic, text, options.timeout):
                print(item, flush=True)
        else:
            client.publish(carrick, options.topic, text, options.timeout)


def subscribe(carrick: CarrickStub, options: argparse.Namespace) -> None:
    messages = client.subscribe(carrick, options.filter)
    print(f"subscribed {options.filter}", flush=True)
    for topic, text in itertools.islice(messages, options.count):
        print(topic, text, flush=True)


def main() -> int:
    options = arguments()
    try:
        if options.command == "serve":
            asyncio.run(responder.serve(options.target, options.topic, options.delay))
            return 0
        with grpc.insecure_channel(options.target) as channel:
            act = subscribe if options.command == "subscribe" else ask
            act(CarrickStub(channel), options)
        return 0
    except grpc.RpcError as e:
        trailers = dict(e.trailing_metadata() or ())
        delivered = trailers.get("carrick-delivered", "not known")
        print(f"{e.code().name}: {e.details()} (delivered: {delivered})", file=sys.stderr)
        return 64 + e.code().value[0]


if __name__ == "__main__":
    sys.exit(main())
