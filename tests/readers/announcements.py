"""Atom feeds: what RFC 4287 demands of the elements, checked on the XML, and a feed reader that we did not write
(feedparser), which must understand the same."""

import re
import xml.etree.ElementTree as XML
from datetime import datetime

import feedparser

ATOM = "{http://www.w3.org/2005/Atom}"
# Once, in the feed and in each entry (sections 4.1.1 and 4.1.2).
ONCE = ["id", "title", "updated"]


def atom(raw: bytes) -> list[str]:
    """What is wrong with a feed."""
    try:
        feed = XML.fromstring(raw)
    except XML.ParseError as error:
        return [f"no XML: {error}"]
    if feed.tag != f"{ATOM}feed":
        return [f"the root is {feed.tag}"]
    entries = feed.findall(f"{ATOM}entry")
    wrong = required("the feed", feed) + links(feed)
    if not feed.findtext(f"{ATOM}author/{ATOM}name"):
        wrong.append("nobody is the author")
    for entry in entries:
        wrong += required(f"entry {entry.findtext(f'{ATOM}id')}", entry)
        wrong += [] if entry.find(f"{ATOM}content") is not None else ["an entry says nothing"]
        wrong += [] if alternate(entry) else ["an entry leads nowhere"]
    ids = [element.text for element in feed.iter(f"{ATOM}id")]
    wrong += ["an id stands twice"] if len(set(ids)) < len(ids) else []
    return wrong + as_read(raw, entries)


def required(what: str, element: XML.Element) -> list[str]:
    wrong = [f"{what}: {len(found)} {name}" for name in ONCE if len(found := element.findall(ATOM + name)) != 1]
    wrong += [f"{what}: {name} is empty" for name in ONCE if not (element.findtext(ATOM + name) or "").strip()]
    identity = element.findtext(f"{ATOM}id") or ""
    wrong += [] if re.match(r"[a-z][a-z0-9+.-]*:\S+$", identity) else [f"{what}: the id {identity!r} is no IRI"]
    for date in element.findall(f"{ATOM}updated") + element.findall(f"{ATOM}published"):
        wrong += [] if is_instant(date.text or "") else [f"{what}: {date.text!r} is no instant"]
    return wrong


def is_instant(text: str) -> bool:
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", text):
        return False
    return datetime.fromisoformat(text.replace("Z", "+00:00")).tzinfo is not None


def links(feed: XML.Element) -> list[str]:
    rels = [link.get("rel", "alternate") for link in feed.findall(f"{ATOM}link")]
    return [f"{rels.count(rel)} links {rel}" for rel in ("self", "alternate") if rels.count(rel) != 1]


def alternate(entry: XML.Element) -> str | None:
    found = [link.get("href") for link in entry.findall(f"{ATOM}link") if link.get("rel", "alternate") == "alternate"]
    return found[0] if len(found) == 1 and re.match(r"https?://", found[0] or "") else None


def as_read(raw: bytes, entries: list[XML.Element]) -> list[str]:
    read = feedparser.parse(raw, sanitize_html=False)
    if read.bozo:
        return [f"feedparser: {read.bozo_exception}"]
    if read.version != "atom10":
        return [f"feedparser takes it for {read.version!r}"]
    meant = [(entry.findtext(f"{ATOM}id"), entry.findtext(f"{ATOM}title"), alternate(entry)) for entry in entries]
    understood = [(entry.id, entry.title, entry.link) for entry in read.entries]
    wrong = [] if understood == meant else [f"feedparser understood {understood}, meant {meant}"]
    return wrong + [f"feedparser: no date in {entry.id}" for entry in read.entries if not entry.get("updated_parsed")]
