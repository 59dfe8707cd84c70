//! "Invitations and mail" of the rules: what becomes of a notification when it comes due, and when
//! an evening is remembered.

mod common;

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use common::{Dice, PARIS, at, day, draft, evening_of, id, now, published, slug};
use mensuel_domain::{
    delivery::{Circumstances, Evening, Person, Verdict, Why, settle},
    event::{Change, Edit, Event, Stage},
    fact::{Audience, Fact, InvitedBecause, NoticeKind, notifications},
    format::Format,
    member::Status,
    reminder::{CHOICES, Times, due, due_at, next_due},
    rsvp::{Answer, Seat},
};

use NoticeKind::{
    Cancelled, Invitation, Links, Moved, OfferExpired, Offered, ProgrammeDeclined, Promoted, Reminder,
    RoleVacant,
};
use Verdict::{Drop, Merge, Send};

const START: &str = "2027-01-14T18:00:00Z";

/// An active member who has been told of a coming evening and has not answered.
fn told() -> Circumstances {
    let event = published(Format::Retex);
    Circumstances {
        now: at("2027-01-07T18:00:00Z"),
        evening: Some(Evening {
            stage: Stage::Published,
            starts_at: event.span.starts_at,
            ends_at: event.span.ends_at,
            closed: false,
            reminded_start: Some(event.span.starts_at),
            reminded_days: Some(7),
            first_reminder: true,
        }),
        person: Person {
            status: Status::Active,
            wants_invitations: true,
            wants_nudges: true,
            reminders: Times::DEFAULT,
            on_programme: false,
            address_stopped: false,
        },
        answer: None,
        answered_since: false,
        told: true,
        later: Vec::new(),
        earlier: Vec::new(),
    }
}

impl Is for Circumstances {}

/// Circumstances in words.
trait Is: Into<Circumstances> {
    fn not_told(self) -> Circumstances {
        Circumstances { told: false, ..self.into() }
    }
    fn said(self, answer: Answer, seat: Seat) -> Circumstances {
        Circumstances { answer: Some((answer, seat)), ..self.into() }
    }
    fn invites(self, wants: bool) -> Circumstances {
        self.person(|person| person.wants_invitations = wants)
    }
    fn nudges(self, wants: bool) -> Circumstances {
        self.person(|person| person.wants_nudges = wants)
    }
    fn reminded(self, days: &[u32]) -> Circumstances {
        let times = Times::of(days.iter().copied()).unwrap();
        self.person(|person| person.reminders = times)
    }
    fn seated(self) -> Circumstances {
        self.said(Answer::Yes, Seat::Confirmed)
    }
    fn waiting(self) -> Circumstances {
        self.said(Answer::Yes, Seat::Waitlisted)
    }
    fn offered(self) -> Circumstances {
        self.said(Answer::Yes, Seat::Offered)
    }
    fn maybe(self) -> Circumstances {
        self.said(Answer::Maybe, Seat::None)
    }
    fn declined(self) -> Circumstances {
        self.said(Answer::No, Seat::None)
    }
    fn since(self) -> Circumstances {
        Circumstances { answered_since: true, ..self.into() }
    }
    fn closed(self) -> Circumstances {
        self.evening(|evening| evening.closed = true)
    }
    fn then(self, later: &[NoticeKind]) -> Circumstances {
        Circumstances { later: later.to_vec(), ..self.into() }
    }
    fn after(self, earlier: &[NoticeKind]) -> Circumstances {
        Circumstances { earlier: earlier.to_vec(), ..self.into() }
    }
    fn person(self, change: impl FnOnce(&mut Person)) -> Circumstances {
        let mut at = self.into();
        change(&mut at.person);
        at
    }
    fn evening(self, change: impl FnOnce(&mut Evening)) -> Circumstances {
        let mut at = self.into();
        at.evening.as_mut().map(change);
        at
    }
    fn status(self, status: Status) -> Circumstances {
        self.person(|person| person.status = status)
    }
    fn unsubscribed(self) -> Circumstances {
        self.person(|person| (person.wants_invitations, person.wants_nudges) = (false, false))
    }
    fn on_programme(self) -> Circumstances {
        self.person(|person| person.on_programme = true)
    }
    fn stage(self, stage: Stage) -> Circumstances {
        self.evening(|evening| evening.stage = stage)
    }
}

#[track_caller]
fn check(cases: Vec<(&str, NoticeKind, Circumstances, Verdict)>) {
    for (name, kind, at, expected) in cases {
        assert_eq!(settle(kind, &at), expected, "{kind:?}: {name}");
    }
}

#[test]
fn a_cancellation_goes_only_to_those_who_know_of_the_evening_and_nothing_follows_it() {
    let off = || told().stage(Stage::Cancelled);
    check(vec![
        ("told", Cancelled, off(), Send),
        ("told and coming", Cancelled, off().seated(), Send),
        ("told, and said no", Cancelled, off().declined(), Send),
        ("never told", Cancelled, off().not_told(), Drop(Why::NeverTold)),
        (
            "its invitation still waits",
            Cancelled,
            off().not_told().after(&[Invitation]),
            Drop(Why::NeverTold),
        ),
        ("answered on the phone, the confirmation still waits", Cancelled, off().not_told().seated(), Send),
        ("unsubscribed and silent", Cancelled, off().unsubscribed(), Drop(Why::Unsubscribed)),
        ("unsubscribed and waiting", Cancelled, off().unsubscribed().waiting(), Send),
        ("paused", Cancelled, off().status(Status::Paused), Send),
    ]);
    for kind in NoticeKind::ALL {
        let verdict = settle(kind, &off().seated());
        let expected = match kind {
            Cancelled | Links => Send,
            Invitation
            | NoticeKind::Answer
            | Promoted
            | Offered
            | OfferExpired
            | Reminder
            | Moved
            | RoleVacant
            | ProgrammeDeclined
            | NoticeKind::AnswerNotTaken
            | NoticeKind::InboundMail
            | NoticeKind::MailPaused => Drop(Why::Cancelled),
        };
        assert_eq!(verdict, expected, "{kind:?} of a cancelled evening");
    }
}

#[test]
fn an_invitation_is_dropped_once_it_says_nothing_new() {
    check(vec![
        ("first word of the evening", Invitation, told().not_told(), Send),
        ("answered meanwhile", Invitation, told().not_told().seated(), Drop(Why::Answered)),
        ("said no meanwhile", Invitation, told().declined(), Drop(Why::Answered)),
        ("said no, and then came onto the programme", Invitation, told().declined().on_programme(), Send),
        ("said yes, and then came onto the programme", Invitation, told().seated().on_programme(), Send),
        (
            "on the programme, and answered meanwhile",
            Invitation,
            told().declined().on_programme().since(),
            Drop(Why::Answered),
        ),
        ("the deadline passed", Invitation, told().not_told().closed(), Drop(Why::TooLate)),
        (
            "the deadline passed, on the programme",
            Invitation,
            told().not_told().closed().on_programme(),
            Send,
        ),
        ("two wait", Invitation, told().not_told().then(&[Invitation]), Merge(Invitation)),
        ("paused", Invitation, told().not_told().status(Status::Paused), Drop(Why::Paused)),
        ("unsubscribed", Invitation, told().not_told().unsubscribed(), Drop(Why::Unsubscribed)),
        ("speaker, unsubscribed", Invitation, told().not_told().unsubscribed().on_programme(), Send),
        ("speaker, paused", Invitation, told().status(Status::Paused).on_programme(), Send),
    ]);
}

#[test]
fn moved_twice_is_one_mail() {
    check(vec![
        ("told", Moved, told(), Send),
        ("moved again", Moved, told().seated().then(&[Moved]), Merge(Moved)),
        ("never told", Moved, told().not_told(), Drop(Why::NeverTold)),
        (
            "to be invited: the invitation says the new date",
            Moved,
            told().not_told().after(&[Invitation]),
            Merge(Invitation),
        ),
        ("invited again later", Moved, told().not_told().then(&[Invitation]), Merge(Invitation)),
        ("said no", Moved, told().declined(), Send),
        ("paused", Moved, told().status(Status::Paused), Send),
        ("unsubscribed and silent", Moved, told().unsubscribed(), Drop(Why::Unsubscribed)),
        ("unsubscribed and said no", Moved, told().unsubscribed().declined(), Drop(Why::Unsubscribed)),
        ("unsubscribed and coming", Moved, told().unsubscribed().seated(), Send),
        ("unsubscribed and maybe", Moved, told().unsubscribed().maybe(), Send),
        ("unsubscribed and waiting", Moved, told().unsubscribed().waiting(), Send),
        ("unsubscribed speaker", Moved, told().unsubscribed().on_programme(), Send),
    ]);
}

#[test]
fn answers_and_promotions() {
    let answer = NoticeKind::Answer;
    check(vec![
        ("confirmed", answer, told().seated(), Send),
        ("third on the waitlist", answer, told().waiting(), Send),
        ("said no", answer, told().declined(), Send),
        ("unsubscribed", answer, told().unsubscribed().seated(), Send),
        ("promoted before it left", answer, told().seated().then(&[Promoted]), Merge(Promoted)),
        ("answered again before it left", answer, told().waiting().then(&[answer]), Merge(answer)),
        ("promoted, then said no", answer, told().declined().then(&[Promoted, answer]), Merge(answer)),
        (
            "promoted, and the seat gone with a member's leaving",
            answer,
            told().then(&[Promoted]),
            Drop(Why::NotConcerned),
        ),
        ("taken back", answer, told(), Drop(Why::NotConcerned)),
        ("promoted", Promoted, told().seated(), Send),
        ("promoted, unsubscribed", Promoted, told().unsubscribed().seated(), Send),
        ("promoted, paused", Promoted, told().status(Status::Paused).seated(), Send),
        ("gave the seat up", Promoted, told().declined(), Drop(Why::NotConcerned)),
        ("gave the seat up and waits again", Promoted, told().waiting(), Drop(Why::NotConcerned)),
        (
            "promoted, and said yes with a guest fewer",
            Promoted,
            told().seated().then(&[answer]),
            Merge(answer),
        ),
        ("promoted twice", Promoted, told().seated().then(&[Promoted]), Merge(Promoted)),
    ]);
}

#[test]
fn offers_are_told_while_they_stand_and_their_end_to_those_who_wait_again() {
    let answer = NoticeKind::Answer;
    check(vec![
        ("offered", Offered, told().offered(), Send),
        ("offered, unsubscribed", Offered, told().unsubscribed().offered(), Send),
        ("taken before it left", Offered, told().seated().then(&[answer]), Merge(answer)),
        ("let go before it left", Offered, told().declined().then(&[answer]), Merge(answer)),
        ("ended before it left", Offered, told().waiting().then(&[OfferExpired]), Merge(OfferExpired)),
        ("ended, and another", Offered, told().offered().then(&[OfferExpired, Offered]), Merge(Offered)),
        ("became a seat", Offered, told().seated().then(&[Promoted]), Merge(Promoted)),
        ("ended", OfferExpired, told().waiting(), Send),
        ("ended, and offered again at once", OfferExpired, told().offered().then(&[Offered]), Merge(Offered)),
        ("ended, and a seat at once", OfferExpired, told().seated().then(&[Promoted]), Merge(Promoted)),
        ("ended, and a seat long ago", OfferExpired, told().seated(), Drop(Why::NotConcerned)),
        (
            "third on the waitlist, and offered a seat",
            answer,
            told().offered().then(&[Offered]),
            Merge(Offered),
        ),
        ("a reminder while offered", Reminder, told().offered(), Drop(Why::NotConcerned)),
    ]);
}

/// Whatever waits for one person: what is worth saying is merged only into what is said.
#[test]
fn nothing_is_lost_by_merging() {
    let kinds = [Invitation, NoticeKind::Answer, Promoted, Offered, OfferExpired, Reminder, Moved];
    let answers = [
        told(),
        told().not_told(),
        told().seated(),
        told().waiting(),
        told().offered(),
        told().maybe(),
        told().declined(),
        told().unsubscribed().seated(),
    ];
    let mut dice = Dice(5);
    for _ in 0..20_000 {
        let queue: Vec<NoticeKind> = (0..1 + dice.below(5)).map(|_| dice.one_of(&kinds)).collect();
        let at = answers[dice.below(answers.len() as u64) as usize].clone();
        let verdicts: Vec<Verdict> = (0..queue.len())
            .map(|i| settle(queue[i], &at.clone().then(&queue[i + 1..]).after(&queue[..i])))
            .collect();
        for (i, verdict) in verdicts.iter().enumerate() {
            let Merge(into) = verdict else { continue };
            let last = queue.iter().rposition(|kind| kind == into).unwrap();
            let told_by_invitation = *into == Invitation && queue[i] == Moved;
            assert!(last > i || told_by_invitation, "{queue:?} {verdicts:?}");
            let says_nothing = matches!(settle(queue[i], &at), Drop(_));
            assert!(says_nothing || !matches!(verdicts[last], Drop(_)), "{queue:?} {verdicts:?} {at:?}");
        }
        let sent = |kind| queue.iter().zip(&verdicts).filter(|(k, v)| **k == kind && **v == Send).count();
        for kind in kinds {
            let once = kind != Reminder || at.answer.is_some_and(|(_, seat)| seat == Seat::Confirmed);
            assert!(!once || sent(kind) <= 1, "{kind:?} twice: {queue:?} {verdicts:?}");
        }
    }
}

#[test]
fn reminders_go_to_confirmed_guests_and_one_nudge_to_those_who_may_come() {
    let second = |at: Circumstances| at.evening(|evening| evening.first_reminder = false);
    let paused = || told().status(Status::Paused);
    check(vec![
        ("coming", Reminder, told().seated(), Send),
        ("coming, the second", Reminder, second(told().seated()), Send),
        ("on the programme", Reminder, told().said(Answer::Yes, Seat::Programme), Send),
        ("waiting", Reminder, told().waiting(), Drop(Why::NotConcerned)),
        ("said no", Reminder, told().declined(), Drop(Why::NotConcerned)),
        ("maybe: a nudge", Reminder, told().maybe(), Send),
        ("silent: a nudge", Reminder, told(), Send),
        ("maybe, the second", Reminder, second(told().maybe()), Drop(Why::NotConcerned)),
        ("silent, the second", Reminder, second(told()), Drop(Why::NotConcerned)),
        ("silent because never told", Reminder, told().not_told(), Drop(Why::NotConcerned)),
        ("unsubscribed and coming", Reminder, told().unsubscribed().seated(), Send),
        ("unsubscribed and maybe", Reminder, told().unsubscribed().maybe(), Drop(Why::Unsubscribed)),
        ("unsubscribed and silent", Reminder, told().unsubscribed(), Drop(Why::Unsubscribed)),
        ("no invitations, and maybe", Reminder, told().invites(false).maybe(), Send),
        ("no invitations, and silent", Reminder, told().invites(false), Drop(Why::Unsubscribed)),
        ("no nudges, and coming", Reminder, told().nudges(false).seated(), Send),
        ("no nudges, and maybe", Reminder, told().nudges(false).maybe(), Drop(Why::Unsubscribed)),
        ("no nudges, and silent", Reminder, told().nudges(false), Drop(Why::Unsubscribed)),
        ("another time chosen since", Reminder, told().reminded(&[3]).seated(), Drop(Why::NotWanted)),
        ("another time, and silent", Reminder, told().reminded(&[3]), Drop(Why::NotWanted)),
        ("no reminders, and coming", Reminder, told().reminded(&[]).seated(), Drop(Why::NotWanted)),
        ("no reminders, and maybe: asked all the same", Reminder, told().reminded(&[]).maybe(), Send),
        ("paused and coming", Reminder, paused().seated(), Send),
        ("paused and maybe", Reminder, paused().maybe(), Drop(Why::Paused)),
        (
            "made for another start",
            Reminder,
            told().seated().evening(|e| e.reminded_start = Some(now())),
            Drop(Why::Moved),
        ),
        ("begun", Reminder, Circumstances { now: at(START), ..told().seated() }, Drop(Why::Ended)),
        ("the next one came due too", Reminder, told().seated().then(&[Reminder]), Merge(Reminder)),
    ]);
}

#[test]
fn what_stops_everything_and_what_is_over() {
    let over = || Circumstances { now: at("2027-01-14T20:30:00Z"), ..told().seated() };
    for kind in NoticeKind::ALL {
        let stopped = told().seated().person(|person| person.address_stopped = true);
        assert_eq!(settle(kind, &stopped), Drop(Why::AddressStopped), "{kind:?}");
        for status in [Status::Left, Status::Suspended] {
            assert_eq!(settle(kind, &told().seated().status(status)), Drop(Why::NoLongerMember), "{kind:?}");
        }
        let expected = if kind == Links { Send } else { Drop(Why::Ended) };
        assert_eq!(settle(kind, &over()), expected, "{kind:?} after the end");
    }
}

#[test]
fn links_are_mailed_to_whoever_belongs_and_organizers_are_told() {
    let alone = Circumstances { evening: None, ..told().not_told() };
    check(vec![
        ("without an evening", Links, alone.clone(), Send),
        ("paused", Links, alone.clone().status(Status::Paused), Send),
        ("unsubscribed", Links, alone.unsubscribed(), Send),
        ("of one evening", Links, told().declined(), Send),
        ("a speaker left", RoleVacant, told().unsubscribed(), Send),
        ("a speaker said no", ProgrammeDeclined, told().declined(), Send),
    ]);
}

#[test]
fn who_is_told_what() {
    let event = id(100);
    let kinds = |fact: &Fact| {
        notifications(fact).into_iter().map(|told| (told.kind, told.audience)).collect::<Vec<_>>()
    };
    let made = |why| Fact::InvitationMade { event, invitation: id(5), why };
    assert_eq!(kinds(&made(InvitedBecause::AnsweredFor)), [], "the answer's own mail tells");
    for why in [InvitedBecause::Asked, InvitedBecause::OnProgramme, InvitedBecause::Follows] {
        assert_eq!(kinds(&made(why)), [(Invitation, Audience::Invited(id(5)))]);
    }
    assert_eq!(kinds(&Fact::EventPublished { event }), [], "invitations are asked for");
    assert_eq!(kinds(&Fact::EventCancelled { event }), [(Cancelled, Audience::AllInvited)]);
    assert_eq!(kinds(&Fact::EventsImported { added: 1, changed: 1, unchanged: 1 }), []);
    let left = Fact::MemberStatusChanged { member: id(1), from: Status::Active, to: Status::Left };
    assert_eq!(kinds(&left), []);
    let promoted = Fact::Promoted { event, invitation: id(5) };
    assert_eq!(
        kinds(&promoted),
        [(Promoted, Audience::Invited(id(5)))],
        "also when an import frees the seat"
    );
    let until = at(START);
    let offered = &notifications(&Fact::Offered { event, invitation: id(5), until })[0];
    assert_eq!((offered.kind, offered.detail.until), (Offered, Some(until)));
    assert_eq!(
        kinds(&Fact::OfferExpired { event, invitation: id(5) }),
        [(OfferExpired, Audience::Invited(id(5)))]
    );
    assert_eq!(kinds(&Fact::OfferWithdrawn { event, invitation: id(5) }), [], "the cancellation tells");
}

fn on(date: &str, published_at: &str) -> Event {
    let event = Event { span: evening_of(date), ..draft(Format::Retex) };
    event.publish(slug(&event), at(published_at)).unwrap().value
}

/// What is said to somebody who chose these times.
fn heard(chosen: Times, event: &Event, now: DateTime<Utc>) -> Option<u32> {
    due(event, now).iter().filter(|days| chosen.contains(*days)).last()
}

/// The reminders of evenings while time goes on by `steps`, each once as the rows' key has it:
/// event, days, start.
fn remembered(
    evenings: &[Event],
    chosen: Times,
    from: &str,
    to: &str,
    mut step: impl FnMut() -> TimeDelta,
) -> BTreeMap<(usize, u32, DateTime<Utc>), DateTime<Utc>> {
    let (mut clock, mut kept) = (at(from), BTreeMap::new());
    while clock < at(to) {
        for (at, event) in evenings.iter().enumerate() {
            if let Some(days) = heard(chosen, event, clock) {
                kept.entry((at, days, event.span.starts_at)).or_insert(clock);
            }
        }
        clock += step();
    }
    kept
}

#[test]
fn a_year_of_reminders_at_the_same_wall_time_through_both_changes_of_the_clocks() {
    // Each day of the weeks around the changes, and one evening of each other month.
    let mut dates: Vec<_> = (0..16).map(|days| day("2027-03-20") + TimeDelta::days(days)).collect();
    dates.extend((0..16).map(|days| day("2027-10-24") + TimeDelta::days(days)));
    dates.extend([1, 2, 4, 5, 6, 9, 11, 12].map(|month| day("2027-01-18").with_month(month).unwrap()));
    let evenings: Vec<Event> =
        dates.iter().map(|date| on(&date.to_string(), "2026-12-01T09:00:00Z")).collect();
    let all = Times::of(CHOICES).unwrap();
    for (chosen, each) in [(Times::DEFAULT, 2), (Times::of([14, 3]).unwrap(), 2), (all, 6), (Times::NONE, 0)]
    {
        let (from, to) = ("2026-12-01T00:00:00Z", "2028-01-01T00:00:00Z");
        let kept = remembered(&evenings, chosen, from, to, || TimeDelta::minutes(60));
        assert_eq!(kept.len(), each * evenings.len(), "each reminder once, none missing");
        for ((at, days, start), told) in kept {
            let wall = told.with_timezone(&PARIS).naive_local();
            let (date, hour) = (evenings[at].span.date(), evenings[at].span.start.time());
            let hour = if days == 0 { "08:00:00".parse().unwrap() } else { hour };
            let date = date - TimeDelta::days(i64::from(days));
            assert_eq!(wall, date.and_time(hour), "{days} days before");
            assert!(told < start);
        }
    }
}

#[test]
fn a_long_stop_says_the_nearest_only() {
    let evening = on("2027-03-30", "2026-12-01T09:00:00Z");
    for seed in 0..50 {
        let mut dice = Dice(seed);
        let kept = remembered(
            std::slice::from_ref(&evening),
            Times::of([14, 7, 3, 1, 0]).unwrap(),
            "2027-03-01T00:00:00Z",
            "2027-04-01T00:00:00Z",
            || TimeDelta::minutes(1 + dice.below(12 * 24 * 60) as i64),
        );
        let mut told: Vec<_> = kept.iter().map(|((_, days, _), at)| (*at, *days)).collect();
        told.sort();
        assert!(
            told.windows(2).all(|pair| pair[0].1 > pair[1].1),
            "never a farther after a nearer: {told:?}"
        );
        assert!(told.iter().all(|(at, _)| *at < evening.span.starts_at));
    }
}

#[test]
fn a_time_already_past_when_it_would_be_planned_is_left_out() {
    let late = on("2027-01-14", "2027-01-10T09:00:00Z");
    let days = |event: &Event, now: &str| heard(Times::DEFAULT, event, at(now));
    assert_eq!(days(&late, "2027-01-10T09:00:01Z"), None, "the week before was over at publication");
    assert_eq!(days(&late, "2027-01-13T17:59:59Z"), None);
    assert_eq!(days(&late, "2027-01-13T18:00:00Z"), Some(1));
    assert_eq!(days(&late, START), None, "begun");
    let early = on("2027-01-14", "2026-12-01T09:00:00Z");
    let move_to = |event: &Event, date, when: &str| {
        event.edit(vec![Change::Span(evening_of(date))], Edit::OnItself, at(when)).unwrap().value
    };
    let moved = move_to(&early, "2027-01-15", "2027-01-09T09:00:00Z");
    assert_eq!(days(&moved, "2027-01-09T12:00:00Z"), None, "a week before the new start was yesterday");
    assert_eq!(days(&moved, "2027-01-14T18:00:00Z"), Some(1));
    let sooner = move_to(&early, "2027-01-09", "2027-01-08T20:00:00Z");
    assert_eq!(days(&sooner, "2027-01-09T12:00:00Z"), None, "less than a day before");
}

#[test]
fn the_next_time_to_look() {
    let event = on("2027-01-14", "2026-12-01T09:00:00Z");
    let next = |now: &str| next_due(&event, at(now));
    assert_eq!(next("2026-12-01T09:00:00Z"), Some(at("2026-12-31T18:00:00Z")));
    assert_eq!(next("2026-12-31T18:00:00Z"), Some(at("2027-01-07T18:00:00Z")));
    assert_eq!(next("2027-01-12T18:00:00Z"), due_at(&event, 1));
    assert_eq!(next("2027-01-13T18:00:00Z"), Some(at("2027-01-14T07:00:00Z")));
    assert_eq!(next("2027-01-14T07:00:00Z"), None);
    for stage in [Stage::Held, Stage::Draft, Stage::Cancelled] {
        let other = Event { stage, ..event.clone() };
        assert_eq!(next_due(&other, now()), None);
        assert!(due(&other, at("2027-01-13T18:00:00Z")).is_empty());
    }
}
