//! The season of the demo, made as if the last weeks had been lived.

use std::collections::BTreeSet;

use chrono::{DateTime, Duration, NaiveDate, NaiveTime, Utc, Weekday};
use mensuel_domain::{
    event::{Change, Event, Stage},
    fact::Actor,
    format::Format,
    id::Id,
    invitation::Invitation,
    lang::Lang,
    member::{Follows, Member, Status},
    rsvp::{Answer, Channel, Request, Seat},
    series::{Rule, Skip, Week},
    text::{Email, Line, PersonName, Prose, TextError, Title, WebAddress},
    time::{Moment, Span, When},
};
use mensuel_infra::{
    clock::FakeClock,
    store::{events as rows, invitations, members as people, rsvps as answers},
};

use crate::{
    app::App,
    csv_input::{self, EventLine, MemberLine, Sheet},
    use_cases::{
        By, Failure,
        events::{self, EventEdit, Invite, NewEvent},
        imports::{self, Manner, Report},
        members,
        rsvps::{self, Asked, Whose},
        series::{self, NewSeries},
    },
    worker,
};

const MEMBERS: &[u8] = include_bytes!("members.csv");
const SEASON: &[u8] = include_bytes!("season.csv");
/// The lines of the file that are for evenings already past, the others for those to come.
const LINES_FOR_THE_PAST: usize = 2;
/// How long ago the community began with this service.
const BEGAN: Duration = Duration::days(50);

pub(super) struct Made {
    pub(super) organizer: Id<Member>,
    /// A member who was invited and has not answered.
    pub(super) guide: Id<Member>,
}

/// Lives the weeks before `now`, step by step.
pub(super) async fn make(app: &App, clock: &FakeClock, now: DateTime<Utc>) -> Result<Made, Failure> {
    let begin = now - BEGAN;
    clock.set(begin);
    let organizer = found(app).await?;
    take_members(app).await?;
    let evenings = hold_dates(app, organizer).await?;
    fill_dates(app, &evenings, now).await?;
    let guide = guide(app).await?;
    let visit = plan_visit(app, organizer, &evenings, now).await?;
    for (at, step) in steps(app, &evenings, visit, begin, now) {
        clock.set(at);
        take(app, organizer, guide, step).await?;
        worker::until_idle(app).await?;
    }
    Ok(Made { organizer, guide })
}

/// What somebody did on a day.
#[derive(Clone, Copy, Debug)]
enum Step {
    Publish(Id<Event>, Invite),
    /// Answers of the invited by their links: yes, maybe, no.
    Answer(Id<Event>, usize, usize, usize),
    /// Answers of members told to an organizer: yes.
    Note(Id<Event>, usize),
    /// One who has a seat gives it back.
    GiveBack(Id<Event>),
    Cancel(Id<Event>),
}

fn steps(
    app: &App,
    evenings: &[Event],
    visit: Id<Event>,
    begin: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Vec<(DateTime<Utc>, Step)> {
    let day = Duration::days;
    let (past, coming): (Vec<&Event>, Vec<&Event>) =
        evenings.iter().partition(|event| event.span.starts_at <= now);
    let mut steps = Vec::new();
    for event in past.iter().rev().take(LINES_FOR_THE_PAST) {
        let published = (event.span.starts_at - day(21)).max(begin + day(1));
        steps.push((published, Step::Publish(event.id, Invite::None)));
        steps.push((event.span.starts_at - day(1), Step::Note(event.id, 18)));
    }
    if let [next, full, announced, ..] = coming.as_slice() {
        let published = (next.span.starts_at - day(21)).min(now - day(7)).max(begin + day(2));
        steps.push((published, Step::Publish(next.id, Invite::Followers)));
        steps.push((published + Duration::hours(5), Step::Answer(next.id, 12, 2, 4)));
        steps.push((now - day(1), Step::Answer(next.id, 9, 3, 5)));
        steps.push((now - day(5), Step::Publish(full.id, Invite::Followers)));
        steps.push((now - day(4), Step::Answer(full.id, 17, 2, 6)));
        steps.push((now - day(2), Step::Answer(full.id, 5, 0, 2)));
        steps.push((now - Duration::hours(20), Step::GiveBack(full.id)));
        steps.push((now - Duration::hours(30), Step::Publish(announced.id, Invite::None)));
    }
    steps.push((now - day(12), Step::Publish(visit, Invite::None)));
    steps.push((now - day(10), Step::Note(visit, 7)));
    steps.push((now - day(3), Step::Cancel(visit)));
    // Whatever today is, nothing happens before the beginning or after now.
    for (at, _) in &mut steps {
        // Nor at night, when the line would not be served.
        let quiet = app.community.waitlist.quiet.and_then(|quiet| quiet.ends(*at, app.community.zone));
        *at = quiet.unwrap_or(*at).clamp(begin + Duration::hours(1), now - Duration::minutes(10));
    }
    steps.sort_by_key(|(at, _)| *at);
    steps
}

async fn take(app: &App, organizer: Id<Member>, guide: Id<Member>, step: Step) -> Result<(), Failure> {
    let by = By::actor(Actor::Organizer(organizer));
    match step {
        Step::Publish(event, invite) => {
            events::publish(app, &by, event, invite, 0).await?;
        }
        Step::Cancel(event) => {
            let reason = Line::parse("La salle n'est plus disponible ce soir-là.").map_err(unlikely)?;
            events::cancel(app, &by, event, Some(reason)).await?;
        }
        Step::Answer(event, yes, maybe, no) => {
            let wanted = [(Answer::Yes, yes), (Answer::Maybe, maybe), (Answer::No, no)];
            let wanted = wanted.into_iter().flat_map(|(answer, times)| std::iter::repeat_n(answer, times));
            let silent = silent(app, event, guide).await?.into_iter();
            let asked = wanted.zip(silent).map(|(answer, (invitation, member))| Asked {
                actor: Actor::Member(member),
                event,
                whose: Whose::Invitation(invitation),
                request: request(answer, Channel::Link),
            });
            rsvps::answer(app, asked.collect()).await?;
        }
        Step::Note(event, yes) => {
            let asked = active(app, guide).await?.into_iter().skip(event_offset(event)).take(yes);
            let asked = asked.map(|member| Asked {
                actor: Actor::Organizer(organizer),
                event,
                whose: Whose::Member(member),
                request: request(Answer::Yes, Channel::Organizer),
            });
            rsvps::answer(app, asked.collect()).await?;
        }
        Step::GiveBack(event) => give_back(app, event).await?,
    }
    Ok(())
}

/// Other members come to other evenings.
fn event_offset(event: Id<Event>) -> usize {
    usize::from(event.uuid().as_bytes()[15]) % 90
}

fn request(answer: Answer, channel: Channel) -> Request {
    Request { answer, guests: 0, guest_names: Vec::new(), channel, over_capacity: false, before_move: false }
}

/// Invited members who have not answered, without the guide and the programme.
async fn silent(
    app: &App,
    event: Id<Event>,
    guide: Id<Member>,
) -> Result<Vec<(Id<Invitation>, Id<Member>)>, Failure> {
    let db = app.store.read();
    let Some(known) = rows::find(db, event).await? else {
        return Ok(Vec::new());
    };
    let answered = answers::of_event(db, event).await?;
    let invited = invitations::of_event(db, event, None, None).await?;
    let waits = |invitation: Invitation| {
        let member = invitation.guest.member()?;
        let free = member != guide && known.details.role_of(member).is_none();
        (free && !answered.contains_key(&invitation.id)).then_some((invitation.id, member))
    };
    Ok(invited.into_iter().filter_map(waits).collect())
}

async fn active(app: &App, guide: Id<Member>) -> Result<Vec<Id<Member>>, Failure> {
    let all = people::list(app.store.read(), &people::Filter::default()).await?;
    let fits =
        |member: &Member| member.status == Status::Active && member.id != guide && !member.is_organizer();
    Ok(all.iter().filter(|member| fits(member)).map(|member| member.id).collect())
}

async fn give_back(app: &App, event: Id<Event>) -> Result<(), Failure> {
    let seated = answers::of_event(app.store.read(), event).await?;
    let one = seated.values().find(|rsvp| rsvp.seat == Seat::Confirmed);
    if let Some((rsvp, member)) = one.and_then(|rsvp| Some((rsvp, rsvp.member?))) {
        let asked = Asked {
            actor: Actor::Member(member),
            event,
            whose: Whose::Invitation(rsvp.invitation),
            request: request(Answer::No, Channel::Link),
        };
        rsvps::answer(app, vec![asked]).await?;
    }
    Ok(())
}

/// Two organizers; the first acts.
async fn found(app: &App) -> Result<Id<Member>, Failure> {
    let mut first = None;
    for (name, email) in [
        ("Camille Roche", "camille.roche@confluent.example"),
        ("Idris Benali", "idris.benali@confluent.example"),
    ] {
        let email = Email::parse(email).map_err(unlikely)?;
        let name = PersonName::parse(name).map_err(unlikely)?;
        let member = members::add_organizer(app, &email, Some(name)).await?;
        first.get_or_insert(member.id);
    }
    first.ok_or(Failure::Panicked)
}

async fn take_members(app: &App) -> Result<(), Failure> {
    let mut sheet = csv_input::members(MEMBERS).map_err(|_| Failure::Panicked)?;
    date_from_today(app.today(), &mut sheet);
    taken(imports::members(app, Actor::Operator, sheet, Manner::default(), || ()).await?)
}

/// The latest member joined lately, whenever today is.
fn date_from_today(today: NaiveDate, sheet: &mut Sheet<MemberLine>) {
    let since = |line: &Result<MemberLine, _>| line.as_ref().ok().and_then(|line| line.member_since);
    let Some(latest) = sheet.lines.iter().filter_map(since).max() else {
        return;
    };
    let later = today - latest - Duration::days(3);
    for line in sheet.lines.iter_mut().flatten() {
        line.member_since = line.member_since.map(|day| day + later);
    }
}

/// The dates of "second Thursday at 19:00, not in July and August", in their order.
async fn hold_dates(app: &App, organizer: Id<Member>) -> Result<Vec<Event>, Failure> {
    let new = NewSeries {
        title: Title::parse("La soirée du mois").map_err(unlikely)?,
        rule: Rule {
            week: Week::Nth(2),
            weekday: Weekday::Thu,
            at: NaiveTime::from_hms_opt(19, 0, 0).unwrap_or_default(),
            zone: app.community.zone,
            minutes: 150,
        },
        format: None,
        capacity: None,
        venue: None,
        from: app.today(),
        until: None,
        skips: BTreeSet::from([Skip::EveryYear(7), Skip::EveryYear(8)]),
        moves: Default::default(),
    };
    let (made, _) = series::create(app, &By::actor(Actor::Organizer(organizer)), new, false).await?;
    let filter = rows::Filter { series: Some(made.id), ..Default::default() };
    Ok(rows::list(app.store.read(), &filter).await?)
}

/// Writes the programmes onto the dates by a file, as an organizer would.
async fn fill_dates(app: &App, evenings: &[Event], now: DateTime<Utc>) -> Result<(), Failure> {
    let sheet = csv_input::season(SEASON, app.community.zone).map_err(|_| Failure::Panicked)?;
    let lines: Vec<EventLine> = sheet.lines.into_iter().flatten().collect();
    let (coming, past) = lines.split_at(lines.len().saturating_sub(LINES_FOR_THE_PAST));
    let (before, after): (Vec<&Event>, Vec<&Event>) =
        evenings.iter().partition(|event| event.span.starts_at <= now);
    let pairs = before.into_iter().rev().zip(past).chain(after.into_iter().zip(coming));
    let dated = pairs.filter_map(|(event, line)| on_day_of(event, line)).map(Ok).collect();
    let sheet = Sheet { lines: dated, ..sheet };
    taken(imports::events(app, Actor::Operator, sheet, Manner::default(), || ()).await?)
}

fn on_day_of(event: &Event, line: &EventLine) -> Option<EventLine> {
    let day = event.span.date();
    let (start, end) = (line.span.start.time(), line.span.end.time());
    let span = Span::new(day.and_time(start), day.and_time(end), event.span.zone).ok()?;
    Some(EventLine { span, ..line.clone() })
}

/// A single evening beside the series, which will be cancelled.
async fn plan_visit(
    app: &App,
    organizer: Id<Member>,
    evenings: &[Event],
    now: DateTime<Utc>,
) -> Result<Id<Event>, Failure> {
    let mut day = now.with_timezone(&app.community.zone).date_naive() + Duration::days(12);
    while evenings.iter().any(|event| event.span.date() == day) {
        day += Duration::days(1);
    }
    let start = day.and_time(NaiveTime::from_hms_opt(18, 30, 0).unwrap_or_default());
    let edit = EventEdit {
        when: When {
            start: Some(Moment::Wall(start)),
            minutes: Some(120),
            zone: Some(app.community.zone),
            end: None,
        },
        venue: None,
        changes: vec![
            Change::Format(Some(Format::OpenDiscussion)),
            Change::Title(Some(
                Title::parse("À distance : vos questions sur l'astreinte").map_err(unlikely)?,
            )),
            Change::Summary(Some(Prose::parse("En petit comité, en ligne.").map_err(unlikely)?)),
            Change::OnlineUrl(Some(
                WebAddress::parse("https://visio.confluent.example/astreinte").map_err(unlikely)?,
            )),
            Change::Capacity(Some(12)),
        ],
    };
    let by = By::actor(Actor::Organizer(organizer));
    Ok(events::create(app, &by, NewEvent { stage: Stage::Draft, edit }).await?.id)
}

/// Somebody who is invited to everything, is on no programme and has not answered.
async fn guide(app: &App) -> Result<Id<Member>, Failure> {
    let db = app.store.read();
    for member in people::list(db, &people::Filter::default()).await? {
        let fits = member.status == Status::Active
            && member.follows == Follows::All
            && member.language == Lang::Fr
            && !member.is_organizer();
        if fits && rows::with_member(db, member.id).await?.is_empty() {
            return Ok(member.id);
        }
    }
    Err(Failure::Panicked)
}

fn taken(report: Report) -> Result<(), Failure> {
    let wrong = report.lines.iter().find(|line| matches!(line.outcome, imports::Outcome::Wrong(_)));
    match wrong {
        None => Ok(()),
        Some(line) => {
            tracing::error!(line = line.line, outcome = ?line.outcome, "a line of the demo is wrong");
            Err(Failure::Panicked)
        }
    }
}

/// Texts that stand in this file are right.
fn unlikely(_: TextError) -> Failure {
    Failure::Panicked
}
