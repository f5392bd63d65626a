"""Evidence: two transfers of one line that cannot both be honest (PROTOCOL.md section 12.7)."""

import cose
import keys
import signer
from accept import overlap
from status import Refused, need


def contradicts(first, second, cause):
    """1 overlap, 2 same sequence, 3 same predecessor."""
    if cause == 1:
        return overlap(first, second)
    name = "seq" if cause == 2 else "prev"
    return first[name] == second[name]


def cause_of(first, second):
    """The first cause that holds, 0 for none."""
    return next((cause for cause in (1, 2, 3) if contradicts(first, second, cause)), 0)


def check(network, issuers, allowance, first, first_request, second, second_request):
    """Cause and three messages. `issuers` are the keys that ever had role 5, whatever their times and kills."""
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
    found = cause_of(a, b)
    if not found:
        raise Refused("NO_OVERLAP")
    return found, certificate, a, b
