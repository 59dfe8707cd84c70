//! What keeps a command from its work: files, keys, the relay and its address. Parts of sentences,
//! without a full stop.

use std::io;

use i18n_embed_fl::fl;
use mensuel_domain::{lang::Lang, text::TextError};
use mensuel_infra::{
    keys::KeysError,
    mail::{
        dkim::DkimError,
        imap::ImapError,
        relay::{Hindrance, RelayUrlError, SendError, Step},
    },
};

use crate::i18n::words;

/// Why a text is not what it should be, behind its name: "is not an email address".
pub fn text_flaw(error: &TextError, lang: Lang) -> String {
    let w = words(lang);
    match error {
        TextError::Empty => fl!(w, "flaw-empty"),
        &TextError::TooLong(max) => fl!(w, "flaw-long", max = max),
        TextError::Control => fl!(w, "flaw-control"),
        TextError::NotAnEmail => fl!(w, "flaw-email"),
        TextError::NotAWebAddress => fl!(w, "flaw-web"),
    }
}

/// What the operating system said, in words for people where they meet it often.
pub fn io_error(lang: Lang, error: &io::Error) -> String {
    let w = words(lang);
    match error.kind() {
        io::ErrorKind::NotFound => fl!(w, "io-not-found"),
        io::ErrorKind::PermissionDenied => fl!(w, "io-denied"),
        io::ErrorKind::AlreadyExists => fl!(w, "io-exists"),
        io::ErrorKind::IsADirectory => fl!(w, "io-directory"),
        io::ErrorKind::NotADirectory => fl!(w, "io-no-directory"),
        io::ErrorKind::ReadOnlyFilesystem => fl!(w, "io-read-only"),
        io::ErrorKind::StorageFull => fl!(w, "io-full"),
        io::ErrorKind::InvalidData => fl!(w, "io-not-text"),
        io::ErrorKind::AddrInUse => fl!(w, "io-address-in-use"),
        io::ErrorKind::AddrNotAvailable => fl!(w, "io-address-elsewhere"),
        _ => fl!(w, "io-other", said = error.to_string()),
    }
}

/// Never holds any part of a key.
pub fn keys_error(lang: Lang, error: &KeysError) -> String {
    let w = words(lang);
    match error {
        KeysError::None => fl!(w, "keys-none"),
        &KeysError::NoColon(number) => fl!(w, "keys-no-colon", number = number),
        &KeysError::Id(number) => fl!(w, "keys-id", number = number),
        KeysError::Twice(id) => fl!(w, "keys-twice", id = id.get()),
        KeysError::NotBase64(id) => fl!(w, "keys-not-base64", id = id.get()),
        &KeysError::Length { id, bytes } => fl!(w, "keys-length", id = id.get(), bytes = bytes),
        KeysError::ReadableByOthers { path, mode } => {
            let (path, mode) = (path.display().to_string(), format!("{mode:03o}"));
            fl!(w, "keys-readable", path = path, mode = mode)
        }
        KeysError::InFile { path, source } => {
            fl!(w, "keys-in-file", path = path.display().to_string(), why = keys_error(lang, source))
        }
        KeysError::File { path, source } => {
            fl!(w, "keys-file", path = path.display().to_string(), why = io_error(lang, source))
        }
    }
}

/// Never repeats the address, which holds a password.
pub fn relay_error(lang: Lang, error: &RelayUrlError) -> String {
    let w = words(lang);
    match error {
        RelayUrlError::NotAnAddress => fl!(w, "relay-no-address"),
        RelayUrlError::Scheme(scheme) => fl!(w, "relay-scheme", scheme = scheme.as_str()),
        RelayUrlError::HalfSignIn => fl!(w, "relay-half-sign-in"),
        RelayUrlError::NotUtf8 => fl!(w, "relay-not-utf8"),
        RelayUrlError::Option(option) => fl!(w, "relay-option", option = option.as_str()),
        RelayUrlError::PlainAbroad => fl!(w, "relay-plain-abroad"),
        RelayUrlError::Authorities(why) => fl!(w, "relay-authorities", why = why.as_str()),
        RelayUrlError::HostName => fl!(w, "relay-host-name"),
    }
}

/// What a relay refused, or what failed on the way to it. Its own words, and those of the network,
/// stay as they are.
pub fn send_error(lang: Lang, error: &SendError) -> String {
    let (w, at) = (words(lang), step(lang, error.step()));
    match error {
        SendError::Temporary(reply) | SendError::Permanent(reply) => {
            fl!(w, "send-refused", step = at, reply = reply.to_string())
        }
        SendError::Connection { step: _, why } => {
            fl!(w, "send-unusable", step = at, words = hindrance(lang, why))
        }
        SendError::Timeout { step: _ } => fl!(w, "send-timeout", step = at),
        SendError::Uncertain { why } => fl!(w, "send-unreadable", words = hindrance(lang, why)),
    }
}

/// What stood in the way of a mail; what others said of it stays in their words.
pub fn hindrance(lang: Lang, why: &Hindrance) -> String {
    let w = words(lang);
    match why {
        Hindrance::Said(said) => said.clone(),
        Hindrance::NoStartTls => fl!(w, "send-no-starttls"),
        Hindrance::EightBit => fl!(w, "send-eight-bit"),
        Hindrance::Unexpected(code) => fl!(w, "send-unexpected", code = code.to_string()),
        Hindrance::Late => fl!(w, "send-late"),
    }
}

/// In French with its preposition.
fn step(lang: Lang, step: Step) -> String {
    let w = words(lang);
    match step {
        Step::Connect => fl!(w, "send-step-connect"),
        Step::Hello => fl!(w, "send-step-hello"),
        Step::StartTls => fl!(w, "send-step-starttls"),
        Step::SignIn => fl!(w, "send-step-sign-in"),
        Step::From => fl!(w, "send-step-from"),
        Step::Recipient => fl!(w, "send-step-recipient"),
        Step::Data => fl!(w, "send-step-data"),
        Step::Content => fl!(w, "send-step-content"),
    }
}

/// Never holds the user or the password.
pub fn mailbox_error(lang: Lang, error: &ImapError) -> String {
    let w = words(lang);
    match error {
        ImapError::NotAnAddress => fl!(w, "mailbox-no-address"),
        ImapError::Certificates(why) => fl!(w, "mailbox-certificates", why = why.as_str()),
        ImapError::Connection(error) => fl!(w, "mailbox-connection", why = io_error(lang, error)),
        ImapError::Timeout(_) => fl!(w, "mailbox-timeout"),
        ImapError::SignIn => fl!(w, "mailbox-sign-in"),
        ImapError::Refused(error) => fl!(w, "mailbox-refused", said = error.to_string()),
    }
}

pub fn dkim_error(lang: Lang, error: &DkimError) -> String {
    let w = words(lang);
    match error {
        DkimError::NotPem => fl!(w, "dkim-not-pem"),
        DkimError::NotUsable => fl!(w, "dkim-not-usable"),
        DkimError::Domain => fl!(w, "dkim-domain"),
        DkimError::Selector => fl!(w, "dkim-selector"),
    }
}

#[cfg(test)]
mod tests {
    use mensuel_infra::mail::relay::Reply;

    use super::*;

    #[test]
    fn what_a_relay_says_is_said_with_where_it_was_said() {
        let (step, words) = (Step::SignIn, "no".to_owned());
        let refused = SendError::Permanent(Reply { step, code: 535, enhanced: Some((5, 7, 8)), words });
        assert_eq!(send_error(Lang::En, &refused), "refused at sign-in with 535 5.7.8 no");
        assert_eq!(send_error(Lang::Fr, &refused), "refus à l’identification\u{a0}: 535 5.7.8 no");
        let late = SendError::Timeout { step: Step::Connect };
        assert_eq!(send_error(Lang::En, &late), "no answer in time at the connection");
        assert_eq!(send_error(Lang::Fr, &late), "pas de réponse à temps, à la connexion");
    }

    #[test]
    fn what_is_ours_is_said_in_every_language_and_as_it_is_logged() {
        let ours = [Hindrance::NoStartTls, Hindrance::EightBit, Hindrance::Unexpected(250), Hindrance::Late];
        for why in ours {
            assert_eq!(hindrance(Lang::En, &why), why.to_string());
            assert_ne!(hindrance(Lang::Fr, &why), why.to_string());
        }
        let uncertain = SendError::Uncertain { why: Hindrance::Late };
        assert!(send_error(Lang::Fr, &uncertain).ends_with("pris\u{a0}: pas de réponse à temps"));
    }
}
