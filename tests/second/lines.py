"""Lines: allowance, renewal, close, debt, expiry (PROTOCOL.md sections 12.1 and 12.6).

A line is a dict: id, key, purse, class, tier, amount (A), restriction, online, parts [(lot, cents)] that cover [0, A),
first_from, end, state, denied_version, loss_time, used [(from, to)] settled intervals, settled (cents), refunded, lost
(F, net of refunds), fund_loss (what the fund still misses of it), debt, forfeited [(lot, cents)], transfers (ids in log
order), proven (ids that evidence named as the second).
"""

import cose
import keys
import signer
from state import ALLOWANCE, DAY
from status import need

MOST_LINES = 16                 # of a purse that are not closed


def cents_at(parts, start, end):
    """The parts [(lot, cents)] that lie under [start, end)."""
    found, at = [], 0
    for lot, cents in parts:
        low, high = max(start, at), min(end, at + cents)
        if low < high:
            found.append((lot, high - low))
        at += cents
    return found


def is_free(line, start, end):
    return not any(max(start, a) < min(end, b) for a, b in line["used"])


def free_ranges(line):
    """What no settled interval covers, from the lowest up."""
    at, free = 0, []
    for a, b in sorted(line["used"]):
        if at < a:
            free.append((at, a))
        at = max(at, b)
    if at < line["amount"]:
        free.append((at, line["amount"]))
    return free


def free_parts(line):
    """What lies under no settled interval, by lots."""
    return [part for low, high in free_ranges(line) for part in cents_at(line["parts"], low, high)]


def joined(parts):
    """Neighbours of one lot are one part."""
    result = []
    for lot, cents in parts:
        if result and result[-1][0] == lot:
            result[-1] = (lot, result[-1][1] + cents)
        else:
            result.append((lot, cents))
    return result


# ---- 12.1 -----------------------------------------------------------------------------------------

def allowance(st, entry):
    rule = cose.type_of(entry.messages[0])
    rule = rule if rule == "renewal-request" else "allowance-request"
    message = st.decode(rule, entry.messages[0])
    certificate = st.decode("allowance", entry.messages[1])
    purse = st.purses.get(message["purse"])
    need(purse, "PURSE_UNKNOWN")
    key = st.purse_signer(purse, message)
    line = _renewed(st, message) if rule == "renewal-request" else _requested(st, message, purse)
    need(message.id not in st.done, "REPLAY", rule)
    new = message["amount"] - line["amount"]

    device_day = message["purse"], key, st.time // DAY
    if key != purse["recovery"]:
        asked = st.asked.get(device_day, 0) + new
        need(asked <= purse["devices"][key], "AMOUNT_OVER_LIMIT", "device")
    now = st.in_force()
    mine = [other for other in st.lines.values() if other["purse"] == message["purse"] and other["state"] != "closed"]
    need(line["id"] in st.lines or len(mine) < MOST_LINES, "LINE_LIMIT", "lines of a purse")
    if not certificate.get("online", 0):
        held = sum(other["amount"] - other["settled"] + other["refunded"] for other in mine if not other["online"])
        need(held + new <= now["open_limits"][purse["tier"] - 1], "TIER_LIMIT")
    lots = st.free_lots(message["purse"], lambda lot: lot["restriction"] == line["restriction"])
    need(sum(st.free(message["purse"], lot) for lot in lots) >= new, "BALANCE")

    taken = st.take_lots(message["purse"], lots, new)
    parts = joined(line["parts"] + taken)
    need(len(taken) <= 64 and len(parts) <= 128, "CAPACITY", "parts")
    attached = [(part["lot"], part["cents"]) for part in entry.attachment["lots"]]
    need(attached == taken, "ENTRY_RECOMPUTE", "lots %r, expected %r" % (attached, taken))
    _check_certificate(st, certificate, line, message, parts, now)

    if key != purse["recovery"]:
        st.asked[device_day] = asked
    reserve = st.account(line["class"], "reserve", line["id"])
    for lot, cents in taken:
        st.book.post(st.lot_account(line["purse"], st.lots[lot]), reserve, cents)
    st.done.add(message.id)
    line["parts"] = parts
    line["amount"], line["end"] = message["amount"], certificate["from"] + 3600 * certificate["hours"]
    line["first_from"] = line["first_from"] or certificate["from"]
    st.lines[line["id"]] = line


def _requested(st, message, purse):
    """A new line, not yet in the register."""
    line_id = keys.kid(message["key"])
    need(line_id not in st.lines, "DUPLICATE_ID", "line")
    return {"id": line_id, "key": message["key"], "purse": message["purse"], "class": purse["class"],
            "tier": purse["tier"], "amount": 0, "restriction": message.get("restriction", 0),
            "online": message.get("online", 0), "parts": [], "first_from": 0, "end": 0, "state": "open",
            "denied_version": None, "loss_time": None, "used": [], "settled": 0, "refunded": 0,
            "lost": 0, "fund_loss": 0, "debt": 0, "forfeited": [], "transfers": [], "proven": set()}


def _renewed(st, message):
    line = st.lines.get(message["allowance"])
    need(line and line["purse"] == message["purse"], "ALLOWANCE_UNKNOWN")
    need(line["state"] != "closed", "ALLOWANCE_CLOSED")
    need(line["state"] != "frozen", "ALLOWANCE_FROZEN")
    need(line["id"] not in st.denied and line["loss_time"] is None, "ALLOWANCE_DENIED")
    need(message["amount"] >= line["amount"], "AMOUNT_RANGE")
    need(st.time < line["first_from"] + st.in_force()["line_days"] * DAY, "LINE_LIMIT")
    return line


def _check_certificate(st, certificate, line, message, parts, now):
    def must(condition, what):
        need(condition, "ENTRY_RECOMPUTE", "certificate: " + what)

    signer.find(certificate, st.keys_of(ALLOWANCE), certificate["from"])
    end = certificate["from"] + 3600 * certificate["hours"]
    must(certificate["key"] == line["key"], "key")
    must(certificate["class"] == line["class"] and certificate["tier"] == line["tier"], "class, tier")
    must(certificate["amount"] == message["amount"], "amount")
    must(certificate.get("restriction", 0) == line["restriction"], "restriction")
    must(certificate["limit"] == now["transfer_limits"][line["tier"] - 1], "limit")
    must(certificate["from"] <= st.time, "from")
    must(certificate["hours"] <= now["allowance_hours"], "hours")
    must(st.time < end <= min(st.lots[lot]["expiry"] for lot, _ in parts), "end")
    must(end > line["end"], "end not later than before")
    must(certificate.get("online", 0) == line["online"], "online")


# ---- 12.6 -----------------------------------------------------------------------------------------

def close(st, entry):
    line = st.lines.get(entry.attachment["allowance"])
    need(line, "ALLOWANCE_UNKNOWN")
    need(line["state"] != "closed", "NOT_DUE", "closed before")
    need(not st.hold, "ON_HOLD")
    mine = [st.transfers[t] for t in line["transfers"]]
    need(not any(t["state"] == "review" for t in mine), "UNSETTLED_CLAIM")
    served = sum(day * DAY >= line["end"] for day in st.service_days)
    need(served >= st.in_force()["grace_days"], "NOT_DUE")

    free = free_parts(line)
    rest = sum(cents for _, cents in free)
    need(rest == line["amount"] - line["settled"], "BOOKS", "free cents of a line")
    reserve = st.account(line["class"], "reserve", line["id"])

    forfeited = min(line["lost"], rest)
    line["forfeited"] = cents_at(free, 0, forfeited)
    st.book.post(reserve, st.account(line["class"], "fund"), forfeited)
    line["fund_loss"] -= forfeited
    at = forfeited
    for transfer in mine:
        if transfer["state"] == "till" and transfer["cause"] == "overlap":
            paid = min(transfer["to"] - transfer["from"], rest - at)
            transfer["parts"] = cents_at(free, at, at + paid)
            st.book.post(reserve, st.account(line["class"], "owed", transfer["merchant"]), paid)
            at += paid
    settled = line["settled"] + at - forfeited

    expired = returned = 0
    for lot, cents in cents_at(free, at, rest):
        if st.lots[lot]["expiry"] > st.time:
            returned += cents
        else:
            expired += cents
        st.book.post(reserve, st.lot_or_expired(line["purse"], lot), cents)
    line["state"], line["settled"] = "closed", settled
    st.allow(line)
    compare(entry, {"settled": settled, "forfeited": forfeited, "expired": expired, "returned": returned})
    if line["lost"] > forfeited:
        st.must.append({"kind": 29, "attachment": {"allowance": line["id"], "purse": line["purse"],
                                                   "amount": line["lost"] - forfeited}})


def compare(entry, expected):
    for name, value in expected.items():
        need(entry.attachment[name] == value, "ENTRY_RECOMPUTE",
             "%s is %r, expected %r" % (name, entry.attachment[name], value))


def debt(st, entry):
    """Comes right behind its close; replay.py has compared the attachment."""
    line = st.lines[entry.attachment["allowance"]]
    amount = entry.attachment["amount"]
    st.book.post(st.account(line["class"], "claim", line["purse"]), st.account(line["class"], "fund"), amount)
    line["debt"] += amount
    line["fund_loss"] -= amount


def expiry(st, entry):
    need(not st.hold, "ON_HOLD")
    purse, lot = entry.attachment["purse"], st.lots.get(entry.attachment["lot"])
    need(lot, "LOT_UNKNOWN")
    need(lot["expiry"] <= st.time, "NOT_DUE", "expiry")
    need(any(day * DAY >= lot["expiry"] for day in st.service_days), "NOT_DUE", "no service day since")
    free = st.free(purse, lot)
    need(free, "NOT_DUE", "nothing free")
    compare(entry, {"amount": free})
    st.book.post(st.lot_account(purse, lot), st.account(lot["class"], "expired"), free)
