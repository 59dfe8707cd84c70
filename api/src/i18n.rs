//! The words of pages and refusals, in Project Fluent, as `mensuel_infra::i18n` describes.

use std::sync::LazyLock;

use i18n_embed::fluent::FluentLanguageLoader;
use mensuel_domain::lang::Lang;
use mensuel_infra::i18n::Words;

const FR: &str = include_str!("../locales/fr/api.ftl");
const EN: &str = include_str!("../locales/en/api.ftl");

static WORDS: LazyLock<Words> = LazyLock::new(|| Words::new("api", FR, EN));

/// The words of this crate in a language.
pub fn words(lang: Lang) -> &'static FluentLanguageLoader {
    WORDS.of(lang)
}

#[cfg(test)]
mod tests {
    use mensuel_infra::i18n::differences;

    use super::*;

    #[test]
    fn french_and_english_have_the_same_messages_and_variables() {
        assert_eq!(differences(FR, EN), Vec::<String>::new());
    }

    #[test]
    fn french_spaces_before_punctuation_do_not_break() {
        let said = FR.lines().filter(|line| !line.starts_with('#'));
        let breaks = |line: &&str| [" :", " ;", " ?", " »", "« "].iter().any(|pair| line.contains(pair));
        assert_eq!(said.filter(breaks).collect::<Vec<_>>(), Vec::<&str>::new());
    }

    #[test]
    fn nobody_is_shouted_at() {
        assert!(![FR, EN].iter().any(|words| words.contains('!')));
    }
}
