//! What a failed attempt means for the mail and for the address (RFC 3463).

use i18n_embed_fl::fl;
use mensuel_domain::{lang::Lang, pause::Trouble};
use mensuel_infra::mail::relay::{Reply, SendError, Step, is_unknown_to_exchange};

use crate::{i18n::words, words::hindrance};

/// With the words for the organizers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Judged {
    /// Nothing is sent to this address any more.
    NoSuchAddress(String),
    /// This mail is refused for good; the address stays.
    Refused(String),
    /// Not now: it is busy, or does not answer.
    Again(String),
    /// The mailbox is full: the relay's words.
    Full(String),
    /// We are refused, whoever the mail is for.
    Ours(Trouble),
    /// It may have been accepted.
    Uncertain,
}

pub(super) fn judge(error: &SendError, lang: Lang) -> Judged {
    let w = words(lang);
    match error {
        SendError::Temporary(reply) if matches!(reply.enhanced, Some((_, 2, 2))) => {
            Judged::Full(reply.to_string())
        }
        SendError::Temporary(reply) => Judged::Again(fl!(w, "mail-later", reply = reply.to_string())),
        SendError::Permanent(reply) => permanent(reply, lang),
        SendError::Connection { step: _, why } => {
            Judged::Again(fl!(w, "mail-connection", words = hindrance(lang, why)))
        }
        SendError::Timeout { step: _ } => Judged::Again(fl!(w, "mail-timeout")),
        SendError::Uncertain { why: _ } => Judged::Uncertain,
    }
}

fn permanent(reply: &Reply, lang: Lang) -> Judged {
    let (w, said) = (words(lang), reply.to_string());
    match whose(reply) {
        Whose::Address => Judged::NoSuchAddress(fl!(w, "mail-no-address", reply = said)),
        Whose::FullMailbox => Judged::Full(said),
        Whose::Ours => {
            let about_us = !is_about_recipient(reply.step);
            Judged::Ours(Trouble { about_us, reason: fl!(w, "mail-ours", reply = said) })
        }
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
    match reply.enhanced {
        _ if !is_about_recipient(reply.step) => Whose::Ours,
        Some(status) if is_unknown_to_exchange(status, &reply.words) => Whose::Address,
        // 5.1.7 and 5.1.8 are about the sender's address.
        Some((_, 1, 7 | 8)) => Whose::Ours,
        Some((_, 1, _)) => Whose::Address,
        Some((_, 2, 2)) => Whose::FullMailbox,
        Some((_, 4 | 7, _)) => Whose::Ours,
        Some(_) | None => Whose::Mail,
    }
}

fn is_about_recipient(step: Step) -> bool {
    match step {
        Step::Recipient | Step::Data | Step::Content => true,
        Step::Connect | Step::Hello | Step::StartTls | Step::SignIn | Step::From => false,
    }
}

#[cfg(test)]
mod tests {
    use mensuel_infra::mail::relay::Hindrance;

    use super::*;

    #[test]
    fn each_refusal_falls_on_whom_it_concerns() {
        let (gone, full, ours, us, refused) = ("gone", "full", "ours", "us", "refused");
        let table = [
            (Step::Recipient, 550, Some((5, 1, 1)), "no", gone),
            (Step::Content, 550, Some((5, 1, 10)), "no", gone),
            (Step::Recipient, 550, Some((5, 1, 8)), "no", ours),
            (Step::From, 550, Some((5, 1, 1)), "no", us),
            (Step::Recipient, 552, Some((5, 2, 2)), "no", full),
            (Step::Recipient, 550, Some((5, 2, 1)), "no", refused),
            (Step::Recipient, 554, Some((5, 7, 1)), "no", ours),
            (Step::Content, 554, Some((5, 7, 1)), "no", ours),
            (Step::Recipient, 550, Some((5, 4, 4)), "no", ours),
            (Step::Recipient, 550, Some((5, 4, 1)), "no answer from host", ours),
            (Step::Recipient, 550, Some((5, 4, 1)), "Recipient address rejected: Access denied. AS(1)", gone),
            (Step::SignIn, 535, Some((5, 7, 8)), "no", us),
            (Step::Hello, 554, None, "no", us),
            (Step::Recipient, 550, None, "no", refused),
            (Step::Content, 554, None, "no", refused),
        ];
        for (step, code, enhanced, words, expected) in table {
            let reply = Reply { step, code, enhanced, words: words.to_owned() };
            let came = match judge(&SendError::Permanent(reply), Lang::Fr) {
                Judged::NoSuchAddress(_) => gone,
                Judged::Again(_) => "again",
                Judged::Full(_) => full,
                Judged::Ours(trouble) if trouble.about_us => us,
                Judged::Ours(_) => ours,
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
            SendError::Connection { step: Step::Connect, why: Hindrance::Said("refused".to_owned()) },
        ];
        for error in passing {
            assert!(matches!(judge(&error, Lang::En), Judged::Again(_)), "{error:?}");
        }
        let silent = SendError::Uncertain { why: Hindrance::Late };
        assert_eq!(judge(&silent, Lang::En), Judged::Uncertain);
    }

    #[test]
    fn organizers_read_what_is_ours_in_their_language() {
        let error = SendError::Connection { step: Step::StartTls, why: Hindrance::NoStartTls };
        let Judged::Again(said) = judge(&error, Lang::Fr) else { panic!("{error:?}") };
        assert!(said.contains("(le relais n’offre pas STARTTLS, et rien n’est envoyé sans lui)"), "{said}");
    }
}
