"""Makes a small city and its log for the reader's own tests; every entry is replayed at once."""

import copy

import entry as entries
import make
import merkle
import news
import note
import replay
import wire
from keys import sha256, thumbprint
from make import Key
from state import DAY, State

START = 20_000 * DAY
ORIGIN = "example.org/test"
PROGRAMME, TREASURY, ENROLMENT, ISSUER, SETTLEMENT, NEWS, CHECKPOINT, AUDIT = (
    Key("role %d" % n) for n in (2, 3, 4, 5, 6, 7, 8, 13))
ROLES = {2: PROGRAMME, 3: TREASURY, 4: ENROLMENT, 5: ISSUER, 6: SETTLEMENT, 7: NEWS, 8: CHECKPOINT, 13: AUDIT}
PARAMETERS = {
    "version": 1, "open_limits": [5000, 8000, 10000], "transfer_limits": [2000, 3000, 10000], "allowance_hours": 48,
    "grace_days": 2, "stale_percent": 50, "per_allowance": 3000, "per_allowance_stale": 1000,
    "till_classes": [{"limit": 5000, "count": 5}, {"limit": 20000, "count": 20}, {"limit": 50000, "count": 50}],
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

    def send(self, log, *expected, proof=None):
        """An upload whose items have these (kind, outcome); `proof` logs the evidence that the last one needs."""
        index, new = self.upload(log)
        assert len(new) == len(expected), (len(new), expected)
        for (number, item), (kind, outcome) in zip(new, expected):
            if proof and number == new[-1][0]:
                proof()
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
        log.add(6, [log.message(ENROLMENT, "merchant", merchant=number, name="Shop", account=bytes(32),
                                key=Key("merchant %d" % number).public)])
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


def prove(log, line, first, second, **named):
    """An evidence entry; first and second are what Line.pay gave."""
    log.add(23, [first[0][0], first[0][1], second[0][1]], "evidence-attachment", first_request=first[2],
            second_request=second[2], **named)
