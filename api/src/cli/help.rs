//! The help in both languages, and what is said of a command line that is wrong. The shape of the
//! commands is in `cli.rs`, their words are in `locales/*/cli.ftl`.

use std::{fmt::Write as _, sync::LazyLock};

use clap::{
    Arg, ArgAction, Command, CommandFactory as _,
    builder::StyledStr,
    error::{ContextKind, ContextValue, ErrorKind},
};
use i18n_embed::fluent::FluentLanguageLoader;
use i18n_embed_fl::fl;
use mensuel_domain::{lang::Lang, text::TextError};
use mensuel_infra::i18n::Words;

use super::{Cli, NoSuchLanguage};
use crate::{i18n, words::text_flaw};

const FR: &str = include_str!("../../locales/fr/cli.ftl");
const EN: &str = include_str!("../../locales/en/cli.ftl");

static WORDS: LazyLock<Words> = LazyLock::new(|| Words::new("cli", FR, EN));

/// The command line with every word in this language.
pub(super) fn command(lang: Lang) -> Command {
    let w = WORDS.of(lang);
    let version = Arg::new("version").short('V').long("version").action(ArgAction::Version);
    let version = version.help(w.get("any--version")).help_heading(w.get("heading-options"));
    let whole = described(Cli::command().disable_version_flag(true), "mensuel", w);
    whole.after_help(w.get("mensuel-after")).arg(version)
}

/// Everything that clap would say by itself is said by us, for it speaks English only.
fn described(command: Command, key: &str, w: &'static FluentLanguageLoader) -> Command {
    let usage = command.get_styles().get_usage();
    let mut template = StyledStr::new();
    let heading = w.get("heading-usage");
    let _ = write!(
        template,
        "{{about-with-newline}}\n{}{heading}{} {{usage}}\n\n{{all-args}}{{after-help}}",
        usage.render(),
        usage.render_reset()
    );
    let help = Arg::new("help")
        .short('h')
        .long("help")
        .action(ArgAction::Help)
        .display_order(902)
        .help(w.get("any--help"));
    let about = w.get(key);
    let long = more(key, w).map(|more| if key == ROOT { more } else { format!("{about}\n\n{more}") });
    let mut command = command
        .about(about)
        .help_template(template)
        .subcommand_help_heading(w.get("heading-commands"))
        .subcommand_value_name(w.get("value-command"))
        .disable_help_flag(true)
        .disable_help_subcommand(true)
        .mut_args(|arg| of_arg(arg, key, w))
        .arg(help.help_heading(w.get("heading-options")))
        .mut_subcommands(|sub| {
            let key =
                if key == ROOT { sub.get_name().to_owned() } else { format!("{key}-{}", sub.get_name()) };
            described(sub, &key, w)
        });
    if let Some(long) = long {
        command = command.long_about(long);
    }
    command
}

const ROOT: &str = "mensuel";

fn of_arg(arg: Arg, key: &str, w: &'static FluentLanguageLoader) -> Arg {
    let key = arg_key(&arg, key, w);
    let heading = if arg.is_positional() { "heading-arguments" } else { "heading-options" };
    let mut arg = arg.help(w.get(&key)).help_heading(w.get(heading));
    if arg.get_action().takes_values() {
        arg = arg.hide_possible_values(true);
    }
    if let Some(more) = more(&key, w) {
        arg = arg.long_help(more);
    }
    let value = format!("{key}-value");
    if w.has(&value) { arg.value_name(w.get(&value)) } else { arg }
}

/// The file of an import is described once for all of them.
fn arg_key(arg: &Arg, command: &str, w: &FluentLanguageLoader) -> String {
    let (own, of_file) = (format!("{command}--{}", arg.get_id()), format!("file--{}", arg.get_id()));
    if w.has(&own) || !w.has(&of_file) { own } else { of_file }
}

fn more(key: &str, w: &FluentLanguageLoader) -> Option<String> {
    let key = format!("{key}-more");
    w.has(&key).then(|| w.get(&key))
}

/// `mensuel help organizer add`: the long help of a command, `None` when there is no such one.
pub(super) fn of(lang: Lang, path: &[String]) -> Option<StyledStr> {
    let mut whole = command(lang);
    // Usage lines get the names of the commands above only when it is built.
    whole.build();
    let found = path.iter().try_fold(&mut whole, |command, name| command.find_subcommand_mut(name));
    found.map(Command::render_long_help)
}

/// With colours where a person looks on who wants them (no-color.org).
pub(super) fn shown(text: &StyledStr, terminal: bool) -> String {
    let plain = !terminal || std::env::var_os("NO_COLOR").is_some_and(|set| !set.is_empty());
    if plain { text.to_string() } else { text.ansi().to_string() }
}

/// What is wrong with the command line, in words; or the help that was asked for.
pub(super) fn wrong(lang: Lang, error: &clap::Error, terminal: bool) -> String {
    let asked_for_help = matches!(
        error.kind(),
        ErrorKind::DisplayHelp
            | ErrorKind::DisplayVersion
            | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
    );
    match lang {
        Lang::Fr if !asked_for_help => in_french(error),
        Lang::Fr | Lang::En => shown(&error.render(), terminal),
    }
}

fn in_french(error: &clap::Error) -> String {
    let w = i18n::words(Lang::Fr);
    let mut text = fl!(w, "cli-wrong", sentence = sentence(error));
    if let Some(ContextValue::String(similar)) = error.get(ContextKind::SuggestedArg) {
        let _ = write!(text, "\n{}", fl!(w, "cli-wrong-similar", name = similar.as_str()));
    }
    if let Some(ContextValue::Strings(similar)) = error.get(ContextKind::SuggestedSubcommand) {
        let _ = write!(text, "\n{}", fl!(w, "cli-wrong-similar", name = similar.join(", ")));
    }
    if let Some(ContextValue::StyledStr(usage)) = error.get(ContextKind::Usage) {
        let usage = usage.to_string();
        let usage = usage.trim_start_matches("Usage:").trim_start();
        let _ = write!(text, "\n\n{} {usage}", WORDS.of(Lang::Fr).get("heading-usage"));
    }
    format!("{text}\n\n{}\n", fl!(w, "cli-wrong-see-help"))
}

fn sentence(error: &clap::Error) -> String {
    let w = i18n::words(Lang::Fr);
    let said = |kind| match error.get(kind) {
        Some(ContextValue::String(one)) => one.clone(),
        Some(ContextValue::Strings(several)) => several.join(", "),
        _ => String::new(),
    };
    let (arg, value) = (said(ContextKind::InvalidArg), said(ContextKind::InvalidValue));
    match error.kind() {
        ErrorKind::InvalidValue if value.is_empty() => fl!(w, "cli-wrong-no-value", arg = arg),
        ErrorKind::InvalidValue => {
            let values = said(ContextKind::ValidValue);
            fl!(w, "cli-wrong-value", arg = arg, value = value, values = values)
        }
        ErrorKind::ValueValidation => {
            let why = why(error);
            fl!(w, "cli-wrong-value-because", arg = arg, value = value, why = why)
        }
        ErrorKind::UnknownArgument => fl!(w, "cli-wrong-argument", arg = arg),
        ErrorKind::InvalidSubcommand => {
            fl!(w, "cli-wrong-command", name = said(ContextKind::InvalidSubcommand))
        }
        ErrorKind::MissingRequiredArgument => fl!(w, "cli-wrong-missing", arg = arg),
        ErrorKind::ArgumentConflict => fl!(w, "cli-wrong-twice", arg = arg),
        ErrorKind::TooManyValues | ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => {
            fl!(w, "cli-wrong-number", arg = arg)
        }
        ErrorKind::InvalidUtf8 => fl!(w, "cli-wrong-utf8"),
        _ => fl!(w, "cli-wrong-other"),
    }
}

/// What the reader of a value had against it.
fn why(error: &clap::Error) -> String {
    let w = i18n::words(Lang::Fr);
    let source = std::error::Error::source(error);
    if let Some(text) = source.and_then(|source| source.downcast_ref::<TextError>()) {
        return text_flaw(text, Lang::Fr);
    }
    match source.and_then(|source| source.downcast_ref::<NoSuchLanguage>()) {
        Some(NoSuchLanguage) => fl!(w, "cli-wrong-language"),
        None => fl!(w, "cli-wrong-other"),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use mensuel_infra::i18n::differences;

    use super::*;

    #[test]
    fn french_and_english_have_the_same_messages() {
        assert_eq!(differences(FR, EN), Vec::<String>::new());
        let breaks = |line: &&str| [" :", " ;", " ?", " »", "« "].iter().any(|pair| line.contains(pair));
        let said = FR.lines().filter(|line| !line.starts_with('#'));
        assert_eq!(said.filter(breaks).collect::<Vec<_>>(), Vec::<&str>::new());
    }

    /// Every command and argument with its path, as clap knows them.
    fn keys(command: &Command, key: &str, found: &mut BTreeSet<String>) {
        let w = WORDS.of(Lang::En);
        found.insert(key.to_owned());
        for arg in command.get_arguments().filter(|arg| !["help", "version"].contains(&arg.get_id().as_str()))
        {
            found.insert(arg_key(arg, key, w));
        }
        for sub in command.get_subcommands() {
            let key =
                if key == ROOT { sub.get_name().to_owned() } else { format!("{key}-{}", sub.get_name()) };
            keys(sub, &key, found);
        }
    }

    #[test]
    fn every_command_and_argument_has_its_words_and_no_words_are_left_over() {
        let mut wanted = BTreeSet::new();
        keys(&Cli::command(), ROOT, &mut wanted);
        let missing: Vec<_> = wanted.iter().filter(|key| !WORDS.of(Lang::Fr).has(key)).collect();
        assert!(missing.is_empty(), "{missing:?}");
        let written = FR.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()));
        for key in written.filter_map(|line| line.split(" =").next()) {
            let bare =
                ["-more", "-value", "-after"].iter().find_map(|end| key.strip_suffix(end)).unwrap_or(key);
            let general = ["heading-", "value-", "any--"].iter().any(|begin| key.starts_with(begin));
            assert!(general || wanted.contains(bare), "{key} belongs to no command");
        }
    }

    fn every_help(lang: Lang) -> Vec<String> {
        fn walk(command: &mut Command, found: &mut Vec<String>) {
            found.push(command.render_help().to_string());
            found.push(command.render_long_help().to_string());
            command.get_subcommands_mut().for_each(|sub| walk(sub, found));
        }
        let mut whole = command(lang);
        whole.build();
        let mut found = Vec::new();
        walk(&mut whole, &mut found);
        found
    }

    /// Words that no French sentence has, and all that clap says by itself.
    const ENGLISH: [&str; 19] = [
        "the", "and", "of", "to", "is", "are", "it", "with", "for", "from", "this", "what", "print", "usage",
        "commands", "command", "possible", "help:", "default:",
    ];

    fn english_in(text: &str) -> Vec<&str> {
        let apart = |c: char| !(c.is_alphanumeric() || "-_:'’".contains(c));
        let plain = |word: &&str| ENGLISH.contains(&word.to_lowercase().as_str());
        text.split(apart).filter(plain).collect()
    }

    #[test]
    fn no_word_of_the_french_help_is_english() {
        let (french, english) = (every_help(Lang::Fr), every_help(Lang::En));
        assert!(french.len() == english.len() && french.len() > 20, "{}", french.len());
        for (fr, en) in french.iter().zip(&english) {
            assert_eq!(english_in(fr), Vec::<&str>::new(), "{fr}");
            assert!(!english_in(en).is_empty(), "{en}");
            assert!(!fr.contains("No localization") && !en.contains("No localization"), "{fr}{en}");
            assert_ne!(fr, en);
        }
    }

    #[test]
    fn what_is_wrong_with_a_command_line_is_said_in_french() {
        for line in [
            "token add portable",
            "token add portable --scope tout",
            "organizer add personne",
            "organizer add",
            "organizer add a@b.example --name \"\"",
            "serve --vite",
            "serve --confi x",
            "serve --config",
            "serve serve",
            "publish",
            "import member",
            "--lang de serve",
            "serve --config a --config b",
            "serve --worker=",
        ] {
            let words = line.split(' ').map(|word| word.trim_matches('"'));
            let matched = command(Lang::Fr).try_get_matches_from(std::iter::once("mensuel").chain(words));
            let error = matched.expect_err(line);
            let said = wrong(Lang::Fr, &error, false);
            assert!(said.starts_with("Erreur\u{a0}: ") && said.contains("--help"), "{line}: {said}");
            assert_eq!(english_in(&said), Vec::<&str>::new(), "{line}: {said}");
            assert!(wrong(Lang::En, &error, false).starts_with("error: "));
        }
    }
}
