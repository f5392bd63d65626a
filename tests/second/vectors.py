"""Runs tests/vectors/*.json: the operations of tests/vectors/README.md."""

import json

import accept
import codes
import cose
import evidence
import merkle
import news
import note
import text
import wire
from cddl import RULES
from status import NUMBER, Refused


def hexed(value):
    """A decoded value as JSON writes it."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, (list, tuple)):
        return [hexed(item) for item in value]
    if isinstance(value, dict):
        return {name: hexed(item) for name, item in value.items()}
    return value


def unhexed(kind, value):
    """The other way round, by the types of a rule."""
    if kind.kind == "rule":
        return {f.name: unhexed(f.type, value[f.name]) for f in kind.rule.fields if f.name in value}
    if kind.kind == "array":
        return [unhexed(kind.item, item) for item in value]
    return bytes.fromhex(value) if kind.kind == "bytes" else value


def _bytes(vector, name):
    return bytes.fromhex(vector[name])


def op_text(v):
    data = text.decode(v["text"], v["letter"])
    canonical = text.encode(data, v["letter"])
    assert text.decode(canonical, v["letter"]) == data
    return {"bytes": data}


def op_envelope(v):
    data = _bytes(v, "cose")
    envelope = cose.open_envelope(data)
    assert cose.build(envelope.kid, envelope.payload, envelope.signature) == data
    return {"kid": envelope.kid, "payload": envelope.payload, "signature": envelope.signature}


def op_payload(v):
    return {"fields": wire.decode(v["rule"], _bytes(v, "payload"), v["network"])}


def op_carrier(v):
    return {"fields": wire.decode(v["rule"], _bytes(v, "bytes"))}


def op_verify(v):
    message = cose.decode(v["rule"], _bytes(v, "cose"), v["network"])
    if v["rule"] == "transfer":
        aad = cose.transfer_aad(v["network"], _bytes(v, "thumbprint"), _bytes(v, "request"), v["payee"])
        message.signed = cose.sig_structure(message.kid, message.payload, aad)
        message.id = cose.message_id(message.signed)
    cose.verify(message, _bytes(v, "key"))
    return {"id": message.id}


def op_payment(v):
    payment = codes.read_payment(v["code"], v["network"])
    cose.bind_transfer(payment.transfer, v["network"], payment.fields["key"], _bytes(v, "request"))
    return {"allowance": payment.allowance.data, "transfer": payment.transfer.data,
            "allowance_id": payment.allowance.id, "transfer_id": payment.transfer.id}


def op_request(v):
    request = codes.read_request(v["code"], v["network"])
    return {"till": request.till.data, "request": request.request.data, "request_id": request.request.id}


def till_state(v):
    """The state of a till for `accept`."""
    network = v["network"]
    certificate = cose.decode("till", _bytes(v, "till"), network)
    cose.verify(certificate, _bytes(v, "till_key"))
    requests = []
    for r in v["requests"]:
        message = cose.decode("request", bytes.fromhex(r["cose"]), network)
        cose.verify(message, certificate["key"])
        requests.append({"message": message, "state": r["state"]})
    return {
        "network": network, "till": certificate.fields,
        "parameters": wire.decode("parameters", _bytes(v, "parameters"), network),
        "issuers": [dict(i, key=bytes.fromhex(i["key"])) for i in v["issuers"]],
        "denied": {bytes.fromhex(i) for i in v["denied"]},
        "lower_bound": v["lower_bound"], "anchor_time": v["anchor_time"], "news_time": v["news_time"],
        "requests": requests,
        "accepted": [dict(a, line=bytes.fromhex(a["line"]), prev=bytes.fromhex(a["prev"])) for a in v["accepted"]],
        "codes": {text.decode(c, "P") for c in v["codes"]},
    }


def op_accept(v):
    try:
        till = till_state(v)
    except Refused as refused:
        raise ValueError("the till's state: %s" % refused) from refused
    transfer, _ = accept.accept(till, v["code"], v["now"])
    return {"transfer_id": transfer.id, "amount": transfer["to"] - transfer["from"]}


def op_evidence(v):
    found = evidence.check(v["network"], [bytes.fromhex(k) for k in v["keys"]], _bytes(v, "allowance"),
                           _bytes(v, "first"), _bytes(v, "first_request"),
                           _bytes(v, "second"), _bytes(v, "second_request"))
    return {"cause": found[0]}


def op_news(v):
    version, ids, _ = news.apply(v["network"], _bytes(v, "key"), v["version"],
                                 [bytes.fromhex(i) for i in v["ids"]], v["time"], _bytes(v, "cose"))
    return {"new_version": version, "new_ids": ids}


def op_merkle(v):
    leaves = [merkle.leaf(bytes.fromhex(entry)) for entry in v["entries"]]
    root, size = merkle.root(leaves), len(leaves)
    tree = merkle.Tree()
    for leaf in leaves:
        tree.append(leaf)
    assert tree.root() == root
    out = {"root": root, "inclusion": [], "consistency": []}
    for given in v.get("inclusion", []):
        index = given["index"]
        path = merkle.inclusion(leaves, index)
        assert merkle.check_inclusion(leaves[index], index, size, path, root)
        out["inclusion"].append({"index": index, "path": path})
    for given in v.get("consistency", []):
        old = given["old"]
        path = merkle.consistency(leaves, old)
        assert merkle.check_consistency(old, size, path, merkle.root(leaves[:old]), root)
        out["consistency"].append({"old": old, "path": path})
    return out


def op_checkpoint(v):
    data = v["note"] if "\n" in v["note"] else bytes.fromhex(v["note"])
    origin, size, root = note.read(data, v["key_name"], _bytes(v, "key"))
    return {"origin": origin, "size": size, "root": root}


OPS = {name[3:]: value for name, value in list(globals().items()) if name.startswith("op_")}


def check(op, vector):
    """None when the vector holds, else what differs."""
    expect = vector.get("expect", "OK")
    if expect != "OK" and expect not in NUMBER:
        return "no such status: " + expect
    if vector.get("rule") and vector["rule"] not in RULES:
        return "no such rule: " + vector["rule"]
    try:
        outputs = hexed(OPS[op](vector))
    except Refused as refused:
        return None if refused.status == expect else "%s, expected %s" % (refused, expect)
    if expect != "OK":
        return "OK, expected " + expect
    for name, value in outputs.items():
        if name not in vector:
            return "output %s is missing in the vector" % name
        if vector[name] != value:
            return "%s is %r, expected %r" % (name, value, vector[name])
    return None


def run_file(path, report):
    """Calls report(name, failure or None) for each vector."""
    with open(path, encoding="utf-8") as file:
        content = json.load(file)
    op = content["op"]
    if op not in OPS:
        report(op, "no such operation")
        return
    for number, vector in enumerate(content["vectors"]):
        name = "%s: %s" % (op, vector.get("name", number))
        try:
            report(name, check(op, vector))
        except Exception as error:      # a vector that cannot be read is a failure, not the end
            report(name, "%s: %s" % (type(error).__name__, error))

