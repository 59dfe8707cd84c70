//! What a mail is about, and the subject, text and HTML that say it.

use chrono::NaiveDateTime;
use mensuel_domain::{
    format::{Details, Format, Role},
    inbound::Reason,
    lang::Lang,
    rsvp::Prospect,
    time::Span,
};

use super::{html, plain, sheet};

/// Everything that a mail shows. Whoever fills it in decides what this reader may see: an address
/// or a link that is here is shown.
#[derive(Clone, Debug)]
pub struct Letter {
    /// The reader's language; what organizers wrote stays in theirs.
    pub lang: Lang,
    pub community: String,
    /// The reader's name.
    pub reader: String,
    pub why: Why,
    /// The page of mail preferences, which also unsubscribes.
    pub preferences: Option<String>,
    /// The page that mails links again.
    pub lost_link: Option<String>,
    pub about: About,
}

/// Why this reader gets it: the first line at the foot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    Member,
    /// On the programme without being a member.
    Programme,
    Organizer,
    /// The links were asked for with this address.
    Asked,
}

#[derive(Clone, Debug)]
pub enum About {
    Evening(Box<Evening>, Kind),
    Links(Links),
    Inbound(Box<CameIn>),
    /// To organizers: the relay refused us.
    Refused(Refused),
}

/// That the relay refused us, since when, and what it said.
#[derive(Clone, Debug)]
pub struct Refused {
    /// In the community's zone.
    pub since: NaiveDateTime,
    /// In the organizers' words, with the relay's own.
    pub reason: String,
}

/// One evening as this reader may see it.
#[derive(Clone, Debug)]
pub struct Evening {
    pub title: String,
    pub format: Format,
    /// The language of what the organizers wrote.
    pub language: Lang,
    pub span: Span,
    pub place: Place,
    /// Markdown source.
    pub summary: Option<String>,
    /// The people in it are not shown: their names are in `people`.
    pub details: Details,
    pub people: Vec<OnStage>,
    /// The evening's page.
    pub page: Option<String>,
    /// The reader's answering link, without a query.
    pub rsvp: Option<String>,
    /// What is stored of the reader.
    pub standing: Standing,
    /// How somebody who waits may still get a seat.
    pub prospect: Prospect,
}

#[derive(Clone, Debug, Default)]
pub struct Place {
    pub venue: Option<String>,
    /// Postcode and town.
    pub area: Option<String>,
    /// Only for those who may see it.
    pub address: Option<String>,
    /// Only for those who may see it. Markdown source.
    pub access: Option<String>,
    pub online: Option<Online>,
    /// There is an address or a link, and this reader gets it once confirmed.
    pub later: bool,
}

#[derive(Clone, Debug)]
pub enum Online {
    Hidden,
    Link(String),
}

#[derive(Clone, Debug)]
pub struct OnStage {
    pub role: Role,
    pub who: Who,
}

#[derive(Clone, Debug)]
pub enum Who {
    Named(String),
    Former,
    Vacant,
}

/// The reader's stored answer and what came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Silent,
    Seated {
        guests: u32,
    },
    /// Yes, and on the programme.
    Programme {
        guests: u32,
    },
    /// The place in line, from 1.
    Waiting {
        place: u32,
        guests: u32,
    },
    /// A seat is held for them until then, on the wall of the evening's zone.
    Offered {
        until: NaiveDateTime,
        guests: u32,
    },
    Maybe,
    No,
}

/// What a mail about an evening tells.
#[derive(Clone, Debug)]
pub enum Kind {
    /// To a member, or to somebody of the programme with their role.
    Invitation {
        role: Option<Role>,
    },
    /// The answer that was just given; it is the evening's `standing`.
    Confirmation,
    /// A yes that waits. `by_calendar` when it was given there and the attached entry corrects it.
    Waitlisted {
        by_calendar: bool,
    },
    Promoted,
    /// A seat is held for a while, which the `standing` tells.
    Offered,
    /// Nobody answered the offer; they wait at the end of the line.
    OfferExpired,
    /// Days until the evening. What it says follows from the `standing`: a nudge to maybe and silence.
    Reminder {
        days: u32,
    },
    /// What was before, as far as it changed.
    Moved {
        span: Option<Span>,
        place: Option<Place>,
    },
    Cancelled {
        reason: Option<String>,
    },
    /// What a calendar answered was not recorded.
    NotTaken {
        why: Reason,
    },
    /// To organizers: the last person of a role left.
    Vacant {
        role: Role,
    },
    /// To organizers: somebody on the programme said no.
    SaidNo {
        name: String,
        role: Role,
    },
}

/// To organizers: a mail that came in.
#[derive(Clone, Debug)]
pub struct CameIn {
    pub why: Reason,
    /// An organizer may take it as the answer of `about`.
    pub may_be_taken: bool,
    pub from: Option<String>,
    pub subject: Option<String>,
    /// What was written, plain text of a stranger.
    pub words: Option<String>,
    /// The member it concerns.
    pub about: Option<String>,
    pub evening: Option<(String, Span)>,
}

/// The answer to a lost link.
#[derive(Clone, Debug)]
pub struct Links {
    pub evenings: Vec<LinkedEvening>,
    pub feed: Option<Feed>,
}

#[derive(Clone, Debug)]
pub struct LinkedEvening {
    pub title: String,
    pub span: Span,
    pub standing: Standing,
    pub rsvp: String,
}

/// The two addresses of one private calendar.
#[derive(Clone, Debug)]
pub struct Feed {
    pub https: String,
    pub webcal: String,
}

/// A mail ready to be put into a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Composed {
    pub subject: String,
    /// Lines end with `\n`.
    pub text: String,
    pub html: String,
}

/// Writes a letter. Every link in it comes from the letter.
pub fn compose(letter: &Letter) -> Composed {
    let sheet = sheet::of(letter);
    Composed { text: plain::render(&sheet), html: html::render(&sheet), subject: sheet.subject }
}
