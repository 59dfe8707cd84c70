//! Evenings: planned, published, changed, cancelled.

use std::{collections::BTreeSet, mem::take};

use mensuel_domain::{
    event::{AddressFor, Change, Edit, Event, Stage},
    fact::{Actor, Fact, InvitedBecause},
    format::{Details, Person, Role},
    id::Id,
    invitation::{AskedFor, Invitation},
    member::Member,
    series::{Month, Planned, Series},
    text::{Line, Slug},
    time::{Span, When},
    venue::Venue,
};
use mensuel_infra::store::{self, Tx, events, invitations, members, rsvps, series};

use super::{
    By, Failure, Refused, UnknownThing,
    invitations::{self as inviting, Asked},
    programme, seats, venues,
    waves::{self, NewPlan},
};
use crate::app::App;

/// A venue by name, found or made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedVenue {
    pub name: Line,
    pub address: Option<Line>,
}

/// What is to change in an evening.
#[derive(Clone, Debug, Default)]
pub struct EventEdit {
    pub when: When,
    pub venue: Option<NamedVenue>,
    pub changes: Vec<Change>,
}

#[derive(Clone, Debug)]
pub struct NewEvent {
    /// Held or draft.
    pub stage: Stage,
    pub edit: EventEdit,
}

/// Who is invited at publication.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Invite {
    Followers,
    /// In waves.
    Plan(NewPlan),
    None,
}

/// An evening with nothing in it but its date.
pub fn blank(tx: &Tx, app: &App, span: Span, stage: Stage, occurrence: Option<(Id<Series>, Month)>) -> Event {
    Event {
        id: tx.new_id(),
        uid: invitations::new_uid(),
        occurrence,
        stage,
        slug: None,
        format: None,
        title: None,
        summary: None,
        language: app.community.language,
        span,
        venue: None,
        online_url: None,
        capacity: None,
        max_guests: 0,
        opens_at: None,
        deadline: None,
        members_only: false,
        address_for: AddressFor::default(),
        details: Details::default(),
        own: BTreeSet::new(),
        cancellation_reason: None,
        followers_asked: false,
        wave_plan: None,
        sequence: 0,
        revision: 1,
        published_at: None,
        moved_sequence: 0,
        start_set_at: tx.now(),
        cancelled_at: None,
        created_at: tx.now(),
        updated_at: tx.now(),
    }
}

/// Plans a single evening.
pub async fn create(app: &App, by: &By, new: NewEvent) -> Result<Event, Failure> {
    let tx = app.store.write(app.now()).await?;
    let (event, facts) = create_in(app, &tx, new).await?;
    by.take_key(&tx, Some(event.id.uuid())).await?;
    tx.commit(by.actor, facts).await?;
    Ok(event)
}

/// As [`create`], in a transaction that does more.
pub async fn create_in(app: &App, tx: &Tx, new: NewEvent) -> Result<(Event, Vec<Fact>), Failure> {
    let format = new.edit.changes.iter().find_map(|change| match change {
        Change::Format(format) => *format,
        _ => None,
    });
    let minutes = format.map_or(DEFAULT_MINUTES, |format| format.default_minutes());
    let span = new.edit.when.span(None, app.community.zone, minutes).map_err(Refused::When)?;
    let blank = blank(tx, app, span, new.stage, None);
    let (changes, mut facts) = resolved(tx, new.edit).await?;
    let mut event = blank.edit(changes, Edit::OnItself, tx.now()).map_err(Refused::Edit)?.value;
    event.begin_history();
    if event.span.starts_at <= tx.now() {
        return Err(Refused::Edit(mensuel_domain::event::EditRefused::IntoThePast).into());
    }
    events::insert(tx, &event).await?;
    facts.push(Fact::EventCreated { event: event.id });
    Ok((event, facts))
}

const DEFAULT_MINUTES: u32 = 150;

/// Changes an evening by hand, or says what that would do.
pub async fn change(
    app: &App,
    by: &By,
    id: Id<Event>,
    if_match: Option<u32>,
    edit: EventEdit,
    dry_run: bool,
) -> Result<Planned, Failure> {
    let tx = app.store.write(app.now()).await?;
    let before = events::lock(&tx, id).await?.ok_or(Refused::Missing)?;
    if if_match.is_some_and(|revision| revision != before.revision) {
        return Err(Refused::Stale.into());
    }
    let (after, facts) = change_in(app, &tx, &before, edit).await?;
    if dry_run {
        tx.undo().await?;
    } else {
        tx.commit(by.actor, facts.clone()).await?;
    }
    Ok(Planned { month: Month::of(after.span.date()), before, after, facts })
}

/// As [`change`], under the evening's lock, in a transaction that does more.
pub async fn change_in(
    app: &App,
    tx: &Tx,
    event: &Event,
    edit: EventEdit,
) -> Result<(Event, Vec<Fact>), Failure> {
    let span = if edit.when.is_empty() {
        None
    } else {
        let span = edit.when.span(Some(&event.span), app.community.zone, DEFAULT_MINUTES);
        Some(span.map_err(Refused::When)?)
    };
    let (mut changes, mut facts) = resolved(tx, edit).await?;
    changes.extend(span.map(Change::Span));
    let decision = event.edit(changes, Edit::OnItself, tx.now()).map_err(Refused::Edit)?;
    let follows = save_edited(app, tx, event, &decision.value, &decision.facts).await?;
    facts.extend(decision.facts);
    facts.extend(follows);
    Ok((decision.value, facts))
}

/// Saves an edited evening with what follows from it: answers are marked when it moved, people
/// come onto and go off the programme, the line is served.
pub async fn save_edited(
    app: &App,
    tx: &Tx,
    before: &Event,
    after: &Event,
    edited: &[Fact],
) -> Result<Vec<Fact>, Failure> {
    if before == after {
        return Ok(Vec::new());
    }
    let policy = &app.community.waitlist;
    events::update(tx, before, after).await?;
    if edited.iter().any(|fact| matches!(fact, Fact::EventMoved { .. })) {
        rsvps::mark_before_move(tx, after.id).await?;
        seats::follow_move(tx, policy, after).await?;
    }
    let mut room = rsvps::room(tx.db(), after).await?;
    let mut facts = programme::follow(tx, before, after, &mut room).await?;
    facts.extend(seats::serve(tx, policy, after, &room).await?);
    Ok(facts)
}

/// The changes with the named venue as an id, checked against what exists.
async fn resolved(tx: &Tx, edit: EventEdit) -> Result<(Vec<Change>, Vec<Fact>), Failure> {
    let (mut changes, mut facts) = (edit.changes, Vec::new());
    if let Some(named) = edit.venue {
        let (venue, made) = venues::find_or_make(tx, &named.name, named.address.as_ref()).await?;
        facts.extend(made);
        changes.push(Change::Venue(Some(venue)));
    }
    for change in &changes {
        if let Change::Venue(Some(venue)) = change {
            check_venue(tx, *venue).await?;
        }
    }
    let changes = with_known_people(tx, changes).await?;
    Ok((changes, facts))
}

pub async fn check_venue(tx: &Tx, venue: Id<Venue>) -> Result<(), Failure> {
    match store::venues::find(tx.db(), venue).await? {
        Some(_) => Ok(()),
        None => Err(Refused::Unknown { pointer: "/venue_id", what: UnknownThing::Venue }.into()),
    }
}

/// The changes with their people as they stand on a programme.
pub async fn with_known_people(tx: &Tx, mut changes: Vec<Change>) -> Result<Vec<Change>, Failure> {
    for change in &mut changes {
        if let Change::People(role, people) = change {
            *people = known_people(tx, *role, take(people)).await?;
        }
    }
    Ok(changes)
}

/// The people as they stand on a programme: members must belong, and are locked until this is done,
/// so that nobody leaves meanwhile; a guest whose address is a member's is that member.
async fn known_people(tx: &Tx, role: Role, people: Vec<Person>) -> Result<Vec<Person>, Failure> {
    let mut known = Vec::with_capacity(people.len());
    for person in people {
        known.push(match person {
            Person::Guest { email: Some(ref email), .. } => {
                match members::find_by_email(tx.db(), email).await? {
                    Some(member) if member.status.belongs() => Person::Member(member.id),
                    Some(_) | None => person,
                }
            }
            Person::Member(_) | Person::Guest { email: None, .. } | Person::Former | Person::Vacant => person,
        });
    }
    let ids: BTreeSet<Id<Member>> = known.iter().filter_map(Person::member).collect();
    for id in ids {
        let member = members::lock(tx, id).await?;
        if !member.is_some_and(|member| member.status.belongs()) {
            return Err(Refused::UnknownIn { field: role.field(), what: UnknownThing::Member }.into());
        }
    }
    Ok(known)
}

/// The programme again as it is to be published: a draft may have waited for long. Who has become a
/// member since is one, which is a change like any other.
async fn known_again(tx: &Tx, mut event: Event) -> Result<(Event, Option<Fact>), Failure> {
    let mut fields = Vec::new();
    for role in Role::ALL {
        let people = event.details.people().filter(|(of, _)| *of == role).map(|(_, person)| person.clone());
        let before: Vec<Person> = people.collect();
        let people = known_people(tx, role, before.clone()).await?;
        if people != before {
            fields.push(role.field());
            event.details.set_people(role, people);
        }
    }
    let changed = (!fields.is_empty()).then_some(Fact::EventChanged { event: event.id, fields });
    Ok((event, changed))
}

/// Publishes an evening; its invitations are queued in the same transaction.
pub async fn publish(
    app: &App,
    by: &By,
    id: Id<Event>,
    invite: Invite,
    undo_minutes: u32,
) -> Result<Event, Failure> {
    let mut tx = app.store.write(app.now()).await?;
    let event = events::lock(&tx, id).await?.ok_or(Refused::Missing)?;
    let slug = match &event.title {
        Some(title) => events::free_slug(tx.db(), Slug::of(event.span.date(), title)).await?,
        None => Slug::kept(""),
    };
    let (planned, changed) = match event.stage {
        Stage::Held | Stage::Draft => known_again(&tx, event.clone()).await?,
        Stage::Published | Stage::Cancelled => (event.clone(), None),
    };
    let decision = planned.publish(slug, tx.now()).map_err(Refused::Stage)?;
    if decision.is_unchanged() {
        return Ok(event);
    }
    let mut published = decision.value;
    let mut facts: Vec<Fact> = changed.into_iter().chain(decision.facts).collect();
    if let Invite::Plan(plan) = invite {
        published.wave_plan = Some(plan.made(&published, tx.now(), "/plan/next")?);
    }
    facts.extend(publish_in(&tx, &event, &published).await?);
    let sent = match invite {
        Invite::Followers => {
            let asked = Asked { audience: AskedFor::Followers, undo_minutes };
            Some(inviting::send_round(&mut tx, &published, asked).await?)
        }
        Invite::Plan(_) => Some(waves::send_now(&mut tx, &published, undo_minutes).await?),
        Invite::None => None,
    };
    if let Some(sent) = sent {
        facts.extend(sent.facts);
        published = sent.event;
    }
    tx.commit(by.actor, facts).await?;
    Ok(published)
}

/// Saves a published evening and makes the invitations of its programme, which mail nobody yet.
pub async fn publish_in(tx: &Tx, before: &Event, published: &Event) -> Result<Vec<Fact>, Failure> {
    events::update(tx, before, published).await?;
    let made = programme::invite(tx, published).await?.into_iter().filter(|(_, new)| *new);
    let why = InvitedBecause::Published;
    let fact = |(invitation, _): (Invitation, bool)| Fact::InvitationMade {
        event: published.id,
        invitation: invitation.id,
        why,
    };
    Ok(made.map(fact).collect())
}

/// Cancels a published evening; everybody who was told of it is told.
pub async fn cancel(app: &App, by: &By, id: Id<Event>, reason: Option<Line>) -> Result<Event, Failure> {
    let tx = app.store.write(app.now()).await?;
    let event = events::lock(&tx, id).await?.ok_or(Refused::Missing)?;
    let decision = event.cancel(reason, tx.now()).map_err(Refused::Stage)?;
    if decision.is_unchanged() {
        return Ok(event);
    }
    events::update(&tx, &event, &decision.value).await?;
    let mut facts = decision.facts;
    facts.extend(seats::withdraw(&tx, &decision.value).await?);
    tx.commit(by.actor, facts).await?;
    Ok(decision.value)
}

/// Deletes an evening that nobody was told of. A date of a series does not grow again.
pub async fn delete(app: &App, by: &By, id: Id<Event>, if_match: Option<u32>) -> Result<(), Failure> {
    let tx = app.store.write(app.now()).await?;
    let unlocked = events::find(tx.db(), id).await?.ok_or(Refused::Missing)?;
    if let Some((series, _)) = unlocked.occurrence {
        series::lock(&tx, series).await?;
    }
    let event = events::lock(&tx, id).await?.ok_or(Refused::Missing)?;
    if if_match.is_some_and(|revision| revision != event.revision) {
        return Err(Refused::Stale.into());
    }
    if !event.stage.is_before_publication() {
        return Err(Refused::AlreadyPublished.into());
    }
    if let Some((series, month)) = event.occurrence {
        series::drop_month(&tx, series, month, series::Dropped::ByHand).await?;
    }
    events::delete(&tx, id).await?;
    tx.commit(by.actor, vec![Fact::EventDeleted { event: id }]).await?;
    Ok(())
}

/// Derives the instants of coming evenings again from their wall times, after the rules of a zone
/// changed; answers how many changed. A wall time that no longer exists keeps its instant.
pub async fn derive_instants(app: &App) -> Result<u64, Failure> {
    let filter = events::Filter { from: Some(app.now()), ..Default::default() };
    let coming = events::list(app.store.read(), &filter).await?;
    let derived = |span: &Span| span.derived_again().ok();
    let stale: BTreeSet<Id<Event>> = coming
        .iter()
        .filter(|event| derived(&event.span).is_some_and(|span| span != event.span))
        .map(|event| event.id)
        .collect();
    if stale.is_empty() {
        return Ok(0);
    }
    let tx = app.store.write(app.now()).await?;
    let mut facts = Vec::new();
    for id in stale {
        let Some(event) = events::lock(&tx, id).await? else { continue };
        let Some(span) = derived(&event.span) else { continue };
        let decision = event.with_instants(span, tx.now());
        events::update(&tx, &event, &decision.value).await?;
        facts.extend(decision.facts);
    }
    let count = facts.len() as u64;
    tx.commit(Actor::Mensuel, facts).await?;
    Ok(count)
}
