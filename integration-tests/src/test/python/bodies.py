"""Reads a body as another program does, prints what it is, and writes it again.

    bodies.py cbor|msgpack HEX   prints a line of JSON, and a line of hexadecimal

Bytes are told as {"bytes": HEX}, so that JSON has a form for them.
"""
import json
import sys


def codec(name):
    if name == "cbor":
        import cbor2

        return cbor2.loads, cbor2.dumps
    import msgpack

    return msgpack.unpackb, msgpack.packb


def plain(value):
    if isinstance(value, bytes):
        return {"bytes": value.hex()}
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


loads, dumps = codec(sys.argv[1])
value = loads(bytes.fromhex(sys.argv[2]))
print(json.dumps(plain(value), sort_keys=True))
print(dumps(value).hex())
