"""A small city, made by hand: the replay of its log must come to balances that are worked out here on paper."""

import copy
import json
import os

import entry as entries
import make
import merkle
import news
import note
import replay
import settle as settle_rules
import wire
from keys import sha256, thumbprint
from make import Key
from selftest import Cases
from state import DAY, State
from status import NUMBER, ROOT

START = 20_000 * DAY
ORIGIN = "example.org/test"
BUILD = os.path.join(ROOT, "build", "second")
PROGRAMME, TREASURY, ENROLMENT, ISSUER, SETTLEMENT, NEWS, CHECKPOINT, AUDIT = (
    Key("role %d" % n) for n in (2, 3, 4, 5, 6, 7, 8, 13))
ROLES = {2: PROGRAMME, 3: TREASURY, 4: ENROLMENT, 5: ISSUER, 6: SETTLEMENT, 7: NEWS, 8: CHECKPOINT, 13: AUDIT}
PARAMETERS = {
    "version": 1, "open_limits": [5000, 8000, 10000], "transfer_limits": [2000, 3000, 10000], "allowance_hours": 48,
    "grace_days": 2, "till_classes": [{"limit": 5000, "count": 5}, {"limit": 20000, "count": 20},
                                         {"limit": 50000, "count": 50}], "stale_percent": 50, "per_allowance": 3000, "per_allowance_stale": 1000,
    "fresh_seconds": 10000, "offline_seconds": 100000, "anonymous_allowance": 1000, "anonymous_total": 3000,
    "proof_total": 10000, "merchant_fund": 2500, "line_days": 60, "till_refund": 500,
    "offsets": [{"at": 1, "east": 3600}]}


class Log:
    """Appends entries and replays each at once."""

    def __init__(self):
        self.state, self.time, self.entries = State(), START, []

    def build(self, kind, messages=(), rule=None, **attached):
        data = wire.encode(rule, attached) if rule else entries.NOTHING
        return entries.build(kind, self.time, sha256(b"salt %d" % len(self.entries))[:16], messages, data)

    def add(self, *arguments, **attached):
        data = self.build(*arguments, **attached)
        replay.apply(self.state, data)
        self.entries.append(data)
        return len(self.entries) - 1

    def trying(self, *arguments, **attached):
        """The same, on a copy."""
        replay.apply(copy.deepcopy(self.state), self.build(*arguments, **attached))

    def balance(self, name):
        return self.state.book.balance(name)

    def message(self, key, rule, /, **fields):
        if any(f.name == "time" for f in make.RULES[rule].fields):
            fields.setdefault("time", self.time)
        return make.message(key, rule, **fields)

    def both(self, one, other, rule, /, **fields):
        return [self.message(one, rule, **fields), self.message(other, rule, **fields)]


class Till:
    """A till's own log."""

    def __init__(self, number, merchant):
        self.number, self.merchant, self.key = number, merchant, Key("till %d" % number)
        self.items, self.sent = [], 0

    def item(self, kind, time, *messages):
        self.items.append(entries.build(kind, time, bytes(16), messages))

    def upload(self, log, first=None):
        """The upload's entry; then the items that are new."""
        first = self.sent if first is None else first
        leaves = [merkle.leaf(item) for item in self.items]
        message = log.message(self.key, "upload", till=self.number, first=first, items=leaves[first:],
                              root=merkle.root(leaves))
        index = log.add(47, [message])
        new = list(enumerate(self.items[self.sent:], self.sent - first))
        self.sent = len(self.items)
        return index, new

    def send(self, log, *expected):
        """An upload whose items have these (kind, outcome)."""
        index, new = self.upload(log)
        assert len(new) == len(expected), (len(new), expected)
        for (number, item), (kind, outcome) in zip(new, expected):
            log.add(kind, [item], "item-attachment", upload=index, number=number, outcome=outcome)


class Line:
    def __init__(self, name, amount):
        self.key, self.amount = Key(name), amount
        self.seq, self.cursor, self.last = 0, 0, thumbprint(self.key.public)

    def certify(self, start, hours=24, tier=2, issuer=ISSUER):
        limit = PARAMETERS["transfer_limits"][tier - 1]
        self.certificate = make.message(issuer, "allowance", key=self.key.public, tier=tier, amount=self.amount,
                                        limit=limit, from_=start, hours=hours, **{"class": 1})
        return self.certificate

    def pay(self, till, log, cents, start=None, honest=True, number=1):
        """Allowance, transfer and request of one payment, and the transfer's id."""
        request = make.message(till.key, "request", till=till.number, amount=cents, nonce=b"nonce %02d" % number,
                               number=number, time=log.time, seconds=600, **{"class": 1})
        request_id = make.id_of(request, "request")
        start = self.cursor if start is None else start
        prev = self.last if honest else sha256(b"%d %d" % (till.number, start))
        seq = self.seq if honest else 1000 + start
        transfer = make.transfer(self.key, request_id, payee=till.number, from_=start, to=start + cents,
                                 seq=seq, prev=prev[:16])
        transfer_id = make.transfer_id(transfer, self.key, request_id)
        if honest:
            self.seq, self.cursor, self.last = seq + 1, start + cents, transfer_id
        return [self.certificate, transfer, request], transfer_id, request_id


def found_city(log):
    roots = [Key("root %d" % n) for n in range(3)]
    log.add(1, log.both(roots[0], roots[2], "genesis", name="Testcity", origin=ORIGIN,
                        roots=[r.public for r in roots]))
    for role, key in ROLES.items():
        log.add(2, log.both(roots[0], roots[1], "role-key", role=role, key=key.public, from_=START,
                            until=START + 300 * DAY, verify_until=START + 320 * DAY))
    log.add(4, log.both(PROGRAMME, TREASURY, "parameters", from_=START, **PARAMETERS))
    log.add(5, log.both(PROGRAMME, TREASURY, "series", series=1, version=1, name="Spring", budget=100000, percent=50,
                        from_=START, until=START + 100 * DAY, **{"class": 1}))
    for number in (1, 2):
        log.add(6, [log.message(ENROLMENT, "merchant", merchant=number, name="Shop", key=Key("merchant %d" % number).public,
                                account=bytes(32))])
    tills = []
    for number, merchant in ((11, 1), (12, 2)):
        till = Till(number, merchant)
        certificate = make.message(ENROLMENT, "till", till=number, merchant=merchant, key=till.key.public, title="Shop",
                                   level=2, limit=20000, count=20, classes=3, restrictions=[], from_=START,
                                   until=START + 200 * DAY)
        log.add(7, [certificate])
        till.item(1, log.time, certificate)
        tills.append(till)
    for number, purpose, amount in ((1, 1, 6000), (2, 2, 3000), (3, 3, 9000)):
        extra = {"series": 1} if purpose == 1 else {}
        log.add(11, [log.message(TREASURY, "funding", number=number, purpose=purpose, amount=amount,
                                 reference=bytes(32), **extra, **{"class": 1})])
    return roots, tills


def purse(log, name, limit=8000):
    """A tier 2 purse and its two keys."""
    recovery, device, number = Key(name + " recovery"), Key(name + " device"), sha256(name.encode())[:16]
    log.add(9, log.both(recovery, ENROLMENT, "purse", purse=number, tier=2, recovery=recovery.public,
                        device=device.public, daily_limit=limit, **{"class": 1}))
    return number, recovery, device


def issue(log, number, purse_id, paid, promo, days=50):
    parts = {}
    if paid:
        parts.update(paid=paid, paid_expiry=START + days * DAY)
    if promo:
        parts.update(promo=promo, promo_expiry=START + (days - 10) * DAY)
    return log.add(14, [log.message(PROGRAMME, "issue", series=1, number=number, purse=purse_id, **parts)])


def open_line(log, name, purse_id, device, amount, lots, hours=24):
    line = Line(name, amount)
    ask = log.message(device, "allowance-request", purse=purse_id, key=line.key.public, amount=amount, nonce=bytes(8))
    log.add(17, [ask, line.certify(log.time, hours)], "allowance-attachment",
            lots=[{"lot": lot, "cents": cents} for lot, cents in lots])
    return line


def service_day(log, day=None):
    log.time = (log.time // DAY + 1) * DAY + 60
    body = note.body(ORIGIN, len(log.entries), log.state.tree.root())
    signed = body + "\n" + note.signature_line(ORIGIN, CHECKPOINT.public, CHECKPOINT.sign(body.encode()))
    log.add(27, [], "service-day-attachment", day=day or log.time // DAY, checkpoint=signed.encode())


def news_item(log, till):
    """News as they are now, applied by the till."""
    state = log.state
    message = log.message(NEWS, "news", from_=state.news_version, to=state.news_version, added=[], removed=[],
                          hash=news.list_hash(state.denied))
    till.item(6, log.time, message)


def anchor(log, till):
    state, leaves = log.state, [merkle.leaf(item) for item in till.items]
    message = log.message(SETTLEMENT, "anchor", till=till.number, news=state.news_version,
                          news_hash=news.list_hash(state.denied), parameters=1, size=len(leaves),
                          root=merkle.root(leaves))
    log.add(8, [message])
    till.item(2, log.time, message)


def begin_hold(log):
    return log.both(TREASURY, AUDIT, "hold", number=1, action=1, reason="outage")


# ---- the scenes -----------------------------------------------------------------------------------

def test_city(report):
    c = Cases(report, "log")
    log = Log()
    roots, (one, two) = found_city(log)
    c.equal("funded", [log.balance("voucher:" + n) for n in ("bank", "subsidy:1", "fund", "unclear")],
            [18000, 6000, 3000, 9000])
    alice, recovery, device = purse(log, "alice")
    first = 2 * issue(log, 1, alice, 4000, 2000)
    c.equal("issued", [log.balance("voucher:lot:%s:%d" % (alice.hex(), lot)) for lot in (first, first + 1)], [4000, 2000])
    c.refused("issue twice", "REPLAY", issue, log, 1, alice, 10, 0)
    c.refused("promo over percent", "BUDGET", issue, log, 2, alice, 100, 101)
    c.refused("over unclear", "FUNDS", issue, log, 2, alice, 5001, 0)

    line = Line("line", 5000)
    ask = log.message(device, "allowance-request", purse=alice, key=line.key.public, amount=5000, nonce=bytes(8))

    def trying(lots, certificate):
        log.trying(17, [ask, certificate], "allowance-attachment",
                   lots=[{"lot": lot, "cents": cents} for lot, cents in lots])

    right = [(first + 1, 2000), (first, 3000)]          # the promo lot expires earlier
    c.refused("lots in another order", "ENTRY_RECOMPUTE", trying, right[::-1], line.certify(log.time))
    c.refused("49 hours", "ENTRY_RECOMPUTE", trying, right, line.certify(log.time, 49))
    c.refused("tier 3", "ENTRY_RECOMPUTE", trying, right, line.certify(log.time, 24, 3))
    c.refused("another issuer", "SIGNER_UNKNOWN", trying, right, line.certify(log.time, 24, 2, NEWS))
    line = open_line(log, "line", alice, device, 5000, right)
    reserve = "voucher:reserve:" + line.key.kid.hex()
    c.equal("reserve", log.balance(reserve), 5000)
    c.refused("line twice", "DUPLICATE_ID", open_line, log, "line", alice, device, 100, [(first, 100)])
    c.refused("device limit", "AMOUNT_OVER_LIMIT", open_line, log, "b", alice, device, 3001, [(first, 1)])
    c.refused("tier limit", "TIER_LIMIT", open_line, log, "b", alice, recovery, 3001, [(first, 1)])
    c.refused("balance", "BALANCE", open_line, log, "b", alice, recovery, 1001, [(first, 1)])

    settle(c, log, line, one, two, reserve)
    after(c, log, line, one, two, roots, alice, recovery, first)
    export(c, log, report)


def settle(c, log, line, one, two, reserve):
    """Honest payment, double spend at a second till, refund, cancelled statement."""
    for till in (one, two):
        log.time += 60
        news_item(log, till)
    paid, first_id, request_one = line.pay(one, log, 1000)
    one.item(3, log.time, *paid)
    one.send(log, (48, 0), (48, 0), (18, 1))
    c.equal("settled", (log.balance(reserve), log.balance("voucher:owed:1")), (4000, 1000))
    anchor(log, one)

    double, double_id, request_two = line.pay(two, log, 1200, start=500, honest=False)
    two.item(3, log.time, *double)
    index, new = two.upload(log)
    for number, item in new[:2]:
        log.add(48, [item], "item-attachment", upload=index, number=number, outcome=0)
    number, item = new[2]
    attached = {"upload": index, "number": number, "outcome": 2}
    c.mismatch("no evidence", log.trying, 18, [item], "item-attachment", **attached)
    proof = [paid[0], paid[1], double[1]], "evidence-attachment"
    requests = {"first_request": request_one, "second_request": request_two}
    c.refused("cause 2", "ENTRY_RECOMPUTE", log.trying, 23, *proof, cause=2, **requests)
    log.add(23, *proof, cause=1, **requests)
    c.equal("frozen", (log.state.lines[line.key.kid]["state"], log.state.news_version), ("frozen", 1))
    c.mismatch("reserve instead of fund", log.trying, 18, [item], "item-attachment", **dict(attached, outcome=1))
    c.mismatch("another number", log.trying, 18, [item], "item-attachment", **dict(attached, number=1))
    log.add(18, [item], "item-attachment", **attached)
    c.equal("fund", (log.balance("voucher:fund"), log.balance("voucher:owed:2")), (1800, 1200))

    # the till gives back 300 of 1000 from the end: cents 700 to 1000 lie in the promo lot
    log.time += 60
    back = log.message(one.key, "refund", till=11, transfer=first_id, amount=300, number=1)
    one.item(5, log.time, back)
    too_much = log.message(one.key, "refund", till=11, transfer=first_id, amount=300, number=2)
    one.item(5, log.time, too_much)                             # 600 in a day, 500 allowed
    waits, next_id, _ = line.pay(one, log, 500, number=2)
    one.item(5, log.time, log.message(Key("merchant 1"), "refund", till=11, transfer=next_id, amount=100, number=1))
    one.item(3, log.time, *waits)
    index, new = one.upload(log)

    def add(position, kind, outcome, method=log.add):
        method(kind, [new[position][1]], "item-attachment", upload=index, number=new[position][0], outcome=outcome)

    add(0, 48, 0)
    add(1, 20, 7)
    c.equal("refund", (log.balance("voucher:owed:1"), log.state.lines[line.key.kid]["refunded"]), (700, 300))
    c.mismatch("refund day", add, 2, 20, 7, log.trying)
    add(2, 33, 64 + NUMBER["REFUND_DAY"])
    add(3, 20, 8)
    add(4, 18, 1)
    c.mismatch("waiting refund first", log.trying, 22, begin_hold(log))
    add(3, 20, 7)
    c.equal("waited", log.balance("voucher:owed:1"), 1100)


def after(c, log, line, one, two, roots, alice, recovery, first):
    """Statement and dispute, void, payout, close with a forfeit, late, expiry."""
    request, cancelled_id, _ = line.pay(one, log, 400, number=3)
    message = log.message(recovery, "statement", purse=alice, transfer=cancelled_id, claim=4)
    said = log.add(49, [message] + request, "statement-attachment", outcome=9)
    one.item(3, log.time, *request)
    one.send(log, (18, 1))
    c.mismatch("dispute missing", log.trying, 22, begin_hold(log))
    log.add(40, [], "dispute-attachment", transfer=cancelled_id, statement=said)
    c.equal("owed", log.balance("voucher:owed:1"), 1500)

    voided, voided_id, _ = line.pay(two, log, 600, number=4)     # [1900, 2500): 100 promo, 500 paid
    two.item(4, log.time, *voided, log.message(two.key, "void", till=12, transfer=voided_id))
    two.item(3, log.time, *voided)
    two.send(log, (19, 7), (33, 64 + NUMBER["VOIDED"]))
    state = log.state.lines[line.key.kid]
    c.equal("void", (state["settled"], log.balance("voucher:owed:2")), (2500, 1200))
    c.refused("payout amount", "PAYOUT_AMOUNT", log.trying, 32, [log.message(
        TREASURY, "payout", merchant=1, number=1, amount=1499, **{"class": 1})])
    log.add(32, [log.message(TREASURY, "payout", merchant=1, number=1, amount=1500, **{"class": 1})])
    # a refund after the payout takes the merchant's key and becomes a claim on him
    one.item(5, log.time, log.message(Key("merchant 1"), "refund", till=11, transfer=cancelled_id, amount=50, number=1))
    one.send(log, (20, 7))
    c.equal("claim", log.balance("voucher:claim:merchant:1"), 50)

    close = {"allowance": line.key.kid, "settled": 2500, "forfeited": 1200, "expired": 0, "returned": 1300}
    c.refused("not due", "NOT_DUE", log.trying, 21, [], "close-attachment", **close)
    service_day(log)
    c.refused("same day", "REPLAY", log.trying, 27, [], "service-day-attachment", day=log.time // DAY, checkpoint=b"x")
    c.refused("one day of two", "NOT_DUE", log.trying, 21, [], "close-attachment", **close)
    service_day(log)
    log.add(22, begin_hold(log))
    c.refused("hold", "ON_HOLD", log.trying, 21, [], "close-attachment", **close)
    log.add(22, log.both(AUDIT, TREASURY, "hold", number=2, action=2, reason="over"))
    c.refused("another split", "ENTRY_RECOMPUTE", log.trying, 21, [], "close-attachment",
              **dict(close, forfeited=1100, returned=1400))
    log.add(21, [], "close-attachment", **close)
    c.equal("closed", (log.balance("voucher:fund"), log.state.news_version, len(log.state.denied)), (3000, 2, 0))
    # lot: 1000 free before, void 500, close 1300 of the paid lot; promo: 300 + 100 + 50 + 100 back by refund and void
    lots = [log.balance("voucher:lot:%s:%d" % (alice.hex(), lot)) for lot in (first, first + 1)]
    c.equal("lots", lots, [2800, 550])

    late, _, _ = line.pay(two, log, 700, start=4000, honest=False, number=5)
    two.item(3, log.time, *late)
    two.send(log, (28, 6))
    lots = [log.balance("voucher:lot:%s:%d" % (alice.hex(), lot)) for lot in (first, first + 1)]
    c.equal("late", lots, [2650, 0])

    small = open_line(log, "small", alice, recovery, 1000, [(first, 1000)])
    log.add(25, [log.message(recovery, "loss-report", purse=alice, nonce=bytes(8))])
    c.equal("reported", (log.state.lines[small.key.kid]["state"], log.state.news_version), ("reported", 3))
    c.refused("loss twice", "REPLAY", log.trying, 25, [log.message(recovery, "loss-report", purse=alice, nonce=bytes(8))])
    log.time += 100
    news_before = log.state.tills[12]["rules"]["news_version"]
    lost, _, _ = small.pay(two, log, 200, number=6)
    two.item(3, log.time, *lost)
    two.send(log, (18, 4))                                      # it could not know, but its news were too old
    c.equal("a till with old news bears it", news_before, 0)
    unknown = Line("never asked for", 300)
    unknown.certify(log.time)
    strange, strange_id, _ = unknown.pay(one, log, 300, number=7)
    one.item(3, log.time, *strange)
    one.send(log, (18, 3))
    decision = {"transfer": strange_id, "reason": "killed epoch"}
    c.refused("one role", "SECOND_SIGNATURE", log.trying, 26, log.both(TREASURY, TREASURY, "review", decision=1, **decision))
    log.add(26, log.both(TREASURY, AUDIT, "review", decision=1, **decision))
    c.equal("reviewed", (log.balance("voucher:fund"), log.balance("voucher:owed:1")), (2700, 300))
    purse(log, "bob")
    c.refused("reserved lot", "BALANCE", log.trying, 15, [log.message(
        recovery, "gift", purse=alice, lot=first, to=sha256(b"bob")[:16], nonce=bytes(8))])
    log.time = START + 50 * DAY
    service_day(log)
    service_day(log)
    log.add(30, [], "expiry-attachment", purse=alice, lot=first, amount=1650)
    log.add(21, [], "close-attachment", allowance=small.key.kid, settled=200, forfeited=0, expired=800, returned=0)
    c.equal("a borne claim is paid at close", log.balance("voucher:owed:2"), 2100)
    c.refused("kill unknown", "SIGNER_UNKNOWN", log.trying, 3, log.both(roots[0], roots[1], "kill", key=bytes(32), role=5,
                                                                        reason="stolen"))
    log.add(3, log.both(TREASURY, AUDIT, "kill", key=NEWS.public, role=7, reason="stolen"))
    c.refused("time back", "ENTRY_TIME", lambda: replay.apply(copy.deepcopy(log.state), entries.build(
        22, log.time - 1, bytes(16), log.both(AUDIT, TREASURY, "hold", number=3, action=1, reason="x"))))


def export(c, log, report):
    """Written and read again; then with one cent too many."""
    os.makedirs(BUILD, exist_ok=True)
    body = note.body(ORIGIN, len(log.entries), log.state.tree.root())
    with open(os.path.join(BUILD, "entries"), "wb") as file:
        for data in log.entries:
            file.write(len(data).to_bytes(2, "big") + data)
    with open(os.path.join(BUILD, "checkpoint"), "w", encoding="utf-8", newline="") as file:
        file.write(body + "\n" + note.signature_line(ORIGIN, CHECKPOINT.public, CHECKPOINT.sign(body.encode())))
    for extra in (0, 1):
        accounts = log.state.book.export()
        accounts["voucher:fund"] += extra
        with open(os.path.join(BUILD, "balances.json"), "w", encoding="utf-8") as file:
            json.dump({"size": len(log.entries), "accounts": accounts}, file)
        results = []
        replay.run_export(BUILD, lambda name, failure: results.append(failure))
        failures = [failure for failure in results if failure]
        c.equal("export %d" % extra, (len(results), len(failures)), (len(log.entries) + 2, extra))


def prove(log, line, first, second, **named):
    """An evidence entry; first and second are what Line.pay gave."""
    log.add(23, [first[0][0], first[0][1], second[0][1]], "evidence-attachment", first_request=first[2],
            second_request=second[2], **named)


def test_debt(report):
    """A line overspent beyond A: forfeit, debt, and what comes back when the merchant refunds."""
    c = Cases(report, "debt")
    log = Log()
    _, (one, two) = found_city(log)
    purse_id, recovery, device = purse(log, "carol")
    lot = 2 * issue(log, 1, purse_id, 2000, 0)
    line = open_line(log, "carol's line", purse_id, device, 600, [(lot, 600)])

    line.amount = 1000                                          # renewal: 400 more, and a later end
    ask = log.message(device, "renewal-request", purse=purse_id, allowance=line.key.kid, amount=1000, nonce=bytes(8))
    c.refused("end not later", "ENTRY_RECOMPUTE", log.trying, 17, [ask, line.certify(log.time, 24)],
              "allowance-attachment", lots=[{"lot": lot, "cents": 400}])
    log.add(17, [ask, line.certify(log.time, 25)], "allowance-attachment", lots=[{"lot": lot, "cents": 400}])
    log.time += 10
    again = log.message(device, "renewal-request", purse=purse_id, allowance=line.key.kid, amount=1000, nonce=bytes(8))
    log.add(17, [again, line.certify(log.time, 26)])
    c.equal("renewed", (log.state.lines[line.key.kid]["amount"], log.balance("voucher:reserve:" + line.key.kid.hex())),
            (1000, 1000))

    for till in (one, two):
        news_item(log, till)
    first = line.pay(one, log, 800)
    one.item(3, log.time, *first[0])
    one.send(log, (48, 0), (48, 0), (18, 1))
    second = line.pay(two, log, 600, start=0, honest=False)
    two.item(3, log.time, *second[0])
    index, new = two.upload(log)
    for (number, item), kind, outcome in zip(new, (48, 48, 18), (0, 0, 2)):
        if kind == 18:
            prove(log, line, first, second, cause=1)
        log.add(kind, [item], "item-attachment", upload=index, number=number, outcome=outcome)
    c.equal("fund paid", log.balance("voucher:fund"), 2400)
    c.refused("frozen", "ALLOWANCE_FROZEN", log.trying, 17, [again, line.certify(log.time, 27)])

    for _ in range(3):
        service_day(log)
    log.add(21, [], "close-attachment", allowance=line.key.kid, settled=800, forfeited=200, expired=0, returned=0)
    debt = {"allowance": line.key.kid, "purse": purse_id, "amount": 400}
    c.mismatch("another debt", log.trying, 29, [], "debt-attachment", **dict(debt, amount=399))
    c.mismatch("no debt", log.trying, 22, begin_hold(log))
    log.add(29, [], "debt-attachment", **debt)
    c.mismatch("debt twice", log.trying, 29, [], "debt-attachment", **debt)
    claim = "voucher:claim:" + purse_id.hex()
    c.equal("made whole", (log.balance("voucher:fund"), log.balance(claim)), (3000, 400))

    def refund(amount, number):
        two.item(5, log.time, log.message(Key("merchant 2"), "refund", till=12, transfer=second[1], amount=amount,
                                          number=number))

    refund(300, 1)
    refund(250, 2)
    refund(51, 3)
    two.send(log, (20, 7), (20, 7), (33, 64 + NUMBER["REFUND_OVER"]))
    c.equal("refunded", (log.balance(claim), log.balance("voucher:fund"), log.balance("voucher:owed:2"),
                         log.balance("voucher:lot:%s:%d" % (purse_id.hex(), lot))), (0, 3000, 50, 1150))

    small = open_line(log, "carol's second", purse_id, device, 500, [(lot, 500)])
    log.add(24, log.both(ENROLMENT, AUDIT, "denial", allowance=small.key.kid, reason="asked"))
    c.refused("denied", "ALLOWANCE_DENIED", log.trying, 17, [log.message(
        device, "renewal-request", purse=purse_id, allowance=small.key.kid, amount=500, nonce=bytes(8)),
        small.certify(log.time, 30)])
    other, _, _ = purse(log, "dora")
    c.refused("gift by the device", "PURSE_KEY", log.trying, 15, [log.message(
        device, "gift", purse=purse_id, lot=lot, to=other, nonce=bytes(8))])
    rest = 2 * issue(log, 2, purse_id, 100, 0)
    log.add(15, [log.message(recovery, "gift", purse=purse_id, lot=rest, to=other, nonce=bytes(8))])
    c.equal("gift", log.balance("voucher:lot:%s:%d" % (other.hex(), rest)), 100)


def test_loss(report):
    """After a loss report: the fund for a till that could not know, the till for one that could."""
    c = Cases(report, "loss")
    log = Log()
    _, (one, two) = found_city(log)
    purse_id, recovery, device = purse(log, "erna")
    lot = 2 * issue(log, 1, purse_id, 2000, 0)
    line = open_line(log, "erna's line", purse_id, device, 2000, [(lot, 2000)])
    for till in (one, two):
        news_item(log, till)
    log.time += 10
    before = line.pay(one, log, 100)
    one.item(3, log.time, *before[0])
    log.time += 10
    log.add(25, [log.message(recovery, "loss-report", purse=purse_id, allowance=line.key.kid, nonce=bytes(8))])
    log.time += 10
    after_loss = line.pay(one, log, 200, number=2)
    one.item(3, log.time, *after_loss[0])
    one.send(log, (48, 0), (48, 0), (18, 1), (18, 2))
    c.equal("reserve and fund", (log.balance("voucher:owed:1"), log.balance("voucher:fund")), (300, 2800))

    log.time += 10
    fresh = log.message(NEWS, "news", from_=0, to=1, added=[line.key.kid], removed=[],
                        hash=news.list_hash([line.key.kid]))
    two.item(6, log.time, fresh)
    knew = line.pay(two, log, 300, number=3)
    two.item(3, log.time, *knew[0])
    two.item(4, log.time, *knew[0], log.message(two.key, "void", till=12, transfer=knew[1]))
    two.send(log, (48, 0), (48, 0), (48, 0), (18, 4), (19, 7))

    receipt = log.message(one.key, "receipt", till=11, transfer=after_loss[1], index=3)
    say = log.message(device, "statement", purse=purse_id, transfer=after_loss[1], claim=1)
    c.refused("receipt of another till", "SIGNATURE_BAD", _statement, log, [say] + after_loss[0] + [log.message(
        two.key, "receipt", till=11, transfer=after_loss[1], index=3)], 0)
    _statement(log, [say] + after_loss[0] + [receipt], 5)
    one.item(4, log.time, *after_loss[0], log.message(one.key, "void", till=11, transfer=after_loss[1]))
    one.send(log, (19, 7))
    c.equal("void of what the fund paid", (log.balance("voucher:owed:1"), log.balance("voucher:fund")), (100, 3000))

    late_one = line.pay(two, log, 400, number=4)
    now = log.message(device, "statement", purse=purse_id, transfer=late_one[1], claim=3)
    _statement(log, [now] + late_one[0], 1)
    clash = line.pay(one, log, 150, start=900, honest=False, number=5)
    prove(log, line, late_one, clash, cause=1)
    say = log.message(device, "statement", purse=purse_id, transfer=clash[1], claim=2)
    log.add(49, [say] + clash[0], "statement-attachment", outcome=64 + NUMBER["INTERVAL_OVERLAP"])
    c.equal("frozen", log.state.lines[line.key.kid]["state"], "frozen")


def _statement(log, messages, outcome):
    """Logged as settle; a refusal is shown by its status."""
    if outcome:
        log.add(18, messages, "statement-attachment", outcome=outcome)
        return
    entry = entries.Entry(log.state.index, 49, log.time, messages, {"outcome": 0})
    settle_rules.answer(copy.deepcopy(log.state), entry)


def run(report):
    test_city(report)
    test_debt(report)
    test_loss(report)
