//! Waves that go by themselves, by the plan of their evening.

use chrono::{DateTime, Utc};
use mensuel_domain::{
    event::{Event, Stage},
    fact::{Actor, Fact},
    id::Id,
    invitation::AskedFor,
    wave::{self, Dates, Gone, Turn, USUAL_SHARE, WavePlan},
};
use mensuel_infra::store::{Tx, events, rounds, rsvps};
use sea_orm::ConnectionTrait;

use super::{
    By, Failure, Refused,
    invitations::{self, Asked, Sent, check_announced, check_open},
    tally::Tally,
};
use crate::app::App;

/// A plan as somebody asks for it; what is left open is usual.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NewPlan {
    pub share_percent: Option<u32>,
    pub dates: Option<Dates>,
}

impl NewPlan {
    /// Fails when a date is not to come, before the deadline and in order; `pointer` says where
    /// the dates stand.
    pub fn made(self, event: &Event, now: DateTime<Utc>, pointer: &'static str) -> Result<WavePlan, Failure> {
        let deadline = event.deadline();
        let dates = self.dates.unwrap_or_else(|| Dates::usual(now, deadline));
        if !dates.are_to_come(now, deadline) {
            return Err(Refused::WaveDates { pointer }.into());
        }
        Ok(WavePlan { share_percent: self.share_percent.unwrap_or(USUAL_SHARE), dates })
    }
}

/// Where the waves of an evening stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    pub plan: Option<WavePlan>,
    pub gone: Vec<Gone>,
    pub turn: Turn,
}

pub async fn standing(app: &App, event: &Event) -> Result<Standing, Failure> {
    look(app.store.read(), event, app.now()).await
}

async fn look(db: &impl ConnectionTrait, event: &Event, now: DateTime<Utc>) -> Result<Standing, Failure> {
    let gone = rounds::waves(&rounds::of_event(db, event.id).await?);
    let turn = match event.wave_plan {
        // Once all followers were asked for, no wave is left.
        Some(plan) if event.stage == Stage::Published && !event.followers_asked => {
            let room = rsvps::room(db, event).await?;
            wave::turn(&plan, &room, &gone, event.deadline(), now)
        }
        Some(_) | None => Turn::Over,
    };
    Ok(Standing { plan: event.wave_plan, gone, turn })
}

/// Sends the waves whose turn it is now, in one transaction with what else happens there. The
/// programme is invited with the first of them.
pub async fn send_now(tx: &mut Tx, event: &Event, undo_minutes: u32) -> Result<Sent, Failure> {
    let mut all = Sent { event: event.clone(), count: 0, undo_until: None, facts: Vec::new() };
    // A wave that reached nobody makes way for the next one, so only the last one has mails.
    while let Turn::Goes(wave) = look(tx.db(), &all.event, tx.now()).await?.turn {
        let asked = Asked { audience: AskedFor::Wave(wave), undo_minutes };
        let sent = invitations::send_round(tx, &all.event, asked).await?;
        all.facts.extend(sent.facts);
        (all.event, all.count, all.undo_until) = (sent.event, all.count + sent.count, sent.undo_until);
    }
    let (programme, facts) = invitations::invite_programme(tx, event).await?;
    all.count += programme;
    all.facts.extend(facts);
    Ok(all)
}

/// Gives a published evening another plan, or none; a first wave that has not gone goes at once.
pub async fn replan(app: &App, by: &By, id: Id<Event>, plan: Option<NewPlan>) -> Result<Event, Failure> {
    let mut tx = app.store.write(app.now()).await?;
    let event = events::lock(&tx, id).await?.ok_or(Refused::Missing)?;
    match plan {
        Some(_) => check_open(&event, tx.now())?,
        None => check_announced(&event, tx.now())?,
    }
    if plan.is_some() && event.followers_asked {
        return Err(Refused::FollowersAsked.into());
    }
    let wave_plan = plan.map(|plan| plan.made(&event, tx.now(), "/next")).transpose()?;
    let mut after = Event { wave_plan, ..event.clone() };
    if after == event {
        tx.undo().await?;
        return Ok(event);
    }
    events::update(&tx, &event, &after).await?;
    let mut facts = vec![Fact::WavesPlanned { event: id }];
    if after.wave_plan.is_some() {
        let sent = send_now(&mut tx, &after, 0).await?;
        facts.extend(sent.facts);
        after = sent.event;
    }
    tx.commit(by.actor, facts).await?;
    Ok(after)
}

/// Published evenings to come whose plan has waves left.
async fn planned(app: &App) -> Result<Vec<Event>, Failure> {
    let filter =
        events::Filter { from: Some(app.now()), stages: vec![Stage::Published], ..Default::default() };
    let mut coming = events::list(app.store.read(), &filter).await?;
    coming.retain(|event| event.wave_plan.is_some() && !event.followers_asked);
    Ok(coming)
}

/// Sends every wave whose turn it is; answers how many evenings had one. An evening that fails keeps
/// no other from its wave.
pub async fn send_due(app: &App) -> Result<u64, Failure> {
    let mut sent = Tally::default();
    for event in planned(app).await? {
        sent.add("the wave of an evening", send_if_due(app, &event).await.map(u64::from));
    }
    sent.finish()
}

/// What another process sent meanwhile has gone: it is looked at again under the evening's lock.
async fn send_if_due(app: &App, event: &Event) -> Result<bool, Failure> {
    match standing(app, event).await?.turn {
        Turn::Goes(_) => send_one(app, event.id).await,
        Turn::Later(..) | Turn::Waits(_) | Turn::Over => Ok(false),
    }
}

async fn send_one(app: &App, id: Id<Event>) -> Result<bool, Failure> {
    let mut tx = app.store.write(app.now()).await?;
    let Some(event) = events::lock(&tx, id).await? else {
        return Ok(false);
    };
    let sent = send_now(&mut tx, &event, 0).await?;
    let any = !sent.facts.is_empty();
    tx.commit(Actor::Mensuel, sent.facts).await?;
    Ok(any)
}

/// When the next wave of any evening has its date.
pub async fn next_date(app: &App) -> Result<Option<DateTime<Utc>>, Failure> {
    let mut next = None;
    for event in planned(app).await? {
        if let Turn::Later(_, at) = standing(app, &event).await?.turn {
            next = Some(next.map_or(at, |next: DateTime<Utc>| next.min(at)));
        }
    }
    Ok(next)
}
