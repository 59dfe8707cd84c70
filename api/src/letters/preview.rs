//! The mail of an invitation that was not made: for a dry run. It is the letter that would leave,
//! with links that lead nowhere: the reader's own are for the reader alone.

use mensuel_domain::{
    event::Event,
    fact::{Detail, NoticeKind},
    id::Id,
    invitation::{Invitation, Invitee},
    lang::Lang,
    member::Member,
    text::{Email, PersonName},
};
use mensuel_infra::{
    clock,
    store::{
        StoreError, invitations,
        outbox::{Notice, Recipient, State},
    },
};

use super::{
    known::{Addressee, Known, Part, Whole},
    told, written,
};
use crate::app::App;

/// Who would read it.
#[derive(Clone, Debug)]
pub enum Reader {
    Member(Box<Member>),
    Guest { name: PersonName, email: Email },
}

impl Reader {
    pub fn name(&self) -> String {
        match self {
            Reader::Member(member) => member.name.to_string(),
            Reader::Guest { name, .. } => name.to_string(),
        }
    }

    /// Who is no member reads the language of the evening.
    pub fn language(&self, event: &Event) -> Lang {
        match self {
            Reader::Member(member) => member.language,
            Reader::Guest { .. } => event.language,
        }
    }

    fn invitee(&self) -> Invitee {
        match self {
            Reader::Member(member) => Invitee::Member(member.id),
            Reader::Guest { name, email } => Invitee::NamedGuest { name: name.clone(), email: email.clone() },
        }
    }
}

/// Subject and plain text, as they would leave now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preview {
    pub language: Lang,
    pub subject: String,
    pub text: String,
}

/// `None` when no mail would leave: the address was stopped.
pub async fn invitation(app: &App, event: Id<Event>, reader: &Reader) -> Result<Option<Preview>, StoreError> {
    let now = app.now();
    let nobody: Id<Member> = Id::new(clock::new_uuid(now));
    let invitation = Invitation {
        id: Id::new(clock::new_uuid(now)),
        event,
        guest: reader.invitee(),
        uid: invitations::new_uid(),
        link_epoch: 0,
        wave: None,
        invited_at: now,
        told_at: None,
    };
    let notice = Notice {
        id: clock::new_uuid(now),
        kind: NoticeKind::Invitation,
        event: Some(event),
        invitation: Some(invitation.id),
        recipient: Recipient::Member(nobody),
        detail: Detail::default(),
        state: State::Queued,
        why: None,
        due_at: now,
        attempts: 0,
        leased_until: None,
        last_error: None,
        uncertain: false,
        change: 0,
        created_at: now,
        finished_at: None,
        sent_to_hash: None,
    };
    let known = Known {
        notice: &notice,
        addressee: match reader {
            Reader::Member(member) => {
                Addressee::Member(Box::new(Member { id: nobody, ..(**member).clone() }))
            }
            Reader::Guest { name, email } => {
                Addressee::Guest { name: name.clone(), email: email.clone(), stopped: false }
            }
        },
        whole: Whole::load(app, event).await?,
        part: Some(Part {
            invitation,
            rsvp: None,
            changed_at: None,
            place_in_line: None,
            was_sent_entry: false,
        }),
        beside: Vec::new(),
    };
    let language = known.lang(app);
    let Some(told) = told::of(app, &known, now).await? else {
        return Ok(None);
    };
    let mail = written(app, &known, told)?;
    Ok(mail.map(|mail| Preview { language, subject: mail.outgoing.subject, text: mail.outgoing.text }))
}
