//! Calendars that are fetched: the public feed, one for each format, one for each member, and the
//! files of single evenings.
//!
//! Public bytes are kept until the community changes or a day begins, so that a poll costs nothing;
//! see [`Kept`].

mod conditional;
mod kept;
mod window;

use std::collections::{BTreeMap, BTreeSet};

use actix_web::web::Bytes;
use chrono::{DateTime, SubsecRound as _, Utc};
use i18n_embed_fl::fl;
use mensuel_domain::{
    event::{Event, Stage},
    format::{Format, Person},
    id::Id,
    invitation::{Invitation, Invitee},
    lang::Lang,
    member::Member,
    rsvp::Rsvp,
    text::Slug,
    venue::Venue,
};
use mensuel_infra::{
    calendar::{self, Calendar, Entry},
    links::{Claim, Purpose},
    say,
    store::{Change, StoreError, events, invitations, members, rsvps, venues},
};
use sha2::{Digest as _, Sha256};

pub use conditional::{fresh, http_date};
pub use kept::Kept;

use crate::{
    app::App,
    entries::{self, Evening, Own, Voice},
    i18n::words,
    sight,
};

/// A colour name of CSS, near the accent of the pages.
const COLOR: &str = "darkslateblue";

/// Bytes with what conditional requests compare.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Served {
    pub bytes: Bytes,
    /// A strong validator as the header writes it, quotes included (RFC 9110, section 8.8.3).
    pub etag: String,
    /// To the second, as the header says it.
    pub last_modified: DateTime<Utc>,
}

impl Served {
    pub fn new(bytes: impl Into<Bytes>, last_modified: DateTime<Utc>) -> Self {
        let bytes = bytes.into();
        let digest = Sha256::digest(&bytes);
        let short: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        Self { bytes, etag: format!("\"{short}\""), last_modified: last_modified.trunc_subsecs(0) }
    }
}

/// Why there is nothing to serve.
#[derive(Debug)]
pub enum NotServed {
    /// Unknown, altered, or not to be seen by strangers.
    Missing,
    /// A genuine link that was revoked.
    Gone,
    Store(StoreError),
}

impl From<StoreError> for NotServed {
    fn from(error: StoreError) -> Self {
        NotServed::Store(error)
    }
}

/// The season as strangers may see it.
pub async fn of_season(app: &App) -> Result<Served, NotServed> {
    app.kept.get_or_make("calendar", app, || make_public(app, None)).await
}

/// As [`of_season`], the evenings of one format. Dates without an announced format are not in it.
pub async fn of_format(app: &App, format: Format) -> Result<Served, NotServed> {
    let key = format!("calendar/{}", format.slug());
    app.kept.get_or_make(&key, app, || make_public(app, Some(format))).await
}

/// One published or cancelled evening that strangers may see.
pub async fn of_event(app: &App, slug: &str) -> Result<Served, NotServed> {
    let slug = Slug::parse(slug).ok_or(NotServed::Missing)?;
    let key = format!("event/{slug}");
    app.kept.get_or_make(&key, app, || make_event(app, &slug)).await
}

/// All that one member may see, with their answers; the token is the one of their feed.
pub async fn of_member(app: &App, token: &str) -> Result<Served, NotServed> {
    let claim = app.links.verify(token, Purpose::Feed).ok_or(NotServed::Missing)?;
    let key = format!("member/{}/{}", claim.id, claim.epoch);
    let make = || make_member(app, &claim);
    app.kept.get_or_make_secret(&key, app, make).await
}

/// One evening for the person of an invitation; the token is the one they answer with.
pub async fn of_invitation(app: &App, token: &str) -> Result<Served, NotServed> {
    let claim = app.links.verify(token, Purpose::Rsvp).ok_or(NotServed::Missing)?;
    let db = app.store.read();
    let invitation = invitations::find(db, Id::new(claim.id)).await?.ok_or(NotServed::Gone)?;
    let event = events::find(db, invitation.event).await?.ok_or(NotServed::Gone)?;
    let lang = reader(app, &event, &invitation).await?.filter(|_| claim.is_of_epoch(invitation.link_epoch));
    let lang = lang.ok_or(NotServed::Gone)?;
    let rsvp = rsvps::find(db, invitation.id).await?;
    let changed_at = rsvps::changed(db, invitation.id).await?;
    let season = Season::load(app, vec![event]).await?;
    let voice = voice(app, lang);
    let own = Own { invitation: &invitation, rsvp: rsvp.as_ref(), changed_at };
    let entries: Vec<Entry> =
        season.evenings().map(|evening| entries::of_member(&voice, &evening, Some(&own))).collect();
    Ok(file(app, lang, entries, None))
}

/// The language of an invitation's person, while their link works.
async fn reader(app: &App, event: &Event, invitation: &Invitation) -> Result<Option<Lang>, StoreError> {
    match &invitation.guest {
        Invitee::Member(id) => {
            let member = members::find(app.store.read(), *id).await?;
            Ok(member.filter(|member| member.status_at(app.now()).belongs()).map(|member| member.language))
        }
        guest @ Invitee::NamedGuest { .. } => Ok(sight::role_of(event, guest).map(|_| event.language)),
    }
}

async fn make_public(app: &App, format: Option<Format>) -> Result<Served, NotServed> {
    let (change, today) = (known_change(app).await?, app.today());
    let stages = sight::listed(app.community.held_dates).to_vec();
    let filter = events::Filter { format, stages, ..window::filter(app.now()) };
    let mut events = events::list(app.store.read(), &filter).await?;
    if format.is_some() {
        // What a held date will be is not announced, so it is not in the feed of a format either.
        events.retain(|event| !event.stage.is_before_publication() && !event.members_only);
    }
    let crossed = window::last_crossing(&events, today, app.community.zone);
    events.retain(|event| window::shows(event, today));
    let season = Season::load(app, events).await?;
    let lang = app.community.language;
    let voice = voice(app, lang);
    let entries = season.evenings().map(|evening| entries::of_public(&voice, &evening)).collect();
    let community = app.community.name.as_str();
    let (name, source) = match format {
        None => (community.to_owned(), app.links.feed()),
        Some(format) => {
            let said = say::format(lang, format);
            let name = fl!(words(lang), "calendar-format", community = community, format = said);
            (name, app.links.format_feed(format))
        }
    };
    Ok(served(Calendar {
        name,
        description: fl!(words(lang), "calendar-description", community = community),
        source: Some(source.https()),
        last_modified: change.calendar_at.max(crossed),
        ..blank(app, entries)
    }))
}

async fn make_event(app: &App, slug: &Slug) -> Result<Served, NotServed> {
    let event = events::find_by_slug(app.store.read(), slug).await?.ok_or(NotServed::Missing)?;
    let is_announced = match event.stage {
        Stage::Held | Stage::Draft => false,
        Stage::Published | Stage::Cancelled => !event.members_only,
    };
    if !is_announced {
        return Err(NotServed::Missing);
    }
    let source = app.links.event_ics(slug);
    let season = Season::load(app, vec![event]).await?;
    let lang = app.community.language;
    let voice = voice(app, lang);
    let entries = season.evenings().map(|evening| entries::of_public(&voice, &evening)).collect();
    Ok(file(app, lang, entries, Some(source.https())))
}

async fn make_member(app: &App, claim: &Claim) -> Result<Served, NotServed> {
    let db = app.store.read();
    let (change, today) = (known_change(app).await?, app.today());
    let id = Id::new(claim.id);
    let member = members::find(db, id).await?.ok_or(NotServed::Gone)?;
    if !claim.is_of_epoch(member.feed_epoch) || !member.status_at(app.now()).belongs() {
        return Err(NotServed::Gone);
    }
    let stages = sight::listed(app.community.held_dates).to_vec();
    let mut events = events::list(db, &events::Filter { stages, ..window::filter(app.now()) }).await?;
    let crossed = window::last_crossing(&events, today, app.community.zone);
    events.retain(|event| window::shows(event, today));
    let (invitations, answers) = (invitations::of_member(db, id).await?, rsvps::of_member(db, id).await?);
    let changes = rsvps::changed_of_member(db, id).await?;
    let season = Season::load(app, events).await?;
    let voice = voice(app, member.language);
    let entry = |evening: Evening<'_>| {
        let event = evening.event.id;
        let own = invitations.get(&event).map(|invitation| own(invitation, &answers, &changes, event));
        entries::of_member(&voice, &evening, own.as_ref())
    };
    let entries: Vec<Entry> = season.evenings().map(entry).collect();
    let community = app.community.name.as_str();
    let last = [Some(change.calendar_at), Some(crossed), Some(member.updated_at), latest(&entries)];
    Ok(served(Calendar {
        name: fl!(words(member.language), "calendar-member", community = community),
        description: fl!(words(member.language), "calendar-member-description"),
        last_modified: last.into_iter().flatten().max().unwrap_or(crossed),
        ..blank(app, entries)
    }))
}

fn own<'a>(
    invitation: &'a Invitation,
    answers: &'a BTreeMap<Id<Event>, Rsvp>,
    changes: &BTreeMap<Id<Event>, DateTime<Utc>>,
    event: Id<Event>,
) -> Own<'a> {
    Own { invitation, rsvp: answers.get(&event), changed_at: changes.get(&event).copied() }
}

/// How far the community had come before anything else was read.
async fn known_change(app: &App) -> Result<Change, StoreError> {
    match app.store.change() {
        unknown if unknown.number < 0 => app.store.refresh().await,
        known => Ok(known),
    }
}

/// Evenings with the rows that their entries tell of.
pub(crate) struct Season {
    events: Vec<Event>,
    venues: BTreeMap<Id<Venue>, Venue>,
    people: BTreeMap<Id<Member>, Member>,
}

impl Season {
    pub(crate) async fn load(app: &App, events: Vec<Event>) -> Result<Self, StoreError> {
        let db = app.store.read();
        let on_programme = |event: &Event| -> Vec<Id<Member>> {
            let member = |person: &Person| match person {
                Person::Member(id) => Some(*id),
                Person::Guest { .. } | Person::Former | Person::Vacant => None,
            };
            event.details.people().filter_map(|(_, person)| member(person)).collect()
        };
        let people: BTreeSet<Id<Member>> = events.iter().flat_map(on_programme).collect();
        let venues = venues::all(db).await?.into_iter().map(|venue| (venue.id, venue)).collect();
        Ok(Self { people: members::find_many(db, people).await?, venues, events })
    }

    pub(crate) fn evenings(&self) -> impl Iterator<Item = Evening<'_>> {
        self.events.iter().map(|event| Evening {
            event,
            venue: event.venue.and_then(|venue| self.venues.get(&venue)),
            people: &self.people,
        })
    }
}

fn voice(app: &App, lang: Lang) -> Voice<'_> {
    Voice { lang, community: app.community.name.as_str(), links: &app.links }
}

/// A file of entries, without the promise of a feed that the past leaves it.
fn file(app: &App, lang: Lang, entries: Vec<Entry>, source: Option<String>) -> Served {
    let community = app.community.name.as_str();
    let last_modified = latest(&entries).unwrap_or(DateTime::UNIX_EPOCH);
    served(Calendar {
        name: community.to_owned(),
        description: fl!(words(lang), "calendar-description", community = community),
        last_modified,
        source,
        ..blank(app, entries)
    })
}

fn blank(app: &App, entries: Vec<Entry>) -> Calendar {
    Calendar {
        name: String::new(),
        description: String::new(),
        zone: app.community.zone,
        color: COLOR.to_owned(),
        last_modified: DateTime::UNIX_EPOCH,
        url: app.links.season(),
        source: None,
        entries,
    }
}

fn latest(entries: &[Entry]) -> Option<DateTime<Utc>> {
    entries.iter().map(|entry| entry.last_modified).max()
}

fn served(calendar: Calendar) -> Served {
    Served::new(calendar::feed(&calendar), calendar.last_modified)
}
