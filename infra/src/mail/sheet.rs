//! A mail in words, before it becomes text or HTML: both show the same, in the same order.

mod facts;
mod head;
mod inbound;
mod told;

use facts::{Depth, depth, facts};
use head::head;
use i18n_embed_fl::fl;
use mensuel_domain::{format::Format, lang::Lang};
use told::told;

use super::letter::{About, Evening, Kind, Letter, LinkedEvening, Links, Refused, Standing, Why};
use crate::{i18n::words, say};

pub(super) struct Sheet {
    pub lang: Lang,
    pub community: String,
    pub subject: String,
    pub head: Option<Head>,
    pub greeting: String,
    /// What happened, each a sentence or two.
    pub lead: Vec<String>,
    /// The first of `lead` is news to somebody who knows the evening already.
    pub news: bool,
    /// Markdown source, in the language of the organizers.
    pub summary: Option<String>,
    pub written_in: Lang,
    pub facts: Vec<Fact>,
    /// Who comes must know them; who is asked reads them after the buttons.
    pub facts_first: bool,
    pub ask: Option<Ask>,
    /// The stored answer in words.
    pub stored: Option<String>,
    pub entries: Vec<Entry>,
    pub feed: Option<FeedBlock>,
    pub page: Option<Link>,
    pub foot: Vec<String>,
    pub foot_links: Vec<Link>,
}

/// Date, place, and what it is.
pub(super) struct Head {
    pub when: String,
    /// It will not take place: date and place are struck out.
    pub off: bool,
    pub places: Vec<String>,
    pub join: Option<Link>,
    /// Lines that held before a move.
    pub before: Vec<String>,
    pub format: Format,
    pub kicker: String,
    pub title: String,
    pub people: Vec<String>,
}

pub(super) struct Fact {
    pub label: String,
    pub body: Body,
}

pub(super) enum Body {
    Line(String),
    /// Markdown source.
    Prose(String),
    List(Vec<String>),
    /// Somebody else's words, line by line, as they are.
    Quote(Vec<String>),
}

pub(super) struct Ask {
    pub question: Option<String>,
    pub buttons: Vec<Button>,
    pub hint: String,
}

pub(super) struct Button {
    pub label: String,
    pub url: String,
    pub strong: bool,
}

pub(super) struct Link {
    pub label: String,
    pub url: String,
}

pub(super) struct Entry {
    pub when: String,
    pub title: String,
    pub stored: String,
    pub link: Link,
}

pub(super) struct FeedBlock {
    pub title: String,
    pub how: String,
    pub links: Vec<Link>,
}

pub(super) fn of(letter: &Letter) -> Sheet {
    match &letter.about {
        About::Evening(evening, kind) => evening_sheet(letter, evening, kind),
        About::Links(links) => links_sheet(letter, links),
        About::Inbound(mail) => inbound::sheet(letter, mail),
        About::Refused(refused) => refused_sheet(letter, refused),
    }
}

/// "Label : value", "Label: value".
pub(super) fn labelled(lang: Lang, label: &str, value: &str) -> String {
    match lang {
        Lang::Fr => format!("{label}\u{a0}: {value}"),
        Lang::En => format!("{label}: {value}"),
    }
}

fn evening_sheet(letter: &Letter, evening: &Evening, kind: &Kind) -> Sheet {
    let lang = letter.lang;
    let depth = depth(kind, evening.standing);
    let ask = evening.rsvp.as_deref().and_then(|rsvp| ask(lang, rsvp, evening.standing, kind));
    Sheet {
        lang,
        community: letter.community.clone(),
        subject: subject(lang, evening, kind),
        head: Some(head(lang, evening, kind)),
        greeting: greeting(letter),
        lead: told(letter, evening, kind),
        news: !matches!(kind, Kind::Invitation { .. }),
        summary: evening.summary.clone().filter(|_| depth == Depth::Whole),
        written_in: evening.language,
        facts: facts(lang, evening, depth),
        facts_first: depth == Depth::Practical,
        stored: stored_line(lang, evening, kind),
        entries: Vec::new(),
        feed: None,
        page: evening.page.clone().map(|url| Link { label: fl!(words(lang), "see-evening"), url }),
        foot: foot(letter, ask.is_some()),
        ask,
        foot_links: foot_links(letter),
    }
}

fn links_sheet(letter: &Letter, links: &Links) -> Sheet {
    let lang = letter.lang;
    let lead = match links.evenings.is_empty() {
        true => fl!(words(lang), "links-none"),
        false => fl!(words(lang), "links-lead"),
    };
    Sheet {
        lang,
        community: letter.community.clone(),
        subject: fl!(words(lang), "subject-links", community = letter.community.as_str()),
        head: None,
        greeting: greeting(letter),
        lead: vec![lead],
        news: false,
        summary: None,
        written_in: lang,
        facts: Vec::new(),
        facts_first: false,
        ask: None,
        stored: None,
        entries: links.evenings.iter().map(|evening| entry(lang, evening)).collect(),
        feed: links.feed.as_ref().map(|feed| FeedBlock {
            title: fl!(words(lang), "links-feed"),
            how: fl!(words(lang), "links-feed-how"),
            links: vec![
                Link { label: fl!(words(lang), "links-feed-https"), url: feed.https.clone() },
                Link { label: fl!(words(lang), "links-feed-webcal"), url: feed.webcal.clone() },
            ],
        }),
        page: None,
        foot: foot(letter, true),
        foot_links: foot_links(letter),
    }
}

fn refused_sheet(letter: &Letter, refused: &Refused) -> Sheet {
    let (lang, w) = (letter.lang, words(letter.lang));
    let (day, hour) = (say::day_long(lang, refused.since.date()), say::hour(lang, refused.since.time()));
    Sheet {
        lang,
        community: letter.community.clone(),
        subject: fl!(w, "subject-refused", community = letter.community.as_str()),
        head: None,
        greeting: greeting(letter),
        lead: vec![
            fl!(w, "refused", day = day, hour = hour),
            refused.reason.clone(),
            fl!(w, "refused-kept"),
            fl!(w, "refused-next"),
        ],
        news: false,
        summary: None,
        written_in: lang,
        facts: Vec::new(),
        facts_first: false,
        ask: None,
        stored: None,
        entries: Vec::new(),
        feed: None,
        page: None,
        foot: foot(letter, false),
        foot_links: foot_links(letter),
    }
}

fn greeting(letter: &Letter) -> String {
    fl!(words(letter.lang), "greeting", name = letter.reader.as_str())
}

fn entry(lang: Lang, evening: &LinkedEvening) -> Entry {
    Entry {
        when: say::capitalized(&say::span_long(lang, &evening.span)),
        title: evening.title.clone(),
        stored: fl!(words(lang), "stored", answer = stored(lang, evening.standing)),
        link: Link { label: fl!(words(lang), "answer-open"), url: evening.rsvp.clone() },
    }
}

/// What happened, the day as it is now, and the title, which is what all subjects of an evening end
/// with. Never the year: it would come and go at New Year.
fn subject(lang: Lang, evening: &Evening, kind: &Kind) -> String {
    let day = say::day(lang, evening.span.date());
    let stem = fl!(words(lang), "subject", day = day, title = evening.title.as_str());
    let w = words(lang);
    match kind {
        Kind::Invitation { .. } => stem,
        Kind::Confirmation => match evening.standing {
            Standing::Seated { .. } | Standing::Programme { .. } => fl!(w, "subject-seated", stem = stem),
            Standing::Waiting { .. } => fl!(w, "subject-waitlisted", stem = stem),
            Standing::Offered { .. } => fl!(w, "subject-offered", stem = stem),
            Standing::Maybe | Standing::Silent => fl!(w, "subject-maybe", stem = stem),
            Standing::No => fl!(w, "subject-no", stem = stem),
        },
        Kind::Waitlisted { .. } => fl!(w, "subject-waitlisted", stem = stem),
        Kind::Promoted => fl!(w, "subject-promoted", stem = stem),
        Kind::Offered => fl!(w, "subject-offered", stem = stem),
        Kind::OfferExpired => fl!(w, "subject-offer-expired", stem = stem),
        Kind::Reminder { .. } => fl!(w, "subject-reminder", stem = stem),
        Kind::Moved { span: Some(_), .. } => fl!(w, "subject-moved", stem = stem),
        Kind::Moved { span: None, .. } => fl!(w, "subject-moved-place", stem = stem),
        Kind::Cancelled { .. } => fl!(w, "subject-cancelled", stem = stem),
        Kind::NotTaken { .. } => fl!(w, "subject-not-taken", stem = stem),
        Kind::Vacant { .. } => fl!(w, "subject-vacant", stem = stem),
        Kind::SaidNo { .. } => fl!(w, "subject-said-no", stem = stem),
    }
}

fn ask(lang: Lang, rsvp: &str, standing: Standing, kind: &Kind) -> Option<Ask> {
    let w = words(lang);
    let coming = match standing {
        Standing::Seated { .. } | Standing::Programme { .. } | Standing::Waiting { .. } => true,
        Standing::Silent | Standing::Offered { .. } | Standing::Maybe | Standing::No => false,
    };
    let hint = fl!(w, "answer-how");
    if let Standing::Offered { .. } = standing
        && !matches!(kind, Kind::Cancelled { .. } | Kind::Vacant { .. } | Kind::SaidNo { .. })
    {
        return Some(Ask { question: None, buttons: takes(lang, rsvp), hint });
    }
    match kind {
        Kind::Moved { .. } => {
            let question = if coming { fl!(w, "ask-moved") } else { fl!(w, "ask") };
            Some(Ask { question: Some(question), buttons: answers(lang, rsvp), hint })
        }
        Kind::Invitation { .. } | Kind::Reminder { .. } if !coming => {
            Some(Ask { question: Some(fl!(w, "ask")), buttons: answers(lang, rsvp), hint })
        }
        Kind::Invitation { .. }
        | Kind::Confirmation
        | Kind::Waitlisted { .. }
        | Kind::Promoted
        | Kind::Offered
        | Kind::OfferExpired
        | Kind::NotTaken { .. }
        | Kind::Reminder { .. } => Some(Ask { question: None, buttons: changes(lang, rsvp, coming), hint }),
        Kind::Cancelled { .. } | Kind::Vacant { .. } | Kind::SaidNo { .. } => None,
    }
}

/// The three answers: each link only chooses in advance.
fn answers(lang: Lang, rsvp: &str) -> Vec<Button> {
    let w = words(lang);
    let button = |label, answer, strong| Button { label, url: format!("{rsvp}?a={answer}"), strong };
    vec![
        button(fl!(w, "answer-yes"), "yes", true),
        button(fl!(w, "answer-maybe"), "maybe", false),
        button(fl!(w, "answer-no"), "no", false),
    ]
}

/// To take what is offered, or to let it go.
fn takes(lang: Lang, rsvp: &str) -> Vec<Button> {
    let w = words(lang);
    let take = Button { label: fl!(w, "answer-take"), url: format!("{rsvp}?a=yes"), strong: true };
    let leave = Button { label: fl!(w, "answer-leave"), url: format!("{rsvp}?a=no"), strong: false };
    vec![take, leave]
}

fn changes(lang: Lang, rsvp: &str, coming: bool) -> Vec<Button> {
    let w = words(lang);
    let change = Button { label: fl!(w, "answer-change"), url: rsvp.to_owned(), strong: true };
    let leave = Button { label: fl!(w, "answer-not-anymore"), url: format!("{rsvp}?a=no"), strong: false };
    if coming { vec![change, leave] } else { vec![change] }
}

/// Mails that ask or confirm end with what is stored; the others have said it or do not need it.
fn stored_line(lang: Lang, evening: &Evening, kind: &Kind) -> Option<String> {
    evening.rsvp.as_ref()?;
    match kind {
        Kind::Invitation { .. }
        | Kind::Confirmation
        | Kind::Waitlisted { .. }
        | Kind::Promoted
        | Kind::Offered
        | Kind::OfferExpired
        | Kind::Reminder { .. }
        | Kind::NotTaken { .. }
        | Kind::Moved { .. } => Some(fl!(words(lang), "stored", answer = stored(lang, evening.standing))),
        Kind::Cancelled { .. } | Kind::Vacant { .. } | Kind::SaidNo { .. } => None,
    }
}

fn stored(lang: Lang, standing: Standing) -> String {
    let w = words(lang);
    match standing {
        Standing::Silent => fl!(w, "stored-none"),
        Standing::Seated { guests } | Standing::Programme { guests } => {
            match say::with_guests(lang, guests) {
                Some(guests) => fl!(w, "stored-yes-guests", guests = guests),
                None => fl!(w, "stored-yes"),
            }
        }
        Standing::Waiting { place, .. } => fl!(w, "stored-waiting", place = say::place_in_line(lang, place)),
        Standing::Offered { until, .. } => fl!(w, "stored-offered", until = say::moment(lang, until)),
        Standing::Maybe => fl!(w, "stored-maybe"),
        Standing::No => fl!(w, "stored-no"),
    }
}

fn foot(letter: &Letter, personal: bool) -> Vec<String> {
    let w = words(letter.lang);
    let community = letter.community.as_str();
    let why = match letter.why {
        Why::Member => fl!(w, "why-member", community = community),
        Why::Programme => fl!(w, "why-programme", community = community),
        Why::Organizer => fl!(w, "why-organizer", community = community),
        Why::Asked => fl!(w, "why-asked"),
    };
    let mut foot = vec![why];
    if personal {
        foot.push(fl!(w, "personal"));
    }
    foot
}

fn foot_links(letter: &Letter) -> Vec<Link> {
    let w = words(letter.lang);
    let preferences = letter.preferences.clone().map(|url| Link { label: fl!(w, "preferences"), url });
    let lost = letter.lost_link.clone().map(|url| Link { label: fl!(w, "lost-link"), url });
    preferences.into_iter().chain(lost).collect()
}
