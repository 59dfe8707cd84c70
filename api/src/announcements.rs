//! `/feed.atom`: what was announced of the season. Each announcement is one fact, told with the
//! evening as it is now; whoever may not see an evening reads its date alone.

use std::collections::BTreeSet;

use chrono::DateTime;
use i18n_embed_fl::fl;
use mensuel_domain::{event::Event, id::Id};
use mensuel_infra::{
    atom::{self, Entry, Feed},
    calendar, say,
    store::{
        StoreError, events,
        facts::{self, Announced, Announcement},
    },
};

use crate::{
    app::App,
    entries::{self, Voice},
    feeds::{NotServed, Season, Served},
    i18n::words,
};

/// Announcements in the feed.
const MOST: usize = 40;

/// The feed, kept until the community changes.
pub async fn feed(app: &App) -> Result<Served, NotServed> {
    app.kept.get_or_make("calendar.atom", app, || make(app)).await
}

async fn make(app: &App) -> Result<Served, NotServed> {
    let known = facts::announcements(app.store.read(), MOST as u64 * 4).await?;
    let lang = app.community.language;
    let (w, community) = (words(lang), app.community.name.as_str());
    let entries = entries(app, newest_of_each(known)).await?;
    let feed = Feed {
        address: app.links.announcements(),
        title: community.to_owned(),
        subtitle: fl!(w, "atom-subtitle", community = community),
        site: app.links.season(),
        author: community.to_owned(),
        lang,
        updated: entries.iter().map(|entry| entry.updated).max().unwrap_or(DateTime::UNIX_EPOCH),
        entries,
    };
    Ok(Served::new(atom::write(&feed), feed.updated))
}

/// Moved twice is one announcement: each is told with the evening as it is now.
fn newest_of_each(known: Vec<Announced>) -> Vec<Announced> {
    let mut seen = BTreeSet::new();
    known.into_iter().filter(|one| seen.insert((one.event, one.what))).collect()
}

async fn entries(app: &App, announced: Vec<Announced>) -> Result<Vec<Entry>, StoreError> {
    let ids: BTreeSet<Id<Event>> = announced.iter().map(|one| one.event).collect();
    let found = events::find_many(app.store.read(), ids).await?;
    let season = Season::load(app, found).await?;
    let lang = app.community.language;
    let voice = Voice { lang, community: app.community.name.as_str(), links: &app.links };
    let mut told = Vec::new();
    for one in announced {
        let Some(evening) = season.evenings().find(|evening| evening.event.id == one.event) else {
            continue;
        };
        // History that was imported was never announced.
        if evening.event.stage.is_before_publication() || evening.event.span.starts_at <= one.at {
            continue;
        }
        told.push(entry(app, &one, entries::of_public(&voice, &evening)));
    }
    told.truncate(MOST);
    Ok(told)
}

fn entry(app: &App, one: &Announced, seen: calendar::Entry) -> Entry {
    let (lang, title) = (app.community.language, seen.summary.as_str());
    let (w, day) = (words(lang), say::day(lang, seen.span.date()));
    let when = say::capitalized(&say::span_long(lang, &seen.span));
    let content = [Some(when), seen.location, seen.description.map(|text| format!("\n{text}"))];
    Entry {
        id: one.id,
        title: match one.what {
            Announcement::Published | Announcement::Cancelled => {
                fl!(w, "atom-evening", day = day, title = title)
            }
            Announcement::Moved => fl!(w, "atom-moved", day = day, title = title),
        },
        url: seen.url.unwrap_or_else(|| app.links.season()),
        published: one.at,
        updated: one.at.max(seen.last_modified),
        content: content.into_iter().flatten().collect::<Vec<_>>().join("\n"),
        categories: seen.categories,
    }
}
