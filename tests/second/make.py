"""Makes good messages for the reader's own tests: keys out of names, signatures, codes."""

import nacl.bindings

import cose
import keys
import text
import wire
from cddl import RULES

NETWORK = 2


class Key:
    """A key pair whose seed is the hash of its name."""

    def __init__(self, name):
        self.name = name
        self.public, self.secret = nacl.bindings.crypto_sign_seed_keypair(keys.sha256(name.encode()))
        self.kid = keys.kid(self.public)

    def sign(self, message):
        return nacl.bindings.crypto_sign(message, self.secret)[:64]


def sign_payload(key, payload, aad):
    return cose.build(key.kid, payload, key.sign(cose.sig_structure(key.kid, payload, aad)))


def message(key, rule, /, **fields):
    """A signed COSE message; type and network are filled in. Field `from` is written `from_`."""
    fields = {name.rstrip("_"): value for name, value in fields.items()}
    fields["type"] = RULES[rule].message_type
    if RULES[rule].has_network:
        fields.setdefault("network", NETWORK)
    return sign_payload(key, wire.encode(rule, fields), cose.plain_aad(NETWORK, fields["type"]))


def transfer(key, request_id, /, **fields):
    fields = {name.rstrip("_"): value for name, value in fields.items()}
    fields["type"] = 21
    aad = cose.transfer_aad(NETWORK, keys.thumbprint(key.public), request_id, fields["payee"])
    return sign_payload(key, wire.encode("transfer", fields), aad)


def id_of(data, rule):
    return cose.decode(rule, data, NETWORK).id


def transfer_id(data, key, request_id):
    return cose.bind_transfer(cose.decode("transfer", data, NETWORK), NETWORK, key.public, request_id).id


def payment_code(allowance, transfer_data):
    """The code out of the two messages."""
    a, t = cose.decode("allowance", allowance, NETWORK), cose.decode("transfer", transfer_data, NETWORK)
    fields = {"network": NETWORK, "key": a["key"], "class": a["class"], "tier": a["tier"], "amount": a["amount"],
              "limit": a["limit"], "valid_from": a["from"], "hours": a["hours"],
              "restriction": a.get("restriction", 0), "online": a.get("online", 0), "issuer": a.kid,
              "allowance_signature": a.signature, "payee": t["payee"], "from": t["from"], "to": t["to"],
              "seq": t["seq"], "prev": t["prev"], "transfer_signature": t.signature}
    return text.encode(wire.encode("payment-code", fields), "P")


def request_code(till, request):
    c, r = cose.decode("till", till, NETWORK), cose.decode("request", request, NETWORK)
    fields = {f.name: None for f in RULES["request-code"].fields}
    for name in ("network", "till", "merchant", "key", "title", "level", "limit", "count", "classes", "restrictions",
                 "from", "until"):
        fields[name] = c[name]
    fields.update({"issuer": c.kid, "till_signature": c.signature, "class": r["class"], "amount": r.get("amount", 0),
                   "nonce": r.get("nonce", b""), "number": r["number"], "time": r["time"],
                   "seconds": r.get("seconds", 0), "partial": r.get("partial", 0),
                   "request_signature": r.signature})
    return text.encode(wire.encode("request-code", fields), "Q")


