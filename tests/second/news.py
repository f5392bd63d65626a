"""News: the deny list as differences (PROTOCOL.md section 14)."""

import cose
import keys
import signer
from status import Refused, need


def list_hash(ids):
    return keys.sha256(b"".join(sorted(ids)))


def apply(network, key, version, ids, time, data):
    """The version, the ids and the time after. A Refused carries in `.beside` the ids that count all the same.

    Those are kept beside the list until news with at least the same `to` is applied; they are never hashed.
    """
    message = cose.decode("news", data, network)
    signer.find(message, [dict(signer.FOREVER, key=key)], message["time"])
    ids = set(ids)
    added, removed = set(message["added"]), set(message["removed"])
    need(message["from"] <= message["to"] and len(added) + len(removed) <= 25, "CBOR_RANGE", "from, to, 25 ids")
    if message["to"] < version or (message["to"] == version and message["time"] <= time):
        raise Refused("NEWS_OLD")
    status, after = None, (ids - removed) | added
    if message["from"] > version:
        status = "NEWS_GAP"
    elif list_hash(after) != message["hash"]:
        status = "NEWS_HASH"
    if status:
        refused = Refused(status)
        refused.beside = added
        raise refused
    return message["to"], sorted(after), message["time"]
