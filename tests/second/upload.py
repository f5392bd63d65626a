"""A till's upload and its items (PROTOCOL.md section 12.2)."""

import merkle
import refund
import rules
import settle
import wire
from status import NUMBER, Mismatch, Refused, need

ITEM, REJECT = 48, 33
MESSAGES = {3: 3, 4: 4, 5: 1}   # what an accept, a void and a refund hold
REFUSED = 64                    # outcome: this plus the number of the status


def till_root(till, size):
    return merkle.root(till["hashes"][:size])


def upload(st, entry):
    message = st.decode("upload", entry.messages[0])
    till = st.tills.get(message["till"])
    need(till, "TILL_UNKNOWN")
    st.till_signed(till, message)
    need(message.id not in st.uploads, "REPLAY", "the same upload is logged once")
    first, items = message["first"], message["items"]
    gap = first > till["size"]
    if not gap:
        need(merkle.root(till["hashes"][:first] + items) == message["root"], "UPLOAD_FORK", "root")
    for index, item in enumerate(items, first):
        need(index >= till["size"] or till["hashes"][index] == item, "UPLOAD_FORK", "item %d" % index)

    new = [(number, first + number, item) for number, item in enumerate(items) if first + number >= till["size"]]
    if not gap:                     # the place of what lies behind a gap cannot be checked: it comes again
        till["hashes"] += [item for _, _, item in new]
        till["size"] = len(till["hashes"])
    st.uploads[message.id] = entry.index
    st.queue = {"upload": entry.index, "till": message["till"], "time": entry.time, "gap": gap, "items": new}


def outcome_of(function, *arguments):
    """(kind, outcome); a refusal becomes a reject, a fault of the books does not."""
    try:
        return function(*arguments)
    except Refused as refused:
        if refused.status == "BOOKS":
            raise Mismatch(str(refused)) from refused
        return REJECT, REFUSED + NUMBER[refused.status]


def item(st, entry):
    """The next item of the upload that was logged last."""
    queue, attached = st.queue, entry.attachment
    if not queue or not queue["items"]:
        raise Mismatch("an item without an upload")
    number, index, leaf_hash = queue["items"].pop(0)
    data = entry.messages[0]
    if (attached["upload"], attached["number"]) != (queue["upload"], number):
        raise Mismatch("upload, number: expected %d, %d" % (queue["upload"], number))
    if merkle.leaf(data) != leaf_hash:
        raise Mismatch("item %d is not what the upload says" % number)
    compare(entry, outcome_of(process, st, entry, queue, number, index, data))


def compare(entry, expected):
    found = entry.kind, entry.attachment["outcome"]
    if found != expected:
        raise Mismatch("kind, outcome: %r, expected %r" % (found, expected))


def process(st, entry, queue, number, index, data):
    till = st.tills[queue["till"]]
    need(till["revoked"] is None or index < till["revoked"], "TILL_REVOKED")
    inner = wire.decode("entry", data)
    if inner["kind"] != rules.ACCEPT:
        need(len(inner["messages"]) == MESSAGES.get(inner["kind"], len(inner["messages"])), "ENTRY_SHAPE", "item")
    kept = rules.feed(st, till, index, inner, queue["time"], queue["gap"])
    if inner["kind"] == rules.ACCEPT:
        need(len(inner["messages"]) == 3, "ENTRY_SHAPE", "accept")
        context = {"till": till, "accepted": inner["time"], "kept": kept, "gap": queue["gap"], "receipt": False,
                   "news_version": till["rules"]["news_version"]}
        return settle.arrive(st, context, *rules.read_accept(st, inner["messages"]))
    if inner["kind"] == rules.VOID:
        return refund.void(st, till, inner)
    if inner["kind"] == rules.REFUND:
        return refund.refund(st, till, inner, (data, queue["upload"], number))
    return ITEM, 0


def waited(st, entry, due):
    """A refund that waited and is booked right behind its transfer."""
    if entry.messages[0] != due["message"]:
        raise Mismatch("another refund")
    inner = wire.decode("entry", due["message"])
    till = st.tills[due["till"]]
    compare(entry, outcome_of(refund.refund, st, till, inner, None))
