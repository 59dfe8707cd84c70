//! The plain text of an entry: what a reader needs on the way there.

use i18n_embed_fl::fl;
use mensuel_domain::{
    event::{Event, Stage},
    format::{Confidentiality, Person, Role},
    lang::Lang,
    rsvp::{Answer, Rsvp, Seat},
    text::{Line, Prose},
};
use mensuel_infra::say;

use super::{Evening, Own, Voice, answer_link, plain, said};
use crate::sight::{self, Online, Reader, Whereabouts};

/// Paragraphs, each of some lines.
pub(super) fn of(
    voice: &Voice<'_>,
    evening: &Evening<'_>,
    place: &Whereabouts<'_>,
    own: Option<&Own<'_>>,
) -> String {
    let blocks = [
        cancelled(voice, evening),
        head(voice, evening),
        evening.event.summary.iter().map(|summary| plain(summary.as_str())).collect(),
        programme(voice, evening, own),
        getting_there(voice, place),
        answering(voice, own),
        links(voice, evening, own),
    ];
    let blocks = blocks.iter().filter(|lines| !lines.is_empty()).map(|lines| lines.join("\n"));
    blocks.collect::<Vec<_>>().join("\n\n")
}

fn labelled(lang: Lang, label: &str, value: &str) -> String {
    let space = match lang {
        Lang::Fr => "\u{a0}",
        Lang::En => "",
    };
    let line_or_below = if value.contains('\n') { "\n" } else { " " };
    format!("{label}{space}:{line_or_below}{value}")
}

fn cancelled(voice: &Voice<'_>, evening: &Evening<'_>) -> Vec<String> {
    if evening.event.stage != Stage::Cancelled {
        return Vec::new();
    }
    let w = voice.words();
    let reason = evening.event.cancellation_reason.as_ref();
    let reason = reason.map(|reason| fl!(w, "cancelled-reason", reason = reason.as_str()));
    std::iter::once(fl!(w, "cancelled")).chain(reason).collect()
}

fn head(voice: &Voice<'_>, evening: &Evening<'_>) -> Vec<String> {
    let format = evening.event.format.map(|format| said(voice.lang, format));
    let credits = Role::ALL.into_iter().filter_map(|role| credit(voice, evening, role));
    format.into_iter().chain(credits).collect()
}

/// "Avec Mathilde Lemoine": the people of one role.
fn credit(voice: &Voice<'_>, evening: &Evening<'_>, role: Role) -> Option<String> {
    let w = voice.words();
    let name = |person: &Person| match person {
        Person::Member(id) => {
            evening.people.get(id).map_or_else(|| fl!(w, "former-member"), |member| member.name.to_string())
        }
        Person::Guest { name, .. } => name.to_string(),
        Person::Former => fl!(w, "former-member"),
        Person::Vacant => fl!(w, "to-announce"),
    };
    let people = evening.event.details.people().filter(|(of, _)| *of == role);
    let names: Vec<String> = people.map(|(_, person)| name(person)).collect();
    if names.is_empty() {
        return None;
    }
    let credit = match role {
        Role::Moderator => fl!(w, "credit-moderator"),
        Role::Panellist => fl!(w, "credit-panellist"),
        Role::Facilitator => fl!(w, "credit-facilitator"),
        Role::Speaker => fl!(w, "credit-speaker"),
        Role::Scribe => fl!(w, "credit-scribe"),
    };
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    Some(format!("{} {}", say::capitalized(&credit), say::list(voice.lang, &names)))
}

fn programme(voice: &Voice<'_>, evening: &Evening<'_>, own: Option<&Own<'_>>) -> Vec<String> {
    let (w, lang, details) = (voice.words(), voice.lang, &evening.event.details);
    let line = |label: String, line: &Option<Line>| Some(labelled(lang, &label, line.as_ref()?.as_str()));
    let prose =
        |label: String, text: &Option<Prose>| Some(labelled(lang, &label, &plain(text.as_ref()?.as_str())));
    let list = |label: String, lines: &[Line]| {
        let items: String = lines.iter().map(|line| format!("\n- {line}")).collect();
        (!lines.is_empty()).then(|| labelled(lang, &label, &items).replacen("\n\n", "\n", 1))
    };
    [
        line(fl!(w, "context"), &details.context),
        prose(fl!(w, "case"), &details.case),
        list(fl!(w, "subjects"), &details.subjects),
        time_box(voice, evening),
        list(fl!(w, "questions"), sight::questions(evening.event, reader(evening.event, own))),
        prose(fl!(w, "prerequisites"), &details.prerequisites),
        prose(fl!(w, "bring"), &details.bring),
        confidentiality(evening)
            .map(|level| labelled(lang, &fl!(w, "confidentiality"), &say::confidentiality_rule(lang, level))),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn reader(event: &Event, own: Option<&Own<'_>>) -> Reader {
    own.map_or(Reader::Stranger, |own| Reader::invited(event, &own.invitation.guest, own.rsvp))
}

fn time_box(voice: &Voice<'_>, evening: &Evening<'_>) -> Option<String> {
    let minutes = evening.event.details.time_box_of(evening.event.format?)?;
    let duration = say::duration(voice.lang, i64::from(minutes));
    Some(fl!(voice.words(), "time-box", duration = duration))
}

fn confidentiality(evening: &Evening<'_>) -> Option<Confidentiality> {
    evening.event.details.confidentiality_of(evening.event.format?)
}

fn getting_there(voice: &Voice<'_>, place: &Whereabouts<'_>) -> Vec<String> {
    let w = voice.words();
    let access = place.access.map(|text| labelled(voice.lang, &fl!(w, "access"), &plain(text.as_str())));
    let online = match place.online {
        Online::No => None,
        Online::Later => Some(fl!(w, "online-later")),
        Online::At(link) => Some(labelled(voice.lang, &fl!(w, "online-join"), link.as_str())),
    };
    let later = place.address_later.then(|| fl!(w, "address-later"));
    later.into_iter().chain(access).chain(online).collect()
}

/// What is stored, in words. Without a rank: it moves with the answers of others.
fn answering(voice: &Voice<'_>, own: Option<&Own<'_>>) -> Vec<String> {
    let Some(rsvp) = own.and_then(|own| own.rsvp) else {
        return Vec::new();
    };
    let w = voice.words();
    let recorded = fl!(w, "rsvp-recorded", answer = answer(voice, rsvp));
    let waiting = match rsvp.seat {
        Seat::Waitlisted | Seat::Pending => Some(fl!(w, "entry-waiting-why")),
        Seat::Offered => Some(fl!(w, "entry-offered-why")),
        Seat::None | Seat::Confirmed | Seat::Programme => None,
    };
    std::iter::once(recorded).chain(waiting).collect()
}

fn answer(voice: &Voice<'_>, rsvp: &Rsvp) -> String {
    let w = voice.words();
    match rsvp.answer {
        Answer::Yes => match say::with_guests(voice.lang, rsvp.guests) {
            Some(guests) => fl!(w, "answer-yes-guests", guests = guests),
            None => fl!(w, "answer-yes"),
        },
        Answer::Maybe => fl!(w, "answer-maybe"),
        Answer::No => fl!(w, "answer-no"),
    }
}

fn links(voice: &Voice<'_>, evening: &Evening<'_>, own: Option<&Own<'_>>) -> Vec<String> {
    let (w, event) = (voice.words(), evening.event);
    let answer = own.filter(|_| event.stage == Stage::Published).map(|own| {
        let link = answer_link(voice.links, own.invitation);
        labelled(voice.lang, &fl!(w, "entry-answer"), &link)
    });
    let page = event.slug.as_ref().filter(|_| !event.members_only);
    let page = page.map(|slug| labelled(voice.lang, &fl!(w, "entry-page"), &voice.links.event(slug)));
    answer.into_iter().chain(page).collect()
}
