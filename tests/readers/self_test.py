"""Negative controls: a good calendar and a good mail pass, and each thing broken in them is noticed."""

import tempfile
from pathlib import Path

from announcements import atom
from readers import by_ical_js, by_icalendar, by_libical, by_vobject
from rules import calendar, mail

ZONE = """BEGIN:VTIMEZONE
TZID:Europe/Paris
BEGIN:STANDARD
DTSTART:19701025T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
TZNAME:CET
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:19700329T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
TZNAME:CEST
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
END:VTIMEZONE
"""
GOOD = f"""BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Mensuel//FR
CALSCALE:GREGORIAN
METHOD:REQUEST
{ZONE}BEGIN:VEVENT
UID:one@mensuel.example
DTSTAMP:20261201T080000Z
SEQUENCE:2
DTSTART;TZID=Europe/Paris:20270114T190000
DTEND;TZID=Europe/Paris:20270114T210000
ORGANIZER;CN=Mensuel:mailto:mensuel@community.example
ATTENDEE;RSVP=TRUE;PARTSTAT=NEEDS-ACTION:mailto:zoe@members.example
SUMMARY:Table ronde\\, un
STATUS:CONFIRMED
END:VEVENT
END:VCALENDAR
"""
MAIL = """From: Mensuel <mensuel@community.example>
To: zoe@members.example
Subject: =?utf-8?q?Soir=C3=A9e?=
Date: Tue, 01 Dec 2026 08:00:00 +0000
Message-ID: <1@community.example>
MIME-Version: 1.0
Auto-Submitted: auto-generated
Content-Type: multipart/mixed; boundary=m

--m
Content-Type: multipart/alternative; boundary=a

--a
Content-Type: text/plain; charset=utf-8

Bonsoir
--a
Content-Type: text/html; charset=utf-8

<p>Bonsoir</p>
--a
Content-Type: text/calendar; charset=utf-8; method=REQUEST

CALENDAR
--a--
--m
Content-Type: application/ics; name="invite.ics"
Content-Disposition: attachment; filename="invite.ics"

CALENDAR
--m--
""".replace("CALENDAR", GOOD)

BROKEN_CALENDARS = [
    ("bare LF", lambda raw: raw.replace(b"VERSION:2.0\r\n", b"VERSION:2.0\n")),
    ("byte order mark", lambda raw: b"\xef\xbb\xbf" + raw),
    ("long line", lambda raw: raw.replace(b"Table", b"T" * 80)),
    ("control character", lambda raw: raw.replace(b"Table", b"T\x07able")),
    ("folded inside a character", lambda raw: raw.replace(b"Table", b"\xc3\r\n \xa9")),
    ("no VTIMEZONE", lambda raw: raw.replace(crlf(ZONE), b"")),
    ("floating time", lambda raw: raw.replace(b"DTSTART;TZID=Europe/Paris:", b"DTSTART:")),
    ("two UIDs", lambda raw: raw.replace(b"UID:", b"UID:x\r\nUID:")),
    ("no DTSTAMP", lambda raw: raw.replace(b"DTSTAMP:20261201T080000Z\r\n", b"")),
    ("a rule", lambda raw: raw.replace(b"SEQUENCE:2", b"SEQUENCE:2\r\nRRULE:FREQ=MONTHLY")),
    ("unescaped comma", lambda raw: raw.replace(b"\\,", b",")),
    ("an injected line", lambda raw: raw.replace(b"SUMMARY:Table", b"SUMMARY:Table\r\nnot a property")),
    ("a second guest", lambda raw: raw.replace(b"ATTENDEE;", b"ATTENDEE:mailto:x@y.example\r\nATTENDEE;")),
    ("CANCEL that is confirmed", lambda raw: raw.replace(b"METHOD:REQUEST", b"METHOD:CANCEL")),
]
BROKEN_MAILS = [
    ("method differs", lambda raw: raw.replace(b"method=REQUEST", b"method=CANCEL")),
    ("another file", lambda raw: raw[::-1].replace(b"2:ECNEUQES", b"3:ECNEUQES", 1)[::-1]),
    ("another reader", lambda raw: raw.replace(b"To: zoe@", b"To: leo@")),
    ("two people", lambda raw: raw.replace(b"To: zoe@members.example", b"To: zoe@members.example, a@b.example")),
    ("no Message-ID", lambda raw: raw.replace(b"Message-ID:", b"X-Message:")),
    ("a picture", lambda raw: raw.replace(b"<p>Bonsoir", b'<img alt=""><p>Bonsoir')),
    ("bare LF", lambda raw: raw.replace(b"Bonsoir\r\n", b"Bonsoir\n", 1)),
    ("raw UTF-8 in a header", lambda raw: raw.replace(b"Mensuel <", "Soirée <".encode(), 1)),
]


FEED = """<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="fr">
<id>https://soirees.example/feed.atom</id><title>CTO</title><updated>2026-12-01T09:00:00Z</updated>
<author><name>CTO</name></author>
<link rel="self" href="https://soirees.example/feed.atom"/><link rel="alternate" href="https://soirees.example/"/>
<entry><id>urn:uuid:0193d0a6-5c00-7a31-9c4e-2f6b8d1e7a02</id><title>14 janvier : a &amp; b</title>
<published>2026-12-01T09:00:00Z</published><updated>2026-12-01T09:00:00Z</updated>
<link rel="alternate" href="https://soirees.example/events/a"/><content type="html">&lt;p&gt;a&lt;/p&gt;</content></entry>
</feed>
"""
BROKEN_FEEDS = [
    ("no author", lambda raw: raw.replace(b"author", b"writer")),
    ("no id", lambda raw: raw.replace(b"<id>https://soirees.example/feed.atom</id>", b"")),
    ("an id that is no IRI", lambda raw: raw.replace(b"urn:uuid:", b"")),
    ("an id twice", lambda raw: raw.replace(b"urn:uuid:0193d0a6-5c00-7a31-9c4e-2f6b8d1e7a02", b"https://soirees.example/feed.atom")),
    ("a date without a zone", lambda raw: raw.replace(b"09:00:00Z</published>", b"09:00:00</published>")),
    ("two dates", lambda raw: raw.replace(b"<content", b"<updated>2026-12-01T09:00:00Z</updated><content")),
    ("an entry that leads nowhere", lambda raw: raw.replace(b' href="https://soirees.example/events/a"', b' href="/events/a"')),
    ("a bare ampersand", lambda raw: raw.replace(b"&amp;", b"&")),
    ("another namespace", lambda raw: raw.replace(b"2005/Atom", b"2004/Atom")),
]


def crlf(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode()


def run() -> None:
    good_calendar, good_mail = crlf(GOOD), crlf(MAIL)
    assert not list(calendar(good_calendar)), list(calendar(good_calendar))
    assert not list(mail(good_mail)), list(mail(good_mail))
    for name, broken in BROKEN_CALENDARS:
        assert broken(good_calendar) != good_calendar and list(calendar(broken(good_calendar))), f"not noticed: {name}"
    for name, broken in BROKEN_MAILS:
        assert broken(good_mail) != good_mail and list(mail(broken(good_mail))), f"not noticed in a mail: {name}"
    good_feed = FEED.encode()
    assert not atom(good_feed), atom(good_feed)
    for name, broken in BROKEN_FEEDS:
        assert broken(good_feed) != good_feed and atom(broken(good_feed)), f"not noticed in a feed: {name}"
    wrong_zone_is_noticed(good_calendar)


def wrong_zone_is_noticed(good: bytes) -> None:
    """icalendar knows the zone by its name, the others go by the block in the file."""
    shifted = good.replace(b"TZOFFSETTO:+0100", b"TZOFFSETTO:+0300")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "calendar.ics"
        for raw, agree in [(good, True), (shifted, False)]:
            path.write_bytes(raw)
            by_the_block = [by_vobject(raw), by_ical_js([path])[path], by_libical([path])[path]]
            for reading in by_the_block:
                assert (reading == by_icalendar(raw)) == agree, f"a VTIMEZONE that is {'right' if agree else 'wrong'}: {reading}"
