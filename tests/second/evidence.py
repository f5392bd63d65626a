"""Evidence: two transfers of one line that cannot both be honest (PROTOCOL.md section 12.7)."""

import cose
import keys
import signer
from accept import overlap
from status import Refused, need

FOREVER = {"from": 0, "until": 1 << 32, "verify_until": 1 << 32, "killed": False}


def cause(first, second):
    """1 overlap, 2 same sequence, 3 same predecessor, 0 none."""
    if overlap(first, second):
        return 1
    if first["seq"] == second["seq"]:
        return 2
    if first["prev"] == second["prev"]:
        return 3
    return 0


def check(network, issuers, allowance, first, first_request, second, second_request):
    """The cause, and the three messages. `issuers` are role keys or bare keys, whose times do not matter then."""
    issuers = [dict(FOREVER, key=k) if isinstance(k, bytes) else k for k in issuers]
    certificate = cose.decode("allowance", allowance, network)
    signer.find(certificate, issuers, certificate["from"])
    transfers = []
    for data, request in ((first, first_request), (second, second_request)):
        transfer = cose.decode("transfer", data, network)
        cose.bind_transfer(transfer, network, certificate["key"], request)
        cose.verify(transfer, certificate["key"])
        transfers.append(transfer)
    a, b = transfers
    need(a.id != b.id, "NO_OVERLAP", "one transfer twice")
    for transfer in transfers:
        need(transfer["to"] <= certificate["amount"], "AMOUNT_OVER_ALLOWANCE")
    found = cause(a, b)
    if not found:
        raise Refused("NO_OVERLAP")
    return found, certificate, a, b


def line_of(certificate):
    return keys.kid(certificate["key"])
