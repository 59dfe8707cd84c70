//! How each setting is read. What is said of a wrong one never repeats a value that may be a secret.

use std::net::{IpAddr, SocketAddr};

use chrono::{Duration, NaiveTime};
use chrono_tz::Tz;
use ipnet::IpNet;
use mensuel_domain::{
    lang::Lang,
    text::{Email, Line},
    waitlist::Quiet,
};
use mensuel_infra::mail::relay::Relay;
use secrecy::SecretString;
use tracing_subscriber::EnvFilter;
use url::{Host, Url};

use super::{LogFormat, PerMinute, Unit, Wrong};
use crate::sight::HeldDates;

pub(super) fn database_url(text: &str) -> Result<SecretString, Wrong> {
    match text.split_once(':') {
        Some(("sqlite", rest)) => sqlite(text, rest.trim_start_matches("//")),
        Some(("postgres" | "postgresql", _)) if Url::parse(text).is_ok() => Ok(text.into()),
        Some(_) | None => Err(Wrong::Database),
    }
}

fn sqlite(text: &str, rest: &str) -> Result<SecretString, Wrong> {
    let (path, options) = rest.split_once('?').unwrap_or((rest, ""));
    if path.is_empty() || path == ":memory:" || options.contains("mode=memory") {
        return Err(Wrong::DatabaseFile);
    }
    // A new installation has no file yet.
    Ok(if options.is_empty() { format!("sqlite:{path}?mode=rwc").into() } else { text.into() })
}

pub(super) fn smtp_url(text: &str) -> Result<SecretString, Wrong> {
    let url = Url::parse(text).map_err(|_| Wrong::Relay)?;
    let host = url.host().filter(|_| url.path().len() <= 1 && url.fragment().is_none());
    let (Some(host), "smtp" | "smtps" | "smtp+starttls") = (host, url.scheme()) else {
        return Err(Wrong::Relay);
    };
    if url.scheme() == "smtp" && url.password().is_some() && !is_loopback(&host) {
        return Err(Wrong::RelayPassword);
    }
    Relay::parse(text).map_err(Wrong::RelayAddress)?;
    Ok(text.into())
}

fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost" || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback()),
        Host::Ipv4(ip) => ip.is_loopback(),
        Host::Ipv6(ip) => ip.is_loopback(),
    }
}

pub(super) fn imap_url(text: &str) -> Result<SecretString, Wrong> {
    let url = Url::parse(text).map_err(|_| Wrong::Mailbox)?;
    let (Some(host), "imap" | "imaps") = (url.host(), url.scheme()) else {
        return Err(Wrong::Mailbox);
    };
    if url.username().is_empty() || url.password().is_none() || url.fragment().is_some() {
        return Err(Wrong::Mailbox);
    }
    if url.scheme() == "imap" && !is_loopback(&host) {
        return Err(Wrong::MailboxPassword);
    }
    Ok(text.into())
}

pub(super) fn loopback(text: &str) -> Result<SocketAddr, Wrong> {
    let address = bind(text)?;
    if address.ip().is_loopback() { Ok(address) } else { Err(Wrong::LmtpAbroad) }
}

pub(super) fn delimiter(text: &str) -> Result<char, Wrong> {
    let mut letters = text.chars();
    match (letters.next(), letters.next()) {
        (Some(one @ ('+' | '-' | '=' | '_' | '.' | '#')), None) => Ok(one),
        (_, _) => Err(Wrong::Delimiter),
    }
}

pub(super) fn word(text: &str) -> Result<String, Wrong> {
    let is_word = !text.is_empty() && text.len() <= 255 && text.chars().all(|c| c.is_ascii_graphic());
    if is_word { Ok(text.to_owned()) } else { Err(Wrong::Word(text.to_owned())) }
}

pub(super) fn per_minute(text: &str) -> Result<PerMinute, Wrong> {
    match text.parse() {
        _ if text == "unlimited" => Ok(PerMinute::Unlimited),
        Ok(number @ 1..=100_000) => Ok(PerMinute::AtMost(number)),
        Ok(_) | Err(_) => Err(Wrong::PerMinute(text.to_owned())),
    }
}

pub(super) fn bind(text: &str) -> Result<SocketAddr, Wrong> {
    text.parse().map_err(|_| Wrong::Bind(text.to_owned()))
}

pub(super) fn base_url(text: &str) -> Result<Url, Wrong> {
    let whole = |url: &Url| {
        matches!(url.scheme(), "https" | "http")
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none()
    };
    let url = Url::parse(text).ok().filter(whole).ok_or(Wrong::BaseUrl)?;
    // Pages, forms and feeds are served from the root: behind a path they would not be found.
    match url.path() {
        "/" => Ok(url),
        path => Err(Wrong::BasePath(path.to_owned())),
    }
}

pub(super) fn email(text: &str) -> Result<Email, Wrong> {
    Email::parse(text).map_err(|error| Wrong::Email(text.to_owned(), error))
}

pub(super) fn line(text: &str) -> Result<Line, Wrong> {
    Line::parse(text).map_err(Wrong::Text)
}

/// Networks or single addresses, with commas or white space between.
pub(super) fn networks(text: &str) -> Result<Vec<IpNet>, Wrong> {
    let items = text.split(|c: char| c == ',' || c.is_whitespace()).filter(|item| !item.is_empty());
    items.map(network).collect()
}

fn network(item: &str) -> Result<IpNet, Wrong> {
    let single = || item.parse::<IpAddr>().map(IpNet::from);
    item.parse::<IpNet>()
        .or_else(|_| single())
        .map(|net| net.trunc())
        .map_err(|_| Wrong::Network(item.to_owned()))
}

pub(super) fn zone(text: &str) -> Result<Tz, Wrong> {
    text.parse().map_err(|_| Wrong::Zone(text.to_owned()))
}

pub(super) fn language(text: &str) -> Result<Lang, Wrong> {
    Lang::from_tag(text).ok_or_else(|| Wrong::Language(text.to_owned()))
}

pub(super) fn log_filter(text: &str) -> Result<String, Wrong> {
    match EnvFilter::try_new(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(_) => Err(Wrong::LogFilter(text.to_owned())),
    }
}

pub(super) fn log_format(text: &str) -> Result<LogFormat, Wrong> {
    match text {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        _ => Err(Wrong::LogFormat(text.to_owned())),
    }
}

pub(super) fn switch(text: &str) -> Result<bool, Wrong> {
    match text {
        "on" | "true" | "yes" | "1" => Ok(true),
        "off" | "false" | "no" | "0" => Ok(false),
        _ => Err(Wrong::Switch(text.to_owned())),
    }
}

pub(super) fn held_dates(text: &str) -> Result<HeldDates, Wrong> {
    match text {
        "shown" => Ok(HeldDates::Shown),
        "hidden" => Ok(HeldDates::Hidden),
        _ => Err(Wrong::HeldDates(text.to_owned())),
    }
}

/// From 1 to 12.
pub(super) fn month(text: &str) -> Result<u32, Wrong> {
    let number = text.parse().ok().filter(|month| (1..=12).contains(month));
    number.ok_or_else(|| Wrong::Month(text.to_owned()))
}

/// A whole number of days; 0 is never.
pub(super) fn days(text: &str) -> Result<u32, Wrong> {
    within(text, 0, 60, Unit::Days)
}

pub(super) fn offer_hours(text: &str) -> Result<Duration, Wrong> {
    within(text, 1, 168, Unit::Hours).map(|hours| Duration::hours(i64::from(hours)))
}

pub(super) fn cut_off_hours(text: &str) -> Result<Duration, Wrong> {
    within(text, 0, 72, Unit::Hours).map(|hours| Duration::hours(i64::from(hours)))
}

fn within(text: &str, least: u32, most: u32, of: Unit) -> Result<u32, Wrong> {
    text.parse().ok().filter(|number| (least..=most).contains(number)).ok_or_else(|| Wrong::Whole {
        text: text.to_owned(),
        of,
        least,
        most,
    })
}

/// `21:00-08:00`, over midnight where the first is the later one; `none`.
pub(super) fn quiet_hours(text: &str) -> Result<Option<Quiet>, Wrong> {
    if text == "none" {
        return Ok(None);
    }
    let time = |text: &str| NaiveTime::parse_from_str(text.trim(), "%H:%M").ok();
    let times = text.split_once(['-', '–']).and_then(|(from, to)| time(from).zip(time(to)));
    let quiet = times.and_then(|(from, to)| Quiet::new(from, to));
    quiet.map(Some).ok_or_else(|| Wrong::QuietHours(text.to_owned()))
}
