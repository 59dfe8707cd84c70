//! An evening as tests begin from it.

use std::collections::BTreeSet;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use mensuel_domain::{
    event::{AddressFor, Event, Stage},
    format::{Details, Format, Person},
    id::Id,
    invitation::{Invitation, Invitee},
    lang::Lang,
    member::{Follows, Member, Status},
    rsvp::{Answer, Channel, PlaceKind, Rsvp, Seat},
    text::{Email, Line, PersonName, Prose, Slug, Title, WebAddress},
    time::Span,
    venue::Venue,
};
use mensuel_infra::{
    keys::Keys,
    links::Links,
    mail::{
        inbound::{Addresses, Inbox, Limits},
        verp::Verp,
    },
};
use uuid::Uuid;

pub(crate) fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn line(text: &str) -> Line {
    Line::parse(text).unwrap()
}

/// Published on 2026-12-01, with a venue and a link.
pub(crate) fn event() -> Event {
    Event {
        id: Id::new(Uuid::from_u128(1)),
        uid: "aaaa0000".to_owned(),
        occurrence: None,
        stage: Stage::Published,
        slug: Some(Slug::kept("2027-01-14-sortir-d-un-monolithe")),
        format: Some(Format::Retex),
        title: Some(Title::parse("Sortir d'un monolithe").unwrap()),
        summary: Some(Prose::parse("Une équipe, **trois** tentatives.").unwrap()),
        language: Lang::Fr,
        span: Span::new(
            "2027-01-14T19:00:00".parse().unwrap(),
            "2027-01-14T21:30:00".parse().unwrap(),
            Tz::Europe__Paris,
        )
        .unwrap(),
        venue: Some(venue().id),
        online_url: Some(WebAddress::parse("https://visio.lyon.example/salle").unwrap()),
        capacity: Some(12),
        max_guests: 0,
        opens_at: None,
        deadline: None,
        members_only: false,
        address_for: AddressFor::Confirmed,
        details: Details { speakers: vec![Person::Member(member().id)], ..Details::default() },
        own: BTreeSet::new(),
        cancellation_reason: None,
        followers_asked: true,
        wave_plan: None,
        sequence: 3,
        revision: 5,
        published_at: Some(utc("2026-12-01T08:00:00Z")),
        moved_sequence: 0,
        start_set_at: utc("2026-11-01T08:00:00Z"),
        cancelled_at: None,
        created_at: utc("2026-11-01T08:00:00Z"),
        updated_at: utc("2026-12-01T08:00:00Z"),
    }
}

pub(crate) fn venue() -> Venue {
    Venue {
        id: Id::new(Uuid::from_u128(2)),
        name: line("Confluence Data"),
        area: Some(line("69002 Lyon")),
        address: Some(line("12 quai Rambaud, 69002 Lyon")),
        access_notes: Some(Prose::parse("Interphone *Confluence*").unwrap()),
    }
}

pub(crate) fn member() -> Member {
    Member {
        id: Id::new(Uuid::from_u128(3)),
        name: PersonName::parse("Mathilde Lemoine").unwrap(),
        emails: Vec::new(),
        language: Lang::Fr,
        company: None,
        job_title: None,
        member_since: None,
        status: Status::Active,
        paused_until: None,
        follows: Follows::All,
        wants_invitations: true,
        wants_nudges: true,
        wants_news: true,
        reminders: Default::default(),
        roles: BTreeSet::new(),
        preferences_epoch: 0,
        feed_epoch: 0,
        revision: 1,
        created_at: utc("2026-11-01T08:00:00Z"),
        updated_at: utc("2026-11-01T08:00:00Z"),
    }
}

pub(crate) fn invitation() -> Invitation {
    Invitation {
        id: Id::new(Uuid::from_u128(4)),
        event: event().id,
        guest: Invitee::Member(Id::new(Uuid::from_u128(5))),
        uid: "bbbb0000".to_owned(),
        link_epoch: 0,
        wave: None,
        invited_at: utc("2026-12-01T08:00:00Z"),
        told_at: None,
    }
}

pub(crate) fn rsvp(answer: Answer, seat: Seat) -> Rsvp {
    Rsvp {
        invitation: invitation().id,
        event: event().id,
        member: invitation().guest.member(),
        answer,
        guests: 0,
        guest_names: Vec::new(),
        seat,
        number: None,
        place: PlaceKind::InPerson,
        channel: Channel::Link,
        answered_at: utc("2026-12-02T08:00:00Z"),
        before_move: false,
        offer_until: None,
        let_pass: false,
    }
}

pub(crate) fn inbox() -> Inbox {
    Inbox {
        addresses: Addresses::new(&Email::parse("bonjour@lyon.example").unwrap(), '+', Verp::new(keys())),
        authserv_id: None,
        limits: Limits::default(),
    }
}

fn keys() -> Keys {
    Keys::parse(&format!("1:{}", STANDARD.encode([7; 32])).into()).unwrap()
}

pub(crate) fn links() -> Links {
    Links::new(keys(), "https://soirees.lyon.example/".parse().unwrap())
}
