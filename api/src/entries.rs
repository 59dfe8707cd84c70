//! Calendar entries out of evenings: in public feeds, in a member's own, and in mail.
//!
//! What a reader may see is decided in [`crate::sight`]; how it is written, in
//! [`mensuel_infra::calendar`]. Here are the words.

mod add;
mod description;
mod plain;
#[cfg(test)]
pub(crate) mod sample;
#[cfg(test)]
mod tests;

pub use add::planned;
pub use plain::plain;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use i18n_embed::fluent::FluentLanguageLoader;
use i18n_embed_fl::fl;
use mensuel_domain::{
    event::{Event, Stage},
    format::Person,
    id::Id,
    invitation::Invitation,
    lang::Lang,
    member::Member,
    rsvp::{Answer, Rsvp, Seat},
    venue::Venue,
};
use mensuel_infra::{
    calendar::{Entry, Status, Transparency},
    links::{Claim, Links, Purpose},
    say,
};

use crate::{
    i18n::words,
    sight::{self, Online, Private, Reader, Sight},
};

/// In which language, for which community, and with which addresses.
#[derive(Clone, Copy, Debug)]
pub struct Voice<'a> {
    pub lang: Lang,
    /// The community's name.
    pub community: &'a str,
    pub links: &'a Links,
}

impl Voice<'_> {
    fn words(&self) -> &'static FluentLanguageLoader {
        words(self.lang)
    }
}

/// An evening with what stands beside it in other rows.
#[derive(Clone, Copy, Debug)]
pub struct Evening<'a> {
    pub event: &'a Event,
    pub venue: Option<&'a Venue>,
    /// The members on its programme; others in it are not looked at.
    pub people: &'a BTreeMap<Id<Member>, Member>,
}

/// What an evening is to the person of an invitation.
#[derive(Clone, Copy, Debug)]
pub struct Own<'a> {
    pub invitation: &'a Invitation,
    pub rsvp: Option<&'a Rsvp>,
    /// When the answer, or the seat that follows from it, last changed.
    pub changed_at: Option<DateTime<Utc>>,
}

impl Own<'_> {
    /// They said yes and do not wait: who has no seat yet keeps the hours free.
    fn comes(&self) -> bool {
        self.rsvp.is_some_and(|rsvp| rsvp.answer == Answer::Yes) && !self.waits()
    }

    fn waits(&self) -> bool {
        self.rsvp.is_some_and(|rsvp| waits(rsvp.seat))
    }
}

fn waits(seat: Seat) -> bool {
    match seat {
        Seat::Waitlisted | Seat::Offered | Seat::Pending => true,
        Seat::None | Seat::Confirmed | Seat::Programme => false,
    }
}

/// The entry that everybody may have.
pub fn of_public(voice: &Voice<'_>, evening: &Evening<'_>) -> Entry {
    seen(voice, evening, Reader::Stranger, None)
}

/// The entry in a member's own feed and file. While there is no invitation it is the evening's
/// own entry, for a member.
pub fn of_member(voice: &Voice<'_>, evening: &Evening<'_>, own: Option<&Own<'_>>) -> Entry {
    let Some(own) = own else {
        return seen(voice, evening, Reader::Member, None);
    };
    let reader = Reader::invited(evening.event, &own.invitation.guest, own.rsvp);
    let entry = seen(voice, evening, reader, Some(own));
    let changes = [Some(entry.last_modified), Some(own.invitation.invited_at), own.changed_at];
    Entry {
        uid: own.invitation.uid.clone(),
        last_modified: changes.into_iter().flatten().max().unwrap_or(entry.last_modified),
        transparency: if own.comes() { Transparency::Opaque } else { Transparency::Transparent },
        ..entry
    }
}

/// The entry that a mail brings: the reader is asked for that time. `at` is when the notification
/// was made.
pub fn of_mail(voice: &Voice<'_>, evening: &Evening<'_>, own: &Own<'_>, at: DateTime<Utc>) -> Entry {
    let entry = of_member(voice, evening, Some(own));
    Entry { dtstamp: at, transparency: Transparency::Opaque, ..entry }
}

fn seen(voice: &Voice<'_>, evening: &Evening<'_>, reader: Reader, own: Option<&Own<'_>>) -> Entry {
    match sight::see(evening.event, reader) {
        Sight::Held => {
            let summary = fl!(voice.words(), "entry-held", community = voice.community);
            Entry { status: Status::Tentative, ..bare(evening, summary) }
        }
        Sight::MembersOnly => {
            let summary = fl!(voice.words(), "entry-members-only", community = voice.community);
            bare(evening, marked(voice, evening.event, None, summary))
        }
        Sight::Whole(private) => whole(voice, evening, private, own),
    }
}

/// The date and a sentence.
fn bare(evening: &Evening<'_>, summary: String) -> Entry {
    let event = evening.event;
    Entry {
        uid: event.uid.clone(),
        dtstamp: event.updated_at,
        last_modified: event.updated_at,
        created: Some(event.created_at),
        sequence: event.sequence,
        span: event.span,
        summary,
        description: None,
        location: None,
        geo: None,
        url: None,
        categories: Vec::new(),
        status: match event.stage {
            Stage::Held | Stage::Draft => Status::Tentative,
            Stage::Published => Status::Confirmed,
            Stage::Cancelled => Status::Cancelled,
        },
        transparency: Transparency::Transparent,
        conference: None,
    }
}

fn whole(voice: &Voice<'_>, evening: &Evening<'_>, private: Private, own: Option<&Own<'_>>) -> Entry {
    let event = evening.event;
    let held = || fl!(voice.words(), "entry-held", community = voice.community);
    let title = event.title.as_ref().map_or_else(held, ToString::to_string);
    let place = sight::whereabouts(event, evening.venue, private);
    let named = evening.event.details.people().filter_map(|(_, person)| match person {
        Person::Member(id) => evening.people.get(id),
        Person::Guest { .. } | Person::Former | Person::Vacant => None,
    });
    Entry {
        // A name on the programme is corrected without the evening being touched.
        last_modified: named.map(|member| member.updated_at).fold(event.updated_at, DateTime::max),
        description: Some(description::of(voice, evening, &place, own)),
        location: location(voice, &place),
        url: address(voice, event, own),
        categories: event.format.map(|format| said(voice.lang, format)).into_iter().collect(),
        conference: match place.online {
            Online::At(link) => Some(link.as_str().to_owned()),
            Online::No | Online::Later => None,
        },
        ..bare(evening, marked(voice, event, own, title))
    }
}

fn said(lang: Lang, format: mensuel_domain::format::Format) -> String {
    say::capitalized(&say::format(lang, format))
}

/// A word in front of the title for what a glance at the calendar must show.
fn marked(voice: &Voice<'_>, event: &Event, own: Option<&Own<'_>>, title: String) -> String {
    if event.stage == Stage::Cancelled {
        return fl!(voice.words(), "entry-cancelled", title = title);
    }
    if own.is_some_and(Own::waits) {
        return fl!(voice.words(), "entry-waiting", title = title);
    }
    title
}

fn location(voice: &Voice<'_>, place: &sight::Whereabouts<'_>) -> Option<String> {
    let spot = place.address.or(place.area);
    let parts: Vec<&str> = place.venue.into_iter().chain(spot).map(|line| line.as_str()).collect();
    match place.online {
        _ if !parts.is_empty() => Some(parts.join(", ")),
        Online::Later | Online::At(_) => Some(say::capitalized(&fl!(voice.words(), "place-online"))),
        Online::No => None,
    }
}

/// The evening's page, or where it is closed to strangers the reader's own.
fn address(voice: &Voice<'_>, event: &Event, own: Option<&Own<'_>>) -> Option<String> {
    if event.members_only {
        return own.map(|own| answer_link(voice.links, own.invitation));
    }
    event.slug.as_ref().map(|slug| voice.links.event(slug))
}

/// The address where the person of an invitation answers.
pub fn answer_link(links: &Links, invitation: &Invitation) -> String {
    links.rsvp(&links.sign(answering(invitation)))
}

/// What a genuine answering link says.
pub fn answering(invitation: &Invitation) -> Claim {
    Claim { purpose: Purpose::Rsvp, id: invitation.id.uuid(), epoch: invitation.link_epoch }
}
