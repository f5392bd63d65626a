"""Checkpoints: C2SP signed notes of the form tlog-checkpoint (PROTOCOL.md section 10)."""

import base64
import binascii
import re

import keys
from status import need

DASH = "\u2014"


def _base64(text):
    """Standard base64 in its one form, or None."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError, ValueError):
        return None
    return data if base64.b64encode(data).decode("ascii") == text else None


def key_id(name, key):
    return keys.sha256(name.encode("utf-8") + b"\n\x01" + key)[:4]


def body(origin, size, root):
    return "%s\n%d\n%s\n" % (origin, size, base64.b64encode(root).decode("ascii"))


def signature_line(name, key, signature):
    return "%s %s %s\n" % (DASH, name, base64.b64encode(key_id(name, key) + signature).decode("ascii"))


def read(note, name, key):
    """Origin, size and root of a checkpoint that `key` signed under `name`, which is its origin."""
    try:
        text = note.decode("utf-8", "strict") if isinstance(note, bytes) else note
    except UnicodeDecodeError:
        text = "\0"
    need(all(c == "\n" or (c >= " " and c != "\x7f") for c in text), "CHECKPOINT_FORM", "not text")
    signed, blank, signatures = text.rpartition("\n\n")
    need(blank and signed and signatures.endswith("\n"), "CHECKPOINT_FORM", "no signatures")
    signed += "\n"
    found = []
    for line in signatures[:-1].split("\n"):
        match = re.fullmatch(DASH + r" ([^\s+]+) (\S+)", line)
        data = match and _base64(match[2])
        need(data and len(data) >= 5, "CHECKPOINT_FORM", "signature line")
        if match[1] == name and data[:4] == key_id(name, key):
            found.append(data[4:])
    need(all(len(s) == 64 and keys.verify(key, signed.encode("utf-8"), s) for s in found), "CHECKPOINT_SIGNATURE")
    need(found, "SIGNER_UNKNOWN", "checkpoint")

    lines = signed.split("\n")[:-1]
    need(len(lines) == 3 and all(lines), "CHECKPOINT_FORM", "lines")
    origin, size, root = lines[0], lines[1], _base64(lines[2])
    need(re.fullmatch(r"0|[1-9][0-9]{0,15}", size) and int(size) < 1 << 53, "CHECKPOINT_FORM", "size")
    need(root is not None and len(root) == 32, "CHECKPOINT_FORM", "root")
    need(int(size) or root == keys.sha256(b""), "LOG_ROOT", "checkpoint of nothing")
    need(origin == name, "SIGNER_UNKNOWN", "another origin")
    return origin, int(size), root
