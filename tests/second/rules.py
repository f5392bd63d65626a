"""Did the till keep the rules? (PROTOCOL.md section 12.3)

A function over the segment of the till's log since its last anchor, as the ledger got it. `feed` is called for each
item in order; what it remembers for a till is a plain dict.
"""

import accept
import cose
import keys
import signer
from state import NEWS, SETTLEMENT
from status import Refused, need

OPEN, ANCHOR, ACCEPT, VOID, REFUND, NEWS_ITEM, KILL, PROOF, CONFIRMATION, PARAMETERS, ROLE_KEY, RENEWAL = range(1, 13)
CLOCK_SECONDS = 600  # how far a till's clock may be ahead of the ledger's


def new():
    return {"broken": False, "entry_time": 0, "anchor_time": 0, "news_time": 0, "news_version": 0, "parameters": [],
            "accepted": []}                     # parameters: the versions that its log and anchors name


def feed(st, till, index, item, upload_time, gap):
    """For an accept item: did the till keep the rules so far? None for all others.

    Messages in items that are not what they should be teach nothing, and nothing behind a gap does.
    """
    memory = till["rules"] = till["rules"] or new()
    kept = None
    if gap:
        return False if item["kind"] == ACCEPT else None
    if item["kind"] == ACCEPT:
        kept = _accept(st, till, memory, index, item, upload_time)
    else:
        try:
            _learn(st, memory, item)
        except Refused:
            pass
    memory["entry_time"] = max(memory["entry_time"], item["time"])
    return kept


def _learn(st, memory, item):
    messages = item["messages"]
    if item["kind"] == ANCHOR and len(messages) == 1:
        anchor = st.decode("anchor", messages[0])
        signer.find(anchor, st.keys_of(SETTLEMENT), anchor["time"])
        if anchor["time"] > memory["anchor_time"]:
            memory["anchor_time"], memory["broken"] = anchor["time"], False
        memory["parameters"].append(anchor["parameters"])
        _confirm(memory, lambda accepted: accepted["index"] < anchor["size"])
    elif item["kind"] == NEWS_ITEM and len(messages) == 1:
        news = st.decode("news", messages[0])
        signer.find(news, st.keys_of(NEWS), news["time"])
        memory["news_time"], memory["news_version"] = max(memory["news_time"], news["time"]), news["to"]
    elif item["kind"] == PARAMETERS and messages:
        memory["parameters"].append(st.decode("parameters", messages[0])["version"])
    elif item["kind"] in (PROOF, CONFIRMATION) and messages:
        proof = st.decode("settlement-proof", messages[-1])
        _confirm(memory, lambda accepted: accepted["id"] == proof["transfer"])
    elif item["kind"] == VOID and len(messages) == 4:
        void = st.decode("void", messages[3])
        _confirm(memory, lambda accepted: accepted["id"] == void["transfer"])


def _confirm(memory, chosen):
    """These count no longer for the limits; for step 11 they do."""
    for accepted in memory["accepted"]:
        accepted["confirmed"] = accepted["confirmed"] or chosen(accepted)


def _accept(st, till, memory, index, item, upload_time):
    before = max(memory["entry_time"], memory["anchor_time"], memory["news_time"])
    if item["time"] < before or item["time"] > upload_time + CLOCK_SECONDS:
        memory["broken"] = True
    try:
        need(len(item["messages"]) == 3, "ENTRY_SHAPE", "accept")
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
    named = [p for p in st.parameters if p["version"] in memory["parameters"]] or st.parameters
    known = [p for p in named if p["from"] <= now]
    version = memory["news_version"]
    denied = {line["id"] for line in st.lines.values()
              if line["state"] != "closed" and line["denied_version"] is not None and line["denied_version"] <= version}
    view = {"till": till, "parameters": known[-1] if known else None, "denied": denied,
            "news_time": memory["news_time"], "accepted": memory["accepted"]}
    try:
        need(known, "PARAMETERS_MISSING")
        accept.check_rules(view, allowance, transfer, request, now)
        accept.check_limits(view, allowance, transfer, now)
    except Refused:
        memory["broken"] = True
