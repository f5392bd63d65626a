"""One entry of a log and the table of kinds (PROTOCOL.md section 10)."""

from dataclasses import dataclass

import merkle
import wire
from status import need

LARGEST = 65535

# kind: (name, allowed numbers of messages, rules of the attachment)
KINDS = {
    1: ("genesis", (2,), None), 2: ("role key", (2,), None), 3: ("kill", (2,), None),
    4: ("parameters", (1, 2), None), 5: ("series", (1, 2), None), 6: ("merchant", (1,), None),
    7: ("till", (1,), None), 8: ("anchor", (1,), None), 9: ("purse", (1, 2), None),
    11: ("funding", (1,), None), 14: ("issue", (1,), None), 15: ("gift", (1,), None),
    17: ("allowance", (2,), "allowance"), 18: ("settle", (1, 4, 5), "item or statement"),
    19: ("void", (1,), "item"), 20: ("refund", (1,), "item"), 21: ("close", (0,), "close"),
    22: ("hold", (1, 2), None), 23: ("evidence", (3,), "evidence"), 24: ("denial", (1, 2), None),
    25: ("loss report", (1,), None), 26: ("review", (1, 2), None), 27: ("service day", (0,), "service-day"),
    28: ("late", (1, 4, 5), "item or statement"), 29: ("debt", (0,), "debt"), 30: ("expiry", (0,), "expiry"),
    32: ("payout", (1,), None), 33: ("reject", (1,), "item"), 40: ("dispute", (0,), "dispute"),
    47: ("upload", (1,), None), 48: ("item", (1,), "item"), 49: ("statement", (4,), "statement"),
    50: ("device", (1,), None), 51: ("revocation", (1,), None),
}
NOTHING = b"\xa0"


@dataclass
class Entry:
    index: int
    kind: int
    time: int
    messages: list
    attachment: dict


def attachment(kind, count, data):
    """The fields of the attachment of an entry with `count` messages."""
    rule = KINDS[kind][2]
    if rule == "item or statement":
        rule = "item" if count == 1 else "statement"
    if rule is None:
        need(data == NOTHING, "ENTRY_SHAPE", "attachment")
        return {}
    if rule == "allowance" and data == NOTHING:
        return {"lots": []}                     # a renewal that adds nothing; the array may not be empty
    return wire.decode(rule + "-attachment", data)


def read(index, data, not_before):
    """A ledger entry out of its bytes, with the first checks of section 10 in their order."""
    need(len(data) <= LARGEST, "ENTRY_SHAPE", "too large")
    fields = wire.decode("entry", data)
    kind, messages = fields["kind"], fields["messages"]
    need(kind in KINDS and (index == 0) == (kind == 1), "ENTRY_KIND", "%d at index %d" % (kind, index))
    need(fields["time"] >= not_before, "ENTRY_TIME")
    need(len(messages) in KINDS[kind][1], "ENTRY_SHAPE", "%d messages in %s" % (len(messages), KINDS[kind][0]))
    return Entry(index, kind, fields["time"], messages, attachment(kind, len(messages), fields["attachment"]))


def build(kind, time, salt, messages=(), attached=NOTHING):
    return wire.encode("entry", {"version": 1, "kind": kind, "time": time, "salt": salt,
                                 "messages": list(messages), "attachment": attached})


leaf = merkle.leaf
