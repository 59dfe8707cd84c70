#!/usr/bin/env python3
"""tests/readers/hostile.py FILE: reads the mails of infra/examples/hostile_mails.rs by Python's email package, and
says where a subject or a name is not what was meant, or where there is a header that nobody wrote.
"""

import json
import sys
from concurrent.futures import ProcessPoolExecutor
from email import message_from_string
from email.header import decode_header, make_header
from email.utils import getaddresses

HEADERS = sorted(
    ["From", "To", "Subject", "Message-ID", "List-Id", "Auto-Submitted", "X-Auto-Response-Suppress", "List-Unsubscribe",
     "List-Unsubscribe-Post", "Date", "MIME-Version", "Content-Type"]
)
SHOWN = 20


def decoded(raw: str) -> str:
    # RFC 2047, section 6.2: the fold between encoded words is not part of the text.
    return str(make_header(decode_header(raw.replace("\r\n", ""))))


def complaints_of(line: str) -> list[str]:
    meant = json.loads(line)
    message = message_from_string(meant["mail"])
    found = []
    names = sorted(name for name in message.keys() if not name.startswith("Content-Transfer"))
    if names != HEADERS or message.defects:
        found.append(f"headers {names} {message.defects}")
    subject = decoded(message["Subject"] or "")
    if subject != meant["subject"]:
        found.append(f"subject {subject!r}, meant {meant['subject']!r}")
    for header, address in [("To", "zoe.durand@soie.example"), ("From", "soirees@lyon.example")]:
        # Addresses first, words after: an encoded word is no syntax (RFC 2047, section 5).
        read = getaddresses([message[header].replace("\r\n", "")])
        if len(read) != 1 or read[0][1] != address:
            found.append(f"{header} {read}")
        elif decoded(read[0][0]) != meant[header.lower()]:
            found.append(f"{header} {decoded(read[0][0])!r}, meant {meant[header.lower()]!r}")
    return found


def main() -> int:
    count, wrong = 0, []
    with open(sys.argv[1], encoding="utf-8") as lines, ProcessPoolExecutor() as pool:
        for found in pool.map(complaints_of, lines, chunksize=500):
            count += 1
            wrong += found
    print(f"{count} hostile mails, {len(wrong)} complaints")
    print("\n".join(wrong[:SHOWN]), end="\n" if wrong else "")
    return 1 if wrong or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
