//! The contract as a page that people read: `/api/docs`, rendered from `openapi.yaml`, without
//! script. The words of the contract are English; what stands around them follows the reader.

mod document;
mod prose;
mod types;
mod words;

use std::sync::LazyLock;

use askama::Template;
use mensuel_domain::lang::Lang;

use document::{Group, Schema};
use words::Words;

/// `openapi.yaml` as it is served.
pub const CONTRACT: &str = include_str!("../../openapi.yaml");

#[derive(Template)]
#[template(path = "docs.html")]
struct Page {
    lang: &'static str,
    words: Words,
    title: String,
    version: String,
    introduction: String,
    groups: Vec<Group>,
    schemas: Vec<Schema>,
}

/// The page in one language, rendered once for the life of the process.
pub fn page(lang: Lang) -> &'static str {
    static FRENCH: LazyLock<String> = LazyLock::new(|| render(Lang::Fr));
    static ENGLISH: LazyLock<String> = LazyLock::new(|| render(Lang::En));
    match lang {
        Lang::Fr => &FRENCH,
        Lang::En => &ENGLISH,
    }
}

fn render(lang: Lang) -> String {
    let document = document::read(CONTRACT);
    let page = Page {
        lang: lang.code(),
        words: Words::of(lang),
        title: document.title,
        version: document.version,
        introduction: document.introduction,
        groups: document.groups,
        schemas: document.schemas,
    };
    page.render().expect("writing into a String cannot fail")
}

#[cfg(test)]
mod tests;
