//! The calendar's part of a mail (iMIP): for whom there is one, and what it asks.

use mensuel_domain::text::Email;
use mensuel_infra::{
    calendar::{self, Attendee, Invitation, Method, PartStat, Party, Role},
    mail::{
        letter::{About, Kind, Standing},
        message::CalendarPart,
    },
};

use super::{known::Known, told::Told};
use crate::{
    app::App,
    entries::{self, Voice},
};

/// The bytes of the part, if this mail has one.
pub(super) fn of(
    app: &App,
    known: &Known<'_>,
    told: &Told,
    name: &str,
    email: &Email,
) -> Option<CalendarPart> {
    let (whole, part) = (known.whole.as_ref()?, known.part.as_ref()?);
    let About::Evening(evening, kind) = &told.about else {
        return None;
    };
    let (method, partstat) = asked(kind, evening.standing, part.was_sent_entry)?;
    let voice = Voice { lang: known.lang(app), community: app.community.name.as_str(), links: &app.links };
    let entry = entries::of_mail(&voice, &whole.evening(), &part.own(), known.notice.created_at);
    let bytes = calendar::message(&Invitation {
        method,
        entry,
        organizer: Party { name: app.community.name.to_string(), email: app.community.mail_from.to_string() },
        attendee: Attendee {
            name: name.to_owned(),
            email: email.to_string(),
            role: Role::Required,
            partstat,
        },
    });
    Some(CalendarPart { method: method.name(), bytes })
}

/// Who waits gets none, but for two cases: a move or cancellation of what is in their calendar
/// already, and the correction of a yes that was given there and found no seat.
fn asked(kind: &Kind, standing: Standing, was_sent_entry: bool) -> Option<(Method, PartStat)> {
    let waits = matches!(standing, Standing::Waiting { .. } | Standing::Offered { .. });
    let concerns_calendar = !waits || was_sent_entry;
    match kind {
        Kind::Invitation { .. } => Some((Method::Request, PartStat::NeedsAction)),
        Kind::Confirmation | Kind::Promoted => Some((Method::Request, partstat(standing)?)),
        Kind::Waitlisted { by_calendar: true } => Some((Method::Request, PartStat::Tentative)),
        Kind::NotTaken { .. } => Some((Method::Request, partstat(standing).unwrap_or(PartStat::Tentative))),
        Kind::Moved { .. } => concerns_calendar.then_some((Method::Request, PartStat::NeedsAction)),
        Kind::Cancelled { .. } => {
            let partstat = partstat(standing).unwrap_or(PartStat::NeedsAction);
            concerns_calendar.then_some((Method::Cancel, partstat))
        }
        Kind::Waitlisted { by_calendar: false }
        | Kind::Offered
        | Kind::OfferExpired
        | Kind::Reminder { .. }
        | Kind::Vacant { .. }
        | Kind::SaidNo { .. } => None,
    }
}

/// The stored answer in the calendar's terms; none while waiting.
fn partstat(standing: Standing) -> Option<PartStat> {
    match standing {
        Standing::Seated { .. } | Standing::Programme { .. } => Some(PartStat::Accepted),
        Standing::Maybe => Some(PartStat::Tentative),
        Standing::No => Some(PartStat::Declined),
        Standing::Silent => Some(PartStat::NeedsAction),
        Standing::Waiting { .. } | Standing::Offered { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEATED: Standing = Standing::Seated { guests: 0 };
    const WAITING: Standing = Standing::Waiting { place: 3, guests: 0 };

    const OFFERED: Standing = Standing::Offered { until: chrono::NaiveDateTime::MIN, guests: 0 };

    #[test]
    fn who_gets_a_calendar_part() {
        use {Method::*, PartStat::*};
        let moved = || Kind::Moved { span: None, place: None };
        let cancelled = || Kind::Cancelled { reason: None };
        let table = [
            (Kind::Invitation { role: None }, Standing::Silent, false, Some((Request, NeedsAction))),
            (Kind::Confirmation, SEATED, true, Some((Request, Accepted))),
            (Kind::Confirmation, Standing::Maybe, true, Some((Request, Tentative))),
            (Kind::Confirmation, Standing::No, true, Some((Request, Declined))),
            (Kind::Waitlisted { by_calendar: false }, WAITING, true, None),
            (Kind::Waitlisted { by_calendar: true }, WAITING, true, Some((Request, Tentative))),
            (Kind::Offered, OFFERED, true, None),
            (Kind::OfferExpired, WAITING, true, None),
            (Kind::Confirmation, OFFERED, true, None),
            (moved(), OFFERED, true, Some((Request, NeedsAction))),
            (moved(), OFFERED, false, None),
            (Kind::Promoted, SEATED, true, Some((Request, Accepted))),
            (Kind::Reminder { days: 1 }, SEATED, true, None),
            (Kind::Reminder { days: 1 }, WAITING, true, None),
            (moved(), SEATED, true, Some((Request, NeedsAction))),
            (moved(), WAITING, true, Some((Request, NeedsAction))),
            (moved(), WAITING, false, None),
            (cancelled(), SEATED, true, Some((Cancel, Accepted))),
            (cancelled(), WAITING, true, Some((Cancel, NeedsAction))),
            (cancelled(), WAITING, false, None),
            (Kind::Vacant { role: mensuel_domain::format::Role::Speaker }, Standing::Silent, false, None),
        ];
        for (kind, standing, was_sent_entry, expected) in table {
            assert_eq!(asked(&kind, standing, was_sent_entry), expected, "{kind:?} {standing:?}");
        }
    }
}
