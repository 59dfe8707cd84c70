//! A small reader of iCalendar, written against RFC 5545 and sharing nothing with the writer.

use std::collections::BTreeMap;

/// One component's properties: name, parameters, value, with text unescaped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Component {
    pub name: String,
    pub properties: BTreeMap<String, Vec<(String, String)>>,
    pub children: Vec<Component>,
}

impl Component {
    /// The value of a property that stands once.
    ///
    /// # Panics
    /// When it stands several times.
    pub fn value(&self, name: &str) -> Option<&str> {
        let values = self.properties.get(name)?;
        assert_eq!(values.len(), 1, "{name} stands {} times", values.len());
        Some(&values[0].1)
    }

    /// The parameters of a property, as they are written.
    pub fn parameters(&self, name: &str) -> Option<&str> {
        Some(&self.properties.get(name)?.first()?.0)
    }

    pub fn of(&self, name: &str) -> Vec<&Component> {
        self.children.iter().filter(|child| child.name == name).collect()
    }

    pub fn events(&self) -> Vec<&Component> {
        self.of("VEVENT")
    }
}

/// Reads one `VCALENDAR`, strictly.
///
/// # Panics
/// When the bytes break RFC 5545: a lone line feed, a long line, an unclosed component.
pub fn read(bytes: &[u8]) -> Component {
    let text = std::str::from_utf8(bytes).expect("UTF-8");
    let mut lines: Vec<String> = Vec::new();
    for line in text.strip_suffix("\r\n").expect("the last line ends").split("\r\n") {
        assert!(!line.contains(['\r', '\n']), "a lone line end in {line:?}");
        assert!(line.len() <= 75, "{} octets in {line:?}", line.len());
        match line.strip_prefix(' ') {
            Some(rest) => lines.last_mut().expect("a first line").push_str(rest),
            None => lines.push(line.to_owned()),
        }
    }
    let mut open: Vec<Component> = vec![Component::default()];
    for line in lines {
        let (name, parameters, value) = split(&line);
        match name.as_str() {
            "BEGIN" => open.push(Component { name: value, ..Component::default() }),
            "END" => {
                let done = open.pop().expect("an open component");
                assert_eq!(done.name, value, "components are nested");
                open.last_mut().expect("the root").children.push(done);
            }
            _ => {
                let component = open.last_mut().expect("the root");
                component.properties.entry(name).or_default().push((parameters, unescape(&value)));
            }
        }
    }
    let mut root = open.pop().expect("the root");
    assert!(open.is_empty(), "a component is not closed");
    assert_eq!(root.children.len(), 1, "one VCALENDAR");
    root.children.pop().expect("one VCALENDAR")
}

fn split(line: &str) -> (String, String, String) {
    let mut quoted = false;
    let colon = line
        .char_indices()
        .find(|(_, c)| {
            quoted ^= *c == '"';
            *c == ':' && !quoted
        })
        .map(|(at, _)| at)
        .unwrap_or_else(|| panic!("no value in {line:?}"));
    let (name, parameters) = line[..colon].split_once(';').unwrap_or((&line[..colon], ""));
    (name.to_owned(), parameters.to_owned(), line[colon + 1..].to_owned())
}

fn unescape(value: &str) -> String {
    let mut text = String::new();
    let mut characters = value.chars();
    while let Some(c) = characters.next() {
        match c {
            '\\' => match characters.next() {
                Some('n' | 'N') => text.push('\n'),
                Some(other) => text.push(other),
                None => {}
            },
            other => text.push(other),
        }
    }
    text
}
