"""mails.py FOLDER: every address in every mail of a folder, once: of the text, the HTML, and List-Unsubscribe."""

import email
import email.policy
import html
import re
import sys
from pathlib import Path

found = set()
for path in Path(sys.argv[1]).rglob("*.eml"):
    mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    found.update(re.findall(r"<(https?:[^>]+)>", str(mail["List-Unsubscribe"] or "")))
    for part in mail.walk():
        if part.get_content_type() == "text/plain":
            found.update(link.rstrip(".,;:!?)'") for link in re.findall(r"https?://[^\s<>\"«»]+", part.get_content()))
        if part.get_content_type() == "text/html":
            found.update(html.unescape(link) for link in re.findall(r'href="(https?:[^"]+)"', part.get_content()))
print("\n".join(sorted(found)))
