//! The program as a process of its own, as it is started by hand.

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Command, Output, Stdio},
};

use mensuel::serve;
use mensuel_tests::{
    connection,
    mailbox::Mailbox,
    postgres::{self, TestDatabase},
};
use sea_orm::DatabaseConnection;

/// The data of a community, the relay, and how the program is told of both.
pub struct Place {
    folder: tempfile::TempDir,
    pub relay: Mailbox,
    database: Option<TestDatabase>,
}

/// One life of the program.
pub struct Life {
    child: Child,
    pub address: String,
}

impl Drop for Life {
    fn drop(&mut self) {
        self.kill();
    }
}

impl Life {
    /// SIGKILL: nothing of the program runs after it.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// SIGSTOP: it stands still, with all that it holds.
    pub fn stand_still(&self) {
        self.signal("STOP");
    }

    pub fn go_on(&self) {
        self.signal("CONT");
    }

    /// SIGTERM: it ends what it began.
    pub fn end(mut self) {
        self.signal("TERM");
        assert!(self.child.wait().expect("it ends").success());
    }

    fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([format!("-{name}"), self.child.id().to_string()]).status();
        assert!(sent.expect("kill runs").success(), "{name}");
    }
}

fn printed(output: Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8").trim().to_owned()
}

impl Place {
    pub async fn new() -> Self {
        const TEMPLATE: &str = "mensuel_schema";
        postgres::template(TEMPLATE, |url| async move { serve::migrate_url(&url).await }).await;
        let database = postgres::fresh(Some(TEMPLATE)).await;
        let folder = tempfile::tempdir().expect("a folder");
        let relay = Mailbox::start().await;
        relay.save_no_more();
        Self { folder, relay, database }
    }

    pub fn is_postgres(&self) -> bool {
        self.database.is_some()
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_served"));
        command
            .args(args)
            .env_clear()
            .env("LANG", "en_GB.UTF-8")
            .env("MENSUEL_BIND", "127.0.0.1:0")
            .env("MENSUEL_BASE_URL", "https://soirees.lugdunum.example")
            .env("MENSUEL_SMTP_URL", self.relay.url())
            .env("MENSUEL_MAIL_FROM", "soirees@lugdunum.example")
            .env("MENSUEL_KEYS", "1:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=")
            .env("MENSUEL_LOG", "error")
            .current_dir(self.folder.path())
            .stdin(Stdio::null());
        if let Some(database) = &self.database {
            command.env("MENSUEL_DATABASE_URL", database.url());
        }
        command
    }

    /// What a command prints; it succeeds.
    pub fn run(&self, args: &[&str]) -> String {
        printed(self.command(args).output().expect("the program runs"))
    }

    /// As [`Place::run`], while the test goes on.
    pub async fn run_meanwhile(&self, args: &[&str]) -> String {
        let mut command = self.command(args);
        let run = tokio::task::spawn_blocking(move || command.output());
        printed(run.await.expect("no panic").expect("the program runs"))
    }

    pub fn start(&self) -> Life {
        self.start_with(&[])
    }

    /// With settings of its own.
    pub fn start_with(&self, settings: &[(&str, &str)]) -> Life {
        let mut command = self.command(&["serve"]);
        command.envs(settings.iter().copied());
        let mut child = command.stdout(Stdio::piped()).spawn().expect("it starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("its output")).read_line(&mut line).expect("a line");
        let address = line.trim().strip_prefix("Listening on ").expect("where it listens").to_owned();
        Life { child, address }
    }

    /// Another connection to the same data.
    pub async fn beside(&self) -> DatabaseConnection {
        connection::to_data_of(self.database.as_ref(), &self.folder.path().join("data/mensuel.db")).await
    }

    /// A file of so many members to import.
    pub fn members(&self, count: usize) -> String {
        let mut lines = "name,email,follows\n".to_owned();
        for at in 0..count {
            lines.push_str(&format!("Membre {at},m{at}@d{}.example,all\n", at % 500));
        }
        let file = self.folder.path().join("members.csv");
        std::fs::write(&file, lines).expect("a file");
        file.display().to_string()
    }
}
