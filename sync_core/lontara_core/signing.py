"""What is signed, and Ed25519 over it (sync_protocol.md §6). Keys are made and kept elsewhere."""

from __future__ import annotations

from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from lontara_core.canonical import NotCanonical, encode, from_base64, sha256_hex, to_base64

ALGORITHM: Final = "Ed25519"


def log_input(*, org: str, server: str, epoch: str, device: str, first: int, last: int, head: str) -> bytes:
    """Bytes that the log signature covers; `head` is the chain hash after `last`, in hex."""
    return encode({"alg": ALGORITHM, "device": device, "epoch": epoch, "first": first, "head": head, "last": last,
                   "org": org, "purpose": "lontara-log-1", "server": server})  # fmt: skip


def request_input(*, device: str, request: str, time: int, body: bytes) -> bytes:
    """Bytes that the request signature covers; `body` is the body as sent, compressed if it was."""
    return encode({"alg": ALGORITHM, "device": device, "digest": sha256_hex(body), "purpose": "lontara-request-1",
                   "request": request, "time": time})  # fmt: skip


def answer_input(*, server: str, request: str, status: int, body: bytes) -> bytes:
    """Bytes that the server's signature covers, over the body as sent and the request that it answers."""
    return encode({"alg": ALGORITHM, "digest": sha256_hex(body), "purpose": "lontara-answer-1", "request": request,
                   "server": server, "status": status})  # fmt: skip


def enrol_input(*, code: str, public_key: str, former: str | None) -> bytes:
    """Bytes that a device signs when it enrols: with its new key, and with its former one where it had one."""
    return encode({"alg": ALGORITHM, "code": sha256_hex(code.encode("utf-8")), "former": former,
                   "public_key": public_key, "purpose": "lontara-enrol-1"})  # fmt: skip


def sign(private_key: bytes, message: bytes) -> str:
    """Signature by a raw 32-byte private key, as base64."""
    return to_base64(Ed25519PrivateKey.from_private_bytes(private_key).sign(message))


def public_key_of(private_key: bytes) -> str:
    """The public key of a raw private key, as base64."""
    return to_base64(Ed25519PrivateKey.from_private_bytes(private_key).public_key().public_bytes_raw())


def verifies(public_key: str, message: bytes, signature: str) -> bool:
    """Whether `signature` is by `public_key` over `message`; false for anything that is not even well formed."""
    try:
        Ed25519PublicKey.from_public_bytes(from_base64(public_key)).verify(from_base64(signature), message)
    except (InvalidSignature, NotCanonical, ValueError):
        return False
    return True
