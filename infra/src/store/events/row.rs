//! The rows of an evening, to and from the domain.

use chrono_tz::Tz;
use mensuel_domain::{
    event::{AddressFor, Event, Field, Stage},
    format::{Details, Format, Person, Role},
    id::Id,
    lang::Lang,
    series::Month,
    text::{Email, Line, PersonName, Prose, Slug, Title, WebAddress},
    time::Span,
};
use sea_orm::IntoActiveModel;

use crate::store::{OrCorrupt, StoreError, from_row, join_names, split_names, to_row};

pub(crate) mod events {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "events")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub uid: String,
        pub series_id: Option<Uuid>,
        pub series_month: Option<String>,
        pub stage: String,
        pub slug: Option<String>,
        pub format: Option<String>,
        pub title: Option<String>,
        pub summary: Option<String>,
        pub language: String,
        pub start_wall: DateTime,
        pub end_wall: DateTime,
        pub time_zone: String,
        pub starts_at: DateTimeUtc,
        pub ends_at: DateTimeUtc,
        pub venue_id: Option<Uuid>,
        pub online_url: Option<String>,
        pub capacity: Option<i32>,
        pub max_guests: i32,
        pub opens_at: Option<DateTimeUtc>,
        pub deadline: Option<DateTimeUtc>,
        pub members_only: bool,
        pub address_for: String,
        pub details: String,
        pub own: String,
        pub cancellation_reason: Option<String>,
        pub followers_asked: bool,
        pub wave_plan: Option<String>,
        pub sequence: i32,
        pub revision: i32,
        pub published_at: Option<DateTimeUtc>,
        pub start_set_at: DateTimeUtc,
        pub moved_sequence: i32,
        pub cancelled_at: Option<DateTimeUtc>,
        pub created_at: DateTimeUtc,
        pub updated_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod people {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "event_people")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub event_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub role: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub position: i32,
        pub kind: String,
        pub member_id: Option<Uuid>,
        pub name: Option<String>,
        pub email: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(super) fn to_model(event: &Event) -> Result<events::Model, StoreError> {
    // The people have rows of their own.
    let mut details = event.details.clone();
    for role in Role::ALL {
        details.set_people(role, Vec::new());
    }
    Ok(events::Model {
        id: event.id.uuid(),
        uid: event.uid.clone(),
        series_id: event.occurrence.map(|(series, _)| series.uuid()),
        series_month: event.occurrence.map(|(_, month)| month.to_string()),
        stage: event.stage.name().to_owned(),
        slug: event.slug.clone().map(String::from),
        format: event.format.map(|format| format.name().to_owned()),
        title: event.title.clone().map(String::from),
        summary: event.summary.clone().map(String::from),
        language: event.language.code().to_owned(),
        start_wall: event.span.start,
        end_wall: event.span.end,
        time_zone: event.span.zone.name().to_owned(),
        starts_at: event.span.starts_at,
        ends_at: event.span.ends_at,
        venue_id: event.venue.map(Id::uuid),
        online_url: event.online_url.clone().map(String::from),
        capacity: event.capacity.map(to_row),
        max_guests: to_row(event.max_guests),
        opens_at: event.opens_at,
        deadline: event.deadline,
        members_only: event.members_only,
        address_for: event.address_for.name().to_owned(),
        details: serde_json::to_string(&details).or_corrupt("events.details")?,
        own: join_names(event.own.iter().map(|field| field.name())),
        cancellation_reason: event.cancellation_reason.clone().map(String::from),
        followers_asked: event.followers_asked,
        wave_plan: event
            .wave_plan
            .map(|plan| serde_json::to_string(&plan))
            .transpose()
            .or_corrupt("events.wave_plan")?,
        sequence: to_row(event.sequence),
        revision: to_row(event.revision),
        published_at: event.published_at,
        start_set_at: event.start_set_at,
        moved_sequence: to_row(event.moved_sequence),
        cancelled_at: event.cancelled_at,
        created_at: event.created_at,
        updated_at: event.updated_at,
    })
}

pub(super) fn to_people(event: &Event) -> Vec<people::ActiveModel> {
    let mut rows = Vec::new();
    for (position, (role, person)) in event.details.people().enumerate() {
        let (kind, member_id, name, email) = match person {
            Person::Member(id) => ("member", Some(id.uuid()), None, None),
            Person::Guest { name, email } => {
                ("guest", None, Some(name.to_string()), email.clone().map(String::from))
            }
            Person::Former => ("former", None, None, None),
            Person::Vacant => ("vacant", None, None, None),
        };
        let row = people::Model {
            event_id: event.id.uuid(),
            role: role.name().to_owned(),
            position: i32::try_from(position).unwrap_or(i32::MAX),
            kind: kind.to_owned(),
            member_id,
            name,
            email,
        };
        rows.push(row.into_active_model());
    }
    rows
}

pub(super) fn to_person(row: people::Model) -> Result<Person, StoreError> {
    Ok(match row.kind.as_str() {
        "member" => Person::Member(Id::new(row.member_id.or_corrupt("event_people.member_id")?)),
        "guest" => Person::Guest {
            name: PersonName::parse(&row.name.or_corrupt("event_people.name")?)
                .or_corrupt("event_people.name")?,
            email: row
                .email
                .map(|email| Email::parse(&email).or_corrupt("event_people.email"))
                .transpose()?,
        },
        "former" => Person::Former,
        "vacant" => Person::Vacant,
        _ => return Err(crate::store::corrupt("event_people.kind")),
    })
}

pub(super) fn to_domain(row: events::Model, people: Vec<(Role, Person)>) -> Result<Event, StoreError> {
    let mut details: Details = serde_json::from_str(&row.details).or_corrupt("events.details")?;
    for role in Role::ALL {
        let of_role = people.iter().filter(|(r, _)| *r == role).map(|(_, person)| person.clone());
        details.set_people(role, of_role.collect());
    }
    let month = row.series_month.map(|month| month.parse::<Month>().or_corrupt("events.series_month"));
    let reason = row.cancellation_reason.map(|text| Line::parse(&text));
    let zone: Tz = row.time_zone.parse().or_corrupt("events.time_zone")?;
    Ok(Event {
        id: Id::new(row.id),
        uid: row.uid,
        occurrence: row.series_id.map(Id::new).zip(month.transpose()?),
        stage: Stage::from_name(&row.stage).or_corrupt("events.stage")?,
        slug: row.slug.as_deref().map(Slug::kept),
        format: row.format.map(|name| Format::from_name(&name).or_corrupt("events.format")).transpose()?,
        title: row.title.map(|text| Title::parse(&text)).transpose().or_corrupt("events.title")?,
        summary: row.summary.map(|text| Prose::parse(&text)).transpose().or_corrupt("events.summary")?,
        language: Lang::from_tag(&row.language).or_corrupt("events.language")?,
        span: Span {
            start: row.start_wall,
            end: row.end_wall,
            zone,
            starts_at: row.starts_at,
            ends_at: row.ends_at,
        },
        venue: row.venue_id.map(Id::new),
        online_url: row
            .online_url
            .map(|text| WebAddress::parse(&text))
            .transpose()
            .or_corrupt("events.online_url")?,
        capacity: row.capacity.map(from_row),
        max_guests: from_row(row.max_guests),
        opens_at: row.opens_at,
        deadline: row.deadline,
        members_only: row.members_only,
        address_for: AddressFor::from_name(&row.address_for).or_corrupt("events.address_for")?,
        details,
        own: split_names(&row.own).filter_map(Field::from_name).collect(),
        cancellation_reason: reason.transpose().or_corrupt("events.cancellation_reason")?,
        followers_asked: row.followers_asked,
        wave_plan: row
            .wave_plan
            .map(|plan| serde_json::from_str(&plan))
            .transpose()
            .or_corrupt("events.wave_plan")?,
        sequence: from_row(row.sequence),
        revision: from_row(row.revision),
        published_at: row.published_at,
        start_set_at: row.start_set_at,
        moved_sequence: from_row(row.moved_sequence),
        cancelled_at: row.cancelled_at,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}
