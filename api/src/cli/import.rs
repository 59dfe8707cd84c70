//! `import members`, `import events`: a report of each line.

use std::{
    io::{self, IsTerminal as _},
    sync::Arc,
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use mensuel_domain::fact::Actor;
use mensuel_infra::clock::SystemClock;

use super::{Call, Ended, File, Stopped, aside, say, words};
use crate::{
    app::App,
    csv_input::{self, FileMistake, Sheet},
    serve::{self, Base},
    units,
    use_cases::imports::{self, Manner, Report},
};

pub(super) async fn members(call: Call, file: File) -> Result<Ended, Stopped> {
    let (app, sheet) = opened(&call, &file, csv_input::members).await?;
    let bar = progress(sheet.lines.len());
    let take = || {
        bar.reset();
        imports::members(&app, Actor::Operator, sheet.clone(), manner(&file), || bar.inc(1))
    };
    let taken = units::whole(take).await;
    bar.finish_and_clear();
    Ok(reported(&call, &file, &taken?))
}

pub(super) async fn events(call: Call, file: File) -> Result<Ended, Stopped> {
    let zone = call.config.time_zone;
    let (app, sheet) = opened(&call, &file, |bytes| csv_input::season(bytes, zone)).await?;
    let bar = progress(sheet.lines.len());
    let take = || {
        bar.reset();
        imports::events(&app, Actor::Operator, sheet.clone(), manner(&file), || bar.inc(1))
    };
    let taken = units::whole(take).await;
    bar.finish_and_clear();
    Ok(reported(&call, &file, &taken?))
}

fn manner(file: &File) -> Manner {
    Manner { dry_run: file.dry_run, skip_invalid: file.skip_invalid }
}

/// Reads the file first: a file that cannot be read needs no database.
async fn opened<T>(
    call: &Call,
    file: &File,
    read: impl FnOnce(&[u8]) -> Result<Sheet<T>, FileMistake>,
) -> Result<(App, Sheet<T>), Stopped> {
    let unreadable = |error| Stopped::refused(words::unreadable(call.lang, &file.path, &error));
    let bytes = std::fs::read(&file.path).map_err(unreadable)?;
    let sheet = read(&bytes).map_err(|mistake| Stopped::refused(mistake.sentence(call.lang)))?;
    for note in sheet.notes(call.lang) {
        aside(&note);
    }
    let app = serve::open(&call.config, Arc::new(SystemClock), Base::NotNeeded).await?;
    Ok((app, sheet))
}

/// A bar where a person looks on.
fn progress(lines: usize) -> ProgressBar {
    let target =
        if io::stderr().is_terminal() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let style =
        ProgressStyle::with_template("{bar:40} {pos}/{len}").unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::with_draw_target(u64::try_from(lines).ok(), target).with_style(style)
}

fn reported(call: &Call, file: &File, report: &Report) -> Ended {
    for line in &report.lines {
        say(&words::line(call.lang, line));
    }
    say(&words::summary(call.lang, report, manner(file)));
    if report.wrong() > 0 { Ended::WrongLines } else { Ended::Done }
}
