"""The envelope: COSE_Sign1 of one form (PROTOCOL.md section 6) and what is signed in it."""

from dataclasses import dataclass

import keys
import wire
from cddl import BY_TYPE, RULES
from status import need


@dataclass
class Envelope:
    kid: bytes
    payload: bytes
    signature: bytes


@dataclass
class Message:
    """A decoded message. `id` is None for a transfer until its external data are known."""
    rule: str
    data: bytes
    kid: bytes
    payload: bytes
    signature: bytes
    fields: dict
    signed: bytes = None
    id: bytes = None

    def __getitem__(self, name):
        return self.fields[name]

    def get(self, name, default=None):
        return self.fields.get(name, default)


def open_envelope(data):
    """The steps of section 6 in their order."""
    at = 0

    def take(count):
        nonlocal at
        need(count <= len(data) - at, "CBOR_TRUNCATED", "envelope")
        at += count
        return data[at - count:at]

    need(take(1) == b"\xd2", "COSE_TAG")
    need(take(1) == b"\x84", "COSE_SHAPE")
    need(take(1) == b"\x4d", "COSE_HEADER")
    protected = take(13)
    need(protected[:2] == b"\xa2\x01" and protected[3:5] == b"\x04\x48", "COSE_HEADER")
    need(protected[2] == 0x32, "COSE_ALGORITHM")
    need(take(1) == b"\xa0", "COSE_UNPROTECTED")

    first = take(1)[0]
    need(first >> 5 == 2 and first & 31 < 28, "COSE_PAYLOAD", "not a byte string of definite length")
    size = first & 31
    if size >= 24:
        size = int.from_bytes(take(1 << (size - 24)), "big")
    need(wire.head(2, size)[0] == first, "COSE_PAYLOAD", "head not the shortest")
    need(size > 0, "COSE_PAYLOAD", "empty")
    payload = take(size)

    need(take(1) == b"\x58", "COSE_SIGNATURE_SIZE")
    need(take(1) == b"\x40", "COSE_SIGNATURE_SIZE")
    signature = take(64)
    need(at == len(data), "CBOR_TRAILING", "envelope")
    return Envelope(protected[5:], payload, signature)


def build(kid, payload, signature):
    return b"\xd2\x84\x4d\xa2\x01\x32\x04\x48" + kid + b"\xa0" + wire.pack(payload) + wire.pack(signature)


def sig_structure(kid, payload, aad):
    return wire.pack(["Signature1", b"\xa2\x01\x32\x04\x48" + kid, wire.pack(aad), payload])


def plain_aad(network, message_type):
    return ["schwebe", 1, network, message_type]


def transfer_aad(network, thumbprint, request_id, payee):
    return ["schwebe", 1, network, 21, thumbprint, request_id, payee]


def message_id(signed):
    return keys.sha256(signed)


def decode(rule, data, network):
    """Envelope and payload; every message but a transfer has its id after this."""
    envelope = open_envelope(data)
    fields = wire.decode(rule, envelope.payload, network)
    message = Message(rule, data, envelope.kid, envelope.payload, envelope.signature, fields)
    if rule != "transfer":
        message.signed = sig_structure(message.kid, message.payload, plain_aad(network, RULES[rule].message_type))
        message.id = message_id(message.signed)
    return message


def bind_transfer(message, network, key, request_id):
    """Gives a transfer its id: it is signed for this line, this request and the payee that it names."""
    aad = transfer_aad(network, keys.thumbprint(key), request_id, message["payee"])
    message.signed = sig_structure(message.kid, message.payload, aad)
    message.id = message_id(message.signed)
    return message


def verify(message, key):
    """The signature, under the one key that may have made it; another kid is a bad signature too."""
    good = message.kid == keys.kid(key) and keys.verify(key, message.signed, message.signature)
    need(good, "SIGNATURE_BAD", message.rule)


def type_of(data):
    """The rule of a message by its own key 0; only to look, never to trust."""
    payload = wire.read(open_envelope(data).payload)
    need(isinstance(payload, dict) and payload.get(0) in BY_TYPE, "MESSAGE_TYPE")
    return BY_TYPE[payload[0]].name
