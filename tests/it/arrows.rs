//! The arrows of ARCHITECTURE.md that the compiler does not draw.

use std::{
    fs,
    path::{Path, PathBuf},
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").to_owned()
}

/// The Rust sources below a folder, without their unit tests.
fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut open = vec![root().join(folder)];
    while let Some(path) = open.pop() {
        let is_test = path.file_stem().is_some_and(|name| name == "tests");
        if is_test {
            continue;
        }
        if path.is_dir() {
            open.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default().to_owned();
            found.push((path, code));
        }
    }
    assert!(!found.is_empty(), "no sources below {folder}");
    found
}

/// The lines of code, comments left out, that hold one of the words.
fn holding(folder: &str, words: &[&str], except: &[&str]) -> Vec<String> {
    let mut lines = Vec::new();
    for (path, code) in sources(folder) {
        let shown = path.strip_prefix(root()).unwrap().display().to_string();
        if except.iter().any(|except| shown.starts_with(except)) {
            continue;
        }
        let code = code.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//"));
        let hits = code.filter(|(_, line)| words.iter().any(|word| line.contains(word)));
        lines.extend(hits.map(|(at, line)| format!("{shown}:{}: {}", at + 1, line.trim())));
    }
    lines
}

#[test]
fn use_cases_know_no_http() {
    assert_eq!(holding("api/src/use_cases", &["actix_web"], &[]), [""; 0]);
    assert!(!holding("api/src/json", &["actix_web"], &[]).is_empty(), "the search finds what is there");
}

#[test]
fn nothing_knows_what_stands_before_it() {
    let doors =
        ["crate::json", "crate::page_doors", "crate::feed_doors", "crate::cli", "json::", "page_doors::"];
    let views = ["crate::pages", "pages::", "crate::words", "words::", "lang: Lang"];
    for (folder, unknown) in [
        ("api/src/use_cases", [doors.as_slice(), &views[..4]].concat()),
        ("api/src/pages", doors.to_vec()),
        ("api/src/page_doors", vec!["crate::json", "json::", "crate::cli", "crate::serve", "serve::"]),
        ("api/src/json", vec!["page_doors", "crate::pages", "crate::cli", "crate::serve"]),
        ("api/src/serve", vec!["pages::", "crate::cli", "page_doors"]),
    ] {
        let found = holding(folder, &unknown, &[]);
        let uses: Vec<&String> = found.iter().filter(|line| !line.contains("serde_json::")).collect();
        assert!(uses.is_empty(), "{folder}: {uses:#?}");
    }
}

#[test]
fn the_wall_clock_is_read_in_one_place() {
    let words = ["Utc::now(", "Local::now(", "SystemTime::now(", "now_v7("];
    for folder in ["domain/src", "infra/src", "api/src"] {
        assert_eq!(holding(folder, &words, &["infra/src/clock.rs"]), [""; 0], "{folder}");
    }
    assert!(!holding("infra/src", &words, &[]).is_empty(), "the search finds what is there");
}

#[test]
fn icalendar_is_written_in_one_place() {
    let words = ["BEGIN:V", "DTSTART", "\\r\\nEND:", "VTIMEZONE"];
    for folder in ["domain/src", "infra/src", "api/src"] {
        assert_eq!(holding(folder, &words, &["infra/src/calendar"]), [""; 0], "{folder}");
    }
    assert!(!holding("infra/src/calendar", &words, &[]).is_empty(), "the search finds what is there");
}

#[test]
fn the_domain_is_pure() {
    let words = ["tokio", "sea_orm", "lettre", "actix", "async fn", "std::fs", "std::net", "std::env"];
    assert_eq!(holding("domain/src", &words, &[]), [""; 0]);
}

#[test]
fn a_change_is_committed_in_one_place() {
    let words = [".transaction.commit()", "begin_with_options("];
    let lines = holding("infra/src", &words, &["infra/src/store/tx.rs"]);
    assert_eq!(lines, [""; 0]);
    // Nothing begins a transaction without this trait.
    let words = ["TransactionTrait", "begin_with_options(", ".commit().await"];
    assert_eq!(holding("api/src", &words, &[]), [""; 0], "doors and use cases take Tx");
}
