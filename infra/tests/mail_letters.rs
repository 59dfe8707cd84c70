//! Every kind of mail in both languages, as people receive it.

use chrono_tz::Tz;
use mensuel_domain::{
    format::{Confidentiality, Details, Format, Role},
    inbound::Reason,
    lang::Lang,
    rsvp::Prospect,
    text::{Line, Prose},
    time::Span,
};
use mensuel_infra::mail::letter::{
    About, CameIn, Evening, Feed, Kind, Letter, LinkedEvening, Links, OnStage, Online, Place, Refused,
    Standing, Who, Why, compose,
};

fn span(start: &str, end: &str) -> Span {
    Span::new(start.parse().unwrap(), end.parse().unwrap(), Tz::Europe__Paris).unwrap()
}

fn rsvp(token: &str) -> String {
    format!("https://soirees.lyon.example/r/{token}")
}

fn retex() -> Evening {
    Evening {
        title: "Sortir d'un monolithe en dix-huit mois, et ce qui a cassé".into(),
        format: Format::Retex,
        language: Lang::Fr,
        span: span("2027-01-14T19:00:00", "2027-01-14T21:30:00"),
        place: Place {
            venue: Some("Confluence Data".into()),
            area: Some("69002 Lyon".into()),
            address: None,
            access: None,
            online: None,
            later: true,
        },
        summary: Some(
            "Une équipe de 40 personnes, un produit vieux de douze ans, **trois tentatives**. \
             Ce qui a marché, ce que nous ne referions pas.\n\n- les tests d'abord\n- la base ensuite"
                .into(),
        ),
        details: Details {
            context: Some(Line::parse("éditeur de logiciels, 120 personnes").unwrap()),
            confidentiality: Some(Confidentiality::ChathamHouse),
            ..Details::default()
        },
        people: vec![OnStage { role: Role::Speaker, who: Who::Named("Mathilde Lemoine".into()) }],
        page: Some("https://soirees.lyon.example/events/2027-01-14-sortir-d-un-monolithe".into()),
        rsvp: Some(rsvp("k1.Zm9vYmFy")),
        standing: Standing::Silent,
        prospect: Prospect::Line,
    }
}

/// Seen by somebody who is confirmed.
fn retex_seen_whole(standing: Standing) -> Evening {
    let place = Place {
        address: Some("12 quai Rambaud, 69002 Lyon".into()),
        access: Some("Interphone *Confluence*, 3e étage".into()),
        later: false,
        ..retex().place
    };
    Evening { place, standing, ..retex() }
}

fn workshop() -> Evening {
    Evening {
        title: "Étude de cas : une migration de base de données sans interruption".into(),
        format: Format::Workshop,
        span: span("2027-03-11T18:30:00", "2027-03-11T21:30:00"),
        place: Place {
            venue: Some("Part-Dieu Cloud".into()),
            area: Some("69003 Lyon".into()),
            online: Some(Online::Link("https://visio.lyon.example/salle".into())),
            ..Place::default()
        },
        summary: Some("Par groupes de quatre, sur un cas réel anonymisé.".into()),
        details: Details {
            prerequisites: Some(
                Prose::parse("Avoir déjà conduit une migration de schéma en production").unwrap(),
            ),
            bring: Some(Prose::parse("- un ordinateur portable\n- Docker installé").unwrap()),
            ..Details::default()
        },
        people: vec![OnStage { role: Role::Facilitator, who: Who::Named("Jean-Noël Charpentier".into()) }],
        ..retex()
    }
}

fn discussion() -> Evening {
    let subject = |text| Line::parse(text).unwrap();
    Evening {
        title: "Discussion libre de printemps".into(),
        format: Format::OpenDiscussion,
        span: span("2027-04-08T19:00:00", "2027-04-08T21:30:00"),
        place: Place {
            venue: Some("Canut Studio".into()),
            area: Some("69001 Lyon".into()),
            ..Place::default()
        },
        summary: None,
        details: Details {
            subjects: vec![subject("Dire non à un client important"), subject("Astreintes sans épuisement")],
            ..Details::default()
        },
        people: Vec::new(),
        ..retex()
    }
}

fn round_table() -> Evening {
    let on = |role, name: &str| OnStage { role, who: Who::Named(name.into()) };
    Evening {
        title: "Recruter un premier VP Engineering".into(),
        format: Format::RoundTable,
        span: span("2027-02-11T19:00:00", "2027-02-11T21:30:00"),
        summary: Some("Quand, qui, et que lui laisser ?".into()),
        details: Details::default(),
        people: vec![
            OnStage { role: Role::Moderator, who: Who::Vacant },
            on(Role::Panellist, "Gaël Boyer"),
            on(Role::Panellist, "Françoise Müller"),
            OnStage { role: Role::Panellist, who: Who::Former },
        ],
        ..retex()
    }
}

fn links() -> Links {
    let evening = |token, title: &str, span, standing| LinkedEvening {
        title: title.into(),
        span,
        standing,
        rsvp: rsvp(token),
    };
    Links {
        evenings: vec![
            evening("k1.Zm9v", &retex().title, retex().span, Standing::Seated { guests: 0 }),
            evening(
                "k1.YmFy",
                &round_table().title,
                round_table().span,
                Standing::Waiting { place: 3, guests: 0 },
            ),
        ],
        feed: Some(Feed {
            https: "https://soirees.lyon.example/calendar/m/k1.ZmVlZA.ics".into(),
            webcal: "webcal://soirees.lyon.example/calendar/m/k1.ZmVlZA.ics".into(),
        }),
    }
}

fn letter(lang: Lang, about: About) -> Letter {
    let why = match &about {
        About::Links(_) => Why::Asked,
        About::Inbound(_) => Why::Organizer,
        About::Refused(_) => Why::Organizer,
        About::Evening(_, Kind::Vacant { .. } | Kind::SaidNo { .. }) => Why::Organizer,
        About::Evening(_, Kind::Invitation { role: Some(Role::Panellist) }) => Why::Programme,
        About::Evening(..) => Why::Member,
    };
    Letter {
        lang,
        community: "CTO de Lyon".into(),
        reader: "Zoé Durand".into(),
        why,
        preferences: (why == Why::Member).then(|| "https://soirees.lyon.example/u/k1.cHJlZnM".into()),
        lost_link: (why != Why::Organizer).then(|| "https://soirees.lyon.example/link".into()),
        about,
    }
}

/// A mail that came in, without words and about nobody.
fn came_in(why: Reason, from: &str, subject: &str) -> CameIn {
    CameIn {
        why,
        may_be_taken: why.may_be_taken(),
        from: Some(from.into()),
        subject: Some(subject.into()),
        words: None,
        about: None,
        evening: None,
    }
}

/// The names and letters of each kind. While a kind has none, this does not compile.
macro_rules! samples {
    ($($kind:pat => [$($sample:expr),+ $(,)?];)+) => {{
        let _each = |about: &About| match about {
            $($kind => (),)+
        };
        let mut all: Vec<(&'static str, About)> = Vec::new();
        $($(
            let (name, about) = $sample;
            assert!(matches!(&about, $kind), "{name} is of another kind");
            all.push((name, about));
        )+)+
        all
    }};
}

fn every_kind() -> Vec<(&'static str, About)> {
    let of = |evening, kind| About::Evening(Box::new(evening), kind);
    let whole = retex_seen_whole;
    let standing = |standing| Evening { standing, ..retex() };
    let waiting = Standing::Waiting { place: 3, guests: 1 };
    let offered = |guests| Standing::Offered { until: "2027-01-13T14:00:00".parse().unwrap(), guests };
    let organizer = |evening: Evening| Evening { rsvp: None, ..evening };
    let moved = Evening {
        span: span("2027-01-21T18:30:00", "2027-01-21T21:00:00"),
        ..whole(Standing::Seated { guests: 1 })
    };
    let elsewhere =
        Place { venue: Some("Ainay Finance".into()), area: Some("69002 Lyon".into()), ..Place::default() };
    let first = Standing::Waiting { place: 1, guests: 0 };
    let inbound = |mail| About::Inbound(Box::new(mail));
    // About an invitation of somebody else than the reader.
    let about = |mail: CameIn| CameIn {
        about: Some("Gaël Boyer".into()),
        evening: Some((retex().title, retex().span)),
        ..mail
    };
    let saying = |words: &str, mail: CameIn| CameIn { words: Some(words.into()), ..mail };
    let julien = "julien.petit@canut.example";
    samples! {
        About::Evening(_, Kind::Invitation { .. }) => [
            ("invitation_retex", of(retex(), Kind::Invitation { role: None })),
            ("invitation_workshop", of(workshop(), Kind::Invitation { role: None })),
            ("invitation_open_discussion", of(discussion(), Kind::Invitation { role: None })),
            ("invitation_round_table", of(round_table(), Kind::Invitation { role: None })),
            (
                "invitation_speaker",
                of(whole(Standing::Silent), Kind::Invitation { role: Some(Role::Speaker) }),
            ),
            ("invitation_panellist", of(round_table(), Kind::Invitation { role: Some(Role::Panellist) })),
        ];
        About::Evening(_, Kind::Confirmation) => [
            ("confirmation_seated", of(whole(Standing::Seated { guests: 0 }), Kind::Confirmation)),
            ("confirmation_seated_guests", of(whole(Standing::Seated { guests: 2 }), Kind::Confirmation)),
            ("confirmation_programme", of(whole(Standing::Programme { guests: 0 }), Kind::Confirmation)),
            ("confirmation_maybe", of(standing(Standing::Maybe), Kind::Confirmation)),
            ("confirmation_no", of(standing(Standing::No), Kind::Confirmation)),
        ];
        About::Evening(_, Kind::Waitlisted { .. }) => [
            ("waitlisted", of(standing(waiting), Kind::Waitlisted { by_calendar: false })),
            ("waitlisted_first_by_calendar", of(standing(first), Kind::Waitlisted { by_calendar: true })),
        ];
        About::Evening(_, Kind::Offered) => [
            ("offered", of(standing(offered(0)), Kind::Offered)),
            ("offered_guests", of(standing(offered(2)), Kind::Offered)),
        ];
        About::Evening(_, Kind::OfferExpired) => [
            ("offer_expired", of(standing(waiting), Kind::OfferExpired)),
            (
                "offer_expired_at_the_cut_off",
                of(Evening { prospect: Prospect::FirstCome, ..standing(waiting) }, Kind::OfferExpired),
            ),
        ];
        About::Evening(_, Kind::Promoted) => [
            ("promoted", of(whole(Standing::Seated { guests: 1 }), Kind::Promoted)),
        ];
        About::Evening(_, Kind::Reminder { .. }) => [
            ("reminder_seated", of(whole(Standing::Seated { guests: 0 }), Kind::Reminder { days: 1 })),
            ("reminder_programme", of(whole(Standing::Programme { guests: 0 }), Kind::Reminder { days: 1 })),
            ("reminder_waiting", of(standing(waiting), Kind::Reminder { days: 1 })),
            ("reminder_maybe", of(standing(Standing::Maybe), Kind::Reminder { days: 7 })),
            ("reminder_silent", of(standing(Standing::Silent), Kind::Reminder { days: 7 })),
        ];
        About::Evening(_, Kind::Moved { .. }) => [
            ("moved_date", of(moved.clone(), Kind::Moved { span: Some(retex().span), place: None })),
            (
                "moved_offered",
                of(
                    Evening { standing: offered(0), ..moved.clone() },
                    Kind::Moved { span: Some(retex().span), place: None },
                ),
            ),
            (
                "moved_place",
                of(standing(waiting), Kind::Moved { span: None, place: Some(elsewhere.clone()) }),
            ),
            (
                "moved_both",
                of(
                    Evening { standing: Standing::Silent, ..moved },
                    Kind::Moved { span: Some(retex().span), place: Some(elsewhere) },
                ),
            ),
        ];
        About::Evening(_, Kind::Cancelled { .. }) => [
            (
                "cancelled",
                of(
                    whole(Standing::Seated { guests: 0 }),
                    Kind::Cancelled { reason: Some("la salle est inondée".into()) },
                ),
            ),
            ("cancelled_without_reason", of(retex(), Kind::Cancelled { reason: None })),
        ];
        About::Evening(_, Kind::NotTaken { .. }) => [
            ("not_taken_too_early", of(standing(Standing::Silent), Kind::NotTaken { why: Reason::TooEarly })),
            ("not_taken_too_late", of(standing(Standing::Maybe), Kind::NotTaken { why: Reason::TooLate })),
            ("not_taken_too_large", of(standing(waiting), Kind::NotTaken { why: Reason::PartyTooLarge })),
        ];
        About::Evening(_, Kind::Vacant { .. }) => [
            ("vacant", of(organizer(round_table()), Kind::Vacant { role: Role::Moderator })),
        ];
        About::Evening(_, Kind::SaidNo { .. }) => [
            (
                "said_no",
                of(organizer(retex()), Kind::SaidNo { name: "Mathilde Lemoine".into(), role: Role::Speaker }),
            ),
        ];
        About::Refused(_) => [
            (
                "refused",
                About::Refused(Refused {
                    since: span("2027-01-14T19:00:00", "2027-01-14T21:30:00").start,
                    reason: "Le relais de courrier nous refuse : 554 5.7.1 Not from you.".into(),
                }),
            ),
        ];
        About::Inbound(_) => [
            (
                "inbound_words",
                inbound(saying(
                    "Bonsoir,\n\nEt si on parlait d'astreintes ?\nJ'ai une salle.\n\nJulien",
                    came_in(Reason::Forwarded, julien, "Une idée pour mars"),
                )),
            ),
            (
                "inbound_without_subject",
                inbound(CameIn { subject: None, ..saying("Oui.", came_in(Reason::Forwarded, julien, "")) }),
            ),
            (
                "inbound_may_be_taken",
                inbound(about(came_in(Reason::OtherAddress, julien, "Accepté : Sortir d'un monolithe"))),
            ),
            (
                "inbound_another_date",
                inbound(about(saying("Plutôt le 15 ?", came_in(Reason::Counter, julien, "Nouvelle date")))),
            ),
            ("inbound_too_large", inbound(came_in(Reason::MailTooLarge, julien, "Photos"))),
            (
                "inbound_our_mail_refused",
                inbound(about(saying(
                    "550 5.7.1 Message refused by policy",
                    came_in(Reason::MailRefused, "postmaster@canut.example", "Undeliverable"),
                ))),
            ),
        ];
        About::Links(_) => [
            ("links", About::Links(links())),
            ("links_none", About::Links(Links { evenings: Vec::new(), ..links() })),
        ];
    }
}

#[test]
fn every_kind_reads_as_reviewed() {
    for (name, about) in every_kind() {
        for lang in Lang::ALL {
            let mail = compose(&letter(lang, about.clone()));
            let text = format!("Subject: {}\n\n{}", mail.subject, mail.text);
            insta::assert_snapshot!(format!("{name}_{}", lang.code()), text);
            insta::assert_snapshot!(format!("{name}_{}_html", lang.code()), mail.html);
        }
    }
}

#[test]
fn every_html_is_small_and_fetches_nothing() {
    for (name, about) in every_kind() {
        for lang in Lang::ALL {
            let html = compose(&letter(lang, about.clone())).html;
            assert!(html.len() < 100_000, "{name} has {} bytes", html.len());
            for fetching in [
                "<img",
                "<link",
                "<script",
                "<iframe",
                "url(",
                "@import",
                "src=",
                "@font-face",
                "background=",
            ] {
                assert!(!html.contains(fetching), "{name} has {fetching}");
            }
        }
    }
}

/// Text and HTML hold the same links, and each begins with the configured address.
#[test]
fn both_parts_have_the_same_links_of_ours() {
    for (name, about) in every_kind() {
        let mail = compose(&letter(Lang::Fr, about));
        let in_html: Vec<&str> =
            mail.html.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        let in_text: Vec<&str> = mail.text.split_whitespace().filter(|word| word.contains("://")).collect();
        assert_eq!(in_html, in_text, "{name}");
        for link in in_html {
            assert!(
                link.contains("://soirees.lyon.example/") || link == "https://visio.lyon.example/salle",
                "{link}"
            );
        }
    }
}

/// Mails of one evening form a thread: they share the stem, and a move carries the new date.
#[test]
fn subjects_share_their_stem() {
    for (name, about) in every_kind() {
        let About::Evening(evening, _) = &about else { continue };
        let stem = format!("{} : {}", mensuel_infra::say::day(Lang::Fr, evening.span.date()), evening.title);
        let subject = compose(&letter(Lang::Fr, about.clone())).subject;
        assert!(subject.ends_with(&stem), "{name}: {subject}");
    }
}

/// Promise S7: whatever a field holds, the HTML has no tag and no attribute of its making.
#[test]
fn hostile_fields_stay_text() {
    let hostile = "\"><script>alert(1)</script><img src=x onerror=alert(1)> '' {{7*7}} &lt;script&gt; javascript:alert(1)";
    let mut evening = workshop();
    evening.title = hostile.into();
    evening.summary = Some(hostile.into());
    evening.place = Place {
        venue: Some(hostile.into()),
        area: Some(hostile.into()),
        address: Some(hostile.into()),
        access: Some(hostile.into()),
        ..Place::default()
    };
    evening.details.bring = Some(Prose::parse(hostile).unwrap());
    evening.details.context = Some(Line::parse(hostile).unwrap());
    evening.details.subjects = vec![Line::parse(hostile).unwrap()];
    evening.people = vec![OnStage { role: Role::Speaker, who: Who::Named(hostile.into()) }];
    let of = |kind| About::Evening(Box::new(evening.clone()), kind);
    let foreign = |why| {
        About::Inbound(Box::new(CameIn {
            words: Some(format!("{hostile}\n\n{hostile}")),
            about: Some(hostile.into()),
            evening: Some((hostile.into(), evening.span)),
            ..came_in(why, hostile, hostile)
        }))
    };
    for about in [
        of(Kind::Invitation { role: None }),
        of(Kind::Cancelled { reason: Some(hostile.into()) }),
        of(Kind::SaidNo { name: hostile.into(), role: Role::Speaker }),
        foreign(Reason::Forwarded),
        foreign(Reason::OtherAddress),
        foreign(Reason::MailRefused),
        About::Refused(Refused { since: evening.span.start, reason: hostile.into() }),
    ] {
        let mut hostile_letter = letter(Lang::Fr, about);
        hostile_letter.reader = hostile.into();
        hostile_letter.community = hostile.into();
        let html = compose(&hostile_letter).html;
        assert!(!html.contains("<script") && !html.contains("<img"), "{html}");
        assert!(html.contains("alert(1)"));
    }
}

/// Promise S6: a stranger's words stand as theirs, line by line, and what they wrote leads nowhere.
#[test]
fn what_strangers_write_is_quoted_and_leads_nowhere() {
    let words =
        "Votre réponse :\n[oui](https://ailleurs.example/r/k1)\nVos mails : https://ailleurs.example/u";
    for why in [Reason::Forwarded, Reason::OtherAddress, Reason::MailRefused] {
        let mail = CameIn { words: Some(words.into()), ..came_in(why, "zoe@ailleurs.example", "Votre lien") };
        let mail = compose(&letter(Lang::Fr, About::Inbound(Box::new(mail))));
        for line in words.lines() {
            assert!(mail.text.contains(&format!("\n> {line}")), "{line:?} is not quoted: {}", mail.text);
            assert!(!mail.text.contains(&format!("\n{line}")), "{line:?} stands as ours: {}", mail.text);
        }
        assert!(mail.html.contains("https://ailleurs.example/r/k1"), "{}", mail.html);
        assert!(!mail.html.contains("href="), "{}", mail.html);
    }
}

/// Whoever is told why their calendar's answer was not taken is told so in words that were reviewed.
#[test]
fn each_reason_that_is_told_has_a_sample() {
    for reason in Reason::ALL.iter().filter(|reason| reason.misleads()) {
        let tells =
            |about: &About| matches!(about, About::Evening(_, Kind::NotTaken { why }) if why == reason);
        assert!(every_kind().iter().any(|(_, about)| tells(about)), "{reason:?}");
    }
}
