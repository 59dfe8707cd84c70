//! The command line.

mod doctor;
mod help;
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

use clap::{Args, FromArgMatches as _, Parser, Subcommand, ValueEnum};
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

/// The shape of the command line; its words are in `locales/*/cli.ftl`, put to it by `help.rs`.
#[derive(Debug, Parser)]
#[command(name = "mensuel", version, disable_help_subcommand = true)]
struct Cli {
    #[arg(long, global = true, display_order = 900)]
    config: Option<PathBuf>,
    #[arg(long, global = true, display_order = 901, value_parser = lang)]
    lang: Option<Lang>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Demo {
        #[arg(long)]
        fresh: bool,
    },
    Serve,
    Work,
    Migrate,
    #[command(subcommand)]
    Organizer(Organizer),
    #[command(subcommand)]
    Token(Token),
    Inbound {
        #[arg(long)]
        recipient: Option<String>,
        #[arg(long)]
        sender: Option<String>,
    },
    Doctor {
        #[arg(long, value_parser = Email::parse)]
        mail: Option<Email>,
        #[arg(long)]
        resolver: Option<std::net::SocketAddr>,
    },
    #[command(subcommand)]
    Import(Import),
    Help {
        command: Vec<String>,
    },
}

#[derive(Debug, Subcommand)]
enum Organizer {
    Add {
        #[arg(value_parser = Email::parse)]
        email: Email,
        #[arg(long, value_parser = PersonName::parse)]
        name: Option<PersonName>,
    },
}

#[derive(Debug, Subcommand)]
enum Token {
    Add {
        #[arg(value_parser = PersonName::parse)]
        name: PersonName,
        #[arg(long, value_parser = Email::parse)]
        organizer: Option<Email>,
        #[arg(long, value_enum)]
        scope: ScopeName,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ScopeName {
    Read,
    Write,
    Admin,
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
    Members(File),
    Events(File),
}

#[derive(Debug, Args)]
struct File {
    path: PathBuf,
    #[arg(long)]
    dry_run: bool,
    #[arg(long)]
    skip_invalid: bool,
}

#[derive(Debug, thiserror::Error)]
#[error("the languages are fr and en")]
struct NoSuchLanguage;

fn lang(text: &str) -> Result<Lang, NoSuchLanguage> {
    Lang::from_tag(text).ok_or(NoSuchLanguage)
}

/// As sysexits.h has it: the mail server keeps the mail and tries again.
const EX_TEMPFAIL: u8 = 75;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ended {
    Done,
    WrongLines,
    /// The doctor found something to mend.
    SomethingWrong,
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
    let mut lang = language_before(std::env::args().skip(1)).or_else(spoken_here).unwrap_or(Lang::En);
    let cli = match read(lang) {
        Ok(cli) => cli,
        Err(code) => return code,
    };
    let offered_again = matches!(cli.command, Command::Inbound { .. });
    let ended = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => {
            let ended = runtime.block_on(obey(cli, &mut lang));
            runtime.shutdown_timeout(std::time::Duration::from_secs(1));
            ended
        }
        Err(error) => Err(Stopped::refused(words::no_threads(lang, &error))),
    };
    match ended {
        Ok(Ended::Done) => ExitCode::SUCCESS,
        Ok(Ended::WrongLines) => ExitCode::from(3),
        Ok(Ended::SomethingWrong) => ExitCode::from(1),
        Err(stopped) => {
            let code = if offered_again { EX_TEMPFAIL } else { stopped.code() };
            aside(&stopped.sentence(lang));
            ExitCode::from(code)
        }
    }
}

/// The command line, unless help was asked for or it is wrong: then that was said.
fn read(lang: Lang) -> Result<Cli, ExitCode> {
    let matched = help::command(lang).try_get_matches().and_then(|found| Cli::from_arg_matches(&found));
    match matched {
        Ok(Cli { command: Command::Help { command }, .. }) => match help::of(lang, &command) {
            Some(text) => {
                let _ = write!(io::stdout().lock(), "{}", help::shown(&text, io::stdout().is_terminal()));
                Err(ExitCode::SUCCESS)
            }
            None => {
                aside(&words::no_such_command(lang, &command.join(" ")));
                Err(ExitCode::from(2))
            }
        },
        Ok(cli) => Ok(cli),
        Err(error) => {
            if error.use_stderr() {
                let text = help::wrong(lang, &error, io::stderr().is_terminal());
                let _ = write!(io::stderr().lock(), "{text}");
                return Err(ExitCode::from(2));
            }
            let text = help::wrong(lang, &error, io::stdout().is_terminal());
            let _ = write!(io::stdout().lock(), "{text}");
            Err(ExitCode::SUCCESS)
        }
    }
}

/// `--lang` as it stands on the command line, which may be wrong in other ways.
fn language_before(args: impl Iterator<Item = String>) -> Option<Lang> {
    let args: Vec<String> = args.take_while(|arg| arg != "--").collect();
    let after = args.iter().zip(args.iter().skip(1)).find(|(arg, _)| *arg == "--lang");
    let joined = args.iter().find_map(|arg| arg.strip_prefix("--lang="));
    after.map(|(_, tag)| tag.as_str()).or(joined).and_then(Lang::from_tag)
}

/// Does it; `lang` becomes the reader's language once the configuration is known.
async fn obey(cli: Cli, lang: &mut Lang) -> Result<Ended, Stopped> {
    let file = cli.config.as_deref();
    let demo = matches!(cli.command, Command::Demo { .. });
    let read = if demo { Config::load_demo } else { Config::load };
    let config = read(file, &mut config::environment())
        .map_err(|mistakes| Stopped::Usage(config::list(&mistakes, *lang)))?;
    *lang = cli.lang.or_else(spoken_here).unwrap_or(config.language);
    log_to_stderr(&config, *lang);
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
        Command::Doctor { mail, resolver } => doctor::doctor(call, mail, resolver).await,
        Command::Inbound { recipient, sender } => inbound::inbound(call, recipient, sender).await,
        Command::Import(Import::Members(file)) => import::members(call, file).await,
        Command::Import(Import::Events(file)) => import::events(call, file).await,
        // Answered before anything was read.
        Command::Help { .. } => Ok(Ended::Done),
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

/// The language that the variables of this process ask for: ours first, then those of POSIX, of
/// which the first that is set decides.
fn spoken_here() -> Option<Lang> {
    spoken(|name| std::env::var(name).ok())
}

fn spoken(variable: impl Fn(&str) -> Option<String>) -> Option<Lang> {
    let set = |name: &str| variable(name).filter(|value| !value.is_empty());
    let ours = set("MENSUEL_LANGUAGE").and_then(|tag| Lang::from_tag(&tag));
    ours.or_else(|| Lang::from_tag(&["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(set)?))
}

fn log_to_stderr(config: &Config, lang: Lang) {
    // What these say at `info` is said by the commands themselves.
    // Many waiting for the one writer is how SQLite works, and no reason to warn.
    const QUIET: &str = "sea_orm_migration=warn,actix_server=warn,sqlx::pool=error";
    let filter = EnvFilter::new(format!("{QUIET},{}", config.log));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    let done = match config.log_format {
        LogFormat::Text => log.with_ansi(io::stderr().is_terminal()).try_init(),
        LogFormat::Json => log.json().try_init(),
    };
    if let Err(error) = done {
        aside(&words::not_logged(lang, &*error));
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
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Lang::ALL.into_iter().for_each(|lang| help::command(lang).debug_assert());
    }

    #[test]
    fn ours_is_asked_first_and_then_the_first_variable_of_the_terminal_that_is_set() {
        let said = |pairs: &[(&str, &str)]| {
            spoken(|name| {
                pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
            })
        };
        assert_eq!(said(&[]), None);
        assert_eq!(said(&[("LANG", "fr_FR.UTF-8")]), Some(Lang::Fr));
        assert_eq!(said(&[("LANG", "fr_FR.UTF-8"), ("LC_MESSAGES", "en_US")]), Some(Lang::En));
        assert_eq!(said(&[("LC_ALL", "C"), ("LANG", "fr_FR.UTF-8")]), None);
        assert_eq!(said(&[("LC_ALL", ""), ("LANG", "fr")]), Some(Lang::Fr));
        assert_eq!(said(&[("MENSUEL_LANGUAGE", "fr"), ("LC_ALL", "en_GB")]), Some(Lang::Fr));
        assert_eq!(said(&[("MENSUEL_LANGUAGE", "de"), ("LC_ALL", "en_GB")]), Some(Lang::En));
        let before = |args: &[&str]| language_before(args.iter().map(|arg| (*arg).to_owned()));
        assert_eq!(before(&["serve", "--lang", "fr", "--nonsense"]), Some(Lang::Fr));
        assert_eq!(before(&["--lang=en", "serve"]), Some(Lang::En));
        assert_eq!(before(&["serve", "--lang"]), None);
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
