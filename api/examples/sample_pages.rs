//! Writes every page in every state and in both languages into a folder, to be looked at:
//!
//! ```sh
//! cargo run -p mensuel --example sample_pages -- target/pages
//! python3 -m http.server -b 127.0.0.1 -d target/pages
//! ```

use std::{error::Error, fs, path::PathBuf};

use mensuel::{assets, pages::mailbox};
use mensuel_domain::lang::Lang;

// The views that the tests of the pages use too.
#[path = "../src/pages/tests/samples.rs"]
mod samples;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| "target/pages".to_owned()));
    fs::create_dir_all(folder.join("assets"))?;
    for name in ["app.css", "mark.svg"] {
        let asset = assets::get(name).ok_or("no such asset")?;
        fs::write(folder.join("assets").join(name), asset.bytes)?;
    }
    let mut index = String::from("<!doctype html><meta charset=utf-8><title>Pages</title><ul>");
    for lang in Lang::ALL {
        for (name, html) in samples::pages(lang, str::to_owned) {
            let file = format!("{name}.{}.html", lang.code());
            index += &format!("<li><a href=\"{file}\">{file}</a>");
            fs::write(folder.join(file), html)?;
        }
    }
    fs::write(folder.join("part.html"), mailbox::html_part(PART))?;
    fs::write(folder.join("index.html"), index)?;
    println!("{}", folder.display());
    Ok(())
}

const PART: &str = "<!doctype html><html lang=\"fr\"><head><meta name=\"color-scheme\" content=\"light dark\"><title>Mail</title></head><body style=\"font-family: Georgia, serif; padding: 2rem\"><p><b>14 janvier, 19 h</b></p><p>Viendrez-vous ? <a href=\"/r/SAMPLE\">Oui</a></p></body></html>";
