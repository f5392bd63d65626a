"""Hashes, thumbprints and the strict Ed25519 verifier (PROTOCOL.md section 5)."""

import hashlib

import nacl.bindings
import nacl.exceptions


def sha256(data):
    return hashlib.sha256(data).digest()


def thumbprint(key):
    """RFC 9679 thumbprint of the COSE_Key {1: 1, -1: 6, -2: key}."""
    return sha256(bytes.fromhex("a301012006215820") + key)


def kid(key):
    return thumbprint(key)[:8]


def verify(key, message, signature):
    """libsodium's verification: S < L, no small order, canonical A, no cofactor."""
    try:
        nacl.bindings.crypto_sign_open(signature + message, key)
    except (nacl.exceptions.CryptoError, ValueError):
        return False
    return True
