//! The two files of the real community, taken as the command line takes them.

mod members;
mod season;

use chrono_tz::Tz;
use mensuel::{
    csv_input,
    use_cases::imports::{self, Manner, Report},
};
use mensuel_domain::{fact::Actor, lang::Lang};
use mensuel_tests::TestApp;

pub const MEMBERS: &[u8] = include_bytes!("../data/members.csv");
pub const SEASON: &[u8] = include_bytes!("../data/season.csv");

pub const REALLY: Manner = Manner { dry_run: false, skip_invalid: false };
pub const DRY: Manner = Manner { dry_run: true, skip_invalid: false };
pub const SKIPPING: Manner = Manner { dry_run: false, skip_invalid: true };

pub async fn members(app: &TestApp, bytes: &[u8], manner: Manner) -> Report {
    let sheet = csv_input::members(bytes).unwrap_or_else(|mistake| panic!("{}", mistake.sentence(Lang::En)));
    imports::members(&app.app, Actor::Operator, sheet, manner, || {}).await.expect("the import works")
}

pub async fn season(app: &TestApp, bytes: &[u8], manner: Manner) -> Report {
    let sheet = csv_input::season(bytes, Tz::Europe__Paris);
    let sheet = sheet.unwrap_or_else(|mistake| panic!("{}", mistake.sentence(Lang::En)));
    imports::events(&app.app, Actor::Operator, sheet, manner, || {}).await.expect("the import works")
}

/// Added, changed, unchanged and wrong lines.
pub fn counts(report: &Report) -> [u64; 4] {
    [report.added(), report.changed(), report.unchanged(), report.wrong()]
}

/// The sentences about the wrong lines, with their numbers.
pub fn wrong(report: &Report) -> Vec<(u64, String)> {
    let sentence = |line: &imports::LineReport| match &line.outcome {
        imports::Outcome::Wrong(wrong) => {
            Some((line.line, mensuel::words::imports::sentence(wrong, Lang::En)))
        }
        imports::Outcome::Added
        | imports::Outcome::Changed
        | imports::Outcome::Unchanged
        | imports::Outcome::StaysAway => None,
    };
    report.lines.iter().filter_map(sentence).collect()
}

/// Lines under a heading.
pub fn file(heading: &str, lines: &[&str]) -> Vec<u8> {
    let mut text = format!("{heading}\n");
    for line in lines {
        text.push_str(line);
        text.push('\n');
    }
    text.into_bytes()
}
