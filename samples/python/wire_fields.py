"""Reads and writes the messages of wire.proto, whose fields it takes from that file."""

import re
from pathlib import Path

SCHEMA = Path(__file__).parents[2] / "wire/src/main/proto/carrick/v1/wire.proto"


def read_schema():
    """The fields of each message by number: name, type, whether it is repeated."""
    text = re.sub(r"//.*", "", SCHEMA.read_text())
    field = re.compile(r"(repeated )?(\w+) (\w+) = (\d+);")
    return {
        name: {int(f[3]): (f[2], f[1], bool(f[0])) for f in field.findall(body)}
        for name, body in re.findall(r"^message (\w+) \{(.*?)^\}", text, re.M | re.S)
    }


MESSAGES = read_schema()


def varint(number):
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes(out) + bytes([number])


def read_varint(data, at):
    number = shift = 0
    while True:
        number |= (data[at] & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if data[at - 1] < 0x80:
            return number, at


def encode(kind, values):
    """Writes canonically: fields in the order of their numbers, defaults left out."""
    out = bytearray()
    for number, (name, sort, repeated) in sorted(MESSAGES[kind].items()):
        value = values.get(name)
        for one in value if repeated and value else [value]:
            if sort in MESSAGES and one is not None:
                one = encode(sort, one)
            elif not one:
                continue
            if isinstance(one, int):
                out += varint(number << 3) + varint(one)
            else:
                one = one.encode() if isinstance(one, str) else one
                out += varint(number << 3 | 2) + varint(len(one)) + one
    return bytes(out)


def default(sort, repeated):
    if repeated:
        return []
    return {"string": "", "bytes": b""}.get(sort, None if sort in MESSAGES else 0)


def decode(kind, data):
    """Reads what it knows; fields that it does not know are skipped."""
    fields = MESSAGES[kind]
    values = {name: default(sort, repeated) for name, sort, repeated in fields.values()}
    at = 0
    while at < len(data):
        tag, at = read_varint(data, at)
        if tag & 7 == 0:
            value, at = read_varint(data, at)
        elif tag & 7 == 2:
            length, at = read_varint(data, at)
            value, at = data[at : at + length], at + length
        else:
            at += {1: 8, 5: 4}[tag & 7]
            continue
        name, sort, repeated = fields.get(tag >> 3, (None, None, None))
        if isinstance(value, bytes) and sort in MESSAGES:
            value = decode(sort, value)
        elif sort == "string":
            value = value.decode()
        if repeated:
            values[name].append(value)
        elif name:
            values[name] = value
    return values
