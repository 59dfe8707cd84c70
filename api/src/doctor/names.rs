//! What the DNS says: whether mail comes back to us, and whether receivers believe that it is ours.

use std::net::IpAddr;

use mensuel_domain::lang::Lang;
use mensuel_infra::mail::{
    dkim::Dkim,
    dns::{Dns, Said},
    relay::Relay,
};
use secrecy::ExposeSecret as _;

use super::{Finding, Visit, say};
use crate::config::Config;

pub(super) async fn findings(config: &Config, visit: &Visit) -> Vec<Finding> {
    let lang = visit.lang;
    let domain = config.mail_from.domain().to_lowercase();
    let Some(url) = config.smtp_url.as_ref().filter(|_| domain.contains('.')) else {
        // Without a relay nothing leaves, and nobody looks at any record; the key's is shown anyway.
        return config.dkim.iter().map(|dkim| to_publish(dkim, lang)).collect();
    };
    let dns = match Dns::new(visit.resolver) {
        Ok(dns) => dns,
        Err(error) => return vec![not_asked("DNS", &error, "cat /etc/resolv.conf", lang)],
    };
    let relay = Relay::parse(url.expose_secret()).ok();
    let dmarc_name = format!("_dmarc.{domain}");
    let (hosts, texts, policies) =
        tokio::join!(dns.mail_hosts(&domain), dns.texts(&domain), dns.texts(&dmarc_name));
    let mut findings = vec![mx(&domain, hosts, lang), spf(&domain, texts, lang)];
    match &config.dkim {
        Some(dkim) => findings.push(published(dkim, &domain, dns.texts(&dkim.name()).await, lang)),
        None => findings.push(Finding::warning(
            say!(lang, "DKIM\u{a0}: Mensuel ne signe pas.", "DKIM: Mensuel does not sign."),
            say!(
                lang,
                "C’est bien si le relais signe pour {domain}\u{a0}; sinon donnez MENSUEL_DKIM_DOMAIN, MENSUEL_DKIM_SELECTOR et MENSUEL_DKIM_KEY_FILE.",
                "That is fine if the relay signs for {domain}; else set MENSUEL_DKIM_DOMAIN, MENSUEL_DKIM_SELECTOR and MENSUEL_DKIM_KEY_FILE.",
                domain = domain
            ),
        )),
    }
    findings.push(dmarc(&domain, above(&dns, &domain, policies).await, lang));
    if let Some(relay) = relay {
        findings.push(reverse(&dns, &relay, lang).await);
    }
    findings
}

/// "Could not ask", and how to look by hand.
fn not_asked(what: &str, error: &str, command: &str, lang: Lang) -> Finding {
    Finding::warning(
        say!(
            lang,
            "{what}\u{a0}: personne n’a répondu ({error}).",
            "{what}: could not ask ({error}).",
            what = what,
            error = error
        ),
        say!(lang, "À voir à la main\u{a0}: {command}", "Look by hand: {command}", command = command),
    )
}

fn mx(domain: &str, said: Said<String>, lang: Lang) -> Finding {
    match said {
        Said::Is(hosts) if hosts.iter().any(|host| host != ".") => {
            let hosts: Vec<&str> = hosts.iter().map(|host| host.trim_end_matches('.')).collect();
            Finding::ok(say!(
                lang,
                "MX\u{a0}: {domain} reçoit du courrier ({hosts}).",
                "MX: {domain} takes mail ({hosts}).",
                domain = domain,
                hosts = hosts.join(", ")
            ))
        }
        Said::Is(_) | Said::Nothing => Finding::warning(
            say!(
                lang,
                "MX\u{a0}: {domain} ne reçoit pas de courrier.",
                "MX: {domain} takes no mail.",
                domain = domain
            ),
            say!(
                lang,
                "Réponses et retours d’erreur se perdent\u{a0}: publiez un MX, ou prenez une adresse d’expédition qui en a un.",
                "Replies and reports of failure get lost: publish an MX record, or take a sender's address that has one."
            ),
        ),
        Said::CouldNotAsk(error) => not_asked("MX", &error, &format!("dig +short MX {domain}"), lang),
    }
}

fn spf(domain: &str, said: Said<String>, lang: Lang) -> Finding {
    let texts = match said {
        Said::Is(texts) => texts,
        Said::Nothing => Vec::new(),
        Said::CouldNotAsk(error) => {
            return not_asked("SPF", &error, &format!("dig +short TXT {domain}"), lang);
        }
    };
    let is_spf = |text: &&String| {
        let text = text.to_lowercase();
        text == "v=spf1" || text.starts_with("v=spf1 ")
    };
    let records: Vec<&String> = texts.iter().filter(is_spf).collect();
    match records.as_slice() {
        [] => Finding::warning(
            say!(
                lang,
                "SPF\u{a0}: {domain} ne dit pas qui peut envoyer pour lui.",
                "SPF: {domain} does not say who may send for it.",
                domain = domain
            ),
            say!(
                lang,
                "Publiez en TXT ce que donne l’exploitant du relais, par exemple «\u{a0}v=spf1 include:spf.relais.example ~all\u{a0}».",
                "Publish as TXT what whoever runs the relay says, such as \"v=spf1 include:spf.relay.example ~all\"."
            ),
        ),
        [record] if lets_everybody_in(record) => Finding::warning(
            say!(
                lang,
                "SPF\u{a0}: «\u{a0}{record}\u{a0}» laisse tout le monde envoyer.",
                "SPF: \"{record}\" lets everybody send.",
                record = record
            ),
            say!(lang, "Finissez par ~all ou -all.", "End it with ~all or -all."),
        ),
        [record] => Finding::ok(say!(
            lang,
            "SPF\u{a0}: «\u{a0}{record}\u{a0}». Le relais doit y être.",
            "SPF: \"{record}\". The relay has to be in it.",
            record = record
        )),
        several => Finding::wrong(
            say!(
                lang,
                "SPF\u{a0}: {count} enregistrements, les récepteurs n’en croient alors aucun (RFC 7208).",
                "SPF: {count} records, and then receivers believe none (RFC 7208).",
                count = several.len()
            ),
            say!(lang, "N’en gardez qu’un, qui dise tout.", "Keep one, which says it all."),
        ),
    }
}

fn lets_everybody_in(record: &str) -> bool {
    record.split_whitespace().any(|word| matches!(word.to_lowercase().as_str(), "+all" | "all" | "?all"))
}

/// The record of our key, as it must stand there.
fn to_publish(dkim: &Dkim, lang: Lang) -> Finding {
    Finding::ok(say!(
        lang,
        "DKIM\u{a0}: Mensuel signe pour {domain}.",
        "DKIM: Mensuel signs for {domain}.",
        domain = dkim.domain()
    ))
    .and(publish(dkim, lang))
}

fn publish(dkim: &Dkim, lang: Lang) -> String {
    say!(
        lang,
        "L’enregistrement à publier\u{a0}:\n{line}",
        "The record to publish:\n{line}",
        line = dkim.zone_line()
    )
}

fn published(dkim: &Dkim, domain: &str, said: Said<String>, lang: Lang) -> Finding {
    let name = dkim.name();
    let records = match said {
        Said::Is(records) => records,
        Said::Nothing => {
            return Finding::wrong(
                say!(
                    lang,
                    "DKIM\u{a0}: rien n’est publié à {name}, nos signatures ne valent rien.",
                    "DKIM: nothing is published at {name}, our signatures are worth nothing.",
                    name = name
                ),
                publish(dkim, lang),
            );
        }
        Said::CouldNotAsk(error) => {
            let finding = not_asked("DKIM", &error, &format!("dig +short TXT {name}"), lang);
            return Finding {
                then: finding.then.map(|then| format!("{then}\n{}", publish(dkim, lang))),
                ..finding
            };
        }
    };
    if !records.iter().any(|record| key_of(record) == key_of(&dkim.record())) {
        return Finding::wrong(
            say!(
                lang,
                "DKIM\u{a0}: la clé publiée à {name} n’est pas la nôtre.",
                "DKIM: the key published at {name} is not ours.",
                name = name
            ),
            publish(dkim, lang),
        );
    }
    let what = say!(
        lang,
        "DKIM\u{a0}: la clé publiée à {name} est la nôtre.",
        "DKIM: the key published at {name} is ours.",
        name = name
    );
    if is_aligned(dkim.domain(), domain) {
        Finding::ok(what).and(publish(dkim, lang))
    } else {
        Finding::warning(
            what,
            say!(
                lang,
                "Mais {signed} n’est pas le domaine de l’expéditeur ({domain})\u{a0}: pour DMARC, cette signature ne compte pas.",
                "But {signed} is not the sender's domain ({domain}): for DMARC this signature does not count.",
                signed = dkim.domain(),
                domain = domain
            ),
        )
    }
}

/// The tag `p` of a key record, without white space.
fn key_of(record: &str) -> Option<String> {
    let tag = record.split(';').find_map(|tag| tag.trim().strip_prefix("p=").map(str::to_owned))?;
    Some(tag.split_whitespace().collect())
}

/// One is the other, or stands below it.
fn is_aligned(signed: &str, from: &str) -> bool {
    let below = |one: &str, other: &str| one.strip_suffix(other).is_some_and(|rest| rest.ends_with('.'));
    signed == from || below(signed, from) || below(from, signed)
}

/// A policy stands at the domain itself, or at its organization's (RFC 7489, section 6.6.3).
async fn above(dns: &Dns, domain: &str, said: Said<String>) -> Said<String> {
    let mut said = said;
    let mut rest = domain;
    while said == Said::Nothing {
        match rest.split_once('.') {
            Some((_, parent)) if parent.contains('.') => rest = parent,
            Some(_) | None => return said,
        }
        said = dns.texts(&format!("_dmarc.{rest}")).await;
    }
    said
}

fn dmarc(domain: &str, said: Said<String>, lang: Lang) -> Finding {
    let texts = match said {
        Said::Is(texts) => texts,
        Said::Nothing => Vec::new(),
        Said::CouldNotAsk(error) => {
            return not_asked("DMARC", &error, &format!("dig +short TXT _dmarc.{domain}"), lang);
        }
    };
    match texts.iter().find(|text| text.trim_start().starts_with("v=DMARC1")) {
        Some(record) => Finding::ok(say!(
            lang,
            "DMARC\u{a0}: «\u{a0}{record}\u{a0}».",
            "DMARC: \"{record}\".",
            record = record
        )),
        None => Finding::warning(
            say!(
                lang,
                "DMARC\u{a0}: {domain} n’a pas de politique\u{a0}; Gmail et Yahoo en demandent une.",
                "DMARC: {domain} has no policy; Gmail and Yahoo ask for one.",
                domain = domain
            ),
            say!(
                lang,
                "Publiez à _dmarc.{domain}\u{a0}: «\u{a0}v=DMARC1; p=none; rua=mailto:postmaster@{domain}\u{a0}».",
                "Publish at _dmarc.{domain}: \"v=DMARC1; p=none; rua=mailto:postmaster@{domain}\".",
                domain = domain
            ),
        ),
    }
}

/// The names that the relay's addresses go by, and whether these names lead back.
async fn reverse(dns: &Dns, relay: &Relay, lang: Lang) -> Finding {
    let host = relay.host.as_str();
    let by_hand = format!("dig +short -x $(dig +short {host} | head -1)");
    if relay.is_on_this_machine() {
        return Finding::warning(
            say!(
                lang,
                "PTR\u{a0}: le relais est sur cette machine, son adresse publique n’est pas connue d’ici.",
                "PTR: the relay is on this machine, and its public address is not known from here."
            ),
            say!(
                lang,
                "À voir à la main\u{a0}: dig +short -x ADRESSE",
                "Look by hand: dig +short -x ADDRESS"
            ),
        );
    }
    let addresses = match host.parse::<IpAddr>() {
        Ok(ip) => Said::Is(vec![ip]),
        Err(_) => dns.addresses(host).await,
    };
    let ip = match addresses {
        Said::Is(addresses) => match addresses.first() {
            Some(ip) => *ip,
            None => return not_asked("PTR", host, &by_hand, lang),
        },
        Said::Nothing => {
            return Finding::wrong(
                say!(
                    lang,
                    "PTR\u{a0}: le nom {host} n’existe pas.",
                    "PTR: there is no name {host}.",
                    host = host
                ),
                say!(lang, "Corrigez l’hôte de MENSUEL_SMTP_URL.", "Correct the host of MENSUEL_SMTP_URL."),
            );
        }
        Said::CouldNotAsk(error) => return not_asked("PTR", &error, &by_hand, lang),
    };
    let names = match dns.names(ip).await {
        Said::Is(names) => names,
        Said::Nothing => Vec::new(),
        Said::CouldNotAsk(error) => return not_asked("PTR", &error, &by_hand, lang),
    };
    for name in &names {
        if let Said::Is(back) = dns.addresses(name).await
            && back.contains(&ip)
        {
            return Finding::ok(say!(
                lang,
                "PTR\u{a0}: {ip} s’appelle {name}, et {name} y mène.",
                "PTR: {ip} goes by {name}, which leads back to it.",
                ip = ip,
                name = name
            ));
        }
    }
    Finding::warning(
        say!(
            lang,
            "PTR\u{a0}: {ip} ne porte pas de nom qui y ramène.",
            "PTR: {ip} goes by no name that leads back to it.",
            ip = ip
        ),
        say!(
            lang,
            "Si ce serveur envoie lui-même vers les destinataires, demandez cet enregistrement à son hébergeur\u{a0}; si un autre envoie pour lui, c’est le sien qui compte.",
            "If this server itself sends to the receivers, ask its host for that record; if another one sends for it, that one's counts."
        ),
    )
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
        let dmarc = |said| dmarc("soie.example", said, Lang::Fr).state;
        assert_eq!(dmarc(is(&["v=DMARC1; p=none"])), State::Ok);
        assert_eq!(dmarc(is(&["v=spf1 -all"])), State::Warning);
        assert_eq!(mx("soie.example", is(&["."]), Lang::Fr).state, State::Warning);
        let silent = mx("soie.example", Said::CouldNotAsk("no network".to_owned()), Lang::En);
        assert_eq!(silent.state, State::Warning);
        assert!(silent.then.unwrap().contains("dig +short MX soie.example"));
    }

    #[test]
    fn a_signature_counts_for_its_domain_and_those_around_it() {
        assert!(is_aligned("soie.example", "soie.example"));
        assert!(
            is_aligned("soie.example", "mail.soie.example")
                && is_aligned("mail.soie.example", "soie.example")
        );
        assert!(!is_aligned("oie.example", "soie.example") && !is_aligned("relay.example", "soie.example"));
        assert_eq!(key_of("v=DKIM1; k=rsa; p=AB CD").as_deref(), Some("ABCD"));
    }
}
