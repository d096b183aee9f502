"""The key of a session, as docs/wire-format.md has it ("The handshake"). Pure.

X25519 is written out here (RFC 7748) so that nothing must be installed. It is not constant in time:
real programs use the one of a library.
"""

import hashlib
import hmac
import json

P = 2**255 - 19
equal = hmac.compare_digest

# What is in no transcript.
NOT_COVERED = ("resume_ms", "mac", "host", "identity_required")


def x25519(private, point=bytes([9]) + bytes(31)):
    """RFC 7748 §5: the public key of a private one, or the secret with another's public key."""
    k = int.from_bytes(private, "little") & ~(7 | 128 << 248) | 64 << 248
    u = int.from_bytes(point, "little") & ~(1 << 255)
    x2, z2, x3, z3, swap = 1, 0, u, 1, 0
    for t in reversed(range(255)):
        bit = k >> t & 1
        if swap ^ bit:
            x2, x3, z2, z3 = x3, x2, z3, z2
        swap = bit
        a, b, c, d = x2 + z2, x2 - z2, x3 + z3, x3 - z3
        da, cb, aa, bb = d * a, c * b, a * a, b * b
        e = aa - bb
        x3, z3 = pow(da + cb, 2, P), u * pow(da - cb, 2, P) % P
        x2, z2 = aa * bb % P, e * (aa + 121_665 * e) % P
    if swap:
        x2, z2 = x3, z3
    return (x2 * pow(z2, P - 2, P) % P).to_bytes(32, "little")


def mac(key, *parts):
    return hmac.digest(key, b"".join(parts), "sha256")


def hkdf(secret, salt, info):
    """RFC 5869 with one block: extract, then T(1)."""
    return mac(mac(salt, secret), info, b"\x01")


def number(value):
    """8 bytes big-endian."""
    return min(value, 2**63 - 1).to_bytes(8, "big")


def flat(value):
    """The values of a field, as they stand in a transcript."""
    if isinstance(value, str):
        return [value.encode()]
    if isinstance(value, bytes):
        return [value]
    if isinstance(value, list):
        return [number(len(value))] + [one.encode() for one in value]
    if isinstance(value, dict):
        return [number(one) for one in value.values()]
    return [number(value)]


def transcript(purpose, *values):
    digest = hashlib.sha256()
    for value in [purpose, *values]:
        for one in flat(value):
            digest.update(len(one).to_bytes(4, "big") + one)
    return digest.digest()


def hello_transcript(hello, welcome):
    """Both have all of their fields, in the order of their numbers."""
    fields = [*hello.items(), *welcome.items()]
    said = [value for name, value in fields if name not in NOT_COVERED]
    return transcript("carrick v1 hello", *said)


def session(hello, welcome, private):
    """The key, and the mac that WELCOME must have."""
    secret = x25519(private, welcome["key_share"])
    assert secret != bytes(32), "a key share that gives no secret"
    salt = hello_transcript(hello, welcome)
    key = hkdf(secret, salt, b"carrick v1 session")
    return key, mac(key, b"w", salt, welcome["host"])


def resume_transcript(resume, challenge):
    return transcript("carrick v1 resume", *resume.values(), *challenge.values())


def proof(key, transcript):
    return mac(key, b"c", transcript)


def resumed(key, transcript, cum):
    return mac(key, b"s", transcript, number(cum))


def next_key(key, transcript):
    return hkdf(key, transcript, b"carrick v1 resumed")


def check(file, decode):
    """Computes the examples of the page anew."""
    with open(file, encoding="utf-8") as text:
        example = json.load(text)

    def parsed(kind, where=example):
        return decode(kind, bytes.fromhex(where[kind]))

    def same(value, expected):
        assert value.hex() == expected, f"{value.hex()} instead of {expected}"

    hello, welcome = parsed("hello"), parsed("welcome")
    private = bytes.fromhex(example["initiator_private_key"])
    other = bytes.fromhex(example["acceptor_private_key"])
    assert x25519(private) == hello["key_share"] and x25519(other) == welcome["key_share"]
    same(x25519(private, welcome["key_share"]), example["secret"])
    same(x25519(other, hello["key_share"]), example["secret"])
    same(hello_transcript(hello, welcome), example["transcript"])
    key, welcome_mac = session(hello, welcome, private)
    same(key, example["key"])
    same(welcome_mac, welcome["mac"].hex())
    same(mac(key, b"host", example["boot_id"].encode()), welcome["host"].hex())
    keys = {example["key"]: key}
    for each in example["resumes"]:
        key = keys[each["key"]]
        said = resume_transcript(parsed("resume", each), parsed("challenge", each))
        same(said, each["transcript"])
        same(proof(key, said), parsed("proof", each)["mac"].hex())
        answer = parsed("resumed", each)
        same(resumed(key, said, answer["cum"]), answer["mac"].hex())
        same(next_key(key, said), each["next_key"])
        keys[each["next_key"]] = next_key(key, said)
