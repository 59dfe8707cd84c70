//! Signatures of ours. That they verify is for `tests/readers` to say, which reads every mail of these
//! tests; here is what it reads with, and what is refused.

use mensuel::config::{self, Config};
use mensuel_tests::{TestApp, app::dkim_key, mailbox::ReceivedMail};
use serde_json::json;

use crate::{asserts::people, events::discussion};

fn settings(pairs: &[(&str, &str)]) -> Result<Config, String> {
    let all = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Config::load(None, all).map_err(|mistakes| config::list(&mistakes, mensuel_domain::lang::Lang::En))
}

fn with_key(key: &str) -> Result<Config, String> {
    let key = dkim_key(key);
    settings(&[
        ("MENSUEL_DKIM_DOMAIN", "Soirees.example"),
        ("MENSUEL_DKIM_SELECTOR", "essai"),
        ("MENSUEL_DKIM_KEY_FILE", &key),
    ])
}

#[test]
fn keys_of_each_form_give_the_record_to_publish() {
    for (key, record) in
        [("rsa.pem", "rsa.txt"), ("rsa-pkcs1.pem", "rsa.txt"), ("ed25519.pem", "ed25519.txt")]
    {
        let dkim = with_key(key).unwrap().dkim.unwrap();
        assert_eq!(dkim.name(), "essai._domainkey.soirees.example");
        assert_eq!(dkim.record(), std::fs::read_to_string(dkim_key(record)).unwrap(), "{key}");
        let line = dkim.zone_line();
        assert!(line.split('"').all(|string| string.len() <= 255), "{line}");
        assert_eq!(line.split('"').skip(1).step_by(2).collect::<String>(), dkim.record());
    }
}

#[test]
fn a_key_that_cannot_sign_refuses_to_start_with_a_sentence() {
    for (key, sentence) in [("short.pem", "2048"), ("rsa.txt", "PEM"), ("none.pem", "cannot be read")] {
        let said = with_key(key).unwrap_err();
        assert!(said.contains(sentence) && said.contains("MENSUEL_DKIM_KEY_FILE"), "{key}: {said}");
        assert!(!said.contains("PRIVATE"), "{said}");
    }
    let key = dkim_key("rsa.pem");
    let said = settings(&[("MENSUEL_DKIM_KEY_FILE", &key)]).unwrap_err();
    assert!(said.contains("MENSUEL_DKIM_DOMAIN") && said.contains("MENSUEL_DKIM_SELECTOR"), "{said}");
    for (name, value) in [("MENSUEL_DKIM_DOMAIN", "localhost"), ("MENSUEL_DKIM_SELECTOR", "a_b")] {
        let mut all = vec![
            ("MENSUEL_DKIM_DOMAIN", "soirees.example"),
            ("MENSUEL_DKIM_SELECTOR", "essai"),
            ("MENSUEL_DKIM_KEY_FILE", key.as_str()),
        ];
        all.retain(|(known, _)| *known != name);
        all.push((name, value));
        assert!(settings(&all).unwrap_err().contains(name));
    }
}

/// With a long title of all kinds of letters, so that headers are folded and encoded.
async fn signed_by(key: &str, selector: &str) -> Vec<ReceivedMail> {
    let key = dkim_key(key);
    let app = TestApp::start_with(&[
        ("MENSUEL_DKIM_SELECTOR", selector),
        ("MENSUEL_DKIM_KEY_FILE", &key),
        ("MENSUEL_COMMUNITY", "Les soirées « façade »  de l’œuvre, à Lyon, depuis très longtemps"),
    ])
    .await;
    people(&app, &["Ana"]).await;
    let name = "Éloïse-Bérengère de la Très-Longue-Rivière-aux-Ânes, dite « Zoé »";
    app.member(name, "eloise@membres.example", json!({})).await;
    let title = "Où l’on décide ; ce qu’il en coûte, et ce qu’on n’a jamais osé dire à personne : « ça »";
    let event = discussion(&app, "2027-01-14", json!({ "title": title })).await;
    app.publish(&event, "followers").await;
    app.mails().await
}

#[tokio::test]
async fn every_mail_is_signed_and_no_field_can_be_added() {
    for (key, selector, kind) in
        [("rsa.pem", "rsa", "rsa-sha256"), ("ed25519.pem", "ed25519", "ed25519-sha256")]
    {
        let mails = signed_by(key, selector).await;
        assert_eq!(mails.len(), 3);
        for mail in mails {
            let raw = String::from_utf8(mail.raw.to_vec()).unwrap();
            assert!(raw.starts_with("DKIM-Signature: v=1;"), "{raw}");
            let head = raw.split("\r\n\r\n").next().unwrap().replace("\r\n\t", "").replace("\r\n ", " ");
            let names = head.split(" h=").nth(1).or_else(|| head.split("h=").nth(1)).unwrap();
            let names: Vec<&str> = names.split(';').next().unwrap().split(':').map(str::trim).collect();
            let times = |name: &str| names.iter().filter(|known| **known == name).count();
            assert_eq!((times("from"), times("subject"), times("to")), (2, 2, 1), "{names:?}");
            assert_eq!(times("content-type"), 0);
            assert!(times("list-unsubscribe") == 1 && times("message-id") == 1, "{names:?}");
            assert!(head.contains(kind) && head.contains("c=relaxed/relaxed"), "{head}");
            assert!(raw.lines().all(|line| line.len() <= 78 || !line.starts_with('\t')), "folded");
        }
    }
}
