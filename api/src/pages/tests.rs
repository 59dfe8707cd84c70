mod samples;

use super::*;

/// Ends every context that a template may have put it in.
fn hostile(text: &str) -> String {
    format!(
        "{text}\"'`></textarea></pre></title><script>alert(1)</script><img src=x onerror=alert(1)> x=y {{{{7*7}}}} &lt; <!--"
    )
}

/// A tag with the names of its attributes, as a browser would read them.
fn tags(html: &str) -> Vec<(String, Vec<String>)> {
    let mut found = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        let name: String = rest.chars().take_while(|c| !c.is_whitespace() && *c != '>').collect();
        rest = &rest[name.len()..];
        let mut attributes = Vec::new();
        loop {
            rest = rest.trim_start();
            if rest.is_empty() || rest.starts_with('>') {
                break;
            }
            let attribute: String =
                rest.chars().take_while(|c| !c.is_whitespace() && !"=>".contains(*c)).collect();
            rest = &rest[attribute.len()..];
            if let Some(value) = rest.strip_prefix("=\"") {
                rest = value.split_once('"').map_or("", |(_, after)| after);
            } else {
                rest = rest.strip_prefix('=').unwrap_or(rest);
            }
            attributes.push(attribute);
        }
        found.push((name, attributes));
    }
    found
}

fn all(t: samples::Text) -> Vec<(String, String)> {
    Lang::ALL
        .into_iter()
        .flat_map(|lang| {
            samples::pages(lang, t)
                .into_iter()
                .map(move |(name, html)| (format!("{name}.{}", lang.code()), html))
        })
        .collect()
}

#[test]
fn hostile_text_in_every_field_adds_no_tag_and_no_attribute() {
    for ((name, plain), (_, attacked)) in all(str::to_owned).into_iter().zip(all(hostile)) {
        assert!(attacked.contains("&#60;script&#62;"), "{name} shows no text of people");
        assert_eq!(tags(&plain), tags(&attacked), "{name}");
    }
}

#[test]
fn the_guard_above_sees_what_an_unescaped_text_would_add() {
    let page = |title: &str| format!("<h1 title=\"{title}\">{title}</h1>");
    assert_ne!(tags(&page("a")), tags(&page(&hostile("a"))));
}

/// How the one element that may be called a script begins.
const DATA: &str = "<script type=\"application/ld+json\">{";

#[test]
fn nothing_is_inline_and_nothing_is_fetched_from_elsewhere() {
    for (name, html) in all(str::to_owned) {
        for (tag, attributes) in tags(&html) {
            // Data for machines is not run; whatever a script is, is.
            let is_data = html.matches("<script").count() == html.matches(DATA).count();
            assert!(tag != "script" || is_data, "{name}");
            assert!(!["style", "base", "object", "embed"].contains(&tag.as_str()), "{name}: {tag}");
            let inline = attributes.iter().find(|it| *it == "style" || it.starts_with("on"));
            assert_eq!(inline, None, "{name}: {tag}");
        }
        let fetched = html
            .split("src=\"")
            .skip(1)
            .chain(html.split("<link").skip(1).flat_map(|link| link.split("href=\"").nth(1)));
        for address in fetched {
            assert!(!address.starts_with("http") && !address.starts_with("//"), "{name}: {address}");
        }
    }
}

#[test]
fn headings_go_down_one_by_one_from_a_single_title() {
    for (name, html) in all(str::to_owned) {
        let levels: Vec<u32> = tags(&html)
            .iter()
            .filter_map(|(tag, _)| tag.strip_prefix('h').and_then(|level| level.parse().ok()))
            .collect();
        assert_eq!(levels.iter().filter(|level| **level == 1).count(), 1, "{name}");
        assert!(levels.windows(2).all(|pair| pair[1] <= pair[0] + 1), "{name}: {levels:?}");
    }
}

#[test]
fn every_field_has_a_label() {
    for (name, html) in all(str::to_owned) {
        let fields = ["<input ", "<textarea ", "<select "].map(|start| html.split(start).skip(1));
        for part in fields.into_iter().flatten() {
            let field = part.split('>').next().unwrap_or_default();
            if field.contains("type=\"hidden\"") {
                continue;
            }
            let id = field.split("id=\"").nth(1).and_then(|rest| rest.split('"').next());
            let id = id.unwrap_or_else(|| panic!("{name}: no label can name <{field}>"));
            assert!(
                html.contains(&format!("<label for=\"{id}\"")) || html.contains(&format!("for=\"{id}\">")),
                "{name}: {id}"
            );
        }
    }
}

#[test]
fn both_languages_show_the_same_states_in_their_own_words() {
    let (fr, en) = (samples::pages(Lang::Fr, str::to_owned), samples::pages(Lang::En, str::to_owned));
    for ((name, fr), (_, en)) in fr.into_iter().zip(en) {
        assert_ne!(fr, en, "{name}");
        assert!(fr.contains("<html lang=\"fr\">") && en.contains("<html lang=\"en\">"), "{name}");
        assert!(!fr.contains("No localization") && !en.contains("No localization"), "{name}");
    }
}

#[test]
fn the_language_asked_for_stays_in_links_and_the_switch_leads_nowhere_else() {
    let mut frame = Frame {
        lang: Lang::En,
        lang_asked: true,
        community: "C".into(),
        query: "a=yes&lang=en".into(),
        today: NaiveDate::MIN,
        demo: false,
    };
    assert_eq!(frame.to("/link?event=x"), "/link?event=x&lang=en");
    assert_eq!(frame.here_in(&Lang::Fr), "?a=yes&lang=fr");
    frame.lang_asked = false;
    assert_eq!(frame.to("/"), "/");
}

/// Buttons of a page in their order, with what they send.
fn buttons(html: &str) -> Vec<&str> {
    html.split("name=\"answer\" value=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

#[test]
fn the_answers_that_count_are_offered_with_the_chosen_one_first() {
    let frame = |lang| Frame {
        lang,
        lang_asked: false,
        community: "C".into(),
        query: String::new(),
        today: NaiveDate::MIN,
        demo: false,
    };
    let offered = |name: &str| {
        let views = samples::rsvp_pages(str::to_owned);
        let (_, view) = views.iter().find(|(its, _)| *its == name).expect("a sample of that name");
        buttons(&rsvp::render(&frame(Lang::Fr), view)).join(" ")
    };
    assert_eq!(offered("rsvp-first"), "yes maybe no");
    assert_eq!(offered("rsvp-chosen-no"), "no yes maybe");
    assert_eq!(offered("rsvp-maybe"), "maybe yes no");
    assert_eq!(offered("rsvp-late"), "no maybe");
    assert_eq!(offered("rsvp-offered"), "yes maybe no");
    assert_eq!(offered("rsvp-offered-late"), "yes maybe no", "what is offered may be taken");
    assert_eq!(offered("rsvp-late-guests"), "yes maybe no");
    for closed in ["rsvp-not-open", "rsvp-ended", "rsvp-cancelled"] {
        assert_eq!(offered(closed), "", "{closed}");
    }
}

#[test]
fn a_mail_keeps_its_html_and_its_links_lead_out_of_the_frame() {
    let part = mailbox::html_part("<html><head><title>x</title></head></html>");
    assert_eq!(part, "<html><head><base target=\"_top\"><title>x</title></head></html>");
}
