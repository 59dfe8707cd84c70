//! Held, draft, published, cancelled: what may happen at each stage, and what it makes true.

mod common;

use chrono::TimeDelta;
use common::{at, day, draft, evening_of, guest, id, line, member, now, published, slug, title, wall};
use mensuel_domain::{
    event::{AddressFor, Change, Departure, Edit, EditRefused, Event, Field, Stage, StageRefused},
    fact::{Decision, Fact, NoticeKind, notifications},
    format::{Confidentiality, Format, Person, Role, Wrong},
    lang::Lang,
    text::{Prose, WebAddress},
    time::Span,
};

fn in_stage(stage: Stage) -> Event {
    match stage {
        Stage::Held => Event { stage: Stage::Held, ..draft(Format::Retex) },
        Stage::Draft => draft(Format::Retex),
        Stage::Published => published(Format::Retex),
        Stage::Cancelled => published(Format::Retex).cancel(None, now()).unwrap().value,
    }
}

fn edit(event: &Event, change: Change) -> Result<Decision<Event>, EditRefused> {
    event.edit(vec![change], Edit::OnItself, now())
}

#[test]
fn publishing_at_each_stage() {
    for stage in [Stage::Held, Stage::Draft] {
        let before = in_stage(stage);
        let Decision { value, facts } = before.publish(slug(&before), now()).unwrap();
        assert_eq!(facts, [Fact::EventPublished { event: before.id }]);
        assert_eq!(value.slug.as_ref().unwrap().as_str(), "2027-01-14-sortir-d-un-monolithe");
        assert_eq!((value.stage, value.published_at), (Stage::Published, Some(now())));
        assert_eq!((value.sequence, value.revision), (before.sequence + 1, before.revision + 1));
    }
    let once = in_stage(Stage::Published);
    let other = draft(Format::Retex);
    let twice = once.publish(slug(&Event { title: Some(title("Autre")), ..other }), now()).unwrap();
    assert_eq!(twice, Decision::unchanged(once), "publishing twice answers the same");
    let cancelled = in_stage(Stage::Cancelled);
    assert_eq!(cancelled.publish(slug(&cancelled), now()), Err(StageRefused::Cancelled));
}

#[test]
fn nothing_is_published_into_the_past_but_history() {
    let event = draft(Format::Retex);
    for late in [event.span.starts_at, event.span.ends_at + TimeDelta::days(30)] {
        assert_eq!(event.publish(slug(&event), late), Err(StageRefused::InThePast));
    }
    assert!(event.publish(slug(&event), event.span.starts_at - TimeDelta::seconds(1)).is_ok());
    let after = event.span.ends_at + TimeDelta::days(30);
    let history = event.publish_history(slug(&event), after).unwrap();
    assert_eq!(history.value.stage, Stage::Published);
    let again = history.value.publish_history(slug(&event), after).unwrap();
    assert!(again.is_unchanged(), "the same line again changes nothing");
    let cancelled = in_stage(Stage::Cancelled);
    assert_eq!(cancelled.publish_history(slug(&event), after), Err(StageRefused::Cancelled), "final");
    let bare = Event { title: None, ..draft(Format::Retex) };
    assert!(matches!(bare.publish_history(slug(&event), after), Err(StageRefused::Incomplete(_))));
}

#[test]
fn cancelling_at_each_stage() {
    for stage in [Stage::Held, Stage::Draft] {
        assert_eq!(in_stage(stage).cancel(None, now()), Err(StageRefused::NotPublished));
    }
    let event = in_stage(Stage::Published);
    let Decision { value, facts } = event.cancel(Some(line("Salle indisponible")), now()).unwrap();
    assert_eq!(facts, [Fact::EventCancelled { event: event.id }]);
    assert_eq!((value.stage, value.cancelled_at), (Stage::Cancelled, Some(now())));
    assert_eq!(value.sequence, event.sequence + 1, "RFC 5546: CANCEL raises it");
    assert!(value.cancel(None, now()).unwrap().is_unchanged());
    assert_eq!(
        value.cancel(None, now()).unwrap().value.cancellation_reason,
        Some(line("Salle indisponible"))
    );
    assert_eq!(event.cancel(None, event.span.ends_at), Err(StageRefused::InThePast));
}

#[test]
fn editing_at_each_stage() {
    for stage in [Stage::Held, Stage::Draft, Stage::Published] {
        let event = in_stage(stage);
        let edited = edit(&event, Change::Title(Some(title("Autre")))).unwrap();
        assert_eq!(edited.value.title, Some(title("Autre")));
        assert_eq!(edited.value.slug, event.slug, "kept when the title changes");
        assert_eq!((edited.value.id, &edited.value.uid), (event.id, &event.uid));
        assert_eq!(edited.facts, [Fact::EventChanged { event: event.id, fields: vec![Field::Title] }]);
    }
    let cancelled = in_stage(Stage::Cancelled);
    assert_eq!(edit(&cancelled, Change::Title(None)), Err(EditRefused::Cancelled));
}

#[test]
fn held_and_draft_are_two_ways_of_one_stage() {
    let drafted = edit(&in_stage(Stage::Held), Change::Stage(Stage::Draft)).unwrap();
    assert_eq!(drafted.value.stage, Stage::Draft);
    assert_eq!(drafted.facts, [Fact::EventChanged { event: id(100), fields: vec![Field::Stage] }]);
    assert!(drafted.value.own.is_empty());
    assert_eq!(edit(&drafted.value, Change::Stage(Stage::Held)).unwrap().value.stage, Stage::Held);
    for forbidden in [Stage::Published, Stage::Cancelled] {
        assert_eq!(edit(&drafted.value, Change::Stage(forbidden)), Err(EditRefused::StageIsFinal));
    }
    for back in [Stage::Held, Stage::Draft] {
        assert_eq!(edit(&in_stage(Stage::Published), Change::Stage(back)), Err(EditRefused::StageIsFinal));
    }
}

#[test]
fn a_draft_may_lack_what_a_published_evening_may_not() {
    assert!(edit(&in_stage(Stage::Draft), Change::People(Role::Speaker, vec![])).is_ok());
    for change in [
        Change::People(Role::Speaker, vec![]),
        Change::Title(None),
        Change::Venue(None),
        Change::Format(None),
        Change::Format(Some(Format::Workshop)),
    ] {
        let refused = edit(&in_stage(Stage::Published), change.clone());
        assert!(matches!(refused, Err(EditRefused::Flaws(_))), "{change:?}");
    }
}

#[test]
fn past_is_computed_and_an_evening_that_is_over_stays_where_it_was() {
    let event = in_stage(Stage::Published);
    let (start, end) = (event.span.starts_at, event.span.ends_at);
    assert!(!event.is_past(start) && !event.is_past(end - TimeDelta::seconds(1)) && event.is_past(end));
    let later = vec![Change::Span(evening_of("2027-02-11"))];
    assert_eq!(event.edit(later, Edit::OnItself, end), Err(EditRefused::Over));
    let wording = vec![Change::Summary(Some(Prose::parse("Merci").unwrap()))];
    assert!(event.edit(wording, Edit::OnItself, end).is_ok(), "words may follow");
}

#[test]
fn nothing_moves_into_the_past() {
    let event = in_stage(Stage::Published);
    let on = |date: &str, from: &str, to: &str| {
        Span::new(wall(&format!("{date}T{from}")), wall(&format!("{date}T{to}")), common::PARIS).unwrap()
    };
    assert_eq!(edit(&event, Change::Span(evening_of("2026-11-12"))), Err(EditRefused::IntoThePast));
    let during = event.span.starts_at + TimeDelta::minutes(90);
    let cut = |to| event.edit(vec![Change::Span(on("2027-01-14", "19:00:00", to))], Edit::OnItself, during);
    assert!(cut("22:30:00").is_ok(), "it lasts longer");
    assert!(cut("20:45:00").is_ok(), "it ends earlier, in a quarter of an hour");
    assert_eq!(cut("20:00:00"), Err(EditRefused::IntoThePast), "it cannot have ended");
}

#[test]
fn the_deadline_moves_along_on_the_wall_clock() {
    // The day before at 18:00, moved from winter to summer and across the change itself.
    let mut event = in_stage(Stage::Published);
    event.deadline = Some(at("2027-01-13T17:00:00Z"));
    let moved = edit(&event, Change::Span(evening_of("2027-06-10"))).unwrap().value;
    assert_eq!(moved.deadline, Some(at("2027-06-09T16:00:00Z")));
    let sunday = edit(&event, Change::Span(evening_of("2027-03-28"))).unwrap().value;
    assert_eq!(sunday.deadline, Some(at("2027-03-27T17:00:00Z")), "18:00 still in winter time");
    event.deadline = None;
    let start = edit(&event, Change::Span(evening_of("2027-06-10"))).unwrap().value;
    assert_eq!(start.deadline(), start.span.starts_at, "the start unless set");
}

#[test]
fn a_deadline_set_with_the_date_is_the_one_that_was_said_in_any_order() {
    let mut event = in_stage(Stage::Published);
    event.deadline = Some(at("2027-01-13T17:00:00Z"));
    let said = at("2027-02-09T11:00:00Z");
    let (date, deadline) = (Change::Span(evening_of("2027-02-11")), Change::Deadline(Some(said)));
    for changes in [vec![date.clone(), deadline.clone()], vec![deadline, date]] {
        assert_eq!(event.edit(changes, Edit::OnItself, now()).unwrap().value.deadline, Some(said));
    }
    let end = event.span.ends_at;
    assert!(edit(&event, Change::Deadline(Some(end))).is_ok());
    let after = Change::Deadline(Some(end + TimeDelta::seconds(1)));
    assert_eq!(edit(&event, after), Err(EditRefused::DeadlineAfterEnd));
    let opens = Change::OpensAt(Some(at("2027-01-13T17:00:00Z")));
    assert_eq!(edit(&event, opens), Err(EditRefused::OpensAfterDeadline));
}

#[test]
fn a_move_is_told_once_published_and_a_change_of_wording_is_no_move() {
    let is_move = |stage, change| {
        let facts = edit(&in_stage(stage), change).unwrap().facts;
        facts.iter().find_map(|fact| match fact {
            Fact::EventMoved { from_start, from_venue, told, .. } => Some((*from_start, *from_venue, *told)),
            _ => None,
        })
    };
    let before = (in_stage(Stage::Held).span.starts_at, Some(id(7)));
    for (stage, told) in [(Stage::Held, false), (Stage::Draft, false), (Stage::Published, true)] {
        for change in [
            Change::Span(evening_of("2027-02-11")),
            Change::Span(Span { ends_at: at("2027-01-14T21:00:00Z"), ..in_stage(stage).span }),
            Change::Venue(Some(id(8))),
        ] {
            assert_eq!(is_move(stage, change), Some((before.0, before.1, told)), "{stage:?}");
        }
    }
    let link = || Some(WebAddress::parse("https://meet.example/a").unwrap());
    for change in [
        Change::Title(Some(title("Autre"))),
        Change::Summary(Some(Prose::parse("Mieux dit").unwrap())),
        Change::Capacity(Some(40)),
        Change::OnlineUrl(link()),
    ] {
        assert_eq!(is_move(Stage::Published, change.clone()), None, "{change:?}");
    }
    let mut online = in_stage(Stage::Published);
    (online.venue, online.online_url) = (None, Some(WebAddress::parse("https://meet.example/b").unwrap()));
    let facts = edit(&online, Change::OnlineUrl(link())).unwrap().facts;
    assert!(facts.iter().any(|fact| matches!(fact, Fact::EventMoved { told: true, .. })), "its only place");
}

#[test]
fn only_another_start_asks_for_new_reminders() {
    let event = in_stage(Stage::Published);
    let later = now() + TimeDelta::days(1);
    let moved = event.edit(vec![Change::Span(evening_of("2027-02-11"))], Edit::OnItself, later).unwrap();
    assert_eq!(moved.value.start_set_at, later);
    let venue = event.edit(vec![Change::Venue(Some(id(8)))], Edit::OnItself, later).unwrap();
    assert_eq!(venue.value.start_set_at, event.start_set_at);
}

/// Every change that an evening knows, each to a value that differs from `in_stage`'s, and whether
/// calendars and pages of others show it before and after publication.
fn all_changes() -> Vec<(Change, bool, bool)> {
    let prose = || Some(Prose::parse("x").unwrap());
    vec![
        (Change::Title(Some(title("Autre"))), false, true),
        (Change::Summary(prose()), false, true),
        (Change::Language(Lang::En), false, true),
        (Change::Span(evening_of("2027-02-11")), true, true),
        (Change::Venue(Some(id(8))), false, true),
        (Change::OnlineUrl(Some(WebAddress::parse("https://meet.example/a").unwrap())), false, true),
        (Change::Capacity(Some(40)), false, false),
        (Change::MaxGuests(2), false, false),
        (Change::OpensAt(Some(at("2026-12-20T09:00:00Z"))), false, false),
        (Change::Deadline(Some(at("2027-01-13T17:00:00Z"))), false, false),
        (Change::MembersOnly(true), true, true),
        (Change::AddressFor(AddressFor::Invited), false, true),
        (Change::People(Role::Speaker, vec![member(2)]), false, true),
        (Change::People(Role::Scribe, vec![guest("Ada", None)]), false, true),
        (Change::Context(Some(line("Une fusion"))), false, true),
        (Change::Confidentiality(Some(Confidentiality::Public)), false, true),
    ]
}

#[test]
fn sequence_is_raised_exactly_by_what_others_see() {
    for (change, held, published) in all_changes() {
        for (stage, shown) in [(Stage::Held, held), (Stage::Draft, held), (Stage::Published, published)] {
            let event = in_stage(stage);
            let edited = edit(&event, change.clone()).unwrap().value;
            assert_eq!(edited.revision, event.revision + 1, "{change:?}");
            assert_eq!(edited.sequence, event.sequence + u32::from(shown), "{stage:?} {change:?}");
        }
    }
    let together = all_changes().into_iter().map(|(change, ..)| change).collect();
    let event = in_stage(Stage::Published);
    let edited = event.edit(together, Edit::OnItself, now()).unwrap();
    assert_eq!((edited.value.sequence, edited.value.revision), (event.sequence + 1, event.revision + 1));
    let [Fact::EventChanged { fields, .. }, Fact::EventMoved { .. }] = &edited.facts[..] else {
        panic!("{:?}", edited.facts);
    };
    assert_eq!(fields.len(), all_changes().len() + 1, "start and end are two fields");
}

#[test]
fn an_edit_that_changes_nothing_makes_nothing_true() {
    for stage in [Stage::Held, Stage::Draft, Stage::Published] {
        let all: Vec<Change> = all_changes().into_iter().map(|(change, ..)| change).collect();
        let once = in_stage(stage).edit(all.clone(), Edit::OnItself, now()).unwrap().value;
        let later = now() + TimeDelta::days(1);
        let twice = once.edit(all, Edit::OnItself, later).unwrap();
        assert_eq!(twice, Decision::unchanged(once.clone()));
        let there_and_back =
            vec![Change::Title(None), Change::Title(once.title.clone()), Change::Stage(once.stage)];
        assert_eq!(once.edit(there_and_back, Edit::OnItself, later).unwrap(), Decision::unchanged(once));
    }
}

fn grown() -> Event {
    Event { occurrence: Some((id(50), "2027-01".parse().unwrap())), ..in_stage(Stage::Held) }
}

#[test]
fn what_is_set_on_the_evening_no_longer_follows_its_series() {
    let by_hand = edit(&grown(), Change::Title(Some(title("À part")))).unwrap().value;
    assert_eq!(by_hand.own, [Field::Title].into());
    let by_series = grown().edit(vec![Change::Title(None)], Edit::BySeries, now()).unwrap().value;
    assert!(by_series.own.is_empty());
    let said = edit(&grown(), Change::Title(grown().title)).unwrap();
    assert_eq!(said.value.own, [Field::Title].into(), "the same value, but now its own");
    assert_eq!(said.facts, [Fact::EventChanged { event: id(100), fields: vec![Field::Title] }]);
    assert_eq!(said.value.sequence, grown().sequence);
    assert!(edit(&said.value, Change::Title(grown().title)).unwrap().is_unchanged());
    let single = edit(&in_stage(Stage::Held), Change::Title(grown().title)).unwrap();
    assert!(single.is_unchanged(), "without a series there is nothing to follow");
}

#[test]
fn a_date_is_placed_by_hand_only_when_it_differs() {
    let same = edit(&grown(), Change::Span(grown().span)).unwrap();
    assert!(same.is_unchanged(), "an import onto the held date leaves it to the series");
    let longer = Span::lasting(day("2027-01-14"), "19:00:00".parse().unwrap(), common::PARIS, 180).unwrap();
    assert_eq!(edit(&grown(), Change::Span(longer)).unwrap().value.own, [Field::EndsAt].into());
    let moved = edit(&grown(), Change::Span(evening_of("2027-01-21"))).unwrap().value;
    assert_eq!(moved.own, [Field::StartsAt, Field::EndsAt].into());
}

fn speakers(event: &Event) -> Vec<Person> {
    event.details.speakers.clone()
}

#[test]
fn the_last_of_a_role_leaves_it_vacant() {
    for (format, role) in [
        (Format::RoundTable, Role::Moderator),
        (Format::Workshop, Role::Facilitator),
        (Format::Retex, Role::Speaker),
    ] {
        for becomes in [Departure::Left, Departure::Erased] {
            let event = published(format);
            let Decision { value, facts } = event.without(id(1), becomes, now()).unwrap();
            assert_eq!(value.details.people().collect::<Vec<_>>(), [(role, &Person::Vacant)]);
            assert_eq!(value.stage, Stage::Published, "it stays published");
            assert_eq!(value.sequence, event.sequence + 1);
            let vacated = Fact::RoleVacated { event: event.id, role };
            assert_eq!(
                facts,
                [Fact::LeftProgramme { event: event.id, member: id(1), role }, vacated.clone()]
            );
            assert_eq!(notifications(&vacated)[0].kind, NoticeKind::RoleVacant);
            let edited = edit(&value, Change::Title(Some(title("À préciser")))).unwrap();
            assert_eq!(edited.value.stage, Stage::Published, "and can be edited");
        }
    }
}

#[test]
fn one_of_several_and_those_the_format_can_do_without_just_go() {
    let mut event = published(Format::Retex);
    event.details.speakers.push(member(2));
    event.details.scribe = Some(member(3));
    let two = event.without(id(1), Departure::Left, now()).unwrap();
    assert_eq!((speakers(&two.value), two.facts.len()), (vec![member(2)], 1));
    let scribe = event.without(id(3), Departure::Left, now()).unwrap();
    assert_eq!((scribe.value.details.scribe, scribe.facts.len()), (None, 1));
    assert_eq!(event.without(id(9), Departure::Left, now()), None, "not on the programme");
    let planned = draft(Format::Retex).without(id(1), Departure::Left, now()).unwrap();
    assert_eq!((speakers(&planned.value), planned.facts.len()), (vec![], 1), "missing again, not vacant");
    event.details.speakers = vec![Person::Vacant, member(2)];
    let last = event.without(id(2), Departure::Left, now()).unwrap();
    assert_eq!((speakers(&last.value), last.facts.len()), (vec![Person::Vacant], 2));
}

#[test]
fn the_past_keeps_a_name_until_it_is_erased() {
    let over = published(Format::Retex);
    let after = over.span.ends_at;
    assert_eq!(over.without(id(1), Departure::Left, after), None);
    let erased = over.without(id(1), Departure::Erased, after).unwrap();
    assert_eq!((speakers(&erased.value), erased.facts.len()), (vec![Person::Former], 1));
    let cancelled = in_stage(Stage::Cancelled);
    assert_eq!(cancelled.without(id(1), Departure::Left, now()), None);
    let erased = cancelled.without(id(1), Departure::Erased, now()).unwrap().value;
    assert_eq!((speakers(&erased), erased.stage), (vec![Person::Former], Stage::Cancelled));
}

#[test]
fn vacant_and_former_cannot_be_entered_not_even_where_one_stands() {
    let vacant = published(Format::Retex).without(id(1), Departure::Left, now()).unwrap().value;
    for people in
        [vec![Person::Vacant, Person::Vacant], vec![Person::Former], vec![member(2), Person::Former]]
    {
        let refused = edit(&vacant, Change::People(Role::Speaker, people.clone())).unwrap_err();
        let EditRefused::Flaws(flaws) = refused else { panic!("{refused:?}") };
        assert!(flaws.iter().all(|flaw| flaw.what == Wrong::Nobody), "{people:?} {flaws:?}");
    }
    let filled = edit(&vacant, Change::People(Role::Speaker, vec![member(2)])).unwrap().value;
    assert_eq!(speakers(&filled), [member(2)]);
    let back = edit(&filled, Change::People(Role::Speaker, vec![Person::Vacant]));
    assert!(matches!(back, Err(EditRefused::Flaws(_))), "only a leaving makes it");
    let clone = Event { stage: Stage::Draft, slug: None, ..vacant.clone() };
    assert!(matches!(clone.publish(slug(&vacant), now()), Err(StageRefused::Incomplete(_))));
}

#[test]
fn the_place_and_the_seats_of_a_past_evening_stay_and_history_may_be_written_down() {
    let event = in_stage(Stage::Published);
    let after = event.span.ends_at + TimeDelta::days(1);
    for change in [Change::Venue(Some(id(77))), Change::Capacity(Some(3)), Change::MaxGuests(4)] {
        for by in [Edit::OnItself, Edit::History] {
            let refused = event.edit(vec![change.clone()], by, after);
            assert_eq!(refused, Err(EditRefused::Over), "{change:?}");
        }
    }
    assert!(event.edit(vec![Change::Title(Some(title("Autre")))], Edit::OnItself, after).is_ok());
    let held = in_stage(Stage::Held);
    let earlier = Span::new(held.span.start - TimeDelta::minutes(30), held.span.end, held.span.zone).unwrap();
    let told = vec![Change::Span(earlier), Change::Venue(Some(id(77))), Change::Capacity(Some(3))];
    assert_eq!(held.edit(told.clone(), Edit::OnItself, after), Err(EditRefused::Over));
    assert!(held.edit(told, Edit::History, after).is_ok());
    let days = TimeDelta::days(1);
    let other = Span::new(held.span.start - days, held.span.end - days, held.span.zone).unwrap();
    let elsewhen = held.edit(vec![Change::Span(other)], Edit::History, after);
    assert_eq!(elsewhen, Err(EditRefused::Over), "of that same day");
}

#[test]
fn the_opening_moves_along_with_the_date_and_what_is_open_stays_open() {
    let opens = |event: &Event| event.opens_at.unwrap().to_rfc3339();
    let moved = |event: &Event, day: &str, now: &str| {
        let change = Change::Span(evening_of(day));
        event.edit(vec![change], Edit::OnItself, at(now)).unwrap().value
    };
    let mut event = published(Format::Retex);
    event.opens_at = Some(at("2027-01-07T18:00:00Z"));
    let (before, while_open) = ("2026-12-01T09:00:00Z", "2027-01-08T09:00:00Z");
    assert_eq!(opens(&moved(&event, "2027-01-21", before)), "2027-01-14T18:00:00+00:00");
    // Earlier than it was to open: that would be refused in a field that nobody touched.
    assert_eq!(opens(&moved(&event, "2027-01-05", before)), "2026-12-29T18:00:00+00:00");
    assert_eq!(opens(&moved(&event, "2027-01-21", while_open)), "2027-01-07T18:00:00+00:00");
}

#[test]
fn a_venue_that_moves_takes_its_announced_evenings_along_and_nobody_else_is_told() {
    let event = published(Format::Retex);
    let (moved, told) = event.venue_moved(now());
    assert_eq!(moved.moved_sequence, moved.sequence);
    assert_eq!(moved.sequence, event.sequence + 1);
    assert!(matches!(told, Some(Fact::EventMoved { told: true, .. })), "{told:?}");
    let described = event.venue_described(now());
    assert_eq!((described.sequence, described.moved_sequence), (event.sequence + 1, event.moved_sequence));
    let planned = draft(Format::Retex);
    let (later, told) = planned.venue_moved(now());
    assert!(told.is_none() && later.revision > planned.revision);
    assert_eq!(later.sequence, planned.sequence);
}
