//! The binary as scripts meet it: what it prints where, and the codes that it ends with.

use std::{
    collections::BTreeSet,
    fs::File,
    io::{BufRead as _, BufReader, Read as _},
    path::Path,
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;

const MENSUEL: &str = env!("CARGO_BIN_EXE_mensuel");

/// A machine on which nothing is set but where the data is.
struct Machine {
    folder: TempDir,
}

impl Machine {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = self.program(MENSUEL);
        command.args(args);
        command
    }

    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(name);
        command
            .env_clear()
            .env("MENSUEL_BIND", "127.0.0.1:0")
            .env("LANG", "en_GB.UTF-8")
            .env("TERM", "xterm")
            .current_dir(self.folder.path())
            .stdin(Stdio::null());
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// What somebody sees who types it at a terminal; it must end well.
    fn typed(&self, args: &str) -> String {
        let line = format!("'{MENSUEL}' {args}");
        let output = self.program("script").args(["-qec", &line, "/dev/null"]).output().unwrap();
        let seen = text(&output.stdout);
        assert!(output.status.success(), "{args}: {seen}");
        seen
    }

    /// With a mail on standard input, as mail servers hand it over.
    fn piped(&self, args: &[&str], mail: &str) -> Output {
        self.file("mail.eml", mail);
        let mail = File::open(self.folder.path().join("mail.eml")).unwrap();
        self.command(args).stdin(mail).output().unwrap()
    }

    fn ends(&self, args: &[&str], code: i32) -> String {
        let output = self.run(args);
        let said = format!("{}{}", text(&output.stdout), text(&output.stderr));
        assert_eq!(output.status.code(), Some(code), "{args:?}: {said}");
        said
    }

    fn file(&self, name: &str, lines: &str) {
        std::fs::write(self.folder.path().join(name), lines).unwrap();
    }

    fn data(&self) -> std::path::PathBuf {
        self.folder.path().join("data")
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn help_says_how_to_begin_and_what_the_codes_mean() {
    let machine = Machine::new();
    let help = machine.ends(&["--help"], 0);
    for said in ["mensuel serve", "organizer", "import", "Exit codes:", "--skip-invalid"] {
        assert!(help.contains(said), "{said}: {help}");
    }
    machine.ends(&[], 2);
    machine.ends(&["publish"], 2);
    assert!(!machine.data().exists(), "looking at the help makes nothing");
}

#[test]
fn a_wrong_setting_is_named_and_nothing_is_started() {
    let machine = Machine::new();
    machine.file("mensuel.toml", "bnid = \"127.0.0.1:1\"\nlanguage = \"de\"\n");
    let said = machine.ends(&["serve"], 2);
    assert!(said.contains("bnid") && said.contains("language"), "{said}");
    assert!(!machine.data().exists());
}

#[test]
fn a_token_belongs_to_an_organizer_and_stands_alone_on_standard_output() {
    let machine = Machine::new();
    let said = machine.ends(&["token", "add", "laptop", "--scope", "admin"], 1);
    assert!(said.contains("mensuel organizer add"), "{said}");
    let said = machine.ends(&["organizer", "add", "zoe.durand@soie.example"], 0);
    assert!(said.contains("Zoe Durand") && said.contains("mensuel token add"), "{said}");
    machine.ends(&["token", "add", "laptop", "--scope", "everything"], 2);
    let made = machine.run(&["token", "add", "laptop", "--scope", "admin"]);
    assert!(made.status.success());
    let token = text(&made.stdout);
    assert!(token.starts_with("mns_") && token.trim().len() == 47 && token.lines().count() == 1, "{token}");
    machine.ends(&["organizer", "add", "ali@soie.example"], 0);
    let said = machine.ends(&["token", "add", "laptop", "--scope", "read"], 1);
    assert!(said.contains("--organizer"), "{said}");
    machine.ends(&["token", "add", "mail server", "--scope", "inbound"], 0);
}

#[test]
fn an_import_reports_each_line_and_is_whole_or_not_at_all() {
    let machine = Machine::new();
    machine.file("right.csv", "name;email\nZoé Durand;zoe@soie.example\nAli;ali@soie.example\n");
    machine.file("wrong.csv", "name,email\nIda,ida@soie.example\nNobody,nowhere\n");
    let said = machine.ends(&["import", "members", "right.csv", "--dry-run"], 0);
    assert!(said.contains("Would be: 2 added") && said.contains("dry run"), "{said}");
    let said = machine.ends(&["import", "members", "right.csv", "--dry-run", "--lang", "fr"], 0);
    assert!(said.contains("Ce serait\u{a0}: 2 ajouts") && said.contains("c’était un essai"), "{said}");
    let said = machine.ends(&["import", "members", "right.csv"], 0);
    assert!(said.contains("Line 2: Zoé Durand <zoe@soie.example> — added"), "{said}");
    let said = machine.ends(&["import", "members", "right.csv"], 0);
    assert!(said.contains("0 added, 0 changed, 2 unchanged, 0 wrong."), "{said}");
    let said = machine.ends(&["import", "members", "wrong.csv"], 3);
    assert!(said.contains("Line 3: wrong:") && said.contains("Nothing was changed"), "{said}");
    let said = machine.ends(&["import", "members", "wrong.csv", "--skip-invalid"], 3);
    assert!(said.contains("1 added") && said.contains("The other lines are in"), "{said}");
    let said = machine.ends(&["import", "members", "wrong.csv", "--skip-invalid", "--lang", "fr"], 3);
    assert!(
        !said.contains("Ce serait") && said.contains("0 ajout, 0 changement, 1 sans changement, 1 erreur."),
        "{said}"
    );
    machine.ends(&["import", "members", "missing.csv"], 1);
    machine.ends(&["import", "events", "right.csv"], 1);
}

#[test]
fn a_long_import_shows_on_a_terminal_how_far_it_is_and_nowhere_else() {
    let machine = Machine::new();
    let members: String = (0..2_000).map(|n| format!("Membre {n},m{n}@foule.example\n")).collect();
    machine.file("members.csv", &format!("name,email\n{members}"));
    let seen = machine.typed("import members members.csv");
    let counted = counted(&seen, "/2000");
    assert!(counted.len() > 2 && counted.iter().all(|n| *n <= 2_000), "{counted:?}");
    assert!(seen.trim_end().ends_with("2000 added, 0 changed, 0 unchanged, 0 wrong."), "{seen}");
    // In a script's log a bar would be noise.
    let said = machine.ends(&["import", "members", "members.csv"], 0);
    assert!(said.contains("2000 unchanged") && !said.contains("/2000"), "{said}");
}

/// The numbers that stand before this.
fn counted(seen: &str, before: &str) -> BTreeSet<u32> {
    let digits = |at: usize| seen[..at].rsplit(|c: char| !c.is_ascii_digit()).next()?.parse().ok();
    seen.match_indices(before).filter_map(|(at, _)| digits(at)).collect()
}

/// A service that is ended however the test ends.
struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Serving {
    fn start(machine: &Machine) -> (Self, Vec<String>) {
        let child = machine.command(&["serve"]).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut serving = Self(child);
        let lines = BufReader::new(serving.0.stdout.take().unwrap()).lines();
        // Where it listens, and three things that are missing, each with its command.
        let said = lines.take(7).map(Result::unwrap).collect();
        (serving, said)
    }

    fn terminate(&mut self) -> (Option<i32>, Duration) {
        let begun = Instant::now();
        let pid = self.0.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        (self.0.wait().unwrap().code(), begun.elapsed())
    }
}

fn get(address: &str, path: &str) -> String {
    get_with(address, path, "")
}

/// With more lines in the head of the request, each with its end.
fn get_with(address: &str, path: &str, head: &str) -> String {
    use std::io::Write as _;
    let mut peer = std::net::TcpStream::connect(address).unwrap();
    write!(peer, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{head}\r\n").unwrap();
    let mut answer = String::new();
    peer.read_to_string(&mut answer).unwrap();
    answer
}

fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn it_serves_with_nothing_configured_and_says_what_is_missing() {
    let machine = Machine::new();
    let (mut serving, said) = Serving::start(&machine);
    let address = said[0].strip_prefix("Listening on http://").unwrap();
    let all = said.join("\n");
    for missing in ["mensuel organizer add", "MENSUEL_COMMUNITY=", "MENSUEL_SMTP_URL="] {
        assert!(all.contains(missing), "{missing}: {all}");
    }
    assert!(get(address, "/readyz").starts_with("HTTP/1.1 200"));
    for mailbox in ["/demo/mailbox", "/demo/mailbox/1"] {
        assert!(get(address, mailbox).starts_with("HTTP/1.1 404"), "only the demo shows mails");
    }
    assert_eq!((mode(&machine.data()), mode(&machine.data().join("keys"))), (0o700, 0o600));

    let second = machine.ends(&["serve"], 1);
    assert!(second.contains("Another `mensuel serve`"), "{second}");
    machine.ends(&["migrate"], 1);
    machine.ends(&["organizer", "add", "zoe@soie.example"], 0);

    let (code, took) = serving.terminate();
    assert_eq!(code, Some(0));
    assert!(took < Duration::from_secs(10), "{took:?}");
    machine.ends(&["migrate"], 0);
}

const MAIL: &str = "From: zoe@soie.example\r\nTo: soirees@lugdunum.example\r\nSubject: Une question\r\n\
    Message-ID: <w1@soie.example>\r\n\r\nFaut-il un badge ?\r\n";

#[test]
fn a_mail_from_a_pipe_is_taken_in_once_beside_the_running_service() {
    let machine = Machine::new();
    machine.file("mensuel.toml", "mail_from = \"soirees@lugdunum.example\"\ninbound_mail = true\n");
    let (_serving, said) = Serving::start(&machine);
    let address = said[0].strip_prefix("Listening on http://").unwrap();
    machine.ends(&["organizer", "add", "ali@soie.example"], 0);
    let token = text(&machine.run(&["token", "add", "laptop", "--scope", "read"]).stdout);
    let bearer = format!("Authorization: Bearer {}\r\n", token.trim());
    let filed = || {
        let answer = get_with(address, "/api/v1/inbound-mail", &bearer);
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        let list: serde_json::Value = serde_json::from_str(body).unwrap();
        list["items"].as_array().unwrap().clone()
    };
    let (recipient, sender) = ("soirees@lugdunum.example", "zoe@soie.example");
    let take = |recipient: &str, sender: &str, mail: &str| {
        let piped = machine.piped(&["inbound", "--recipient", recipient, "--sender", sender], mail);
        assert_eq!(piped.status.code(), Some(0), "{}", text(&piped.stderr));
    };
    take(recipient, sender, MAIL);
    let once = filed();
    assert_eq!(once.len(), 1);
    let shown = ["door", "reason", "from", "words"].map(|name| once[0][name].as_str().unwrap());
    assert_eq!(shown, ["pipe", "forwarded", "zoe@soie.example", "Faut-il un badge ?"]);
    // A mail server that heard no answer hands it over again.
    take(recipient, sender, MAIL);
    assert_eq!(filed(), once);
    // Who has no address to be answered at is a machine; whom a mail is for is said by its envelope.
    take(recipient, "", &MAIL.replace("w1@", "w2@").replace("badge", "ticket"));
    take("soirees+u-nobody@lugdunum.example", sender, &MAIL.replace("w1@", "w3@").replace("badge", "code"));
    let all = filed();
    let reasons: Vec<&str> = all.iter().map(|mail| mail["reason"].as_str().unwrap()).collect();
    assert_eq!(reasons, ["unknown_token", "automatic_reply", "forwarded"]);
}

/// The mail server keeps the mail and tries again: 75 is EX_TEMPFAIL of sysexits.h.
#[test]
fn a_mail_that_cannot_be_taken_in_now_stays_with_the_mail_server() {
    let machine = Machine::new();
    let nowhere = machine.piped(&["inbound", "--recipient", "soirees@lugdunum.example"], MAIL);
    assert_eq!(nowhere.status.code(), Some(75), "{}", text(&nowhere.stderr));
    assert!(text(&nowhere.stderr).contains("MENSUEL_DATA_DIR"), "{}", text(&nowhere.stderr));
    assert!(!machine.data().exists(), "started somewhere else, it begins no community");
    std::fs::create_dir(machine.data()).unwrap();
    machine.file("data/mensuel.db", "This is no database.");
    let refused = machine.piped(&["inbound", "--recipient", "soirees@lugdunum.example"], MAIL);
    assert_eq!(refused.status.code(), Some(75), "{}", text(&refused.stderr));
    assert!(text(&refused.stderr).contains("The database cannot be used"), "{}", text(&refused.stderr));
    machine.ends(&["organizer", "add", "ali@soie.example"], 1);
    // Neither is one lost to a mistake in the configuration.
    machine.file("mensuel.toml", "bnid = \"127.0.0.1:1\"\n");
    assert_eq!(machine.piped(&["inbound"], MAIL).status.code(), Some(75));
    machine.ends(&["migrate"], 2);
}
