//! The relay as an address: `smtp://`, `smtp+starttls://`, `smtps://`, with user and password.

use std::path::PathBuf;

use percent_encoding::percent_decode_str;
use secrecy::SecretString;
use url::{Host, Url};

/// A relay. Its password is never shown, also not by `Debug`.
#[derive(Clone, Debug)]
pub struct Relay {
    pub host: String,
    pub port: u16,
    pub security: Security,
    pub sign_in: Option<(String, SecretString)>,
    /// PEM file of authorities that are trusted beside the public ones.
    pub authorities: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// `smtp://`, port 25.
    Plain,
    /// `smtp+starttls://`, port 587. A relay without STARTTLS is not used.
    StartTls,
    /// `smtps://`, port 465.
    Tls,
}

/// Why an address is not that of a relay. No message repeats the address, which holds a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RelayUrlError {
    #[error("the relay is not an address such as smtps://user:password@smtp.example.org")]
    NotAnAddress,
    #[error(
        "the relay's address starts with {0}://; it can start with smtp://, smtp+starttls:// or smtps://"
    )]
    Scheme(String),
    #[error("the relay's address has a user without a password, or a password without a user")]
    HalfSignIn,
    #[error("the relay's address holds a user or password that is not UTF-8 after percent decoding")]
    NotUtf8,
    #[error("the relay's address knows ?plain=yes and ?ca=FILE, not ?{0}")]
    Option(String),
    #[error(
        "smtp:// would send mails and passwords unencrypted to another machine: use smtp+starttls:// or smtps://, \
         or add ?plain=yes if the network between is yours"
    )]
    PlainAbroad,
    #[error("the certificate file of the relay cannot be used: {0}")]
    Authorities(String),
    #[error("the relay's host name cannot stand in a certificate")]
    HostName,
}

impl Relay {
    /// Reads `smtps://user:password@host:port?ca=/path/to.pem`. Plain `smtp://` is for loopback
    /// only, unless `?plain=yes` says that it is meant.
    pub fn parse(text: &str) -> Result<Self, RelayUrlError> {
        let url = Url::parse(text.trim()).map_err(|_| RelayUrlError::NotAnAddress)?;
        let (security, standard_port) = match url.scheme() {
            "smtp" => (Security::Plain, 25),
            "smtp+starttls" => (Security::StartTls, 587),
            "smtps" => (Security::Tls, 465),
            other => return Err(RelayUrlError::Scheme(other.to_owned())),
        };
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or(RelayUrlError::NotAnAddress)?;
        // A scheme that is not the web's keeps the brackets and does not read IPv4.
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let options = options(&url)?;
        if security == Security::Plain && !options.plain && !is_loopback(&host) {
            return Err(RelayUrlError::PlainAbroad);
        }
        Ok(Self {
            host,
            port: url.port().unwrap_or(standard_port),
            security,
            sign_in: sign_in(&url)?,
            authorities: options.authorities,
        })
    }

    /// Whether it listens on loopback.
    pub fn is_on_this_machine(&self) -> bool {
        is_loopback(&self.host)
    }
}

#[derive(Default)]
struct RelayOptions {
    plain: bool,
    authorities: Option<PathBuf>,
}

fn options(url: &Url) -> Result<RelayOptions, RelayUrlError> {
    let mut options = RelayOptions::default();
    for (key, value) in url.query_pairs() {
        match (key.as_ref(), value.as_ref()) {
            ("plain", "yes") => options.plain = true,
            ("ca", file) if !file.is_empty() => options.authorities = Some(PathBuf::from(file)),
            (other, _) => return Err(RelayUrlError::Option(other.to_owned())),
        }
    }
    Ok(options)
}

fn sign_in(url: &Url) -> Result<Option<(String, SecretString)>, RelayUrlError> {
    let decoded = |text: &str| {
        percent_decode_str(text)
            .decode_utf8()
            .map(|text| text.into_owned())
            .map_err(|_| RelayUrlError::NotUtf8)
    };
    match (url.username(), url.password()) {
        ("", None) => Ok(None),
        ("", Some(_)) | (_, None | Some("")) => Err(RelayUrlError::HalfSignIn),
        (user, Some(password)) => Ok(Some((decoded(user)?, decoded(password)?.into()))),
    }
}

fn is_loopback(host: &str) -> bool {
    match Host::parse(host) {
        Ok(Host::Domain(name)) => {
            name == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
        }
        Ok(Host::Ipv4(ip)) => ip.is_loopback(),
        Ok(Host::Ipv6(ip)) => ip.is_loopback(),
        Err(_) => host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback()),
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn the_three_schemes_have_their_ports() {
        let cases = [
            ("smtp://localhost", Security::Plain, 25),
            ("smtp://127.0.0.1:2525", Security::Plain, 2525),
            ("smtp://[::1]:2525", Security::Plain, 2525),
            ("smtp://mailpit:1025?plain=yes", Security::Plain, 1025),
            ("smtp+starttls://smtp.example.org", Security::StartTls, 587),
            ("smtps://smtp.example.org", Security::Tls, 465),
        ];
        for (text, security, port) in cases {
            let relay = Relay::parse(text).expect(text);
            assert_eq!((relay.security, relay.port), (security, port), "{text}");
        }
        assert_eq!(Relay::parse("smtp://[::1]:25").unwrap().host, "::1");
    }

    #[test]
    fn user_and_password_are_decoded_and_never_shown() {
        let relay = Relay::parse("smtps://zoe%40lyon.example:p%3Ass%2Fw%20rd@smtp.example.org").unwrap();
        assert!(!format!("{relay:?}").contains("ss/w"));
        let (user, password) = relay.sign_in.unwrap();
        assert_eq!((user.as_str(), password.expose_secret()), ("zoe@lyon.example", "p:ss/w rd"));
    }

    #[test]
    fn what_is_wrong_is_said_without_the_password() {
        let cases = [
            "smtp://user:sesame@smtp.example.org",
            "smtp://128.0.0.1",
            "https://user:sesame@smtp.example.org",
            "smtps://user@smtp.example.org",
            "smtps://:sesame@smtp.example.org",
            "smtps://user:sesame@smtp.example.org?tls=no",
            "smtps://",
            "sesame",
        ];
        for text in cases {
            let error = Relay::parse(text).expect_err(text);
            assert!(!format!("{error} {error:?}").contains("sesame"), "{text}: {error}");
        }
    }
}
