//! The whole way from a fact to the bytes that leave, on a real database.

use std::{collections::BTreeMap, fs, path::Path, sync::Arc};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use mensuel_domain::{
    event::{Change, Edit, Event},
    fact::{Actor, Fact, NoticeKind},
    format::Format,
    id::Id,
    invitation::Invitation,
    lang::Lang,
    member::{Address, Member},
    rsvp::{Answer, Channel, Request},
    text::{Email, Line, PersonName},
    time::Span,
};
use mensuel_infra::{
    clock::FakeClock,
    mail::relay::{Mailer, Patience, Relay},
    store::{
        Place, Store, events, invitations, members,
        outbox::{self, State},
        rsvps, venues,
    },
};
use mensuel_migrations::Migrator;
use sea_orm_migration::MigratorTrait as _;
use tempfile::TempDir;
use uuid::Uuid;

use super::*;
use crate::{
    app::{Community, Inner},
    entries::sample,
    feeds::{self, Kept, NotServed},
    limits::Limits,
    use_cases::rsvps::{Asked, Whose, answer},
};

struct Town {
    app: App,
    clock: Arc<FakeClock>,
    dir: TempDir,
    seen: BTreeMap<String, ()>,
}

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn email(text: &str) -> Email {
    Email::parse(text).unwrap()
}

/// One mail as it left: the headers and every part, decoded.
#[derive(Debug)]
struct Mail {
    raw: String,
    calendar: Option<String>,
}

impl Mail {
    fn read(raw: String) -> Self {
        let calendar = raw.split("text/calendar").nth(1).map(|rest| {
            let body = rest.split("\r\n\r\n").nth(1).unwrap().split("\r\n--").next().unwrap();
            let bytes = STANDARD.decode(body.replace("\r\n", "")).unwrap();
            String::from_utf8(bytes).unwrap().replace("\r\n ", "")
        });
        Self { raw, calendar }
    }

    fn header(&self, name: &str) -> Option<&str> {
        let head = self.raw.split("\r\n\r\n").next().unwrap();
        head.split("\r\n").find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    fn to(&self) -> &str {
        let to = self.header("To").unwrap();
        to.split('<').nth(1).unwrap().split('@').next().unwrap()
    }

    fn has(&self, line: &str) -> bool {
        self.calendar.as_ref().is_some_and(|text| text.contains(line))
    }
}

impl Town {
    async fn with(mailer: impl FnOnce(&Path) -> Mailer) -> Self {
        let dir = TempDir::new().unwrap();
        let store = Store::open(&Place::Sqlite(dir.path().join("town.db"))).await.unwrap();
        Migrator::up(store.for_migrations(), None).await.unwrap();
        let clock = Arc::new(FakeClock::at(utc("2026-12-01T08:00:00Z")));
        let app = App::new(Inner {
            store,
            clock: clock.clone(),
            mailer: mailer(dir.path()),
            links: sample::links(),
            inbox: sample::inbox(),
            community: Community {
                name: Line::parse("Soirées CTO").unwrap(),
                zone: Tz::Europe__Paris,
                language: Lang::Fr,
                mail_from: email("bonjour@lyon.example"),
                demo: false,
                reads_mail: false,
                mail_to_files: true,
                trusted_proxies: Vec::new(),
                waitlist: mensuel_domain::waitlist::Policy::default(),
                held_dates: crate::sight::HeldDates::default(),
                season_begins: 9,
            },
            kept: Kept::default(),
            units: crate::units::Units::here(),
            dkim: None,
            pace: super::Pace::default(),
            limits: Limits::default(),
            mail_waits: tokio::sync::Notify::new(),
        });
        app.store.refresh().await.unwrap();
        let town = Self { app, clock, dir, seen: BTreeMap::new() };
        town.found().await;
        town
    }

    async fn to_files() -> Self {
        Self::with(|dir| Mailer::files(dir.join("mail")).unwrap()).await
    }

    /// Mathilde speaks, Anne and Bruno follow; one seat; everybody is invited.
    async fn found(&self) {
        let tx = self.app.store.write(self.app.now()).await.unwrap();
        for (n, name) in [(3, "Mathilde Lemoine"), (11, "Anne Roux"), (12, "Bruno Petit")] {
            let first = name.split(' ').next().unwrap().to_lowercase();
            let address = Address {
                email: email(&format!("{first}@soie.example")),
                primary: true,
                verified: true,
                stopped: None,
            };
            let member = Member {
                id: Id::new(Uuid::from_u128(n)),
                name: PersonName::parse(name).unwrap(),
                emails: vec![address],
                ..sample::member()
            };
            members::insert(&tx, &member).await.unwrap();
        }
        venues::insert(&tx, &sample::venue()).await.unwrap();
        let event = Event { capacity: Some(1), ..sample::event() };
        events::insert(&tx, &event).await.unwrap();
        let count = invitations::insert_followers(&tx, &event, Format::Retex, None).await.unwrap();
        let facts = vec![
            Fact::EventPublished { event: event.id },
            Fact::Invited { event: event.id, wave: None, count },
        ];
        tx.commit(Actor::Operator, facts).await.unwrap();
    }

    /// The mails that left since, by the name before the @.
    async fn mails(&mut self) -> BTreeMap<String, Mail> {
        until_idle(&self.app).await.unwrap();
        let mut mails = BTreeMap::new();
        for file in fs::read_dir(self.dir.path().join("mail")).unwrap() {
            let name = file.unwrap().file_name().into_string().unwrap();
            if self.seen.insert(name.clone(), ()).is_none() {
                let mail = Mail::read(fs::read_to_string(self.dir.path().join("mail").join(&name)).unwrap());
                let twice = mails.insert(mail.to().to_owned(), mail);
                assert!(twice.is_none(), "{twice:?}");
            }
        }
        mails
    }

    async fn invitation(&self, member: u128) -> Invitation {
        let member = Id::new(Uuid::from_u128(member));
        invitations::find_of(self.app.store.read(), sample::event().id, member).await.unwrap().unwrap()
    }

    async fn answers(&self, member: u128, answer_: Answer) {
        let asked = Asked {
            actor: Actor::Member(Id::new(Uuid::from_u128(member))),
            event: sample::event().id,
            whose: Whose::Invitation(self.invitation(member).await.id),
            request: Request {
                answer: answer_,
                guests: 0,
                guest_names: Vec::new(),
                channel: Channel::Link,
                over_capacity: false,
                before_move: false,
            },
        };
        answer(&self.app, vec![asked]).await.unwrap()[0].as_ref().unwrap();
    }

    async fn moves(&self, date: &str) {
        let tx = self.app.store.write(self.app.now()).await.unwrap();
        let event = events::lock(&tx, sample::event().id).await.unwrap().unwrap();
        let date = date.parse().unwrap();
        let span = Span::lasting(date, event.span.start.time(), event.span.zone, 150).unwrap();
        let decision = event.edit(vec![Change::Span(span)], Edit::OnItself, tx.now()).unwrap();
        events::update(&tx, &event, &decision.value).await.unwrap();
        rsvps::mark_before_move(&tx, event.id).await.unwrap();
        tx.commit(Actor::Operator, decision.facts).await.unwrap();
    }

    async fn cancels(&self) {
        let tx = self.app.store.write(self.app.now()).await.unwrap();
        let event = events::lock(&tx, sample::event().id).await.unwrap().unwrap();
        let decision = event.cancel(None, tx.now()).unwrap();
        events::update(&tx, &event, &decision.value).await.unwrap();
        tx.commit(Actor::Operator, decision.facts).await.unwrap();
    }

    async fn rows(&self, kind: NoticeKind) -> Vec<outbox::Notice> {
        let all = outbox::list(self.app.store.read(), None, None, 1_000).await.unwrap();
        all.into_iter().rev().filter(|row| row.kind == kind).collect()
    }
}

fn names(mails: &BTreeMap<String, Mail>) -> Vec<&str> {
    mails.keys().map(String::as_str).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_evening_from_its_invitations_to_its_cancellation() {
    let mut town = Town::to_files().await;
    // Another worker beside: each mail leaves once all the same.
    let stop = watch::Sender::new(false);
    let other = tokio::spawn(run(town.app.clone(), stop.subscribe()));

    let invited = town.mails().await;
    assert_eq!(names(&invited), ["anne", "bruno", "mathilde"]);
    let (anne, bruno) = (town.invitation(11).await, town.invitation(12).await);
    assert!(anne.told_at.is_some());
    let first = &invited["anne"];
    assert!(first.has(&format!("UID:{}", anne.uid)) && first.has("METHOD:REQUEST"), "{first:?}");
    assert!(first.has("PARTSTAT=NEEDS-ACTION") && first.has("DTSTAMP:20261201T080000Z"), "{first:?}");
    assert_eq!(first.header("List-Id"), Some("<evenings.soirees.lyon.example>"));
    assert!(first.header("List-Unsubscribe").unwrap().contains("https://soirees.lyon.example/u/"));
    assert_eq!(first.header("References"), None);
    assert!(!first.raw.contains("Rambaud") && !first.calendar.as_ref().unwrap().contains("Rambaud"));

    town.clock.advance(TimeDelta::minutes(10));
    town.answers(11, Answer::Yes).await;
    town.answers(12, Answer::Yes).await;
    let answered = town.mails().await;
    assert_eq!(names(&answered), ["anne", "bruno"]);
    assert!(answered["anne"].has("PARTSTAT=ACCEPTED") && answered["anne"].has("Rambaud"));
    assert!(answered["bruno"].calendar.is_none());
    let invitation_id = invited["bruno"].header("Message-ID");
    assert_eq!(answered["bruno"].header("References"), invitation_id);
    assert_ne!(answered["bruno"].header("Message-ID"), invitation_id);

    stop.send_replace(true);
    other.await.unwrap();

    // Twice in one go is one mail, which tells what was before the first.
    town.moves("2027-01-21").await;
    town.moves("2027-01-28").await;
    let moved = town.mails().await;
    assert_eq!(names(&moved), ["anne", "bruno", "mathilde"]);
    assert!(moved["bruno"].has("DTSTART;TZID=Europe/Paris:20270128T190000"), "{:?}", moved["bruno"]);
    assert!(moved["bruno"].has(&format!("UID:{}", bruno.uid)));
    assert!(moved["bruno"].has("PARTSTAT=NEEDS-ACTION") && moved["bruno"].has("SEQUENCE:5"));
    assert!(moved["anne"].raw.contains("Avant=C2=A0: jeudi 14 janvier 2027"), "{}", moved["anne"].raw);
    let rows = town.rows(NoticeKind::Moved).await;
    assert_eq!(rows.iter().filter(|row| row.why.as_deref() == Some("merged_into_moved")).count(), 3);
    // Away and back is none.
    town.moves("2027-02-04").await;
    town.moves("2027-01-28").await;
    assert_eq!(names(&town.mails().await), Vec::<&str>::new());

    town.answers(11, Answer::No).await;
    let promoted = town.mails().await;
    assert_eq!(names(&promoted), ["anne", "bruno"]);
    assert!(promoted["anne"].has("PARTSTAT=DECLINED") && promoted["bruno"].has("PARTSTAT=ACCEPTED"));

    for (advanced, told) in
        [("2027-01-21T17:59:59Z", vec![]), ("2027-01-21T18:00:00Z", vec!["bruno", "mathilde"])]
    {
        town.clock.set(utc(advanced));
        let reminded = town.mails().await;
        assert_eq!(names(&reminded), told, "{advanced}");
        assert!(reminded.values().all(|mail| mail.calendar.is_none()));
    }
    assert_eq!(names(&town.mails().await), Vec::<&str>::new());

    town.cancels().await;
    let cancelled = town.mails().await;
    assert_eq!(names(&cancelled), ["anne", "bruno", "mathilde"]);
    assert!(cancelled.values().all(|mail| mail.has("METHOD:CANCEL") && mail.has("STATUS:CANCELLED")));
    town.clock.set(utc("2027-01-28T12:00:00Z"));
    assert_eq!(names(&town.mails().await), Vec::<&str>::new());
}

#[tokio::test]
async fn moved_before_the_invitation_left_is_one_mail() {
    let mut town = Town::to_files().await;
    town.moves("2027-01-21").await;
    let invited = town.mails().await;
    assert_eq!(names(&invited), ["anne", "bruno", "mathilde"]);
    assert!(invited["anne"].has("20270121T190000") && !invited["anne"].raw.contains("Avant"));
}

#[tokio::test]
async fn a_relay_that_is_away_is_tried_for_48_hours() {
    let relay = Relay::parse("smtp://127.0.0.1:1").unwrap();
    let town = Town::with(|_| Mailer::smtp(relay, Patience::default()).unwrap()).await;
    until_idle(&town.app).await.unwrap();
    let rows = town.rows(NoticeKind::Invitation).await;
    assert!(rows.iter().all(|row| row.state == State::Queued && row.attempts == 1), "{rows:?}");
    assert!(rows[0].last_error.as_ref().unwrap().starts_with("Le relais de courrier n’a pas pu"));
    let written = town.app.now();
    while let Some(next) = outbox::next_due(town.app.store.read()).await.unwrap() {
        assert!(next <= written + TimeDelta::hours(48));
        town.clock.set(next);
        until_idle(&town.app).await.unwrap();
    }
    assert_eq!(town.app.now(), written + TimeDelta::hours(48));
    let rows = town.rows(NoticeKind::Invitation).await;
    assert!(rows.iter().all(|row| row.state == State::Expired), "{rows:?}");
    assert!(rows[0].last_error.as_ref().unwrap().starts_with("Abandonné après 48"));
}

#[tokio::test]
async fn an_address_that_does_not_exist_stops_with_its_mail() {
    let town = Town::to_files().await;
    let (lease, rows) = outbox::claim(&town.app.store, town.app.now(), 10).await.unwrap();
    let gone = outbox::Outcome::Failed { error: "5.1.1".to_owned(), stops: Some(email("Anne@soie.example")) };
    let row = rows
        .iter()
        .find(|row| row.recipient == outbox::Recipient::Member(Id::new(Uuid::from_u128(11))))
        .unwrap();
    assert!(outbox::settle(&town.app.store, lease, row, gone.clone(), town.app.now()).await.unwrap());
    assert!(
        !outbox::settle(&town.app.store, lease, row, gone, town.app.now()).await.unwrap(),
        "settled once"
    );
    let anne = members::find(town.app.store.read(), Id::new(Uuid::from_u128(11))).await.unwrap().unwrap();
    assert_eq!(anne.emails[0].stopped.as_deref(), Some("5.1.1"));
    assert_eq!(anne.revision, 2);
    // What one person is told of one evening is not claimed while another mail of it is under way.
    town.moves("2027-01-21").await;
    let (_, claimed) = outbox::claim(&town.app.store, town.app.now(), 10).await.unwrap();
    let whom: Vec<_> = claimed.iter().map(|row| row.recipient).collect();
    assert_eq!(whom, [outbox::Recipient::Member(Id::new(Uuid::from_u128(11)))]);
    town.clock.advance(outbox::LEASE);
    assert!(!outbox::renew(&town.app.store, lease, row.id, town.app.now()).await.unwrap());
    let (_, again) = outbox::claim(&town.app.store, town.app.now(), 10).await.unwrap();
    assert_eq!(again.len(), 5);
}

#[tokio::test]
async fn feeds_are_made_once_for_each_change_and_never_stale() {
    let town = Town::to_files().await;
    let app = &town.app;
    let text =
        |served: &feeds::Served| String::from_utf8(served.bytes.to_vec()).unwrap().replace("\r\n ", "");
    let first = feeds::of_season(app).await.unwrap();
    assert_eq!(first.bytes.as_ptr(), feeds::of_season(app).await.unwrap().bytes.as_ptr());
    assert!(text(&first).contains("SUMMARY:Sortir d'un monolithe"));
    assert!(!text(&first).contains("Rambaud"));
    assert!(text(&feeds::of_format(app, Format::Retex).await.unwrap()).contains("UID:aaaa0000"));
    assert!(!text(&feeds::of_format(app, Format::Workshop).await.unwrap()).contains("BEGIN:VEVENT"));
    let slug = sample::event().slug.unwrap();
    assert!(text(&feeds::of_event(app, slug.as_str()).await.unwrap()).contains("UID:aaaa0000"));
    assert!(matches!(feeds::of_event(app, "no-such").await, Err(NotServed::Missing)));

    let invitation = town.invitation(11).await;
    let token = app.links.sign(crate::entries::answering(&invitation));
    let file = feeds::of_invitation(app, token.as_str()).await.unwrap();
    assert!(text(&file).contains(&format!("UID:{}", invitation.uid)) && !text(&file).contains("Rambaud"));
    assert!(
        matches!(feeds::of_member(app, token.as_str()).await, Err(NotServed::Missing)),
        "another purpose"
    );
    let claim = |epoch| mensuel_infra::links::Claim {
        purpose: mensuel_infra::links::Purpose::Feed,
        id: Uuid::from_u128(11),
        epoch,
    };
    let feed = app.links.sign(claim(0));
    let before = feeds::of_member(app, feed.as_str()).await.unwrap();
    assert!(text(&before).contains("TRANSP:TRANSPARENT"));
    assert!(matches!(feeds::of_member(app, app.links.sign(claim(1)).as_str()).await, Err(NotServed::Gone)));

    town.clock.advance(TimeDelta::minutes(1));
    town.answers(11, Answer::Yes).await;
    let seated = feeds::of_member(app, feed.as_str()).await.unwrap();
    assert!(text(&seated).contains("TRANSP:OPAQUE") && text(&seated).contains("12 quai Rambaud"));
    assert!(before.last_modified < seated.last_modified && before.etag != seated.etag);
    assert_eq!(feeds::of_season(app).await.unwrap().etag, first.etag, "an answer is nothing to strangers");

    town.moves("2027-01-21").await;
    let moved = feeds::of_season(app).await.unwrap();
    assert!(text(&moved).contains("20270121T190000") && first.last_modified < moved.last_modified);

    // A member who left: their links are gone at once.
    let tx = app.store.write(app.now()).await.unwrap();
    let mut anne = members::lock(&tx, Id::new(Uuid::from_u128(11))).await.unwrap().unwrap();
    anne.status = mensuel_domain::member::Status::Left;
    members::update(&tx, &anne).await.unwrap();
    tx.commit(Actor::Operator, vec![Fact::MemberChanged { member: anne.id }]).await.unwrap();
    assert!(matches!(feeds::of_member(app, feed.as_str()).await, Err(NotServed::Gone)));
    assert!(matches!(feeds::of_invitation(app, token.as_str()).await, Err(NotServed::Gone)));

    // The database goes away: the public feed stays as it was, the next day too.
    let kept = feeds::of_season(app).await.unwrap();
    app.store.clone().close().await.unwrap();
    town.clock.advance(TimeDelta::days(1));
    assert_eq!(feeds::of_season(app).await.unwrap(), kept);
    assert!(matches!(feeds::of_event(app, "other").await, Err(NotServed::Store(_))));
}
