//! `POST /u/{token}`: one click of a mail program (RFC 8058), which sends a form of either kind, or
//! the form of the preferences page.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header,
    web::{Bytes, Form, Path, Payload},
};
use url::form_urlencoded;

use super::choose;
use crate::{callers, http, problem::Problem};

const FORM: &str = "application/x-www-form-urlencoded";
const MULTIPART: &str = "multipart/form-data";

pub async fn post(req: HttpRequest, token: Path<String>, payload: Payload) -> Result<HttpResponse, Problem> {
    // Whoever has no link is told so before anything is read.
    callers::preferences_link(&req, &token).await?;
    let bytes = http::bytes(payload).await?;
    let pairs = pairs(&req, &bytes)?;
    choose(req, token, Form(pairs)).await
}

fn pairs(req: &HttpRequest, bytes: &Bytes) -> Result<Vec<(String, String)>, Problem> {
    let field = req.headers().get(header::CONTENT_TYPE).and_then(|field| field.to_str().ok());
    let (media, parameters) = field.map_or(("", ""), |field| field.split_once(';').unwrap_or((field, "")));
    let malformed = || Problem::Malformed { line: 0, column: 0 };
    match media.trim().to_ascii_lowercase().as_str() {
        FORM => Ok(form_urlencoded::parse(bytes).into_owned().collect()),
        MULTIPART => {
            let boundary = boundary(parameters).ok_or_else(malformed)?;
            let text = std::str::from_utf8(bytes).map_err(|_| malformed())?;
            multipart(text, boundary).ok_or_else(malformed)
        }
        _ => Err(Problem::MediaType(FORM)),
    }
}

fn boundary(parameters: &str) -> Option<&str> {
    let mut pairs = parameters.split(';').filter_map(|pair| pair.trim().split_once('='));
    let (_, boundary) = pairs.find(|(name, _)| name.eq_ignore_ascii_case("boundary"))?;
    Some(boundary.trim_matches('"')).filter(|boundary| !boundary.is_empty())
}

/// The short texts of a form (RFC 7578); files are of no use here.
fn multipart(text: &str, boundary: &str) -> Option<Vec<(String, String)>> {
    let delimiter = format!("--{boundary}");
    let mut parts = text.split(delimiter.as_str()).skip(1);
    let mut pairs = Vec::new();
    loop {
        let part = parts.next()?;
        if part.starts_with("--") {
            return Some(pairs);
        }
        let (head, value) = part.split_once("\r\n\r\n")?;
        pairs.push((name(head)?, value.strip_suffix("\r\n")?.to_owned()));
    }
}

fn name(head: &str) -> Option<String> {
    let disposition = head.lines().find(|line| {
        line.split_once(':').is_some_and(|(name, _)| name.eq_ignore_ascii_case("content-disposition"))
    })?;
    let (_, rest) = disposition.split_once("name=\"")?;
    Some(rest.split_once('"')?.0.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_click_of_a_mail_program_in_parts() {
        let text = "--xyz\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--xyz--\r\n";
        let pairs = multipart(text, boundary(" boundary=\"xyz\"").unwrap());
        assert_eq!(pairs, Some(vec![("List-Unsubscribe".to_owned(), "One-Click".to_owned())]));
    }

    #[test]
    fn what_is_cut_off_is_no_form() {
        for text in ["", "--xyz", "--xyz\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb"] {
            assert_eq!(multipart(text, "xyz"), None, "{text:?}");
        }
    }
}
