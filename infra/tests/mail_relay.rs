//! Sending, against a relay that follows a script.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use mensuel_domain::text::Email;
use mensuel_infra::mail::relay::{Accepted, Mailer, Patience, Relay, SendError, Step};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader},
    net::TcpListener,
    sync::mpsc,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        pki_types::{PrivateKeyDer, pem::PemObject},
    },
};

/// What the relay does at a step instead of agreeing.
#[derive(Clone, Copy)]
enum Does {
    Says(&'static str),
    /// Hangs up.
    Drops,
    /// Never answers.
    Keeps,
    /// Sends one line that never ends.
    Rambles,
}

#[derive(Clone, Default)]
struct Script {
    greeting: Option<Does>,
    from: Option<Does>,
    recipient: Option<Does>,
    data: Option<Does>,
    dot: Option<Does>,
    /// The misbehaviour is for the first so many mails.
    first: Option<usize>,
    extensions: &'static [&'static str],
    /// Hangs up after each mail, without having been told to.
    closes_after_mail: bool,
    tls: Option<TlsAcceptor>,
    implicit_tls: bool,
}

struct Peer {
    port: u16,
    mails: mpsc::UnboundedReceiver<(String, String)>,
    connections: Arc<AtomicUsize>,
}

async fn peer(script: Script) -> Peer {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (took, mails) = mpsc::unbounded_channel();
    let connections = Arc::new(AtomicUsize::new(0));
    let (counted, mail_count) = (Arc::clone(&connections), Arc::new(AtomicUsize::new(0)));
    tokio::spawn(async move {
        while let Ok((tcp, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::SeqCst);
            let (script, took, mail_count) = (script.clone(), took.clone(), Arc::clone(&mail_count));
            tokio::spawn(async move {
                match script.tls.clone().filter(|_| script.implicit_tls) {
                    Some(tls) => {
                        if let Ok(stream) = tls.accept(tcp).await {
                            talk(stream, script, took, mail_count, true).await;
                        }
                    }
                    None => talk_and_upgrade(tcp, script, took, mail_count).await,
                }
            });
        }
    });
    Peer { port, mails, connections }
}

type Took = mpsc::UnboundedSender<(String, String)>;

async fn talk_and_upgrade(tcp: tokio::net::TcpStream, script: Script, took: Took, count: Arc<AtomicUsize>) {
    if let Some(tcp) = talk(tcp, script.clone(), took.clone(), Arc::clone(&count), true).await
        && let Some(tls) = &script.tls
        && let Ok(stream) = tls.accept(tcp).await
    {
        talk(stream, script, took, count, false).await;
    }
}

/// Speaks until the end; gives the stream back after STARTTLS.
async fn talk<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    script: Script,
    took: Took,
    count: Arc<AtomicUsize>,
    greet: bool,
) -> Option<S> {
    let mut stream = BufReader::new(stream);
    let mut recipient = String::new();
    if greet && !act(&mut stream, script.greeting, "220 peer.example ready\r\n").await {
        return None;
    }
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
            return None;
        }
        let mail = count.load(Ordering::SeqCst);
        let does = |does: Option<Does>| does.filter(|_| script.first.is_none_or(|first| mail < first));
        let verb = line.split([' ', '\r']).next().unwrap_or_default().to_uppercase();
        let agreed = match verb.as_str() {
            "EHLO" => {
                let mut reply = String::from("250-peer.example\r\n");
                script.extensions.iter().for_each(|word| reply += &format!("250-{word}\r\n"));
                act(&mut stream, None, &(reply + "250 8BITMIME\r\n")).await
            }
            "STARTTLS" => {
                act(&mut stream, None, "220 go ahead\r\n").await;
                return Some(stream.into_inner());
            }
            "AUTH" => {
                act(
                    &mut stream,
                    None,
                    if line.contains("AHpvZQBwOnNz") { "235 in\r\n" } else { "535 5.7.8 no\r\n" },
                )
                .await
            }
            "MAIL" => act(&mut stream, does(script.from), "250 2.1.0 ok\r\n").await,
            "RCPT" => {
                recipient = line.trim().to_owned();
                let agreed = act(&mut stream, does(script.recipient), "250 2.1.5 ok\r\n").await;
                if does(script.recipient).is_some() {
                    count.fetch_add(1, Ordering::SeqCst);
                }
                agreed
            }
            "DATA" => {
                if act(&mut stream, does(script.data), "354 go on\r\n").await && does(script.data).is_none() {
                    let mail = content(&mut stream).await;
                    took.send((recipient.clone(), mail)).ok();
                    count.fetch_add(1, Ordering::SeqCst);
                    act(&mut stream, does(script.dot), "250 2.0.0 queued as A1\r\n").await
                        && !script.closes_after_mail
                } else {
                    true
                }
            }
            "RSET" => act(&mut stream, None, "250 reset\r\n").await,
            _ => act(&mut stream, None, "250 ok\r\n").await,
        };
        if !agreed {
            return None;
        }
    }
}

async fn act<S: AsyncWrite + Unpin>(stream: &mut S, does: Option<Does>, otherwise: &str) -> bool {
    match does {
        None => stream.write_all(otherwise.as_bytes()).await.is_ok(),
        Some(Does::Says(line)) => stream.write_all(line.as_bytes()).await.is_ok(),
        Some(Does::Drops) => false,
        Some(Does::Keeps) => std::future::pending().await,
        Some(Does::Rambles) => loop {
            if stream.write_all(&[b'2'; 4096]).await.is_err() {
                return false;
            }
        },
    }
}

async fn content<S: AsyncRead + Unpin>(stream: &mut BufReader<S>) -> String {
    let mut mail = String::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.unwrap_or(0) == 0 || line == ".\r\n" {
            return mail;
        }
        mail += line.strip_prefix('.').unwrap_or(&line);
    }
}

fn short() -> Patience {
    Patience {
        to_data: Duration::from_millis(700),
        after_dot: Duration::from_millis(1_200),
        ..Patience::default()
    }
}

fn mailer(url: &str) -> Mailer {
    Mailer::smtp(Relay::parse(url).unwrap(), short()).unwrap()
}

async fn send(mailer: &Mailer) -> Result<Accepted, SendError> {
    let (from, to) = (Email::parse("b-1@lyon.example").unwrap(), Email::parse("zoe@soie.example").unwrap());
    mailer.send(&from, &to, b"Subject: x\r\n\r\n.dotted\r\nend\r\n").await
}

/// One mail to a relay with this script.
async fn outcome(script: Script) -> Result<Accepted, SendError> {
    let peer = peer(script).await;
    send(&mailer(&format!("smtp://127.0.0.1:{}", peer.port))).await
}

#[tokio::test]
async fn a_mail_arrives_and_the_connection_is_used_again() {
    let mut peer = peer(Script::default()).await;
    let mailer = mailer(&format!("smtp://localhost:{}", peer.port));
    let begin = Instant::now();
    for _ in 0..20 {
        assert_eq!(send(&mailer).await, Ok(Accepted::Relay { words: "2.0.0 queued as A1".into() }));
    }
    // With the delay of TCP each would take 44 ms.
    assert!(begin.elapsed() < Duration::from_millis(800), "{:?}", begin.elapsed());
    let (recipient, mail) = peer.mails.recv().await.unwrap();
    assert_eq!(recipient, "RCPT TO:<zoe@soie.example>");
    assert!(mail.starts_with("Subject: x\r\n\r\n.dotted\r\nend\r\n"), "{mail}");
    assert_eq!(peer.connections.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn many_at_once_share_four_connections() {
    let peer = peer(Script::default()).await;
    let mailer = Arc::new(mailer(&format!("smtp://127.0.0.1:{}", peer.port)));
    let sending: Vec<_> =
        (0..40).map(|_| Arc::clone(&mailer)).map(|m| tokio::spawn(async move { send(&m).await })).collect();
    for one in sending {
        assert!(one.await.unwrap().is_ok());
    }
    assert!(peer.connections.load(Ordering::SeqCst) <= 4);
}

#[tokio::test]
async fn a_refused_recipient_is_permanent_and_the_connection_stays() {
    let script = Script {
        recipient: Some(Does::Says(
            "550-5.1.1 <zoe@soie.example>:\r\n550 5.1.1 unknown, see https://x.example/why\r\n",
        )),
        first: Some(1),
        ..Script::default()
    };
    let peer = peer(script).await;
    let mailer = mailer(&format!("smtp://127.0.0.1:{}", peer.port));
    let Err(SendError::Permanent(reply)) = send(&mailer).await else { panic!("it was refused") };
    assert_eq!((reply.step, reply.code, reply.enhanced), (Step::Recipient, 550, Some((5, 1, 1))));
    assert_eq!(reply.words, "(address) unknown, see (link)");
    assert!(send(&mailer).await.is_ok());
    assert_eq!(peer.connections.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn refusals_are_told_apart_by_step_and_code() {
    let says = |line| Some(Does::Says(line));
    let cases = [
        (Script { greeting: says("421 4.3.2 busy\r\n"), ..Script::default() }, Step::Hello, 421),
        (Script { from: says("452 4.3.1 full\r\n"), ..Script::default() }, Step::From, 452),
        (Script { data: says("451 4.7.1 later\r\n"), ..Script::default() }, Step::Data, 451),
        (Script { dot: says("450 not now\r\n"), ..Script::default() }, Step::Content, 450),
    ];
    for (script, step, code) in cases {
        let Err(SendError::Temporary(reply)) = outcome(script).await else { panic!("{step} is temporary") };
        assert_eq!((reply.step, reply.code), (step, code));
    }
    let refused = outcome(Script { dot: says("554 5.7.1 spam\r\n"), ..Script::default() }).await;
    assert!(
        matches!(refused, Err(SendError::Permanent(reply)) if reply.step == Step::Content && reply.enhanced == Some((5, 7, 1)))
    );
}

#[tokio::test]
async fn a_yes_of_the_wrong_kind_is_none() {
    let script = Script { data: Some(Does::Says("250 ok\r\n")), ..Script::default() };
    assert!(matches!(outcome(script).await, Err(SendError::Connection { step: Step::Data, .. })));
    let script = Script { dot: Some(Does::Says("354 more\r\n")), ..Script::default() };
    assert!(matches!(outcome(script).await, Err(SendError::Uncertain { .. })));
}

#[tokio::test]
async fn after_the_final_dot_nothing_is_certain() {
    for does in [Does::Drops, Does::Says("nonsense\r\n"), Does::Rambles, Does::Keeps] {
        let error = outcome(Script { dot: Some(does), ..Script::default() }).await;
        assert!(matches!(error, Err(SendError::Uncertain { .. })), "{error:?}");
    }
}

#[tokio::test]
async fn before_it_a_broken_connection_is_certain() {
    let cases = [
        (Script { greeting: Some(Does::Drops), ..Script::default() }, Step::Hello),
        (Script { greeting: Some(Does::Rambles), ..Script::default() }, Step::Hello),
        (Script { from: Some(Does::Says("?\r\n")), ..Script::default() }, Step::From),
        (Script { recipient: Some(Does::Drops), ..Script::default() }, Step::Recipient),
        (Script { data: Some(Does::Rambles), ..Script::default() }, Step::Data),
    ];
    for (script, at) in cases {
        let error = outcome(script).await;
        assert!(matches!(error, Err(SendError::Connection { step, .. }) if step == at), "{at}: {error:?}");
    }
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let error = send(&mailer(&format!("smtp://127.0.0.1:{nobody}"))).await;
    assert!(matches!(error, Err(SendError::Connection { step: Step::Connect, .. })), "{error:?}");
}

#[tokio::test]
async fn silence_ends_with_the_time_of_the_attempt() {
    let keeps = Some(Does::Keeps);
    let cases = [
        (Script { greeting: keeps, ..Script::default() }, Step::Hello),
        (Script { from: keeps, ..Script::default() }, Step::From),
        (Script { recipient: keeps, ..Script::default() }, Step::Recipient),
        (Script { data: keeps, ..Script::default() }, Step::Data),
    ];
    for (script, step) in cases {
        let begin = Instant::now();
        assert_eq!(outcome(script).await, Err(SendError::Timeout { step }));
        assert!(begin.elapsed() < Duration::from_millis(1_100), "{:?}", begin.elapsed());
    }
}

#[tokio::test]
async fn a_relay_silent_with_some_mails_does_not_stop_the_others() {
    let mut peer = peer(Script { dot: Some(Does::Keeps), first: Some(4), ..Script::default() }).await;
    let mailer = Arc::new(mailer(&format!("smtp://127.0.0.1:{}", peer.port)));
    let stuck: Vec<_> =
        (0..4).map(|_| Arc::clone(&mailer)).map(|m| tokio::spawn(async move { send(&m).await })).collect();
    for _ in 0..4 {
        peer.mails.recv().await.expect("a mail that gets no answer");
    }
    assert!(send(&mailer).await.is_ok());
    assert!(stuck.iter().all(|one| !one.is_finished()), "the others went on while four were waiting");
    for one in stuck {
        assert!(matches!(one.await.unwrap(), Err(SendError::Uncertain { .. })));
    }
}

#[tokio::test]
async fn a_connection_that_the_relay_closed_meanwhile_is_replaced() {
    let mut peer = peer(Script { closes_after_mail: true, ..Script::default() }).await;
    let mailer = mailer(&format!("smtp://127.0.0.1:{}", peer.port));
    for _ in 0..3 {
        assert!(send(&mailer).await.is_ok());
        peer.mails.recv().await.unwrap();
    }
    assert_eq!(peer.connections.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn without_starttls_nothing_is_said_in_the_clear() {
    let mut peer = peer(Script { extensions: &["AUTH PLAIN"], ..Script::default() }).await;
    let error = send(&mailer(&format!("smtp+starttls://zoe:p%3Ass@localhost:{}", peer.port))).await;
    assert!(matches!(error, Err(SendError::Connection { step: Step::StartTls, .. })), "{error:?}");
    assert!(peer.mails.try_recv().is_err());
}

#[tokio::test]
async fn starttls_and_tls_need_a_certificate_that_is_trusted() {
    let folder = tempfile::tempdir().unwrap();
    let ca = folder.path().join("ca.pem");
    let own = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    std::fs::write(&ca, own.cert.pem()).unwrap();
    let key = PrivateKeyDer::from_pem_slice(own.key_pair.serialize_pem().as_bytes()).unwrap();
    let config =
        ServerConfig::builder_with_provider(Arc::new(tokio_rustls::rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![own.cert.der().clone()], key)
            .unwrap();
    let tls = Some(TlsAcceptor::from(Arc::new(config)));
    for (scheme, implicit_tls, step) in
        [("smtps", true, Step::Connect), ("smtp+starttls", false, Step::StartTls)]
    {
        let extensions: &[&str] =
            if implicit_tls { &["AUTH PLAIN LOGIN"] } else { &["STARTTLS", "AUTH PLAIN LOGIN"] };
        let mut peer = peer(Script { tls: tls.clone(), implicit_tls, extensions, ..Script::default() }).await;
        let at = format!("@localhost:{}", peer.port);
        let unknown = send(&mailer(&format!("{scheme}://zoe:p%3Ass{at}"))).await;
        assert!(matches!(&unknown, Err(SendError::Connection { step: s, .. }) if *s == step), "{unknown:?}");
        let query = format!("?ca={}", ca.display());
        let wrong = send(&mailer(&format!("{scheme}://zoe:other{at}{query}"))).await;
        assert!(
            matches!(&wrong, Err(SendError::Permanent(reply)) if reply.step == Step::SignIn),
            "{wrong:?}"
        );
        let sent = send(&mailer(&format!("{scheme}://zoe:p%3Ass{at}{query}"))).await;
        assert!(sent.is_ok(), "{scheme}: {sent:?}");
        assert!(peer.mails.recv().await.is_some());
    }
}

#[tokio::test]
async fn a_relay_that_wants_no_sign_in_where_one_is_configured_is_told() {
    let peer = peer(Script::default()).await;
    let error = send(&mailer(&format!("smtp://zoe:p%3Ass@127.0.0.1:{}", peer.port))).await;
    assert!(matches!(error, Err(SendError::Connection { step: Step::SignIn, .. })), "{error:?}");
}

#[tokio::test]
async fn files_are_numbered_whole_and_private() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path().join("mails");
    let mut names = Vec::new();
    for _ in 0..2 {
        let mailer = Mailer::files(directory.clone()).unwrap();
        for _ in 0..2 {
            let Ok(Accepted::File { path }) = send(&mailer).await else { panic!("a file was written") };
            assert_eq!(std::fs::read(&path).unwrap(), b"Subject: x\r\n\r\n.dotted\r\nend\r\n");
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
            names.push(path.file_name().unwrap().to_string_lossy().into_owned());
        }
    }
    assert_eq!(names, ["0001-zoe.eml", "0002-zoe.eml", "0003-zoe.eml", "0004-zoe.eml"]);
    assert_eq!(std::fs::read_dir(&directory).unwrap().count(), 4);
}

#[tokio::test]
async fn a_full_or_missing_directory_is_an_error_that_can_be_tried_again() {
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path().join("mails");
    let mailer = Mailer::files(directory.clone()).unwrap();
    std::fs::remove_dir(&directory).unwrap();
    assert!(matches!(send(&mailer).await, Err(SendError::Connection { step: Step::Content, .. })));
    std::fs::create_dir(&directory).unwrap();
    assert!(send(&mailer).await.is_ok());
}
