"""News: the deny list as differences (PROTOCOL.md section 14)."""

import cose
import keys
from status import Refused


def list_hash(ids):
    return keys.sha256(b"".join(sorted(ids)))


def apply(network, key, version, ids, time, data):
    """The version, the ids and the time after. A Refused carries in `.ids` what counts all the same."""
    message = cose.decode("news", data, network)
    cose.verify(message, key)
    ids = set(ids)
    added, removed = set(message["added"]), set(message["removed"])
    if message["to"] < version or (message["to"] == version and message["time"] <= time):
        raise Refused("NEWS_OLD")
    status, after = None, (ids - removed) | added
    if message["from"] > version:
        status = "NEWS_GAP"
    elif list_hash(after) != message["hash"]:
        status = "NEWS_HASH"
    if status:
        refused = Refused(status)
        refused.ids = ids | added
        raise refused
    return message["to"], sorted(after), message["time"]
