//! What each kind of notification tells, as the rows are now.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use mensuel_domain::{
    event::{Event, Stage},
    fact::{Detail, NoticeKind},
    format::{Person, Role},
    id::Id,
    inbound::Reason,
    invitation::{Invitation, Invitee},
    member::Member,
    rsvp::{Answer, Channel},
    text::Email,
    time::Span,
};
use mensuel_infra::{
    links::{Claim, Purpose},
    mail::letter::{About, CameIn, Feed, Kind, LinkedEvening, Links, Refused, Standing},
    store::{
        StoreError, events, inbound, invitations, members,
        outbox::{self, Notice, State},
        rsvps, venues, waitlist,
    },
};

use super::{
    evening,
    known::{Known, Whole},
    merged_into,
};
use crate::{app::App, entries};

/// A letter's matter.
pub(super) struct Told {
    pub about: About,
    /// The evenings that a mail with links tells of.
    pub listed: Vec<Id<Invitation>>,
    /// Who is answered, when it is not the community.
    pub reply_to: Option<Email>,
}

impl Told {
    fn of(about: About) -> Self {
        Self { about, listed: Vec::new(), reply_to: None }
    }
}

/// `None` when it is no longer so, and nothing is to be told.
pub(super) async fn of(app: &App, known: &Known<'_>, now: DateTime<Utc>) -> Result<Option<Told>, StoreError> {
    if known.notice.kind == NoticeKind::Links {
        let (links, listed) = links(app, known, now).await?;
        return Ok(Some(Told { listed, ..Told::of(About::Links(links)) }));
    }
    if known.notice.kind == NoticeKind::InboundMail {
        return came_in(app, known).await;
    }
    if known.notice.kind == NoticeKind::MailPaused {
        return refused(app).await;
    }
    let Some(whole) = &known.whole else {
        return Ok(None);
    };
    let Some(kind) = kind(app, known, whole, now).await? else {
        return Ok(None);
    };
    let evening = Box::new(evening::of(app, known, whole, now)?);
    Ok(Some(Told::of(About::Evening(evening, kind))))
}

async fn kind(
    app: &App,
    known: &Known<'_>,
    whole: &Whole,
    now: DateTime<Utc>,
) -> Result<Option<Kind>, StoreError> {
    let event = &whole.event;
    Ok(match known.notice.kind {
        NoticeKind::Invitation => Some(Kind::Invitation { role: known.role() }),
        NoticeKind::Answer => Some(answer(known)),
        NoticeKind::Promoted => Some(Kind::Promoted),
        NoticeKind::Offered => Some(Kind::Offered),
        NoticeKind::OfferExpired => Some(Kind::OfferExpired),
        NoticeKind::Reminder => Some(Kind::Reminder { days: days_left(&event.span, now) }),
        NoticeKind::Moved => moved(app, known, whole).await?,
        NoticeKind::Cancelled => {
            Some(Kind::Cancelled { reason: event.cancellation_reason.as_ref().map(ToString::to_string) })
        }
        NoticeKind::RoleVacant => vacant(known.notice.detail.role, event),
        NoticeKind::ProgrammeDeclined => said_no(app, known).await?,
        NoticeKind::AnswerNotTaken => known.notice.detail.why.map(|why| Kind::NotTaken { why }),
        NoticeKind::Links | NoticeKind::InboundMail | NoticeKind::MailPaused => None,
    })
}

/// What the relay said when it refused us.
async fn refused(app: &App) -> Result<Option<Told>, StoreError> {
    let pause = outbox::pause(app.store.read()).await?;
    let Some((since, reason)) = pause.since.zip(pause.reason) else {
        return Ok(None);
    };
    let since = since.with_timezone(&app.community.zone).naive_local();
    Ok(Some(Told::of(About::Refused(Refused { since, reason }))))
}

fn answer(known: &Known<'_>) -> Kind {
    let by_calendar = known
        .part
        .as_ref()
        .and_then(|part| part.rsvp.as_ref())
        .is_some_and(|rsvp| rsvp.channel == Channel::Calendar);
    match known.part.as_ref().zip(known.event()).map(|(part, event)| evening::standing_of(event, part)) {
        Some(Standing::Waiting { .. }) => Kind::Waitlisted { by_calendar },
        Some(
            Standing::Silent
            | Standing::Seated { .. }
            | Standing::Programme { .. }
            | Standing::Offered { .. }
            | Standing::Maybe
            | Standing::No,
        )
        | None => Kind::Confirmation,
    }
}

/// In days of the evening's zone: a reminder that was late does not say "in a week".
fn days_left(span: &Span, now: DateTime<Utc>) -> u32 {
    let today: NaiveDate = now.with_timezone(&span.zone).date_naive();
    u32::try_from((span.date() - today).num_days()).unwrap_or(0)
}

/// What was before, as this reader was last told it: moved twice is one mail. Moved away and back
/// is none.
async fn moved(app: &App, known: &Known<'_>, whole: &Whole) -> Result<Option<Kind>, StoreError> {
    if is_invited_since(known) {
        return Ok(None);
    }
    let event = &whole.event;
    let moves = moves_not_told(known);
    let Some(first) = moves.first() else {
        return Ok(None);
    };
    let span = former_span(first, event).filter(|span| *span != event.span);
    let elsewhere = first.from_venue != event.venue;
    let later = known.later().filter(|row| row.kind == NoticeKind::Moved).map(|row| &row.detail);
    let went_away = moves.iter().copied().chain(later).any(|one| !was_here(one, event));
    if span.is_none() && !elsewhere && went_away {
        return Ok(None);
    }
    let place = match (elsewhere, first.from_venue) {
        (false, _) => None,
        (true, None) => Some(evening::former_place(None)),
        (true, Some(venue)) => {
            let venue = venues::find(app.store.read(), venue).await?;
            Some(evening::former_place(venue.map(|kept| kept.venue).as_ref()))
        }
    };
    Ok(Some(Kind::Moved { span, place }))
}

/// The invitation waited, left after the move, and said the new date.
fn is_invited_since(known: &Known<'_>) -> bool {
    let invitations = known.beside.iter().filter(|row| row.kind == NoticeKind::Invitation);
    let mut sent = invitations.filter(|row| row.state == State::Sent).filter_map(|row| row.finished_at);
    sent.any(|sent| sent > known.notice.created_at)
}

/// The moves since a mail last told this reader where and when it is, this one last.
fn moves_not_told<'a>(known: &'a Known<'_>) -> Vec<&'a Detail> {
    let sent = |row: &&Notice| row.state == State::Sent && !row.kind.is_for_organizers();
    let last_told = known.beside.iter().filter(sent).filter_map(|row| row.finished_at).max();
    let in_this_mail = merged_into(NoticeKind::Moved);
    let mut not_told = Vec::new();
    for row in known.earlier().filter(|row| row.kind == NoticeKind::Moved) {
        match row.state {
            // It told what those before it had changed.
            State::Sent => not_told.clear(),
            State::Dropped if row.why.as_ref() != Some(&in_this_mail) => {}
            State::Queued | State::Dropped | State::Failed | State::Expired => {
                if last_told.is_none_or(|told| told <= row.created_at) {
                    not_told.push(&row.detail);
                }
            }
        }
    }
    not_told.push(&known.notice.detail);
    not_told
}

fn was_here(before: &Detail, event: &Event) -> bool {
    before.from_start == Some(event.span.starts_at)
        && before.from_end == Some(event.span.ends_at)
        && before.from_venue == event.venue
}

fn former_span(before: &Detail, event: &Event) -> Option<Span> {
    let (starts_at, ends_at) = (before.from_start?, before.from_end?);
    let wall = |at: DateTime<Utc>| at.with_timezone(&event.span.zone).naive_local();
    let before =
        Span { start: wall(starts_at), end: wall(ends_at), zone: event.span.zone, starts_at, ends_at };
    let same = (starts_at, ends_at) == (event.span.starts_at, event.span.ends_at);
    Some(if same { event.span } else { before })
}

/// Somebody may have been found since.
fn vacant(role: Option<Role>, event: &Event) -> Option<Kind> {
    let role = role?;
    let still = event.details.people().any(|(of, person)| of == role && *person == Person::Vacant);
    still.then_some(Kind::Vacant { role })
}

/// They may have changed their mind, or gone off the programme.
async fn said_no(app: &App, known: &Known<'_>) -> Result<Option<Kind>, StoreError> {
    let db = app.store.read();
    let (Some(id), Some(role)) = (known.notice.invitation, known.notice.detail.role) else {
        return Ok(None);
    };
    let (invitation, rsvp) = (invitations::find(db, id).await?, rsvps::find(db, id).await?);
    let (Some(invitation), Some(event)) = (invitation, known.event()) else {
        return Ok(None);
    };
    let still = rsvp.is_some_and(|rsvp| rsvp.answer == Answer::No)
        && crate::sight::role_of(event, &invitation.guest).is_some();
    let name = match invitation.guest {
        Invitee::NamedGuest { name, .. } => Some(name),
        Invitee::Member(member) => members::find(db, member).await?.map(|member| member.name),
    };
    Ok(name.filter(|_| still).map(|name| Kind::SaidNo { name: name.to_string(), role }))
}

/// A mail that came in, unless it was decided upon meanwhile, or its writer was erased.
async fn came_in(app: &App, known: &Known<'_>) -> Result<Option<Told>, StoreError> {
    let db = app.store.read();
    let (Some(mail), Some(why)) = (known.notice.detail.mail, known.notice.detail.why) else {
        return Ok(None);
    };
    let Some(filed) = inbound::find(db, mail).await?.filter(|filed| filed.reason == why) else {
        return Ok(None);
    };
    // Erasing somebody leaves nothing of what they wrote.
    let is_forgotten = filed.sender.is_none() && filed.subject.is_none() && filed.words.is_none();
    if why == Reason::Forwarded && is_forgotten {
        return Ok(None);
    }
    let event = match filed.about.event {
        Some(event) => events::find(db, event).await?,
        None => None,
    };
    let about = match filed.about.member {
        Some(member) => members::find(db, member).await?.map(|member| member.name.to_string()),
        None => None,
    };
    let answered = filed.reply_to.as_ref().or(filed.sender.as_ref());
    let reply_to = answered.cloned().filter(|_| why == Reason::Forwarded);
    let mail = CameIn {
        why,
        may_be_taken: why.may_be_taken(),
        from: filed.sender.map(|sender| sender.to_string()),
        subject: filed.subject,
        words: filed.words,
        about,
        evening: event.and_then(|event| Some((event.title?.to_string(), event.span))),
    };
    Ok(Some(Told { reply_to, ..Told::of(About::Inbound(Box::new(mail))) }))
}

/// The links of a member's evenings to come; of one alone when it was asked from its page.
async fn links(
    app: &App,
    known: &Known<'_>,
    now: DateTime<Utc>,
) -> Result<(Links, Vec<Id<Invitation>>), StoreError> {
    let Some(member) = known.member() else {
        return Ok((Links { evenings: Vec::new(), feed: None }, Vec::new()));
    };
    let db = app.store.read();
    let mut invitations = all_invitations(app, member).await?;
    if let Some(event) = known.notice.event
        && invitations.contains_key(&event)
    {
        invitations.retain(|of, _| *of == event);
    }
    let answers = rsvps::of_member(db, member.id).await?;
    let (mut evenings, mut listed) = (Vec::new(), Vec::new());
    for event in events::find_many(db, invitations.keys().copied()).await? {
        let (Some(invitation), Some(title)) = (invitations.get(&event.id), &event.title) else {
            continue;
        };
        if event.stage != Stage::Published || event.is_past(now) || is_former_guest(&event, invitation) {
            continue;
        }
        let as_guest = match invitation.guest {
            Invitee::NamedGuest { .. } => rsvps::find(db, invitation.id).await?,
            Invitee::Member(_) => None,
        };
        let standing = match as_guest.as_ref().or_else(|| answers.get(&event.id)) {
            Some(rsvp) => evening::standing(&event, rsvp, waitlist::place(db, rsvp, now).await?),
            None => Standing::Silent,
        };
        listed.push(invitation.id);
        evenings.push(LinkedEvening {
            title: title.to_string(),
            span: event.span,
            standing,
            rsvp: entries::answer_link(&app.links, invitation),
        });
    }
    let claim = Claim { purpose: Purpose::Feed, id: member.id.uuid(), epoch: member.feed_epoch };
    let feed = app.links.member_feed(&app.links.sign(claim));
    let links = Links { evenings, feed: Some(Feed { https: feed.https(), webcal: feed.webcal() }) };
    Ok((links, listed))
}

/// By evening: a member's own, and those that they were given as a guest before they were one.
async fn all_invitations(app: &App, member: &Member) -> Result<BTreeMap<Id<Event>, Invitation>, StoreError> {
    let db = app.store.read();
    let mut all = invitations::of_member(db, member.id).await?;
    let emails: Vec<&Email> = member.emails.iter().map(|address| &address.email).collect();
    for as_guest in invitations::of_guest(db, &emails).await? {
        all.entry(as_guest.event).or_insert(as_guest);
    }
    Ok(all)
}

/// Their link leads nowhere any more.
fn is_former_guest(event: &Event, invitation: &Invitation) -> bool {
    match &invitation.guest {
        Invitee::NamedGuest { email, .. } => event.details.role_of_guest(email).is_none(),
        Invitee::Member(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entries::sample;

    #[test]
    fn days_are_those_of_the_evenings_own_zone() {
        let span = sample::event().span;
        let left = |now: &str| days_left(&span, now.parse().unwrap());
        assert_eq!(left("2027-01-07T18:00:00Z"), 7);
        assert_eq!(left("2027-01-12T22:30:00Z"), 2);
        assert_eq!(left("2027-01-12T23:30:00Z"), 1);
        assert_eq!(left("2027-01-14T17:00:00Z"), 0);
    }

    #[test]
    fn what_was_before_is_a_span_of_the_same_zone() {
        let event = sample::event();
        let before = |from: &str, to: &str| Detail {
            from_start: Some(from.parse().unwrap()),
            from_end: Some(to.parse().unwrap()),
            from_venue: event.venue,
            ..Detail::default()
        };
        let here = before("2027-01-14T18:00:00Z", "2027-01-14T20:30:00Z");
        assert!(was_here(&here, &event));
        assert_eq!(former_span(&here, &event), Some(event.span));
        let summer = before("2027-06-10T17:00:00Z", "2027-06-10T19:30:00Z");
        assert!(!was_here(&summer, &event));
        let span = former_span(&summer, &event).unwrap();
        assert_eq!(span.start.to_string(), "2027-06-10 19:00:00");
    }

    #[test]
    fn a_role_that_was_filled_again_is_not_told() {
        let mut event = sample::event();
        assert!(vacant(Some(Role::Speaker), &event).is_none());
        event.details.speakers = vec![Person::Vacant];
        assert!(vacant(Some(Role::Speaker), &event).is_some());
        assert!(vacant(Some(Role::Scribe), &event).is_none());
    }
}
