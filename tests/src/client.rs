//! An HTTP client that checks each request and response against `openapi.yaml`.

use std::net::SocketAddr;

use reqwest::{Method, header::HeaderMap, redirect::Policy};
use serde_json::Value;

use crate::{
    artifacts,
    contract::{Contract, Exchange},
};

#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
}

impl Client {
    pub fn new(address: SocketAddr) -> Self {
        let http = reqwest::Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            // Shorter than the server keeps a connection, so that none is closed under a request.
            .pool_idle_timeout(std::time::Duration::from_secs(1))
            .build()
            .expect("a client without options can be built");
        Self { http, base: format!("http://{address}") }
    }

    pub fn base(&self) -> &str {
        &self.base
    }

    /// `target` is a path with its query, or a whole link as a mail carries it.
    pub fn request(&self, method: Method, target: &str) -> Request {
        let path = match target.split_once("://") {
            Some((_, rest)) => rest.find('/').map_or("/", |slash| &rest[slash..]),
            None => target,
        };
        Request {
            client: self.clone(),
            method,
            target: path.to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
            wrong: false,
        }
    }

    pub fn get(&self, target: &str) -> Request {
        self.request(Method::GET, target)
    }

    pub fn post(&self, target: &str) -> Request {
        self.request(Method::POST, target)
    }

    pub fn put(&self, target: &str) -> Request {
        self.request(Method::PUT, target)
    }

    pub fn patch(&self, target: &str) -> Request {
        self.request(Method::PATCH, target)
    }

    pub fn delete(&self, target: &str) -> Request {
        self.request(Method::DELETE, target)
    }
}

/// A request to be sent.
#[must_use]
pub struct Request {
    client: Client,
    method: Method,
    target: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    wrong: bool,
}

impl Request {
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With an API token.
    pub fn token(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    pub fn if_match(self, etag: &str) -> Self {
        self.header("if-match", etag)
    }

    pub fn json(mut self, body: &Value) -> Self {
        self.body = serde_json::to_vec(body).expect("JSON can be written");
        self.header("content-type", "application/json")
    }

    pub fn form(mut self, pairs: &[(&str, &str)]) -> Self {
        let mut form = reqwest::Url::parse("http://localhost/").expect("a constant address");
        form.query_pairs_mut().extend_pairs(pairs);
        self.body = form.query().unwrap_or_default().as_bytes().to_vec();
        self.header("content-type", "application/x-www-form-urlencoded")
    }

    pub fn body(mut self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self.header("content-type", content_type)
    }

    /// The request is wrong on purpose: only the response is held to the contract.
    pub fn wrong(mut self) -> Self {
        self.wrong = true;
        self
    }

    /// Sends it, and holds request and response to the contract.
    ///
    /// # Panics
    /// When the server does not answer, or the exchange breaks the contract.
    pub async fn send(self) -> Answer {
        let mut request =
            self.client.http.request(self.method.clone(), format!("{}{}", self.client.base, self.target));
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let response = request.body(self.body.clone()).send().await.expect("the server answers");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.bytes().await.expect("the whole body arrives").to_vec();
        let answer = Answer { status, headers, body };
        if answer.is_calendar() {
            artifacts::keep_calendar(&answer.body);
        }
        self.check(&answer);
        answer
    }

    /// As [`Request::send`], and the status must be this one.
    pub async fn expect(self, status: u16) -> Answer {
        let what = format!("{} {}", self.method, self.target);
        let answer = self.send().await;
        assert_eq!(answer.status, status, "{what}: {}", answer.text());
        answer
    }

    fn check(&self, answer: &Answer) {
        let contract = Contract::load();
        let (path, query) = self.target.split_once('?').unwrap_or((&self.target, ""));
        let governed = path.starts_with("/api/v1") || contract.covers(self.method.as_str(), path);
        if !governed {
            return;
        }
        let headers = |headers: &HeaderMap| {
            headers
                .iter()
                .map(|(name, value)| {
                    (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
                })
                .collect()
        };
        let exchange = Exchange {
            method: self.method.as_str().to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            request_headers: self.headers.clone(),
            request_body: self.body.clone(),
            status: answer.status,
            response_headers: headers(&answer.headers),
            response_body: answer.text(),
            wrong_on_purpose: self.wrong,
        };
        if let Err(broken) = contract.check(&exchange) {
            panic!("{} {} breaks the contract: {broken}\n{}", self.method, self.target, answer.text());
        }
    }
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    fn is_calendar(&self) -> bool {
        let kind = self.header("content-type").unwrap_or_default();
        self.status == 200 && !self.body.is_empty() && kind.starts_with("text/calendar")
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// # Panics
    /// When the body is no JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// # Panics
    /// When there is none.
    pub fn etag(&self) -> String {
        self.header("etag").expect("the answer carries an ETag").to_owned()
    }

    /// The pointers of a 422.
    pub fn pointers(&self) -> Vec<String> {
        let json = self.json();
        let errors = json["errors"].as_array().cloned().unwrap_or_default();
        errors.iter().filter_map(|error| error["pointer"].as_str().map(str::to_owned)).collect()
    }
}
