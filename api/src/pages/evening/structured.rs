//! The evening for machines: schema.org in JSON-LD, which is data and no script.

use std::fmt;

use askama::filters::HtmlSafe;
use chrono::{DateTime, Utc};
use mensuel_domain::{rsvp::Window, time::Span};
use serde_json::{Value, json};

use super::EveningView;
use crate::pages::{
    Frame,
    programme::{Online, Who},
};

/// JSON inside of a page: no character of it ends the element that it stands in.
pub(super) struct Data(String);

impl HtmlSafe for Data {}

impl fmt::Display for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Data {
    fn of(value: &Value) -> Self {
        let text = value.to_string();
        Data(text.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026"))
    }
}

/// A schema.org Event. The place is the venue's name and area, whoever reads.
pub(super) fn of(frame: &Frame, view: &EveningView) -> Data {
    let (evening, announced) = (&view.evening, &view.announced);
    let (status, former) = status(view);
    let mut event = json!({
        "@context": "https://schema.org",
        "@type": "Event",
        "name": evening.title,
        "url": announced.url,
        "inLanguage": evening.language.code(),
        "startDate": local(&evening.span, evening.span.starts_at),
        "endDate": local(&evening.span, evening.span.ends_at),
        "eventStatus": format!("https://schema.org/{status}"),
        "eventAttendanceMode": format!("https://schema.org/{}", mode(view)),
        "organizer": { "@type": "Organization", "name": frame.community, "url": announced.site },
    });
    if let Some(summary) = &announced.summary {
        event["description"] = json!(summary);
    }
    if !former.is_empty() {
        event["previousStartDate"] = json!(former);
    }
    match location(view).as_slice() {
        [] => {}
        [only] => event["location"] = only.clone(),
        several => event["location"] = json!(several),
    }
    let performers: Vec<Value> = evening.people.iter().filter_map(|(_, who)| person(who)).collect();
    if !performers.is_empty() {
        event["performer"] = json!(performers);
    }
    Data::of(&event)
}

fn status(view: &EveningView) -> (&'static str, Vec<String>) {
    let span = &view.evening.span;
    let former: Vec<String> = view.announced.former_starts.iter().map(|at| local(span, *at)).collect();
    match view.window {
        Window::Cancelled => ("EventCancelled", Vec::new()),
        Window::NotYetOpen | Window::Open | Window::Late | Window::Ended if former.is_empty() => {
            ("EventScheduled", former)
        }
        Window::NotYetOpen | Window::Open | Window::Late | Window::Ended => ("EventRescheduled", former),
    }
}

fn mode(view: &EveningView) -> &'static str {
    match (&view.evening.venue, &view.evening.online) {
        (_, Online::No) => "OfflineEventAttendanceMode",
        (None, Online::Later | Online::Over | Online::At(_)) => "OnlineEventAttendanceMode",
        (Some(_), Online::Later | Online::Over | Online::At(_)) => "MixedEventAttendanceMode",
    }
}

fn location(view: &EveningView) -> Vec<Value> {
    let place = view.evening.venue.as_ref().map(|venue| {
        let mut place = json!({ "@type": "Place", "name": venue.name });
        if let Some(area) = &venue.area {
            place["address"] = json!(area);
        }
        place
    });
    let online = match &view.evening.online {
        Online::No => None,
        // Where one joins is told to guests alone.
        Online::Later | Online::Over | Online::At(_) => {
            Some(json!({ "@type": "VirtualLocation", "url": view.announced.url }))
        }
    };
    place.into_iter().chain(online).collect()
}

fn person(who: &Who) -> Option<Value> {
    match who {
        Who::Named(name) => Some(json!({ "@type": "Person", "name": name })),
        Who::Former | Who::Vacant => None,
    }
}

/// With the offset in force there.
fn local(span: &Span, at: DateTime<Utc>) -> String {
    at.with_timezone(&span.zone).format("%Y-%m-%dT%H:%M:%S%:z").to_string()
}
