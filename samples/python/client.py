"""What a program asks of a Carrick service, with nothing but generated stubs."""

from collections.abc import Iterator

from carrick.v1 import wire_pb2 as wire
from carrick.v1.wire_pb2_grpc import CarrickStub


def message(topic: str, text: str) -> wire.Call:
    return wire.Call(topic=topic, content_type="text/plain", payload=text.encode())


def call(carrick: CarrickStub, topic: str, text: str, timeout: float) -> str:
    """One message, one reply."""
    return carrick.Request(message(topic, text), timeout=timeout).payload.decode()


def stream(carrick: CarrickStub, topic: str, text: str, timeout: float) -> Iterator[str]:
    """One message, many items; the service makes no more of them than are read here."""
    for item in carrick.Stream(message(topic, text), timeout=timeout):
        yield item.payload.decode()


def publish(carrick: CarrickStub, topic: str, text: str, timeout: float) -> None:
    """One message to all who subscribed."""
    carrick.Publish(message(topic, text), timeout=timeout)


def subscribe(carrick: CarrickStub, topic_filter: str) -> Iterator[tuple[str, str]]:
    """Topic and text of what is published; when this returns, nothing is missed any more."""
    messages = carrick.Subscribe(wire.Call(topic=topic_filter))
    messages.initial_metadata()  # Waits until the subscription is in place.
    if not messages.is_active():
        raise messages
    return ((message.topic, message.payload.decode()) for message in messages)
