//! A small strict reader of RFC 5545 and RFC 6868. It panics on whatever is not allowed.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveDateTime, Utc, Weekday};

#[derive(Clone, Debug)]
pub struct Line {
    pub name: String,
    pub params: BTreeMap<String, String>,
    pub value: String,
}

#[derive(Clone, Debug, Default)]
pub struct Component {
    pub name: String,
    pub lines: Vec<Line>,
    pub parts: Vec<Component>,
}

impl Component {
    pub fn named(&self, name: &str) -> Vec<&Line> {
        self.lines.iter().filter(|line| line.name == name).collect()
    }

    pub fn one(&self, name: &str) -> &Line {
        let found = self.named(name);
        assert_eq!(found.len(), 1, "{name} in {}", self.name);
        found[0]
    }

    pub fn text(&self, name: &str) -> String {
        unescape(&self.one(name).value)
    }

    pub fn parts(&self, name: &str) -> Vec<&Component> {
        self.parts.iter().filter(|part| part.name == name).collect()
    }

    /// The names of its property lines, sorted.
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.lines.iter().map(|line| line.name.as_str()).collect();
        names.sort_unstable();
        names
    }

    /// The instant of DTSTART or DTEND of one of its events.
    pub fn instant(&self, line: &Line) -> DateTime<Utc> {
        if let Some(utc) = line.value.strip_suffix('Z') {
            assert!(line.params.is_empty());
            return date_time(utc).and_utc();
        }
        let tzid = line.params.get("TZID").expect("a time has a zone");
        let zone = self.parts("VTIMEZONE").into_iter().find(|zone| zone.text("TZID") == *tzid);
        Clocks::of(zone.expect("its zone is in the file")).utc(date_time(&line.value))
    }
}

pub fn read(bytes: &[u8]) -> Component {
    let mut stack = vec![Component::default()];
    for line in unfolded(bytes) {
        let line = content_line(&line);
        match line.name.as_str() {
            "BEGIN" => stack.push(Component { name: line.value, ..Component::default() }),
            "END" => {
                let done = stack.pop().unwrap();
                assert_eq!(done.name, line.value);
                stack.last_mut().expect("END after BEGIN").parts.push(done);
            }
            _ => stack.last_mut().unwrap().lines.push(line),
        }
    }
    let root = stack.pop().unwrap();
    assert!(stack.is_empty() && root.lines.is_empty() && root.parts.len() == 1);
    root.parts.into_iter().next().unwrap()
}

fn unfolded(bytes: &[u8]) -> Vec<String> {
    assert!(!bytes.starts_with(b"\xEF\xBB\xBF"), "no byte order mark");
    assert!(bytes.ends_with(b"\r\n"));
    let mut lines: Vec<String> = Vec::new();
    for raw in bytes.strip_suffix(b"\r\n").unwrap().split(|byte| *byte == b'\n') {
        let raw = raw.strip_suffix(b"\r").unwrap_or(raw);
        assert!(!raw.contains(&b'\r') && raw.len() <= 75, "{} octets", raw.len());
        let line = std::str::from_utf8(raw).expect("folded between characters");
        assert!(line.chars().all(|c| c == '\t' || !c.is_control()));
        match line.strip_prefix(' ') {
            Some(more) => lines.last_mut().expect("a line to continue").push_str(more),
            None => lines.push(line.to_owned()),
        }
    }
    assert_eq!(
        bytes.iter().filter(|b| **b == b'\n').count(),
        bytes.windows(2).filter(|w| w == b"\r\n").count()
    );
    lines
}

fn content_line(line: &str) -> Line {
    let end = line.find([';', ':']).expect("a name");
    let name = line[..end].to_owned();
    assert!(!name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase() || c == '-'), "{name:?}");
    let (mut params, mut rest) = (BTreeMap::new(), &line[end..]);
    while let Some(param) = rest.strip_prefix(';') {
        let (key, after) = param.split_once('=').expect("a parameter");
        let (value, after) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').expect("a closing quote"),
            None => after.split_at(after.find([';', ':', ',']).expect("an end")),
        };
        assert!(params.insert(key.to_owned(), uncaret(value)).is_none());
        rest = after;
    }
    let value = rest.strip_prefix(':').expect("a value").to_owned();
    Line { name, params, value }
}

/// RFC 6868, section 3.2.
fn uncaret(value: &str) -> String {
    let (mut out, mut chars) = (String::new(), value.chars().peekable());
    while let Some(c) = chars.next() {
        let meant = match (c, chars.peek()) {
            ('^', Some('^')) => Some('^'),
            ('^', Some('n')) => Some('\n'),
            ('^', Some('\'')) => Some('"'),
            _ => None,
        };
        if meant.is_some() {
            chars.next();
        }
        out.push(meant.unwrap_or(c));
    }
    out
}

pub fn unescape(value: &str) -> String {
    let list = list(value);
    assert_eq!(list.len(), 1, "one text in {value:?}");
    list.into_iter().next().unwrap()
}

/// A list of TEXT (RFC 5545, section 3.3.11).
pub fn list(value: &str) -> Vec<String> {
    let (mut out, mut chars) = (vec![String::new()], value.chars());
    while let Some(c) = chars.next() {
        let c = match c {
            ',' => {
                out.push(String::new());
                continue;
            }
            ';' => panic!("a bare semicolon in {value:?}"),
            '\\' => match chars.next().expect("something escaped") {
                'n' => '\n',
                c @ ('\\' | ';' | ',') => c,
                c => panic!("\\{c} in {value:?}"),
            },
            c => c,
        };
        out.last_mut().unwrap().push(c);
    }
    out
}

pub fn date_time(value: &str) -> NaiveDateTime {
    assert_eq!(value.len(), 15);
    NaiveDateTime::parse_from_str(value, "%Y%m%dT%H%M%S").unwrap()
}

/// The changes of a VTIMEZONE: wall time just before, offsets before and after in seconds.
pub struct Clocks(Vec<(NaiveDateTime, i32, i32)>);

impl Clocks {
    const UNTIL: i32 = 2040;

    pub fn of(zone: &Component) -> Self {
        let mut changes = Vec::new();
        for part in &zone.parts {
            let start = date_time(&part.one("DTSTART").value);
            let offset = |name| seconds(&part.one(name).value);
            let onsets = match part.named("RRULE").first() {
                Some(rule) => yearly(start, &rule.value),
                None => vec![start],
            };
            changes.extend(onsets.into_iter().map(|at| (at, offset("TZOFFSETFROM"), offset("TZOFFSETTO"))));
        }
        changes.sort();
        Self(changes)
    }

    pub fn changes(&self) -> impl Iterator<Item = DateTime<Utc>> {
        self.0.iter().map(|(wall, from, _)| (*wall - Duration::seconds((*from).into())).and_utc())
    }

    /// The offset that the last change before a wall time leads to.
    pub fn utc(&self, wall: NaiveDateTime) -> DateTime<Utc> {
        let past = self.0.partition_point(|(at, _, _)| *at <= wall);
        (wall - Duration::seconds(self.0[past - 1].2.into())).and_utc()
    }

    /// The offset in force at an instant.
    pub fn offset(&self, at: DateTime<Utc>) -> i32 {
        let past = self
            .0
            .partition_point(|(wall, from, _)| (*wall - Duration::seconds((*from).into())).and_utc() <= at);
        self.0[past - 1].2
    }
}

fn seconds(offset: &str) -> i32 {
    let number: i32 = offset[1..].parse().unwrap();
    assert_eq!(offset.len(), 5);
    let east = (number / 100 * 60 + number % 100) * 60;
    if offset.starts_with('-') { -east } else { east }
}

fn yearly(start: NaiveDateTime, rule: &str) -> Vec<NaiveDateTime> {
    let rule = rule.strip_prefix("FREQ=YEARLY;BYMONTH=").unwrap();
    let (month, day) = rule.split_once(";BYDAY=").unwrap();
    let (nth, weekday) = day.split_at(day.len() - 2);
    let (month, nth): (u32, i8) = (month.parse().unwrap(), nth.parse().unwrap());
    let weekday =
        ["MO", "TU", "WE", "TH", "FR", "SA", "SU"].iter().position(|name| *name == weekday).unwrap();
    let days = |year| -> Vec<NaiveDate> {
        let first = NaiveDate::from_ymd_opt(year, month, 1).unwrap();
        let of_month = first.iter_days().take_while(|day| day.month() == month);
        of_month.filter(|day| day.weekday() == Weekday::try_from(weekday as u8).unwrap()).collect()
    };
    let pick = |days: Vec<NaiveDate>| {
        if nth > 0 { days[nth as usize - 1] } else { days[days.len() - nth.unsigned_abs() as usize] }
    };
    let all: Vec<_> =
        (start.year()..Clocks::UNTIL).map(|year| pick(days(year)).and_time(start.time())).collect();
    assert_eq!(all[0], start, "DTSTART is the first onset");
    all
}
