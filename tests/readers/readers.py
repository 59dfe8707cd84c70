"""Five calendar readers that we did not write, each brought to the same words: (method, events)."""

import io
import json
import re
import subprocess
import zoneinfo
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace

# The release of the zone data that the product carries, whatever the machine has.
zoneinfo.reset_tzpath(to=[])

import dateutil.tz  # noqa: E402
import ics  # noqa: E402
import icalendar  # noqa: E402
import ics.grammar.parse  # noqa: E402
import vobject  # noqa: E402

# ics needs a millisecond for a line, and most lines stand in thousands of calendars: the grammar reads each once.
LINES = ics.grammar.parse.GRAMMAR
LINES.parse = lru_cache(maxsize=20_000)(LINES.parse)

# vobject reckons the changes of the clock since 1970 for each VTIMEZONE, and most are the same bytes.
read_zone = lru_cache(maxsize=200)(lambda text: dateutil.tz.tzical(io.StringIO(text)))
vobject.icalendar.tz = SimpleNamespace(tzical=lambda stream: read_zone(stream.read()))

HERE = Path(__file__).resolve().parent
CACHE = HERE.parent / ".cache"


@dataclass(frozen=True, order=True)
class Event:
    uid: str
    start: str
    end: str
    zone: str
    status: str
    sequence: int


@dataclass(frozen=True)
class Reading:
    """What a reader understood. Events are sorted: their order in the file means nothing."""

    method: str | None
    events: tuple[Event, ...]


def reading(method, events) -> Reading:
    return Reading(str(method).upper() if method else None, tuple(sorted(events)))


def utc(moment: datetime) -> str:
    if moment.tzinfo is None:
        raise ValueError(f"floating time {moment}")
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def by_icalendar(raw: bytes) -> Reading:
    calendar = icalendar.Calendar.from_ical(raw)
    if calendar.errors:
        raise ValueError(f"icalendar: {calendar.errors}")
    events = []
    for event in calendar.walk("VEVENT"):
        if event.errors:
            raise ValueError(f"icalendar: {event.errors}")
        start = event["DTSTART"]
        zone = start.params.get("TZID", "UTC")
        status = str(event.get("STATUS", ""))
        events.append(Event(str(event["UID"]), utc(start.dt), utc(event["DTEND"].dt), zone, status, int(event.get("SEQUENCE", 0))))
    return reading(calendar.get("METHOD"), events)


def by_ics(raw: bytes) -> Reading:
    calendar = ics.Calendar(raw.decode())
    events = []
    for event in calendar.events:
        extra = {line.name: line.value for line in event.extra}
        named = re.search(r"zoneinfo/([^']+)'", repr(event.begin.tzinfo))
        zone = named[1] if named else "UTC"
        start, end = utc(event.begin.datetime), utc(event.end.datetime)
        events.append(Event(event.uid, start, end, zone, event.status or "", int(extra.get("SEQUENCE", 0))))
    return reading(calendar.method, events)


def by_vobject(raw: bytes) -> Reading:
    # It remembers the first zone of each name for ever; each file is to be read by its own VTIMEZONE.
    vars(vobject.icalendar)["__tzidMap"].clear()
    calendar = vobject.readOne(raw.decode())
    events = []
    for event in calendar.contents.get("vevent", []):
        start = event.dtstart
        zone = (start.params.get("X-VOBJ-ORIGINAL-TZID") or ["UTC"])[0]
        status = event.status.value if hasattr(event, "status") else ""
        sequence = int(event.sequence.value) if hasattr(event, "sequence") else 0
        events.append(Event(event.uid.value, utc(start.value), utc(event.dtend.value), zone, status, sequence))
    return reading(calendar.method.value if hasattr(calendar, "method") else None, events)


def in_python(raw: bytes) -> dict[str, Reading | str]:
    """By each of the three that are written in Python."""
    return {name: attempt(read, raw) for name, read in [("icalendar", by_icalendar), ("ics", by_ics), ("vobject", by_vobject)]}


def attempt(read, raw: bytes) -> Reading | str:
    try:
        return read(raw)
    except Exception as error:  # a reader may fail in any way; that it failed is the finding
        return f"{type(error).__name__}: {error}"


def by_ical_js(paths: list[Path]) -> dict[Path, Reading | str]:
    command = ["node", str(HERE / "ical_js.cjs")]
    answers = {}
    for line in ask(command, paths):
        answer = json.loads(line)
        if "error" in answer:
            answers[Path(answer["path"])] = answer["error"]
            continue
        events = [Event(**{**event, "status": event["status"] or "", "sequence": event["sequence"] or 0}) for event in answer["events"]]
        answers[Path(answer["path"])] = reading(answer["method"], events)
    return answers


def by_libical(paths: list[Path]) -> dict[Path, Reading | str]:
    answers: dict[Path, Reading | str] = {}
    method, path, events = None, None, []

    def close():
        if path is not None and path not in answers:
            answers[path] = reading(method, events)

    for line in ask([str(libical_program())], paths):
        kind, *fields = line.split("\t")
        if kind == "event":
            uid, start, end, zone, status, sequence = fields
            events.append(Event(uid, start, end, zone, status.replace("-", ""), int(sequence)))
            continue
        close()
        path, method, events = Path(fields[0]), fields[1] if fields[1] != "-" else None, []
        if fields[2] != "0":
            answers[path] = f"libical has {fields[2]} complaints"
    close()
    return answers


def libical_program() -> Path:
    """Compiled when its source is newer."""
    source, program = HERE / "libical.c", CACHE / "libical"
    if not program.exists() or program.stat().st_mtime < source.stat().st_mtime:
        subprocess.run(["cc", "-O1", "-Wall", "-o", str(program), str(source), "-lical"], check=True)
    return program


def ask(command: list[str], paths: list[Path]) -> list[str]:
    names = "".join(f"{path}\n" for path in paths)
    return subprocess.run(command, input=names, stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()
