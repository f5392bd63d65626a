"""A transfer arrives: by a till's upload or by the payer's statement (PROTOCOL.md sections 12.3 to 12.5).

A transfer is a dict: id, line, class, from, to, seq, prev, till, merchant, accepted, state (reserve, fund, review,
late, till, void, cancelled), cause (overlap, loss, unknown), refunded, refunds, parts (lots that paid a late one or a
claim at close), statement (its entry).
"""

import accept
import cose
import evidence as proof
import keys
import lines
import signer
from state import ALLOWANCE
from status import Mismatch, need

SETTLE, LATE, STATEMENT = 18, 28, 49
OUTCOME = {"reserve": 1, "fund": 2, "review": 3, "till": 4, "already": 5, "late": 6, "cancelled": 9}


def valid(st, till, allowance, transfer, request):
    """The first paragraph of 12.3. A killed issuer's certificate is not rejected: R18 has it reviewed or paid."""
    issuers = [dict(key, killed=False) for key in st.keys_of(ALLOWANCE)]
    signer.find(allowance, issuers, allowance["from"])
    cose.verify(transfer, allowance["key"])
    need(transfer["payee"] == till["till"] and request["till"] == till["till"], "WRONG_PAYEE")
    need(request["class"] == allowance["class"], "CLASS")
    need(till["classes"] & accept.class_bit(allowance["class"]), "CLASS", "not the till's")
    restriction = allowance.get("restriction", 0)
    need(restriction == 0 or restriction in till["restrictions"], "RESTRICTION")
    need(transfer["from"] < transfer["to"], "AMOUNT_ZERO")
    need(accept.amount_fits(transfer["to"] - transfer["from"], request), "AMOUNT_MISMATCH")
    line = line_of(st, allowance)
    need(transfer["to"] <= (line or allowance)["amount"], "AMOUNT_OVER_ALLOWANCE")


def line_of(st, allowance):
    """The line, when it is known: also key, class and restriction are the certificate's."""
    line = st.lines.get(keys.kid(allowance["key"]))
    same = line and all(line[name] == allowance.get(name, 0) for name in ("key", "class", "restriction"))
    return line if same else None


def lost_before(line, accepted):
    return line["loss_time"] is not None and accepted > line["loss_time"]


def decide(st, context, line, transfer):
    """(state, cause) by the table of 12.3; the first row that matches."""
    known = st.transfers.get(transfer.id)
    state = known["state"] if known else None
    need(state != "void", "VOIDED")
    if state in ("reserve", "fund", "late", "till"):
        return "already", None
    if not line:
        return "review", "unknown"
    if line["state"] == "closed":
        return "late", None
    if lost_before(line, context["accepted"]):
        if context["receipt"] or context["gap"]:
            return "review", "loss"
        denied = line["denied_version"]                 # None: the list was full
        could_not_know = context["kept"] and (denied is None or context["news_version"] < denied)
        return ("fund" if could_not_know else "till"), "loss"
    if lines.is_free(line, transfer["from"], transfer["to"]):
        return "reserve", None
    if context["receipt"] or context["gap"]:
        return "review", "overlap"
    return ("fund" if context["kept"] else "till"), "overlap"


def contradicted(st, line, transfer):
    """The recorded transfer that evidence against this one names: overlap, else the same seq, else the same prev."""
    others = [st.transfers[i] for i in line["transfers"] if i != transfer.id]
    for cause in (1, 2, 3):
        for other in others:
            if proof.contradicts(other, transfer, cause):
                return other["id"]
    return None


def check_evidence(st, line, transfer):
    """Evidence stands before the entry that needs it, once for each second transfer."""
    if transfer.id not in line["proven"] and contradicted(st, line, transfer):
        raise Mismatch("evidence is missing")


def record(st, till, allowance, transfer, accepted):
    """The transfer's place in the register; what was there before stays."""
    if transfer.id in st.transfers:
        return st.transfers[transfer.id]
    line = line_of(st, allowance)
    line_id = keys.kid(allowance["key"])
    new = {"id": transfer.id, "line": line_id, "class": allowance["class"], "from": transfer["from"],
           "to": transfer["to"], "seq": transfer["seq"], "prev": transfer["prev"], "till": till["till"],
           "merchant": till["merchant"], "accepted": accepted, "state": None, "cause": None, "refunded": 0,
           "refunds": 0, "parts": [], "statement": None}
    st.transfers[transfer.id] = new
    if line:
        line["transfers"].append(transfer.id)
    return new


def must_follow(st, known, disputed=False):
    """A dispute, then the refunds that waited, come directly behind the entry of a transfer."""
    if disputed:
        st.must.append({"kind": 40, "attachment": {"transfer": known["id"], "statement": known["statement"]}})
    for message, upload, number, till in st.waiting.pop(known["id"], []):
        st.must.append({"kind": 20, "message": message, "till": till,
                        "attachment": {"upload": upload, "number": number}})


def arrive(st, context, allowance, transfer, request):
    """(kind of entry, outcome), and the booking."""
    till = context["till"]
    valid(st, till, allowance, transfer, request)
    line = line_of(st, allowance)
    state, cause = decide(st, context, line, transfer)
    if state == "already":
        return SETTLE, OUTCOME["already"]
    if line:
        check_evidence(st, line, transfer)
    known = record(st, till, allowance, transfer, context["accepted"])
    before, known["accepted"], known["cause"] = known["state"], context["accepted"], cause
    kind = SETTLE
    if state == "reserve":
        pay_from_reserve(st, line, known)
    elif state == "fund":
        state = pay_from_fund(st, line, known)
    elif state == "late":
        kind, state = LATE, pay_late(st, till, line, known)
    known["state"] = state
    must_follow(st, known, before == "cancelled")
    return kind, OUTCOME[state]


def owed(st, transfer):
    return st.account(transfer["class"], "owed", transfer["merchant"])


def pay_from_reserve(st, line, transfer):
    cents = transfer["to"] - transfer["from"]
    st.book.post(st.account(line["class"], "reserve", line["id"]), owed(st, transfer), cents)
    line["used"].append((transfer["from"], transfer["to"]))
    line["settled"] += cents


def pay_from_fund(st, line, transfer):
    """12.5: the state after, fund or review."""
    cents, now = transfer["to"] - transfer["from"], st.in_force()
    quarter, own = (transfer["merchant"],) + st.quarter(), (transfer["merchant"], transfer["line"])
    if (st.book.balance(st.account(transfer["class"], "fund")) < cents
            or st.fund_quarter.get(quarter, 0) + cents > now["merchant_fund"]
            or st.fund_line.get(own, 0) + cents > now["per_allowance"]):
        return "review"
    book_fund(st, line, transfer)
    return "fund"


def book_fund(st, line, transfer):
    cents = transfer["to"] - transfer["from"]
    quarter, own = (transfer["merchant"],) + st.quarter(), (transfer["merchant"], transfer["line"])
    st.fund_quarter[quarter] = st.fund_quarter.get(quarter, 0) + cents
    st.fund_line[own] = st.fund_line.get(own, 0) + cents
    st.book.post(st.account(transfer["class"], "fund"), owed(st, transfer), cents)
    if transfer["cause"] == "overlap":
        line["fund_loss"] += cents
        line["lost"] += cents


def pay_late(st, till, line, transfer):
    """12.6: from the purse's free lots that this till accepts, as far as they go."""
    if lost_before(line, transfer["accepted"]) or not lines.is_free(line, transfer["from"], transfer["to"]):
        return "till"

    def accepts(lot):
        return lot["class"] == line["class"] and (not lot["restriction"] or lot["restriction"] in till["restrictions"])

    purse = line["purse"]
    transfer["parts"] = st.take_lots(purse, st.free_lots(purse, accepts), transfer["to"] - transfer["from"])
    for lot, cents in transfer["parts"]:
        st.book.post(st.lot_account(purse, st.lots[lot]), owed(st, transfer), cents)
    line["used"].append((transfer["from"], transfer["to"]))
    return "late"


# ---- the payer's statement, 12.4 ----------------------------------------------------------------

def statement(st, entry):
    """Entries of kind settle, late or statement whose first message is a statement. A refused one is not logged."""
    expected = answer(st, entry)
    found = entry.kind, entry.attachment["outcome"]
    if found != expected:
        raise Mismatch("kind, outcome: %r, expected %r" % (found, expected))


def _changes(condition):
    """What changes nothing is answered, but not logged."""
    if not condition:
        raise Mismatch("the statement changes nothing")


def answer(st, entry):
    """(kind of entry, outcome), and the booking."""
    message = st.decode("statement", entry.messages[0])
    allowance, transfer = st.decode("allowance", entry.messages[1]), st.decode("transfer", entry.messages[2])
    request = st.decode("request", entry.messages[3])
    cose.bind_transfer(transfer, st.network, allowance["key"], request.id)
    line = line_of(st, allowance)
    purse = st.purses.get(message["purse"])
    need(purse and (not line or line["purse"] == message["purse"]), "PURSE_UNKNOWN")
    st.purse_signer(purse, message)
    need(message["transfer"] == transfer.id, "MESSAGE_TYPE", "another transfer")
    till = st.tills.get(request["till"])
    need(till, "TILL_UNKNOWN")
    st.till_signed(till, request)
    need(message["claim"] == 1 or len(entry.messages) == 4, "ENTRY_SHAPE", "receipt")
    if message["claim"] == 1:
        need(len(entry.messages) == 5, "RECEIPT_MISMATCH", "none")
        receipt = st.decode("receipt", entry.messages[4])
        need(receipt["transfer"] == transfer.id and receipt["till"] == till["till"], "RECEIPT_MISMATCH")
        st.till_signed(till, receipt)
        context = {"till": till, "accepted": receipt["time"], "kept": False, "gap": False, "receipt": True,
                   "news_version": 0}
        known = st.transfers.get(transfer.id)
        _changes(not known or known["state"] != "review")
        kind, outcome = arrive(st, context, allowance, transfer, request)
        _changes(outcome != OUTCOME["already"])
        return kind, outcome

    valid(st, till, allowance, transfer, request)
    need(line, "ALLOWANCE_UNKNOWN")
    known = st.transfers.get(transfer.id)
    state = known["state"] if known else None
    need(state != "void", "VOIDED")
    if message["claim"] == 4:
        _changes(state != "cancelled")
        need(state is None, "ALREADY_SETTLED")
        need(line["state"] != "closed", "ALLOWANCE_CLOSED")
        known = record(st, till, allowance, transfer, entry.time)
        known["state"] = "cancelled"
        known["statement"] = known["statement"] or entry.index
        return STATEMENT, OUTCOME["cancelled"]
    need(state != "cancelled", "CANCELLED")
    _changes(not state)
    need(line["state"] != "closed", "ALLOWANCE_CLOSED")
    need(line["loss_time"] is None, "ALLOWANCE_DENIED")
    need(message["claim"] != 3 or not accept.request_over(request, entry.time), "REQUEST_EXPIRED")
    need(lines.is_free(line, transfer["from"], transfer["to"]), "INTERVAL_OVERLAP")
    check_evidence(st, line, transfer)
    known = record(st, till, allowance, transfer, entry.time)
    pay_from_reserve(st, line, known)
    known["state"] = "reserve"
    must_follow(st, known)
    return SETTLE, OUTCOME["reserve"]


# ---- evidence and review ---------------------------------------------------------------------------

def evidence(st, entry):
    attached = entry.attachment
    issuers = [key["key"] for key in st.keys_of(ALLOWANCE)]
    found, certificate, first, second = proof.check(st.network, issuers, entry.messages[0], entry.messages[1],
                                                    attached["first_request"], entry.messages[2],
                                                    attached["second_request"])
    lines.compare(entry, {"cause": found})
    line = line_of(st, certificate)
    need(line, "ALLOWANCE_UNKNOWN")
    if second.id in line["proven"] or contradicted(st, line, second) != first.id:
        raise Mismatch("the first transfer of the evidence is not the one to be named")
    st.deny(line)
    if line["state"] != "closed":
        line["state"] = "frozen"
    line["proven"].add(second.id)


def review(st, entry):
    messages = [st.decode("review", data) for data in entry.messages]
    st.signed_by_two(messages, 3, 13)
    transfer = st.transfers.get(messages[0]["transfer"])
    need(transfer and transfer["state"] != "cancelled", "TRANSFER_UNKNOWN")
    need(transfer["state"] != "void", "VOIDED")
    need(transfer["state"] == "review", "ALREADY_SETTLED")
    if messages[0]["decision"] == 2:
        transfer["state"] = "till"
        return
    cents = transfer["to"] - transfer["from"]
    need(st.book.balance(st.account(transfer["class"], "fund")) >= cents, "FUNDS")
    book_fund(st, st.lines.get(transfer["line"]), transfer)
    transfer["state"] = "fund"
