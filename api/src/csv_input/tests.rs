use chrono_tz::Tz;
use mensuel_domain::{event::Stage, format::Confidentiality};

use super::*;

const MEMBERS: &str = include_str!("../../../tests/data/members.csv");
const SEASON: &str = include_str!("../../../tests/data/season.csv");
const PARIS: Tz = Tz::Europe__Paris;

/// The same table as a spreadsheet in France saves it: semicolons, CRLF, Windows-1252.
fn french(text: &str) -> Vec<u8> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let mut writer =
        csv::WriterBuilder::new().delimiter(b';').terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    writer.write_record(reader.headers().unwrap()).unwrap();
    for record in reader.records() {
        writer.write_record(&record.unwrap()).unwrap();
    }
    let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
    let (bytes, _, unmappable) = encoding_rs::WINDOWS_1252.encode(&text);
    assert!(!unmappable);
    bytes.into_owned()
}

fn right<T: Clone + PartialEq>(sheet: &Sheet<T>) -> Vec<T> {
    sheet.lines.iter().map(|line| line.clone().unwrap_or_else(|wrong| panic!("{wrong:?}"))).collect()
}

/// The sentences of all wrong lines.
fn wrong<T>(sheet: &Sheet<T>, lang: Lang) -> Vec<String> {
    sheet.lines.iter().filter_map(|line| line.as_ref().err()).map(|wrong| wrong.sentence(lang)).collect()
}

#[test]
fn the_240_members_are_read() {
    let sheet = members(MEMBERS.as_bytes()).unwrap();
    assert_eq!((sheet.encoding, sheet.delimiter), (Encoding::Utf8, Delimiter::Comma));
    assert!(sheet.notes(Lang::Fr).is_empty());
    let lines = right(&sheet);
    assert_eq!(lines.len(), 240);
    assert_eq!(lines.iter().map(|line| line.line).collect::<Vec<_>>(), (2..=241).collect::<Vec<_>>());
    let first = &lines[0];
    assert_eq!(first.name.as_str(), "Cédric Noël");
    assert_eq!(first.job_title.as_ref().unwrap().as_str(), "VP Engineering");
    assert_eq!(first.member_since, NaiveDate::from_ymd_opt(2026, 7, 17));
    assert_eq!(first.follows, Some(Follows::Formats([Format::Retex, Format::Workshop].into())));
    assert_eq!((first.language, first.status), (Some(Lang::Fr), Some(Status::Active)));
    assert_eq!(lines[1].follows, Some(Follows::All));
}

#[test]
fn the_ten_evenings_are_read() {
    let lines = right(&season(SEASON.as_bytes(), Tz::UTC).unwrap());
    assert_eq!(lines.len(), 10);
    let retex = &lines[0];
    assert_eq!(retex.span.starts_at.to_rfc3339(), "2027-01-14T18:00:00+00:00");
    assert_eq!(
        (retex.format, retex.stage, retex.capacity),
        (Some(Format::Retex), Some(Stage::Published), Some(40))
    );
    assert_eq!(retex.confidentiality, Some(Confidentiality::ChathamHouse));
    assert_eq!(
        retex.speakers,
        [Who::Member(Email::parse("mathilde.lemoine@fourvieresystems.example").unwrap())]
    );
    assert_eq!(retex.address.as_ref().unwrap().as_str(), "12 quai Rambaud, 69002 Lyon");
    let round_table = &lines[1];
    assert_eq!(
        (round_table.panel.len(), round_table.tables, round_table.seats_per_table),
        (3, Some(4), Some(8))
    );
    assert_eq!(lines[3].subjects.len(), 3);
    assert_eq!(lines[3].subjects[2].as_str(), "Dette technique : la montrer au comité de direction");
}

/// The members without the letters that Windows-1252 lacks.
fn western_members() -> String {
    MEMBERS.replace('ễ', "ê").replace('Ł', "L")
}

#[test]
fn a_french_spreadsheet_says_the_same() {
    let sheet = members(&french(&western_members())).unwrap();
    assert_eq!((sheet.encoding, sheet.delimiter), (Encoding::Windows1252, Delimiter::Semicolon));
    assert_eq!(
        sheet.notes(Lang::En),
        ["The file is not UTF-8: it was read as Windows-1252. Please check the accents."]
    );
    assert!(sheet.notes(Lang::Fr)[0].contains("Windows-1252"));
    assert_eq!(right(&sheet), right(&members(western_members().as_bytes()).unwrap()));
    let sheet = season(&french(SEASON), PARIS).unwrap();
    assert_eq!((sheet.encoding, sheet.delimiter), (Encoding::Windows1252, Delimiter::Semicolon));
    assert_eq!(right(&sheet), right(&season(SEASON.as_bytes(), PARIS).unwrap()));
}

#[test]
fn mark_line_ends_order_and_names_of_columns_do_not_matter() {
    let text = "\u{feff}\r\nStage;END;start;Date;Job\r\n";
    assert!(matches!(season(text.as_bytes(), PARIS), Err(FileMistake::UnknownColumns { .. })));
    let text = "\u{feff}Email ;ROLE;name\r\n\r\nzoe@soie.example;\"CTO; fondatrice\";Zoé\r\n;;\r\nab@soie.example;;Abel;\r\n";
    let sheet = members(text.as_bytes()).unwrap();
    assert_eq!((sheet.encoding, sheet.delimiter), (Encoding::Utf8WithMark, Delimiter::Semicolon));
    let lines = right(&sheet);
    assert_eq!(lines.iter().map(|line| line.line).collect::<Vec<_>>(), [3, 5]);
    assert_eq!(lines[0].job_title.as_ref().unwrap().as_str(), "CTO; fondatrice");
    assert_eq!((lines[1].status, &lines[1].follows, lines[1].language), (None, &None, None));
    let one_column_set = members("email;name\na@x.example;A\n".as_bytes()).unwrap();
    assert_eq!(one_column_set.delimiter, Delimiter::Semicolon);
    for ends in ["\n", "\r\n", "\r"] {
        let text = ["name,email", "A,a@x.example", "B,b", ""].join(ends);
        assert_eq!(
            wrong(&members(text.as_bytes()).unwrap(), Lang::En),
            ["Line 3: column “email”: is not an email address."]
        );
    }
}

#[test]
fn a_quoted_cell_may_hold_lines() {
    let text = "date,start,end,title,summary\r\n\
                2027-01-14,19:00,21:30,Un,\"Première ligne\r\n\r\nDeuxième, \"\"citée\"\"\"\r\n\
                2027-02-11,19:00,21:30,Deux,\r\n2027-03-11,19:00:00,00:30,Trois,x\r\n";
    let lines = right(&season(text.as_bytes(), PARIS).unwrap());
    assert_eq!(lines[0].summary.as_ref().unwrap().as_str(), "Première ligne\n\nDeuxième, \"citée\"");
    assert_eq!(lines.iter().map(|line| line.line).collect::<Vec<_>>(), [2, 5, 6]);
    assert_eq!(lines[2].span.end.to_string(), "2027-03-12 00:30:00");
    assert_eq!(lines[2].span.zone, PARIS);
}

#[test]
fn a_quote_that_stays_open_is_named() {
    let text = "name,email\nA,a@x.example\n\"B,b@x.example\nC,c@x.example\n";
    assert_eq!(members(text.as_bytes()).unwrap_err(), FileMistake::OpenQuote { line: 3 });
    let text = "name,email,company\nA \"Al\" B,a@x.example,5\" SAS\nC,c@x.example,x;\"y\n";
    assert_eq!(right(&members(text.as_bytes()).unwrap()).len(), 2);
}

#[test]
fn each_wrong_line_says_all_that_is_wrong() {
    let text = "name,email,language,member_since,follows,status\n\
                ,zoe,de,17/07/2026,retex;cinema,suspended\n\
                Ok,ok@x.example,fr-FR,2026-07-17,\"retex, workshop\",Active\n\
                Court,c@x.example\n\
                Encore,OK@X.example,,,,\n\
                Trop,trop@x.example,,,,,plus\n";
    let sheet = members(text.as_bytes()).unwrap();
    assert_eq!(
        wrong(&sheet, Lang::En),
        [
            "Line 2: column “name”: a value is needed; column “email”: is not an email address; \
             column “language”: “de” is not known. Possible values: fr, en; \
             column “member_since”: “17/07/2026” is not a date. Write year, month and day, such as 2027-01-14; \
             column “follows”: “retex;cinema” is not known. Possible values: all, round_table, workshop, retex, open_discussion; \
             column “status”: “suspended” is not known. Possible values: active, paused, left.",
            "Line 4: the line has 2 values and the heading 6 columns.",
            "Line 5: column “email”: stands on line 3 already.",
            "Line 6: the line has 7 values and the heading 6 columns.",
        ]
    );
    assert_eq!(
        wrong(&sheet, Lang::Fr)[2],
        "Ligne 5\u{a0}: colonne «\u{a0}email\u{a0}»\u{a0}: se trouve déjà à la ligne 3."
    );
    assert!(sheet.lines[1].is_ok());
}

#[test]
fn each_wrong_evening_says_all_that_is_wrong() {
    let text = "date,start,end,time_zone,format,capacity,speakers,confidentiality,status\n\
                2027-03-28,02:30,04:00,Europe/Paris,retex,12,,,held\n\
                2027-03-11,19:00,19:00,,workshop,0,a@b,secret,cancelled\n\
                2027-02-30,19h,,Paris,party,-3,Zoé <zoe@x>,,\n\
                2027-04-08,19:00,21:00,,round-table,20,Zoé Durand; Abel <abel@x.example>;c@x.example,public,published\n\
                2027-04-08,19:00,22:00,,,,,,\n\
                2027-04-08,18:00,22:00,,,,,,\n\
                2027-05-13,19:00,18:00,,,,,,\n\
                2027-06-10,19:00,00:30,,,,,,\n";
    let sheet = season(text.as_bytes(), PARIS).unwrap();
    let wrong = wrong(&sheet, Lang::Fr);
    let expected: [&[&str]; 5] = [
        &[
            "Ligne 2\u{a0}: colonne «\u{a0}start\u{a0}»\u{a0}: 2027-03-28 02:30 n’existe pas (Europe/Paris)\u{a0}: les horloges avancent",
        ],
        &[
            "Ligne 3",
            "la fin doit venir après le début",
            "«\u{a0}0\u{a0}» n’est pas un nombre entier entre 1 et 10000",
            "n’est pas une adresse électronique",
            "«\u{a0}secret\u{a0}» n’est pas connu",
            "held, draft, published",
        ],
        &[
            "Ligne 4",
            "«\u{a0}2027-02-30\u{a0}» n’est pas une date",
            "«\u{a0}19h\u{a0}» n’est pas une heure",
            "colonne «\u{a0}end\u{a0}»\u{a0}: il faut une valeur",
            "n’est pas un fuseau horaire",
            "«\u{a0}party\u{a0}»",
            "«\u{a0}-3\u{a0}»",
            "n’est pas une adresse électronique",
        ],
        &["Ligne 6\u{a0}: colonne «\u{a0}date\u{a0}»\u{a0}: se trouve déjà à la ligne 5."],
        &["Ligne 8\u{a0}: colonne «\u{a0}end\u{a0}»\u{a0}: la fin doit venir après le début"],
    ];
    assert_eq!(wrong.len(), expected.len(), "{wrong:#?}");
    for (sentence, parts) in wrong.iter().zip(expected) {
        for part in parts {
            assert!(sentence.contains(part), "{part}\n{sentence}");
        }
    }
    let good = sheet.lines[3].as_ref().unwrap();
    assert_eq!(good.format, Some(Format::RoundTable));
    let guest = |name: &str, email: Option<&str>| Who::Guest {
        name: PersonName::parse(name).unwrap(),
        email: email.map(|email| Email::parse(email).unwrap()),
    };
    assert_eq!(
        good.speakers,
        [
            guest("Zoé Durand", None),
            guest("Abel", Some("abel@x.example")),
            Who::Member(Email::parse("c@x.example").unwrap())
        ]
    );
    assert!(sheet.lines[5].is_ok());
}

#[test]
fn a_formula_is_a_text() {
    let text = "name,email,job_title,company\n=1+1,a@x.example,+33 CTO,@SUM(A1)\n-2,b@x.example,\"=HYPERLINK(\"\"https://x.example\"\")\",\n";
    let lines = right(&members(text.as_bytes()).unwrap());
    assert_eq!(lines[0].name.as_str(), "=1+1");
    assert_eq!(lines[0].company.as_ref().unwrap().as_str(), "@SUM(A1)");
    assert_eq!(lines[1].job_title.as_ref().unwrap().as_str(), "=HYPERLINK(\"https://x.example\")");
}

#[test]
fn whole_files_are_refused_with_a_sentence() {
    let mark = [0xFF, 0xFE, b'n', 0];
    let cases: [(&[u8], &str); 7] = [
        (b"", "The file is empty"),
        (b" \n\n", "The file is empty"),
        (&mark, "UTF-16"),
        (b"name,email,phone\n", "Unknown columns: “phone”. Possible columns: name, email, job_title"),
        (b"name,company\n", "These columns are missing: email."),
        (b"name,email,role,job_title\n", "The column “job_title” is there twice."),
        (b"name,email,\n", "Unknown columns: “”."),
    ];
    for (bytes, expected) in cases {
        let sentence = members(bytes).unwrap_err().sentence(Lang::En);
        assert!(sentence.contains(expected), "{sentence}");
        assert!(!members(bytes).unwrap_err().sentence(Lang::Fr).is_empty());
    }
}

#[test]
fn files_have_a_limit() {
    assert_eq!(members(&vec![b'x'; MAX_BYTES + 1]).unwrap_err(), FileMistake::TooLarge);
    let many = |count: usize| {
        let lines = (0..count).map(|n| format!("N,n{n}@x.example\n"));
        ["name,email\n".to_owned()].into_iter().chain(lines).collect::<String>()
    };
    assert_eq!(members(many(MAX_LINES).as_bytes()).unwrap().lines.len(), MAX_LINES);
    assert_eq!(members(many(MAX_LINES + 1).as_bytes()).unwrap_err(), FileMistake::TooManyLines);
}

#[test]
fn utf_8_with_a_broken_byte_is_not_taken_for_windows() {
    let mut bytes = MEMBERS.as_bytes().to_vec();
    let at = MEMBERS.find("Éloïse").unwrap();
    bytes.remove(at + 1);
    let line = u64::try_from(MEMBERS[..at].matches('\n').count()).unwrap() + 1;
    let wrong = members(&bytes).unwrap_err();
    assert_eq!(wrong, FileMistake::BrokenUtf8 { line });
    assert!(wrong.sentence(Lang::Fr).contains(&format!("ligne {line}")));
}

#[test]
fn windows_1252_letters_and_bytes_without_a_letter() {
    let lines =
        right(&members(b"name,email,company\nC\xE9dric No\xEBl,a@x.example,L\x92\x8Cuvre\n").unwrap());
    assert_eq!(lines[0].name.as_str(), "Cédric Noël");
    assert_eq!(lines[0].company.as_ref().unwrap().as_str(), "L’Œuvre");
    let sheet = members(b"name,email\nC\x81dric \xE9,a@x.example\n").unwrap();
    assert_eq!(wrong(&sheet, Lang::En), ["Line 2: column “name”: holds a control character."]);
}
