"""What a replay knows after each entry: plain dicts, and the questions that several parts ask of them."""

from datetime import datetime, timezone

import cose
import keys
import merkle
import signer
from book import Book
from status import Refused, need

ROOT, PROGRAMME, TREASURY, ENROLMENT, ALLOWANCE, SETTLEMENT, NEWS, CHECKPOINT = range(1, 9)
SUPPORT, AUDIT = 11, 13
DAY = 86400
MOST_DENIED = 8000              # ids on the deny list at one time


class State:
    def __init__(self):
        self.network = self.origin = None
        self.index = 0                  # of the entry at work
        self.time = 0
        self.tree = merkle.Tree()
        self.book = Book()
        self.roots = []                 # role keys without end
        self.role_keys = []             # {key, role, from, until, verify_until, killed}
        self.started = False            # an entry of another kind than genesis and role key is there
        self.parameters = []            # fields of all versions
        self.series = {}                # number -> fields of the last version + {issued, issues}
        self.merchants = {}             # number -> fields + {payouts: {class: number}}
        self.tills = {}                 # number -> see acts.till
        self.till_keys = set()
        self.fundings = set()           # (class, number)
        self.purses = {}                # id -> fields + {devices: {key: limit}, device_number}
        self.asked = {}                 # (purse, device key, UTC day) -> cents
        self.lots = {}                  # id -> {id, class, restriction, promo, expiry}; a gift leaves it in two purses
        self.lines = {}                 # id -> see lines.py
        self.transfers = {}             # message id -> see settle.py
        self.uploads = {}               # message id -> entry index
        self.done = set()               # ids of renewals and gifts that were carried out
        self.denied = set()
        self.news_version = 0
        self.service_days = []          # day numbers, ascending
        self.hold_number = 0
        self.hold = False
        self.fund_quarter = {}          # (merchant, year, quarter) -> cents
        self.fund_line = {}             # (merchant, line) -> cents
        self.waiting = {}               # transfer id -> [refund items that wait]
        self.refund_day = {}            # (till, local day) -> cents refunded with the till's key
        self.queue = None               # the upload whose items must come next
        self.must = []                  # node-made entries that must come next, in this order

    # ---- signers ----------------------------------------------------------------------------

    def keys_of(self, *roles):
        return [k for k in self.role_keys if k["role"] in roles]

    def signed_by(self, message, *roles):
        return signer.find(message, self.keys_of(*roles), self.time)["role"]

    def signed_by_two(self, messages, first, second):
        signer.two(messages, self.keys_of(first), self.keys_of(second), self.time)

    def purse_signer(self, purse, message, devices=True):
        """The key of the purse that signed: PURSE_KEY when the message names none, SIGNATURE_BAD when it did not."""
        for key in [purse["recovery"]] + (list(purse["devices"]) if devices else []):
            if keys.kid(key) == message.kid:
                need(keys.verify(key, message.signed, message.signature), "SIGNATURE_BAD", message.rule)
                return key
        raise Refused("PURSE_KEY", message.rule)

    @staticmethod
    def till_signed(till, message):
        good = message.kid == keys.kid(till["key"]) and keys.verify(till["key"], message.signed, message.signature)
        need(good, "SIGNATURE_BAD", message.rule)

    # ---- parameters, days ---------------------------------------------------------------------

    def in_force(self, t=None):
        found = [p for p in self.parameters if p["from"] <= (self.time if t is None else t)]
        need(found, "PARAMETERS_MISSING")
        return found[-1]

    def local_day(self, t):
        """Berlin's day by the offsets of the parameters in force now."""
        east = 0
        for offset in self.in_force()["offsets"]:
            if offset["at"] <= t:
                east = offset["east"]
        return (t + east) // DAY

    def quarter(self):
        date = datetime.fromtimestamp(self.time, timezone.utc)
        return date.year, (date.month - 1) // 3

    # ---- deny list ------------------------------------------------------------------------------

    def deny(self, line):
        """Each change of the list raises its version by one. A closed line is never on it."""
        if line["state"] != "closed" and line["id"] not in self.denied and self.deny_room():
            self.denied.add(line["id"])
            self.news_version += 1
            line["denied_version"] = self.news_version

    def deny_room(self):
        return len(self.denied) < MOST_DENIED

    def allow(self, line):
        if line["id"] in self.denied:
            self.denied.discard(line["id"])
            self.news_version += 1

    # ---- accounts -------------------------------------------------------------------------------

    def account(self, class_number, kind, *ids):
        return self.book.name(class_number, kind, *ids)

    def lot_account(self, purse, lot):
        return self.account(lot["class"], "lot", purse, lot["id"])

    def lot_or_expired(self, purse, lot_id):
        """Where cents of this lot go back to now."""
        lot = self.lots[lot_id]
        return self.lot_account(purse, lot) if lot["expiry"] > self.time else self.account(lot["class"], "expired")

    def free(self, purse, lot):
        return self.book.balance(self.lot_account(purse, lot))

    def free_lots(self, purse_id, accepts):
        """The lots of a purse that have free cents, are not expired and fit, in the order in which they are taken."""
        found = [lot for lot in self.lots.values() if lot["expiry"] > self.time and accepts(lot)
                 and self.free(purse_id, lot)]
        return sorted(found, key=lambda lot: (lot["expiry"], not lot["promo"], lot["id"]))

    def take_lots(self, purse_id, lots, cents):
        """[(lot id, cents)] from the front, as far as they go."""
        taken = []
        for lot in lots:
            part = min(cents, self.free(purse_id, lot))
            if part:
                taken.append((lot["id"], part))
                cents -= part
        return taken

    def decode(self, rule, data):
        return cose.decode(rule, data, self.network)
