//! `/demo/mailbox`: every mail of the demo, read from the files that they became.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use actix_web::{
    HttpRequest, HttpResponse,
    http::header,
    middleware::from_fn,
    web::{self, Data, ServiceConfig},
};
use chrono::{DateTime, NaiveDateTime};
use chrono_tz::Tz;
use mail_parser::{Address, Message, MessageParser, MimeHeaders as _, PartType};

use crate::{
    callers, http,
    pages::mailbox::{self, MailLine, MailView},
    problem::Problem,
};

/// So many of the latest are listed.
const LISTED: usize = 2_000;
/// The head of a mail, which is all that the list needs, is shorter.
const HEAD_BYTES: usize = 16_384;

/// Where the mails are.
#[derive(Clone, Debug)]
pub struct Folder(pub PathBuf);

/// The addresses of the mailbox. Served by the demo alone.
pub fn configure(cfg: &mut ServiceConfig, folder: Folder) {
    let mails = web::scope("/demo/mailbox")
        .app_data(Data::new(folder))
        .route("", web::get().to(list))
        .route("/{mail}", web::get().to(mail))
        .route("/{mail}/html", web::get().to(html))
        .wrap(from_fn(http::problems))
        .wrap(from_fn(http::around));
    cfg.service(mails);
}

async fn list(req: HttpRequest, folder: Data<Folder>) -> Result<HttpResponse, Problem> {
    let zone = callers::app(&req).community.zone;
    let lines = aside(move || lines(&folder.0, zone)).await?;
    Ok(page(mailbox::CSP, mailbox::list(&callers::frame(&req), &lines)))
}

async fn mail(
    req: HttpRequest,
    folder: Data<Folder>,
    name: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let zone = callers::app(&req).community.zone;
    let view = aside(move || with_mail(&folder.0, &name, |mail| view(&name, mail, zone))).await?;
    Ok(page(mailbox::CSP, mailbox::mail(&callers::frame(&req), &view.ok_or(Problem::NOT_FOUND)?)))
}

async fn html(folder: Data<Folder>, name: web::Path<String>) -> Result<HttpResponse, Problem> {
    let part = |mail: &Message<'_>| html_of(mail).map(mailbox::html_part);
    let part = aside(move || with_mail(&folder.0, &name, part)).await?;
    Ok(page(mailbox::PART_CSP, part.flatten().ok_or(Problem::NOT_FOUND)?))
}

fn page(policy: &'static str, body: String) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CONTENT_SECURITY_POLICY, policy))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::REFERRER_POLICY, "no-referrer"))
        .body(body)
}

/// Files are read where waiting for the disk holds up nobody.
async fn aside<T: Send + 'static>(
    read: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, Problem> {
    let done = web::block(read).await.map_err(io::Error::other).flatten();
    done.map_err(|error| {
        tracing::warn!(%error, "the demo's mails cannot be read");
        Problem::NOT_FOUND
    })
}

/// The latest mails, newest first.
fn lines(folder: &Path, zone: Tz) -> io::Result<Vec<MailLine>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        names.extend(entry?.file_name().to_str().and_then(stem).map(str::to_owned));
    }
    names.sort_by_key(|name| std::cmp::Reverse(number(name)));
    let mut lines = Vec::new();
    for name in names.into_iter().take(LISTED) {
        let bytes = fs::read(path_of(folder, &name))?;
        let head = &bytes[..bytes.len().min(HEAD_BYTES)];
        let Some(mail) = MessageParser::new().with_minimal_headers().parse_headers(head) else {
            continue;
        };
        lines.push(MailLine {
            href: format!("/demo/mailbox/{name}"),
            to: people(mail.to()),
            subject: mail.subject().unwrap_or_default().to_owned(),
            at: at(&mail, zone),
        });
    }
    Ok(lines)
}

/// `0042-zoe-durand.eml` is shown as `0042-zoe-durand`.
fn stem(file: &str) -> Option<&str> {
    let name = file.strip_suffix(".eml")?;
    is_name(name).then_some(name)
}

/// Digits, letters and hyphens only: no name leads out of the folder.
fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_digit())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

fn number(name: &str) -> u32 {
    name.split('-').next().and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

fn path_of(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}.eml"))
}

/// Reads one mail; `None` when there is none of this name.
fn with_mail<T>(folder: &Path, name: &str, read: impl FnOnce(&Message<'_>) -> T) -> io::Result<Option<T>> {
    if !is_name(name) {
        return Ok(None);
    }
    match fs::read(path_of(folder, name)) {
        Ok(bytes) => Ok(MessageParser::default().parse(&bytes).map(|mail| read(&mail))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn view(name: &str, mail: &Message<'_>, zone: Tz) -> MailView {
    let headers = mail.headers_raw().map(|(name, value)| (name.to_owned(), unfolded(value)));
    MailView {
        from: people(mail.from()),
        to: people(mail.to()),
        subject: mail.subject().unwrap_or_default().to_owned(),
        at: at(mail, zone),
        headers: headers.collect(),
        text: mail.body_text(0).unwrap_or_default().into_owned(),
        html_href: html_of(mail).map(|_| format!("/demo/mailbox/{name}/html")),
        calendar: calendar_of(mail),
    }
}

fn unfolded(value: &str) -> String {
    value.split(['\r', '\n']).map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}

fn people(address: Option<&Address<'_>>) -> String {
    let said = |one: &mail_parser::Addr<'_>| match (&one.name, &one.address) {
        (Some(name), Some(address)) => format!("{name} <{address}>"),
        (None, Some(address)) => address.to_string(),
        (Some(name), None) => name.to_string(),
        (None, None) => String::new(),
    };
    address.map(|all| all.iter().map(said).collect::<Vec<_>>().join(", ")).unwrap_or_default()
}

fn at(mail: &Message<'_>, zone: Tz) -> NaiveDateTime {
    let seconds = mail.date().map_or(0, mail_parser::DateTime::to_timestamp);
    DateTime::from_timestamp(seconds, 0).unwrap_or_default().with_timezone(&zone).naive_local()
}

fn html_of<'m>(mail: &'m Message<'_>) -> Option<&'m str> {
    mail.parts.iter().find_map(|part| match &part.body {
        PartType::Html(html) => Some(html.as_ref()),
        PartType::Text(_)
        | PartType::Binary(_)
        | PartType::InlineBinary(_)
        | PartType::Message(_)
        | PartType::Multipart(_) => None,
    })
}

fn calendar_of(mail: &Message<'_>) -> Option<String> {
    let is_calendar = |part: &&mail_parser::MessagePart<'_>| {
        part.content_type().is_some_and(|kind| kind.ctype() == "text" && kind.subtype() == Some("calendar"))
    };
    mail.parts.iter().find(is_calendar).and_then(|part| part.text_contents()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_leads_out_of_the_folder() {
        assert_eq!(stem("0042-zoe-durand.eml"), Some("0042-zoe-durand"));
        for bad in ["../keys", "..%2fkeys", ".part", "a/b", "", "zoe", "0042-zoe.eml"] {
            assert!(!is_name(bad), "{bad}");
        }
    }
}
