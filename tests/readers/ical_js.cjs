// Reads the calendars named on standard input, one path per line, with ical.js (the reader of Thunderbird and
// Nextcloud), and prints one JSON object per calendar. The zone's rules come from the VTIMEZONE of the file.
const fs = require("node:fs");
const { createRequire } = require("node:module");
const path = require("node:path");
const library = createRequire(path.join(__dirname, "../.cache/node/"))("ical.js");
const ICAL = library.default ?? library;

const instant = (time) => new Date(time.toUnixTime() * 1000).toISOString().replace(".000Z", "Z");

function event(component) {
  const start = component.getFirstProperty("dtstart");
  return {
    uid: component.getFirstPropertyValue("uid"),
    start: instant(start.getFirstValue()),
    end: instant(component.getFirstPropertyValue("dtend")),
    zone: start.getParameter("tzid") ?? "UTC",
    status: component.getFirstPropertyValue("status"),
    sequence: component.getFirstPropertyValue("sequence"),
  };
}

function calendar(text) {
  const root = new ICAL.Component(ICAL.parse(text));
  ICAL.TimezoneService.reset();
  for (const zone of root.getAllSubcomponents("vtimezone")) {
    ICAL.TimezoneService.register(new ICAL.Timezone({ component: zone, tzid: zone.getFirstPropertyValue("tzid") }));
  }
  return { method: root.getFirstPropertyValue("method"), events: root.getAllSubcomponents("vevent").map(event) };
}

for (const file of fs.readFileSync(0, "utf8").split("\n").filter(Boolean)) {
  let answer;
  try {
    answer = calendar(fs.readFileSync(file, "utf8"));
  } catch (error) {
    answer = { error: String(error) };
  }
  console.log(JSON.stringify({ path: file, ...answer }));
}
