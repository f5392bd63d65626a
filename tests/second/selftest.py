"""The reader's own tests: good and bad objects made here by the text, one case for each step."""

import cbor2

import accept
import codes
import cose
import evidence
import keys
import make
import merkle
import news
import note
import text
import wire
from cddl import RULES
from make import NETWORK, Key
from status import NUMBER, Mismatch, Refused

ORDER_L = (1 << 252) + 27742317777372353535851937790883648493
NOW = 1_800_000_000


class Cases:
    """Counts; a case fails when it returns something else, or refuses with another status."""

    def __init__(self, report, group):
        self.report, self.group = report, group

    def equal(self, name, value, expected):
        self.report("%s: %s" % (self.group, name), None if value == expected else "%r, expected %r" % (value, expected))

    def ok(self, name, function, *arguments):
        try:
            function(*arguments)
            failure = None
        except Refused as refused:
            failure = str(refused)
        self.report("%s: %s" % (self.group, name), failure)

    def refused(self, name, status, function, *arguments, **named):
        assert status in NUMBER
        try:
            function(*arguments, **named)
            failure = "OK, expected " + status
        except Refused as refused:
            failure = None if refused.status == status else "%s, expected %s" % (refused, status)
        self.report("%s: %s" % (self.group, name), failure)

    def mismatch(self, name, function, *arguments, **named):
        try:
            function(*arguments, **named)
            failure = "OK, expected a mismatch"
        except Mismatch:
            failure = None
        self.report("%s: %s" % (self.group, name), failure)


# ---- CBOR -------------------------------------------------------------------------------------

def test_wire(report):
    c = Cases(report, "wire")
    h = bytes.fromhex
    for name, status, data in (
            ("empty", "CBOR_TRUNCATED", ""), ("head cut", "CBOR_TRUNCATED", "19 01"),
            ("string cut", "CBOR_TRUNCATED", "44 01 02"), ("array cut", "CBOR_TRUNCATED", "82 01"),
            ("huge array", "CBOR_TRUNCATED", "9b ff ff ff ff ff ff ff ff"),
            ("negative", "CBOR_TYPE", "20"), ("tag", "CBOR_TYPE", "c1 01"), ("float", "CBOR_TYPE", "f9 00 00"),
            ("null", "CBOR_TYPE", "f6"), ("true", "CBOR_TYPE", "f5"), ("undefined", "CBOR_TYPE", "f7"),
            ("17 long", "CBOR_NOT_CANONICAL", "18 17"), ("255 long", "CBOR_NOT_CANONICAL", "19 00 ff"),
            ("65535 long", "CBOR_NOT_CANONICAL", "1a 00 00 ff ff"),
            ("2^32-1 long", "CBOR_NOT_CANONICAL", "1b 00 00 00 00 ff ff ff ff"),
            ("indefinite array", "CBOR_NOT_CANONICAL", "9f ff"), ("indefinite bytes", "CBOR_NOT_CANONICAL", "5f ff"),
            ("reserved", "CBOR_NOT_CANONICAL", "1c"),
            ("keys falling", "CBOR_KEY", "a2 02 00 01 00"), ("key twice", "CBOR_KEY", "a2 01 00 01 00"),
            ("key of text", "CBOR_KEY", "a1 61 61 00"),
            ("not UTF-8", "CBOR_TEXT", "61 ff"), ("overlong UTF-8", "CBOR_TEXT", "62 c0 80"),
            ("surrogate", "CBOR_TEXT", "63 ed a0 80"), ("control", "CBOR_TEXT", "61 0a"),
            ("DEL", "CBOR_TEXT", "61 7f"),
            ("line end", "CBOR_TEXT", "63 e2 80 a8"),
            ("turned around", "CBOR_TEXT", "63 e2 80 ae"),
            ("isolated", "CBOR_TEXT", "63 e2 81 a9"), ("Arabic mark", "CBOR_TEXT", "62 d8 9c"),
            ("trailing", "CBOR_TRAILING", "01 01"), ("depth 5", "CBOR_DEPTH", "81 81 81 81 81 01")):
        c.refused(name, status, wire.read, h(data))
    for name, data in (("23", "17"), ("24", "18 18"), ("256", "19 01 00"), ("65536", "1a 00 01 00 00"),
                       ("2^32", "1b 00 00 00 01 00 00 00 00"), ("depth 4", "81 81 81 81 01"), ("empty map", "a0"),
                       ("umlaut", "62 c3 bc"),
                       ("joiner", "63 e2 80 8d"), ("dash", "63 e2 80 94"), ("empty text", "60")):
        c.ok(name, wire.read, h(data))
        c.equal(name + " again", wire.pack(wire.read(h(data))), h(data))

    void = {0: 23, 1: 7, 2: bytes(32), 3: NOW}

    def decode(changed, rule="void", network=NETWORK):
        return wire.decode(rule, wire.pack(changed), network)

    c.ok("void", decode, void)
    c.refused("not a map", "CBOR_TYPE", decode, [1])
    c.refused("type of a field", "CBOR_TYPE", decode, {**void, 2: "x"})
    c.refused("unknown key", "CBOR_KEY", decode, {**void, 9: 1})
    c.refused("missing key", "CBOR_MISSING", decode, {k: v for k, v in void.items() if k != 2})
    c.refused("missing last key", "CBOR_MISSING", decode, {k: v for k, v in void.items() if k != 3})
    c.refused("another type", "MESSAGE_TYPE", decode, {**void, 0: 24})
    c.refused("type before limit", "MESSAGE_TYPE", decode, {**void, 0: 24, 1: 0})
    c.refused("till 0", "CBOR_RANGE", decode, {**void, 1: 0})
    c.refused("till 2^32", "CBOR_RANGE", decode, {**void, 1: 1 << 32})
    c.refused("hash of 31", "CBOR_RANGE", decode, {**void, 2: bytes(31)})
    loss = {0: 18, 1: NETWORK, 2: bytes(16), 3: b"a" * 8, 4: bytes(8), 5: NOW}
    c.ok("loss report", decode, loss, "loss-report")
    c.ok("loss report of all", decode, {k: v for k, v in loss.items() if k != 3}, "loss-report")
    c.refused("network", "NETWORK", decode, {**loss, 1: 1}, "loss-report")
    c.refused("optional bytes of zeros", "CBOR_NOT_CANONICAL", decode, {**loss, 3: bytes(8)}, "loss-report")
    c.refused("limit before network", "CBOR_RANGE", decode, {**loss, 1: 1, 5: 0}, "loss-report")
    issue = {0: 14, 1: NETWORK, 2: 1, 3: 1, 4: bytes(16), 5: 0, 9: NOW}
    c.refused("default written out", "CBOR_RANGE", decode, issue, "issue")
    message = {0: 27, 1: NETWORK, 2: 0, 3: 1, 4: [b"a" * 8], 5: [], 6: bytes(32), 7: NOW}
    c.ok("news", decode, message, "news")
    c.refused("not ascending", "CBOR_RANGE", decode, {**message, 4: [b"b" * 8, b"a" * 8]}, "news")
    c.refused("record too short", "CBOR_MISSING", decode, [1], "lot-part")
    c.refused("record too long", "CBOR_KEY", decode, [1, 1, 1], "lot-part")
    for rule in RULES.values():
        if rule.form != "type":
            sample = _sample(rule)
            data = wire.encode(rule.name, sample)
            c.equal("sample of " + rule.name, wire.decode(rule.name, data), sample)
            c.equal("sample of %s in cbor2" % rule.name, cbor2.loads(data), wire.read(data))


def _sample(rule, high=True):
    def value(kind):
        if kind.kind == "rule":
            return _sample(kind.rule)
        if kind.kind == "uint":
            return kind.high if high else kind.low
        if kind.kind == "array":
            return [value(kind.item)] * max(kind.low, 1)
        size = max(kind.low, min(kind.high, 40))
        return b"x" * size if kind.kind == "bytes" else "x" * size
    return {f.name: value(f.type) for f in rule.fields}


# ---- keys and envelope ----------------------------------------------------------------------------

def test_keys(report):
    c = Cases(report, "keys")
    key = Key("someone")
    signature = key.sign(b"message")
    c.equal("good", keys.verify(key.public, b"message", signature), True)
    c.equal("other message", keys.verify(key.public, b"massage", signature), False)
    s = int.from_bytes(signature[32:], "little") + ORDER_L
    c.equal("S + L", keys.verify(key.public, b"message", signature[:32] + s.to_bytes(32, "little")), False)
    small = bytes.fromhex("0100000000000000000000000000000000000000000000000000000000000000")
    c.equal("small order", keys.verify(small, b"message", small + bytes(32)), False)
    c.equal("not canonical", keys.verify(b"\xee" + b"\xff" * 30 + b"\x7f", b"message", signature), False)
    c.equal("thumbprint", keys.thumbprint(key.public),
            keys.sha256(bytes.fromhex("a3010120062158 20".replace(" ", "")) + key.public))


def test_envelope(report):
    c = Cases(report, "envelope")
    key = Key("till 7")
    good = make.message(key, "void", till=7, transfer=bytes(32), time=NOW)
    read = cose.open_envelope
    c.ok("good", read, good)
    envelope = read(good)
    c.equal("again", cose.build(envelope.kid, envelope.payload, envelope.signature), good)
    for cut in range(len(good)):
        c.refused("cut at %d" % cut, "CBOR_TRUNCATED", read, good[:cut])
    payload_at = 2 + 1 + 13 + 1

    def changed(at, value):
        return good[:at] + value + good[at + len(value):]

    for name, status, data in (
            ("tag", "COSE_TAG", changed(0, b"\xd1")), ("array", "COSE_SHAPE", changed(1, b"\x83")),
            ("protected size", "COSE_HEADER", changed(2, b"\x4c")),
            ("protected map", "COSE_HEADER", changed(3, b"\xa1")),
            ("key of algorithm", "COSE_HEADER", changed(4, b"\x02")),
            ("key of kid", "COSE_HEADER", changed(6, b"\x05")),
            ("size of kid", "COSE_HEADER", changed(7, b"\x47")), ("EdDSA", "COSE_ALGORITHM", changed(5, b"\x27")),
            ("unprotected", "COSE_UNPROTECTED", changed(16, b"\xa1")),
            ("payload of text", "COSE_PAYLOAD", changed(payload_at, b"\x78")),
            ("payload null", "COSE_PAYLOAD", changed(payload_at, b"\xf6")),
            ("payload long head", "COSE_PAYLOAD", good[:payload_at] + b"\x59\x00" + good[payload_at + 1:]),
            ("payload empty", "COSE_PAYLOAD", good[:payload_at] + b"\x40" + good[-66:]),
            ("signature of 63", "COSE_SIGNATURE_SIZE", good[:-66] + b"\x58\x3f" + good[-63:]),
            ("signature of text", "COSE_SIGNATURE_SIZE", good[:-66] + b"\x78\x40" + good[-64:]),
            ("trailing", "CBOR_TRAILING", good + b"\0")):
        c.refused(name, status, read, data)

    def verify(data, rule="void", public=key.public):
        cose.verify(cose.decode(rule, data, NETWORK), public)

    c.ok("verify", verify, good)
    c.refused("another key", "SIGNATURE_BAD", verify, good, "void", Key("other").public)
    c.refused("signature", "SIGNATURE_BAD", verify, good[:-1] + bytes([good[-1] ^ 1]))
    refund = make.message(key, "refund", till=7, transfer=bytes(32), amount=5, number=1, time=NOW)
    c.refused("another rule", "CBOR_KEY", verify, refund)


# ---- text -----------------------------------------------------------------------------------------

def test_text(report):
    c = Cases(report, "text")
    for size in range(1, 40):
        data = bytes(range(size))
        c.equal("%d bytes" % size, text.decode(text.encode(data, "P"), "P"), data)
    good = text.encode(b"hello", "P")
    c.equal("known", good, "WU1PD1IMOR3F")
    for name, value in (("lower", good.lower()), ("line end", good + "\r\n"), ("symbology", "]Q1" + good),
                        ("tab", "\t" + good)):
        c.equal(name, text.decode(value, "P"), b"hello")
    for name, status, value in (
            ("empty", "TEXT_PREFIX", ""), ("WU2", "TEXT_PREFIX", "WU2PD1IMOR3F"), ("space", "TEXT_PREFIX", " " + good),
            ("no letter", "TEXT_TYPE", "WU1"), ("letter X", "TEXT_TYPE", "WU1XD1IMOR3F"),
            ("letter Q", "TEXT_TYPE", "WU1QD1IMOR3F"), ("letter before character", "TEXT_TYPE", "WU1Q!!"),
            ("W", "TEXT_CHARACTER", "WU1PD1IMOR3W"), ("padding sign", "TEXT_CHARACTER", "WU1PD1IM===="),
            ("inner space", "TEXT_CHARACTER", "WU1PD1IM OR3F"), ("dotless i", "TEXT_CHARACTER", "WU1PD1\u0131MOR3F"),
            ("no body", "TEXT_LENGTH", "WU1P"), ("1", "TEXT_LENGTH", "WU1P0"), ("3", "TEXT_LENGTH", "WU1P000"),
            ("6", "TEXT_LENGTH", "WU1P000000"), ("bits left", "TEXT_PADDING", "WU1P01"),
            ("1025 bytes", "TOO_LARGE", text.encode(bytes(1025), "P"))):
        c.refused(name, status, text.decode, value, "P")
    c.ok("1024 bytes", text.decode, text.encode(bytes(1024), "P"), "P")


# ---- merkle, checkpoint, news ----------------------------------------------------------------------

def test_merkle(report):
    c = Cases(report, "merkle")
    leaves = [merkle.leaf(bytes([n])) for n in range(12)]
    tree = merkle.Tree()
    for size in range(len(leaves) + 1):
        root = merkle.root(leaves[:size])
        c.equal("root %d" % size, tree.root(), root)
        for index in range(size):
            path = merkle.inclusion(leaves[:size], index)
            c.equal("in %d of %d" % (index, size), merkle.check_inclusion(leaves[index], index, size, path, root), True)
            c.equal("not %d of %d" % (index, size),
                    merkle.check_inclusion(merkle.leaf(b"no"), index, size, path, root), False)
        for old in range(size + 1):
            path = merkle.consistency(leaves[:size], old)
            old_root = merkle.root(leaves[:old])
            c.equal("%d to %d" % (old, size), merkle.check_consistency(old, size, path, old_root, root), True)
            c.equal("not %d to %d" % (old, size), merkle.check_consistency(old, size, path, bytes(32), root), False)
        if size < len(leaves):
            tree.append(leaves[size])


def test_note(report):
    c = Cases(report, "note")
    key, name, root = Key("checkpoint"), "example.org/log", keys.sha256(b"")
    body = note.body(name, 5, root)
    other = note.signature_line("witness", key.public, bytes(64))

    def signed(text_):
        return text_ + "\n" + note.signature_line(name, key.public, key.sign(text_.encode()))

    good = signed(body)
    line = good[len(body) + 1:]
    c.equal("good", note.read(good.encode(), name, key.public), (name, 5, root))
    c.ok("with a witness", note.read, body + "\n" + other + line, name, key.public)
    for label, status, value in (
            ("no signature", "CHECKPOINT_FORM", body), ("no end", "CHECKPOINT_FORM", good[:-1]),
            ("size 05", "CHECKPOINT_FORM", signed(body.replace("\n5\n", "\n05\n"))),
            ("root", "CHECKPOINT_FORM", signed(body[:-2] + "\n")),
            ("CR", "CHECKPOINT_FORM", good.replace("\n5", "\r\n5")),
            ("four lines", "CHECKPOINT_FORM", signed(body + "more\n")),
            ("another size", "CHECKPOINT_SIGNATURE", good.replace("\n5\n", "\n6\n")),
            ("form after signature", "CHECKPOINT_SIGNATURE", good.replace("\n5\n", "\nfive\n")),
            ("root of nothing", "LOG_ROOT", signed(note.body(name, 0, bytes(32)))),
            ("origin", "SIGNER_UNKNOWN", signed(note.body("another", 5, root))),
            ("witness only", "SIGNER_UNKNOWN", body + "\n" + other)):
        c.refused(label, status, note.read, value, name, key.public)


def test_news(report):
    c = Cases(report, "news")
    key, ids = Key("news"), [bytes([n]) * 8 for n in (1, 2, 3)]

    def make_news(start, end, added, removed, after, time=NOW):
        return make.message(key, "news", from_=start, to=end, added=added, removed=removed,
                            hash=news.list_hash(after), time=time)

    def apply(data, version=3, public=key.public):
        return news.apply(NETWORK, public, version, ids[:2], NOW - 60, data)

    good = make_news(2, 5, [ids[2]], [ids[0]], ids[1:])
    c.equal("good", apply(good), (5, ids[1:], NOW))
    c.equal("refresh", apply(make_news(3, 3, [], [], ids[:2])), (3, ids[:2], NOW))
    c.refused("old version", "NEWS_OLD", apply, make_news(1, 2, [], [], ids[:2]))
    c.refused("old time", "NEWS_OLD", apply, make_news(3, 3, [], [], ids[:2], NOW - 60))
    c.refused("hash", "NEWS_HASH", apply, make_news(2, 5, [ids[2]], [], ids[1:]))
    c.refused("signer", "SIGNER_UNKNOWN", apply, good, 3, Key("x").public)
    try:
        apply(make_news(4, 5, [ids[2]], [], ids[1:]))
        report("news: gap", "OK")
    except Refused as refused:
        c.equal("gap", (refused.status, refused.beside), ("NEWS_GAP", {ids[2]}))
    c.refused("from above to", "CBOR_RANGE", apply, make_news(5, 4, [], [], ids[:2]))
    many = [bytes([n]) * 8 for n in range(13)]
    c.refused("26 ids", "CBOR_RANGE", apply, make_news(2, 5, many, many, ids[:2]))


# ---- a till ------------------------------------------------------------------------------------------

class Scene:
    """One till, one line, one request, and the payment that fits them; a test changes one thing."""

    def __init__(self):
        self.issuer, self.enrolment = Key("allowance role"), Key("enrolment")
        self.till_key, self.line_key = Key("till 7"), Key("line")
        self.certificate = dict(till=7, merchant=3, key=self.till_key.public, title="Café am Markt", level=2,
                                limit=20000, count=5, classes=1, restrictions=[9], from_=NOW - 1000, until=NOW + 1000)
        self.request = {"till": 7, "class": 1, "amount": 500, "nonce": b"n" * 8, "number": 4, "time": NOW - 10,
                        "seconds": 600}
        self.allowance = {"key": self.line_key.public, "class": 1, "tier": 2, "amount": 5000, "limit": 2000,
                          "from": NOW - 500, "hours": 24}
        self.transfer = {"payee": 7, "from": 1000, "to": 1500, "seq": 2, "prev": b"p" * 16}
        self.role = dict(key=self.issuer.public, from_=NOW - 9000, until=NOW + 9000, verify_until=NOW + 99000)
        self.state = {"denied": set(), "lower_bound": NOW - 5, "anchor_time": NOW - 200, "news_time": NOW - 100,
                      "accepted": [], "codes": set()}
        self.parameters = {"fresh_seconds": 1000, "offline_seconds": 100000, "stale_percent": 50,
                           "per_allowance": 3000, "per_allowance_stale": 1000, "anonymous_allowance": 400,
                           "anonymous_total": 700}
        self.request_state, self.now = "open", NOW
        self.signer, self.signed_request = None, None

    def build(self):
        till = make.message(self.enrolment, "till", **self.certificate)
        request = make.message(self.till_key, "request", **self.request)
        allowance = make.message(self.signer or self.issuer, "allowance", **self.allowance)
        self.request_id = make.id_of(request, "request")
        transfer = make.transfer(self.line_key, self.signed_request or self.request_id, **self.transfer)
        self.messages = till, request, allowance, transfer
        role = {name.rstrip("_"): value for name, value in self.role.items()}
        state = dict(self.state, network=NETWORK, till=cose.decode("till", till, NETWORK).fields,
                     parameters=self.parameters, issuers=[role])
        state["requests"] = [{"message": cose.decode("request", request, NETWORK), "state": self.request_state}]
        return state, make.payment_code(allowance, transfer)

    def accept(self):
        state, code = self.build()
        return accept.accept(state, code, self.now)[0]["to"]

    def earlier(self, **changed):
        self.state["accepted"].append(dict(dict(line=self.line_key.kid, tier=2, to=500, seq=0, prev=b"0" * 16,
                                                confirmed=False, **{"from": 0}), **changed))


def test_codes(report):
    c = Cases(report, "codes")
    scene = Scene()
    _, code = scene.build()
    till, request, allowance, transfer = scene.messages
    payment = codes.read_payment(code, NETWORK)
    c.equal("allowance", payment.allowance.data, allowance)
    c.equal("transfer", payment.transfer.data, transfer)
    c.refused("network", "NETWORK", codes.read_payment, code, 1)
    c.refused("cut", "CBOR_TRUNCATED", codes.read_payment, text.encode(payment.data[:-5], "P"), NETWORK)
    request_code = make.request_code(till, request)
    both = codes.read_request(request_code, NETWORK)
    c.equal("till", both.till.data, till)
    c.equal("request", both.request.data, request)
    c.equal("sizes", (len(code) < 700, len(request_code) < 700), (True, True))
    static = {"till": 7, "class": 1, "number": 1, "time": NOW}
    data = make.message(scene.till_key, "request", **static)
    both = codes.read_request(make.request_code(till, data), NETWORK)
    c.equal("static", both.request.data, data)
    whole = codes.read_request(request_code, NETWORK).fields
    for name, status, base, changed in (
            ("nonce of 4", "CBOR_RANGE", whole, {"nonce": b"1234"}),
            ("amount only", "CBOR_RANGE", both.fields, {"amount": 5}),
            ("no end", "CBOR_RANGE", whole, {"seconds": 0}),
            ("static and partial", "CBOR_RANGE", both.fields, {"partial": 1}),
            ("zero nonce", "CBOR_NOT_CANONICAL", whole, {"nonce": bytes(8), "network": 1}),
            ("other network", "NETWORK", whole, {"network": 1})):
        data = wire.encode("request-code", dict(base, **changed))
        c.refused(name, status, codes.read_request, text.encode(data, "Q"), NETWORK)


def _scene(*changes, **attributes):
    """A scene with changes like ("transfer", "to", 1400)."""
    scene = Scene()
    for target, name, value in changes:
        getattr(scene, target)[name] = value
    for name, value in attributes.items():
        setattr(scene, name, value)
    return scene


def test_accept(report):
    c = Cases(report, "accept")
    c.equal("good", Scene().accept(), 1500)
    scene = Scene()
    state, code = scene.build()
    c.refused("1 text", "TEXT_CHARACTER", accept.accept, state, code[:-1] + "!", NOW)
    c.refused("1 network", "NETWORK", accept.accept, dict(state, network=1), code, NOW)
    c.refused("2 same code", "ALREADY_PAID", accept.accept, dict(state, codes={text.decode(code, "P")}), code, NOW)
    cases = (
        ("3 payee", "WRONG_PAYEE", [("transfer", "payee", 8)], {}),
        ("4 issuer", "SIGNER_UNKNOWN", [], {"signer": Key("x")}),
        ("4 killed", "KEY_KILLED", [("role", "killed", True)], {}),
        ("4 not yet", "KEY_NOT_YET", [("role", "from_", NOW - 499)], {}),
        ("4 expired", "KEY_EXPIRED", [("role", "until", NOW - 501)], {}),
        ("4 verify until", "KEY_EXPIRED", [("role", "until", NOW - 100), ("role", "verify_until", NOW - 1)], {}),
        ("5 another request", "REQUEST_UNKNOWN", [], {"signed_request": bytes(32)}),
        ("5 paid", "ALREADY_PAID", [], {"request_state": "paid"}),
        ("5 cancelled", "CANCELLED", [], {"request_state": "cancelled"}),
        ("5 expired", "REQUEST_EXPIRED", [], {"request_state": "expired"}),
        ("5 over", "REQUEST_EXPIRED", [("request", "seconds", 10)], {}),
        ("6 clock", "CLOCK_BEHIND", [("state", "lower_bound", NOW + 1)], {}),
        ("6 ahead", "CLOCK_AHEAD", [("state", "anchor_time", NOW - 100001), ("state", "news_time", NOW - 100002)], {}),
        ("6 own not yet", "KEY_NOT_YET", [("certificate", "from_", NOW + 1)], {}),
        ("6 own over", "CERTIFICATE_EXPIRED", [("certificate", "until", NOW - 1)], {}),
        ("7 class of request", "CLASS", [("request", "class", 2)], {}),
        ("7 class of till", "CLASS", [("certificate", "classes", 2)], {}),
        ("7 restriction", "RESTRICTION", [("allowance", "restriction", 8)], {}),
        ("8 online", "ONLINE_ONLY", [("allowance", "online", 1)], {}),
        ("8 not yet", "ALLOWANCE_NOT_YET", [("allowance", "from", NOW + 1)], {}),
        ("8 over", "ALLOWANCE_EXPIRED", [("allowance", "from", NOW - 3600), ("allowance", "hours", 1)], {}),
        ("9 denied", "ALLOWANCE_DENIED", [("state", "denied", {Key("line").kid})], {}),
        ("10 zero", "AMOUNT_ZERO", [("transfer", "from", 1500)], {}),
        ("10 over allowance", "AMOUNT_OVER_ALLOWANCE", [("allowance", "amount", 1499)], {}),
        ("10 mismatch", "AMOUNT_MISMATCH", [("request", "amount", 501)], {}),
        ("10 more than partial", "AMOUNT_MISMATCH", [("request", "amount", 499), ("request", "partial", 1)], {}),
        ("10 limit", "AMOUNT_OVER_LIMIT", [("allowance", "limit", 499)], {}),
        ("12 news", "NEWS_STALE", [("state", "news_time", NOW - 100001)], {}),
        ("12 line stale", "TILL_ALLOWANCE_LIMIT",
         [("state", "news_time", NOW - 1001), ("parameters", "per_allowance_stale", 499)], {}),
        ("12 line anonymous", "TILL_ALLOWANCE_LIMIT", [("allowance", "tier", 1)], {}),
        ("12 anonymous", "ANONYMOUS_LIMIT", [("allowance", "tier", 1), ("parameters", "anonymous_allowance", 500),
                                             ("parameters", "anonymous_total", 499)], {}),
        ("12 count", "TILL_COUNT_LIMIT", [("state", "news_time", NOW - 1001), ("certificate", "count", 1)], {}),
        ("12 total", "TILL_TOTAL_LIMIT", [("certificate", "limit", 499)], {}))
    for name, status, changes, attributes in cases:
        c.refused(name, status, _scene(*changes, **attributes).accept)
    good = (
        ("restriction of the till", [("allowance", "restriction", 9)]), ("partial", [("request", "amount", 501),
                                                                                    ("request", "partial", 1)]),
        ("last second", [("state", "anchor_time", NOW - 200000), ("state", "news_time", NOW - 100000),
                         ("parameters", "fresh_seconds", 100000)]),
        ("clock equal", [("state", "lower_bound", NOW)]), ("last hour", [("allowance", "from", NOW - 3599),
                                                                        ("allowance", "hours", 1)]),
        ("from is the role's", [("role", "from_", NOW - 500)]), ("until is the role's", [("role", "until", NOW - 500)]))
    for name, changes in good:
        c.ok(name, _scene(*changes).accept)
    scene = Scene()
    for name in ("amount", "nonce", "seconds"):
        del scene.request[name]
    c.ok("static", scene.accept)
    scene = Scene()
    state, code = scene.build()
    sold = accept.accept(state, code, NOW)[0].id
    c.refused("voided before it was sold", "VOIDED", accept.accept, dict(state, voided={sold}), code, NOW)
    c.refused("5 none", "REQUEST_UNKNOWN", accept.accept, dict(state, requests=[]), code, NOW)
    for name, status, changed in (
            ("11 overlap", "INTERVAL_OVERLAP", {"from": 1499, "to": 1600}),
            ("11 sequence", "SEQUENCE_USED", {"seq": 2}), ("11 predecessor", "SEQUENCE_USED", {"prev": b"p" * 16}),
            ("11 confirmed too", "SEQUENCE_USED", {"seq": 2, "confirmed": True}),
            ("12 line", "TILL_ALLOWANCE_LIMIT", {"from": 2000, "to": 4501})):
        scene = Scene()
        scene.earlier(**changed)
        c.refused(name, status, scene.accept)
    scene = Scene()
    scene.earlier(**{"from": 1500, "to": 4000})
    c.ok("beside", scene.accept)
    scene = Scene()
    scene.earlier(**{"from": 1500, "to": 4500, "confirmed": True})
    c.ok("confirmed does not count", scene.accept)
    scene = Scene()
    for number in range(5):
        scene.earlier(line=bytes([number]) * 8)
    c.refused("12 count of five", "TILL_COUNT_LIMIT", scene.accept)


def test_evidence(report):
    c = Cases(report, "evidence")
    issuer, line, request = Key("allowance role"), Key("line"), bytes(32)
    allowance = make.message(issuer, "allowance", key=line.public, tier=2, amount=5000, limit=2000,
                             from_=NOW, hours=24, **{"class": 1})

    def pay(start, end, seq, prev, payee=7, req=request, key=line):
        return make.transfer(key, req, payee=payee, from_=start, to=end, seq=seq, prev=prev)

    def check(first, second, second_request=request):
        return evidence.check(NETWORK, [issuer.public], allowance, first, request, second, second_request)[0]

    p, q = b"p" * 16, b"q" * 16
    first = pay(0, 500, 0, p)
    c.equal("overlap", check(first, pay(499, 600, 1, q)), 1)
    c.equal("sequence", check(first, pay(500, 600, 0, q)), 2)
    c.equal("predecessor", check(first, pay(500, 600, 1, p)), 3)
    c.equal("two payees", check(first, pay(0, 500, 0, p, 8)), 1)
    c.equal("two requests", check(first, pay(0, 500, 0, p, 7, b"r" * 32), b"r" * 32), 1)
    c.refused("honest", "NO_OVERLAP", check, first, pay(500, 600, 1, q))
    c.refused("same", "NO_OVERLAP", check, first, first)
    c.refused("over", "AMOUNT_OVER_ALLOWANCE", check, first, pay(400, 5001, 1, q))
    c.refused("wrong request", "SIGNATURE_BAD", check, first, pay(0, 500, 0, p, 8), b"r" * 32)
    c.refused("another line", "SIGNATURE_BAD", check, first, pay(0, 500, 0, p, 8, request, Key("x")))
    c.refused("issuer", "SIGNER_UNKNOWN", evidence.check, NETWORK, [line.public], allowance, first, request,
              first, request)


TESTS = (test_wire, test_keys, test_envelope, test_text, test_merkle, test_note, test_news, test_codes, test_accept,
         test_evidence)


def run(report):
    for test in TESTS:
        test(report)
