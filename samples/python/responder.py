"""Answers requests and streams on a topic, on which services and programs call it."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator

import grpc
from carrick.v1 import wire_pb2 as wire
from carrick.v1.wire_pb2_grpc import CarrickStub

KINDS = (wire.REQUEST, wire.STREAM)


class OpenCall:
    """A call that is not answered yet."""

    def __init__(self) -> None:
        self.task: asyncio.Task[None] | None = None
        self.items = 0
        self.raised = asyncio.Event()

    def raise_demand(self, items: int) -> None:
        self.items = max(self.items, items)
        self.raised.set()

    async def demand(self, items: int) -> None:
        """Waits until the caller of a stream takes as many items."""
        while self.items < items:
            self.raised.clear()
            await self.raised.wait()


class Responder:
    """Serves one topic for as long as its stream lives; one task for each call."""

    def __init__(self, topic: str, delay: float) -> None:
        self.topic = topic
        self.delay = delay
        self.calls: dict[int, OpenCall] = {}
        self.stop = asyncio.Event()
        self.outbox: asyncio.Queue[wire.FromResponder | None] = asyncio.Queue(maxsize=64)

    async def run(self, carrick: CarrickStub) -> None:
        for kind in KINDS:
            register = wire.Register(kind=kind, topic=self.topic)
            await self.outbox.put(wire.FromResponder(register=register))
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.stop.set)
        leaving = asyncio.create_task(self.leave())
        async for said in carrick.Serve(self.messages()):
            self.hear(said)
        await leaving

    async def messages(self) -> AsyncIterator[wire.FromResponder]:
        """What this program says; one writer, as gRPC wants it."""
        while (message := await self.outbox.get()) is not None:
            yield message

    def hear(self, said: wire.ToResponder) -> None:
        match said.WhichOneof("body"):
            case "registered":
                print(f"serving {wire.Kind.Name(said.registered.kind)} {self.topic}", flush=True)
            case "refused":
                print(f"refused: {said.refused.message}", file=sys.stderr)
                sys.exit(64 + said.refused.code)
            case "incoming":
                kind, caller = wire.Kind.Name(said.incoming.kind), said.incoming.caller
                print(f"{kind} from {caller}", flush=True)
                call = self.calls[said.incoming.call] = OpenCall()
                call.task = asyncio.create_task(self.answer(said.incoming, call))
                call.task.add_done_callback(lambda _: self.calls.pop(said.incoming.call))
            case "demand" if call := self.calls.get(said.demand.call):
                call.raise_demand(said.demand.items)
            case "withdrawn" if call := self.calls.get(said.withdrawn.call):
                call.task.cancel()

    async def answer(self, incoming: wire.Incoming, call: OpenCall) -> None:
        number = incoming.call
        try:
            await asyncio.sleep(self.delay)
            text = incoming.payload.decode()
            if incoming.kind == wire.REQUEST:
                await self.reply(number, f"python heard {text}")
                return
            for count, word in enumerate(text.split(), start=1):
                await call.demand(count)
                await self.reply(number, word)
            await self.outbox.put(wire.FromResponder(finish=wire.Finish(call=number)))
        except Exception as e:
            invalid = isinstance(e, UnicodeDecodeError)
            status = grpc.StatusCode.INVALID_ARGUMENT if invalid else grpc.StatusCode.INTERNAL
            failure = wire.Failure(call=number, code=status.value[0], message=str(e))
            await self.outbox.put(wire.FromResponder(failure=failure))

    async def reply(self, number: int, text: str) -> None:
        reply = wire.Reply(content_type="text/plain", payload=text.encode())
        answer = wire.Answer(call=number, reply=reply)
        await self.outbox.put(wire.FromResponder(answer=answer))

    async def leave(self) -> None:
        """Once told to stop: takes no more calls, answers those that are open, half-closes."""
        await self.stop.wait()
        for kind in KINDS:
            unregister = wire.Unregister(kind=kind, topic=self.topic)
            await self.outbox.put(wire.FromResponder(unregister=unregister))
        while tasks := [call.task for call in self.calls.values()]:
            await asyncio.wait(tasks)
        await self.outbox.put(None)


async def serve(target: str, topic: str, delay: float) -> None:
    async with grpc.aio.insecure_channel(target) as channel:
        await Responder(topic, delay).run(CarrickStub(channel))
