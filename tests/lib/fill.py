"""fill.py ADDRESS TOKEN series: makes the series whose dates tests/data/season.csv fills.
fill.py ADDRESS TOKEN names DATA_DIR: publishes and invites to the first evening, and prints what exists as JSON.
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
COLLECTIONS = ["series", "events", "members", "venues", "outbox", "api-tokens"]
SERIES = {
    "title": "Les soirées du jeudi",
    "rule": {"week": 2, "weekday": "thursday", "at": "19:00", "time_zone": "Europe/Paris", "duration": "PT2H30M"},
    "capacity": 40,
    "from": "2026-12",
    "skips": ["07", "08"],
    "moves": {"2027-05": "2027-05-20", "2027-11": "2027-11-18"},
}


def call(method: str, path: str, body=None):
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(ADDRESS + path, data, headers, method=method), timeout=20) as answer:
        return json.load(answer)


def items(path: str) -> list[dict]:
    return call("GET", path)["items"]


def make_series() -> None:
    call("POST", "/api/v1/series", SERIES)


def links(data_dir: str, wanted: int) -> list[str]:
    """The link tokens in the mails that were written so far; waits for the first of them up to 20 s."""
    for _ in range(100):
        mails = sorted(Path(data_dir).rglob("*.eml"))
        found = [token for path in mails for token in re.findall(r"/r/([^\s?>\"/]+)", plain_text(path))]
        if len(set(found)) >= wanted:
            break
        time.sleep(0.2)
    return sorted(set(found))


def plain_text(path: Path) -> str:
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    body = message.get_body(["plain"])
    return body.get_content() if body else ""


def names(data_dir: str) -> dict[str, list[str]]:
    published = next(event for event in items("/api/v1/events?limit=50") if event["stage"] == "published")
    call("POST", f"/api/v1/events/{published['id']}/invitations", {"audience": "followers"})
    known = {collection: [str(item["id"]) for item in items(f"/api/v1/{collection}?limit=20")] for collection in COLLECTIONS}
    # The tokens of this run and their organizer stay: one of its callers would revoke them.
    known["api-tokens"] = []
    known["members"] = [member["id"] for member in items("/api/v1/members?limit=50") if "organizer@" not in json.dumps(member)]
    known["member_id"] = known["members"]
    known["token"] = links(data_dir, 10)
    known["slug"] = [event["slug"] for event in items("/api/v1/events?limit=50") if event.get("slug")]
    return known


if WHAT == "series":
    make_series()
else:
    print(json.dumps(names(sys.argv[4])))
