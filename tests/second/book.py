"""Accounts and postings (PROTOCOL.md section 13)."""

from status import need

CLASS = {1: "voucher", 2: "parking"}
DEBIT = ("bank", "claim")           # kinds whose balance lies on the debit side


class Book:
    def __init__(self):
        self.accounts = {}

    @staticmethod
    def name(class_number, kind, *ids):
        ids = [i.hex() if isinstance(i, bytes) else str(i) for i in ids]
        return ":".join([CLASS[class_number], kind] + ids)

    @staticmethod
    def is_debit(name):
        return name.split(":")[1] in DEBIT

    def balance(self, name):
        return self.accounts.get(name, 0)

    def _add(self, name, cents):
        value = self.balance(name) + cents
        need(value >= 0, "BOOKS", "%s would be %d" % (name, value))
        self.accounts[name] = value

    def post(self, debit, credit, cents):
        """One posting; a posting of nothing is none."""
        need(debit.split(":")[0] == credit.split(":")[0], "BOOKS", "across classes")
        if cents:
            self._add(debit, cents if self.is_debit(debit) else -cents)
            self._add(credit, -cents if self.is_debit(credit) else cents)

    def move(self, debits, credits):
        """Postings out of two lists of (account, cents) with one sum, filled in order."""
        need(sum(c for _, c in debits) == sum(c for _, c in credits), "BOOKS", "two sides differ")
        credits = [list(pair) for pair in credits]
        for debit, left in debits:
            while left:
                part = min(left, credits[0][1])
                self.post(debit, credits[0][0], part)
                left -= part
                credits[0][1] -= part
                if not credits[0][1]:
                    credits.pop(0)

    def check(self):
        """Per class: bank + claims = all others."""
        for class_name in CLASS.values():
            own = {n: v for n, v in self.accounts.items() if n.split(":")[0] == class_name}
            debit = sum(v for n, v in own.items() if self.is_debit(n))
            need(2 * debit == sum(own.values()), "BOOKS", class_name)

    def export(self):
        return {name: value for name, value in sorted(self.accounts.items()) if value}
