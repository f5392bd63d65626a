"""Voids and refunds at the ledger (PROTOCOL.md sections 9.7 and 12.8)."""

import keys
import lines
import rules
import settle
from status import Mismatch, need

VOID, REFUND = 19, 20
ALREADY, REVERSED, WAITS = 5, 7, 8


def paid(transfer):
    """The cents that the merchant got for it."""
    if transfer["state"] in ("late", "till"):
        return sum(cents for _, cents in transfer["parts"])
    return transfer["to"] - transfer["from"]


def give_back(st, transfer, cents):
    """The last `cents` that are not refunded yet go back where they came from."""
    line, cls = st.lines.get(transfer["line"]), transfer["class"]
    if transfer["state"] == "fund":
        credits = _to_fund(st, line, transfer, cents)
    else:
        if transfer["state"] in ("late", "till"):
            parts, high = transfer["parts"], paid(transfer) - transfer["refunded"]
        else:
            parts, high = line["parts"], transfer["to"] - transfer["refunded"]
            line["refunded"] += cents
        credits = [(st.lot_or_expired(line["purse"], lot), c) for lot, c in lines.cents_at(parts, high - cents, high)]
    owed = settle.owed(st, transfer)
    from_owed = min(cents, st.book.balance(owed))
    claim = st.account(cls, "claim", "merchant", transfer["merchant"])
    st.book.move([(owed, from_owed), (claim, cents - from_owed)], credits)
    transfer["refunded"] += cents


def _to_fund(st, line, transfer, cents):
    """First the debt of the line, then the fund while its loss remains, then the lots that were forfeited.

    All of it to the fund when it paid for another cause than an overlap.
    """
    fund = st.account(transfer["class"], "fund")
    if transfer["cause"] != "overlap":
        return [(fund, cents)]
    line["lost"] -= cents
    credits = []
    for name, account in (("debt", st.account(line["class"], "claim", line["purse"])), ("fund_loss", fund)):
        part = min(cents, line[name])
        credits.append((account, part))
        line[name] -= part
        cents -= part
    whole = sum(c for _, c in line["forfeited"])
    if cents > whole:
        raise Mismatch("more comes back than was forfeited")
    back = lines.cents_at(line["forfeited"], whole - cents, whole)
    line["forfeited"] = lines.cents_at(line["forfeited"], 0, whole - cents)
    return credits + [(st.lot_or_expired(line["purse"], lot), c) for lot, c in back[::-1]]


def void(st, till, inner):
    allowance, transfer, request = rules.read_accept(st, inner["messages"])
    message = st.decode("void", inner["messages"][3])
    need(message["till"] == till["till"], "WRONG_PAYEE", "void")
    st.till_signed(till, message)
    need(message["transfer"] == transfer.id, "TRANSFER_UNKNOWN", "void of another")
    known = st.transfers.get(transfer.id)
    state = known["state"] if known else None
    if state in (None, "cancelled"):
        settle.valid(st, till, allowance, transfer, request)
        known = settle.record(st, till, allowance, transfer, inner["time"])
        line = settle.line_of(st, allowance)
        if line and line["state"] != "closed" and lines.is_free(line, transfer["from"], transfer["to"]):
            _free_at_once(st, line, known)
        settle.must_follow(st, known)               # what waited is refused now
    else:
        need(known["till"] == till["till"], "WRONG_PAYEE", "void")
        if state in ("reserve", "fund", "late", "till"):
            give_back(st, known, paid(known) - known["refunded"])
    known["state"] = "void"
    return VOID, REVERSED


def _free_at_once(st, line, transfer):
    """A transfer that never settled: its cents leave the reserve, and its interval is used up."""
    reserve = st.account(line["class"], "reserve", line["id"])
    for lot, cents in lines.cents_at(line["parts"], transfer["from"], transfer["to"]):
        st.book.post(reserve, st.lot_or_expired(line["purse"], lot), cents)
    line["used"].append((transfer["from"], transfer["to"]))
    line["settled"] += transfer["to"] - transfer["from"]
    line["refunded"] += transfer["to"] - transfer["from"]


def refund(st, till, inner, waits):
    """`waits` is (item, upload, number) of a refund that may still wait, None when it is booked after waiting."""
    message = st.decode("refund", inner["messages"][0])
    need(message["till"] == till["till"], "WRONG_PAYEE", "refund")
    merchant = st.merchants[till["merchant"]]
    by_merchant = message.kid == keys.kid(merchant["key"])
    st.till_signed({"key": merchant["key"]} if by_merchant else till, message)
    known = st.transfers.get(message["transfer"])
    if waits and (not known or known["state"] == "cancelled"):
        st.waiting.setdefault(message["transfer"], []).append(waits + (till["till"],))
        return REFUND, WAITS
    need(known["till"] == till["till"], "WRONG_PAYEE", "refund")
    if message["number"] <= known["refunds"]:
        return REFUND, ALREADY
    need(known["state"] != "void", "VOIDED")
    need(known["state"] != "review", "IN_REVIEW")
    need(known["state"] != "till", "TILL_RULE")
    need(message["number"] == known["refunds"] + 1, "REPLAY", "number")
    need(known["refunded"] + message["amount"] <= paid(known), "REFUND_OVER")
    if not by_merchant:
        day = st.local_day(message["time"])
        need(day == st.local_day(known["accepted"]), "REFUND_DAY")
        used = st.refund_day.get((till["till"], day), 0) + message["amount"]
        need(used <= st.in_force()["till_refund"], "REFUND_DAY", "till_refund")
        need(message["amount"] <= st.book.balance(settle.owed(st, known)), "REFUND_OWED")
        st.refund_day[till["till"], day] = used
    give_back(st, known, message["amount"])
    known["refunds"] = message["number"]
    return REFUND, REVERSED
