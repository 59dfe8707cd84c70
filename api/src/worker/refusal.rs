//! What a failed attempt means for the mail and for the address (RFC 3463).

use i18n_embed_fl::fl;
use mensuel_domain::lang::Lang;
use mensuel_infra::mail::relay::{Reply, SendError, Step};

use crate::i18n::words;

/// With the words for the organizers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Judged {
    /// Nothing is sent to this address any more.
    NoSuchAddress(String),
    /// This mail is refused for good; the address stays.
    Refused(String),
    /// Not now: it is busy, the mailbox is full, or the fault is ours.
    Again(String),
    /// It may have been accepted.
    Uncertain,
}

pub(super) fn judge(error: &SendError, lang: Lang) -> Judged {
    let w = words(lang);
    match error {
        SendError::Temporary(reply) => Judged::Again(fl!(w, "mail-later", reply = reply.to_string())),
        SendError::Permanent(reply) => permanent(reply, lang),
        SendError::Connection { step: _, words } => {
            Judged::Again(fl!(w, "mail-connection", words = words.as_str()))
        }
        SendError::Timeout { step: _ } => Judged::Again(fl!(w, "mail-timeout")),
        SendError::Uncertain { words: _ } => Judged::Uncertain,
    }
}

fn permanent(reply: &Reply, lang: Lang) -> Judged {
    let (w, said) = (words(lang), reply.to_string());
    match whose(reply) {
        Whose::Address => Judged::NoSuchAddress(fl!(w, "mail-no-address", reply = said)),
        Whose::FullMailbox => Judged::Again(fl!(w, "mail-later", reply = said)),
        Whose::Ours => Judged::Again(fl!(w, "mail-ours", reply = said)),
        Whose::Mail => Judged::Refused(fl!(w, "mail-refused", reply = said)),
    }
}

/// On whom a refusal for good falls.
enum Whose {
    Address,
    FullMailbox,
    /// Policy, routing, sign-in, our own sender.
    Ours,
    Mail,
}

fn whose(reply: &Reply) -> Whose {
    let about_recipient = match reply.step {
        Step::Recipient | Step::Data | Step::Content => true,
        Step::Connect | Step::Hello | Step::StartTls | Step::SignIn | Step::From => false,
    };
    match reply.enhanced {
        _ if !about_recipient => Whose::Ours,
        // 5.1.7 and 5.1.8 are about the sender's address.
        Some((_, 1, 7 | 8)) => Whose::Ours,
        Some((_, 1, _)) => Whose::Address,
        Some((_, 2, 2)) => Whose::FullMailbox,
        Some((_, 4 | 7, _)) => Whose::Ours,
        Some(_) | None => Whose::Mail,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_refusal_falls_on_whom_it_concerns() {
        let (gone, again, refused) = ("gone", "again", "refused");
        let table = [
            (Step::Recipient, 550, Some((5, 1, 1)), gone),
            (Step::Content, 550, Some((5, 1, 10)), gone),
            (Step::Recipient, 550, Some((5, 1, 8)), again),
            (Step::From, 550, Some((5, 1, 1)), again),
            (Step::Recipient, 552, Some((5, 2, 2)), again),
            (Step::Recipient, 550, Some((5, 2, 1)), refused),
            (Step::Recipient, 554, Some((5, 7, 1)), again),
            (Step::Content, 554, Some((5, 7, 1)), again),
            (Step::Recipient, 550, Some((5, 4, 4)), again),
            (Step::SignIn, 535, Some((5, 7, 8)), again),
            (Step::Hello, 554, None, again),
            (Step::Recipient, 550, None, refused),
            (Step::Content, 554, None, refused),
        ];
        for (step, code, enhanced, expected) in table {
            let reply = Reply { step, code, enhanced, words: "no".to_owned() };
            let came = match judge(&SendError::Permanent(reply), Lang::Fr) {
                Judged::NoSuchAddress(_) => gone,
                Judged::Again(_) => again,
                Judged::Refused(_) => refused,
                Judged::Uncertain => "uncertain",
            };
            assert_eq!(came, expected, "{step:?} {code} {enhanced:?}");
        }
    }

    #[test]
    fn what_passes_is_tried_again() {
        let reply = Reply { step: Step::Recipient, code: 450, enhanced: None, words: String::new() };
        let passing = [
            SendError::Temporary(reply),
            SendError::Timeout { step: Step::Data },
            SendError::Connection { step: Step::Connect, words: "refused".to_owned() },
        ];
        for error in passing {
            assert!(matches!(judge(&error, Lang::En), Judged::Again(_)), "{error:?}");
        }
        let silent = SendError::Uncertain { words: String::new() };
        assert_eq!(judge(&silent, Lang::En), Judged::Uncertain);
    }
}
