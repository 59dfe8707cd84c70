use std::collections::BTreeMap;

use mensuel_domain::{event::AddressFor, text::Line};

use super::{sample::*, *};

const COMMUNITY: &str = "Soirées CTO";

struct Case {
    event: Event,
    venue: Venue,
    people: BTreeMap<Id<Member>, Member>,
    links: Links,
}

impl Case {
    fn of(event: Event) -> Self {
        Self { event, venue: venue(), people: BTreeMap::from([(member().id, member())]), links: links() }
    }

    fn voice(&self, lang: Lang) -> Voice<'_> {
        Voice { lang, community: COMMUNITY, links: &self.links }
    }

    fn evening(&self) -> Evening<'_> {
        Evening { event: &self.event, venue: Some(&self.venue), people: &self.people }
    }

    fn public(&self) -> Entry {
        of_public(&self.voice(Lang::Fr), &self.evening())
    }

    fn own(&self, answer: Option<(Answer, Seat)>) -> Entry {
        let (invitation, rsvp) = (invitation(), answer.map(|(answer, seat)| rsvp(answer, seat)));
        let changed_at = rsvp.as_ref().map(|_| utc("2026-12-03T08:00:00Z"));
        let own = Own { invitation: &invitation, rsvp: rsvp.as_ref(), changed_at };
        of_member(&self.voice(Lang::Fr), &self.evening(), Some(&own))
    }
}

/// Everything that an entry tells.
fn told(entry: &Entry) -> String {
    format!("{entry:?}")
}

#[test]
fn the_public_entry_tells_all_but_how_to_get_in() {
    let entry = Case::of(event()).public();
    assert_eq!(entry.uid, "aaaa0000");
    assert_eq!(entry.summary, "Sortir d'un monolithe");
    assert_eq!(entry.location.as_deref(), Some("Confluence Data, 69002 Lyon"));
    assert_eq!(
        entry.url.as_deref(),
        Some("https://soirees.lyon.example/events/2027-01-14-sortir-d-un-monolithe")
    );
    assert_eq!((entry.status, entry.transparency), (Status::Confirmed, Transparency::Transparent));
    assert_eq!((entry.sequence, entry.last_modified), (3, utc("2026-12-01T08:00:00Z")));
    assert_eq!(entry.categories, ["Retour d’expérience"]);
    let description = entry.description.clone().unwrap();
    assert!(description.contains("Avec Mathilde Lemoine"), "{description}");
    assert!(description.contains("Une équipe, trois tentatives."), "{description}");
    for hidden in ["Rambaud", "Interphone", "visio.lyon", "/r/"] {
        assert!(!told(&entry).contains(hidden), "{hidden}");
    }
}

#[test]
fn held_and_draft_dates_are_dates_and_nothing_else() {
    for stage in [Stage::Held, Stage::Draft] {
        let case = Case::of(Event { stage, slug: None, ..event() });
        for entry in [case.public(), case.own(Some((Answer::Yes, Seat::Programme)))] {
            assert_eq!(entry.summary, "Soirées CTO\u{a0}: date retenue");
            assert_eq!(entry.status, Status::Tentative);
            assert_eq!(entry.span, case.event.span);
            let nothing = (&entry.description, &entry.location, &entry.url, &entry.conference);
            assert_eq!(nothing, (&None, &None, &None, &None));
            assert!(entry.categories.is_empty());
        }
    }
}

#[test]
fn an_evening_for_members_is_a_date_to_strangers_and_whole_to_members() {
    let case = Case::of(Event { members_only: true, ..event() });
    let entry = case.public();
    assert_eq!(entry.summary, "Soirées CTO\u{a0}: réservé aux membres");
    assert_eq!((entry.url.as_ref(), entry.description.as_ref(), entry.location.as_ref()), (None, None, None));
    let member = of_member(&case.voice(Lang::Fr), &case.evening(), None);
    assert_eq!((member.summary.as_str(), member.url), ("Sortir d'un monolithe", None));
    assert!(case.own(None).url.unwrap().contains("/r/"));
}

#[test]
fn ones_own_entry_has_ones_uid_answer_and_link() {
    let case = Case::of(event());
    let (seated, waiting) = ((Answer::Yes, Seat::Confirmed), (Answer::Yes, Seat::Waitlisted));
    let table = [
        // Answer, busy, address seen, in front of the title.
        (None, false, false, ""),
        (Some((Answer::Maybe, Seat::None)), false, false, ""),
        (Some((Answer::No, Seat::None)), false, false, ""),
        (Some(waiting), false, false, "Liste d’attente\u{a0}: "),
        (Some(seated), true, true, ""),
    ];
    for (answer, busy, address, mark) in table {
        let entry = case.own(answer);
        assert_eq!(entry.uid, "bbbb0000");
        assert_eq!(entry.transparency == Transparency::Opaque, busy, "{answer:?}");
        assert_eq!(told(&entry).contains("12 quai Rambaud"), address, "{answer:?}");
        assert_eq!(entry.conference.is_some(), address, "{answer:?}");
        assert_eq!(entry.summary, format!("{mark}Sortir d'un monolithe"));
        assert!(entry.description.unwrap().contains("https://soirees.lyon.example/r/"));
    }
    assert_eq!(case.own(None).last_modified, utc("2026-12-01T08:00:00Z"));
    assert_eq!(case.own(Some(seated)).last_modified, utc("2026-12-03T08:00:00Z"));
}

#[test]
fn all_who_are_invited_see_the_address_where_the_evening_says_so() {
    let case = Case::of(Event { address_for: AddressFor::Invited, ..event() });
    assert!(told(&case.own(None)).contains("12 quai Rambaud"));
    assert!(!told(&case.public()).contains("12 quai Rambaud"));
}

#[test]
fn a_cancelled_evening_says_so_in_its_title() {
    let reason = Some(Line::parse("salle fermée").unwrap());
    let case = Case::of(Event { stage: Stage::Cancelled, cancellation_reason: reason, ..event() });
    let entry = case.public();
    assert_eq!(
        (entry.status, entry.summary.as_str()),
        (Status::Cancelled, "Annulé\u{a0}: Sortir d'un monolithe")
    );
    assert!(entry.description.unwrap().contains("salle fermée"));
    let own = case.own(Some((Answer::Yes, Seat::Waitlisted)));
    assert_eq!(own.summary, "Annulé\u{a0}: Sortir d'un monolithe");
    assert!(!own.description.unwrap().contains("/r/"));
}

#[test]
fn a_mail_keeps_the_entry_and_carries_its_own_time() {
    let case = Case::of(event());
    let invitation = invitation();
    let own = Own { invitation: &invitation, rsvp: None, changed_at: None };
    let at = utc("2026-12-05T08:00:00Z");
    let entry = of_mail(&case.voice(Lang::En), &case.evening(), &own, at);
    assert_eq!((entry.dtstamp, entry.transparency), (at, Transparency::Opaque));
    assert_eq!(entry.uid, "bbbb0000");
    assert!(entry.description.unwrap().contains("With Mathilde Lemoine"));
}
