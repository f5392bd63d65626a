"""The statuses: names and numbers are read from the table in PROTOCOL.md section 3."""

import os
import re

ROOT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))


class Refused(Exception):
    """A verifier says no. `status` is the name in PROTOCOL.md, `detail` is for people only."""

    def __init__(self, status, detail=""):
        if status not in NUMBER:
            raise KeyError(status)
        super().__init__(status + (": " + detail if detail else ""))
        self.status = status
        self.detail = detail


def need(condition, status, detail=""):
    """Refuse with `status` unless `condition` holds."""
    if not condition:
        raise Refused(status, detail)


def _read_table():
    with open(os.path.join(ROOT, "protocol", "PROTOCOL.md"), encoding="utf-8") as file:
        text = file.read()
    section = text.split("\n## 3. ", 1)[1].split("\n## ", 1)[0]
    table = {}
    for first, last, names in re.findall(r"^\| (\d+)-(\d+) \w+ \| ([A-Z_ ]+) \|$", section, re.M):
        names = names.split()
        if len(names) != int(last) - int(first) + 1:
            raise ValueError("statuses %s-%s: %d names" % (first, last, len(names)))
        for number, name in enumerate(names, int(first)):
            if name in table:
                raise ValueError("status twice: " + name)
            table[name] = number
    if not table:
        raise ValueError("no statuses in PROTOCOL.md")
    return table


NUMBER = _read_table()


class Mismatch(Exception):
    """A replay finds that an entry made by the node is not what it must be. Never a reason to reject an item."""

    def __str__(self):
        return "ENTRY_RECOMPUTE: " + super().__str__()
