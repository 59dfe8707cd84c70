//! The words of the service, in Project Fluent.
//!
//! `infra/locales/{fr,en}/infra.ftl` hold the words of mails and of spoken dates and counts. A
//! message is asked for by `fl!(words(lang), "id", name = value)`: id and arguments are checked
//! against the French file when compiling, and [`differences`] proves in a test that the English
//! file has the same messages with the same variables.
//!
//! Another crate with words of its own does the same in five steps:
//! 1. `i18n.toml` beside its Cargo.toml: as in infra, with its own `domain`, here `pages`;
//! 2. `locales/fr/pages.ftl` and `locales/en/pages.ftl`;
//! 3. `i18n-embed` and `i18n-embed-fl` among its dependencies;
//! 4. one static and one function:
//!    ```ignore
//!    static WORDS: LazyLock<Words> = LazyLock::new(|| {
//!        Words::new("pages", include_str!("../locales/fr/pages.ftl"), include_str!("../locales/en/pages.ftl"))
//!    });
//!    pub fn words(lang: Lang) -> &'static FluentLanguageLoader {
//!        WORDS.of(lang)
//!    }
//!    ```
//! 5. a test: `assert_eq!(differences(FR, EN), Vec::<String>::new())`.
//!
//! `include_str!` makes a changed file recompile the crate, so that the check of the keys runs again.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use fluent_syntax::ast::{CallArguments, Entry, Expression, InlineExpression, Pattern, PatternElement};
use fluent_syntax::parser;
use i18n_embed::fluent::FluentLanguageLoader;
use i18n_embed::unic_langid::LanguageIdentifier;
use i18n_embed::{I18nAssets, LanguageLoader};
use mensuel_domain::lang::Lang;

const FR: &str = include_str!("../locales/fr/infra.ftl");
const EN: &str = include_str!("../locales/en/infra.ftl");

static WORDS: LazyLock<Words> = LazyLock::new(|| Words::new("infra", FR, EN));

/// The words of this crate in a language.
pub(crate) fn words(lang: Lang) -> &'static FluentLanguageLoader {
    WORDS.of(lang)
}

/// The messages of one crate in every language. No language falls back on another one: a test
/// proves each complete.
pub struct Words {
    fr: FluentLanguageLoader,
    en: FluentLanguageLoader,
}

impl Words {
    /// Reads the Fluent source of a domain (the name that `i18n.toml` gives it).
    pub fn new(domain: &str, fr: &'static str, en: &'static str) -> Self {
        Self { fr: loader(domain, Lang::Fr, fr), en: loader(domain, Lang::En, en) }
    }

    pub fn of(&self, lang: Lang) -> &FluentLanguageLoader {
        match lang {
            Lang::Fr => &self.fr,
            Lang::En => &self.en,
        }
    }
}

fn loader(domain: &str, lang: Lang, source: &'static str) -> FluentLanguageLoader {
    let id: LanguageIdentifier = lang.code().parse().expect("our language codes are language tags");
    let loader = FluentLanguageLoader::new(domain, id.clone());
    loader.load_languages(&Source(source), &[id]).expect("a source in memory is always there");
    // The marks would be visible in subjects and in text mail; names here are of our two scripts.
    loader.set_use_isolating(false);
    loader
}

/// One language's messages in memory: the same text under every path that is asked for.
struct Source(&'static str);

impl I18nAssets for Source {
    fn get_files(&self, _path: &str) -> Vec<Cow<'_, [u8]>> {
        vec![Cow::Borrowed(self.0.as_bytes())]
    }

    fn filenames_iter(&self) -> Box<dyn Iterator<Item = String> + '_> {
        Box::new(std::iter::empty())
    }
}

/// What keeps two Fluent sources from saying the same: a line that cannot be read, a message that
/// only one of them has, a message whose variables differ. Empty when they agree.
pub fn differences(fr: &str, en: &str) -> Vec<String> {
    let (fr, mut found) = messages("fr", fr);
    let (en, unread) = messages("en", en);
    found.extend(unread);
    let ids: BTreeSet<&String> = fr.keys().chain(en.keys()).collect();
    for id in ids {
        match (fr.get(id), en.get(id)) {
            (Some(a), Some(b)) if a != b => found.push(format!("{id}: fr has {a:?}, en has {b:?}")),
            (None, _) => found.push(format!("{id}: missing in fr")),
            (_, None) => found.push(format!("{id}: missing in en")),
            (Some(_), Some(_)) => {}
        }
    }
    found
}

type Variables = BTreeSet<String>;

fn messages(lang: &str, source: &str) -> (BTreeMap<String, Variables>, Vec<String>) {
    let (resource, mut unread) = match parser::parse(source) {
        Ok(resource) => (resource, Vec::new()),
        Err((resource, errors)) => {
            (resource, errors.iter().map(|error| format!("{lang}: {error}")).collect())
        }
    };
    let mut found = BTreeMap::new();
    for entry in &resource.body {
        let (id, patterns) = match entry {
            Entry::Message(message) => (message.id.name, message.value.iter().collect::<Vec<_>>()),
            Entry::Term(term) => (term.id.name, vec![&term.value]),
            Entry::Comment(_) | Entry::GroupComment(_) | Entry::ResourceComment(_) | Entry::Junk { .. } => {
                continue;
            }
        };
        let mut variables = Variables::new();
        patterns.into_iter().for_each(|pattern| in_pattern(pattern, &mut variables));
        if found.insert(id.to_owned(), variables).is_some() {
            unread.push(format!("{lang}: {id} is there twice"));
        }
    }
    (found, unread)
}

fn in_pattern(pattern: &Pattern<&str>, found: &mut Variables) {
    for element in &pattern.elements {
        if let PatternElement::Placeable { expression } = element {
            in_expression(expression, found);
        }
    }
}

fn in_expression(expression: &Expression<&str>, found: &mut Variables) {
    match expression {
        Expression::Inline(inline) => in_inline(inline, found),
        Expression::Select { selector, variants } => {
            in_inline(selector, found);
            variants.iter().for_each(|variant| in_pattern(&variant.value, found));
        }
    }
}

fn in_inline(inline: &InlineExpression<&str>, found: &mut Variables) {
    match inline {
        InlineExpression::VariableReference { id } => {
            found.insert(id.name.to_owned());
        }
        InlineExpression::Placeable { expression } => in_expression(expression, found),
        InlineExpression::FunctionReference { arguments, .. } => in_arguments(arguments, found),
        InlineExpression::TermReference { arguments, .. } => {
            arguments.iter().for_each(|arguments| in_arguments(arguments, found));
        }
        InlineExpression::StringLiteral { .. }
        | InlineExpression::NumberLiteral { .. }
        | InlineExpression::MessageReference { .. } => {}
    }
}

fn in_arguments(arguments: &CallArguments<&str>, found: &mut Variables) {
    arguments.positional.iter().for_each(|inline| in_inline(inline, found));
    arguments.named.iter().for_each(|named| in_inline(&named.value, found));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn french_and_english_have_the_same_messages_and_variables() {
        assert_eq!(differences(FR, EN), Vec::<String>::new());
    }

    #[test]
    fn a_missing_message_and_another_variable_are_found() {
        let en = "a = { $y ->\n    [one] 1\n   *[other] 2\n}\nc = three\n";
        let found = differences("a = { $x }\nb = deux\n", en);
        assert_eq!(found.len(), 3, "{found:?}");
        assert_eq!(differences("a = un\n", "a = one\na = two\n"), ["en: a is there twice"]);
    }

    #[test]
    fn variables_stand_bare() {
        let said = words(Lang::Fr).get_args("list-two", [("first", "A"), ("last", "B")].into());
        assert_eq!(said, "A et B");
    }
}
