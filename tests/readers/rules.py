"""What the bytes of our calendars and mails must be, checked without any calendar library. Each rule gives sentences."""

import email
import email.headerregistry
import email.policy
import re
from collections import Counter
from functools import lru_cache
from typing import Iterator

LINE_OCTETS = 75  # RFC 5545 section 3.1
MAIL_LINE_OCTETS = 998  # RFC 5322 section 2.1.1
HTML_BYTES = 100_000  # Gmail clips what is longer
ONCE_PER_EVENT = ["UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "SEQUENCE"]
AT_MOST_ONCE = ["STATUS", "TRANSP", "LOCATION", "URL", "GEO", "DESCRIPTION", "LAST-MODIFIED", "CLASS", "ORGANIZER"]
NEVER_IN_EVENT = ["RRULE", "RDATE", "EXDATE", "RECURRENCE-ID"]
# A header is taken apart anew whenever somebody asks for it, and most stand in thousands of mails.
POLICY = email.policy.default.clone(header_factory=lru_cache(maxsize=2_000)(email.headerregistry.HeaderRegistry()))
ONCE_PER_MAIL = ["From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Auto-Submitted"]


def calendar_bytes(raw: bytes) -> Iterator[str]:
    if raw.startswith(b"\xef\xbb\xbf"):
        yield "begins with a byte order mark"
    if not raw.endswith(b"\r\n"):
        yield "does not end with CRLF"
    if re.search(rb"(?<!\r)\n|\r(?!\n)", raw):
        yield "has a bare CR or LF"
    for number, line in enumerate(raw.split(b"\r\n"), 1):
        if len(line) > LINE_OCTETS:
            yield f"line {number} has {len(line)} octets"
        if re.search(rb"[\x00-\x08\x0a-\x1f\x7f]", line):
            yield f"line {number} has a control character"
        try:
            line.decode()
        except UnicodeDecodeError:
            yield f"line {number} is not UTF-8 by itself: folded inside a character?"


def unfolded(raw: bytes) -> list[tuple[str, str, str]]:
    """(name, parameters, value) of each content line."""
    lines = raw.decode(errors="replace").replace("\r\n ", "").replace("\r\n\t", "").split("\r\n")
    parsed = []
    for line in lines:
        if line:
            match = re.fullmatch(r'([A-Z0-9-]+)((?:;[A-Z0-9-]+=(?:"[^"]*"|[^";:,]*)(?:,(?:"[^"]*"|[^";:,]*))*)*):(.*)', line)
            parsed.append(match.groups() if match else ("", "", line))
    return parsed


def blocks(lines, kind: str) -> list[list[tuple[str, str, str]]]:
    found, depth = [], 0
    for line in lines:
        if line == ("BEGIN", "", kind):
            found.append([])
            depth = 1
        elif line == ("END", "", kind):
            depth = 0
        elif depth:
            found[-1].append(line)
    return found


def values(lines, name: str) -> list[str]:
    return [value for key, _, value in lines if key == name]


def calendar(raw: bytes) -> Iterator[str]:
    yield from calendar_bytes(raw)
    lines = unfolded(raw)
    for name, _, value in lines:
        if not name:
            yield f"is not a content line: {value[:60]!r}"
    yield from envelope(lines)
    yield from zones(lines)
    events = blocks(lines, "VEVENT")
    for event in events:
        yield from one_event(event)
    for uid, count in Counter(uid for event in events for uid in values(event, "UID")).items():
        if count > 1:
            yield f"UID {uid} is there {count} times"
    method = values(lines, "METHOD")
    yield from invitation(method[0], events) if method else feed(lines)


def envelope(lines) -> Iterator[str]:
    if lines[:1] != [("BEGIN", "", "VCALENDAR")] or lines[-1:] != [("END", "", "VCALENDAR")]:
        yield "is not one VCALENDAR"
    for name, wanted in [("VERSION", "2.0"), ("CALSCALE", "GREGORIAN"), ("PRODID", None)]:
        found = values(lines, name)
        if len(found) != 1 or (wanted and found != [wanted]):
            yield f"{name} is {found}"
    if not blocks(lines, "VTIMEZONE") and not blocks(lines, "VEVENT"):
        yield "has no component at all"


def zones(lines) -> Iterator[str]:
    declared = [tzid for zone in blocks(lines, "VTIMEZONE") for tzid in values(zone, "TZID")]
    used = {tzid.strip('"') for event in blocks(lines, "VEVENT") for _, parameters, _ in event for tzid in re.findall(r";TZID=([^;:]+)", parameters)}
    for tzid in used - set(declared):
        yield f"no VTIMEZONE for {tzid}"
    for tzid, count in Counter(declared).items():
        if count > 1:
            yield f"{count} VTIMEZONE for {tzid}"
    for zone in blocks(lines, "VTIMEZONE"):
        if values(zone, "RDATE"):
            yield "VTIMEZONE with RDATE: Outlook shifts summer events"


def one_event(event) -> Iterator[str]:
    uid = (values(event, "UID") or ["an event without UID"])[0]
    for name in ONCE_PER_EVENT:
        if len(values(event, name)) != 1:
            yield f"{uid}: {name} is there {len(values(event, name))} times"
    for name in AT_MOST_ONCE:
        if len(values(event, name)) > 1:
            yield f"{uid}: {name} is there {len(values(event, name))} times"
    for name in NEVER_IN_EVENT:
        if values(event, name):
            yield f"{uid}: {name}, which Outlook and Apple drop or misread"
    for name, parameters, value in event:
        if name in ("DTSTART", "DTEND") and ";TZID=" not in parameters and not value.endswith("Z"):
            yield f"{uid}: {name} floats"
        if name == "DTSTAMP" and not value.endswith("Z"):
            yield f"{uid}: DTSTAMP is not UTC"
        if name in ("SUMMARY", "LOCATION", "DESCRIPTION") and re.search(r"(?<!\\)(?:\\\\)*(?:[,;]|\\[^\\,;nN])", value):
            yield f"{uid}: {name} is not escaped: {value[:60]!r}"
    if not values(event, "UID"):
        return
    if ("BEGIN", "", "VALARM") in event:
        yield f"{uid}: VALARM"


def feed(lines) -> Iterator[str]:
    for event in blocks(lines, "VEVENT"):
        for name in ("ATTENDEE", "ORGANIZER"):
            if values(event, name):
                yield f"{values(event, 'UID')}: {name} in a feed"
        if len(values(event, "LAST-MODIFIED")) != 1:
            yield f"{values(event, 'UID')}: LAST-MODIFIED is missing, ICSx5 ignores the change"


def invitation(method: str, events) -> Iterator[str]:
    if method not in ("REQUEST", "CANCEL"):
        yield f"METHOD:{method}"
    if len(events) != 1:
        yield f"METHOD:{method} with {len(events)} events"
    for event in events:
        for name in ("ORGANIZER", "ATTENDEE"):
            if len(values(event, name)) != 1:
                yield f"METHOD:{method} with {len(values(event, name))} {name}"
        if (method == "CANCEL") != (values(event, "STATUS") == ["CANCELLED"]):
            yield f"METHOD:{method} with STATUS {values(event, 'STATUS')}"


@lru_cache(maxsize=1)
def message_of(raw: bytes):
    """The rules and the calendar of one mail are asked for one after the other."""
    return email.message_from_bytes(raw, policy=POLICY)


def mail(raw: bytes) -> Iterator[str]:
    yield from mail_bytes(raw)
    message = message_of(raw)
    for name in ONCE_PER_MAIL:
        if len(message.get_all(name, [])) != 1:
            yield f"{name} is there {len(message.get_all(name, []))} times"
    if len(message["To"].addresses if message["To"] else []) != 1:
        yield "is not to exactly one person"
    for part in message.walk():
        for defect in part.defects:
            yield f"{part.get_content_type()}: {defect!r}"
    yield from bodies(message)
    yield from calendar_parts(message)


def mail_bytes(raw: bytes) -> Iterator[str]:
    if re.search(rb"(?<!\r)\n|\r(?!\n)", raw):
        yield "has a bare CR or LF"
    head = raw.split(b"\r\n\r\n")[0]
    if re.search(rb"[^\x20-\x7e\r\n\t]", head):
        yield "has a header that is not printable ASCII"
    longest = max(map(len, raw.split(b"\r\n")))
    if longest > MAIL_LINE_OCTETS:
        yield f"has a line of {longest} octets"


def bodies(message) -> Iterator[str]:
    text, html = message.get_body(["plain"]), message.get_body(["html"])
    if text is None or not text.get_content().strip():
        yield "has no text part"
    if html is None:
        yield "has no HTML part"
        return
    markup = html.get_content()
    if len(markup.encode()) > HTML_BYTES:
        yield f"has an HTML part of {len(markup.encode())} bytes"
    outside = re.search(r"<(?:img|script|iframe|link|object|embed|form|video|audio)\b|url\(|@import|@font-face|\ssrc=", markup, re.I)
    if outside:
        yield f"HTML that fetches or runs something: {outside[0]!r}"


def calendar_parts(message) -> Iterator[str]:
    """The same calendar twice: for calendar programs, and as a file (RFC 6047)."""
    parts = [part for part in message.walk() if part.get_content_type() == "text/calendar"]
    files = list(message.iter_attachments()) if message.is_multipart() and message.get_content_subtype() == "mixed" else []
    files = [part for part in files if part.get_content_type() == "application/ics"]
    attached = [part for part in message.walk() if part.get_content_disposition() == "attachment"]
    if not parts:
        if attached:
            yield "has an attachment and no calendar part"
        return
    if len(parts) != 1 or len(files) != 1 or len(attached) != 1:
        yield f"has {len(parts)} calendar parts, {len(files)} calendar files, {len(attached)} attachments"
        return
    yield from one_calendar_part(message, parts[0], files[0])


def one_calendar_part(message, part, file) -> Iterator[str]:
    raw = part.get_payload(decode=True)
    if not raw.endswith(b"\r\n"):
        raw += b"\r\n"  # the last line end belongs to the boundary (RFC 2046 section 5.1.1)
    saved = file.get_payload(decode=True)
    if raw.rstrip() != saved.rstrip():
        yield "the attached file is another calendar than the part"
    lines = unfolded(raw)
    method, declared = values(lines, "METHOD"), part.get_param("method")
    if method != [declared]:
        yield f"Content-Type says method={declared}, the calendar METHOD:{method}: Outlook shows nothing"
    if str(part.get_content_charset()).lower() != "utf-8":
        yield f"charset is {part.get_content_charset()}"
    to, sender = addresses(message["To"]), addresses(message["From"])
    for event in blocks(lines, "VEVENT"):
        if [mailto(value) for value in values(event, "ATTENDEE")] != to:
            yield f"ATTENDEE {values(event, 'ATTENDEE')} is not the reader {to}"
        if [mailto(value) for value in values(event, "ORGANIZER")] != sender:
            yield f"ORGANIZER {values(event, 'ORGANIZER')} is not the sender {sender}"
    for complaint in calendar(saved):
        yield f"calendar: {complaint}"


def addresses(header) -> list[str]:
    return [address.addr_spec.lower() for address in header.addresses] if header else []


def mailto(value: str) -> str:
    return re.sub(r"^mailto:", "", value, flags=re.I).lower()


def calendar_of_mail(raw: bytes) -> bytes | None:
    """The calendar file of a mail, when it has one."""
    for part in message_of(raw).walk():
        if part.get_content_type() in ("application/ics", "text/calendar") and part.get_content_disposition() == "attachment":
            return part.get_payload(decode=True)
    return None
