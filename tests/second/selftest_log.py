"""A small city, made by hand: the replay of its log must come to balances that are worked out here on paper."""

import copy
import json
import os
import types

import entry as entries
import merkle
import mutate
import news
import note
import replay
from keys import sha256
from make import Key
from make_log import (AUDIT, CHECKPOINT, ENROLMENT, NEWS, ORIGIN, START, TREASURY, Line, Log, Till, anchor,
                      begin_hold, found_city, issue, news_item, open_line, prove, purse, service_day)
from selftest import Cases
from settle import decide
from state import DAY
from status import NUMBER, ROOT

BUILD = os.path.join(ROOT, "build", "second")


def test_city(report):
    c = Cases(report, "log")
    log = Log()
    roots, (one, two) = found_city(log)
    c.equal("funded", [log.balance("voucher:" + n) for n in ("bank", "subsidy:1", "fund", "unclear")],
            [18000, 6000, 3000, 9000])
    alice, recovery, device = purse(log, "alice")
    first = 2 * issue(log, 1, alice, 4000, 2000)
    issued = [log.balance("voucher:lot:%s:%d" % (alice.hex(), lot)) for lot in (first, first + 1)]
    c.equal("issued", issued, [4000, 2000])
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

    full_list(c, copy.deepcopy(log), line, alice, recovery)
    double = settle(c, log, line, one, two, reserve)
    after(c, log, line, one, two, roots, alice, recovery, first, double)
    export(c, log, report)


def full_list(c, log, line, alice, recovery):
    """A loss report stands when the deny list is full, and tills could not know of it; a denial does not."""
    state = log.state
    state.denied |= {number.to_bytes(8, "big") for number in range(8000)}
    state.news_version = 8000
    deny = log.both(ENROLMENT, AUDIT, "denial", allowance=line.key.kid, reason="full")
    c.refused("denial, no room", "CAPACITY", log.trying, 24, deny)
    log.add(25, [log.message(recovery, "loss-report", purse=alice, nonce=bytes(8))])
    known = state.lines[line.key.kid]
    c.equal("left out", (known["state"], len(state.denied), state.news_version), ("reported", 8000, 8000))
    context = {"accepted": log.time + 1, "receipt": False, "gap": False, "kept": True, "news_version": 8000}
    c.equal("could not know", outcome(state, context, known), ("fund", "loss"))
    ask = log.message(recovery, "renewal-request", purse=alice, allowance=line.key.kid, amount=5000, nonce=bytes(8))
    c.refused("renewal", "ALLOWANCE_DENIED", log.trying, 17, [ask, line.certify(log.time, 24)])
    state.denied.pop()
    log.add(24, deny)
    c.equal("denied", (line.key.kid in state.denied, state.news_version), (True, 8001))
    c.equal("could know", outcome(state, dict(context, news_version=8001), known), ("till", "loss"))


def outcome(state, context, line):
    """Of a transfer that is not recorded."""
    return decide(state, context, line, types.SimpleNamespace(id=bytes(32)))


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
    waits, next_id, next_request = line.pay(one, log, 500, number=2)
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
    c.mismatch("overlaps what the fund paid", add, 4, 18, 1, log.trying)
    prove(log, line, (double, double_id, request_two), (waits, next_id, next_request), cause=1)
    add(4, 18, 1)
    c.mismatch("waiting refund first", log.trying, 22, begin_hold(log))
    add(3, 20, 7)
    c.equal("waited", log.balance("voucher:owed:1"), 1100)
    return double, double_id, request_two


def after(c, log, line, one, two, roots, alice, recovery, first, double):
    """Statement and dispute, void, payout, close with a forfeit, late, expiry."""
    request, cancelled_id, request_id = line.pay(one, log, 400, number=3)
    message = log.message(recovery, "statement", purse=alice, transfer=cancelled_id, claim=4)
    said = log.add(49, [message] + request, "statement-attachment", outcome=9)
    one.item(3, log.time, *request)
    one.send(log, (18, 1), proof=lambda: prove(log, line, double, (request, cancelled_id, request_id), cause=1))
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
    c.refused("same day", "REPLAY", log.trying, 27, [], "service-day-attachment", day=log.time // DAY,
              checkpoint=b"x")
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
    lost = [log.message(recovery, "loss-report", purse=alice, nonce=bytes(8))]
    log.add(25, lost)
    c.equal("reported", (log.state.lines[small.key.kid]["state"], log.state.news_version), ("reported", 3))
    c.refused("loss twice", "REPLAY", log.trying, 25, lost)
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
    alone = log.both(TREASURY, TREASURY, "review", decision=1, **decision)
    c.refused("one role", "SECOND_SIGNATURE", log.trying, 26, alone)
    log.add(26, log.both(TREASURY, AUDIT, "review", decision=1, **decision))
    c.equal("reviewed", (log.balance("voucher:fund"), log.balance("voucher:owed:1")), (2700, 300))
    purse(log, "bob")
    c.refused("reserved lot", "BALANCE", log.trying, 15, [log.message(
        recovery, "gift", purse=alice, lot=first, to=sha256(b"bob")[:16], nonce=bytes(8))])
    log.time = START + 50 * DAY
    service_day(log)
    service_day(log)
    log.add(30, [], "expiry-attachment", purse=alice, lot=first, amount=1650)
    log.add(21, [], "close-attachment", allowance=small.key.kid, settled=0, forfeited=0, expired=1000, returned=0)
    c.equal("a claim after a loss is not paid at close", log.balance("voucher:owed:2"), 1900)
    killed = log.both(roots[0], roots[1], "kill", key=bytes(32), role=5, reason="stolen")
    c.refused("kill unknown", "SIGNER_UNKNOWN", log.trying, 3, killed)
    log.add(3, log.both(TREASURY, AUDIT, "kill", key=NEWS.public, role=7, reason="stolen"))
    c.refused("time back", "ENTRY_TIME", lambda: replay.apply(copy.deepcopy(log.state), entries.build(
        22, log.time - 1, bytes(16), log.both(AUDIT, TREASURY, "hold", number=3, action=1, reason="x"))))


def export(c, log, report):
    """Written with one cent too many, then right; read again; then with every change of mutate.py."""
    os.makedirs(BUILD, exist_ok=True)
    body = note.body(ORIGIN, len(log.entries), log.state.tree.root())
    with open(os.path.join(BUILD, "entries"), "wb") as file:
        file.write(mutate.join(log.entries))
    with open(os.path.join(BUILD, "hashes"), "wb") as file:
        file.write(b"".join(map(merkle.leaf, log.entries)))
    with open(os.path.join(BUILD, "checkpoint"), "w", encoding="utf-8", newline="") as file:
        file.write(body + "\n" + note.signature_line(ORIGIN, CHECKPOINT.public, CHECKPOINT.sign(body.encode())))
    for extra in (1, 0):
        accounts = log.state.book.export()
        accounts["voucher:fund"] += extra
        with open(os.path.join(BUILD, "balances.json"), "w", encoding="utf-8") as file:
            json.dump({"size": len(log.entries), "accounts": accounts}, file)
        results = []
        replay.run_export(BUILD, lambda name, failure: results.append(failure))
        failures = [failure for failure in results if failure]
        c.equal("export %d" % extra, (len(results), len(failures)), (len(log.entries) + 1, extra))
    mutate.run("changes", replay.load(BUILD), report)


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
    c.mismatch("already", _statement, log, [say] + after_loss[0] + [receipt], 0)
    one.item(4, log.time, *after_loss[0], log.message(one.key, "void", till=11, transfer=after_loss[1]))
    one.send(log, (19, 7))
    c.equal("void of what the fund paid", (log.balance("voucher:owed:1"), log.balance("voucher:fund")), (100, 3000))

    for claim in (2, 3):
        late_one = line.pay(two, log, 100, number=4)
        now = log.message(device, "statement", purse=purse_id, transfer=late_one[1], claim=claim)
        c.refused("lost, %d" % claim, "ALLOWANCE_DENIED", _statement, log, [now] + late_one[0], 0)
    receipt = log.message(two.key, "receipt", till=12, transfer=late_one[1], index=9)
    say = log.message(device, "statement", purse=purse_id, transfer=late_one[1], claim=1)
    _statement(log, [say] + late_one[0] + [receipt], 3)

    more = 2 * issue(log, 2, purse_id, 2000, 0)
    line = open_line(log, "erna's next", purse_id, device, 2000, [(more, 2000)])
    late_one = line.pay(two, log, 400, number=5)
    now = log.message(device, "statement", purse=purse_id, transfer=late_one[1], claim=3)
    _statement(log, [now] + late_one[0], 1)
    clash = line.pay(one, log, 150, start=300, honest=False, number=6)
    prove(log, line, late_one, clash, cause=1)
    say = log.message(device, "statement", purse=purse_id, transfer=clash[1], claim=2)
    c.refused("delivered", "INTERVAL_OVERLAP", _statement, log, [say] + clash[0], 0)
    c.mismatch("evidence again", prove, log, line, late_one, clash, cause=1)
    c.equal("frozen", log.state.lines[line.key.kid]["state"], "frozen")


def test_overlap(report):
    """The rows of 12.3 for an interval that is not free, the caps of 12.5, and a refund of a late transfer."""
    c = Cases(report, "overlap")
    log = Log()
    _, (one, two) = found_city(log)
    purse_id, recovery, device = purse(log, "fritz")
    lot = 2 * issue(log, 1, purse_id, 4000, 0)
    line = open_line(log, "fritz's line", purse_id, device, 3000, [(lot, 3000)])
    news_item(log, one)
    first = line.pay(one, log, 1500)
    one.item(3, log.time, *first[0])
    one.send(log, (48, 0), (48, 0), (18, 1))

    def clash(till, cents, start, outcome, number):
        """One more transfer in the interval of the first, with the evidence that it needs."""
        second = line.pay(till, log, cents, start=start, honest=False, number=number)
        till.item(3, log.time, *second[0])
        index, new = till.upload(log)
        for place, item in new[:-1]:
            log.add(48, [item], "item-attachment", upload=index, number=place, outcome=0)
        prove(log, line, first, second, cause=1)
        log.add(18, [new[-1][1]], "item-attachment", upload=index, number=new[-1][0], outcome=outcome)
        return second

    old_news = log.message(NEWS, "news", from_=0, to=0, added=[], removed=[], hash=news.list_hash([]))
    claim = clash(two, 40, 0, 4, 2)                                     # the till has no news at all
    two.item(6, log.time, old_news)
    clash(two, 40, 40, 4, 3)                                    # and stays broken until the next anchor
    log.time += 1
    anchor(log, two)
    clash(two, 1400, 80, 2, 4)
    c.equal("fund", log.balance("voucher:fund"), 1600)
    log.time += 1
    anchor(log, two)
    over = clash(two, 1520, 1480, 3, 5)                         # 2920 of the merchant in a quarter, 2500 allowed
    c.equal("review", log.balance("voucher:fund"), 1600)
    for _ in range(3):
        service_day(log)
    c.refused("claim open", "UNSETTLED_CLAIM", log.trying, 21, [], "close-attachment", allowance=line.key.kid,
              settled=0, forfeited=0, expired=0, returned=0)
    decision = {"transfer": over[1], "reason": "over the caps"}
    c.ok("two roles may pay it", log.trying, 26, log.both(TREASURY, AUDIT, "review", decision=1, **decision))
    log.add(26, log.both(TREASURY, AUDIT, "review", decision=2, **decision))

    seen = line.pay(one, log, 200, start=40, honest=False, number=6)
    receipt = log.message(one.key, "receipt", till=11, transfer=seen[1], index=9)
    say = log.message(device, "statement", purse=purse_id, transfer=seen[1], claim=1)
    prove(log, line, first, seen, cause=1)
    log.add(18, [say] + seen[0] + [receipt], "statement-attachment", outcome=3)
    log.add(26, log.both(TREASURY, AUDIT, "review", decision=2, transfer=seen[1], reason="till broke its rules"))

    # R = 1500, F = 1400; claims of 40, 40, 1520 and 200 want the other 100
    log.add(21, [], "close-attachment", allowance=line.key.kid, settled=1600, forfeited=1400, expired=0, returned=0)
    c.equal("closed", [log.balance("voucher:" + n) for n in ("fund", "owed:1", "owed:2")], [3000, 1500, 1500])

    two.item(4, log.time, *claim[0], log.message(two.key, "void", till=12, transfer=claim[1]))
    two.send(log, (19, 7))
    c.equal("void of a claim paid at close", (log.balance("voucher:owed:2"), log.balance(
        "voucher:lot:%s:%d" % (purse_id.hex(), lot))), (1460, 1040))

    late = line.pay(one, log, 1200, start=1600, honest=False, number=7)
    one.item(3, log.time, *late[0])
    one.item(5, log.time, log.message(Key("merchant 1"), "refund", till=11, transfer=late[1], amount=400, number=1))
    one.item(5, log.time, log.message(Key("merchant 1"), "refund", till=11, transfer=late[1], amount=641, number=2))
    index, new = one.upload(log)
    prove(log, line, over, late, cause=1)
    for (number, item), (kind, outcome) in zip(new, ((28, 6), (20, 7), (33, 64 + NUMBER["REFUND_OVER"]))):
        log.add(kind, [item], "item-attachment", upload=index, number=number, outcome=outcome)
    c.equal("late pays as far as it goes", (log.balance("voucher:owed:1"), log.balance(
        "voucher:lot:%s:%d" % (purse_id.hex(), lot))), (2140, 400))

    log.add(51, [log.message(ENROLMENT, "revocation", till=12, size=len(two.items))])
    news_item(log, two)
    two.send(log, (33, 64 + NUMBER["TILL_REVOKED"]))
    behind = Till(11, 1)                                        # the items before 1 never came: a gap
    behind.items = one.items + [entries.build(6, log.time, bytes(16), [bytes([1])])] * 2
    behind.sent = len(one.items) + 1
    behind.send(log, (48, 0))
    c.equal("gap", log.state.tills[11]["size"], len(one.items))
    behind.items[-1] = entries.build(6, log.time, bytes(16), [bytes([2])])
    behind.sent = len(one.items) + 1
    behind.send(log, (48, 0))
    c.equal("what came behind a gap is not compared", log.state.tills[11]["size"], len(one.items))
    behind.items[4] = entries.build(9, log.time, bytes(16), [])
    c.refused("fork", "UPLOAD_FORK", behind.upload, log, 3)


def _statement(log, messages, outcome):
    """Logged as settle; a refused one only tried."""
    method = log.add if outcome else log.trying
    method(18, messages, "statement-attachment", outcome=outcome or 1)


def run(report):
    test_city(report)
    test_debt(report)
    test_loss(report)
    test_overlap(report)
