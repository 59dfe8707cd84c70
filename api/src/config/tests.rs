use std::fs;

use tempfile::TempDir;

use super::*;

const KEY: &str = "1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

fn write(folder: &TempDir, name: &str, text: &str) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, text).unwrap();
    path
}

fn env(pairs: &[(&str, &str)]) -> impl Iterator<Item = (String, String)> {
    let pairs: Vec<_> = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    pairs.into_iter()
}

fn load(pairs: &[(&str, &str)]) -> Result<Config, Vec<Mistake>> {
    Config::load(None, env(pairs))
}

fn mistakes(result: Result<Config, Vec<Mistake>>) -> String {
    list(&result.unwrap_err(), Lang::En)
}

#[test]
fn nothing_at_all_is_a_whole_configuration() {
    let config = load(&[("PATH", "/bin"), ("MENSUEL_SMTP_URL", "")]).unwrap();
    assert_eq!(config.data_dir, Path::new("./data"));
    assert_eq!(config.database_url.expose_secret(), "sqlite:./data/mensuel.db?mode=rwc");
    assert_eq!(config.bind.to_string(), "127.0.0.1:8080");
    assert_eq!(config.link_base(None).unwrap().as_str(), "http://127.0.0.1:8080/");
    assert_eq!(config.mail_from.as_str(), "mensuel@localhost");
    assert!(config.smtp_url.is_none() && config.given_keys.is_none() && config.worker);
    assert_eq!((config.time_zone, config.language), (Tz::Europe__Paris, Lang::Fr));
}

#[test]
fn variables_stand_over_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = write(
        &folder,
        "mensuel.toml",
        "bind = \"127.0.0.1:9000\"\ncommunity = \"Les soirées\"\nlanguage = \"en\"\nworker = false\n\
         trusted_proxies = [\"10.0.0.1/8\", \"::1\"]\nbase_url = \"https://soirees.example/\"\n",
    );
    let config =
        Config::load(Some(&file), env(&[("MENSUEL_BIND", "127.0.0.1:9001"), ("MENSUEL_LOG_FORMAT", "json")]))
            .unwrap();
    assert_eq!(config.bind.port(), 9001);
    assert_eq!(config.community.as_str(), "Les soirées");
    assert_eq!(config.language, Lang::En);
    assert!(!config.worker);
    assert_eq!(config.log_format, LogFormat::Json);
    assert_eq!(config.trusted_proxies, ["10.0.0.0/8".parse::<IpNet>().unwrap(), "::1/128".parse().unwrap()]);
    assert_eq!(config.link_base(None).unwrap().as_str(), "https://soirees.example/");
}

#[test]
fn all_mistakes_are_listed_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let file =
        write(&folder, "my.toml", "data-dir = \"x\"\nlanguage = \"de\"\n[mail]\nfrom = \"a@b.example\"\n");
    let text = mistakes(Config::load(
        Some(&file),
        env(&[
            ("MENSUEL_BIND", "8080"),
            ("MENSUEL_BASE_URL", "soirees.example"),
            ("MENSUEL_COLOUR", "blue"),
            ("MENSUEL_TIME_ZONE", "Paris"),
            ("MENSUEL_TRUSTED_PROXIES", "10.0.0.0/8, proxy"),
            ("MENSUEL_WORKER", "maybe"),
            ("MENSUEL_LOG", "mensuel=loud"),
            ("MENSUEL_MAIL_FROM", "nobody"),
        ]),
    ));
    let name = file.display().to_string();
    let expected = [
        "The configuration has 11 mistakes:".to_owned(),
        format!(
            "`data-dir` in {name}: there is no such setting; it is called MENSUEL_DATA_DIR (data_dir in the file)."
        ),
        format!("`language` in {name}: `de` is not one of the languages fr and en."),
        format!("`mail` in {name}: there is no such setting; there are data_dir, keys,"),
        "MENSUEL_BIND: `8080` is not an IP address and a port".to_owned(),
        "MENSUEL_BASE_URL: links begin with an https:// or http:// address".to_owned(),
        "MENSUEL_COLOUR: there is no such setting; there are".to_owned(),
        "MENSUEL_TIME_ZONE: `Paris` is not a zone".to_owned(),
        "MENSUEL_TRUSTED_PROXIES: `proxy` is not a network".to_owned(),
        "MENSUEL_WORKER: `maybe` is neither on nor off.".to_owned(),
        "MENSUEL_LOG: `mensuel=loud` is not a log filter".to_owned(),
        "MENSUEL_MAIL_FROM: `nobody` is not an email address.".to_owned(),
    ];
    for sentence in expected {
        assert!(text.contains(&sentence), "{sentence}\n---\n{text}");
    }
}

#[test]
fn variables_are_written_in_capitals() {
    let text = mistakes(load(&[("MENSUEL_Bind", "127.0.0.1:1")]));
    assert!(text.contains("MENSUEL_Bind: this is written MENSUEL_BIND as a variable"), "{text}");
}

#[test]
fn a_named_file_must_exist_and_be_toml() {
    let text = mistakes(Config::load(Some(Path::new("/nowhere/mensuel.toml")), env(&[])));
    assert!(text.contains("/nowhere/mensuel.toml: the file cannot be read"), "{text}");
    let folder = tempfile::tempdir().unwrap();
    let file =
        write(&folder, "mensuel.toml", "bind = \"127.0.0.1:1\"\nsmtp_url = smtps://a:hunter2@b.example\n");
    let text = mistakes(Config::load(Some(&file), env(&[])));
    assert!(text.contains("the file is not TOML (TOML parse error at line 2, column"), "{text}");
    assert!(!text.contains("hunter2"), "{text}");
}

#[test]
fn secrets_come_from_files_too() {
    let folder = tempfile::tempdir().unwrap();
    let keys = write(&folder, "keys.txt", &format!("{KEY}\n"));
    let url = write(&folder, "url.txt", "postgres://mensuel:s3cret@db.example/mensuel\n");
    let config = load(&[
        ("MENSUEL_KEYS_FILE", keys.to_str().unwrap()),
        ("MENSUEL_DATABASE_URL_FILE", url.to_str().unwrap()),
    ])
    .unwrap();
    assert!(config.is_postgres());
    assert_eq!(config.keys().unwrap().newest().id(), 1);
    assert_eq!(config.database_url.expose_secret(), "postgres://mensuel:s3cret@db.example/mensuel");
    let shown = format!("{config:?}");
    assert!(!shown.contains("s3cret") && !shown.contains("AAEC"), "{shown}");
}

#[test]
fn a_secret_that_is_empty_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let empty = write(&folder, "keys.txt", "\n");
    let text = mistakes(load(&[("MENSUEL_KEYS_FILE", empty.to_str().unwrap())]));
    assert!(text.contains("keys.txt holds nothing: write the secret into it"), "{text}");
}

#[test]
fn a_setting_and_its_file_do_not_go_together() {
    let text = mistakes(load(&[("MENSUEL_KEYS", KEY), ("MENSUEL_KEYS_FILE", "/nowhere")]));
    assert!(
        text.contains("MENSUEL_KEYS_FILE: this is also set by MENSUEL_KEYS: keep one of the two."),
        "{text}"
    );
    let text = mistakes(load(&[("MENSUEL_KEYS_FILE", "/nowhere")]));
    assert!(text.contains("MENSUEL_KEYS_FILE: the file /nowhere cannot be read"), "{text}");
    let text = mistakes(load(&[("MENSUEL_BIND_FILE", "/nowhere")]));
    assert!(text.contains("MENSUEL_BIND_FILE: there is no such setting"), "{text}");
    let folder = tempfile::tempdir().unwrap();
    let file = write(&folder, "mensuel.toml", "keys_file = \"/nowhere\"\n");
    let text = mistakes(Config::load(Some(&file), env(&[("MENSUEL_KEYS", "1")])));
    assert!(text.contains("has a mistake:\n- MENSUEL_KEYS: key number 1 in the list has no colon"), "{text}");
}

#[test]
fn postgres_needs_keys_and_a_relay_needs_a_sender() {
    let text = mistakes(load(&[
        ("MENSUEL_DATABASE_URL", "postgres://db.example/mensuel"),
        ("MENSUEL_SMTP_URL", "smtps://mail.example"),
    ]));
    assert!(text.contains("The configuration has 2 mistakes:"), "{text}");
    assert!(text.contains("MENSUEL_KEYS: PostgreSQL needs keys that all processes share"), "{text}");
    assert!(text.contains("MENSUEL_MAIL_FROM: a relay is set"), "{text}");
}

#[test]
fn secrets_are_not_repeated_in_sentences() {
    for (name, value) in [
        ("MENSUEL_KEYS", "1:hunter2"),
        ("MENSUEL_DATABASE_URL", "mysql://a:hunter2@b.example/c"),
        ("MENSUEL_SMTP_URL", "smtp://a:hunter2@b.example"),
        ("MENSUEL_SMTP_URL", "a:hunter2@b.example:25"),
    ] {
        let text = mistakes(load(&[(name, value), ("MENSUEL_MAIL_FROM", "bonjour@soirees.example")]));
        assert!(text.contains(name) && !text.contains("hunter2"), "{text}");
        assert!(text.contains("has a mistake"), "{text}");
    }
}

#[test]
fn relays_and_databases_in_their_forms() {
    for good in [
        "smtp://127.0.0.1:2525",
        "smtp://a:b@localhost",
        "smtp+starttls://a%40b:c@mail.example:587",
        "smtps://mail.example/",
    ] {
        assert!(values::smtp_url(good).is_ok(), "{good}");
    }
    for bad in [
        "http://mail.example",
        "smtp://",
        "mail.example",
        "smtps://mail.example/path",
        "smtp://mail.example",
        "smtps://a@mail.example",
        "smtps://mail.example?tls=no",
    ] {
        assert!(values::smtp_url(bad).is_err(), "{bad}");
    }
    assert_eq!(
        values::database_url("sqlite:///var/lib/m.db").unwrap().expose_secret(),
        "sqlite:/var/lib/m.db?mode=rwc"
    );
    assert_eq!(values::database_url("sqlite:m.db?mode=rw").unwrap().expose_secret(), "sqlite:m.db?mode=rw");
    assert!(values::database_url("postgresql:///m?host=/var/run/postgresql").is_ok());
    for bad in ["sqlite::memory:", "sqlite:", "m.db", "mysql://a"] {
        assert!(values::database_url(bad).is_err(), "{bad}");
    }
}

#[test]
fn port_zero_needs_a_base_address_until_somebody_listens() {
    let config = load(&[("MENSUEL_BIND", "0.0.0.0:0")]).unwrap();
    let mistake = config.link_base(None).unwrap_err();
    assert_eq!(mistake.setting, Setting::Named("MENSUEL_BASE_URL".to_owned()));
    let listening = "0.0.0.0:4321".parse().unwrap();
    assert_eq!(config.link_base(Some(listening)).unwrap().as_str(), "http://127.0.0.1:4321/");
}

#[test]
fn the_demo_has_its_own_database_relay_and_keys() {
    let pairs = [
        ("MENSUEL_DATA_DIR", "/srv/m?1"),
        ("MENSUEL_DATABASE_URL", "postgres://db.example/mensuel"),
        ("MENSUEL_SMTP_URL", "nonsense"),
        ("MENSUEL_KEYS_FILE", "/nowhere"),
        ("MENSUEL_LANGUAGE", "en"),
    ];
    let config = Config::load_demo(None, env(&pairs)).unwrap();
    assert_eq!(config.data_dir, Path::new("/srv/m?1/demo"));
    assert_eq!(config.database_url.expose_secret(), "sqlite:/srv/m%3F1/demo/mensuel.db?mode=rwc");
    assert!(config.smtp_url.is_none() && config.given_keys.is_none());
    assert_eq!(config.language, Lang::En);
    let text = mistakes(Config::load_demo(None, env(&[("MENSUEL_BIND", "0.0.0.0:8080")])));
    assert!(text.contains("MENSUEL_BIND: the demo listens on loopback only"), "{text}");
}

#[test]
fn the_season_is_shown_as_was_set() {
    let usual = load(&[]).unwrap();
    assert_eq!((usual.held_dates, usual.season_begins), (HeldDates::Shown, 9));
    let set = load(&[("MENSUEL_HELD_DATES", "hidden"), ("MENSUEL_SEASON_BEGINS", "1")]).unwrap();
    assert_eq!((set.held_dates, set.season_begins), (HeldDates::Hidden, 1));
    let text = mistakes(load(&[("MENSUEL_HELD_DATES", "no"), ("MENSUEL_SEASON_BEGINS", "13")]));
    assert!(text.contains("MENSUEL_HELD_DATES: `no` is neither shown nor hidden"), "{text}");
    assert!(
        text.contains("MENSUEL_SEASON_BEGINS: `13` is not the number of a month, from 1 to 12"),
        "{text}"
    );
}

#[test]
fn the_waitlist_is_served_as_was_set() {
    let usual = load(&[]).unwrap().waitlist;
    assert_eq!(usual, Policy::default());
    let set = load(&[
        ("MENSUEL_OFFERS_WITHIN_DAYS", "5"),
        ("MENSUEL_OFFER_HOURS", "24"),
        ("MENSUEL_QUIET_HOURS", "22:30-07:00"),
        ("MENSUEL_CUT_OFF_HOURS", "0"),
    ]);
    let set = set.unwrap().waitlist;
    assert_eq!((set.offers_within_days, set.offer_lasts.num_hours(), set.cut_off.num_hours()), (5, 24, 0));
    let time = |text: &str| text.parse().unwrap();
    assert_eq!(set.quiet, mensuel_domain::waitlist::Quiet::new(time("22:30:00"), time("07:00:00")));
    assert_eq!(load(&[("MENSUEL_QUIET_HOURS", "none")]).unwrap().waitlist.quiet, None);
    let text = mistakes(load(&[
        ("MENSUEL_OFFERS_WITHIN_DAYS", "soon"),
        ("MENSUEL_OFFER_HOURS", "0"),
        ("MENSUEL_QUIET_HOURS", "08:00-08:00"),
        ("MENSUEL_CUT_OFF_HOURS", "-1"),
    ]));
    for sentence in [
        "MENSUEL_OFFERS_WITHIN_DAYS: `soon` is not a whole number of days from 0 to 60.",
        "MENSUEL_OFFER_HOURS: `0` is not a whole number of hours from 1 to 168.",
        "MENSUEL_QUIET_HOURS: `08:00-08:00` is not two different times of day such as 21:00-08:00, nor `none`.",
        "MENSUEL_CUT_OFF_HOURS: `-1` is not a whole number of hours from 0 to 72.",
    ] {
        assert!(text.contains(sentence), "{sentence}\n---\n{text}");
    }
}

#[test]
fn a_base_address_has_no_path_as_pages_are_served_from_the_root() {
    let text = mistakes(load(&[("MENSUEL_BASE_URL", "https://soirees.example/cto/")]));
    assert!(text.contains("MENSUEL_BASE_URL: the path `/cto/` cannot be served"), "{text}");
    assert!(load(&[("MENSUEL_BASE_URL", "https://soirees.example")]).is_ok());
}

#[test]
fn mistakes_are_told_in_french() {
    let folder = tempfile::tempdir().unwrap();
    let file =
        write(&folder, "my.toml", "data-dir = \"x\"\nlanguage = \"de\"\n[mail]\nfrom = \"a@b.example\"\n");
    let wrong = Config::load(
        Some(&file),
        env(&[
            ("MENSUEL_BIND", "8080"),
            ("MENSUEL_Bind", "8080"),
            ("MENSUEL_COLOUR", "blue"),
            ("MENSUEL_MAIL_FROM", "personne"),
            ("MENSUEL_COMMUNITY", "\u{7}"),
            ("MENSUEL_DATABASE_URL", "mysql://a"),
            ("MENSUEL_SMTP_URL", "http://a"),
            ("MENSUEL_KEYS", "1:court"),
            ("MENSUEL_LOG_FORMAT", "xml"),
        ]),
    )
    .unwrap_err();
    let text = list(&wrong, Lang::Fr);
    let name = file.display();
    for sentence in [
        "La configuration contient 12 erreurs\u{a0}:".to_owned(),
        format!(
            "«\u{a0}data-dir\u{a0}» dans {name}\u{a0}: ce réglage n’existe pas\u{a0}; il s’appelle MENSUEL_DATA_DIR (data_dir dans le fichier)."
        ),
        "MENSUEL_Bind\u{a0}: ce réglage s’écrit MENSUEL_BIND comme variable".to_owned(),
        "MENSUEL_MAIL_FROM\u{a0}: «\u{a0}personne\u{a0}» n’est pas une adresse électronique.".to_owned(),
        "MENSUEL_KEYS\u{a0}: la clé de numéro 1 ".to_owned(),
    ] {
        assert!(text.contains(&sentence), "{sentence}\n---\n{text}");
    }
    for english in [" the ", " is ", " not ", " there ", "cannot"] {
        assert!(!text.contains(english), "{english}: {text}");
    }
}

#[test]
fn a_file_that_cannot_be_read_says_why_in_french() {
    let folder = tempfile::tempdir().unwrap();
    let of = |file: &Path| list(&Config::load(Some(file), env(&[])).unwrap_err(), Lang::Fr);
    let missing = of(&folder.path().join("nowhere.toml"));
    assert!(missing.ends_with("le fichier ne peut pas être lu\u{a0}: il n’existe pas."), "{missing}");
    let folder_itself = of(folder.path());
    assert!(folder_itself.ends_with("c’est un dossier."), "{folder_itself}");
}
