"""Signatures of ours, verified by dkimpy: as they left, and no more once anything in them is changed."""

from pathlib import Path
from types import SimpleNamespace

import dkim

# Its clock: the behaviour tests are ahead of ours, and it refuses signatures of the future.
dkim.time = SimpleNamespace(time=lambda: 4_102_444_800)

KEYS = Path(__file__).resolve().parent.parent / "data" / "dkim"


def record(name, timeout=5) -> bytes | None:
    """The DNS of these tests: selector `rsa` or `ed25519`, whatever the domain."""
    selector, _, rest = name.decode().partition("._domainkey.")
    file = KEYS / f"{selector}.txt"
    return file.read_bytes() if rest and file.exists() else None


def verifies(raw: bytes) -> bool:
    try:
        return dkim.verify(raw, dnsfunc=record)
    except dkim.DKIMException:
        return False


def is_signed(raw: bytes) -> bool:
    return raw.lower().startswith(b"dkim-signature:")


def complaints(raw: bytes) -> list[str]:
    return [] if not is_signed(raw) or verifies(raw) else ["its DKIM signature does not verify"]


def accepted_though_changed(raw: bytes) -> list[str]:
    """Negative controls over one good mail: each change must be noticed."""
    head, _, body = raw.partition(b"\r\n\r\n")
    at = next(i for i, byte in enumerate(body) if chr(byte).isalnum())
    flipped = body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]
    changed = {
        "one byte of the body": head + b"\r\n\r\n" + flipped,
        "the subject": raw.replace(b"\r\nSubject: ", b"\r\nSubject: x", 1),
        "the recipient": raw.replace(b"\r\nTo: ", b"\r\nTo: x", 1),
        "the date": raw.replace(b"\r\nDate: ", b"\r\nDate: x", 1),
        "a second subject": head + b"\r\nSubject: buy this\r\n\r\n" + body,
        "a second From": head + b"\r\nFrom: boss@elsewhere.example\r\n\r\n" + body,
    }
    return [f"with {what} changed the signature still verifies" for what, mail in changed.items() if verifies(mail)]
