//! Whose fault a failure is: by its code (RFC 3463, section 3, as the services of today use it), and
//! by its words where the code says nothing.

use mensuel_domain::text::Email;

use super::bounce::{Class, Status};
use crate::mail::relay::is_unknown_to_exchange;

/// The code of a report, or a better one that stands in its words: a server that passes on what
/// another one said writes its own code first, and it may be a general one.
pub(super) fn best_status(given: Option<Status>, words: &str) -> Option<Status> {
    let passed_on = words.rsplit_once("->").and_then(|(_, inner)| Status::within(inner));
    let detailed = |status: &Status| status.tells_something() && status.detail != 0;
    let said = Status::within(words);
    let given_or_said = given.filter(detailed).or(said.filter(detailed));
    passed_on.or(given_or_said).or(given.filter(|status| status.tells_something())).or(said).or(given)
}

/// `None` when neither the code nor the words tell.
pub(super) fn class(status: Option<Status>, words: &str, to: Option<&Email>) -> Option<Class> {
    let said = words.to_lowercase();
    let Some(Status { class, subject, detail }) = status else { return by_words(&said) };
    match (class, subject, detail) {
        // Policy and reputation, for now or for good.
        (_, 7, _) => Some(Class::Ours),
        (_, 2, 2) => Some(Class::Full),
        (4, 0, _) => says(&said, FULL).then_some(Class::Full),
        (4, 1 | 2, _) if says(&said, FULL) => Some(Class::Full),
        (4, _, _) => Some(Class::Soft),
        status if is_unknown_to_exchange(status, words) => Some(Class::Hard),
        (_, 4, _) if is_domain_gone(&said, to) => Some(Class::Hard),
        // Too large for the recipient or for the system; bad address of the sender.
        (_, 2, 3) | (_, 3, 4) | (_, 4, _) | (_, 1, 7 | 8) => Some(Class::Ours),
        (_, 1, 0) if says(&said, SENDER) => Some(Class::Ours),
        // Orange says so of a full mailbox.
        (_, 1, _) if says(&said, FULL) => Some(Class::Full),
        (_, 1, _) => Some(Class::Hard),
        _ => by_words(&said),
    }
}

/// Whether a failure to route says that the recipient's own domain is gone, which is nobody's fault
/// but theirs. Of any other name it says that: a relay that is configured wrongly would stop everybody.
fn is_domain_gone(said: &str, to: Option<&Email>) -> bool {
    let Some((_, domain)) = to.and_then(|to| to.as_str().rsplit_once('@')) else { return false };
    let domain = domain.to_lowercase();
    let of_name = |c: char| c.is_alphanumeric() || ".-_@".contains(c);
    let is_theirs = |name: &str| {
        name.strip_suffix(domain.as_str()).is_some_and(|above| above.is_empty() || above.ends_with('.'))
            && !name.contains('@')
    };
    says(said, NO_DOMAIN) && said.split(|c| !of_name(c)).any(|name| is_theirs(name.trim_matches('.')))
}

fn by_words(said: &str) -> Option<Class> {
    if says(said, RATE) {
        Some(Class::Ours)
    } else if says(said, FULL) {
        Some(Class::Full)
    } else if says(said, NOBODY) || says(said, NO_DOMAIN) {
        Some(Class::Hard)
    } else if says(said, REFUSED) || says(said, SENDER) {
        Some(Class::Ours)
    } else if says(said, UNAVAILABLE) {
        Some(Class::Hard)
    } else {
        None
    }
}

pub(super) fn says(said: &str, phrases: &[&str]) -> bool {
    phrases.iter().any(|phrase| said.contains(phrase))
}

/// What we may send in a time, and no mailbox's quota.
const RATE: &[&str] = &["sending quota", "sending limit", "rate limit", "too many messages", "message rate"];

const FULL: &[&str] = &[
    "mailbox full",
    "mailbox is full",
    "inbox is full",
    "mailfolder is full",
    "user is full",
    "quota",
    "over its storage",
    "insufficient storage",
    "out of storage",
    "storage allocation",
    "storage limit",
    "boîte pleine",
    "boite pleine",
    "destinataire pleine",
    "boîte aux lettres est pleine",
    "boîte de réception est pleine",
    "postfach ist voll",
    "postfach voll",
];

const NOBODY: &[&str] = &[
    "user unknown",
    "unknown user",
    "unknown recipient",
    "recipient unknown",
    "unknown address",
    "address unknown",
    "unknown local",
    "unknown mailbox",
    "unknown or illegal alias",
    "unknown account",
    "no such user",
    "no such recipient",
    "no such address",
    "no such mailbox",
    "no such person",
    "no such local user",
    "no mailbox here",
    "no mailbox by that name",
    "no account by that name",
    "no longer accepts mail",
    "no longer available",
    "no longer valid",
    "no longer on server",
    "not our customer",
    "does not exist",
    "doesn't exist",
    "doesn’t exist",
    "doesn't have a",
    "doesn’t have a",
    "not listed in",
    "user not found",
    "mailbox not found",
    "account not found",
    "address not found",
    "recipient not found",
    "recipientnotfound",
    "couldn't be found",
    "could not be found",
    "couldn’t be found",
    "wasn't found at",
    "wasn’t found at",
    "is not recognized",
    "invalid recipient",
    "invalid mailbox",
    "invalid address",
    "not a valid mailbox",
    "not a valid recipient",
    "unrouteable address",
    "unroutable address",
    "undeliverable address",
    "no smtp service",
    "null mx",
    "nullmx",
    "is disabled",
    "been disabled",
    "account disabled",
    "mailbox disabled",
    "user disabled",
    "inactiv",
    "désactivé",
    "desactive",
    "n'existe pas",
    "n’existe pas",
    "n'a pas été trouvé",
    "n’a pas été trouvé",
    "introuvable",
    "utilisateur inconnu",
    "destinataire inconnu",
    "adresse inconnue",
    "destinataire invalide",
    "unbekannt",
    "nicht gefunden",
    "existiert nicht",
];

/// Of a domain: nobody of it is there.
const NO_DOMAIN: &[&str] = &[
    "host or domain name not found",
    "host not found",
    "host unknown",
    "unknown host",
    "domain not found",
    "domain name not found",
    "couldn't find any host",
    "point to non-existent host",
    "does not exist",
    "infodomainnonexistent",
    "nxdomain",
];

const REFUSED: &[&str] = &[
    "spam",
    "blocked",
    "block list",
    "blocklist",
    "blacklist",
    "policy",
    "reputation",
    "unsolicited",
    "access denied",
    "not allowed",
    "not permitted",
    "not authorized",
    "relaying",
    "unable to relay",
    "relay access denied",
    "spf",
    "dkim",
    "dmarc",
    "too large",
    "too big",
    "size limit",
];

const SENDER: &[&str] =
    &["sender denied", "sender rejected", "sender address rejected", "sender was rejected", "sender refused"];

const UNAVAILABLE: &[&str] = &["mailbox unavailable", "recipient rejected", "address rejected"];

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(code: &str, words: &str) -> Option<Class> {
        let to = Email::parse("zoe@soie.example").unwrap();
        class(best_status(Status::parse(code), words), words, Some(&to))
    }

    #[test]
    fn each_code_has_its_class() {
        for (code, expected) in [
            ("5.1.1", Class::Hard),
            ("5.1.2", Class::Hard),
            ("5.1.6", Class::Hard),
            ("5.1.10", Class::Hard),
            ("5.1.351", Class::Hard),
            ("5.1.8", Class::Ours),
            ("5.2.2", Class::Full),
            ("4.2.2", Class::Full),
            ("5.2.3", Class::Ours),
            ("5.3.4", Class::Ours),
            ("5.4.1", Class::Ours),
            ("5.4.14", Class::Ours),
            ("5.7.1", Class::Ours),
            ("5.7.26", Class::Ours),
            ("4.7.0", Class::Ours),
            ("4.7.28", Class::Ours),
            ("4.2.1", Class::Soft),
            ("4.3.1", Class::Soft),
            ("4.4.1", Class::Soft),
            ("4.4.7", Class::Soft),
            ("4.1.1", Class::Soft),
        ] {
            assert_eq!(judged(code, ""), Some(expected), "{code}");
        }
        for code in ["", "5.0.0", "4.0.0", "5.2.0", "5.2.1", "5.3.0", "5.5.0", "5.5.2", "5.6.1"] {
            assert_eq!(judged(code, ""), None, "{code}");
        }
    }

    /// Words as the services write them.
    #[test]
    fn words_decide_where_the_code_says_nothing() {
        for (code, words, expected) in [
            ("5.0.0", "550 No such user here", Class::Hard),
            ("5.0.0", "552 Quota exceeded", Class::Full),
            ("5.0.0", "554 Message refused as spam", Class::Ours),
            ("5.0.0", "550 Requested action not taken: mailbox unavailable", Class::Hard),
            ("5.0.0", "550 mailbox unavailable, blocked by policy", Class::Ours),
            ("5.0.0", "550-5.1.1 The email account that you tried to reach does not exist.", Class::Hard),
            ("5.0.0", "Unrouteable address", Class::Hard),
            ("5.0.0", "all relevant MX records point to non-existent hosts", Class::Hard),
            ("5.0.0", "an MX or SRV record indicated no SMTP service", Class::Hard),
            ("5.0.0", "550 5.7.1 Our system has detected that this message is unsolicited", Class::Ours),
            ("5.0.0", "550 Sender address rejected: not owned by user", Class::Ours),
            ("5.0.0", "550 5.4.5 Daily user sending quota exceeded", Class::Ours),
            ("", "552 1 Requested mail action aborted, mailbox not found", Class::Hard),
            (
                "",
                "554 30 Sorry, your message cannot be delivered. This mailbox is disabled (554.30).",
                Class::Hard,
            ),
            ("", "554 delivery error: dd This user doesn't have a yahoo.example account", Class::Hard),
            ("", "552 Requested mail action aborted: exceeded storage allocation", Class::Full),
            ("", "554 Transaction failed. Reject due to policy restrictions.", Class::Ours),
            (
                "5.5.0",
                "smtp; 550 5.5.0 Requested action not taken: mailbox unavailable (S2017062302)",
                Class::Hard,
            ),
            ("5.2.1", "550 5.2.1 The email account that you tried to reach is inactive.", Class::Hard),
            ("5.2.1", "550 5.2.1 This mailbox has been blocked due to inactivity", Class::Hard),
            ("5.3.0", "553 5.3.0 User unknown", Class::Hard),
            ("5.1.1", "552 5.1.1 Boite du destinataire pleine. Recipient overquota. OFR_417", Class::Full),
            ("5.1.1", "550 5.1.1 Adresse d au moins un destinataire invalide. OFR204_418", Class::Hard),
            ("5.1.0", "550 5.1.0 Sender denied", Class::Ours),
            ("5.1.0", "5.1.0 - Unknown address error 550-'5.7.1 Access denied'", Class::Ours),
            (
                "5.2.2",
                "554 5.2.2 mailbox full; STOREDRV.Deliver.Exception:QuotaExceededException",
                Class::Full,
            ),
            ("5.0.350", "550 5.0.350 Remote server returned an error -> 550 5.1.1 User unknown", Class::Hard),
            ("5.4.300", "550 5.4.300 Message expired -> 452 4.2.2 The mailbox is over quota", Class::Full),
            ("5.4.300", "550 5.4.300 Message expired -> 451 4.4.62 Not here", Class::Soft),
            ("4.0.0", "450 mailbox full", Class::Full),
            ("4.1.1", "450 4.1.1 User unknown in local recipient table", Class::Soft),
        ] {
            assert_eq!(judged(code, words), Some(expected), "{code} {words}");
        }
        assert_eq!(judged("5.0.0", "retry timeout exceeded"), None);
    }

    #[test]
    fn a_domain_that_is_gone_is_its_members_and_a_relay_that_is_not_found_is_ours() {
        let gone = "Host or domain name not found. Name service error for name=Soie.example type=AAAA: Host not found";
        assert_eq!(judged("5.4.4", gone), Some(Class::Hard));
        assert_eq!(judged("5.4.4", &gone.replace("Soie", "mx.soie")), Some(Class::Hard));
        assert_eq!(
            judged("5.4.310", "550 5.4.310 DNS domain soie.example does not exist"),
            Some(Class::Hard)
        );
        for relay in ["relais.lyon", "mxsoie", "zoe@soie"] {
            assert_eq!(judged("5.4.4", &gone.replace("Soie", relay)), Some(Class::Ours), "{relay}");
        }
        assert_eq!(class(Status::parse("5.4.4"), gone, None), Some(Class::Ours));
    }

    #[test]
    fn exchange_knows_nobody_in_two_wordings() {
        for words in [
            "550 5.4.1 Recipient address rejected: Access denied. AS(201806281)",
            "550 5.4.1 All recipient addresses rejected : Access denied. AS(1)",
        ] {
            assert_eq!(judged("5.4.1", words), Some(Class::Hard), "{words}");
        }
    }
}
