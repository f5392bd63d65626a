"""Replays an exported log to balances (PROTOCOL.md sections 10, 12, 13 and 16)."""

import json
import os

import acts
import entry as entries
import lines
import note
import settle
import upload
from state import CHECKPOINT, State
from status import Mismatch, Refused, need

ITEMS = (18, 19, 20, 28, 33, 48)
FOLLOWERS = (29, 40)            # only where an entry before asks for them
HANDLERS = {
    1: acts.genesis, 2: acts.role_key, 3: acts.kill, 4: acts.parameters, 5: acts.series, 6: acts.merchant, 7: acts.till,
    8: acts.anchor, 9: acts.purse, 11: acts.funding, 14: acts.issue, 15: acts.gift, 17: lines.allowance,
    21: lines.close, 22: acts.hold, 23: settle.evidence, 24: acts.denial, 25: acts.loss_report, 26: settle.review,
    27: acts.service_day, 29: lines.debt, 30: lines.expiry, 32: acts.payout, 40: lambda st, entry: None,
    47: upload.upload, 49: settle.statement, 50: acts.device, 51: acts.revocation,
}


def apply(st, data):
    """One entry more; Refused or Mismatch when it may not stand there."""
    entry = entries.read(st.index, data, st.time)
    st.time = entry.time
    logged = st.evidence
    due = _due(st, entry)
    if due and "message" in due:
        upload.waited(st, entry, due)
    elif entry.kind in ITEMS and len(entry.messages) == 1:
        upload.item(st, entry)
    else:
        if st.queue and st.queue["items"] and entry.kind not in (23, 40):
            raise Mismatch("the items of an upload come directly behind it")
        HANDLERS.get(entry.kind, settle.statement)(st, entry)
    if st.evidence is logged:
        st.evidence = None                      # it stood directly before this entry
    if entry.kind not in (1, 2):
        st.started = True
    st.book.check()
    st.tree.append(entries.leaf(data))
    st.index += 1


def _due(st, entry):
    """An entry that the one before asked for; until all have come nothing else may."""
    if st.must:
        due = st.must[0]
        kinds = (20, 33) if due["kind"] == 20 else (due["kind"],)
        wanted = due["attachment"]
        if entry.kind in kinds and all(entry.attachment.get(name) == value for name, value in wanted.items()):
            return st.must.pop(0)
        raise Mismatch("expected kind %d, %r" % (due["kind"], wanted))
    if entry.kind in FOLLOWERS:
        raise Mismatch("nothing asked for this entry")
    return None


def split(data):
    """The entries of the file `entries`."""
    at, found = 0, []
    while at < len(data):
        need(at + 2 <= len(data), "ENTRY_SHAPE", "cut length")
        size = int.from_bytes(data[at:at + 2], "big")
        need(at + 2 + size <= len(data), "ENTRY_SHAPE", "cut entry")
        found.append(data[at + 2:at + 2 + size])
        at += 2 + size
    return found


def check_checkpoint(st, data):
    """Signed by a checkpoint key in force at the last entry, over exactly these entries."""
    candidates = [key["key"] for key in st.keys_of(CHECKPOINT)
                  if not key["killed"] and key["from"] <= st.time <= key["until"]]
    need(candidates, "SIGNER_UNKNOWN", "no checkpoint key")
    for number, key in enumerate(candidates, 1):
        try:
            _, size, root = note.read(data, st.origin, key)
            break
        except Refused as refused:
            if refused.status != "SIGNER_UNKNOWN" or number == len(candidates):
                raise
    need(size == st.index and root == st.tree.root(), "LOG_ROOT", "checkpoint")


def run_export(directory, report):
    """Reports one result for each entry up to the first that fails, then for checkpoint and balances."""
    def load(name):
        with open(os.path.join(directory, name), "rb") as file:
            return file.read()

    st, at = State(), "entries"
    try:
        for number, data in enumerate(split(load("entries"))):
            at = "entry %d" % number
            apply(st, data)
            report("%s: %s" % (directory, at), None)
        at = "checkpoint"
        check_checkpoint(st, load("checkpoint"))
        report("%s: %s" % (directory, at), None)
        at = "balances"
        given = json.loads(load("balances.json"))
        expected = {"size": st.index, "accounts": st.book.export()}
        report("%s: %s" % (directory, at), _difference(given, expected))
    except Exception as error:                  # whatever it is, it is a failure of this export
        report("%s: %s" % (directory, at), "%s: %s" % (type(error).__name__, error))


def _difference(given, expected):
    if given == expected:
        return None
    ours, theirs = expected["accounts"], given.get("accounts", {})
    names = sorted(name for name in set(ours) | set(theirs) if ours.get(name) != theirs.get(name))
    return "size %s, replayed %s; " % (given.get("size"), expected["size"]) + ", ".join(
        "%s %s, replayed %s" % (name, theirs.get(name, 0), ours.get(name, 0)) for name in names)
