//! Every page in every state, with the evenings of a believable season.
//!
//! Texts that people wrote go through `t`, so that a test can put something else in their place.

use chrono::NaiveDate;
use chrono_tz::Tz;
use mensuel::{
    missing::Missing,
    pages::{
        AddLinks, FeedLinks, Frame, Places, evening, link, mailbox, message, preferences,
        programme::{Address, Evening, Online, Venue, Who},
        rsvp, season,
    },
    words,
};
use mensuel_domain::{
    format::{Confidentiality, Format, Role},
    lang::Lang,
    member::Follows,
    reminder::Times,
    rsvp::{Answer, Prospect, Refusal, Seat, Window},
    text::TextError,
    time::Span,
};
use mensuel_infra::markdown::SafeHtml;

/// What becomes of a text that somebody wrote.
pub type Text = fn(&str) -> String;

/// Each page with its name.
pub fn pages(lang: Lang, t: Text) -> Vec<(String, String)> {
    let frame = Frame {
        lang,
        lang_asked: false,
        community: t("CTO de Lyon"),
        query: t(""),
        today: day("2027-01-02"),
        demo: false,
    };
    let mut all = season_pages(&frame, t);
    all.extend(evening_pages(&frame, t));
    all.extend(rsvp_pages(t).into_iter().map(|(name, view)| (name.to_owned(), rsvp::render(&frame, &view))));
    all.extend(link_pages(&frame, t));
    all.extend(messages(&frame, t));
    all.extend(mails(&frame, t));
    all
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn span(date: &str, start: &str, end: &str) -> Span {
    let at = |time: &str| format!("{date}T{time}:00").parse().expect("a wall time");
    Span::new(at(start), at(end), Tz::Europe__Paris).expect("a span")
}

fn feed(path: &str) -> FeedLinks {
    let host = format!("soirees.lyon.example{path}");
    FeedLinks {
        https: format!("https://{host}"),
        webcal: format!("webcal://{host}"),
        google: format!("https://calendar.google.com/calendar/r?cid=webcal%3A%2F%2F{host}"),
        outlook: format!("https://outlook.live.com/calendar/0/addfromweb?url=https%3A%2F%2F{host}"),
        office: format!("https://outlook.office.com/calendar/0/addfromweb?url=https%3A%2F%2F{host}"),
    }
}

fn add(path: &str) -> AddLinks {
    let feed = feed(path);
    AddLinks {
        google: "https://calendar.google.com/calendar/render?action=TEMPLATE&text=Soir%C3%A9e".into(),
        outlook: "https://outlook.live.com/calendar/0/deeplink/compose?rru=addevent".into(),
        office: "https://outlook.office.com/calendar/0/deeplink/compose?rru=addevent".into(),
        webcal: feed.webcal,
        ics: path.into(),
    }
}

fn row(date: &str, seen: season::Seen) -> season::Row {
    let past = day(date) < day("2027-01-02");
    season::Row { span: span(date, "19:00", "21:30"), past, seen }
}

fn season_of(evenings: Vec<season::Row>) -> season::SeasonView {
    let month = |text: &str| text.parse().expect("a month");
    season::SeasonView {
        first: month("2026-09"),
        last: month("2027-08"),
        known_until: month("2028-01"),
        evenings,
        feed: feed("/calendar.ics"),
        format_feeds: Format::ALL.map(|it| (it, feed(&format!("/calendar/{}.ics", it.slug())))).into(),
        has_previous: true,
        has_next: true,
        missing: Vec::new(),
    }
}

fn evenings(t: Text) -> Vec<season::Row> {
    use season::Seen::{Cancelled, Held, MembersOnly, Published};
    let shown = |format, title: &str, venue: &str, places| {
        let (slug, title, venue) = (t("soiree"), t(title), Some(t(venue)));
        season::Shown { slug, title, language: Lang::Fr, format, venue, places }
    };
    let past = "Atelier : écrire une architecture en une page";
    let next = "Sortir d'un monolithe en dix-huit mois, et ce qui a cassé";
    let off = "Étude de cas : une migration de base de données sans interruption";
    let full = Places::Full { waiting: 3 };
    vec![
        row("2026-10-08", Published(shown(Format::Workshop, past, "Gerland Bio", Places::Left(2)))),
        row(
            "2026-11-19",
            Published(shown(Format::Retex, "Reprendre une équipe", "Ainay Finance", Places::Unlimited)),
        ),
        row("2027-01-14", Published(shown(Format::Retex, next, "Confluence Data", Places::Left(3)))),
        row(
            "2027-02-11",
            Published(shown(
                Format::RoundTable,
                "Recruter un premier VP Engineering",
                "Atelier Brotteaux",
                full,
            )),
        ),
        row("2027-03-11", Cancelled(shown(Format::Workshop, off, "Part-Dieu Cloud", Places::Left(16)))),
        row(
            "2027-03-25",
            Published(shown(
                Format::OpenDiscussion,
                "Discussion libre de printemps",
                "Canut Studio",
                Places::Left(1),
            )),
        ),
        row("2027-05-20", Held),
        row("2027-06-10", MembersOnly),
    ]
}

fn season_pages(frame: &Frame, t: Text) -> Vec<(String, String)> {
    let full = season_of(evenings(t));
    let mut bare = season_of(Vec::new());
    bare.missing = vec![Missing::Organizer, Missing::Name, Missing::Relay, Missing::BaseUrl];
    bare.has_previous = false;
    let mut later =
        season_of(vec![row("2027-09-09", season::Seen::Held), row("2027-10-14", season::Seen::Held)]);
    later.first = "2027-09".parse().expect("a month");
    later.last = "2028-08".parse().expect("a month");
    let demo = Frame { demo: true, lang_asked: true, ..frame.clone() };
    vec![
        ("season".into(), season::render(frame, &full)),
        ("season-demo".into(), season::render(&demo, &full)),
        ("season-empty".into(), season::render(frame, &bare)),
        ("season-later".into(), season::render(frame, &later)),
    ]
}

fn evening(format: Format, t: Text) -> Evening {
    let html = |text: &str| Some(SafeHtml::of_markdown(text));
    let named = |name: &str| Who::Named(t(name));
    let mut evening = Evening {
        slug: t("2027-01-14-sortir-d-un-monolithe"),
        format,
        title: t("Sortir d'un monolithe en dix-huit mois, et ce qui a cassé"),
        language: Lang::Fr,
        span: span("2027-01-14", "19:00", "21:30"),
        venue: Some(Venue {
            name: t("Confluence Data"),
            area: Some(t("69002 Lyon")),
            address: Address::Later,
        }),
        online: Online::No,
        people: vec![(Role::Speaker, named("Mathilde Lemoine")), (Role::Scribe, Who::Former)],
        summary: html(
            "Une équipe de 40 personnes, un produit vieux de douze ans, **trois tentatives**. Ce qui a marché, ce que nous ne referions pas.",
        ),
        context: None,
        confidentiality: None,
        prerequisites: None,
        bring: None,
        case: None,
        subjects: Vec::new(),
        time_box: None,
        questions: Vec::new(),
        tables: None,
    };
    match format {
        Format::Retex => {
            evening.context = Some(t("Fourvière Systems, logiciel industriel, 40 développeurs"));
            evening.confidentiality = Some(Confidentiality::AttendeesOnly);
        }
        Format::RoundTable => {
            evening.title = t("Recruter un premier VP Engineering");
            evening.people = vec![(Role::Moderator, Who::Vacant)];
            let panel = ["Gaël Boyer", "Françoise Muller", "Mathilde Prévost"];
            evening.people.extend(panel.map(|name| (Role::Panellist, named(name))));
            evening.questions = vec![t("Quand est-ce le bon moment ?"), t("Que garde-t-on pour soi ?")];
            evening.tables = Some((4, 8));
        }
        Format::Workshop => {
            evening.title = t("Étude de cas : une migration de base de données sans interruption");
            evening.people = vec![(Role::Facilitator, named("Jean-Noël Charpentier"))];
            evening.prerequisites = html("Avoir déjà conduit une migration de schéma en production");
            evening.bring = html("- Un ordinateur portable\n- Docker installé");
            evening.case = html(
                "Un SaaS de 300 clients, une table de *900 millions* de lignes, aucune fenêtre de maintenance.",
            );
        }
        Format::OpenDiscussion => {
            evening.title = t("Discussion libre de printemps");
            evening.people = Vec::new();
            evening.subjects = ["Dire non à un client important", "Astreintes sans épuisement"].map(t).into();
            evening.time_box = Some(7);
            evening.online = Online::Later;
        }
    }
    evening
}

fn evening_pages(frame: &Frame, t: Text) -> Vec<(String, String)> {
    let view = |format, window, places| evening::EveningView {
        evening: evening(format, t),
        window,
        opens: (window == Window::NotYetOpen)
            .then(|| day("2027-01-04").and_hms_opt(9, 0, 0).expect("an hour")),
        places,
        registered: 37,
        cancellation_reason: (window == Window::Cancelled).then(|| t("La salle n'est plus disponible.")),
        add: add("/events/soiree.ics"),
        announced: evening::Announced {
            url: "https://soirees.lyon.example/events/soiree".into(),
            site: "https://soirees.lyon.example/".into(),
            summary: Some(t("Une équipe de 40 personnes, trois tentatives.")),
            former_starts: Vec::new(),
        },
    };
    let full = Places::Full { waiting: 3 };
    [
        ("evening-retex", view(Format::Retex, Window::Open, Places::Left(3))),
        ("evening-round-table-full", view(Format::RoundTable, Window::Open, full)),
        ("evening-workshop-not-open", view(Format::Workshop, Window::NotYetOpen, Places::Left(16))),
        ("evening-discussion-late", view(Format::OpenDiscussion, Window::Late, Places::Unlimited)),
        ("evening-cancelled", view(Format::Retex, Window::Cancelled, Places::Left(3))),
        ("evening-past", view(Format::Retex, Window::Ended, Places::Left(3))),
    ]
    .map(|(name, view)| (name.to_owned(), evening::render(frame, &view)))
    .into()
}

fn rsvp_of(t: Text, window: Window, places: Places, stored: Option<rsvp::Stored>) -> rsvp::RsvpView {
    let mut told = evening(Format::Retex, t);
    if let Some(venue) = &mut told.venue
        && stored.as_ref().is_some_and(|stored| stored.seat.is_confirmed())
    {
        let access = Some(SafeHtml::of_markdown("Sonner à *Confluence*, 3e étage. Code du portail : 12B34."));
        venue.address = Address::Told { address: Some(t("12 quai Rambaud, 69002 Lyon")), access };
    }
    rsvp::RsvpView {
        action: "/r/SAMPLE".into(),
        name: t("Zoé D."),
        evening: told,
        has_page: true,
        role: None,
        window,
        opens: day("2027-01-04").and_hms_opt(9, 0, 0),
        deadline: None,
        places,
        prospect: Prospect::Line,
        may_take: false,
        max_guests: 0,
        stored,
        chosen: None,
        noted: false,
        refused: None,
        cancellation_reason: (window == Window::Cancelled).then(|| t("La salle n'est plus disponible.")),
        is_member: true,
        add: add("/r/SAMPLE.ics"),
    }
}

fn stored(answer: Answer, seat: Seat) -> Option<rsvp::Stored> {
    let place_in_line = (seat == Seat::Waitlisted).then_some(3);
    let offer_until =
        (seat == Seat::Offered).then(|| day("2027-01-13").and_hms_opt(14, 0, 0).expect("an hour"));
    Some(rsvp::Stored {
        answer,
        guests: 0,
        guest_names: Vec::new(),
        seat,
        place_in_line,
        offer_until,
        before_move: false,
    })
}

/// The page where one answers, in each of its states.
pub fn rsvp_pages(t: Text) -> Vec<(&'static str, rsvp::RsvpView)> {
    let (left, full) = (Places::Left(3), Places::Full { waiting: 2 });
    let with = |mut view: rsvp::RsvpView, change: &dyn Fn(&mut rsvp::RsvpView)| {
        change(&mut view);
        view
    };
    let pair = |view: &mut rsvp::RsvpView| {
        view.max_guests = 2;
        view.stored.iter_mut().for_each(|stored| {
            stored.guests = 1;
            stored.guest_names = vec![t("Ada Martin")];
        });
    };
    let moved =
        |view: &mut rsvp::RsvpView| view.stored.iter_mut().for_each(|stored| stored.before_move = true);
    let noted = |view: &mut rsvp::RsvpView| view.noted = true;
    let first = || rsvp_of(t, Window::Open, left, None);
    let seated = || rsvp_of(t, Window::Open, left, stored(Answer::Yes, Seat::Confirmed));
    let waiting = || rsvp_of(t, Window::Open, full, stored(Answer::Yes, Seat::Waitlisted));
    let offered = || rsvp_of(t, Window::Open, full, stored(Answer::Yes, Seat::Offered));
    let programme = || rsvp_of(t, Window::Open, full, stored(Answer::Yes, Seat::Programme));
    let no = || rsvp_of(t, Window::Open, left, stored(Answer::No, Seat::None));
    let refused = |view: &mut rsvp::RsvpView| {
        pair(view);
        let zone = view.evening.span.zone;
        let sentence = words::refusal(&Refusal::GuestsLeft { left: 1 }, zone, view.evening.language);
        view.refused = Some(rsvp::Refused { sentence, guests: 2, guest_names: vec![t("Ada Martin")] });
    };
    vec![
        ("rsvp-first", with(first(), &|view| view.deadline = day("2027-01-12").and_hms_opt(12, 0, 0))),
        ("rsvp-chosen-no", with(first(), &|view| view.chosen = Some(Answer::No))),
        ("rsvp-guests", with(first(), &|view| view.max_guests = 2)),
        ("rsvp-noted-yes", with(seated(), &noted)),
        ("rsvp-yes-guests", with(seated(), &pair)),
        ("rsvp-maybe", rsvp_of(t, Window::Open, left, stored(Answer::Maybe, Seat::None))),
        ("rsvp-noted-no", with(no(), &noted)),
        ("rsvp-full", rsvp_of(t, Window::Open, full, None)),
        ("rsvp-waiting", with(waiting(), &noted)),
        ("rsvp-offered", offered()),
        ("rsvp-offered-moved", with(offered(), &moved)),
        ("rsvp-offered-late", with(offered(), &|view| view.window = Window::Late)),
        (
            "rsvp-first-come",
            with(waiting(), &|view| (view.prospect, view.may_take) = (Prospect::FirstCome, true)),
        ),
        ("rsvp-line-closed", with(waiting(), &|view| view.prospect = Prospect::None)),
        ("rsvp-moved", with(seated(), &moved)),
        ("rsvp-moved-waiting", with(waiting(), &moved)),
        ("rsvp-programme", with(programme(), &|view| view.role = Some(Role::Speaker))),
        ("rsvp-refused", with(seated(), &refused)),
        ("rsvp-late", rsvp_of(t, Window::Late, left, None)),
        (
            "rsvp-late-guests",
            with(seated(), &|view| {
                pair(view);
                view.window = Window::Late;
            }),
        ),
        ("rsvp-not-open", rsvp_of(t, Window::NotYetOpen, left, None)),
        ("rsvp-ended", rsvp_of(t, Window::Ended, left, stored(Answer::Yes, Seat::Confirmed))),
        ("rsvp-cancelled", rsvp_of(t, Window::Cancelled, left, stored(Answer::Yes, Seat::Confirmed))),
    ]
}

fn link_pages(frame: &Frame, t: Text) -> Vec<(String, String)> {
    let event = || {
        let said = t("jeudi 14 janvier : Sortir d'un monolithe en dix-huit mois, et ce qui a cassé");
        Some(link::AskedEvent { slug: t("2027-01-14-sortir-d-un-monolithe"), said })
    };
    let choose = |change: &dyn Fn(&mut preferences::PreferencesView)| {
        let mut view = preferences_of(frame, t);
        change(&mut view);
        preferences::render(frame, &view)
    };
    let nothing = preferences::Wanted { invitations: false, nudges: false, news: false };
    let wrong = Some((t("zoe(at)soie"), TextError::NotAnEmail));
    vec![
        ("link".to_owned(), link::render(frame, &link::LinkView::default())),
        ("link-event".to_owned(), link::render(frame, &link::LinkView { event: event(), wrong: None })),
        ("link-wrong".to_owned(), link::render(frame, &link::LinkView { event: event(), wrong })),
        ("link-asked".to_owned(), link::asked(frame, Some(&t("2027-01-14")))),
        ("preferences".to_owned(), choose(&|_| {})),
        ("preferences-off".to_owned(), choose(&|view| view.wanted = nothing)),
        (
            "preferences-some".to_owned(),
            choose(&|view| {
                view.wanted.news = false;
                view.noted = Some(preferences::Noted::Choices);
                view.follows = Follows::from_names(["retex"]).expect("a format");
                view.reminders = Times::NONE;
            }),
        ),
        (
            "preferences-paused".to_owned(),
            choose(&|view| {
                view.pause = preferences::Pause::Until(day("2027-03-01"));
                view.noted = Some(preferences::Noted::Feed);
            }),
        ),
        ("preferences-paused-open".to_owned(), choose(&|view| view.pause = preferences::Pause::Open)),
        ("preferences-wrong-day".to_owned(), choose(&|view| view.wrong_day = Some(t("2020-01-01")))),
        (
            "preferences-stopped".to_owned(),
            choose(&|view| view.stopped = Some(t("550 5.1.1 … utilisateur inconnu"))),
        ),
    ]
}

fn preferences_of(frame: &Frame, t: Text) -> preferences::PreferencesView {
    preferences::PreferencesView {
        action: "/u/SAMPLE".to_owned(),
        name: t("Zoé D."),
        wanted: preferences::Wanted { invitations: true, nudges: true, news: true },
        follows: Follows::All,
        reminders: Times::DEFAULT,
        language: frame.lang,
        pause: preferences::Pause::No,
        earliest: day("2027-01-03"),
        stopped: None,
        noted: None,
        wrong_day: None,
        feed: feed("/calendar/m/SAMPLE.ics"),
    }
}

fn messages(frame: &Frame, t: Text) -> Vec<(String, String)> {
    use message::Message::*;
    let sentence = mensuel::words::refusal(&Refusal::Cancelled, Tz::Europe__Paris, frame.lang);
    let all = [
        ("bad", BadRequest),
        ("sign-in", SignIn),
        ("forbidden", Forbidden),
        ("no-page", NoPage),
        ("link-unknown", LinkUnknown),
        ("method", Method),
        ("conflict", Conflict(t(&sentence))),
        ("link-revoked", LinkRevoked),
        ("too-large", TooLarge),
        ("too-often", TooOften(840)),
        ("broken", Broken),
        ("away", Away),
    ];
    all.map(|(name, message)| (format!("message-{name}"), message::render(frame, 404, &message))).into()
}

fn mails(frame: &Frame, t: Text) -> Vec<(String, String)> {
    let at = day("2027-01-02").and_hms_opt(9, 5, 0).expect("an hour");
    let href = || "/demo/mailbox/1".to_owned();
    let subject = "14 janvier : Sortir d'un monolithe en dix-huit mois, et ce qui a cassé";
    let lines = [
        mailbox::MailLine { href: href(), to: t("zoe.durand@soie.example"), subject: t(subject), at },
        mailbox::MailLine {
            href: href(),
            to: t("ines.pons@traboulelogiciels.example"),
            subject: t("Une place pour vous"),
            at,
        },
    ];
    let view = mailbox::MailView {
        from: t("CTO de Lyon <soirees@lyon.example>"),
        to: t("zoe.durand@soie.example"),
        subject: t(subject),
        at,
        headers: vec![(t("Message-ID"), t("<0192-7f@lyon.example>"))],
        text: t("Bonjour Zoé,\n\nViendrez-vous ?\n"),
        html_href: Some("part.html".into()),
        calendar: Some(t("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n")),
    };
    vec![
        ("mailbox".to_owned(), mailbox::list(frame, &lines)),
        ("mailbox-empty".to_owned(), mailbox::list(frame, &[])),
        ("mail".to_owned(), mailbox::mail(frame, &view)),
    ]
}
