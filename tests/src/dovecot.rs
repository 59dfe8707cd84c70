//! A real IMAP server (Dovecot) with one mailbox, for one test.

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use tempfile::TempDir;
use tokio::net::TcpStream;

use crate::eventually;

/// The server, and its mailbox in a folder; it ends with this value.
pub struct Dovecot {
    port: u16,
    process: Child,
    dir: TempDir,
    maildir: PathBuf,
}

/// Dovecot does not run as root; a test may.
const USER: &str = "nobody";
const GROUP: &str = "nogroup";
const CERTIFICATE: &str = "certificate.pem";
const KEY: &str = "key.pem";

impl Dovecot {
    /// With these mails in the mailbox, unseen.
    ///
    /// # Panics
    /// When there is no `dovecot` on this machine (`tests/run` installs it), or it does not start.
    pub async fn with(mails: &[String]) -> Self {
        Self::with_folder("", mails).await
    }

    /// As [`Dovecot::with`], in a folder of this name as Maildir has it on disk: `.R&AOk-ponses`.
    ///
    /// # Panics
    /// As [`Dovecot::with`].
    pub async fn with_folder(folder: &str, mails: &[String]) -> Self {
        Self::start(folder, mails, false).await
    }

    /// As [`Dovecot::with`], to which one speaks TLS from the first byte on; its certificate is its own.
    ///
    /// # Panics
    /// As [`Dovecot::with`].
    pub async fn with_tls(mails: &[String]) -> Self {
        Self::start("", mails, true).await
    }

    async fn start(folder: &str, mails: &[String], tls: bool) -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let port = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port();
        let maildir = dir.path().join("mail").join(folder);
        for folder in ["new", "cur", "tmp"] {
            fs::create_dir_all(maildir.join(folder)).expect("a folder of mail");
        }
        for folder in ["run", "state"] {
            fs::create_dir_all(dir.path().join(folder)).expect("a folder of it");
        }
        for (at, mail) in mails.iter().enumerate() {
            fs::write(maildir.join(format!("new/{at}.test")), mail).expect("a mail");
        }
        if tls {
            let own =
                rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).expect("a certificate");
            fs::write(dir.path().join(CERTIFICATE), own.cert.pem()).expect("its certificate");
            fs::write(dir.path().join(KEY), own.key_pair.serialize_pem()).expect("its key");
        }
        let file = dir.path().join("dovecot.conf");
        let root = is_root();
        fs::write(&file, configuration(dir.path(), port, root, tls)).expect("its configuration");
        if root {
            run("chmod", &["755", &dir.path().display().to_string()]);
            run("chown", &["-R", &format!("{USER}:{GROUP}"), &dir.path().display().to_string()]);
        }
        let mut server = Self { port, process: spawn(&file, root), dir, maildir };
        eventually("the IMAP server listens", async || TcpStream::connect(("127.0.0.1", port)).await.ok())
            .await;
        assert!(server.process.try_wait().expect("its state").is_none(), "{}", server.log());
        server
    }

    pub fn url(&self) -> String {
        format!("imap://soirees:sesame@127.0.0.1:{}", self.port)
    }

    /// With TLS, as somebody who does not know its certificate has it.
    pub fn tls_url(&self) -> String {
        format!("imaps://soirees:sesame@localhost:{}", self.port)
    }

    /// The file of its certificate.
    pub fn certificate(&self) -> PathBuf {
        self.dir.path().join(CERTIFICATE)
    }

    /// How many mails carry the flag for seen.
    pub fn seen(&self) -> usize {
        let folder = fs::read_dir(self.maildir.join("cur")).expect("the mailbox");
        let names = folder.map(|file| file.expect("a file").file_name().to_string_lossy().into_owned());
        names.filter(|name| name.rsplit(":2,").next().is_some_and(|flags| flags.contains('S'))).count()
    }

    fn log(&self) -> String {
        fs::read_to_string(self.dir.path().join("log")).unwrap_or_default()
    }
}

impl Drop for Dovecot {
    fn drop(&mut self) {
        // Its own processes end with it when it is told so; a kill would leave them.
        run("kill", &["-TERM", &self.process.id().to_string()]);
        let _ = self.process.wait();
    }
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().expect("`id` runs");
    String::from_utf8_lossy(&id.stdout).trim() == "0"
}

fn run(program: &str, arguments: &[&str]) {
    let done = Command::new(program).args(arguments).status();
    assert!(done.is_ok_and(|status| status.success()), "{program} {arguments:?}");
}

fn spawn(file: &Path, root: bool) -> Child {
    let mut command = if root {
        let mut command = Command::new("setpriv");
        command.args(["--reuid", USER, "--regid", GROUP, "--clear-groups", "dovecot"]);
        command
    } else {
        Command::new("dovecot")
    };
    command.args(["-F", "-c"]).arg(file).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().expect("dovecot starts; `tests/run --only install` installs it")
}

fn configuration(dir: &Path, port: u16, root: bool, tls: bool) -> String {
    let name = |option: &str| {
        let id = Command::new("id").arg(option).arg("-n").output().expect("`id` runs");
        String::from_utf8_lossy(&id.stdout).trim().to_owned()
    };
    let (user, group) = if root { (USER.to_owned(), GROUP.to_owned()) } else { (name("-u"), name("-g")) };
    let dir = dir.display();
    let (plain_port, tls_port) = if tls { (0, port) } else { (port, 0) };
    let ssl = match tls {
        true => format!("ssl = required\nssl_cert = <{dir}/{CERTIFICATE}\nssl_key = <{dir}/{KEY}"),
        false => "ssl = no".to_owned(),
    };
    format!(
        "protocols = imap\nbase_dir = {dir}/run\nstate_dir = {dir}/state\nlog_path = {dir}/log\n{ssl}\n\
         disable_plaintext_auth = no\ndefault_internal_user = {user}\ndefault_internal_group = {group}\n\
         default_login_user = {user}\nfirst_valid_uid = 1\nmail_location = maildir:{dir}/mail\nlisten = 127.0.0.1\n\
         passdb {{\n  driver = static\n  args = password=sesame\n}}\n\
         userdb {{\n  driver = static\n  args = uid={user} gid={group} home={dir}/mail\n}}\n\
         service anvil {{\n  chroot =\n}}\nservice stats {{\n  chroot =\n}}\n\
         service imap-login {{\n  chroot =\n  inet_listener imap {{\n    port = {plain_port}\n  }}\n  inet_listener imaps {{\n    port = {tls_port}\n    ssl = yes\n  }}\n}}\n"
    )
}
