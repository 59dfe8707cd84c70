//! What each calendar answers, and what is none of it.

use mensuel_infra::{
    calendar::{
        PartStat,
        reply::{NoAnswer, Reply},
    },
    mail::inbound::{
        Content,
        answer::{Held, Invited, NotTaken, Verdict, may_apply},
        decision::{Decision, Ignored, Shown},
    },
};

use super::mint::{UID, decide_minted, email, read_minted};

fn reply(name: &str) -> Reply {
    match decide_minted(name) {
        Decision::Reply(reply) => reply,
        other => panic!("{name}: {other:?}"),
    }
}

fn invited(address: &str) -> Invited {
    Invited { uid: UID.to_uppercase(), address: email(address), aliases: vec![], known: vec![] }
}

fn verdict(name: &str, invited: &Invited) -> Verdict {
    let mail = read_minted(name);
    may_apply(&reply(name), Some(invited), mail.from.as_ref(), &mail.auth)
}

#[test]
fn each_client_is_understood_once() {
    for (name, address, partstat, comment) in [
        ("r01-gmail-accepted", "zoe.dupont@gmail.example", PartStat::Accepted, None),
        (
            "r03-outlook365-accepted-no-organizer",
            "zoe@contoso.example",
            PartStat::Accepted,
            Some("J'arrive vers 20 h"),
        ),
        ("r06-apple-macos-accepted", "zoe.dupont@example.net", PartStat::Accepted, None),
        ("r08-icloud-noreply-on-behalf", "zoe@icloud.example", PartStat::Declined, None),
        ("m16-thunderbird-declined", "zoe.dupont@example.net", PartStat::Declined, None),
        (
            "m17-nextcloud-tentative",
            "zoe.dupont@example.net",
            PartStat::Tentative,
            Some("Peut-être en retard"),
        ),
        ("m18-file-only-by-name", "zoe.dupont@example.net", PartStat::Accepted, None),
        ("r56-folded-inside-of-a-character", "zoe.dupont@example.net", PartStat::Accepted, Some("À bientôt")),
    ] {
        let reply = reply(name);
        assert_eq!((reply.uid.as_str(), reply.attendee.key().as_str()), (UID, address), "{name}");
        assert_eq!((reply.partstat, reply.sequence), (partstat, 0), "{name}");
        assert_eq!(reply.comment.as_deref(), comment, "{name}");
        assert_eq!(reply.dtstamp.unwrap().date_naive().to_string(), "2026-10-02", "{name}");
        assert_eq!(verdict(name, &invited(address)), Verdict::Apply, "{name}");
    }
}

#[test]
fn whose_reply_it_is_is_no_matter_of_the_sender() {
    let mail = read_minted("r08-icloud-noreply-on-behalf");
    assert_eq!(mail.from.unwrap().as_str(), "noreply@email.apple.example");
    assert_eq!(mail.reply_to.unwrap().as_str(), "zoe@icloud.example");
    assert!(mail.manner.is_automatic());
}

#[test]
fn somebody_else_books_nothing() {
    let zoe = invited("zoe.dupont@example.net");
    let forwarded = verdict("r11-party-crasher-forwarded", &zoe);
    assert_eq!(forwarded, Verdict::Hold(Held::OtherAddress));
    let forged = verdict("r13-forged-attendee-other-sender", &zoe);
    assert_eq!(forged, Verdict::Ignore(NotTaken::OtherAttendee));
}

#[test]
fn what_is_no_answer_is_shown_or_ignored_with_its_reason() {
    for (name, decision) in [
        ("r05-outlook365-counter", Decision::ShowToOrganizer(Shown::Calendar(NoAnswer::Counter))),
        ("m19-delegated", Decision::ShowToOrganizer(Shown::Calendar(NoAnswer::Delegated))),
        ("m20-two-events", Decision::ShowToOrganizer(Shown::SeveralEvents)),
        ("r15-out-of-office", Decision::Ignore(Ignored::AutoReply)),
        ("m15-read-receipt", Decision::Ignore(Ignored::AutoReply)),
        ("m21-note-without-fields", Decision::Ignore(Ignored::AutoReply)),
        ("r16-human-text-reply", Decision::Forward),
        ("m22-outlook-html-words", Decision::Forward),
    ] {
        assert_eq!(decide_minted(name), decision, "{name}");
    }
}

#[test]
fn words_are_kept_apart_from_what_they_quote() {
    let mail = read_minted("r16-human-text-reply");
    assert_eq!(mail.content, Content::Words);
    assert_eq!(mail.words.said, "Oui, je viens avec plaisir !");
    assert_eq!(mail.words.quoted, "> Répondre : oui / non");
    assert!(!mail.manner.is_automatic());
    let html = read_minted("m22-outlook-html-words");
    assert_eq!(html.words.said, "Oui, je viens, désolée du retard.");
    assert!(html.words.quoted.starts_with("De : Cercle d'essai\nEnvoyé : jeudi"));
    assert_eq!(read_minted("r03-outlook365-accepted-no-organizer").words.said, "J'arrive vers 20\u{a0}h");
}

#[test]
fn the_head_of_a_mail_is_read() {
    let mail = read_minted("r01-gmail-accepted");
    assert_eq!(mail.subject, "Accepté : Soirée d'automne");
    assert_eq!(mail.message_id, "calendar-0a1b-accepted@probe.example");
    assert_eq!(mail.date.unwrap().to_rfc3339(), "2026-10-02T09:00:00+00:00");
    assert!(mail.manner.auto_submitted && !mail.manner.null_return_path);
    let other = read_minted("r11-party-crasher-forwarded");
    assert_eq!(other.message_id, mail.message_id);
    assert_ne!(other.body, mail.body);
}
