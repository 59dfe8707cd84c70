//! What the DNS says: whether mail comes back to us, and whether receivers believe that it is ours.

use std::net::IpAddr;

use i18n_embed_fl::fl;
use mensuel_domain::lang::Lang;
use mensuel_infra::mail::{
    dkim::Dkim,
    dns::{Dns, NoAnswer, Said},
    relay::Relay,
};
use secrecy::ExposeSecret as _;

use super::{Finding, Visit};
use crate::{config::Config, i18n::words};

pub(super) async fn findings(config: &Config, visit: &Visit) -> Vec<Finding> {
    let lang = visit.lang;
    let domain = config.mail_from.domain().to_lowercase();
    let Some(url) = config.smtp_url.as_ref().filter(|_| domain.contains('.')) else {
        // Without a relay nothing leaves, and nobody looks at any record; the key's is shown anyway.
        return config.dkim.iter().map(|dkim| to_publish(dkim, lang)).collect();
    };
    let dns = match Dns::new(visit.resolver) {
        Ok(dns) => dns,
        Err(why) => return vec![not_asked("DNS", &why, "cat /etc/resolv.conf", lang)],
    };
    let dmarc_name = format!("_dmarc.{domain}");
    let (hosts, texts, policies) =
        tokio::join!(dns.mail_hosts(&domain), dns.texts(&domain), dns.texts(&dmarc_name));
    let own = match hosts {
        Said::Nothing => dns.addresses(&domain).await,
        Said::Is(_) | Said::CouldNotAsk(_) => Said::Nothing,
    };
    let mut findings = vec![mx(&domain, hosts, own, lang), spf(&domain, texts, lang)];
    findings.push(match &config.dkim {
        Some(dkim) => published(dkim, &domain, dns.texts(&dkim.name()).await, lang),
        None => not_signed(&domain, lang),
    });
    findings.push(dmarc(&domain, above(&dns, &domain, policies).await, lang));
    if let Ok(relay) = Relay::parse(url.expose_secret()) {
        findings.push(reverse(&dns, &relay, lang).await);
    }
    findings
}

/// "Could not ask", and how to look by hand.
fn not_asked(what: &str, why: &NoAnswer, command: &str, lang: Lang) -> Finding {
    let w = words(lang);
    let why = match why {
        NoAnswer::Late => fl!(w, "doctor-dns-late"),
        NoAnswer::Failed(said) => fl!(w, "doctor-dns-failed", said = said.as_str()),
    };
    Finding::warning(
        fl!(w, "doctor-not-asked", what = what, why = why),
        fl!(w, "doctor-by-hand", command = command),
    )
}

/// `own` are the domain's own addresses, where its mail goes when it has no MX (RFC 5321, section 5.1).
fn mx(domain: &str, said: Said<String>, own: Said<IpAddr>, lang: Lang) -> Finding {
    let w = words(lang);
    let not_asked = |why| not_asked("MX", &why, &format!("dig +short MX {domain}"), lang);
    match (said, own) {
        (Said::Is(hosts), _) if hosts.iter().any(|host| host != ".") => {
            let hosts: Vec<&str> = hosts.iter().map(|host| host.trim_end_matches('.')).collect();
            Finding::ok(fl!(w, "doctor-mx", domain = domain, hosts = hosts.join(", ")))
        }
        (Said::Nothing, Said::Is(own)) => {
            let addresses = own.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            Finding::warning(
                fl!(w, "doctor-mx-address", domain = domain, addresses = addresses),
                fl!(w, "doctor-mx-address-next"),
            )
        }
        (Said::Is(_), _) | (Said::Nothing, Said::Nothing) => {
            Finding::warning(fl!(w, "doctor-mx-none", domain = domain), fl!(w, "doctor-mx-none-next"))
        }
        (Said::CouldNotAsk(why), _) | (Said::Nothing, Said::CouldNotAsk(why)) => not_asked(why),
    }
}

fn spf(domain: &str, said: Said<String>, lang: Lang) -> Finding {
    let w = words(lang);
    let texts = match said {
        Said::Is(texts) => texts,
        Said::Nothing => Vec::new(),
        Said::CouldNotAsk(why) => {
            return not_asked("SPF", &why, &format!("dig +short TXT {domain}"), lang);
        }
    };
    let records: Vec<&str> = texts.iter().map(String::as_str).filter(|text| is_spf(text)).collect();
    match *records.as_slice() {
        [] => Finding::warning(fl!(w, "doctor-spf-none", domain = domain), fl!(w, "doctor-spf-none-next")),
        [record] => one_spf(record, lang),
        [..] => Finding::wrong(
            fl!(w, "doctor-spf-several", count = records.len()),
            fl!(w, "doctor-spf-several-next"),
        ),
    }
}

fn is_spf(text: &str) -> bool {
    let text = text.to_lowercase();
    text == "v=spf1" || text.starts_with("v=spf1 ")
}

fn one_spf(record: &str, lang: Lang) -> Finding {
    let w = words(lang);
    let nobody = || (fl!(w, "doctor-spf-nobody", record = record), fl!(w, "doctor-spf-nobody-next"));
    match senders(record) {
        Senders::Everybody => {
            Finding::warning(fl!(w, "doctor-spf-open", record = record), fl!(w, "doctor-spf-open-next"))
        }
        Senders::Some => Finding::ok(fl!(w, "doctor-spf", record = record)),
        Senders::NobodyPerhaps => {
            let (what, then) = nobody();
            Finding::warning(what, then)
        }
        Senders::Nobody => {
            let (what, then) = nobody();
            Finding::wrong(what, then)
        }
    }
}

/// Who may send by an SPF record (RFC 7208, section 4.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Senders {
    Everybody,
    Some,
    /// Nobody passes, and nobody is refused for it alone.
    NobodyPerhaps,
    /// As a domain that sends no mail says it.
    Nobody,
}

fn senders(record: &str) -> Senders {
    let record = record.to_lowercase();
    let terms: Vec<&str> = record.split_whitespace().skip(1).collect();
    // What stands behind `all` is not looked at.
    let end = terms.iter().position(|term| term.trim_start_matches(['+', '-', '~', '?']) == "all");
    let lets_in = |term: &&str| !term.starts_with(['-', '~', '?']) && !is_modifier(term);
    let some = terms[..end.unwrap_or(terms.len())].iter().any(lets_in);
    match end.map(|end| terms[end]) {
        Some("all" | "+all") => Senders::Everybody,
        _ if some => Senders::Some,
        Some("-all") => Senders::Nobody,
        None if terms.iter().any(|term| term.starts_with("redirect=")) => Senders::Some,
        Some(_) | None => Senders::NobodyPerhaps,
    }
}

/// `name=value`; a mechanism has a colon or a slash first, if any.
fn is_modifier(term: &str) -> bool {
    term.split_once('=').is_some_and(|(name, _)| !name.contains([':', '/']))
}

fn not_signed(domain: &str, lang: Lang) -> Finding {
    let w = words(lang);
    Finding::warning(fl!(w, "doctor-dkim-none"), fl!(w, "doctor-dkim-none-next", domain = domain))
}

/// The record of our key, as it must stand there.
fn to_publish(dkim: &Dkim, lang: Lang) -> Finding {
    Finding::ok(fl!(words(lang), "doctor-dkim-signs", domain = dkim.domain())).and(publish(dkim, lang))
}

fn publish(dkim: &Dkim, lang: Lang) -> String {
    fl!(words(lang), "doctor-dkim-publish", record = dkim.zone_line())
}

fn published(dkim: &Dkim, domain: &str, said: Said<String>, lang: Lang) -> Finding {
    let w = words(lang);
    let name = dkim.name();
    let records = match said {
        Said::Is(records) => records,
        Said::Nothing => {
            return Finding::wrong(fl!(w, "doctor-dkim-missing", name = name), publish(dkim, lang));
        }
        Said::CouldNotAsk(why) => {
            let finding = not_asked("DKIM", &why, &format!("dig +short TXT {name}"), lang);
            return Finding {
                then: finding.then.map(|then| format!("{then}\n{}", publish(dkim, lang))),
                ..finding
            };
        }
    };
    if !records.iter().any(|record| key_of(record) == key_of(&dkim.record())) {
        return Finding::wrong(fl!(w, "doctor-dkim-other", name = name), publish(dkim, lang));
    }
    let what = fl!(w, "doctor-dkim-ours", name = name);
    let signed = dkim.domain();
    if is_aligned(signed, domain) {
        Finding::ok(what).and(publish(dkim, lang))
    } else {
        Finding::warning(what, fl!(w, "doctor-dkim-unaligned-next", signed = signed, domain = domain))
    }
}

/// The tag `p` of a key record, without white space.
fn key_of(record: &str) -> Option<String> {
    let (_, key) = tags(record).find(|(name, _)| *name == "p")?;
    Some(key.split_whitespace().collect())
}

/// `name=value` between semicolons, with white space around each (RFC 6376, section 3.2; RFC 7489,
/// section 6.4).
fn tags(record: &str) -> impl Iterator<Item = (&str, &str)> {
    record.split(';').filter_map(|tag| tag.split_once('=')).map(|(name, value)| (name.trim(), value.trim()))
}

/// One is the other, or stands below it.
fn is_aligned(signed: &str, from: &str) -> bool {
    let below = |one: &str, other: &str| one.strip_suffix(other).is_some_and(|rest| rest.ends_with('.'));
    signed == from || below(signed, from) || below(from, signed)
}

/// A policy stands at the domain itself, or at its organization's (RFC 7489, section 6.6.3); which
/// of the domains above that is, only a list that changes daily tells, so each is asked.
async fn above(dns: &Dns, domain: &str, said: Said<String>) -> Said<String> {
    let mut said = policies(said);
    let mut rest = domain;
    while said == Said::Nothing {
        match rest.split_once('.') {
            Some((_, parent)) if parent.contains('.') => rest = parent,
            Some(_) | None => return said,
        }
        said = policies(dns.texts(&format!("_dmarc.{rest}")).await);
    }
    said
}

/// Whatever else stands there is left aside.
fn policies(said: Said<String>) -> Said<String> {
    let Said::Is(texts) = said else { return said };
    let found: Vec<String> =
        texts.into_iter().filter(|text| tags(text).next() == Some(("v", "DMARC1"))).collect();
    if found.is_empty() { Said::Nothing } else { Said::Is(found) }
}

fn dmarc(domain: &str, said: Said<String>, lang: Lang) -> Finding {
    let w = words(lang);
    let texts = match said {
        Said::Is(texts) => texts,
        Said::Nothing => Vec::new(),
        Said::CouldNotAsk(why) => {
            return not_asked("DMARC", &why, &format!("dig +short TXT _dmarc.{domain}"), lang);
        }
    };
    match texts.as_slice() {
        [] => Finding::warning(
            fl!(w, "doctor-dmarc-none", domain = domain),
            fl!(w, "doctor-dmarc-none-next", domain = domain),
        ),
        [record] => Finding::ok(fl!(w, "doctor-dmarc", record = record.as_str())),
        [..] => Finding::wrong(
            fl!(w, "doctor-dmarc-several", count = texts.len()),
            fl!(w, "doctor-dmarc-several-next"),
        ),
    }
}

/// The names that the relay's addresses go by, and whether these names lead back.
async fn reverse(dns: &Dns, relay: &Relay, lang: Lang) -> Finding {
    let w = words(lang);
    if relay.is_on_this_machine() {
        let by_hand = fl!(w, "doctor-by-hand", command = fl!(w, "doctor-ptr-here-command"));
        return Finding::warning(fl!(w, "doctor-ptr-here"), by_hand);
    }
    let host = relay.host.as_str();
    let by_hand = format!("dig +short -x $(dig +short {host} | head -1)");
    let ip = match addresses(dns, host).await {
        Said::Is(addresses) => addresses.first().copied(),
        Said::Nothing => None,
        Said::CouldNotAsk(why) => return not_asked("PTR", &why, &by_hand, lang),
    };
    let Some(ip) = ip else {
        return Finding::wrong(fl!(w, "doctor-ptr-no-host", host = host), fl!(w, "doctor-ptr-no-host-next"));
    };
    let names = match dns.names(ip).await {
        Said::Is(names) => names,
        Said::Nothing => Vec::new(),
        Said::CouldNotAsk(why) => return not_asked("PTR", &why, &by_hand, lang),
    };
    let shown = ip.to_string();
    match leading_to(dns, ip, names).await {
        Some(name) => Finding::ok(fl!(w, "doctor-ptr", ip = shown, name = name)),
        None => Finding::warning(fl!(w, "doctor-ptr-none", ip = shown), fl!(w, "doctor-ptr-none-next")),
    }
}

async fn addresses(dns: &Dns, host: &str) -> Said<IpAddr> {
    match host.parse::<IpAddr>() {
        Ok(ip) => Said::Is(vec![ip]),
        Err(_) => dns.addresses(host).await,
    }
}

/// The first of the names that has this address.
async fn leading_to(dns: &Dns, ip: IpAddr, names: Vec<String>) -> Option<String> {
    for name in names {
        if let Said::Is(back) = dns.addresses(&name).await
            && back.contains(&ip)
        {
            return Some(name);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::State;

    fn is(texts: &[&str]) -> Said<String> {
        Said::Is(texts.iter().map(|text| (*text).to_owned()).collect())
    }

    #[test]
    fn records_are_judged_as_receivers_do() {
        let spf = |said| spf("soie.example", said, Lang::En).state;
        assert_eq!(spf(is(&["v=spf1 include:a.example ~all", "google-site"])), State::Ok);
        assert_eq!(spf(is(&["v=spf1 -all", "v=spf1 mx -all"])), State::Wrong);
        assert_eq!(spf(is(&["v=spf1 +all"])), State::Warning);
        assert_eq!(spf(is(&["v=spf10 -all"])), State::Warning);
        assert_eq!(spf(Said::Nothing), State::Warning);
        for (record, state) in [
            ("v=spf1 -all", State::Wrong),
            ("v=SPF1 exp=why.example -ip4:192.0.2.1 -ALL", State::Wrong),
            ("v=spf1 ~all", State::Warning),
            ("v=spf1", State::Warning),
            ("v=spf1 redirect=_spf.relay.example", State::Ok),
            ("v=spf1 ip6:2001:db8::1 -all", State::Ok),
            ("v=spf1 a ?all", State::Ok),
            ("v=spf1 ?all", State::Warning),
        ] {
            assert_eq!(spf(is(&[record])), state, "{record}");
        }
        let dmarc = |said| dmarc("soie.example", policies(said), Lang::Fr).state;
        assert_eq!(dmarc(is(&["v=DMARC1; p=none"])), State::Ok);
        assert_eq!(dmarc(is(&["v=spf1 -all", "v = DMARC1 ; p=reject"])), State::Ok);
        assert_eq!(dmarc(is(&["v=spf1 -all"])), State::Warning);
        assert_eq!(dmarc(is(&["v=DMARC1; p=none", "v=DMARC1; p=reject"])), State::Wrong);
        let mx = |said, own, lang| mx("soie.example", said, own, lang);
        let own = || Said::Is(vec!["192.0.2.7".parse().unwrap()]);
        let none = mx(is(&["."]), own(), Lang::En);
        assert_eq!((none.state, none.what.as_str()), (State::Warning, "MX: soie.example takes no mail."));
        assert!(mx(Said::Nothing, Said::Nothing, Lang::En).what.contains("takes no mail"));
        let itself = mx(Said::Nothing, own(), Lang::En);
        assert_eq!(itself.state, State::Warning);
        assert!(itself.what.contains("goes to the machine of its own address (192.0.2.7)"), "{itself:?}");
        let failed = Said::CouldNotAsk(NoAnswer::Failed("no network".to_owned()));
        let silent = mx(failed, Said::Nothing, Lang::En);
        assert_eq!(silent.state, State::Warning);
        assert!(silent.then.unwrap().contains("dig +short MX soie.example"));
        let late = mx(Said::CouldNotAsk(NoAnswer::Late), Said::Nothing, Lang::Fr);
        assert_eq!(late.what, "MX\u{a0}: impossible de demander (délai dépassé).");
    }

    #[test]
    fn a_signature_counts_for_its_domain_and_those_around_it() {
        assert!(is_aligned("soie.example", "soie.example"));
        assert!(
            is_aligned("soie.example", "mail.soie.example")
                && is_aligned("mail.soie.example", "soie.example")
        );
        assert!(!is_aligned("oie.example", "soie.example") && !is_aligned("relay.example", "soie.example"));
        for record in ["v=DKIM1; k=rsa; p=AB CD", "v=DKIM1;p = ABCD ;", "p\t=\tAB\tCD"] {
            assert_eq!(key_of(record).as_deref(), Some("ABCD"), "{record}");
        }
        assert_eq!(key_of("p=QUI=").as_deref(), Some("QUI="));
    }
}
