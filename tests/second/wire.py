"""Strict deterministic CBOR, driven by the tables of protocol.cddl.

Decoding goes in the steps of PROTOCOL.md section 6, each over the whole input before the next begins:

1. form:   heads, types that may occur at all, order of keys, text, depth, nothing behind   (CBOR_*)
2. shape:  the keys and types of the rule                                    (CBOR_KEY, _MISSING, _TYPE)
3. key 0 is the expected message type                                                    (MESSAGE_TYPE)
4. the limits of protocol.cddl                                                             (CBOR_RANGE)
5. key 1 is our network                                                                       (NETWORK)
6. encoded again from the fields it is the same                                    (CBOR_NOT_CANONICAL)

A decoded map or record is a dict by field name, an array a list, an absent optional field is absent.
"""

import unicodedata

from cddl import RULES
from status import need

DEPTH = 4


# ---- form ------------------------------------------------------------------------------------

class _Reader:
    def __init__(self, data):
        self.data = data
        self.at = 0

    def take(self, count):
        need(count <= len(self.data) - self.at, "CBOR_TRUNCATED", "at byte %d" % self.at)
        self.at += count
        return self.data[self.at - count:self.at]

    def head(self):
        """Major type and argument; only the four majors of this protocol and map."""
        first = self.take(1)[0]
        major, info = first >> 5, first & 31
        need(major in (0, 2, 3, 4, 5), "CBOR_TYPE", "negative, tag, float or simple at byte %d" % (self.at - 1))
        if info < 24:
            return major, info
        need(info < 28, "CBOR_NOT_CANONICAL", "indefinite or reserved length at byte %d" % (self.at - 1))
        size = 1 << (info - 24)
        value = int.from_bytes(self.take(size), "big")
        smallest = 24 if size == 1 else 1 << (4 * size)
        need(value >= smallest, "CBOR_NOT_CANONICAL", "head too long at byte %d" % (self.at - 1 - size))
        return major, value

    def item(self, depth=1):
        major, value = self.head()
        if major == 0:
            return value
        if major == 2:
            return self.take(value)
        if major == 3:
            return _text(self.take(value))
        need(depth <= DEPTH, "CBOR_DEPTH")
        if major == 4:
            result = []
            while len(result) < value:
                result.append(self.item(depth + 1))
            return result
        result, last = {}, -1
        for _ in range(value):
            key_major, key = self.head()
            need(key_major == 0 and key > last, "CBOR_KEY", "key not an integer or not ascending")
            last = key
            result[key] = self.item(depth + 1)
        return result


# Unicode's Bidi_Control, which the module does not know as a property.
_TURNING = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def _text(data):
    try:
        text = data.decode("utf-8", "strict")
    except UnicodeDecodeError:
        text = "\0"
    need(not any(unicodedata.category(c) in ("Cc", "Zl", "Zp") or c in _TURNING for c in text), "CBOR_TEXT")
    return text


def read(data):
    """One item of the protocol's subset of CBOR, and nothing behind it."""
    reader = _Reader(bytes(data))
    value = reader.item()
    need(reader.at == len(data), "CBOR_TRAILING", "%d bytes left" % (len(data) - reader.at))
    return value


# ---- shape and limits ------------------------------------------------------------------------

_PYTHON = {"uint": int, "bytes": bytes, "text": str, "array": list}


def _shape(kind, value):
    """The value with field names instead of keys; checks types, keys and presence only."""
    if kind.kind == "rule":
        return _shape_rule(kind.rule, value)
    need(isinstance(value, _PYTHON[kind.kind]), "CBOR_TYPE", "not " + kind.kind)
    if kind.kind == "array":
        return [_shape(kind.item, item) for item in value]
    return value


def _shape_rule(rule, value):
    need(isinstance(value, dict if rule.form == "map" else list), "CBOR_TYPE", "not a " + rule.form)
    fields = list(rule.fields)
    result = {}
    if rule.form == "record":
        for item in value:
            need(fields, "CBOR_KEY", "too many members in " + rule.name)
            field = fields.pop(0)
            result[field.name] = _shape(field.type, item)
        need(not fields, "CBOR_MISSING", "too few members in " + rule.name)
        return result
    known = {f.key for f in fields}
    for key, item in value.items():
        need(key in known, "CBOR_KEY", "key %d in %s" % (key, rule.name))
        while fields[0].key != key:
            need(fields[0].optional, "CBOR_MISSING", fields[0].name)
            fields.pop(0)
        field = fields.pop(0)
        result[field.name] = _shape(field.type, item)
    for left in fields:
        need(left.optional, "CBOR_MISSING", left.name)
    return result


def _sort_key(value):
    """Records are ascending by their first member."""
    return next(iter(value.values())) if isinstance(value, dict) else value


def _limits(kind, value, name, ascending=False):
    if kind.kind == "rule":
        return limits(kind.rule, value)
    if kind.kind == "uint":
        size = value
    else:
        size = len(value.encode("utf-8")) if kind.kind == "text" else len(value)
    need(kind.low <= size <= kind.high, "CBOR_RANGE", name)
    if kind.kind == "array":
        for item in value:
            _limits(kind.item, item, name)
        if ascending:
            keys = [_sort_key(item) for item in value]
            need(all(a < b for a, b in zip(keys, keys[1:])), "CBOR_RANGE", name + " not ascending")


def limits(rule, fields):
    """The limits of protocol.cddl, also "ascending" in its remarks."""
    for f in rule.fields:
        if f.name in fields and f.key != 0:
            _limits(f.type, fields[f.name], f.name, f.ascending)


def decode(name, data, network=None):
    """The fields of the rule `name`; `network` is ours, None where it is not to be compared."""
    rule = RULES[name]
    fields = _shape_rule(rule, read(data))
    if rule.message_type is not None:
        need(fields["type"] == rule.message_type, "MESSAGE_TYPE", "%d" % fields["type"])
    limits(rule, fields)
    if network is not None and (rule.has_network or rule.form == "record" and rule.fields[0].name == "network"):
        need(fields["network"] == network, "NETWORK", "%d" % fields["network"])
    need(encode(name, fields) == data, "CBOR_NOT_CANONICAL", "differs when encoded again")
    return fields


# ---- encoding --------------------------------------------------------------------------------

def head(major, value):
    if value < 24:
        return bytes([major << 5 | value])
    for info, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if value < 1 << (8 * size):
            return bytes([major << 5 | info]) + value.to_bytes(size, "big")
    raise ValueError("too large for CBOR")


def pack(value):
    """Deterministic CBOR of int, bytes, str, list and dict with integer keys."""
    if isinstance(value, int):
        return head(0, value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        data = value.encode("utf-8")
        return head(3, len(data)) + data
    if isinstance(value, list):
        return head(4, len(value)) + b"".join(pack(item) for item in value)
    return head(5, len(value)) + b"".join(pack(key) + pack(value[key]) for key in sorted(value))


def _plain(kind, value):
    if kind.kind == "rule":
        return _plain_rule(kind.rule, value)
    if kind.kind == "array":
        return [_plain(kind.item, item) for item in value]
    return value


def _plain_rule(rule, fields):
    unknown = set(fields) - {f.name for f in rule.fields}
    if unknown:
        raise ValueError("%s has no field %s" % (rule.name, ", ".join(sorted(unknown))))
    if rule.form == "record":
        return [_plain(f.type, fields[f.name]) for f in rule.fields]
    return {f.key: _plain(f.type, fields[f.name]) for f in rule.fields
            if not f.optional or f.name in fields and not _is_default(fields[f.name])}


def _is_default(value):
    """What an optional field never says: bytes of zeros (0 and what is empty lie below its limits)."""
    return isinstance(value, bytes) and not any(value)


def encode(name, fields):
    """The one encoding of these fields. Limits are not checked."""
    return pack(_plain_rule(RULES[name], fields))
