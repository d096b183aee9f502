"""Reads a body as another program does, prints what it is, and writes it again.

    bodies.py cbor|msgpack HEX   prints a line of JSON, and a line of hexadecimal
    bodies.py avro HEX SCHEMA    the same, for single-object encoding

Bytes are told as {"bytes": HEX}, so that JSON has a form for them.
"""
import io
import json
import sys


def codec(name):
    if name == "cbor":
        import cbor2

        return cbor2.loads, cbor2.dumps
    if name == "avro":
        return avro(json.loads(sys.argv[3]))
    import msgpack

    return msgpack.unpackb, msgpack.packb


def avro(schema):
    import fastavro
    from fastavro.schema import fingerprint, to_parsing_canonical_form

    known = fastavro.parse_schema(schema)
    head = bytes.fromhex("c301" + fingerprint(to_parsing_canonical_form(schema), "CRC-64-AVRO"))

    def loads(body):
        if body[:10] != head:
            raise ValueError(body[:10].hex() + " is not " + head.hex())
        data = io.BytesIO(body[10:])
        value = fastavro.schemaless_reader(data, known)
        if data.read():
            raise ValueError("more than a value")
        return value

    def dumps(value):
        data = io.BytesIO()
        fastavro.schemaless_writer(data, known, value)
        return head + data.getvalue()

    return loads, dumps


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
