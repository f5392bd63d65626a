"""A till without a network decides about a payment code (PROTOCOL.md sections 9.5 and 9.6).

The till is a dict:
  network, till (fields of its certificate), parameters (fields), issuers (role keys), denied (set of ids),
  lower_bound, anchor_time, news_time, requests (list of {message, state}, oldest first),
  accepted (list of {line, tier, from, to, seq, prev, confirmed}), codes (set of code bytes accepted before),
  voided (set of transfer ids, may be missing)
"""

import codes
import cose
import keys
import signer
from status import Refused, need

ENDED = {"paid": "ALREADY_PAID", "expired": "REQUEST_EXPIRED", "cancelled": "CANCELLED", "voided": "VOIDED"}


def class_bit(number):
    return 1 << (number - 1)


def accept(till, code_text, now):
    """The accepted transfer as a message with its id, and its request."""
    payment = codes.read_payment(code_text, till["network"])                               # step 1
    need(payment.data not in till["codes"], "ALREADY_PAID", "the same code")               # 2
    code, allowance, transfer = payment.fields, payment.allowance, payment.transfer
    need(code["payee"] == till["till"]["till"], "WRONG_PAYEE")                             # 3
    signer.find(allowance, till["issuers"], code["valid_from"], now)                       # 4
    request = find_request(till, transfer, code["key"], now)                               # 5
    check_clock(till, now)                                                                 # 6
    check_rules(till, allowance, transfer, request, now)                                   # 7 to 11
    check_limits(till, allowance, transfer, now)                                           # 12
    need(transfer.id not in till.get("voided", ()), "VOIDED")                              # section 9.7
    return transfer, request


def request_over(request, now):
    """Has the request's end passed? A static one has none and stays open."""
    return "seconds" in request.fields and now >= request["time"] + request["seconds"]


def find_request(till, transfer, key, now):
    """Step 5: the request for which this transfer was signed."""
    still_open = [r for r in till["requests"] if r["state"] == "open"]
    ended = [r for r in till["requests"] if r["state"] != "open"]
    for entry in still_open[::-1] + ended[::-1]:
        request = entry["message"]
        cose.bind_transfer(transfer, till["network"], key, request.id)
        if keys.verify(key, transfer.signed, transfer.signature):
            if entry["state"] != "open":
                raise Refused(ENDED[entry["state"]])
            need(not request_over(request, now), "REQUEST_EXPIRED")
            return request
    raise Refused("REQUEST_UNKNOWN", "no request fits")


def check_clock(till, now):
    """Step 6."""
    need(now >= till["lower_bound"], "CLOCK_BEHIND")
    heard = max(till["anchor_time"], till["news_time"])
    need(now <= heard + till["parameters"]["offline_seconds"], "CLOCK_AHEAD")
    need(now >= till["till"]["from"], "KEY_NOT_YET", "the till's own certificate")
    need(now <= till["till"]["until"], "CERTIFICATE_EXPIRED", "the till's own certificate")


def amount_fits(cents, request):
    """Equal; or less and the request says partial; or the request is static."""
    if "amount" not in request.fields:
        return True
    return cents == request["amount"] or (cents < request["amount"] and request.get("partial", 0) == 1)


def overlap(a, b):
    return max(a["from"], b["from"]) < min(a["to"], b["to"])


def check_rules(till, allowance, transfer, request, now):
    """Steps 7 to 11."""
    certificate = till["till"]
    need(allowance["class"] == request["class"], "CLASS", "not the request's")
    need(certificate["classes"] & class_bit(allowance["class"]), "CLASS", "not the till's")
    restriction = allowance.get("restriction", 0)
    need(restriction == 0 or restriction in certificate["restrictions"], "RESTRICTION")

    need(allowance.get("online", 0) == 0, "ONLINE_ONLY")
    need(allowance["from"] <= now, "ALLOWANCE_NOT_YET")
    need(now < allowance["from"] + 3600 * allowance["hours"], "ALLOWANCE_EXPIRED")

    line = keys.kid(allowance["key"])
    need(line not in till["denied"], "ALLOWANCE_DENIED")

    cents = transfer["to"] - transfer["from"]
    need(cents > 0, "AMOUNT_ZERO")
    need(transfer["to"] <= allowance["amount"], "AMOUNT_OVER_ALLOWANCE")
    need(amount_fits(cents, request), "AMOUNT_MISMATCH")
    need(cents <= allowance["limit"], "AMOUNT_OVER_LIMIT")

    same_line = [a for a in till["accepted"] if a["line"] == line]
    need(not any(overlap(a, transfer) for a in same_line), "INTERVAL_OVERLAP")
    need(not any(a["seq"] == transfer["seq"] or a["prev"] == transfer["prev"] for a in same_line), "SEQUENCE_USED")


def check_limits(till, allowance, transfer, now):
    """Step 12, section 9.6."""
    parameters, certificate = till["parameters"], till["till"]
    age = now - till["news_time"]
    need(age <= parameters["offline_seconds"], "NEWS_STALE")
    stale = age > parameters["fresh_seconds"]
    percent = parameters["stale_percent"] if stale else 100

    unconfirmed = [a for a in till["accepted"] if not a["confirmed"]]
    line, tier, cents = keys.kid(allowance["key"]), allowance["tier"], transfer["to"] - transfer["from"]

    def total(chosen):
        return cents + sum(a["to"] - a["from"] for a in chosen)

    most = parameters["per_allowance_stale" if stale else "per_allowance"]
    if tier == 1:
        most = min(most, parameters["anonymous_allowance"])
    need(total(a for a in unconfirmed if a["line"] == line) <= most, "TILL_ALLOWANCE_LIMIT")
    if tier == 1:
        need(total(a for a in unconfirmed if a["tier"] == 1) <= parameters["anonymous_total"], "ANONYMOUS_LIMIT")
    need(len(unconfirmed) + 1 <= certificate["count"] * percent // 100, "TILL_COUNT_LIMIT")
    need(total(unconfirmed) <= certificate["limit"] * percent // 100, "TILL_TOTAL_LIMIT")
