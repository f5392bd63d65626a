"""Changes an export in one thing at a time: each change must be refused, and named where it can be.

With the file `hashes` a changed entry is named exactly. Without it nothing before the change is named: it may be the
entry itself, one behind it that no longer fits, or the checkpoint.
"""

import json

import replay
import wire


def join(entries):
    return b"".join(len(data).to_bytes(2, "big") + data for data in entries)


def _flipped(data, at):
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1:]


def _chosen(entries, thorough):
    """The first entry of each kind, or all."""
    seen, chosen = set(), []
    for index, data in enumerate(entries):
        kind = wire.decode("entry", data)["kind"]
        if thorough or kind not in seen:
            chosen.append(index)
        seen.add(kind)
    return chosen


def changed_entries(entries, thorough):
    """(name, the first index that differs, entries after the change)."""
    for index in _chosen(entries, thorough):
        data = entries[index]
        for part in (2, 8, len(data) // 3, len(data) // 2, len(data) - 1):      # kind, salt, messages, attachment
            yield "flip %d, byte %d" % (index, part), index, entries[:index] + [
                _flipped(data, part)] + entries[index + 1:]
        yield "drop %d" % index, index, entries[:index] + entries[index + 1:]
        yield "duplicate %d" % index, index + 1, entries[:index + 1] + entries[index:]
        yield "cut %d" % index, index, entries[:index] + [data[:-1]] + entries[index + 1:]
        if index:
            yield "insert the first before %d" % index, index, entries[:index] + entries[:1] + entries[index:]
        if index + 1 < len(entries):
            yield "swap %d" % index, index, entries[:index] + entries[index:index + 2][::-1] + entries[index + 2:]
    for count in (0, 1, len(entries) // 2, len(entries) - 1):
        yield "only %d" % count, count, entries[:count]


def changed_files(export):
    """(name, place that must be named, export after the change)."""
    data = export["entries"]
    count = len(replay.split(data)[0])
    for name, index, after in (("a byte more", count, data + b"\0"), ("a byte less", count - 1, data[:-1]),
                               ("a byte before", 0, b"\0" + data)):
        yield name, "entry %d" % index, dict(export, entries=after)
    note = export["checkpoint"]
    for at in list(range(0, len(note), 7)) + [len(note) - 2]:
        yield "checkpoint, byte %d" % at, "checkpoint", dict(export, checkpoint=_flipped(note, at))
    for name, after in (("no checkpoint", b""), ("two checkpoints", note + note), ("checkpoint cut", note[:-1])):
        yield name, "checkpoint", dict(export, checkpoint=after)
    books = json.loads(export["balances.json"])
    for account, cents in books["accounts"].items():
        for name, value in (("one more", cents + 1), ("one less", cents - 1), ("none", None)):
            accounts = dict(books["accounts"], **{account: value})
            yield "%s, %s" % (account, name), "balances", _books(export, books["size"], {
                key: value for key, value in accounts.items() if value is not None})
    for account in ("voucher:owed:99", "voucher:nothing"):
        yield "new " + account, "balances", _books(export, books["size"], dict(books["accounts"], **{account: 1}))
    for size in (books["size"] - 1, books["size"] + 1, "1"):
        yield "balances at %s" % size, "balances", _books(export, size, books["accounts"])
    yield "no balances", "balances", dict(export, **{"balances.json": b"[]"})
    hashes = export["hashes"]
    if hashes is not None:
        for name, after in (("cut", hashes[:-1]), ("one less", hashes[:-32]), ("one more", hashes + bytes(32)),
                            ("flipped", _flipped(hashes, len(hashes) // 2)), ("none", b"")):
            yield "hashes " + name, "hashes", dict(export, hashes=after)


def _books(export, size, accounts):
    return dict(export, **{"balances.json": json.dumps({"size": size, "accounts": accounts}).encode()})


def run(name, export, report, thorough=False):
    """One result for each change."""
    def one(change, failure, good):
        reason = None if failure and good(failure[0]) else "named: %s" % (failure,)
        report("%s: %s" % (name, change), reason)

    entries = replay.split(export["entries"])[0]
    for change, index, after in changed_entries(entries, thorough):
        changed = dict(export, entries=join(after))
        if export["hashes"] is not None:
            one(change, replay.check(changed)[1], lambda place: place == "entry %d" % index)
        one(change + ", no hashes", replay.check(dict(changed, hashes=None))[1],
            lambda place: place == "checkpoint" or place.startswith("entry ") and int(place[6:]) >= index)
    for change, place, changed in changed_files(export):
        one(change, replay.check(changed)[1], lambda named: named == place)
