//! What servers report: failures in every dialect, delays, complaints.

use mensuel_infra::mail::inbound::{
    Class, Feedback, Recipient,
    decision::{Decision, Ignored, classify},
    read,
};

use super::mint::{BASE, MESSAGE_ID, decide, decide_minted, inbox, minted, names, read_minted, row};

#[test]
fn each_failure_is_read_in_its_dialect() {
    for (name, address, status, class) in [
        ("d01-postfix-user-unknown-5.1.1", "zoe.dupont@example.net", Some("5.1.1"), Class::Hard),
        ("d03-gmail-no-such-user", "nobody@gmail.example", Some("5.1.1"), Class::Hard),
        ("d05-exchange-online-5.1.10", "zoe@contoso.example", Some("5.1.10"), Class::Hard),
        ("d07-exim-multipart-report", "zoe.dupont@example.net", Some("5.0.0"), Class::Hard),
        ("d10-opensmtpd-mailbox-full-5.2.2", "zoe.dupont@example.net", Some("5.2.2"), Class::Full),
        ("d13-two-recipients-mixed", "zoe.dupont@example.net", Some("5.1.1"), Class::Hard),
        ("m01-qmail", "zoe.dupont@example.net", Some("5.1.1"), Class::Hard),
        ("m02-exim-text", "zoe.dupont@example.net", None, Class::Hard),
        ("m03-exchange-old", "zoe.dupont@example.net", None, Class::Hard),
        ("m04-gmail-text", "zoe.dupont@example.net", Some("5.2.2"), Class::Full),
        ("m05-sendmail-old", "zoe.dupont@example.net", Some("5.1.1"), Class::Hard),
        ("m06-yahoo-text", "zoe.dupont@example.net", None, Class::Hard),
        ("m07-office365-blocked-5.7.1", "zoe@contoso.example", Some("5.7.1"), Class::Ours),
        ("m10-postfix-expired-4.4.1", "zoe.dupont@example.net", Some("4.4.1"), Class::Soft),
    ] {
        let Decision::Bounce { row: found, bounce } = decide_minted(name) else {
            panic!("{name}: {:?}", read_minted(name).content)
        };
        assert_eq!(found, row(), "{name}");
        assert_eq!(bounce.original.as_deref(), Some(MESSAGE_ID), "{name}");
        assert_eq!(bounce.failed.len(), 1, "{name}");
        let failed = &bounce.failed[0];
        assert_eq!(failed.address.as_ref().map(|address| address.key()).as_deref(), Some(address), "{name}");
        assert_eq!(failed.status.map(|status| status.to_string()).as_deref(), status, "{name}");
        assert_eq!(failed.class, class, "{name}");
        assert!(
            !failed.words.contains('@') && failed.words.chars().count() <= 201,
            "{name}: {}",
            failed.words
        );
    }
}

#[test]
fn who_was_spared_is_told_from_who_was_not() {
    let Decision::Bounce { bounce, .. } = decide_minted("d13-two-recipients-mixed") else { panic!() };
    let (zoe, ok) = (super::mint::email("zoe.dupont@example.net"), super::mint::email("ok@example.net"));
    assert_eq!(bounce.spared.as_slice(), std::slice::from_ref(&ok));
    assert_eq!(bounce.failure_of(|one| *one == zoe).map(|failed| failed.class), Some(Class::Hard));
    assert_eq!(bounce.failure_of(|one| *one == ok), None);
}

#[test]
fn a_delay_or_a_delivery_is_no_failure() {
    for name in ["m08-postfix-delayed", "m09-exim-warning", "m11-sendmail-delivered"] {
        assert_eq!(decide_minted(name), Decision::Ignore(Ignored::NoFailure), "{name}");
    }
}

#[test]
fn a_report_without_our_token_is_ignored() {
    assert_eq!(decide_minted("d12-forged-dsn-unknown-verp"), Decision::Ignore(Ignored::UnknownToken));
    let token = super::mint::addresses().bounce(row()).unwrap().to_string();
    for name in names().iter().filter(|name| name.starts_with('d')) {
        let forged = minted(name).replace(&token, BASE);
        let decision = decide(forged.as_bytes());
        assert!(matches!(decision, Decision::Ignore(_)), "{name}: {decision:?}");
    }
}

#[test]
fn a_report_to_the_main_address_counts_by_the_token_inside() {
    let raw = minted("d01-postfix-user-unknown-5.1.1");
    let mail = read(raw.as_bytes(), Some(BASE), &inbox());
    assert!(
        matches!(classify(&mail, &Recipient::Main), Decision::Bounce { row: found, .. } if found == row())
    );
}

#[test]
fn anything_else_at_an_address_for_reports_goes_on() {
    let to = super::mint::addresses().bounce(row()).unwrap().to_string();
    let decided = |name: &str| {
        let mail = read(minted(name).as_bytes(), Some(&to), &inbox());
        classify(&mail, &mail.recipient)
    };
    assert!(matches!(decided("r01-gmail-accepted"), Decision::Reply(_)));
    assert_eq!(decided("r15-out-of-office"), Decision::Ignore(Ignored::AutoReply));
    assert_eq!(decided("r16-human-text-reply"), Decision::Forward);
}

#[test]
fn complaints_of_all_providers_name_the_mail() {
    for (name, recipient, by_token) in [
        ("a01-rfc5965-abuse", "zoe.dupont@example.net", true),
        ("a03-microsoft-jmrp-not-arf", "zoe.dupont@hotmail.example", false),
        ("m12-microsoft-arf-redacted", "redacted@hotmail.example", false),
    ] {
        let Decision::Complaint(complaint) = decide_minted(name) else { panic!("{name}") };
        assert_eq!(complaint.feedback, Feedback::Complaint, "{name}");
        assert_eq!(complaint.original.as_deref(), Some(MESSAGE_ID), "{name}");
        assert_eq!(complaint.row.is_some(), by_token, "{name}");
        assert_eq!(complaint.recipient.unwrap().as_str(), recipient, "{name}");
    }
    assert_eq!(decide_minted("m13-not-spam"), Decision::Ignore(Ignored::NoComplaint));
    let nameless = minted("m12-microsoft-arf-redacted").replace("Message-ID: <0192", "X-Gone: <0192");
    assert_eq!(decide(nameless.as_bytes()), Decision::Ignore(Ignored::ComplaintWithoutMail));
}

#[test]
fn a_person_at_the_address_for_complaints_is_heard() {
    let to = super::mint::addresses().complaints().unwrap().to_string();
    let mail = read(minted("r16-human-text-reply").as_bytes(), Some(&to), &inbox());
    assert_eq!(classify(&mail, &mail.recipient), Decision::Forward);
}

#[test]
fn any_mail_to_the_address_for_leaving_leaves() {
    assert_eq!(decide_minted("m14-apple-unsubscribe"), Decision::Unsubscribe(row()));
    let to = super::mint::addresses().unsubscribe(row()).unwrap().to_string().to_uppercase();
    let huge = "x".repeat(3_000_000);
    for raw in [&b""[..], b"\r\n", b"Subject: unsubscribe\r\n\r\n", huge.as_bytes()] {
        let mail = read(raw, Some(&to), &inbox());
        assert_eq!(classify(&mail, &mail.recipient), Decision::Unsubscribe(row()));
    }
    let other = to.replacen("+U-", "+U-A", 1);
    let mail = read(b"", Some(&other), &inbox());
    assert_eq!(classify(&mail, &mail.recipient), Decision::Ignore(Ignored::UnknownToken));
}

#[test]
fn a_person_who_tells_of_an_error_is_no_report() {
    let raw = minted("r16-human-text-reply").replace(
        "Oui, je viens avec plaisir !",
        "Ma collègue a reçu : Delivery to the following recipient failed permanently: bob@example.net 550 5.1.1",
    );
    assert_eq!(decide(raw.as_bytes()), Decision::Forward);
}
