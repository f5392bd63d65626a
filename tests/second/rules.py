"""Did the till keep the rules? (PROTOCOL.md section 12.3)

A function over the segment of the till's log since its last anchor, as the ledger got it. `feed` is called for each
item in order; what it remembers for a till is a plain dict.
"""

import accept
import cose
import keys
import signer
from state import NEWS
from status import Refused

OPEN, ANCHOR, ACCEPT, VOID, REFUND, NEWS_ITEM, KILL, PROOF, CONFIRMATION, PARAMETERS, ROLE_KEY, RENEWAL = range(1, 13)


def new():
    return {"broken": False, "entry_time": 0, "anchor_time": 0, "news_time": 0, "news_version": 0, "parameters": [],
            "accepted": []}


def feed(st, till, index, item, upload_time, gap):
    """For an accept item: did the till keep the rules so far? None for all others.

    Messages in items that are not what they should be teach nothing.
    """
    memory = till["rules"] = till["rules"] or new()
    kept = None
    if item["kind"] == ACCEPT:
        kept = _accept(st, till, memory, index, item, upload_time, gap)
    else:
        try:
            _learn(st, memory, item, gap)
        except Refused:
            pass
    memory["entry_time"] = max(memory["entry_time"], item["time"])
    return kept


def _learn(st, memory, item, gap):
    messages = item["messages"]
    if item["kind"] == ANCHOR and len(messages) == 1 and messages[0] in st.anchors:
        anchor = st.decode("anchor", messages[0])
        memory["anchor_time"] = max(memory["anchor_time"], anchor["time"])
        memory["broken"] = gap
        memory["accepted"] = [a for a in memory["accepted"] if a["index"] >= anchor["size"]]
    elif item["kind"] == NEWS_ITEM and len(messages) == 1:
        news = st.decode("news", messages[0])
        signer.find(news, st.keys_of(NEWS), news["time"])
        memory["news_time"], memory["news_version"] = news["time"], news["to"]
    elif item["kind"] == PARAMETERS and messages:
        memory["parameters"].append(st.decode("parameters", messages[0]).fields)
    elif item["kind"] in (PROOF, CONFIRMATION) and messages:
        proof = st.decode("settlement-proof", messages[-1])
        for accepted in memory["accepted"]:
            if accepted["id"] == proof["transfer"]:
                accepted["confirmed"] = True


def _accept(st, till, memory, index, item, upload_time, gap):
    before = max(memory["entry_time"], memory["anchor_time"], memory["news_time"])
    if gap or item["time"] < before or item["time"] > upload_time:
        memory["broken"] = True
    try:
        allowance, transfer, request = read_accept(st, item["messages"])
        _check(st, till, memory, item["time"], allowance, transfer, request)
    except Refused:
        memory["broken"] = True
        return False
    memory["accepted"].append({"index": index, "id": transfer.id, "line": keys.kid(allowance["key"]),
                               "tier": allowance["tier"], "from": transfer["from"], "to": transfer["to"],
                               "seq": transfer["seq"], "prev": transfer["prev"], "confirmed": False})
    return not memory["broken"]


def read_accept(st, messages):
    """Allowance, transfer with its id, request; no signature is checked here."""
    allowance = st.decode("allowance", messages[0])
    transfer = st.decode("transfer", messages[1])
    request = st.decode("request", messages[2])
    cose.bind_transfer(transfer, st.network, allowance["key"], request.id)
    return allowance, transfer, request


def _check(st, till, memory, now, allowance, transfer, request):
    """Steps 7 to 12 of section 9.5, with the till as its own log shows it."""
    known = [p for p in memory["parameters"] if p["from"] <= now]
    version = memory["news_version"]
    denied = {line["id"] for line in st.lines.values()
              if line["state"] != "closed" and line["denied_version"] is not None and line["denied_version"] <= version}
    view = {"till": till, "parameters": known[-1] if known else st.in_force(now), "denied": denied,
            "news_time": memory["news_time"], "accepted": memory["accepted"]}
    try:
        accept.check_rules(view, allowance, transfer, request, now)
        accept.check_limits(view, allowance, transfer, now)
    except Refused:
        memory["broken"] = True
