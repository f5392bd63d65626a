"""Finding the signer of a message among role keys (PROTOCOL.md section 7).

A role key here is a dict with key, from, until, verify_until and killed.
"""

import keys
from status import Refused, need

FOREVER = {"from": 0, "until": 1 << 33, "verify_until": 1 << 33, "killed": False}


def find(message, role_keys, t, now=None):
    """The role key that signed `message` and may sign at `t`.

    `now` is the clock of a till or wallet that checks a certificate offline; the ledger has none. Every key with the
    kid is tried: each step drops keys, and the first that leaves none gives the status.
    """
    steps = ["SIGNER_UNKNOWN", "KEY_KILLED", "KEY_NOT_YET", "KEY_EXPIRED", "SIGNATURE_BAD"]
    furthest = 0
    for candidate in role_keys:
        if keys.kid(candidate["key"]) != message.kid:
            continue
        if candidate.get("killed"):
            step = 1
        elif t < candidate["from"]:
            step = 2
        elif t > candidate["until"] or (now is not None and now > candidate["verify_until"]):
            step = 3
        elif not keys.verify(candidate["key"], message.signed, message.signature):
            step = 4
        else:
            return candidate
        furthest = max(furthest, step)
    raise Refused(steps[furthest], message.rule)


def two(messages, first_keys, second_keys, t):
    """One act by two roles: one payload, two kids, one signer out of each list, in either order."""
    need(len(messages) == 2, "SECOND_SIGNATURE", messages[0].rule)
    a, b = messages
    need(a.payload == b.payload and a.kid != b.kid, "SECOND_SIGNATURE", a.rule)
    for x, y in ((a, b), (b, a)):
        try:
            one, other = find(x, first_keys, t), find(y, second_keys, t)
        except Refused:
            continue
        need(one["key"] != other["key"], "SECOND_SIGNATURE", a.rule)
        return one, other
    raise Refused("SECOND_SIGNATURE", a.rule)
