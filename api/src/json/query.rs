//! The parameters of a query: each read once, every mistake listed, an unknown one refused.

use actix_web::HttpRequest;
use url::form_urlencoded;

use super::cursor;
use crate::problem::{Mistake, Problem, Wrong};

const LIMIT: u64 = 50;
const MOST: u64 = 200;

/// A query while it is read.
pub struct Query {
    pairs: Vec<(String, String)>,
    mistakes: Vec<Mistake>,
}

impl Query {
    pub fn of(req: &HttpRequest) -> Self {
        let pairs = form_urlencoded::parse(req.query_string().as_bytes()).into_owned().collect();
        Self { pairs, mistakes: Vec::new() }
    }

    /// For what takes no parameter: one that is given was meant to change what happens, as
    /// `dry_run` does elsewhere, so nothing happens without it.
    pub fn none(req: &HttpRequest) -> Result<(), Problem> {
        Self::of(req).finish()
    }

    pub fn read<T>(&mut self, name: &str, read: impl Fn(&str) -> Result<T, Wrong>) -> Option<T> {
        let (mine, others) = std::mem::take(&mut self.pairs).into_iter().partition(|(key, _)| key == name);
        self.pairs = others;
        let mine: Vec<(String, String)> = mine;
        let read = match mine.as_slice() {
            [] => return None,
            [(_, text)] => read(text),
            [_, _, ..] => Err(Wrong::Twice),
        };
        read.map_err(|wrong| self.wrong(name, wrong)).ok()
    }

    pub fn wrong(&mut self, name: &str, wrong: Wrong) {
        self.mistakes.push(Mistake::new(format!("/{name}"), wrong));
    }

    pub fn flag(&mut self, name: &str) -> bool {
        let read = |text: &str| match text {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(Wrong::NotBoolean),
        };
        self.read(name, read).unwrap_or(false)
    }

    /// Which page of a list: after which key, and how many items at most.
    pub fn page<C: cursor::Key>(&mut self) -> Page<C> {
        let limit = |text: &str| {
            let number = text.parse::<u64>().ok().filter(|number| (1..=MOST).contains(number));
            number.ok_or(Wrong::Number { min: 1, max: MOST })
        };
        let limit = self.read("limit", limit).unwrap_or(LIMIT);
        let after = self.read("cursor", |text| C::read(text).ok_or(Wrong::Cursor));
        Page { after, limit }
    }

    /// All that was wrong. `lang` is known everywhere.
    pub fn finish(mut self) -> Result<(), Problem> {
        self.pairs.retain(|(name, _)| name != "lang");
        for (name, _) in std::mem::take(&mut self.pairs) {
            let pointer = format!("/{}", name.replace('~', "~0").replace('/', "~1"));
            self.mistakes.push(Mistake::new(pointer, Wrong::UnknownParameter));
        }
        if self.mistakes.is_empty() { Ok(()) } else { Err(Problem::Invalid(self.mistakes)) }
    }
}

/// One page of a list.
#[derive(Clone, Copy, Debug)]
pub struct Page<C> {
    /// The key of the last item of the page before.
    pub after: Option<C>,
    pub limit: u64,
}

impl<C: cursor::Key> Page<C> {
    /// One more than asked for tells whether there is a next page.
    pub fn fetch(&self) -> u64 {
        self.limit + 1
    }

    /// Cuts what was fetched to the page, with the cursor of the next one.
    pub fn cut<T>(&self, mut fetched: Vec<T>, key: impl Fn(&T) -> C) -> (Vec<T>, Option<String>) {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        if fetched.len() <= limit {
            return (fetched, None);
        }
        fetched.truncate(limit);
        let next = fetched.last().map(|last| key(last).written());
        (fetched, next)
    }
}
