//! The fields of a JSON object, read one by one: every mistake is listed with its place, what is
//! absent is told from `null`, and a field that nobody asked for is a mistake.

use std::{cell::RefCell, collections::BTreeSet};

use serde_json::{Map, Value};

use crate::problem::{Mistake, Problem, Wrong};

/// An object while it is read.
pub struct Fields<'a> {
    object: &'a Map<String, Value>,
    /// Where this object stands; empty for the body itself.
    place: String,
    seen: RefCell<BTreeSet<&'static str>>,
    mistakes: RefCell<Vec<Mistake>>,
}

impl<'a> Fields<'a> {
    /// The body of a request.
    pub fn of(body: &'a Value) -> Result<Self, Problem> {
        Self::at(body, String::new()).map_err(|mistake| Problem::Invalid(vec![mistake]))
    }

    fn at(value: &'a Value, place: String) -> Result<Self, Mistake> {
        match value {
            Value::Object(object) => {
                Ok(Self { object, place, seen: RefCell::default(), mistakes: RefCell::default() })
            }
            _ => Err(Mistake::new(place, Wrong::NotObject)),
        }
    }

    fn pointer(&self, name: &str) -> String {
        format!("{}/{}", self.place, escaped(name))
    }

    /// Notes a mistake at a field.
    pub fn wrong(&self, name: &str, wrong: Wrong) {
        self.mistakes.borrow_mut().push(Mistake::new(self.pointer(name), wrong));
    }

    fn raw(&self, name: &'static str) -> Option<&'a Value> {
        self.seen.borrow_mut().insert(name);
        self.object.get(name)
    }

    fn read_at<T>(&self, name: &str, value: &Value, read: impl Fn(&Value) -> Result<T, Wrong>) -> Option<T> {
        read(value).map_err(|wrong| self.wrong(name, wrong)).ok()
    }

    /// Notes a mistake at this object as a whole.
    pub fn wrong_here(&self, wrong: Wrong) {
        self.mistakes.borrow_mut().push(Mistake::new(self.place.clone(), wrong));
    }

    pub fn has(&self, name: &'static str) -> bool {
        self.raw(name).is_some()
    }

    pub fn is_null(&self, name: &'static str) -> bool {
        self.raw(name).is_some_and(Value::is_null)
    }

    /// A field that must be there.
    pub fn required<T>(&self, name: &'static str, read: impl Fn(&Value) -> Result<T, Wrong>) -> Option<T> {
        match self.raw(name) {
            None => {
                self.wrong(name, Wrong::Missing);
                None
            }
            Some(Value::Null) => {
                self.wrong(name, Wrong::Null);
                None
            }
            Some(value) => self.read_at(name, value, read),
        }
    }

    /// A field that may be absent, but not `null`.
    pub fn optional<T>(&self, name: &'static str, read: impl Fn(&Value) -> Result<T, Wrong>) -> Option<T> {
        match self.raw(name)? {
            Value::Null => {
                self.wrong(name, Wrong::Null);
                None
            }
            value => self.read_at(name, value, read),
        }
    }

    /// A field that may be absent (`None`), or `null` (`Some(None)`).
    pub fn nullable<T>(
        &self,
        name: &'static str,
        read: impl Fn(&Value) -> Result<T, Wrong>,
    ) -> Option<Option<T>> {
        match self.raw(name)? {
            Value::Null => Some(None),
            value => self.read_at(name, value, read).map(Some),
        }
    }

    /// A list of at most so many items, each read by itself.
    pub fn list<T>(
        &self,
        name: &'static str,
        max: usize,
        read: impl Fn(&Value) -> Result<T, Wrong>,
    ) -> Option<Vec<T>> {
        let items = self.items(name, max)?;
        let before = self.mistakes.borrow().len();
        let read_one = |(at, item): (usize, &Value)| {
            let place = format!("{}/{at}", self.pointer(name));
            read(item).map_err(|wrong| self.mistakes.borrow_mut().push(Mistake::new(place, wrong))).ok()
        };
        let read: Vec<T> = items.iter().enumerate().filter_map(read_one).collect();
        (self.mistakes.borrow().len() == before).then_some(read)
    }

    fn items(&self, name: &'static str, max: usize) -> Option<&'a Vec<Value>> {
        match self.raw(name)? {
            Value::Null => self.wrong(name, Wrong::Null),
            Value::Array(items) if items.len() > max => self.wrong(name, Wrong::TooMany(max)),
            Value::Array(items) => return Some(items),
            _ => self.wrong(name, Wrong::NotList),
        }
        None
    }

    /// A list of objects.
    pub fn objects<T>(
        &self,
        name: &'static str,
        max: usize,
        read: impl Fn(&Fields<'_>) -> Option<T>,
    ) -> Option<Vec<T>> {
        let items = self.items(name, max)?;
        let read_one = |(at, item): (usize, &Value)| self.below(&format!("{name}/{at}"), item, &read);
        let all: Vec<Option<T>> = items.iter().enumerate().map(read_one).collect();
        all.into_iter().collect()
    }

    /// An object inside this one.
    pub fn object<T>(&self, name: &'static str, read: impl Fn(&Fields<'_>) -> Option<T>) -> Option<T> {
        match self.raw(name)? {
            Value::Null => {
                self.wrong(name, Wrong::Null);
                None
            }
            value => self.below(name, value, &read),
        }
    }

    fn below<T>(&self, name: &str, value: &Value, read: &impl Fn(&Fields<'_>) -> Option<T>) -> Option<T> {
        // A name with an index in it is a path already.
        let place = format!("{}/{name}", self.place);
        match Fields::at(value, place) {
            Ok(inner) => {
                let read = read(&inner);
                let mistakes = inner.mistakes();
                let fine = mistakes.is_empty();
                self.mistakes.borrow_mut().extend(mistakes);
                read.filter(|_| fine)
            }
            Err(mistake) => {
                self.mistakes.borrow_mut().push(mistake);
                None
            }
        }
    }

    /// The names and values of an object whose names are data.
    pub fn entries<K, V>(
        &self,
        name: &'static str,
        max: usize,
        key: impl Fn(&str) -> Result<K, Wrong>,
        read: impl Fn(&Value) -> Result<V, Wrong>,
    ) -> Option<Vec<(K, V)>> {
        let object = match self.raw(name)? {
            Value::Object(object) if object.len() <= max => object,
            other => {
                self.wrong(
                    name,
                    match other {
                        Value::Null => Wrong::Null,
                        Value::Object(_) => Wrong::TooMany(max),
                        _ => Wrong::NotObject,
                    },
                );
                return None;
            }
        };
        let place = format!("{}/{name}", self.place);
        let mut all = Some(Vec::with_capacity(object.len()));
        for (text, value) in object {
            match key(text).and_then(|key| read(value).map(|value| (key, value))) {
                Ok(entry) => {
                    if let Some(all) = &mut all {
                        all.push(entry);
                    }
                }
                Err(wrong) => {
                    let mistake = Mistake::new(format!("{place}/{}", escaped(text)), wrong);
                    self.mistakes.borrow_mut().push(mistake);
                    all = None;
                }
            }
        }
        all
    }

    fn mistakes(self) -> Vec<Mistake> {
        let mut mistakes = self.mistakes.into_inner();
        let seen = self.seen.into_inner();
        let unknown = self.object.keys().filter(|name| !seen.contains(name.as_str()));
        mistakes.extend(
            unknown
                .map(|name| Mistake::new(format!("{}/{}", self.place, escaped(name)), Wrong::UnknownField)),
        );
        mistakes
    }

    /// What was read, or all that was wrong. `None` without a mistake cannot be: whatever is not
    /// read has been noted.
    pub fn finish<T>(self, read: Option<T>) -> Result<T, Problem> {
        let mistakes = self.mistakes();
        match read {
            Some(read) if mistakes.is_empty() => Ok(read),
            Some(_) | None => Err(Problem::Invalid(mistakes)),
        }
    }
}

/// A name in a JSON pointer (RFC 6901, section 3).
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::json::read;

    fn pointers(problem: Problem) -> Vec<String> {
        match problem {
            Problem::Invalid(mistakes) => mistakes.into_iter().map(|mistake| mistake.pointer).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn every_mistake_is_listed_with_its_place() {
        let body = json!({ "a": 1, "b": null, "c/d": 0, "list": ["x", 2], "inner": { "z": 1 } });
        let fields = Fields::of(&body).unwrap();
        let a = fields.required("a", read::line);
        fields.optional("b", read::line);
        fields.required("missing", read::line);
        fields.list("list", 5, read::line);
        fields.object("inner", |inner| inner.required("y", read::line));
        let problem = fields.finish(a).unwrap_err();
        assert_eq!(pointers(problem), ["/a", "/b", "/missing", "/list/1", "/inner/y", "/inner/z", "/c~1d"]);
    }

    #[test]
    fn absent_is_not_null() {
        let body = json!({ "null": null, "set": "x" });
        let fields = Fields::of(&body).unwrap();
        assert_eq!(fields.nullable("absent", read::line), None);
        assert_eq!(fields.nullable("null", read::line), Some(None));
        assert!(matches!(fields.nullable("set", read::line), Some(Some(_))));
    }

    #[test]
    fn a_list_is_no_body() {
        assert_eq!(pointers(Fields::of(&json!([])).err().unwrap()), [""]);
    }
}
