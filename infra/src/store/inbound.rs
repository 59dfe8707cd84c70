//! Mail that came in, and what became of each. A row holds a person's words only while somebody has
//! to read them.

use chrono::{DateTime, Utc};
use mensuel_domain::{
    event::Event,
    fact::Notice,
    id::Id,
    inbound::{Ending, InboundMail, Reason},
    invitation::Invitation,
    member::Member,
    rsvp::Answer,
    text::Email,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, UpdateMany,
    sea_query::{Expr, ExprTrait, Func},
};
use uuid::Uuid;

use super::{OrCorrupt, Store, StoreError, Tx, from_row, to_row};

mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "inbound_mail")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub message_id: String,
        pub body_hash: String,
        pub received_at: DateTimeUtc,
        pub channel: String,
        pub kind: String,
        pub ending: String,
        pub reason: String,
        pub member_id: Option<Uuid>,
        pub event_id: Option<Uuid>,
        pub invitation_id: Option<Uuid>,
        pub notice_id: Option<Uuid>,
        pub answer: Option<String>,
        pub given_at: Option<DateTimeUtc>,
        pub sequence: Option<i32>,
        pub sender: Option<String>,
        pub sender_key: Option<String>,
        pub subject: Option<String>,
        pub words: Option<String>,
        pub shown: bool,
        pub reply_to: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// By which way a mail came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// Standard input, from a mail server's pipe.
    Pipe,
    /// RFC 2033.
    Lmtp,
    Imap,
    Http,
}

impl Door {
    pub const ALL: [Door; 4] = [Door::Pipe, Door::Lmtp, Door::Imap, Door::Http];

    pub const fn name(self) -> &'static str {
        match self {
            Door::Pipe => "pipe",
            Door::Lmtp => "lmtp",
            Door::Imap => "imap",
            Door::Http => "http",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|door| door.name() == name)
    }
}

/// What a mail was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Reply,
    /// A calendar message that is no answer.
    Calendar,
    Bounce,
    Complaint,
    Unsubscribe,
    Automatic,
    Words,
    TooLarge,
}

impl Kind {
    pub const ALL: [Kind; 8] = [
        Kind::Reply,
        Kind::Calendar,
        Kind::Bounce,
        Kind::Complaint,
        Kind::Unsubscribe,
        Kind::Automatic,
        Kind::Words,
        Kind::TooLarge,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Kind::Reply => "reply",
            Kind::Calendar => "calendar",
            Kind::Bounce => "bounce",
            Kind::Complaint => "complaint",
            Kind::Unsubscribe => "unsubscribe",
            Kind::Automatic => "automatic",
            Kind::Words => "words",
            Kind::TooLarge => "too_large",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// What makes two mails the same: a Message-ID is the sender's word, the hash is ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sameness {
    pub message_id: String,
    /// SHA-256 in hexadecimal.
    pub body_hash: String,
}

/// Whom and what a mail is about, as far as it is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct About {
    pub member: Option<Id<Member>>,
    pub event: Option<Id<Event>>,
    pub invitation: Option<Id<Invitation>>,
    /// The mail of ours that it answers.
    pub notice: Option<Id<Notice>>,
    /// What a calendar answered.
    pub answer: Option<Answer>,
    /// When it was answered, by the earlier of its own time and receipt.
    pub given_at: Option<DateTime<Utc>>,
    /// SEQUENCE of the calendar entry that was answered: which date it is an answer to.
    pub sequence: Option<u32>,
}

/// One mail, filed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filed {
    pub id: Id<InboundMail>,
    pub same: Sameness,
    pub received_at: DateTime<Utc>,
    pub door: Door,
    pub kind: Kind,
    pub reason: Reason,
    pub about: About,
    /// Forgotten after a while, as the next three are.
    pub sender: Option<Email>,
    /// Where its sender wants to be answered, if that is not where it came from. With the next two,
    /// kept only where a person has to read it.
    pub reply_to: Option<Email>,
    pub subject: Option<String>,
    pub words: Option<String>,
    /// The organizers were sent it.
    pub shown: bool,
}

fn to_domain(row: row::Model) -> Result<Filed, StoreError> {
    let answer = row.answer.map(|name| Answer::from_name(&name).or_corrupt("inbound_mail.answer"));
    Ok(Filed {
        id: Id::new(row.id),
        same: Sameness { message_id: row.message_id, body_hash: row.body_hash },
        received_at: row.received_at,
        door: Door::from_name(&row.channel).or_corrupt("inbound_mail.channel")?,
        kind: Kind::from_name(&row.kind).or_corrupt("inbound_mail.kind")?,
        reason: Reason::from_name(&row.reason).or_corrupt("inbound_mail.reason")?,
        about: About {
            member: row.member_id.map(Id::new),
            event: row.event_id.map(Id::new),
            invitation: row.invitation_id.map(Id::new),
            notice: row.notice_id.map(Id::new),
            answer: answer.transpose()?,
            given_at: row.given_at,
            sequence: row.sequence.map(from_row),
        },
        sender: row.sender.map(|text| Email::parse(&text)).transpose().or_corrupt("inbound_mail.sender")?,
        reply_to: row
            .reply_to
            .map(|text| Email::parse(&text))
            .transpose()
            .or_corrupt("inbound_mail.reply_to")?,
        subject: row.subject,
        words: row.words,
        shown: row.shown,
    })
}

fn to_model(filed: &Filed) -> row::Model {
    let about = &filed.about;
    row::Model {
        id: filed.id.uuid(),
        message_id: filed.same.message_id.clone(),
        body_hash: filed.same.body_hash.clone(),
        received_at: filed.received_at,
        channel: filed.door.name().to_owned(),
        kind: filed.kind.name().to_owned(),
        ending: filed.reason.ending().name().to_owned(),
        reason: filed.reason.name().to_owned(),
        member_id: about.member.map(Id::uuid),
        event_id: about.event.map(Id::uuid),
        invitation_id: about.invitation.map(Id::uuid),
        notice_id: about.notice.map(Id::uuid),
        answer: about.answer.map(|answer| answer.name().to_owned()),
        given_at: about.given_at,
        sequence: about.sequence.map(to_row),
        sender: filed.sender.clone().map(String::from),
        sender_key: filed.sender.as_ref().map(Email::key),
        subject: filed.subject.clone(),
        words: filed.words.clone(),
        shown: filed.shown,
        reply_to: filed.reply_to.clone().map(String::from),
    }
}

/// Files a mail. Fails with [`StoreError::Taken`] when the same one was filed meanwhile.
pub async fn insert(tx: &Tx, filed: &Filed) -> Result<(), StoreError> {
    row::Entity::insert(to_model(filed).into_active_model()).exec_without_returning(tx.db()).await?;
    Ok(())
}

/// Commits a filed mail that changed nothing of the community.
pub async fn keep(tx: Tx) -> Result<(), StoreError> {
    tx.keep().await
}

pub async fn find(db: &impl ConnectionTrait, id: Id<InboundMail>) -> Result<Option<Filed>, StoreError> {
    row::Entity::find_by_id(id.uuid()).one(db).await?.map(to_domain).transpose()
}

/// As [`find`], and nobody else decides about it before the transaction ends.
pub async fn lock(tx: &Tx, id: Id<InboundMail>) -> Result<Option<Filed>, StoreError> {
    let row = row::Entity::find_by_id(id.uuid()).lock_exclusive().one(tx.db()).await?;
    row.map(to_domain).transpose()
}

pub async fn find_same(db: &impl ConnectionTrait, same: &Sameness) -> Result<Option<Filed>, StoreError> {
    row::Entity::find()
        .filter(row::Column::MessageId.eq(same.message_id.as_str()))
        .filter(row::Column::BodyHash.eq(same.body_hash.as_str()))
        .one(db)
        .await?
        .map(to_domain)
        .transpose()
}

/// Another ending, as an organizer decided.
pub async fn decide(tx: &Tx, filed: &Filed, reason: Reason) -> Result<(), StoreError> {
    use row::Column;
    row::Entity::update_many()
        .col_expr(Column::Ending, Expr::value(reason.ending().name()))
        .col_expr(Column::Reason, Expr::value(reason.name()))
        .filter(Expr::col(Column::Id).eq(filed.id.uuid()))
        .exec(tx.db())
        .await?;
    Ok(())
}

/// When the last answer that was recorded from this person's calendar had been given, also one that
/// an organizer took for them.
pub async fn last_reply(
    db: &impl ConnectionTrait,
    invitation: Id<Invitation>,
) -> Result<Option<DateTime<Utc>>, StoreError> {
    let recorded =
        [Reason::Recorded, Reason::RecordedBeforeMove, Reason::Waitlisted, Reason::TakenByOrganizer];
    let row = row::Entity::find()
        .filter(row::Column::InvitationId.eq(invitation.uuid()))
        .filter(row::Column::Reason.is_in(recorded.map(Reason::name)))
        .order_by_desc(row::Column::GivenAt)
        .one(db)
        .await?;
    Ok(row.and_then(|row| row.given_at))
}

/// How many mails the organizers were sent since then, of one sender or of all.
pub async fn count_shown(
    db: &impl ConnectionTrait,
    sender: Option<&Email>,
    since: DateTime<Utc>,
) -> Result<u64, StoreError> {
    let mut query =
        row::Entity::find().filter(row::Column::Shown.eq(true)).filter(row::Column::ReceivedAt.gt(since));
    if let Some(sender) = sender {
        query = query.filter(row::Column::SenderKey.eq(sender.key()));
    }
    Ok(query.count(db).await?)
}

/// The newest first, before a cursor.
pub async fn list(
    db: &impl ConnectionTrait,
    ending: Option<Ending>,
    before: Option<(DateTime<Utc>, Uuid)>,
    limit: u64,
) -> Result<Vec<Filed>, StoreError> {
    use row::Column;
    let mut query =
        row::Entity::find().order_by_desc(Column::ReceivedAt).order_by_desc(Column::Id).limit(limit);
    if let Some(ending) = ending {
        query = query.filter(Column::Ending.eq(ending.name()));
    }
    if let Some((received_at, id)) = before {
        query = query.filter(
            Condition::any()
                .add(Column::ReceivedAt.lt(received_at))
                .add(Condition::all().add(Column::ReceivedAt.eq(received_at)).add(Column::Id.lt(id))),
        );
    }
    query.all(db).await?.into_iter().map(to_domain).collect()
}

/// Forgets people's words and addresses in mails that came in before then; that they came stays.
pub async fn forget_words(store: &Store, before: DateTime<Utc>) -> Result<u64, StoreError> {
    use row::Column;
    let old = forgetting().filter(Column::ReceivedAt.lt(before)).filter(
        Condition::any()
            .add(Column::Sender.is_not_null())
            .add(Column::ReplyTo.is_not_null())
            .add(Column::Subject.is_not_null())
            .add(Column::Words.is_not_null()),
    );
    Ok(old.exec(store.housekeeping()).await?.rows_affected)
}

/// Forgets what was written from these addresses (by [`Email::key`]), or wants to be answered there. What is filed under a member
/// goes with the member; words are filed under nobody.
pub async fn forget_senders(tx: &Tx, keys: impl IntoIterator<Item = String>) -> Result<(), StoreError> {
    use row::Column;
    let keys: Vec<String> = keys.into_iter().collect();
    let reply_to = Expr::expr(Func::lower(Expr::col(Column::ReplyTo)));
    let theirs = Condition::any().add(Column::SenderKey.is_in(keys.clone())).add(reply_to.is_in(keys));
    forgetting().filter(theirs).exec(tx.db()).await?;
    Ok(())
}

fn forgetting() -> UpdateMany<row::Entity> {
    use row::Column;
    let null = || Expr::cust("null");
    row::Entity::update_many()
        .col_expr(Column::Sender, null())
        .col_expr(Column::SenderKey, null())
        .col_expr(Column::ReplyTo, null())
        .col_expr(Column::Subject, null())
        .col_expr(Column::Words, null())
}
