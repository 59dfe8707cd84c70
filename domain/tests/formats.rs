//! What each format asks for before it is published, and what it never takes.

mod common;

use std::cell::Cell;

use common::{details, draft, guest, line, member, now, slug};
use mensuel_domain::{
    event::{Change, Edit, EditRefused, Field, Stage, StageRefused},
    format::{
        Confidentiality, Details, Flaw, Format, Person, Programme, Role, Wrong, contradictions,
        open_discussion,
    },
    text::Prose,
};
use proptest::{
    collection::vec,
    option::weighted,
    prelude::*,
    test_runner::{Config, TestRunner},
};

fn flaws(format: Format, details: &Details, capacity: Option<u32>) -> Vec<(Field, Wrong)> {
    match Programme::of(format, details, capacity) {
        Ok(_) => Vec::new(),
        Err(flaws) => flaws.into_iter().map(|flaw| (flaw.field, flaw.what)).collect(),
    }
}

#[test]
fn the_least_of_each_format_publishes() {
    for format in Format::ALL {
        let draft = draft(format);
        assert_eq!(draft.missing(), [], "{format:?}");
        let published = draft.publish(slug(&draft), now()).unwrap().value;
        assert_eq!(published.stage, Stage::Published);
    }
}

#[test]
fn what_is_missing_is_listed_and_is_no_contradiction() {
    use Field::{Capacity, Facilitator, Moderator, SeatsPerTable, Speakers, Tables, Title, VenueId};
    let none = Details::default();
    let cases = [
        (Format::RoundTable, None, vec![Moderator, Tables, SeatsPerTable]),
        (Format::Workshop, None, vec![Facilitator, Capacity]),
        (Format::Workshop, Some(16), vec![Facilitator]),
        (Format::Retex, None, vec![Speakers]),
        (Format::OpenDiscussion, None, vec![]),
    ];
    for (format, capacity, missing) in cases {
        let expected: Vec<_> = missing.into_iter().map(|field| (field, Wrong::Missing)).collect();
        assert_eq!(flaws(format, &none, capacity), expected, "{format:?}");
        assert_eq!(contradictions(Some(format), &none, capacity), [], "{format:?} may be planned so far");
    }
    let mut bare = draft(Format::Retex);
    (bare.title, bare.venue, bare.format, bare.details) = (None, None, None, none);
    let missing: Vec<Field> = bare.missing().into_iter().map(|flaw| flaw.field).collect();
    assert_eq!(missing, [Title, VenueId, Field::Format]);
    let refused = bare.publish(slug(&draft(Format::Retex)), now()).unwrap_err();
    assert!(matches!(refused, StageRefused::Incomplete(flaws) if flaws.len() == 3));
}

#[test]
fn an_online_evening_needs_no_room() {
    let mut event = draft(Format::OpenDiscussion);
    event.venue = None;
    event.online_url = Some(mensuel_domain::text::WebAddress::parse("https://meet.example/soir").unwrap());
    assert_eq!(event.missing(), []);
}

/// A contradiction: its name, what the details and the capacity are, and what is said of them.
type Contradiction = (&'static str, Format, Details, Option<u32>, Vec<(Field, Wrong)>);

fn contradicting() -> Vec<Contradiction> {
    let of = details;
    let round_table = || of(Format::RoundTable);
    vec![
        (
            "the moderator on their own panel",
            Format::RoundTable,
            Details { panel: vec![member(2), member(1)], ..round_table() },
            None,
            vec![(Field::Panel, Wrong::OnOwnPanel)],
        ),
        (
            "a moderator who is a guest, on their own panel by another spelling of their address",
            Format::RoundTable,
            Details {
                moderator: Some(guest("Ada", Some("ada@x.example"))),
                panel: vec![guest("Ada L.", Some("ADA@x.example"))],
                ..round_table()
            },
            None,
            vec![(Field::Panel, Wrong::OnOwnPanel)],
        ),
        (
            "a panellist twice",
            Format::RoundTable,
            Details { panel: vec![member(2), member(2)], ..round_table() },
            None,
            vec![(Field::Panel, Wrong::Twice)],
        ),
        (
            "a speaker who takes the notes",
            Format::Retex,
            Details { scribe: Some(member(1)), ..of(Format::Retex) },
            None,
            vec![(Field::Scribe, Wrong::Twice)],
        ),
        (
            "a named guest twice, once without the address",
            Format::Retex,
            Details {
                speakers: vec![guest("Ada", None), guest("Ada", Some("ada@x.example"))],
                ..of(Format::Retex)
            },
            None,
            vec![(Field::Speakers, Wrong::Twice)],
        ),
        (
            "more places than seats",
            Format::RoundTable,
            round_table(),
            Some(33),
            vec![(Field::Capacity, Wrong::MoreThanSeats(32))],
        ),
        (
            "a speaker in an open discussion",
            Format::OpenDiscussion,
            Details { speakers: vec![member(1)], ..Details::default() },
            None,
            vec![(Field::Speakers, Wrong::NotOfFormat(Format::OpenDiscussion))],
        ),
        (
            "nobody's time",
            Format::OpenDiscussion,
            Details { time_box_minutes: Some(0), ..Details::default() },
            None,
            vec![(Field::TimeBoxMinutes, Wrong::Zero)],
        ),
        (
            "a vacant speaker",
            Format::Retex,
            Details { speakers: vec![Person::Vacant], ..Details::default() },
            None,
            vec![(Field::Speakers, Wrong::Nobody)],
        ),
        (
            "a former member as facilitator",
            Format::Workshop,
            Details { facilitator: Some(Person::Former), ..Details::default() },
            Some(8),
            vec![(Field::Facilitator, Wrong::Nobody)],
        ),
    ]
}

#[test]
fn contradictions_are_refused_when_publishing_and_at_every_stage() {
    for (name, format, details, capacity, expected) in contradicting() {
        assert_eq!(flaws(format, &details, capacity), expected, "{name}");
        assert!(expected.iter().all(|(_, what)| what.contradicts()), "{name}");
        for stage in [Stage::Held, Stage::Draft, Stage::Published] {
            let mut before = draft(format);
            before.stage = stage;
            let mut changes: Vec<Change> = [
                (Role::Moderator, details.moderator.as_slice()),
                (Role::Panellist, &details.panel),
                (Role::Facilitator, details.facilitator.as_slice()),
                (Role::Speaker, &details.speakers),
                (Role::Scribe, details.scribe.as_slice()),
            ]
            .into_iter()
            .filter(|(_, people)| !people.is_empty())
            .map(|(role, people)| Change::People(role, people.to_vec()))
            .collect();
            changes.extend(capacity.map(|capacity| Change::Capacity(Some(capacity))));
            changes.extend(details.time_box_minutes.map(|minutes| Change::TimeBoxMinutes(Some(minutes))));
            let refused = before.edit(changes, Edit::OnItself, now()).unwrap_err();
            let expected: Vec<Flaw> =
                expected.iter().map(|(field, what)| Flaw { field: *field, what: *what }).collect();
            assert_eq!(refused, EditRefused::Flaws(expected), "{name}, {stage:?}");
        }
    }
}

#[test]
fn a_workshop_has_at_least_one_place() {
    let workshop = details(Format::Workshop);
    assert_eq!(
        flaws(Format::Workshop, &workshop, Some(0)),
        [(Field::Capacity, Wrong::Zero), (Field::Capacity, Wrong::Missing)]
    );
    let Ok(Programme::Workshop(one)) = Programme::of(Format::Workshop, &workshop, Some(1)) else {
        panic!("one place is enough");
    };
    assert_eq!(one.places.get(), 1);
}

#[test]
fn fields_wait_for_the_format() {
    let details =
        Details { scribe: Some(member(3)), context: Some(line("Une fusion")), ..Details::default() };
    let found: Vec<_> =
        contradictions(None, &details, None).into_iter().map(|flaw| (flaw.field, flaw.what)).collect();
    assert_eq!(found, [(Field::Scribe, Wrong::NoFormat), (Field::Context, Wrong::NoFormat)]);
}

#[test]
fn json_has_no_way_around() {
    for json in [
        r#"{"speakers": ["vacant"]}"#,
        r#"{"speakers": ["former"]}"#,
        r#"{"speakers": []}"#,
        r#"{"facilitator": {"member": "00000000-0000-0000-0000-000000000001"}}"#,
    ] {
        let details: Details = serde_json::from_str(json).unwrap();
        assert!(Programme::of(Format::Retex, &details, None).is_err(), "{json}");
    }
    for json in [
        r#"{"speakers": [{"guest": {"name": " ", "email": null}}]}"#,
        r#"{"speakers": [{"guest": {"name": "Ada", "email": "ada"}}]}"#,
        r#"{"speakers": ["anybody"]}"#,
        r#"{"tables": -1}"#,
    ] {
        assert!(serde_json::from_str::<Details>(json).is_err(), "{json}");
    }
}

#[test]
fn details_come_back_from_json_as_they_were() {
    let mut all = details(Format::RoundTable);
    all.panel = vec![guest("Ada", Some("ada@x.example")), Person::Vacant, Person::Former];
    all.confidentiality = Some(Confidentiality::AttendeesOnly);
    all.questions = vec![line("Et après ?")];
    let json = serde_json::to_string(&all).unwrap();
    assert_eq!(serde_json::from_str::<Details>(&json).unwrap(), all);
}

#[test]
fn what_is_not_said_has_a_default() {
    let Ok(Programme::Retex(retex)) = Programme::of(Format::Retex, &details(Format::Retex), None) else {
        panic!("a speaker is enough");
    };
    assert_eq!(retex.confidentiality, Confidentiality::ChathamHouse);
    let Ok(Programme::OpenDiscussion(open)) =
        Programme::of(Format::OpenDiscussion, &Details::default(), None)
    else {
        panic!("nothing is needed");
    };
    assert_eq!(open.time_box_minutes, open_discussion::DEFAULT_TIME_BOX);
}

#[test]
fn places_follow_the_format() {
    let places = |format, capacity| {
        let mut event = draft(format);
        event.capacity = capacity;
        event.places()
    };
    assert_eq!(places(Format::RoundTable, None), Some(32), "tables × seats");
    assert_eq!(places(Format::RoundTable, Some(20)), Some(20));
    assert_eq!(places(Format::Workshop, Some(16)), Some(16));
    assert_eq!(places(Format::Retex, None), None, "no limit");
    assert_eq!(places(Format::OpenDiscussion, Some(9)), Some(9));
}

fn a_person() -> impl Strategy<Value = Person> {
    prop_oneof![
        12 => (0u128..6).prop_map(member),
        4 => (0usize..3, 0usize..4).prop_map(|(name, email)| {
            let emails = [None, Some("a@x.example"), Some("A@x.example"), Some("b@x.example")];
            guest(["Ada", "Bob", "Cid"][name], emails[email])
        }),
        1 => Just(Person::Former),
        1 => Just(Person::Vacant),
    ]
}

fn number() -> impl Strategy<Value = Option<u32>> {
    weighted(0.8, prop_oneof![1 => Just(0u32), 9 => 1u32..9])
}

/// Details that are mostly of the format, so that right and wrong ones are both met.
fn some_details() -> impl Strategy<Value = (Format, Details, Option<u32>)> {
    let people = (
        weighted(0.8, a_person()),
        vec(a_person(), 0..3),
        weighted(0.8, a_person()),
        vec(a_person(), 0..3),
        weighted(0.3, a_person()),
    );
    let words = (any::<[bool; 7]>(), number(), number(), number());
    let stray = vec(prop::bool::weighted(0.03), 14);
    (0usize..4, people, words, weighted(0.6, 0u32..40), stray).prop_map(
        |(
            format,
            (moderator, panel, facilitator, speakers, scribe),
            (has, time_box, tables, seats),
            capacity,
            stray,
        )| {
            let format = Format::ALL[format];
            let keep = |formats: &[Format], at: usize| formats.contains(&format) || stray[at];
            let prose = |is: bool| is.then(|| Prose::parse("x").unwrap());
            let lines = |is: bool| if is { vec![line("x")] } else { Vec::new() };
            use Format::*;
            let details = Details {
                moderator: moderator.filter(|_| keep(&[RoundTable], 0)),
                panel: if keep(&[RoundTable], 1) { panel } else { Vec::new() },
                facilitator: facilitator.filter(|_| keep(&[Workshop], 2)),
                speakers: if keep(&[Retex], 3) { speakers } else { Vec::new() },
                scribe,
                context: (has[0] && keep(&[Retex], 4)).then(|| line("x")),
                confidentiality: (has[1] && keep(&[Retex], 5)).then_some(Confidentiality::Public),
                prerequisites: prose(has[2] && keep(&[Workshop], 6)),
                bring: prose(has[3] && keep(&[Workshop], 7)),
                case: prose(has[4] && keep(&[Workshop], 8)),
                subjects: lines(has[5] && keep(&[OpenDiscussion], 9)),
                time_box_minutes: time_box.filter(|_| keep(&[OpenDiscussion], 10)),
                questions: lines(has[6] && keep(&[RoundTable], 11)),
                tables: tables.filter(|_| keep(&[RoundTable], 12)),
                seats_per_table: seats.filter(|_| keep(&[RoundTable], 13)),
            };
            (format, details, capacity)
        },
    )
}

/// The rules said a second time, from `product.md` and `rules.md`, without looking at the code.
fn every_rule_holds(format: Format, d: &Details, capacity: Option<u32>) -> bool {
    let round_table = d.moderator.is_some() || !d.panel.is_empty() || !d.questions.is_empty();
    let round_table = round_table || d.tables.is_some() || d.seats_per_table.is_some();
    let workshop =
        d.facilitator.is_some() || d.prerequisites.is_some() || d.bring.is_some() || d.case.is_some();
    let retex = !d.speakers.is_empty() || d.context.is_some() || d.confidentiality.is_some();
    let open = !d.subjects.is_empty() || d.time_box_minutes.is_some();
    let everybody: Vec<&Person> = d
        .moderator
        .iter()
        .chain(&d.panel)
        .chain(&d.facilitator)
        .chain(&d.speakers)
        .chain(&d.scribe)
        .collect();
    let all_somebody = everybody.iter().all(|p| !matches!(p, Person::Former | Person::Vacant));
    let nobody_twice = everybody
        .iter()
        .enumerate()
        .all(|(at, one)| everybody[at + 1..].iter().all(|other| !is_one_person(one, other)));
    let positive = |number: Option<u32>| number.is_none_or(|number| number > 0);
    let of_format = match format {
        Format::RoundTable => {
            let seats = d.tables.unwrap_or(0) * d.seats_per_table.unwrap_or(0);
            !workshop
                && !retex
                && !open
                && d.moderator.is_some()
                && seats > 0
                && capacity.unwrap_or(1) <= seats
        }
        Format::Workshop => {
            !round_table && !retex && !open && d.facilitator.is_some() && capacity.unwrap_or(0) > 0
        }
        Format::Retex => !round_table && !workshop && !open && !d.speakers.is_empty(),
        Format::OpenDiscussion => !round_table && !workshop && !retex,
    };
    of_format && all_somebody && nobody_twice && positive(capacity) && positive(d.time_box_minutes)
}

fn is_one_person(one: &Person, other: &Person) -> bool {
    match (one, other) {
        (Person::Member(a), Person::Member(b)) => a == b,
        (Person::Guest { name: n1, email: e1 }, Person::Guest { name: n2, email: e2 }) => match (e1, e2) {
            (Some(a), Some(b)) => a.as_str().eq_ignore_ascii_case(b.as_str()),
            _ => n1 == n2,
        },
        _ => false,
    }
}

#[test]
fn a_programme_exists_exactly_when_every_rule_holds() {
    let (right, wrong) = (Cell::new(0), Cell::new(0));
    let config = Config { cases: 6_000, failure_persistence: None, ..Config::default() };
    TestRunner::new(config)
        .run(&some_details(), |(format, details, capacity)| {
            let read = Programme::of(format, &details, capacity);
            let holds = every_rule_holds(format, &details, capacity);
            prop_assert_eq!(read.is_ok(), holds, "{:?}", read);
            let counter = if holds { &right } else { &wrong };
            counter.set(counter.get() + 1);
            if let Err(flaws) = read {
                prop_assert!(!flaws.is_empty());
                let told: Vec<Flaw> = flaws.into_iter().filter(|flaw| flaw.what.contradicts()).collect();
                prop_assert_eq!(told, contradictions(Some(format), &details, capacity));
            }
            Ok(())
        })
        .unwrap();
    assert!(right.get() > 600 && wrong.get() > 600, "{} right, {} wrong", right.get(), wrong.get());
}
