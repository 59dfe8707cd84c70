"""fill.py ADDRESS TOKEN series: makes the series whose dates tests/data/season.csv fills.
fill.py ADDRESS TOKEN names DATA_DIR INBOUND: publishes and invites to the first evening, hands in two answers that end
held (INBOUND is a token of that scope), and prints what exists as JSON.
"""

import email
import email.policy
import json
import re
import sys
import time
import urllib.request
from pathlib import Path

ADDRESS, TOKEN, WHAT = sys.argv[1:4]
COLLECTIONS = ["series", "events", "members", "venues", "outbox", "api-tokens", "inbound-mail"]
STRANGER = "collegue@gmail.example"
SERIES = {
    "title": "Les soirées du jeudi",
    "rule": {"week": 2, "weekday": "thursday", "at": "19:00", "time_zone": "Europe/Paris", "duration": "PT2H30M"},
    "capacity": 40,
    "from": "2026-12",
    "skips": ["07", "08"],
    "moves": {"2027-05": "2027-05-20", "2027-11": "2027-11-18"},
}


def call(method: str, path: str, body=None):
    return ask(method, path, TOKEN, "application/json", None if body is None else json.dumps(body).encode())


def ask(method: str, path: str, token: str, kind: str, data: bytes | None):
    headers = {"Authorization": f"Bearer {token}", "Content-Type": kind}
    with urllib.request.urlopen(urllib.request.Request(ADDRESS + path, data, headers, method=method), timeout=60) as answer:
        return json.load(answer)


def items(path: str) -> list[dict]:
    return call("GET", path)["items"]


def make_series() -> None:
    call("POST", "/api/v1/series", SERIES)


def links(data_dir: str, wanted: int) -> list[str]:
    """The link tokens in the mails that were written so far; waits until there are as many, up to five minutes."""
    for _ in range(1500):
        mails = sorted(Path(data_dir).rglob("*.eml"))
        found = {token for path in mails for token in re.findall(r"/r/([^\s?>\"/]+)", plain_text(path))}
        if len(found) >= wanted:
            return sorted(found)
        time.sleep(0.2)
    sys.exit(f"{wanted} links to answer are expected in the mails, and there are {len(found)}")


def plain_text(path: Path) -> str:
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    body = message.get_body(["plain"])
    return body.get_content() if body else ""


def invitations(data_dir: str) -> list[dict[str, str]]:
    """The UID, organizer and guest of each mail that brings a calendar entry."""
    found = []
    for path in sorted(Path(data_dir).rglob("*.eml")):
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        for part in message.walk():
            if part.get_content_type() == "text/calendar":
                entry = part.get_payload(decode=True).decode().replace("\r\n ", "")
                lines = {"uid": "UID:", "organizer": "ORGANIZER.*mailto:", "guest": "ATTENDEE.*mailto:"}
                found.append({name: re.search(f"^{line}(.*?)\r?$", entry, re.MULTILINE)[1] for name, line in lines.items()})
    return found


def reply(invited: dict[str, str], sender: str) -> str:
    """A calendar's yes. Whoever sends it puts a number and words in."""
    now = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    lines = [
        f"From: <{sender}>",
        f"To: <{invited['organizer']}>",
        "Subject: Re",
        "Message-ID: <NUMBER@soie.example>",
        "MIME-Version: 1.0",
        "Content-Type: text/calendar; method=REPLY; charset=utf-8",
        "",
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//A//B//EN",
        "METHOD:REPLY",
        "BEGIN:VEVENT",
        f"UID:{invited['uid']}",
        f"DTSTAMP:{now}",
        f"ORGANIZER:mailto:{invited['organizer']}",
        f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{sender}",
        "COMMENT:WORDS",
        "SEQUENCE:0",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]
    return "\r\n".join(lines)


def hold(invited: dict[str, str], number: int, token: str) -> None:
    """Somebody to whom an invitation was forwarded accepts: an organizer decides."""
    mail = reply(invited, STRANGER).replace("NUMBER", f"held-{number}").replace("WORDS", "Je viens à sa place.")
    receipt = ask("POST", "/api/v1/inbound-mail", token, "message/rfc822", mail.encode())
    if receipt["ending"] != "held":
        sys.exit(f"an answer by somebody else is to end held: {receipt}")


def names(data_dir: str, inbound: str) -> dict[str, list[str]]:
    published = next(event for event in items("/api/v1/events?limit=50") if event["stage"] == "published")
    call("POST", f"/api/v1/events/{published['id']}/invitations", {"audience": "followers"})
    tokens = links(data_dir, 10)
    invited = invitations(data_dir)
    for number, one in enumerate(invited[:2]):
        hold(one, number, inbound)
    known = {collection: [str(item["id"]) for item in items(f"/api/v1/{collection}?limit=20")] for collection in COLLECTIONS}
    # The tokens of this run and their organizer stay: one of its callers would revoke them.
    known["api-tokens"] = []
    known["members"] = [member["id"] for member in items("/api/v1/members?limit=50") if "organizer@" not in json.dumps(member)]
    known["member_id"] = known["members"]
    known["token"] = tokens
    known["replies"] = [reply(one, one["guest"]) for one in invited[:20]]
    known["slug"] = [event["slug"] for event in items("/api/v1/events?limit=50") if event.get("slug")]
    return known


if WHAT == "series":
    make_series()
else:
    print(json.dumps(names(*sys.argv[4:])))
