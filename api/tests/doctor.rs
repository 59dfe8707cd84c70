//! The doctor before a relay and a DNS that are well, and before some that are not.

use std::{
    collections::BTreeMap, fs::Permissions, net::SocketAddr, os::unix::fs::PermissionsExt as _,
    process::Command, sync::Arc, time::Instant,
};

use mensuel::{
    config::{self, Config},
    doctor::{self, Finding, State, Visit},
    serve::{self, Base},
};
use mensuel_domain::{lang::Lang, text::Email};
use mensuel_infra::{
    clock::{FakeClock, SystemClock},
    store::Store,
};
use sea_orm::ConnectionTrait as _;
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader},
    net::{TcpListener, UdpSocket},
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        pki_types::{PrivateKeyDer, pem::PemObject},
    },
};

/// A relay that takes mail from `zoe:p:ss`, with STARTTLS when it has a certificate.
#[derive(Clone, Default)]
struct Script {
    tls: Option<TlsAcceptor>,
    from: Option<&'static str>,
    /// Takes the sender that it knows, without anything behind a `+`.
    one_sender: bool,
}

async fn relay(script: Script) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((tcp, _)) = listener.accept().await {
            let script = script.clone();
            tokio::spawn(async move {
                if let Some(tcp) = talk(tcp, &script, true).await
                    && let Some(tls) = &script.tls
                    && let Ok(stream) = tls.accept(tcp).await
                {
                    talk(stream, &script, false).await;
                }
            });
        }
    });
    port
}

/// Gives the stream back after STARTTLS.
async fn talk<S: AsyncRead + AsyncWrite + Unpin>(stream: S, script: &Script, bare: bool) -> Option<S> {
    let mut stream = BufReader::new(stream);
    if bare {
        stream.write_all(b"220 relay.example ready\r\n").await.ok()?;
    }
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        let verb = line.split([' ', '\r', ':']).next().unwrap_or_default().to_uppercase();
        let reply = match verb.as_str() {
            "EHLO" if bare && script.tls.is_some() => {
                "250-relay.example\r\n250-AUTH PLAIN\r\n250 STARTTLS\r\n"
            }
            "EHLO" => "250-relay.example\r\n250 AUTH PLAIN\r\n",
            "STARTTLS" => {
                stream.write_all(b"220 go ahead\r\n").await.ok()?;
                return Some(stream.into_inner());
            }
            "AUTH" if line.contains("AHpvZQBwOnNz") => "235 2.7.0 in\r\n",
            "AUTH" => "535 5.7.8 no\r\n",
            "MAIL" if script.one_sender && line.contains("+b-") => "553 5.7.1 not owned by user\r\n",
            "MAIL" => script.from.unwrap_or("250 2.1.0 ok\r\n"),
            "DATA" => {
                stream.write_all(b"354 go on\r\n").await.ok()?;
                let mut text = String::new();
                while text != ".\r\n" {
                    text.clear();
                    stream.read_line(&mut text).await.ok()?;
                }
                "250 2.0.0 queued as A1\r\n"
            }
            _ => "250 2.0.0 ok\r\n",
        };
        stream.write_all(reply.as_bytes()).await.ok()?;
    }
}

/// A certificate for `localhost`, and the file of its authority.
fn certificate(folder: &TempDir) -> (TlsAcceptor, String) {
    let own = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let ca = folder.path().join("ca.pem");
    std::fs::write(&ca, own.cert.pem()).unwrap();
    let key = PrivateKeyDer::from_pem_slice(own.key_pair.serialize_pem().as_bytes()).unwrap();
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![own.cert.der().clone()], key)
        .unwrap();
    (TlsAcceptor::from(Arc::new(config)), ca.display().to_string())
}

/// Answers by name and type (RFC 1035); what it does not know does not exist.
async fn dns(records: &[(&str, u16, Vec<u8>)]) -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    let mut known: BTreeMap<(String, u16), Vec<Vec<u8>>> = BTreeMap::new();
    for (name, kind, data) in records {
        known.entry(((*name).to_owned(), *kind)).or_default().push(data.clone());
    }
    tokio::spawn(async move {
        let mut buffer = [0; 1500];
        while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
            let _ = socket.send_to(&reply(&buffer[..length], &known), from).await;
        }
    });
    address
}

fn reply(query: &[u8], known: &BTreeMap<(String, u16), Vec<Vec<u8>>>) -> Vec<u8> {
    let (mut labels, mut at) = (Vec::new(), 12);
    while query[at] != 0 {
        let end = at + 1 + usize::from(query[at]);
        labels.push(String::from_utf8_lossy(&query[at + 1..end]).to_lowercase());
        at = end;
    }
    let kind = u16::from_be_bytes([query[at + 1], query[at + 2]]);
    let found = known.get(&(labels.join("."), kind)).cloned().unwrap_or_default();
    let code = if found.is_empty() { 3 } else { 0 };
    let mut out = query[..2].to_vec();
    out.extend([0x81, 0x80 | code, 0, 1, 0, found.len() as u8, 0, 0, 0, 0]);
    out.extend(&query[12..at + 5]);
    for data in found {
        out.extend([0xc0, 12]);
        out.extend(kind.to_be_bytes());
        out.extend([0, 1, 0, 0, 0, 60]);
        out.extend((data.len() as u16).to_be_bytes());
        out.extend(data);
    }
    out
}

const A: u16 = 1;
const PTR: u16 = 12;
const TXT: u16 = 16;

fn txt(text: &str) -> Vec<u8> {
    text.as_bytes().chunks(255).flat_map(|piece| [&[piece.len() as u8], piece].concat()).collect()
}

fn name(host: &str) -> Vec<u8> {
    let labels = host.split('.').flat_map(|label| [&[label.len() as u8], label.as_bytes()].concat());
    labels.chain([0]).collect()
}

fn mx(host: &str) -> Vec<u8> {
    [vec![0, 10], name(host)].concat()
}

fn key(name: &str) -> String {
    format!("{}/../tests/data/dkim/{name}", env!("CARGO_MANIFEST_DIR"))
}

fn configured(folder: &TempDir, smtp: &str) -> Config {
    configured_with(folder, smtp, &[])
}

fn configured_with(folder: &TempDir, smtp: &str, more: &[(&str, &str)]) -> Config {
    let data = folder.path().join("data").display().to_string();
    let pem = key("rsa.pem");
    let all = [
        ("MENSUEL_DATA_DIR", data.as_str()),
        ("MENSUEL_SMTP_URL", smtp),
        ("MENSUEL_MAIL_FROM", "bonjour@soie.example"),
        ("MENSUEL_BASE_URL", "https://soirees.soie.example"),
        ("MENSUEL_COMMUNITY", "Les soirées"),
        ("MENSUEL_DKIM_DOMAIN", "soie.example"),
        ("MENSUEL_DKIM_SELECTOR", "rsa"),
        ("MENSUEL_DKIM_KEY_FILE", pem.as_str()),
    ];
    let all =
        all.into_iter().chain(more.iter().copied()).map(|(name, value)| (name.to_owned(), value.to_owned()));
    Config::load(None, all).unwrap_or_else(|mistakes| panic!("{}", config::list(&mistakes, Lang::En)))
}

async fn visit(config: &Config, resolver: SocketAddr, mail: Option<&str>, lang: Lang) -> Vec<Finding> {
    let clock = FakeClock::at("2026-12-01T09:00:00Z".parse().unwrap());
    let mail = mail.map(|mail| Email::parse(mail).unwrap());
    doctor::examine(config, &clock, &Visit { lang, mail, resolver: Some(resolver) }).await
}

fn line<'a>(findings: &'a [Finding], word: &str) -> &'a Finding {
    findings.iter().find(|one| one.what.contains(word)).unwrap_or_else(|| panic!("{word}: {findings:#?}"))
}

fn wrong(findings: &[Finding]) -> Vec<&str> {
    findings.iter().filter(|one| one.state == State::Wrong).map(|one| one.what.as_str()).collect()
}

async fn good_names() -> SocketAddr {
    let record = std::fs::read_to_string(key("rsa.txt")).unwrap();
    dns(&[
        ("soie.example", 15, mx("mx.soie.example")),
        ("soie.example", TXT, txt("v=spf1 mx -all")),
        ("rsa._domainkey.soie.example", TXT, txt(&record)),
        ("_dmarc.soie.example", TXT, txt("v=DMARC1; p=none")),
    ])
    .await
}

#[tokio::test]
async fn a_relay_and_records_that_are_well() {
    let folder = tempfile::tempdir().unwrap();
    let (tls, ca) = certificate(&folder);
    let port = relay(Script { tls: Some(tls), ..Script::default() }).await;
    let smtp = format!("smtp+starttls://zoe:p%3Ass@localhost:{port}?ca={ca}");
    let config = configured(&folder, &smtp);
    for lang in Lang::ALL {
        let findings = visit(&config, good_names().await, Some("zoe@lyon.example"), lang).await;
        assert_eq!(wrong(&findings), Vec::<&str>::new(), "{findings:#?}");
        for word in ["STARTTLS", "EHLO", "MX", "SPF", "DKIM", "DMARC", "queued as A1"] {
            assert_eq!(line(&findings, word).state, State::Ok, "{word}");
        }
        let dkim = line(&findings, "DKIM").then.clone().unwrap();
        assert!(dkim.contains("rsa._domainkey.soie.example. IN TXT ( \"v=DKIM1; k=rsa; p="), "{dkim}");
    }
    let findings = visit(&config, good_names().await, None, Lang::En).await;
    assert!(findings.iter().all(|one| !one.what.contains("Test mail")), "nothing is sent unasked");
    assert!(!folder.path().join("data").exists(), "it changes nothing");
}

#[tokio::test]
async fn each_relay_that_is_not_well_is_said_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let (tls, ca) = certificate(&folder);
    let with_tls = || Script { tls: Some(tls.clone()), ..Script::default() };
    let refused = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let plain = relay(Script::default()).await;
    let (one, two) = (relay(with_tls()).await, relay(with_tls()).await);
    let from = relay(Script { from: Some("553 5.7.1 not your address\r\n"), ..Script::default() }).await;
    let cases = [
        (format!("smtp+starttls://zoe:p%3Ass@localhost:{plain}"), "STARTTLS", "smtps://"),
        (format!("smtp+starttls://zoe:p%3Ass@localhost:{one}"), "certificate", "?ca="),
        (format!("smtp+starttls://zoe:wrong@localhost:{two}?ca={ca}"), "535", "password"),
        (format!("smtp://localhost:{refused}"), "at the connection", "465"),
        (format!("smtp://localhost:{from}"), "553", "MENSUEL_MAIL_FROM"),
    ];
    for (smtp, what, then) in cases {
        let config = configured(&folder, &smtp);
        let findings = visit(&config, good_names().await, Some("zoe@lyon.example"), Lang::En).await;
        let bad: Vec<&Finding> = findings.iter().filter(|one| one.state == State::Wrong).collect();
        assert_eq!(bad.len(), 2, "the step, and the test mail: {smtp} {findings:#?}");
        assert!(bad[0].what.contains(what), "{smtp}: {}", bad[0].what);
        assert!(bad[0].then.as_ref().unwrap().contains(then), "{smtp}: {:?}", bad[0].then);
        assert!(bad[1].what.contains("Test mail: not sent"), "{:?}", bad[1]);
        assert!(!format!("{findings:?}").contains("p:ss"), "no password is shown");
    }
}

#[tokio::test]
async fn a_relay_that_takes_one_sender_only_is_said_once_mail_leaves_with_others() {
    let folder = tempfile::tempdir().unwrap();
    let one = relay(Script { one_sender: true, ..Script::default() }).await;
    let any = relay(Script::default()).await;
    let reads = [("MENSUEL_INBOUND_MAIL", "on")];
    let seen = async |port: u16, more: &[(&str, &str)], lang: Lang| {
        let config = configured_with(&folder, &format!("smtp://localhost:{port}"), more);
        visit(&config, good_names().await, Some("zoe@lyon.example"), lang).await
    };
    let findings = seen(one, &reads, Lang::En).await;
    let bad: Vec<&Finding> = findings.iter().filter(|one| one.state == State::Wrong).collect();
    let [sender, test_mail] = bad.as_slice() else { panic!("{findings:#?}") };
    assert!(sender.what.contains("bonjour+…@soie.example") && sender.what.contains("553"), "{sender:?}");
    assert!(sender.then.as_ref().unwrap().contains("MENSUEL_INBOUND_MAIL=off"), "{sender:?}");
    assert!(test_mail.what.contains("Test mail: not sent"), "as every mail would not be: {test_mail:?}");
    assert_eq!(line(&findings, "the sender's address is accepted").state, State::Ok);

    // Without mail that comes in none leaves with it; and most relays take it.
    assert_eq!(wrong(&seen(one, &[], Lang::En).await), Vec::<&str>::new());
    let findings = seen(any, &reads, Lang::Fr).await;
    assert_eq!(wrong(&findings), Vec::<&str>::new());
    assert_eq!(line(&findings, "l’adresse de retour bonjour+…@soie.example est acceptée").state, State::Ok);
    assert!(!folder.path().join("data").exists(), "it makes no keys");
}

#[tokio::test]
async fn what_mensuel_itself_says_of_a_relay_is_in_french() {
    let folder = tempfile::tempdir().unwrap();
    let plain = relay(Script::default()).await;
    let config = configured(&folder, &format!("smtp+starttls://zoe:p%3Ass@localhost:{plain}"));
    let findings = visit(&config, good_names().await, None, Lang::Fr).await;
    let said = "le relais n’offre pas STARTTLS, et rien n’est envoyé sans lui";
    assert!(wrong(&findings)[0].contains(said), "{findings:#?}");
}

#[tokio::test]
async fn a_record_that_lets_nobody_send_is_wrong_and_a_domain_without_mx_takes_mail_itself() {
    let folder = tempfile::tempdir().unwrap();
    let config = configured(&folder, &format!("smtp://localhost:{}", relay(Script::default()).await));
    let parked = dns(&[
        ("soie.example", TXT, txt("v=spf1 -all")),
        ("soie.example", A, vec![192, 0, 2, 7]),
        ("_dmarc.soie.example", TXT, txt("v=DMARC1; p=none")),
        ("_dmarc.soie.example", TXT, txt("v=DMARC1; p=reject")),
    ])
    .await;
    let findings = visit(&config, parked, None, Lang::En).await;
    assert_eq!(line(&findings, "SPF").state, State::Wrong);
    assert!(line(&findings, "SPF").what.contains("lets nobody send"));
    assert!(line(&findings, "MX").what.contains("(192.0.2.7)"), "{:?}", line(&findings, "MX"));
    assert_eq!(line(&findings, "DMARC").state, State::Wrong);
}

/// Nobody answers at the addresses of examples (RFC 5737): what is asked of the DNS is asked all the same.
#[tokio::test]
async fn a_relays_name_has_to_lead_there_and_back() {
    let folder = tempfile::tempdir().unwrap();
    let back = "7.2.0.192.in-addr.arpa";
    let relay = |address: Vec<u8>| ("relay.soie.example", A, address);
    for (host, records, state, said) in [
        (
            "192.0.2.7",
            vec![(back, PTR, name("relay.soie.example")), relay(vec![192, 0, 2, 7])],
            State::Ok,
            "relay.soie.example",
        ),
        (
            "192.0.2.7",
            vec![(back, PTR, name("relay.soie.example")), relay(vec![192, 0, 2, 8])],
            State::Warning,
            "192.0.2.7",
        ),
        ("192.0.2.7", vec![], State::Warning, "192.0.2.7"),
        ("nowhere.soie.example", vec![], State::Wrong, "nowhere.soie.example"),
    ] {
        let config = configured(&folder, &format!("smtps://zoe:p@{host}"));
        let findings = visit(&config, dns(&records).await, None, Lang::En).await;
        let last = findings.last().unwrap();
        assert!(last.state == state && last.what.contains(said), "{host} {records:?}: {last:?}");
    }
}

#[tokio::test]
async fn records_that_are_missing_or_wrong_are_said_with_what_to_publish() {
    let folder = tempfile::tempdir().unwrap();
    let config = configured(&folder, &format!("smtp://localhost:{}", relay(Script::default()).await));
    let none = visit(&config, dns(&[]).await, None, Lang::Fr).await;
    assert_eq!(line(&none, "DKIM").state, State::Wrong);
    assert!(line(&none, "DKIM").then.as_ref().unwrap().contains("rsa._domainkey.soie.example. IN TXT"));
    for word in ["MX", "SPF", "DMARC", "PTR"] {
        assert_eq!(line(&none, word).state, State::Warning, "{word}");
    }
    let other = std::fs::read_to_string(key("ed25519.txt")).unwrap();
    let bad = dns(&[
        ("soie.example", TXT, txt("v=spf1 -all")),
        ("soie.example", TXT, txt("v=spf1 mx -all")),
        ("rsa._domainkey.soie.example", TXT, txt(&other)),
    ])
    .await;
    let findings = visit(&config, bad, None, Lang::En).await;
    assert_eq!(wrong(&findings).len(), 2, "{findings:#?}");
    assert!(line(&findings, "SPF").what.contains("2 records"));
    assert!(line(&findings, "DKIM").what.contains("not ours"));
}

/// The service's own data, as it makes them at its first start.
async fn begun(config: &Config) -> Store {
    serve::open(config, Arc::new(SystemClock), Base::NotNeeded).await.expect("it opens").store.clone()
}

#[tokio::test]
async fn what_is_wrong_with_this_machine_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let config = configured(&folder, &format!("smtp://localhost:{}", relay(Script::default()).await));
    let dns = good_names().await;
    let seen = async || visit(&config, dns, None, Lang::En).await;
    let store = begun(&config).await;
    let well = seen().await;
    assert_eq!(wrong(&well), Vec::<&str>::new(), "{well:#?}");
    for word in ["Keys", "Disk", "Database", "Clock", "Public address"] {
        assert_eq!(line(&well, word).state, State::Ok, "{word}");
    }

    let data = folder.path().join("data");
    let (keys, db) = (data.join("keys"), store.for_migrations());
    let readable_by = |mode| std::fs::set_permissions(&keys, Permissions::from_mode(mode)).unwrap();
    readable_by(0o644);
    let findings = seen().await;
    assert_eq!(wrong(&findings).len(), 1, "{findings:#?}");
    assert!(line(&findings, "Keys").what.contains("644"), "{findings:#?}");
    readable_by(0o600);

    let later = "insert into seaql_migrations (version, applied_at) values ('m99990101_000001_later', 0)";
    let behind = "delete from seaql_migrations where version like '%group_messages'";
    let ahead = "update community set changed_at = '2026-12-01T09:05:00+00:00'";
    let paused =
        "update mail_pause set level = 2, since = '2026-12-01T08:00:00+00:00', reason = '550 5.7.1 blocked'";
    for (sql, undone, word, said) in [
        (later, "delete from seaql_migrations where version like 'm9999%'", "Database", "later version"),
        (ahead, "update community set changed_at = '2026-12-01T08:59:00+00:00'", "Clock", "2026-12-01 09:05"),
        (paused, "update mail_pause set level = 0, since = null, reason = null", "5.7.1 blocked", "paused"),
        (behind, "", "Database", "migrate"),
    ] {
        db.execute_unprepared(sql).await.unwrap();
        let findings = seen().await;
        assert_eq!(wrong(&findings).len(), 1, "{sql}: {findings:#?}");
        let finding = findings.iter().find(|one| one.state == State::Wrong).unwrap();
        let all = format!("{} {}", finding.what, finding.then.as_deref().unwrap_or_default());
        assert!(finding.what.contains(word) && all.contains(said), "{sql}: {all}");
        db.execute_unprepared(undone).await.unwrap();
    }
}

/// Sixty changes within a second put the calendars' stamp a minute ahead, and no clock is wrong.
#[tokio::test]
async fn many_changes_at_once_are_no_wrong_clock() {
    let folder = tempfile::tempdir().unwrap();
    let config = configured(&folder, &format!("smtp://localhost:{}", relay(Script::default()).await));
    let store = begun(&config).await;
    let stamp = "update community set changed_at = '2026-12-01T08:59:59+00:00', calendar_changed_at = '2026-12-01T09:05:00+00:00'";
    store.for_migrations().execute_unprepared(stamp).await.unwrap();
    let findings = visit(&config, good_names().await, None, Lang::En).await;
    assert_eq!(wrong(&findings), Vec::<&str>::new(), "{findings:#?}");
}

#[tokio::test]
async fn without_a_network_it_says_so_and_does_not_hang() {
    let folder = tempfile::tempdir().unwrap();
    let config = configured(&folder, &format!("smtp://localhost:{}", relay(Script::default()).await));
    // It takes questions and never answers.
    let silent = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let begun = Instant::now();
    let findings = visit(&config, silent.local_addr().unwrap(), None, Lang::En).await;
    assert!(begun.elapsed().as_secs() < 30, "{:?}", begun.elapsed());
    for word in ["MX", "SPF", "DKIM", "DMARC"] {
        let one = line(&findings, word);
        assert_eq!(one.state, State::Warning, "{one:?}");
        assert!(one.what.contains("could not ask"), "{one:?}");
        assert!(one.then.as_ref().unwrap().contains("dig +short"), "{one:?}");
    }
}

#[test]
fn the_command_ends_with_one_when_something_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let run = |smtp: &str, lang: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mensuel"));
        command.args(["doctor", "--lang", lang, "--resolver", "127.0.0.1:9"]).env_clear();
        command.current_dir(folder.path());
        if !smtp.is_empty() {
            command.env("MENSUEL_SMTP_URL", smtp).env("MENSUEL_MAIL_FROM", "bonjour@soie.example");
        }
        let output = command.output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let (code, said) = run("", "fr");
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("ok") && said.contains("à voir") && said.contains("Relais de courrier"), "{said}");
    let (code, said) = run("smtp://127.0.0.1:9", "en");
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("wrong") && said.contains("MENSUEL_SMTP_URL"), "{said}");
}
