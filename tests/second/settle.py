"""A transfer arrives: by a till's upload or by the payer's statement (PROTOCOL.md sections 12.3 to 12.5).

A transfer is a dict: id, line, class, from, to, seq, prev, till, merchant, accepted, state (reserve, fund, review, late,
till, void, cancelled), cause (overlap, loss, unknown), refunded, refunds, parts (of a late one), statement (its entry).
"""

import accept
import cose
import evidence as proof
import keys
import lines
import signer
from state import ALLOWANCE
from status import NUMBER, Mismatch, Refused, need

SETTLE, LATE, STATEMENT = 18, 28, 49
OUTCOME = {"reserve": 1, "fund": 2, "review": 3, "till": 4, "already": 5, "late": 6, "cancelled": 9}


def valid(st, till, allowance, transfer, request):
    """The first paragraph of 12.3. A killed issuer's certificate is not rejected: R18 has it reviewed or paid."""
    issuers = [dict(key, killed=False) for key in st.keys_of(ALLOWANCE)]
    signer.find(allowance, issuers, allowance["from"])
    cose.verify(transfer, allowance["key"])
    need(transfer["payee"] == till["till"], "WRONG_PAYEE")
    need(request["class"] == allowance["class"], "CLASS")
    restriction = allowance.get("restriction", 0)
    need(restriction == 0 or restriction in till["restrictions"], "RESTRICTION")
    need(transfer["from"] < transfer["to"], "AMOUNT_ZERO")
    need(accept.amount_fits(transfer["to"] - transfer["from"], request), "AMOUNT_MISMATCH")
    line = st.lines.get(keys.kid(allowance["key"]))
    need(transfer["to"] <= (line or allowance)["amount"], "AMOUNT_OVER_ALLOWANCE")


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
    if line["loss_time"] is not None and context["accepted"] > line["loss_time"]:
        could_not_know = context["kept"] and context["news_version"] < line["loss_version"]
        return ("fund" if could_not_know else "till"), "loss"
    if lines.is_free(line, transfer["from"], transfer["to"]):
        return "reserve", None
    if context["receipt"] or context["gap"]:
        return "review", "overlap"
    return ("fund" if context["kept"] else "till"), "overlap"


def check_evidence(st, line, transfer, cause):
    """Evidence stands directly before the entry that needs it, once for each second transfer."""
    logged, st.evidence = st.evidence, None
    others = [st.transfers[i] for i in line["transfers"] if i != transfer.id]
    needed = cause == "overlap" or any(o["seq"] == transfer["seq"] or o["prev"] == transfer["prev"] for o in others)
    here = logged is not None and logged["second"] == transfer.id
    if needed and not here and transfer.id not in line["proven"]:
        raise Mismatch("evidence is missing")


def record(st, till, allowance, transfer, accepted):
    """The transfer's place in the register; what was there before stays."""
    if transfer.id in st.transfers:
        return st.transfers[transfer.id]
    line_id = keys.kid(allowance["key"])
    new = {"id": transfer.id, "line": line_id, "class": allowance["class"], "from": transfer["from"],
           "to": transfer["to"], "seq": transfer["seq"], "prev": transfer["prev"], "till": till["till"],
           "merchant": till["merchant"], "accepted": accepted, "state": None, "cause": None, "refunded": 0,
           "refunds": 0, "parts": [], "statement": None}
    st.transfers[transfer.id] = new
    if line_id in st.lines:
        st.lines[line_id]["transfers"].append(transfer.id)
    return new


def arrive(st, context, allowance, transfer, request):
    """(kind of entry, outcome), and the booking."""
    till = context["till"]
    valid(st, till, allowance, transfer, request)
    line = st.lines.get(keys.kid(allowance["key"]))
    state, cause = decide(st, context, line, transfer)
    if state == "already":
        return SETTLE, OUTCOME["already"]
    if line:
        check_evidence(st, line, transfer, cause)
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
    if before == "cancelled":
        st.must.append({"kind": 40, "attachment": {"transfer": known["id"], "statement": known["statement"]}})
    for message, upload, number, due_till in st.waiting.pop(known["id"], []):
        st.must.append({"kind": 20, "message": message, "till": due_till,
                        "attachment": {"upload": upload, "number": number}})
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
    if line:
        line["fund_loss"] += cents
        if transfer["cause"] == "overlap":
            line["lost"] += cents


def pay_late(st, till, line, transfer):
    """12.6: from the purse's free lots that this till accepts, as far as they go."""
    if not lines.is_free(line, transfer["from"], transfer["to"]):
        return "till"

    def accepts(lot):
        return lot["class"] == line["class"] and (not lot["restriction"] or lot["restriction"] in till["restrictions"])

    transfer["parts"] = st.take_lots(st.free_lots(line["purse"], accepts), transfer["to"] - transfer["from"])
    for lot, cents in transfer["parts"]:
        st.book.post(st.lot_account(st.lots[lot]), owed(st, transfer), cents)
    line["used"].append((transfer["from"], transfer["to"]))
    return "late"


# ---- the payer's statement, 12.4 ----------------------------------------------------------------

def statement(st, entry):
    """Entries of kind settle, late or statement whose first message is a statement."""
    try:
        expected = answer(st, entry)
    except Refused as refused:
        if refused.status == "BOOKS":
            raise Mismatch(str(refused)) from refused
        expected = STATEMENT, 64 + NUMBER[refused.status]
    found = entry.kind, entry.attachment["outcome"]
    if found != expected:
        raise Mismatch("kind, outcome: %r, expected %r" % (found, expected))


def answer(st, entry):
    """(kind of entry, outcome), and the booking."""
    message = st.decode("statement", entry.messages[0])
    allowance, transfer = st.decode("allowance", entry.messages[1]), st.decode("transfer", entry.messages[2])
    request = st.decode("request", entry.messages[3])
    cose.bind_transfer(transfer, st.network, allowance["key"], request.id)
    line = st.lines.get(keys.kid(allowance["key"]))
    purse = st.purses.get(message["purse"])
    need(purse and (not line or line["purse"] == message["purse"]), "PURSE_UNKNOWN")
    st.purse_signer(purse, message)
    need(message["transfer"] == transfer.id, "MESSAGE_TYPE", "another transfer")
    till = st.tills.get(request["till"])
    need(till, "TILL_UNKNOWN")
    st.till_signed(till, request)
    need((len(entry.messages) == 5) == (message["claim"] == 1), "ENTRY_SHAPE", "receipt")
    if message["claim"] == 1:
        receipt = st.decode("receipt", entry.messages[4])
        need(receipt["transfer"] == transfer.id and receipt["till"] == till["till"], "RECEIPT_MISMATCH")
        st.till_signed(till, receipt)
        context = {"till": till, "accepted": receipt["time"], "kept": False, "gap": False, "receipt": True,
                   "news_version": 0}
        return arrive(st, context, allowance, transfer, request)

    valid(st, till, allowance, transfer, request)
    need(line, "ALLOWANCE_UNKNOWN")
    known = st.transfers.get(transfer.id)
    state = known["state"] if known else None
    need(state != "void", "VOIDED")
    if message["claim"] == 4:
        need(state in (None, "cancelled"), "ALREADY_SETTLED")
        need(line["state"] != "closed", "ALLOWANCE_CLOSED")
        known = record(st, till, allowance, transfer, entry.time)
        known["state"] = "cancelled"
        known["statement"] = known["statement"] or entry.index
        return STATEMENT, OUTCOME["cancelled"]
    need(state != "cancelled", "CANCELLED")
    if state == "review":
        return SETTLE, OUTCOME["review"]
    if state:
        return SETTLE, OUTCOME["already"]
    need(line["state"] != "closed", "ALLOWANCE_CLOSED")
    need(message["claim"] != 3 or not accept.request_over(request, entry.time), "REQUEST_EXPIRED")
    need(lines.is_free(line, transfer["from"], transfer["to"]), "INTERVAL_OVERLAP")
    check_evidence(st, line, transfer, None)
    known = record(st, till, allowance, transfer, entry.time)
    pay_from_reserve(st, line, known)
    known["state"] = "reserve"
    for waits, upload, number, due_till in st.waiting.pop(known["id"], []):
        st.must.append({"kind": 20, "message": waits, "till": due_till,
                        "attachment": {"upload": upload, "number": number}})
    return SETTLE, OUTCOME["reserve"]


# ---- evidence and review ---------------------------------------------------------------------------

def evidence(st, entry):
    attached = entry.attachment
    issuers = [key["key"] for key in st.keys_of(ALLOWANCE)]
    found, certificate, first, second = proof.check(st.network, issuers, entry.messages[0], entry.messages[1],
                                                    attached["first_request"], entry.messages[2],
                                                    attached["second_request"])
    lines.compare(entry, {"cause": found})
    line = st.lines.get(keys.kid(certificate["key"]))
    need(line, "ALLOWANCE_UNKNOWN")
    if first.id not in line["transfers"]:
        raise Mismatch("the first transfer of the evidence is not recorded")
    st.deny(line)
    if line["state"] != "closed":
        line["state"] = "frozen"
    line["proven"].add(second.id)
    st.evidence = {"first": first.id, "second": second.id}


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
