"""Replays an exported log to balances (PROTOCOL.md sections 10, 12, 13 and 16)."""

import base64
import json
import os
import re
import subprocess

import acts
import entry as entries
import lines
import merkle
import note
import settle
import upload
from state import CHECKPOINT, State
from status import Mismatch, Refused, need

LATE = "4000000000"             # a clock behind every entry
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
    due = _due(st, entry)
    if due and "message" in due:
        upload.waited(st, entry, due)
    elif entry.kind in ITEMS and len(entry.messages) == 1:
        upload.item(st, entry)
    else:
        if st.queue and st.queue["items"] and entry.kind not in (23, 40):
            raise Mismatch("the items of an upload come directly behind it")
        HANDLERS.get(entry.kind, settle.statement)(st, entry)
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
    """The entries of the file `entries`, as far as they are whole, and what is left behind them."""
    at, found = 0, []
    while at + 2 <= len(data):
        end = at + 2 + int.from_bytes(data[at:at + 2], "big")
        if end > len(data):
            break
        found.append(data[at + 2:end])
        at = end
    return found, data[at:]


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


def check_hashes(export):
    """The place that was changed since the hashes were written, and why; None when they agree."""
    hashes, entries_now = export["hashes"], split(export["entries"])[0]
    given = [hashes[at:at + 32] for at in range(0, len(hashes), 32)]
    own = [merkle.leaf(data) for data in entries_now]
    if given == own:
        return None                             # and something behind the entries is found later
    match = re.match(rb"[^\n]*\n\d+\n([^\n]*)\n", export["checkpoint"])
    if match and base64.b64encode(merkle.root(own)) == match[1]:
        return "hashes", "LOG_ROOT: they are not those of the entries"
    same = 0
    while same < min(len(given), len(own)) and given[same] == own[same]:
        same += 1
    return "entry %d" % same, "LOG_ROOT: its hash differs"


def load(directory):
    """The files of an export; `hashes` may be missing."""
    export = {"hashes": None}
    for name in ("entries", "checkpoint", "balances.json", "hashes"):
        path = os.path.join(directory, name)
        if name != "hashes" or os.path.exists(path):
            with open(path, "rb") as file:
                export[name] = file.read()
    return export


def check(export):
    """How many entries are good, and where it fails: (place, why), None when all is good."""
    st, at = State(), "hashes"
    found, rest = split(export["entries"])
    try:
        if export["hashes"] is not None:
            changed = check_hashes(export)
            if changed:
                return 0, changed
        for number, data in enumerate(found):
            at = "entry %d" % number
            apply(st, data)
        at = "entry %d" % len(found)
        need(not rest, "CBOR_TRUNCATED", "cut off")
        if st.must or st.queue and st.queue["items"]:
            raise Mismatch("the log ends where entries must follow")
        at = "checkpoint"
        check_checkpoint(st, export["checkpoint"])
        at = "balances"
        difference = _difference(json.loads(export["balances.json"]),
                                 {"size": st.index, "accounts": st.book.export()})
        return st.index, (at, difference) if difference else None
    except Exception as error:                  # whatever it is, it is a failure of this export
        return st.index, (at, "%s: %s" % (type(error).__name__, error))


def run_export(directory, report, ledger=None):
    """One result for each good entry, then for all or for the first failure.

    With `ledger`, that program must come to the same: all is good, or the same place and the same status.
    """
    try:
        count, failure = check(load(directory))
    except OSError as error:
        count, failure = 0, ("files", str(error))
    for number in range(count):
        report("%s: entry %d" % (directory, number), None)
    where, why = failure or ("all", None)
    if ledger:
        why = _other_verdict(ledger, directory, where, why)
    report("%s: %s" % (directory, where), why)


def _other_verdict(ledger, directory, where, why):
    """None when the ledger says the same of this export."""
    answer = subprocess.run([ledger, "verify", directory, "--now", LATE], capture_output=True, text=True, timeout=60,
                            check=False)
    said = answer.stdout + answer.stderr
    theirs = re.search(r"^entry \d+(?= \(|:)", said, re.M)
    theirs = theirs[0] if theirs else "all" if answer.returncode == 0 else "checkpoint or balances or hashes"
    same_place = theirs == where or where in theirs.split(" or ")
    if same_place and (not why or where == "balances" or any(
            name in why.split(": ") for name in re.findall(r"^schwebe: (\w+) \(", said, re.M))):
        return None
    return "%s: %s; the ledger says %s: %s" % (where, why, theirs, said.replace("\n", " ")[-200:])


def _difference(given, expected):
    if given == expected:
        return None
    if not isinstance(given, dict) or not isinstance(given.get("accounts"), dict):
        return "not {size, accounts}"
    ours, theirs = expected["accounts"], given["accounts"]
    names = sorted(name for name in set(ours) | set(theirs) if ours.get(name) != theirs.get(name))
    return "size %s, replayed %s; " % (given.get("size"), expected["size"]) + ", ".join(
        "%s %s, replayed %s" % (name, theirs.get(name, 0), ours.get(name, 0)) for name in names)
