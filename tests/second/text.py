"""The text form: WU1, a letter, base32hex without padding (PROTOCOL.md section 15)."""

from status import need

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUV"
RULE = {"P": "payment-code", "Q": "request-code", "R": "receipt", "S": "settlement-proof", "N": "news",
        "C": "anchor", "U": "upload", "K": "kill", "G": "role-key", "A": "allowance", "V": "paper-code",
        "L": "void", "F": "refund", "E": "ack"}
LARGEST = 1024


def _upper(text):
    """ASCII only: no letter outside it may turn into one inside."""
    return "".join(chr(ord(c) - 32) if "a" <= c <= "z" else c for c in text)


def decode(text, letter):
    text = text.strip("\r\n\t")
    if text.startswith("]Q1"):
        text = text[3:].lstrip("\r\n\t")
    text = _upper(text)
    need(text.startswith("WU1"), "TEXT_PREFIX")
    need(text[3:4] in RULE and text[3:4] == letter, "TEXT_TYPE")
    body = text[4:]
    need(all(c in ALPHABET for c in body), "TEXT_CHARACTER")
    need(body and len(body) % 8 not in (1, 3, 6), "TEXT_LENGTH")
    bits, spare = 0, len(body) * 5 % 8
    for c in body:
        bits = bits << 5 | ALPHABET.index(c)
    need(bits & ((1 << spare) - 1) == 0, "TEXT_PADDING")
    data = (bits >> spare).to_bytes(len(body) * 5 // 8, "big")
    need(len(data) <= LARGEST, "TOO_LARGE")
    return data


def encode(data, letter):
    spare = -len(data) * 8 % 5
    bits, out = int.from_bytes(data, "big") << spare, ""
    for _ in range((len(data) * 8 + spare) // 5):
        out = ALPHABET[bits & 31] + out
        bits >>= 5
    return "WU1" + letter + out
