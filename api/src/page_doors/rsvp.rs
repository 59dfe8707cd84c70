//! `/r/{token}`: GET shows and changes nothing, POST answers.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web::{Form, Path},
};
use mensuel_domain::{
    event::Event,
    lang::Lang,
    rsvp::{self, Answer, Channel, Request, Rsvp},
    text::PersonName,
};
use mensuel_infra::store::{rsvps, waitlist};
use serde::Deserialize;
use url::form_urlencoded;

use super::{Page, private, shown};
use crate::{
    app::App,
    callers::{self, RsvpLink, rsvp_link},
    entries::{self, Own, Voice},
    pages::{
        AddLinks, Frame,
        rsvp::{Refused as ShownRefusal, RsvpView, Stored, render},
    },
    problem::{Problem, Wrong},
    sight::{Reader, Sight, see},
    use_cases::{
        Refused,
        rsvps::{Asked, Whose, answer as record},
    },
};

/// What stands behind the `?` of an answering link.
#[derive(Default)]
struct Query {
    chosen: Option<Answer>,
    noted: bool,
}

impl Query {
    fn of(req: &HttpRequest) -> Self {
        let pairs = form_urlencoded::parse(req.query_string().as_bytes());
        let mut query = Query::default();
        for (name, value) in pairs {
            match name.as_ref() {
                "a" => query.chosen = Answer::from_name(&value),
                "noted" => query.noted = true,
                _ => {}
            }
        }
        query
    }
}

pub async fn rsvp(req: HttpRequest, token: Path<String>) -> Page {
    let link = rsvp_link(&req, &token).await?;
    let (frame, query) = (frame(&req, &link), Query::of(&req));
    let mut view = view(callers::app(&req), &link, &token, frame.lang).await?;
    view.chosen = query.chosen;
    view.noted = query.noted && view.stored.is_some();
    Ok(private(StatusCode::OK, render(&frame, &view)))
}

/// The form of the page. Names of guests come one on each line.
#[derive(Debug, Deserialize)]
pub struct Typed {
    answer: Option<String>,
    #[serde(default)]
    guests: String,
    #[serde(default)]
    guest_names: String,
}

/// Answers, and sends the reader on to the page that says so: reloading it answers nothing.
pub async fn answer(req: HttpRequest, token: Path<String>, typed: Form<Typed>) -> Page {
    let link = rsvp_link(&req, &token).await?;
    let request = match typed.read(link.event.max_guests) {
        Ok(request) => request,
        Err(problem) => return refused(&req, &token, &typed, problem).await,
    };
    let asked = Asked {
        actor: link.actor(),
        event: link.event.id,
        whose: Whose::Invitation(link.invitation.id),
        request,
    };
    let app = callers::app(&req);
    let outcome = app
        .unit(move |app| {
            let asked = asked.clone();
            async move { record(&app, vec![asked]).await }
        })
        .await?
        .pop();
    match outcome {
        Some(Ok(_)) => Ok(to_page(&req, &token, "noted")),
        Some(Err(because @ Refused::Rsvp { .. })) => refused(&req, &token, &typed, because.into()).await,
        Some(Err(because)) => Err(because.into()),
        None => Err(Problem::NOT_FOUND),
    }
}

impl Typed {
    fn answer(&self) -> Option<Answer> {
        self.answer.as_deref().and_then(Answer::from_name)
    }

    fn names(&self) -> Vec<String> {
        self.guest_names.lines().map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
    }

    /// Guests count with a yes only. What is no number is told how many may come.
    fn read(&self, most_guests: u32) -> Result<Request, Problem> {
        let answer =
            self.answer().ok_or_else(|| Problem::at("/answer", Wrong::OneOf(vec!["yes", "no", "maybe"])))?;
        let comes = answer == Answer::Yes;
        let guests = match self.guests.trim() {
            digits if comes && !digits.is_empty() => digits
                .parse()
                .map_err(|_| Problem::at("/guests", Wrong::Number { min: 0, max: u64::from(most_guests) }))?,
            _ => 0,
        };
        let names = self.names();
        let names = names.iter().filter(|_| comes).map(|name| PersonName::parse(name));
        let guest_names =
            names.collect::<Result<_, _>>().map_err(|error| Problem::at("/guest_names", error.into()))?;
        Ok(Request {
            answer,
            guests,
            guest_names,
            channel: Channel::Link,
            over_capacity: false,
            before_move: false,
        })
    }
}

fn to_page(req: &HttpRequest, token: &str, mark: &str) -> HttpResponse {
    let page = callers::frame(req).to(&format!("/r/{token}?{mark}=1"));
    let mut response = HttpResponse::SeeOther();
    response.insert_header((header::LOCATION, page)).insert_header((header::CACHE_CONTROL, "no-store"));
    response.finish()
}

/// The page again, with what was typed and why it was not taken, under the status that JSON has.
async fn refused(req: &HttpRequest, token: &str, typed: &Typed, because: Problem) -> Page {
    let link = rsvp_link(req, token).await?;
    let frame = frame(req, &link);
    let mut view = view(callers::app(req), &link, token, frame.lang).await?;
    let said = because.said(frame.lang);
    view.chosen = typed.answer();
    view.refused = Some(ShownRefusal {
        sentence: said.errors.into_iter().next().map_or(said.detail, |mistake| mistake.detail),
        guests: typed.guests.trim().parse().unwrap_or(0),
        guest_names: typed.names(),
    });
    Ok(private(said.kind.status(), render(&frame, &view)))
}

fn frame(req: &HttpRequest, link: &RsvpLink) -> Frame {
    callers::frame_for(req, link.member.as_ref().map(|member| member.language))
}

async fn view(app: &App, link: &RsvpLink, token: &str, lang: Lang) -> Result<RsvpView, Problem> {
    let (db, event) = (app.store.read(), &link.event);
    let private = match see(event, link.reader()) {
        Sight::Whole(private) => private,
        Sight::Held | Sight::MembersOnly => return Err(Problem::NOT_FOUND),
    };
    let around = shown::Around::of(app, event).await?;
    let room = rsvps::room(db, event).await?;
    let prospect = rsvp::prospect(event, &app.community.waitlist, app.now());
    let place = match &link.rsvp {
        Some(rsvp) => waitlist::place(db, rsvp, app.now()).await?,
        None => None,
    };
    Ok(RsvpView {
        action: format!("/r/{token}"),
        name: link.short_name(),
        evening: shown::evening(event, &around, link.reader(), private),
        has_page: matches!(see(event, Reader::Stranger), Sight::Whole(_)),
        role: link.role,
        window: rsvp::window(event, app.now()),
        opens: event.opens_at.map(|opens| shown::on_the_wall(event, opens)),
        deadline: event
            .deadline
            .filter(|deadline| *deadline != event.span.starts_at)
            .map(|deadline| shown::on_the_wall(event, deadline)),
        places: shown::places(&room, prospect),
        prospect,
        may_take: link.rsvp.as_ref().is_some_and(|rsvp| {
            rsvp::takes_now(event, &app.community.waitlist, &room, rsvp, place, app.now())
        }),
        max_guests: event.max_guests,
        stored: link.rsvp.as_ref().map(|rsvp| stored(event, rsvp, place)),
        chosen: None,
        noted: false,
        refused: None,
        cancellation_reason: event.cancellation_reason.as_ref().map(ToString::to_string),
        is_member: link.member.is_some(),
        add: add(app, link, &around, token, lang),
    })
}

fn add(app: &App, link: &RsvpLink, around: &shown::Around, token: &str, lang: Lang) -> AddLinks {
    let voice = Voice { lang, community: app.community.name.as_str(), links: &app.links };
    let own = Own { invitation: &link.invitation, rsvp: link.rsvp.as_ref(), changed_at: None };
    let planned = entries::planned(&voice, &around.beside(&link.event), Some(&own));
    let file = app.links.rsvp_ics(&app.links.sign(entries::answering(&link.invitation)));
    AddLinks::of(&planned, &file, format!("/r/{token}.ics"))
}

fn stored(event: &Event, rsvp: &Rsvp, place_in_line: Option<u32>) -> Stored {
    Stored {
        answer: rsvp.answer,
        guests: rsvp.guests,
        guest_names: rsvp.guest_names.iter().map(ToString::to_string).collect(),
        seat: rsvp.seat,
        place_in_line,
        offer_until: rsvp.offer_until.map(|until| shown::on_the_wall(event, until)),
        before_move: rsvp.before_move,
    }
}
