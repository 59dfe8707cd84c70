//! Everything that a letter, and the decision to send it, follow from.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use mensuel_domain::{
    delivery::{Circumstances, Evening as Due, Person as About},
    event::Event,
    fact::NoticeKind,
    format::Person,
    id::Id,
    invitation::{Invitation, Invitee},
    lang::Lang,
    member::{Member, Status},
    reminder::Times,
    rsvp::Rsvp,
    text::{Email, PersonName},
    venue::Venue,
};
use mensuel_infra::store::{
    StoreError, events, invitations, members,
    outbox::{self, Notice, Recipient, State},
    rsvps, venues, waitlist,
};

use uuid::Uuid;

use super::fallback_lang;
use crate::{app::App, entries, sight};

/// Who reads it.
pub(super) enum Addressee {
    Member(Box<Member>),
    Guest {
        name: PersonName,
        email: Email,
        /// A mail to them came back for good.
        stopped: bool,
    },
    /// Erased since.
    Nobody,
}

impl Addressee {
    /// The name, and the address that mail goes to.
    pub(super) fn mailbox(&self) -> Option<(String, Email)> {
        match self {
            Addressee::Member(member) => {
                let address = member.primary_email().filter(|address| address.stopped.is_none())?;
                Some((member.name.to_string(), address.email.clone()))
            }
            Addressee::Guest { stopped: true, .. } => None,
            Addressee::Guest { name, email, stopped: false } => Some((name.to_string(), email.clone())),
            Addressee::Nobody => None,
        }
    }
}

/// An evening with the rows that its letters tell of.
pub(super) struct Whole {
    pub event: Event,
    pub venue: Option<Venue>,
    pub people: BTreeMap<Id<Member>, Member>,
}

impl Whole {
    pub(super) async fn load(app: &App, id: Id<Event>) -> Result<Option<Self>, StoreError> {
        let db = app.store.read();
        let Some(event) = events::find(db, id).await? else {
            return Ok(None);
        };
        let venue = match event.venue {
            Some(venue) => venues::find(db, venue).await?.map(|kept| kept.venue),
            None => None,
        };
        let member = |person: &Person| match person {
            Person::Member(id) => Some(*id),
            Person::Guest { .. } | Person::Former | Person::Vacant => None,
        };
        let ids: Vec<Id<Member>> = event.details.people().filter_map(|(_, person)| member(person)).collect();
        let people = members::find_many(db, ids).await?;
        Ok(Some(Self { event, venue, people }))
    }

    pub(super) fn evening(&self) -> entries::Evening<'_> {
        entries::Evening { event: &self.event, venue: self.venue.as_ref(), people: &self.people }
    }
}

/// The reader's own part in the evening.
pub(super) struct Part {
    pub invitation: Invitation,
    pub rsvp: Option<Rsvp>,
    pub changed_at: Option<DateTime<Utc>>,
    pub place_in_line: Option<u32>,
    /// They have an entry of it in their calendar.
    pub was_sent_entry: bool,
}

impl Part {
    async fn load(app: &App, id: Id<Invitation>, now: DateTime<Utc>) -> Result<Option<Self>, StoreError> {
        let db = app.store.read();
        let Some(invitation) = invitations::find(db, id).await? else {
            return Ok(None);
        };
        let rsvp = rsvps::find(db, id).await?;
        let place_in_line = match &rsvp {
            Some(rsvp) => waitlist::place(db, rsvp, now).await?,
            None => None,
        };
        Ok(Some(Self {
            changed_at: rsvps::changed(db, id).await?,
            was_sent_entry: invitations::was_sent_entry(db, id).await?,
            invitation,
            rsvp,
            place_in_line,
        }))
    }

    pub(super) fn own(&self) -> entries::Own<'_> {
        entries::Own { invitation: &self.invitation, rsvp: self.rsvp.as_ref(), changed_at: self.changed_at }
    }
}

pub(super) struct Known<'a> {
    pub notice: &'a Notice,
    pub addressee: Addressee,
    pub whole: Option<Whole>,
    pub part: Option<Part>,
    /// What else was ever written for the same person and evening, in order.
    pub beside: Vec<Notice>,
}

impl<'a> Known<'a> {
    pub(super) async fn load(app: &App, notice: &'a Notice, now: DateTime<Utc>) -> Result<Self, StoreError> {
        let db = app.store.read();
        let own = notice.invitation.filter(|_| !notice.kind.is_for_organizers());
        let part = match own {
            Some(id) => Part::load(app, id, now).await?,
            None => None,
        };
        let addressee = match notice.recipient {
            Recipient::Member(id) => match members::find(db, id).await? {
                Some(member) => {
                    Addressee::Member(Box::new(Member { status: member.status_at(now), ..member }))
                }
                None => Addressee::Nobody,
            },
            Recipient::NamedGuest(id) => match part.as_ref().map(|part| &part.invitation.guest) {
                Some(Invitee::NamedGuest { name, email }) => Addressee::Guest {
                    name: name.clone(),
                    email: email.clone(),
                    stopped: invitations::is_guest_stopped(db, id).await?,
                },
                Some(Invitee::Member(_)) | None => Addressee::Nobody,
            },
        };
        let whole = match notice.event {
            Some(id) => Whole::load(app, id).await?,
            None => None,
        };
        Ok(Self { notice, addressee, whole, part, beside: outbox::beside(db, notice).await? })
    }

    pub(super) fn event(&self) -> Option<&Event> {
        self.whole.as_ref().map(|whole| &whole.event)
    }

    pub(super) fn member(&self) -> Option<&Member> {
        match &self.addressee {
            Addressee::Member(member) => Some(member),
            Addressee::Guest { .. } | Addressee::Nobody => None,
        }
    }

    pub(super) fn lang(&self, app: &App) -> Lang {
        self.member().map_or_else(|| fallback_lang(app, self), |member| member.language)
    }

    pub(super) fn role(&self) -> Option<mensuel_domain::format::Role> {
        sight::role_of(self.event()?, &self.part.as_ref()?.invitation.guest)
    }

    pub(super) fn reader(&self) -> sight::Reader {
        match (self.event(), &self.part) {
            (Some(event), Some(part)) => {
                sight::Reader::invited(event, &part.invitation.guest, part.rsvp.as_ref())
            }
            (_, None) if self.notice.kind.is_for_organizers() => sight::Reader::Organizer,
            (None, _) | (_, None) => sight::Reader::Member,
        }
    }

    /// The order in which they were written; of one commit, any order that is always the same.
    fn comes_before(one: &Notice, other: &Notice) -> bool {
        (one.change, one.id) < (other.change, other.id)
    }

    pub(super) fn earlier(&self) -> impl Iterator<Item = &Notice> {
        self.beside.iter().filter(|row| Self::comes_before(row, self.notice))
    }

    pub(super) fn later(&self) -> impl Iterator<Item = &Notice> {
        self.beside.iter().filter(|row| Self::comes_before(self.notice, row))
    }

    fn waiting(&self, earlier: bool) -> Vec<NoticeKind> {
        let queued = self.beside.iter().filter(|row| row.state == State::Queued);
        queued.filter(|row| Self::comes_before(row, self.notice) == earlier).map(|row| row.kind).collect()
    }

    /// Another process is sending an earlier one at this moment.
    pub(super) fn is_preceded(&self, now: DateTime<Utc>, ours: &[Uuid]) -> bool {
        self.earlier().any(|row| {
            let leased = row.leased_until.is_some_and(|until| now < until);
            row.state == State::Queued && leased && !ours.contains(&row.id)
        })
    }

    /// `None` when there is nobody to tell.
    pub(super) fn circumstances(&self, now: DateTime<Utc>) -> Option<Circumstances> {
        let person = self.person()?;
        let evening = self.event().map(|event| Due {
            stage: event.stage,
            starts_at: event.span.starts_at,
            ends_at: event.span.ends_at,
            closed: event.is_closed(now),
            reminded_start: self.notice.detail.starts_at,
            reminded_days: self.notice.detail.days,
            first_reminder: self.is_first_reminder(),
        });
        let rsvp = self.part.as_ref().and_then(|part| part.rsvp.as_ref());
        Some(Circumstances {
            now,
            evening,
            person,
            answer: rsvp.map(|rsvp| (rsvp.answer, rsvp.seat)),
            answered_since: rsvp.is_some_and(|rsvp| rsvp.answered_at > self.notice.created_at),
            told: self.part.as_ref().is_some_and(|part| part.invitation.told_at.is_some()),
            later: self.waiting(false),
            earlier: self.waiting(true),
        })
    }

    fn person(&self) -> Option<About> {
        let on_programme = self.role().is_some();
        match &self.addressee {
            Addressee::Member(member) => {
                // Who was an organizer then and is none now is not told of others.
                let may_read = !self.notice.kind.is_for_organizers() || member.is_organizer();
                may_read.then(|| About {
                    status: member.status,
                    wants_invitations: member.wants_invitations,
                    wants_nudges: member.wants_nudges,
                    reminders: member.reminders,
                    on_programme,
                    address_stopped: self.addressee.mailbox().is_none(),
                })
            }
            Addressee::Guest { .. } => Some(About {
                status: Status::Active,
                // They are written to for what they do on this evening, and for nothing else.
                wants_invitations: false,
                wants_nudges: false,
                reminders: Times::DEFAULT,
                on_programme,
                address_stopped: self.addressee.mailbox().is_none(),
            }),
            Addressee::Nobody => None,
        }
    }

    /// Of those written to this person for this start.
    fn is_first_reminder(&self) -> bool {
        let same = |row: &Notice| {
            row.kind == NoticeKind::Reminder && row.detail.starts_at == self.notice.detail.starts_at
        };
        same(self.notice) && !self.earlier().any(same)
    }
}
