"""Reads protocol.cddl into field tables, so that the tables here cannot differ from it.

Only the part of CDDL that the file uses is understood; anything else is an error. A rule is one of

* a map with integer keys (message payload or attachment): `rule.form == "map"`,
* an array with named members (positional record):         `rule.form == "record"`,
* a name for a type:                                       `rule.form == "type"`.
"""

import os
import re
from dataclasses import dataclass, field

from status import ROOT


@dataclass
class Type:
    kind: str                   # uint, bytes, text, array, or rule
    low: int = 0                # value, size in bytes or number of items
    high: int = 0
    item: "Type" = None         # of an array
    rule: "Rule" = None         # a map or record


@dataclass
class Field:
    name: str
    type: Type
    key: int = None             # None in a record
    optional: bool = False
    ascending: bool = False


@dataclass
class Rule:
    name: str
    form: str
    fields: list = field(default_factory=list)
    type: Type = None
    draft: bool = False

    @property
    def message_type(self):
        """The number under key 0 of a message, None for anything else."""
        if self.form == "map" and self.fields and self.fields[0].key == 0:
            return self.fields[0].type.low
        return None

    @property
    def has_network(self):
        """Is key 1 the network? (In a transfer, receipt, void and refund it is the till.)"""
        return len(self.fields) > 1 and self.fields[1].key == 1 and self.fields[1].name == "network"


def _type(text, rules):
    text = text.strip()
    match = re.fullmatch(r"(\d+)(?:\.\.(\d+))?", text)
    if match:
        return Type("uint", int(match[1]), int(match[2] or match[1]))
    match = re.fullmatch(r"([bt])str \.size (?:(\d+)|\((\d+)\.\.(\d+)\))", text)
    if match:
        return Type("bytes" if match[1] == "b" else "text", int(match[2] or match[3]), int(match[2] or match[4]))
    match = re.fullmatch(r"\[(\d+)\*(\d+) (.+)\]", text)
    if match:
        return Type("array", int(match[1]), int(match[2]), item=_type(match[3], rules))
    if text in rules:
        rule = rules[text]
        return rule.type if rule.form == "type" else Type("rule", rule=rule)
    raise ValueError("protocol.cddl: cannot read the type " + text)


def _field(line, form, rules):
    match = re.fullmatch(r"\s+(?:(\?) )?(?:(\d+): )?(.+?),\s*; (.+)", line)
    if not match:
        raise ValueError("protocol.cddl: cannot read the field " + line)
    optional, key, type_text, remark = match.groups()
    if (key is None) != (form == "record"):
        raise ValueError("protocol.cddl: key in a record or none in a map: " + line)
    return Field(name=re.match(r"[a-z_]+", remark)[0], type=_type(type_text, rules),
                 key=None if key is None else int(key), optional=bool(optional),
                 ascending=bool(re.search(r"\bascending\b", remark)))


def parse(text):
    """All rules by name."""
    rules, rule, draft = {}, None, False
    for line in text.splitlines():
        if rule is not None:
            if line.strip() == {"map": "}", "record": "]"}[rule.form]:
                keys = [f.key for f in rule.fields if f.key is not None]
                if keys != sorted(set(keys)) or len({f.name for f in rule.fields}) != len(rule.fields):
                    raise ValueError("protocol.cddl: keys or names of " + rule.name)
                rules[rule.name], rule, draft = rule, None, False
            else:
                rule.fields.append(_field(line, rule.form, rules))
            continue
        if line.startswith(";") or not line.strip():
            draft = draft or line.strip() == "; draft"
            continue
        match = re.fullmatch(r"([a-z-]+)\s*=\s*([^;]+?)\s*(?:;.*)?", line)
        if not match or match[1] in rules:
            raise ValueError("protocol.cddl: cannot read " + line)
        if match[2] in "{[":
            rule = Rule(match[1], "map" if match[2] == "{" else "record", draft=draft)
        else:
            rules[match[1]] = Rule(match[1], "type", type=_type(match[2], rules))
    return rules


def _load():
    with open(os.path.join(ROOT, "protocol", "protocol.cddl"), encoding="utf-8") as file:
        rules = parse(file.read())
    types = [r.message_type for r in rules.values() if r.message_type is not None]
    if len(types) != len(set(types)):
        raise ValueError("protocol.cddl: a message type twice")
    return rules


RULES = _load()
BY_TYPE = {rule.message_type: rule for rule in RULES.values() if rule.message_type is not None}
