//! How each setting is read. The sentences never repeat a value that may be a secret.

use std::net::{IpAddr, SocketAddr};

use chrono::{Duration, NaiveTime};
use chrono_tz::Tz;
use ipnet::IpNet;
use mensuel_domain::{
    lang::Lang,
    text::{Email, Line},
    waitlist::Quiet,
};
use secrecy::SecretString;
use tracing_subscriber::EnvFilter;
use url::{Host, Url};

use super::{LogFormat, PerMinute};

pub(super) fn database_url(text: &str) -> Result<SecretString, String> {
    let refused =
        Err("the database is `sqlite:` with a path, or `postgres://user:password@host/name`".to_owned());
    match text.split_once(':') {
        Some(("sqlite", rest)) => sqlite(text, rest.trim_start_matches("//")),
        Some(("postgres" | "postgresql", _)) if Url::parse(text).is_ok() => Ok(text.into()),
        Some(_) | None => refused,
    }
}

fn sqlite(text: &str, rest: &str) -> Result<SecretString, String> {
    let (path, options) = rest.split_once('?').unwrap_or((rest, ""));
    if path.is_empty() || path == ":memory:" || options.contains("mode=memory") {
        return Err("SQLite keeps its data in a file: write `sqlite:` and a path".to_owned());
    }
    // A new installation has no file yet.
    Ok(if options.is_empty() { format!("sqlite:{path}?mode=rwc").into() } else { text.into() })
}

pub(super) fn smtp_url(text: &str) -> Result<SecretString, String> {
    const FORMS: &str = "the relay is `smtps://user:password@host`, `smtp+starttls://user:password@host`, or `smtp://host` without encryption";
    let url = Url::parse(text).map_err(|_| FORMS.to_owned())?;
    let host = url.host().filter(|_| url.path().len() <= 1 && url.fragment().is_none());
    let (Some(host), "smtp" | "smtps" | "smtp+starttls") = (host, url.scheme()) else {
        return Err(FORMS.to_owned());
    };
    if url.scheme() == "smtp" && url.password().is_some() && !is_loopback(&host) {
        return Err(
            "a password is not sent without encryption: write `smtps://` or `smtp+starttls://`".to_owned()
        );
    }
    Ok(text.into())
}

fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost" || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback()),
        Host::Ipv4(ip) => ip.is_loopback(),
        Host::Ipv6(ip) => ip.is_loopback(),
    }
}

pub(super) fn imap_url(text: &str) -> Result<SecretString, String> {
    const FORMS: &str = "the mailbox is `imaps://user:password@host/FOLDER`, or `imap://` on this machine; the folder is INBOX unless named";
    let url = Url::parse(text).map_err(|_| FORMS.to_owned())?;
    let (Some(host), "imap" | "imaps") = (url.host(), url.scheme()) else {
        return Err(FORMS.to_owned());
    };
    if url.username().is_empty() || url.password().is_none() || url.fragment().is_some() {
        return Err(FORMS.to_owned());
    }
    if url.scheme() == "imap" && !is_loopback(&host) {
        return Err("a password is not sent without encryption: write `imaps://`".to_owned());
    }
    Ok(text.into())
}

pub(super) fn loopback(text: &str) -> Result<SocketAddr, String> {
    let address: SocketAddr =
        text.parse().map_err(|_| "an address and a port, such as 127.0.0.1:2424".to_owned())?;
    if address.ip().is_loopback() {
        Ok(address)
    } else {
        Err("whoever reaches this door can say anything: it listens on loopback only, such as 127.0.0.1:2424"
            .to_owned())
    }
}

pub(super) fn delimiter(text: &str) -> Result<char, String> {
    let mut letters = text.chars();
    match (letters.next(), letters.next()) {
        (Some(one @ ('+' | '-' | '=' | '_' | '.' | '#')), None) => Ok(one),
        (_, _) => Err("one of + - = _ . #, as the mail server parts what follows a name".to_owned()),
    }
}

pub(super) fn word(text: &str) -> Result<String, String> {
    let is_word = !text.is_empty() && text.len() <= 255 && text.chars().all(|c| c.is_ascii_graphic());
    if is_word { Ok(text.to_owned()) } else { Err("one word, such as mail.community.example".to_owned()) }
}

pub(super) fn per_minute(text: &str) -> Result<PerMinute, String> {
    match text.parse() {
        _ if text == "unlimited" => Ok(PerMinute::Unlimited),
        Ok(number @ 1..=100_000) => Ok(PerMinute::AtMost(number)),
        Ok(_) | Err(_) => Err(format!("`{text}` is neither a number from 1 to 100000 nor unlimited")),
    }
}

pub(super) fn bind(text: &str) -> Result<SocketAddr, String> {
    text.parse()
        .map_err(|_| format!("`{text}` is not an IP address and a port, such as 127.0.0.1:8080 or [::]:8080"))
}

pub(super) fn base_url(text: &str) -> Result<Url, String> {
    let whole = |url: &Url| {
        matches!(url.scheme(), "https" | "http")
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none()
    };
    let url = Url::parse(text)
        .ok()
        .filter(whole)
        .ok_or_else(|| "links begin with an https:// or http:// address without user, query and fragment, such as https://soirees.example".to_owned())?;
    // Pages, forms and feeds are served from the root: behind a path they would not be found.
    match url.path() {
        "/" => Ok(url),
        path => Err(format!(
            "the path `{path}` cannot be served: give Mensuel a host name of its own, such as https://soirees.example"
        )),
    }
}

pub(super) fn email(text: &str) -> Result<Email, String> {
    Email::parse(text).map_err(|wrong| format!("`{text}` {wrong}"))
}

pub(super) fn line(text: &str) -> Result<Line, String> {
    Line::parse(text).map_err(|wrong| format!("the text {wrong}"))
}

/// Networks or single addresses, with commas or white space between.
pub(super) fn networks(text: &str) -> Result<Vec<IpNet>, String> {
    let items = text.split(|c: char| c == ',' || c.is_whitespace()).filter(|item| !item.is_empty());
    items.map(network).collect()
}

fn network(item: &str) -> Result<IpNet, String> {
    let single = || item.parse::<IpAddr>().map(IpNet::from);
    item.parse::<IpNet>()
        .or_else(|_| single())
        .map(|net| net.trunc())
        .map_err(|_| format!("`{item}` is not a network such as 10.0.0.0/8 or fd00::/8"))
}

pub(super) fn zone(text: &str) -> Result<Tz, String> {
    text.parse().map_err(|_| format!("`{text}` is not a zone of the IANA database, such as Europe/Paris"))
}

pub(super) fn language(text: &str) -> Result<Lang, String> {
    Lang::from_tag(text).ok_or_else(|| format!("`{text}` is not one of the languages fr and en"))
}

pub(super) fn log_filter(text: &str) -> Result<String, String> {
    match EnvFilter::try_new(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(_) => Err(format!("`{text}` is not a log filter, such as info, or warn,mensuel=debug")),
    }
}

pub(super) fn log_format(text: &str) -> Result<LogFormat, String> {
    match text {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        _ => Err(format!("`{text}` is neither text nor json")),
    }
}

pub(super) fn switch(text: &str) -> Result<bool, String> {
    match text {
        "on" | "true" | "yes" | "1" => Ok(true),
        "off" | "false" | "no" | "0" => Ok(false),
        _ => Err(format!("`{text}` is neither on nor off")),
    }
}

/// A whole number of days; 0 is never.
pub(super) fn days(text: &str) -> Result<u32, String> {
    within(text, 0, 60, "days")
}

pub(super) fn offer_hours(text: &str) -> Result<Duration, String> {
    within(text, 1, 168, "hours").map(|hours| Duration::hours(i64::from(hours)))
}

pub(super) fn cut_off_hours(text: &str) -> Result<Duration, String> {
    within(text, 0, 72, "hours").map(|hours| Duration::hours(i64::from(hours)))
}

fn within(text: &str, least: u32, most: u32, of: &str) -> Result<u32, String> {
    text.parse()
        .ok()
        .filter(|number| (least..=most).contains(number))
        .ok_or_else(|| format!("`{text}` is not a whole number of {of} from {least} to {most}"))
}

/// `21:00-08:00`, over midnight where the first is the later one; `none`.
pub(super) fn quiet_hours(text: &str) -> Result<Option<Quiet>, String> {
    if text == "none" {
        return Ok(None);
    }
    let time = |text: &str| NaiveTime::parse_from_str(text.trim(), "%H:%M").ok();
    let times = text.split_once(['-', '–']).and_then(|(from, to)| time(from).zip(time(to)));
    let quiet = times.and_then(|(from, to)| Quiet::new(from, to));
    quiet
        .map(Some)
        .ok_or_else(|| format!("`{text}` is not two different times of day such as 21:00-08:00, nor `none`"))
}
