"""Evidence: two transfers of one line that cannot both be honest (PROTOCOL.md section 12.7)."""

import cose
import keys
import signer
from accept import overlap
from status import Refused, need

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
    """The cause, and the three messages. `issuers` are the keys that ever had role 5, whatever their times and kills."""
    certificate = cose.decode("allowance", allowance, network)
    signer.find(certificate, [dict(signer.FOREVER, key=key) for key in issuers], certificate["from"])
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
