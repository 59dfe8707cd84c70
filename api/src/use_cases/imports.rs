//! Files of members and of evenings: all lines in one transaction, a report of each, mail to nobody.

mod evening;
mod events;
mod members;

pub use events::events;
pub use members::members;

use std::collections::BTreeSet;

use mensuel_domain::fact::Actor;
use mensuel_infra::store::Tx;

use super::{Failure, Refused};
use crate::{
    app::App,
    csv_input::{Encoding, Sheet, WrongLine},
};

/// How a file is taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Manner {
    /// Say what would happen, and change nothing.
    pub dry_run: bool,
    /// Take the other lines when some are wrong.
    pub skip_invalid: bool,
}

/// What became of a file, or would become.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    pub encoding: Encoding,
    /// In the order of the file.
    pub lines: Vec<LineReport>,
    /// The right lines are in: not so on a dry run, nor when a line is wrong and wrong ones are not
    /// to be skipped.
    pub carried_out: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub struct LineReport {
    /// The line of the file that it begins on; the heading is line 1.
    pub line: u64,
    /// What the line is about, in its own words.
    pub about: String,
    pub outcome: Outcome,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    Added,
    Changed,
    Unchanged,
    /// Taken over but for the status: an import brings nobody back.
    StaysAway,
    Wrong(Wrong),
}

/// Why a line was not taken.
#[derive(Clone, Debug, PartialEq)]
pub enum Wrong {
    Cells(WrongLine),
    /// An address in this column is no member's.
    NoMember {
        column: &'static str,
        address: String,
    },
    /// The evening of that day is published and says something else.
    Published,
    /// The evening of that day is cancelled.
    Cancelled,
    Refused(Refused),
}

impl Report {
    pub fn count(&self, is: impl Fn(&Outcome) -> bool) -> u64 {
        self.lines.iter().filter(|line| is(&line.outcome)).count() as u64
    }

    pub fn wrong(&self) -> u64 {
        self.count(|outcome| matches!(outcome, Outcome::Wrong(_)))
    }

    pub fn added(&self) -> u64 {
        self.count(|outcome| matches!(outcome, Outcome::Added))
    }

    pub fn changed(&self) -> u64 {
        self.count(|outcome| matches!(outcome, Outcome::Changed))
    }

    pub fn unchanged(&self) -> u64 {
        self.count(|outcome| matches!(outcome, Outcome::Unchanged | Outcome::StaysAway))
    }
}

/// A line that could be read, and how it ended or began.
trait Line {
    fn number(&self) -> u64;
    fn about(&self) -> String;
}

/// What reading the cells said of the lines: those to take, and those that are wrong already.
fn sorted<T: Line>(sheet: Sheet<T>) -> (Encoding, Vec<T>, Vec<LineReport>) {
    let (mut right, mut wrong) = (Vec::new(), Vec::new());
    for line in sheet.lines {
        match line {
            Ok(line) => right.push(line),
            Err(cells) => wrong.push(LineReport {
                line: cells.line,
                about: String::new(),
                outcome: Outcome::Wrong(Wrong::Cells(cells)),
            }),
        }
    }
    (sheet.encoding, right, wrong)
}

/// One attempt at the lines that are not left out.
struct Attempt {
    lines: Vec<LineReport>,
    tx: Tx,
    facts: Vec<mensuel_domain::fact::Fact>,
}

impl Attempt {
    fn wrong_lines(&self) -> BTreeSet<u64> {
        let wrong = self.lines.iter().filter(|line| matches!(line.outcome, Outcome::Wrong(_)));
        wrong.map(|line| line.line).collect()
    }
}

/// Takes a file by attempts: a line that turns out wrong may have left something behind, so the
/// attempt is undone, and the next one leaves that line out.
async fn take<T, F>(
    app: &App,
    actor: Actor,
    sheet: Sheet<T>,
    manner: Manner,
    summary: impl Fn(&Report) -> mensuel_domain::fact::Fact,
    attempt: impl Fn(Tx, Vec<T>) -> F,
) -> Result<Report, Failure>
where
    T: Line + Clone,
    F: Future<Output = Result<Attempt, Failure>>,
{
    let (encoding, right, mut wrong) = sorted(sheet);
    let mut left_out: BTreeSet<u64> = BTreeSet::new();
    loop {
        let lines: Vec<T> = right.iter().filter(|line| !left_out.contains(&line.number())).cloned().collect();
        let tried = attempt(app.store.write(app.now()).await?, lines).await?;
        let found = tried.wrong_lines();
        let again = manner.skip_invalid && !found.is_empty();
        if again {
            left_out.extend(&found);
            wrong.extend(tried.lines.into_iter().filter(|line| found.contains(&line.line)));
            tried.tx.undo().await?;
            continue;
        }
        let mut lines: Vec<LineReport> = wrong.into_iter().chain(tried.lines).collect();
        lines.sort_by_key(|line| line.line);
        let mut report = Report { encoding, lines, carried_out: false };
        let refused = report.wrong() > 0 && !manner.skip_invalid;
        if manner.dry_run || refused {
            tried.tx.undo().await?;
            return Ok(report);
        }
        report.carried_out = true;
        let mut facts = tried.facts;
        if !facts.is_empty() {
            facts.push(summary(&report));
        }
        tried.tx.commit(actor, facts).await?;
        app.mail_waits.notify_one();
        return Ok(report);
    }
}
