"""Entries that carry an act of the city or of a purse (PROTOCOL.md sections 7, 8 and 10).

Each function takes the state and the entry; it checks in the order of the table in section 8 and then books.
"""

import cose
import keys
import lines
import news
import note
import signer
import upload
import wire
from state import AUDIT, CHECKPOINT, DAY, ENROLMENT, PROGRAMME, SETTLEMENT, SUPPORT, TREASURY
from status import Refused, need


def _one(st, entry, rule):
    return st.decode(rule, entry.messages[0])


def _both(st, entry, rule):
    return [st.decode(rule, data) for data in entry.messages]


# ---- the city ---------------------------------------------------------------------------------

def genesis(st, entry):
    need(entry.index == 0, "ENTRY_KIND", "genesis")
    payload = wire.decode("genesis", cose.open_envelope(entry.messages[0]).payload)
    st.network, st.origin = payload["network"], payload["origin"]
    messages = _both(st, entry, "genesis")
    need(len(set(payload["roots"])) == 3, "DUPLICATE_ID", "roots")
    st.roots = [dict(signer.FOREVER, key=key, role=1) for key in payload["roots"]]
    signer.two(messages, st.roots, st.roots, st.time)


def role_key(st, entry):
    messages = _both(st, entry, "role-key")
    signer.two(messages, st.roots, st.roots, st.time)
    fields = messages[0].fields
    need(fields["from"] <= fields["until"], "CBOR_RANGE", "until")
    need(fields["verify_until"] >= fields["until"] + 15 * DAY, "CBOR_RANGE", "verify_until")
    need(not st.started or fields["from"] >= st.time + 14 * DAY, "KEY_NOT_YET", "14 days ahead")
    need(not any(k["key"] == fields["key"] and k["role"] == fields["role"] for k in st.role_keys), "DUPLICATE_ID")
    st.role_keys.append(dict(fields, killed=False))


def kill(st, entry):
    messages = _both(st, entry, "kill")
    try:
        signer.two(messages, st.roots, st.roots, st.time)
    except Refused:
        st.signed_by_two(messages, TREASURY, AUDIT)
    fields = messages[0].fields
    found = [k for k in st.role_keys if k["key"] == fields["key"] and k["role"] == fields["role"]]
    need(found, "SIGNER_UNKNOWN", "kill")
    need(not found[0]["killed"], "REPLAY", "kill")
    found[0]["killed"] = True


def parameters(st, entry):
    messages = _both(st, entry, "parameters")
    st.signed_by_two(messages, PROGRAMME, TREASURY)
    new = messages[0].fields
    last = st.parameters[-1] if st.parameters else None
    need(new["version"] == (last["version"] if last else 0) + 1, "REPLAY", "version")
    need(not last or new["from"] >= last["from"], "CBOR_RANGE", "from")
    need(new["grace_days"] * DAY > new["offline_seconds"], "CBOR_RANGE", "grace_days")
    st.parameters.append(new)


def series(st, entry):
    messages = _both(st, entry, "series")
    st.signed_by_two(messages, PROGRAMME, TREASURY)
    new = dict(messages[0].fields)
    last = st.series.get(new["series"])
    need(new["version"] == (last["version"] if last else 0) + 1, "REPLAY", "version")
    need(not last or new["class"] == last["class"], "CLASS")
    issued = last["issued"] if last else 0
    need(new["budget"] >= issued, "BUDGET")
    new.update(issued=issued, issues=last["issues"] if last else set())
    st.series[new["series"]] = new


def merchant(st, entry):
    message = _one(st, entry, "merchant")
    st.signed_by(message, ENROLMENT)
    need(message["merchant"] not in st.merchants, "DUPLICATE_ID", "merchant")
    st.merchants[message["merchant"]] = dict(message.fields, payouts={1: 0, 2: 0})


def till(st, entry):
    message = _one(st, entry, "till")
    st.signed_by(message, ENROLMENT)
    new = message.fields
    need(new["merchant"] in st.merchants, "MERCHANT_UNKNOWN")
    need(new["till"] not in st.tills and new["key"] not in st.till_keys, "DUPLICATE_ID", "till")
    most = st.in_force()["till_classes"][new["level"] - 1]
    need(new["limit"] <= most["limit"] and new["count"] <= most["count"], "AMOUNT_OVER_LIMIT", "till")
    st.till_keys.add(new["key"])
    st.tills[new["till"]] = dict(new, revoked=None, size=0, hashes=[], rules=None)


def revocation(st, entry):
    message = _one(st, entry, "revocation")
    st.signed_by(message, ENROLMENT)
    need(message["till"] in st.tills, "TILL_UNKNOWN")
    need(st.tills[message["till"]]["revoked"] is None, "REPLAY")
    st.tills[message["till"]]["revoked"] = message["size"]


def anchor(st, entry):
    """What the ledger says to a till must be what the log says."""
    message = _one(st, entry, "anchor")
    st.signed_by(message, SETTLEMENT)
    need(message["till"] in st.tills, "TILL_UNKNOWN")
    known = st.tills[message["till"]]
    need(message["time"] == st.time, "ENTRY_RECOMPUTE", "anchor: time")
    need(message["news"] == st.news_version, "ENTRY_RECOMPUTE", "anchor: news")
    need(message["news_hash"] == news.list_hash(st.denied), "ENTRY_RECOMPUTE", "anchor: news_hash")
    need(message["parameters"] == st.in_force()["version"], "ENTRY_RECOMPUTE", "anchor: parameters")
    need(message["size"] == known["size"], "ENTRY_RECOMPUTE", "anchor: size")
    need(message["root"] == upload.till_root(known, known["size"]), "ENTRY_RECOMPUTE", "anchor: root")


def service_day(st, entry):
    day = entry.attachment["day"]
    need(day == st.time // DAY, "ENTRY_RECOMPUTE", "day")
    need(not st.service_days or st.service_days[-1] < day, "REPLAY", "service day")
    for candidate in st.keys_of(CHECKPOINT):
        if candidate["killed"] or not candidate["from"] <= st.time <= candidate["until"]:
            continue
        try:
            _, size, root = note.read(entry.attachment["checkpoint"], st.origin, candidate["key"])
        except Refused as refused:
            if refused.status != "SIGNER_UNKNOWN":
                raise
            continue
        need(size == entry.index and root == st.tree.root(), "LOG_ROOT", "service day")
        st.service_days.append(day)
        return
    raise Refused("SIGNER_UNKNOWN", "service day")


def hold(st, entry):
    messages = _both(st, entry, "hold")
    st.signed_by_two(messages, TREASURY, AUDIT)
    fields = messages[0].fields
    need(fields["number"] == st.hold_number + 1, "REPLAY", "number")
    need((fields["action"] == 1) != st.hold, "REPLAY", "action")
    st.hold_number, st.hold = fields["number"], fields["action"] == 1


# ---- money of the city --------------------------------------------------------------------------

def funding(st, entry):
    message = _one(st, entry, "funding")
    st.signed_by(message, TREASURY)
    need((message["class"], message["number"]) not in st.fundings, "REPLAY", "number")
    if message["purpose"] == 1:
        need(message.get("series") in st.series, "SERIES_UNKNOWN")
        need(st.series[message["series"]]["class"] == message["class"], "CLASS")
        target = st.account(message["class"], "subsidy", message["series"])
    else:
        target = st.account(message["class"], "fund" if message["purpose"] == 2 else "unclear")
    st.fundings.add((message["class"], message["number"]))
    st.book.post(st.account(message["class"], "bank"), target, message["amount"])


def issue(st, entry):
    message = _one(st, entry, "issue")
    st.signed_by(message, PROGRAMME)
    need(message["series"] in st.series, "SERIES_UNKNOWN")
    programme = st.series[message["series"]]
    need(programme["from"] <= st.time < programme["until"], "SERIES_CLOSED")
    need(message["number"] not in programme["issues"], "REPLAY", "number")
    need(message["purse"] in st.purses, "PURSE_UNKNOWN")
    need(st.purses[message["purse"]]["class"] == programme["class"], "CLASS")
    paid, promo = message.get("paid", 0), message.get("promo", 0)
    need(paid or promo, "AMOUNT_ZERO")
    for cents, expiry in ((paid, message.get("paid_expiry", 0)), (promo, message.get("promo_expiry", 0))):
        need(not cents or expiry > st.time, "LOT_EXPIRED")
    need(promo <= (paid + promo) * programme["percent"] // 100, "BUDGET", "percent")
    need(programme["issued"] + paid + promo <= programme["budget"], "BUDGET")
    number = programme["class"]
    unclear, subsidy = st.account(number, "unclear"), st.account(number, "subsidy", message["series"])
    need(paid <= st.book.balance(unclear) and promo <= st.book.balance(subsidy), "FUNDS")
    programme["issued"] += paid + promo
    programme["issues"].add(message["number"])
    for cents, expiry, source, is_promo in ((paid, message.get("paid_expiry"), unclear, False),
                                            (promo, message.get("promo_expiry"), subsidy, True)):
        if cents:
            lot = {"id": 2 * entry.index + is_promo, "class": number, "promo": is_promo, "expiry": expiry,
                   "restriction": programme.get("restriction", 0)}
            st.lots[lot["id"]] = lot
            st.book.post(source, st.lot_account(message["purse"], lot), cents)


def payout(st, entry):
    message = _one(st, entry, "payout")
    st.signed_by(message, TREASURY)
    number, cls = message["merchant"], message["class"]
    need(number in st.merchants, "MERCHANT_UNKNOWN")
    payouts = st.merchants[number]["payouts"]
    need(message["number"] == payouts[cls] + 1, "REPLAY", "number")
    owed, claim = st.account(cls, "owed", number), st.account(cls, "claim", "merchant", number)
    amount = st.book.balance(owed) - st.book.balance(claim)
    need(amount > 0, "NOTHING_OWED")
    need(message["amount"] == amount, "PAYOUT_AMOUNT")
    payouts[cls] = message["number"]
    st.book.post(owed, claim, st.book.balance(claim))
    st.book.post(owed, st.account(cls, "payout", number), amount)


# ---- purses ---------------------------------------------------------------------------------------

def purse(st, entry):
    messages = _both(st, entry, "purse")
    new = messages[0].fields
    st.purse_signer({"recovery": new["recovery"], "devices": {}}, messages[0])
    need(len(messages) == (1 if new["tier"] == 1 else 2), "SECOND_SIGNATURE", "purse")
    if new["tier"] != 1:
        need(messages[1].payload == messages[0].payload, "SECOND_SIGNATURE", "purse")
        st.signed_by(messages[1], ENROLMENT)
    need(new["purse"] not in st.purses, "DUPLICATE_ID", "purse")
    need(new["recovery"] != new["device"], "DUPLICATE_ID", "recovery and device")
    st.purses[new["purse"]] = dict(new, devices={new["device"]: new["daily_limit"]}, device_number=0)


def device(st, entry):
    message = _one(st, entry, "device")
    need(message["purse"] in st.purses, "PURSE_UNKNOWN")
    owner = st.purses[message["purse"]]
    st.purse_signer(owner, message, devices=False)
    need(message["number"] == owner["device_number"] + 1, "REPLAY", "number")
    if message["action"] == 1:
        need(message["device"] not in owner["devices"] and message["device"] != owner["recovery"], "DUPLICATE_ID",
             "device")
        need(len(owner["devices"]) < 8, "CAPACITY", "devices")
        owner["devices"][message["device"]] = message["daily_limit"]
    else:
        need(message["device"] in owner["devices"], "PURSE_KEY", "device")
        del owner["devices"][message["device"]]
    owner["device_number"] = message["number"]


def gift(st, entry):
    message = _one(st, entry, "gift")
    need(message["purse"] in st.purses, "PURSE_UNKNOWN")
    st.purse_signer(st.purses[message["purse"]], message, devices=False)
    need(message.id not in st.done, "REPLAY", "gift")
    lot = st.lots.get(message["lot"])
    need(lot and st.free(message["purse"], lot), "LOT_UNKNOWN")
    need(lot["expiry"] > st.time, "LOT_EXPIRED")
    unsettled = any(part == lot["id"] for line in st.lines.values() if line["state"] != "closed"
                    for part, _ in lines.free_parts(line))
    need(not unsettled, "BALANCE", "reserved")
    need(message["to"] in st.purses, "PURSE_UNKNOWN")
    need(st.purses[message["to"]]["class"] == lot["class"], "CLASS")
    need(message["to"] != message["purse"], "DUPLICATE_ID", "the same purse")
    st.done.add(message.id)
    st.book.post(st.lot_account(message["purse"], lot), st.lot_account(message["to"], lot),
                 st.free(message["purse"], lot))


def loss_report(st, entry):
    message = _one(st, entry, "loss-report")
    owner = st.purses.get(message["purse"])
    if any(keys.kid(k["key"]) == message.kid for k in st.keys_of(SUPPORT)):
        st.signed_by(message, SUPPORT)
        need(owner, "PURSE_UNKNOWN")
    else:
        need(owner, "PURSE_UNKNOWN")
        st.purse_signer(owner, message, devices=False)
    if "allowance" in message.fields:
        line = st.lines.get(message["allowance"])
        need(line and line["purse"] == message["purse"], "ALLOWANCE_UNKNOWN")
        need(line["state"] != "closed", "ALLOWANCE_CLOSED")
        found = [line]
    else:
        found = [line for line in st.lines.values() if line["purse"] == message["purse"] and line["state"] != "closed"]
    found = [line for line in found if line["loss_time"] is None]
    need(found, "REPLAY", "nothing new to report")
    for line in sorted(found, key=lambda line: line["id"]):
        st.deny(line)
        line["loss_time"] = st.time
        if line["state"] == "open":
            line["state"] = "reported"


def denial(st, entry):
    messages = _both(st, entry, "denial")
    st.signed_by_two(messages, ENROLMENT, AUDIT)
    line = st.lines.get(messages[0]["allowance"])
    need(line, "ALLOWANCE_UNKNOWN")
    need(line["state"] != "closed", "ALLOWANCE_CLOSED")
    need(line["id"] not in st.denied, "REPLAY")
    need(st.deny_room(), "CAPACITY", "deny list")
    st.deny(line)
