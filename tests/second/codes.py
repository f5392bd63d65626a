"""Payment and request codes: the two COSE messages in each, rebuilt byte for byte (PROTOCOL.md 9.1, 9.4)."""

from dataclasses import dataclass

import cose
import keys
import text
import wire
from status import need


@dataclass
class Payment:
    fields: dict                # of the payment-code
    data: bytes                 # the decoded code
    allowance: cose.Message
    transfer: cose.Message      # without an id until the request is known


@dataclass
class Request:
    fields: dict
    data: bytes
    till: cose.Message
    request: cose.Message


def _message(rule, fields, kid, signature, network):
    """Rebuilt, and read again like any other message: the rules of its payload hold as well."""
    return cose.decode(rule, cose.build(kid, wire.encode(rule, fields), signature), network)


def payment_messages(code, network):
    allowance = {"type": 19, "network": code["network"], "key": code["key"], "class": code["class"],
                 "tier": code["tier"], "amount": code["amount"], "limit": code["limit"],
                 "from": code["valid_from"], "hours": code["hours"]}
    if code["restriction"]:
        allowance["restriction"] = code["restriction"]
    if code["online"]:
        allowance["online"] = 1
    transfer = {"type": 21, "payee": code["payee"], "from": code["from"], "to": code["to"],
                "seq": code["seq"], "prev": code["prev"]}
    return (_message("allowance", allowance, code["issuer"], code["allowance_signature"], network),
            _message("transfer", transfer, keys.kid(code["key"]), code["transfer_signature"], network))


def read_payment(code_text, network):
    data = text.decode(code_text, "P")
    fields = wire.decode("payment-code", data, network)
    return Payment(fields, data, *payment_messages(fields, network))


def request_messages(code, network):
    till = {name: code[name] for name in ("network", "till", "merchant", "key", "title", "level", "limit", "count",
                                          "classes", "restrictions", "from", "until")}
    till["type"] = 7
    request = {name: code[name] for name in ("network", "till", "class", "number", "time")}
    request["type"] = 20
    for name in ("amount", "nonce", "seconds", "partial"):
        if code[name]:
            request[name] = code[name]
    return (_message("till", till, code["issuer"], code["till_signature"], network),
            _message("request", request, keys.kid(code["key"]), code["request_signature"], network))


def read_request(code_text, network):
    data = text.decode(code_text, "Q")
    fields = wire.decode("request-code", data)
    parts = {bool(fields["amount"]), bool(fields["nonce"]), bool(fields["seconds"])}
    need(len(parts) == 1 and len(fields["nonce"]) in (0, 8), "CBOR_RANGE", "half static")
    need(fields["amount"] or not fields["partial"], "CBOR_RANGE", "static and partial")
    need(fields["nonce"] != bytes(8), "CBOR_NOT_CANONICAL", "nonce of zeros")
    need(fields["network"] == network, "NETWORK")
    return Request(fields, data, *request_messages(fields, network))
