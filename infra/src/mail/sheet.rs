//! A mail in words, before it becomes text or HTML: both show the same, in the same order.

use i18n_embed_fl::fl;
use mensuel_domain::{
    format::{Format, Role, open_discussion},
    lang::Lang,
};

use super::letter::{
    About, Evening, Kind, Letter, LinkedEvening, Links, OnStage, Online, Place, Standing, Who, Why,
};
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

/// The stem never says the year: it would change at New Year, and the thread with it.
fn subject(lang: Lang, evening: &Evening, kind: &Kind) -> String {
    let day = say::day(lang, evening.span.date());
    let stem = fl!(words(lang), "subject", day = day, title = evening.title.as_str());
    let w = words(lang);
    match kind {
        Kind::Invitation { .. } => stem,
        Kind::Confirmation => match evening.standing {
            Standing::Seated { .. } | Standing::Programme { .. } => fl!(w, "subject-seated", stem = stem),
            Standing::Waiting { .. } => fl!(w, "subject-waitlisted", stem = stem),
            Standing::Maybe | Standing::Silent => fl!(w, "subject-maybe", stem = stem),
            Standing::No => fl!(w, "subject-no", stem = stem),
        },
        Kind::Waitlisted { .. } => fl!(w, "subject-waitlisted", stem = stem),
        Kind::Promoted => fl!(w, "subject-promoted", stem = stem),
        Kind::Reminder { .. } => fl!(w, "subject-reminder", stem = stem),
        Kind::Moved { span: Some(_), .. } => fl!(w, "subject-moved", stem = stem),
        Kind::Moved { span: None, .. } => fl!(w, "subject-moved-place", stem = stem),
        Kind::Cancelled { .. } => fl!(w, "subject-cancelled", stem = stem),
        Kind::Vacant { .. } => fl!(w, "subject-vacant", stem = stem),
        Kind::SaidNo { .. } => fl!(w, "subject-said-no", stem = stem),
    }
}

fn head(lang: Lang, evening: &Evening, kind: &Kind) -> Head {
    let before = match kind {
        Kind::Moved { span, place } => before(lang, span.as_ref(), place.as_ref()),
        _ => Vec::new(),
    };
    let join = match &evening.place.online {
        Some(Online::Link(url)) => Some(Link { label: fl!(words(lang), "join-online"), url: url.clone() }),
        Some(Online::Hidden) | None => None,
    };
    Head {
        when: say::capitalized(&say::span_long(lang, &evening.span)),
        off: matches!(kind, Kind::Cancelled { .. }),
        places: places(lang, &evening.place, evening.place.later && may_come(kind)),
        join,
        before,
        format: evening.format,
        kicker: say::capitalized(&say::format(lang, evening.format)),
        title: evening.title.clone(),
        people: people(lang, &evening.people),
    }
}

fn before(lang: Lang, span: Option<&mensuel_domain::time::Span>, place: Option<&Place>) -> Vec<String> {
    let span = span.map(|span| say::span_long(lang, span));
    let place = place.map(|place| where_line(lang, place));
    let said = span.into_iter().chain(place);
    said.map(|what| labelled(lang, &fl!(words(lang), "before"), &what)).collect()
}

/// Whether this mail is to somebody who may come.
fn may_come(kind: &Kind) -> bool {
    match kind {
        Kind::Cancelled { .. } | Kind::Vacant { .. } | Kind::SaidNo { .. } => false,
        Kind::Invitation { .. }
        | Kind::Confirmation
        | Kind::Waitlisted { .. }
        | Kind::Promoted
        | Kind::Reminder { .. }
        | Kind::Moved { .. } => true,
    }
}

fn places(lang: Lang, place: &Place, later: bool) -> Vec<String> {
    let mut lines = vec![say::capitalized(&where_line(lang, place))];
    if later {
        lines.push(fl!(words(lang), "where-later"));
    }
    lines
}

fn where_line(lang: Lang, place: &Place) -> String {
    let spot = place.address.as_deref().or(place.area.as_deref());
    let mut parts: Vec<&str> = place.venue.as_deref().into_iter().chain(spot).collect();
    let online = fl!(words(lang), "where-online");
    if place.online.is_some() {
        parts.push(&online);
    }
    if parts.is_empty() {
        return fl!(words(lang), "where-none");
    }
    parts.join(", ")
}

/// One line for each role, in the order of the programme.
fn people(lang: Lang, people: &[OnStage]) -> Vec<String> {
    let mut lines: Vec<(Role, Vec<String>)> = Vec::new();
    for person in people {
        let name = match &person.who {
            Who::Named(name) => name.clone(),
            Who::Former => fl!(words(lang), "former-member"),
            Who::Vacant => fl!(words(lang), "to-announce"),
        };
        match lines.iter_mut().find(|(role, _)| *role == person.role) {
            Some((_, names)) => names.push(name),
            None => lines.push((person.role, vec![name])),
        }
    }
    let said = |(role, names): (Role, Vec<String>)| {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        labelled(lang, &say::capitalized(&say::role(lang, role)), &say::list(lang, &names))
    };
    lines.into_iter().map(said).collect()
}

/// How much of the evening is told again.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Depth {
    /// Why to come, and everything.
    Whole,
    /// What somebody who comes must know.
    Practical,
    Bare,
}

fn depth(kind: &Kind, standing: Standing) -> Depth {
    let asked = matches!(standing, Standing::Silent | Standing::Maybe);
    match kind {
        Kind::Invitation { .. } => Depth::Whole,
        Kind::Reminder { .. } | Kind::Moved { .. } if asked => Depth::Whole,
        Kind::Confirmation | Kind::Promoted | Kind::Reminder { .. } | Kind::Moved { .. } => match standing {
            Standing::Seated { .. } | Standing::Programme { .. } => Depth::Practical,
            Standing::Silent | Standing::Waiting { .. } | Standing::Maybe | Standing::No => Depth::Bare,
        },
        Kind::Waitlisted { .. } | Kind::Cancelled { .. } | Kind::Vacant { .. } | Kind::SaidNo { .. } => {
            Depth::Bare
        }
    }
}

fn facts(lang: Lang, evening: &Evening, depth: Depth) -> Vec<Fact> {
    let w = words(lang);
    let details = &evening.details;
    let prose = |label, text: &Option<mensuel_domain::text::Prose>| {
        let body = Body::Prose(text.as_ref()?.to_string());
        Some(Fact { label, body })
    };
    let list = |label, lines: &[mensuel_domain::text::Line]| {
        let body = Body::List(lines.iter().map(ToString::to_string).collect());
        (!lines.is_empty()).then_some(Fact { label, body })
    };
    let access = evening
        .place
        .access
        .clone()
        .map(|text| Fact { label: fl!(w, "label-access"), body: Body::Prose(text) });
    let practical = [
        access,
        prose(fl!(w, "label-prerequisites"), &details.prerequisites),
        prose(fl!(w, "label-bring"), &details.bring),
        confidentiality(lang, evening),
    ];
    let context = details
        .context
        .as_ref()
        .map(|line| Fact { label: fl!(w, "label-context"), body: Body::Line(line.to_string()) });
    let programme = [
        context,
        prose(fl!(w, "label-case"), &details.case),
        list(fl!(w, "label-subjects"), &details.subjects),
        time_box(lang, evening),
        list(fl!(w, "label-questions"), &details.questions),
    ];
    match depth {
        Depth::Whole => programme.into_iter().chain(practical).flatten().collect(),
        Depth::Practical => practical.into_iter().flatten().collect(),
        Depth::Bare => Vec::new(),
    }
}

/// A retex always has a level; other formats only when one was chosen.
fn confidentiality(lang: Lang, evening: &Evening) -> Option<Fact> {
    let level = match evening.format {
        Format::Retex => evening.details.confidentiality.unwrap_or_default(),
        Format::RoundTable | Format::Workshop | Format::OpenDiscussion => evening.details.confidentiality?,
    };
    let said = say::confidentiality_rule(lang, level);
    Some(Fact { label: fl!(words(lang), "label-confidentiality"), body: Body::Line(said) })
}

fn time_box(lang: Lang, evening: &Evening) -> Option<Fact> {
    let minutes = match evening.format {
        Format::OpenDiscussion => {
            evening.details.time_box_minutes.unwrap_or(open_discussion::DEFAULT_TIME_BOX)
        }
        Format::RoundTable | Format::Workshop | Format::Retex => return None,
    };
    let body = Body::Line(say::duration(lang, i64::from(minutes)));
    Some(Fact { label: fl!(words(lang), "label-time-box"), body })
}

fn told(letter: &Letter, evening: &Evening, kind: &Kind) -> Vec<String> {
    let (lang, standing) = (letter.lang, evening.standing);
    let w = words(lang);
    match kind {
        Kind::Invitation { role: None } => vec![fl!(w, "invitation", community = letter.community.as_str())],
        Kind::Invitation { role: Some(role) } => vec![say::your_role(lang, *role), fl!(w, "programme-seat")],
        Kind::Confirmation => confirmed(lang, standing),
        Kind::Waitlisted { by_calendar } => waitlisted(lang, standing, *by_calendar),
        Kind::Promoted => promoted(lang, standing),
        Kind::Reminder { days } => {
            vec![fl!(w, "reminder", when = say::days_left(lang, *days)), reminded(lang, standing)]
        }
        Kind::Moved { span, place } => {
            let said = moved(lang, span.is_some(), place.is_some());
            std::iter::once(said).chain(kept(lang, standing)).collect()
        }
        Kind::Cancelled { reason } => cancelled(lang, reason.as_deref()),
        Kind::Vacant { role } => {
            vec![fl!(w, "vacant", role = say::role(lang, *role)), fl!(w, "vacant-next")]
        }
        Kind::SaidNo { name, role } => {
            let said = fl!(w, "said-no", name = name.as_str(), role = say::role(lang, *role));
            vec![said, fl!(w, "said-no-next")]
        }
    }
}

fn confirmed(lang: Lang, standing: Standing) -> Vec<String> {
    let w = words(lang);
    match standing {
        Standing::Seated { guests } => {
            let said = match say::with_guests(lang, guests) {
                Some(guests) => fl!(w, "confirmed-guests", guests = guests),
                None => fl!(w, "confirmed"),
            };
            vec![said, fl!(w, "confirmed-free-seat")]
        }
        Standing::Programme { guests } => match say::with_guests(lang, guests) {
            Some(guests) => vec![fl!(w, "confirmed-guests", guests = guests)],
            None => vec![fl!(w, "confirmed")],
        },
        Standing::Waiting { .. } => waitlisted(lang, standing, false),
        Standing::Maybe => vec![fl!(w, "noted-maybe")],
        Standing::No => vec![fl!(w, "noted-no")],
        Standing::Silent => vec![fl!(w, "reminder-silent")],
    }
}

fn waitlisted(lang: Lang, standing: Standing, by_calendar: bool) -> Vec<String> {
    let w = words(lang);
    let mut said = match standing {
        Standing::Waiting { place, .. } => {
            vec![fl!(w, "waitlisted", place = say::place_in_line(lang, place)), say::waitlist_rule(lang)]
        }
        // The mail is written when it leaves; by then the standing may be another one.
        Standing::Silent
        | Standing::Seated { .. }
        | Standing::Programme { .. }
        | Standing::Maybe
        | Standing::No => {
            return confirmed(lang, standing);
        }
    };
    if by_calendar {
        said.push(fl!(w, "waitlisted-calendar"));
    }
    said.push(fl!(w, "waitlisted-next"));
    said
}

fn promoted(lang: Lang, standing: Standing) -> Vec<String> {
    let w = words(lang);
    let guests = match standing {
        Standing::Seated { guests } | Standing::Programme { guests } => guests,
        Standing::Silent | Standing::Waiting { .. } | Standing::Maybe | Standing::No => 0,
    };
    let said = match say::with_guests(lang, guests) {
        Some(guests) => fl!(w, "promoted-guests", guests = guests),
        None => fl!(w, "promoted"),
    };
    vec![said, fl!(w, "confirmed-free-seat")]
}

fn reminded(lang: Lang, standing: Standing) -> String {
    let w = words(lang);
    match standing {
        Standing::Seated { .. } => fl!(w, "reminder-seated"),
        Standing::Programme { .. } => fl!(w, "reminder-programme"),
        Standing::Waiting { place, .. } => {
            fl!(
                w,
                "reminder-waiting",
                place = say::place_in_line(lang, place),
                rule = say::waitlist_rule(lang)
            )
        }
        Standing::Maybe => fl!(w, "reminder-maybe"),
        Standing::Silent => fl!(w, "reminder-silent"),
        Standing::No => fl!(w, "noted-no"),
    }
}

fn moved(lang: Lang, date: bool, place: bool) -> String {
    let w = words(lang);
    match (date, place) {
        (true, true) => fl!(w, "moved-both"),
        (true, false) => fl!(w, "moved-date"),
        (false, true | false) => fl!(w, "moved-place"),
    }
}

fn kept(lang: Lang, standing: Standing) -> Option<String> {
    let w = words(lang);
    match standing {
        Standing::Seated { .. } => Some(fl!(w, "moved-seat-kept")),
        Standing::Programme { .. } => Some(fl!(w, "moved-programme")),
        Standing::Waiting { .. } => Some(fl!(w, "moved-line-kept")),
        Standing::Maybe | Standing::No => Some(fl!(w, "moved-answer-kept")),
        Standing::Silent => None,
    }
}

fn cancelled(lang: Lang, reason: Option<&str>) -> Vec<String> {
    let w = words(lang);
    let mut said = vec![fl!(w, "cancelled")];
    said.extend(reason.map(|reason| labelled(lang, &fl!(w, "reason"), reason)));
    said.push(fl!(w, "cancelled-next"));
    said
}

fn ask(lang: Lang, rsvp: &str, standing: Standing, kind: &Kind) -> Option<Ask> {
    let w = words(lang);
    let coming = match standing {
        Standing::Seated { .. } | Standing::Programme { .. } | Standing::Waiting { .. } => true,
        Standing::Silent | Standing::Maybe | Standing::No => false,
    };
    let hint = fl!(w, "answer-how");
    match kind {
        Kind::Invitation { .. } => {
            Some(Ask { question: Some(fl!(w, "ask")), buttons: answers(lang, rsvp), hint })
        }
        Kind::Moved { .. } => {
            let question = if coming { fl!(w, "ask-moved") } else { fl!(w, "ask") };
            Some(Ask { question: Some(question), buttons: answers(lang, rsvp), hint })
        }
        Kind::Reminder { .. } if !coming => {
            Some(Ask { question: Some(fl!(w, "ask")), buttons: answers(lang, rsvp), hint })
        }
        Kind::Confirmation | Kind::Waitlisted { .. } | Kind::Promoted | Kind::Reminder { .. } => {
            Some(Ask { question: None, buttons: changes(lang, rsvp, coming), hint })
        }
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
        | Kind::Reminder { .. }
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
