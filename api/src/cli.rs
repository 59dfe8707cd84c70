//! The command line.

mod import;
mod inbound;
mod people;
mod run;
mod words;

use std::{
    fmt,
    io::{self, IsTerminal as _, Write as _},
    path::PathBuf,
    process::ExitCode,
};

use clap::{Args, Parser, Subcommand, ValueEnum};
use mensuel_domain::{
    lang::Lang,
    text::{Email, PersonName},
};
use mensuel_infra::store::tokens::Scope;
use tracing_subscriber::EnvFilter;

use crate::{
    config::{self, Config, LogFormat},
    serve::CannotStart,
    use_cases::Failure,
};

const ABOUT: &str = "The monthly evenings of one community: dates, invitations, seats, calendars";

const LONG_ABOUT: &str = "\
Mensuel runs the monthly evenings of one community: it holds the dates, invites the members,
counts the seats, and keeps everybody's calendar right.

To look around:      mensuel demo
To begin:            mensuel serve            (it says what is still missing)
                     mensuel organizer add you@community.example
                     mensuel token add laptop --scope admin
                     mensuel import members members.csv --dry-run";

const AFTER_HELP: &str = "\
Settings come from mensuel.toml (or the file that --config names) and from MENSUEL_… variables over
it; none is needed. How waitlists are served: MENSUEL_OFFERS_WITHIN_DAYS=3, MENSUEL_OFFER_HOURS=12,
MENSUEL_QUIET_HOURS=21:00-08:00 and MENSUEL_CUT_OFF_HOURS=2. Results go to standard output, everything else to standard error.

Exit codes:
  0  done
  1  refused or failed; nothing was changed
  2  the command line or the configuration is wrong; nothing was done
  3  an import found wrong lines; with --skip-invalid the others are in, without it none is
 75  inbound: not now, the mail server is to try again";

#[derive(Debug, Parser)]
#[command(name = "mensuel", version, about = ABOUT, long_about = LONG_ABOUT, after_help = AFTER_HELP)]
struct Cli {
    /// Read settings from this file instead of mensuel.toml
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Speak French or English; else the language of the terminal, else the community's
    #[arg(long, global = true, value_name = "fr|en", value_parser = lang)]
    lang: Option<Lang>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start a service with a made-up season, to look around
    ///
    /// Everything in it is computed from today, kept in `demo` under the data directory, and
    /// reachable from this machine only. Mails are not sent: a page shows them. Started again, it
    /// goes on where it stopped; once its season is past, it begins anew.
    Demo {
        /// Begin anew
        #[arg(long)]
        fresh: bool,
    },
    /// Start the service
    ///
    /// The first line printed is the address listened on. It ends on SIGTERM or Ctrl-C, within ten
    /// seconds, and loses nothing that it acknowledged.
    Serve,
    /// Work the queue of mails and reminders without serving
    ///
    /// May run beside `mensuel serve`, several times too: each mail leaves once.
    Work,
    /// Bring the database's schema to this version
    ///
    /// On SQLite `mensuel serve` does it by itself, and no service may run meanwhile.
    Migrate,
    /// The organizers
    #[command(subcommand)]
    Organizer(Organizer),
    /// API tokens
    #[command(subcommand)]
    Token(Token),
    /// Take in one mail from standard input, for a mail server's pipe
    ///
    /// Calendar answers, returned mail, complaints and people's words: each is filed once with what
    /// became of it. Whatever stands in the way ends with 75, so that the mail server tries again.
    Inbound {
        /// The envelope's recipient; else the header says for whom it was
        #[arg(long, value_name = "ADDRESS")]
        recipient: Option<String>,
        /// The envelope's sender, empty for reports; else `Return-Path` says it
        #[arg(long, value_name = "ADDRESS")]
        sender: Option<String>,
    },
    /// Take over a CSV file; nobody is mailed
    #[command(subcommand)]
    Import(Import),
}

#[derive(Debug, Subcommand)]
enum Organizer {
    /// Give somebody the role: the member of this address, or a new one
    Add {
        #[arg(value_name = "EMAIL", value_parser = email)]
        email: Email,
        /// What they are called; for a new member else made from the address
        #[arg(long, value_parser = person_name)]
        name: Option<PersonName>,
    },
}

#[derive(Debug, Subcommand)]
enum Token {
    /// Make a token for a program, and print it once
    ///
    /// The token alone goes to standard output: TOKEN=$(mensuel token add laptop --scope admin)
    Add {
        /// What it is for
        #[arg(value_name = "NAME", value_parser = person_name)]
        name: PersonName,
        /// Whose token it is; needed unless there is exactly one organizer
        #[arg(long, value_name = "EMAIL", value_parser = email)]
        organizer: Option<Email>,
        /// What it may do at most
        #[arg(long, value_enum)]
        scope: ScopeName,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ScopeName {
    /// See everything
    Read,
    /// Plan evenings, invite, answer for members
    Write,
    /// Tokens, roles and erasure too
    Admin,
    /// For the mail server alone; belongs to nobody
    Inbound,
}

impl ScopeName {
    const fn scope(self) -> Scope {
        match self {
            ScopeName::Read => Scope::Read,
            ScopeName::Write => Scope::Write,
            ScopeName::Admin => Scope::Admin,
            ScopeName::Inbound => Scope::Inbound,
        }
    }
}

#[derive(Debug, Subcommand)]
enum Import {
    /// Members: name, email; job_title, company, language, member_since, follows, status
    ///
    /// A known address, in any case, is updated; an empty cell says nothing; who left is not
    /// brought back. `follows` is `all` or names of formats with semicolons between.
    Members(File),
    /// Evenings: date, start, end; format, title, people, venue, capacity, status and the rest
    ///
    /// A line fills the held date of its day, or makes an evening when there is none. A past day is
    /// history. People are addresses of members, names, or `Name <address>`, with semicolons between.
    Events(File),
}

#[derive(Debug, Args)]
struct File {
    /// UTF-8, else read as Windows-1252; comma or semicolon; columns by name in any order
    #[arg(value_name = "FILE")]
    path: PathBuf,
    /// Say what would happen, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Take the right lines though others are wrong
    #[arg(long)]
    skip_invalid: bool,
}

fn lang(text: &str) -> Result<Lang, String> {
    Lang::from_tag(text).ok_or_else(|| "the languages are fr and en".to_owned())
}

fn email(text: &str) -> Result<Email, String> {
    Email::parse(text).map_err(|wrong| wrong.to_string())
}

fn person_name(text: &str) -> Result<PersonName, String> {
    PersonName::parse(text).map_err(|wrong| wrong.to_string())
}

/// As sysexits.h has it: the mail server keeps the mail and tries again.
const EX_TEMPFAIL: u8 = 75;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ended {
    Done,
    WrongLines,
}

/// Why a command did nothing.
enum Stopped {
    Start(CannotStart),
    Failed(Failure),
    /// Said already in the words of the reader.
    Refused(String),
    /// The command line or the configuration is wrong.
    Usage(String),
}

impl Stopped {
    fn refused(sentence: impl Into<String>) -> Self {
        Self::Refused(sentence.into())
    }

    fn code(&self) -> u8 {
        match self {
            Stopped::Start(CannotStart::Setting(_)) | Stopped::Usage(_) => 2,
            Stopped::Start(_) | Stopped::Failed(_) | Stopped::Refused(_) => 1,
        }
    }

    fn sentence(self, lang: Lang) -> String {
        match self {
            Stopped::Start(error) => error.sentence(lang),
            Stopped::Failed(failure) => words::failure(lang, failure),
            Stopped::Refused(sentence) | Stopped::Usage(sentence) => sentence,
        }
    }
}

impl From<CannotStart> for Stopped {
    fn from(error: CannotStart) -> Self {
        Stopped::Start(error)
    }
}

impl From<Failure> for Stopped {
    fn from(failure: Failure) -> Self {
        Stopped::Failed(failure)
    }
}

/// Reads the command line of this process and does what it says.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let mut lang = cli.lang.or_else(terminal_language).unwrap_or(Lang::En);
    let offered_again = matches!(cli.command, Command::Inbound { .. });
    let ended = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => {
            let ended = runtime.block_on(obey(cli, &mut lang));
            runtime.shutdown_timeout(std::time::Duration::from_secs(1));
            ended
        }
        Err(error) => Err(Stopped::refused(format!("No threads to work with: {error}."))),
    };
    match ended {
        Ok(Ended::Done) => ExitCode::SUCCESS,
        Ok(Ended::WrongLines) => ExitCode::from(3),
        Err(stopped) => {
            let code = if offered_again { EX_TEMPFAIL } else { stopped.code() };
            aside(&stopped.sentence(lang));
            ExitCode::from(code)
        }
    }
}

/// Does it; `lang` becomes the reader's language once the configuration is known.
async fn obey(cli: Cli, lang: &mut Lang) -> Result<Ended, Stopped> {
    let file = cli.config.as_deref();
    let demo = matches!(cli.command, Command::Demo { .. });
    let read = if demo { Config::load_demo } else { Config::load };
    let config =
        read(file, &mut config::environment()).map_err(|mistakes| Stopped::Usage(config::list(&mistakes)))?;
    log_to_stderr(&config);
    *lang = cli.lang.or_else(terminal_language).unwrap_or(config.language);
    let call = Call { config, lang: *lang, file: cli.config };
    match cli.command {
        Command::Demo { fresh } => run::demo(call, fresh).await,
        Command::Serve => run::serve(call).await,
        Command::Work => run::work(call).await,
        Command::Migrate => run::migrate(call).await,
        Command::Organizer(Organizer::Add { email, name }) => people::add_organizer(call, email, name).await,
        Command::Token(Token::Add { name, organizer, scope }) => {
            people::add_token(call, name, organizer, scope.scope()).await
        }
        Command::Inbound { recipient, sender } => inbound::inbound(call, recipient, sender).await,
        Command::Import(Import::Members(file)) => import::members(call, file).await,
        Command::Import(Import::Events(file)) => import::events(call, file).await,
    }
}

/// What every command is given.
struct Call {
    config: Config,
    lang: Lang,
    /// The configuration file that was named.
    file: Option<PathBuf>,
}

impl Call {
    /// A command to type next, on the same configuration.
    fn command(&self, rest: impl fmt::Display) -> String {
        match &self.file {
            Some(file) => format!("mensuel --config {} {rest}", file.display()),
            None => format!("mensuel {rest}"),
        }
    }
}

fn terminal_language() -> Option<Lang> {
    ["LC_ALL", "LC_MESSAGES", "LANG"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
        .and_then(|value| Lang::from_tag(&value))
}

fn log_to_stderr(config: &Config) {
    // What these say at `info` is said by the commands themselves.
    let filter = EnvFilter::new(format!("sea_orm_migration=warn,actix_server=warn,{}", config.log));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    let done = match config.log_format {
        LogFormat::Text => log.with_ansi(io::stderr().is_terminal()).try_init(),
        LogFormat::Json => log.json().try_init(),
    };
    if let Err(error) = done {
        aside(&format!("Nothing is logged: {error}."));
    }
}

/// Prints a result. A reader that has gone away is no error of ours.
fn say(text: &str) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}

/// Prints what is no result.
fn aside(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn options_may_stand_behind_the_command() {
        let cli = Cli::try_parse_from(["mensuel", "import", "members", "m.csv", "--lang", "en", "--dry-run"]);
        assert!(matches!(
            cli,
            Ok(Cli {
                lang: Some(Lang::En),
                command: Command::Import(Import::Members(File { dry_run: true, .. })),
                ..
            })
        ));
        assert!(Cli::try_parse_from(["mensuel", "token", "add", "laptop", "--scope", "all"]).is_err());
        assert!(Cli::try_parse_from(["mensuel", "organizer", "add", "nobody"]).is_err());
    }
}
