//! One request and what came back, in plain words.

use serde_json::Value;

/// One request and its response, as they went over the wire.
#[derive(Clone, Debug, Default)]
pub struct Exchange {
    /// In upper case.
    pub method: String,
    /// Without the query, still percent-encoded.
    pub path: String,
    /// Without the question mark; empty when there is none.
    pub query: String,
    pub request_headers: Vec<(String, String)>,
    pub request_body: Vec<u8>,
    pub status: u16,
    pub response_headers: Vec<(String, String)>,
    pub response_body: String,
    /// The request breaks the contract because the test wants to see it refused; then only the
    /// response is held against the contract.
    pub wrong_on_purpose: bool,
}

impl Exchange {
    pub(super) fn request_header(&self, name: &str) -> Option<&str> {
        header(&self.request_headers, name)
    }

    pub(super) fn response_header(&self, name: &str) -> Option<&str> {
        header(&self.response_headers, name)
    }

    pub(super) fn request_type(&self) -> Option<String> {
        self.request_header("content-type").map(essence)
    }

    pub(super) fn response_type(&self) -> Option<String> {
        self.response_header("content-type").map(essence)
    }

    pub(super) fn query_pairs(&self) -> Vec<(String, String)> {
        pairs(&self.query)
    }

    /// A JSON body as it is, a form as an object of its fields, a mail as a text.
    pub(super) fn request_value(&self, media: &str) -> Result<Value, String> {
        if media == "message/rfc822" {
            return Ok(Value::String(String::from_utf8_lossy(&self.request_body).into_owned()));
        }
        let text = str::from_utf8(&self.request_body).map_err(|e| e.to_string())?;
        if media == "application/x-www-form-urlencoded" {
            let fields = pairs(text).into_iter().map(|(name, value)| (name, Value::String(value)));
            return Ok(Value::Object(fields.collect()));
        }
        json(text)
    }

    pub(super) fn response_json(&self) -> Result<Value, String> {
        json(&self.response_body)
    }
}

/// A segment of a path without its percent-encoding; a plus stays a plus there.
pub(super) fn decoded(segment: &str) -> String {
    let pairs = pairs(&format!("s={}", segment.replace('+', "%2B").replace('&', "%26")));
    pairs.into_iter().map(|(_, value)| value).collect()
}

fn pairs(query: &str) -> Vec<(String, String)> {
    let mut url = reqwest::Url::parse("http://h/").expect("a fixed address");
    url.set_query(Some(query));
    url.query_pairs().into_owned().collect()
}

fn json(text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|error| format!("is not JSON ({error}): {text:.200}"))
}

fn header<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let this = headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name));
    this.map(|(_, value)| value.as_str())
}

/// `text/calendar; charset=utf-8` is `text/calendar`.
fn essence(media: &str) -> String {
    media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}
