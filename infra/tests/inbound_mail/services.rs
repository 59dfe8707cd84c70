//! Reports and replies as the services of today write them: one table of each kind.

use mensuel_infra::{
    calendar::PartStat,
    mail::inbound::{
        Bounce, Class,
        decision::{Decision, Ignored, Shown},
    },
};

use super::mint::{BASE, UID, addresses, decide, email, row};

const ZOE: &str = "zoe@soie.example";

fn at_our_address(head: &str, body: &str) -> String {
    let to = addresses().bounce(row()).unwrap();
    format!("Return-Path: <>\nTo: <{to}>\nFrom: MAILER-DAEMON@mx.example\n{head}\n\n{body}\n")
        .replace('\n', "\r\n")
}

/// A report with its two halves: for people and for machines.
fn report(text: &str, blocks: &str) -> String {
    at_our_address(
        "Subject: Undelivered\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=R",
        &format!(
            "--R\nContent-Type: text/plain; charset=utf-8\n\n{text}\n--R\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n{blocks}\n--R--"
        ),
    )
}

fn bounce(raw: &str) -> Bounce {
    match decide(raw.as_bytes()) {
        Decision::Bounce { row: found, bounce } if found == row() => bounce,
        other => panic!("{other:?}\n{raw}"),
    }
}

/// Service, text, block, what follows.
const REPORTS: &[(&str, &str, &str, Class)] = &[
    ("OpenSMTPD", "Hi!\n\nzoe@soie.example: 550 5.1.1 User unknown", "Status: 5.0.0", Class::Hard),
    ("OpenSMTPD, full", "Hi!\n\nzoe@soie.example: 552 5.2.2 mailbox full", "Status: 5.0.0", Class::Full),
    (
        "Exim, no route",
        "This is a permanent error. The following address(es) failed:\n\n  zoe@soie.example\n    Unrouteable address",
        "Status: 5.0.0",
        Class::Hard,
    ),
    (
        "Exim, no mail server",
        "  zoe@soie.example\n    all relevant MX records point to non-existent hosts",
        "Status: 5.0.0",
        Class::Hard,
    ),
    (
        "Exim, tried long enough",
        "  zoe@soie.example\n    host mx.soie.example [192.0.2.1]\n    SMTP error from remote mail server after RCPT TO:<zoe@soie.example>:\n    450 4.7.1 Greylisted: retry timeout exceeded",
        "Status: 5.0.0",
        Class::Ours,
    ),
    (
        "Outlook.com",
        "x",
        "Status: 5.5.0\nDiagnostic-Code: smtp;550 5.5.0 Requested action not taken: mailbox unavailable (S2017062302).",
        Class::Hard,
    ),
    (
        "Outlook.com, our address is listed",
        "x",
        "Status: 5.7.1\nDiagnostic-Code: smtp;550 5.7.1 Unfortunately, messages from [192.0.2.1] weren't sent (S3140)",
        Class::Ours,
    ),
    (
        "Exchange Online, unknown at the edge",
        "x",
        "Status: 5.4.1\nDiagnostic-Code: smtp;550 5.4.1 Recipient address rejected: Access denied.",
        Class::Hard,
    ),
    (
        "Exchange Online, no such domain",
        "x",
        "Status: 5.4.310\nDiagnostic-Code: smtp;550 5.4.310 DNS domain soie.example does not exist [Message=InfoDomainNonexistent]",
        Class::Hard,
    ),
    (
        "Exchange Online, full",
        "x",
        "Status: 5.2.2\nDiagnostic-Code: smtp;554 5.2.2 mailbox full; STOREDRV.Deliver; QuotaExceededException",
        Class::Full,
    ),
    (
        "Exchange Online, what another one said",
        "x",
        "Status: 5.0.350\nDiagnostic-Code: smtp;550 5.0.350 Remote server returned an error -> 550 5.1.1 User unknown",
        Class::Hard,
    ),
    (
        "Exchange, a loop",
        "x",
        "Status: 5.4.14\nDiagnostic-Code: smtp;554 5.4.14 Hop count exceeded - possible mail loop",
        Class::Ours,
    ),
    (
        "Gmail, inactive",
        "x",
        "Status: 5.2.1\nDiagnostic-Code: smtp; 550-5.2.1 The email account that you tried to reach is inactive.",
        Class::Hard,
    ),
    (
        "Gmail, out of storage",
        "x",
        "Status: 4.2.2\nDiagnostic-Code: smtp; 452-4.2.2 The recipient's inbox is out of storage space.",
        Class::Full,
    ),
    (
        "Gmail, no such domain",
        "** Address not found **",
        "Status: 5.1.2\nDiagnostic-Code: smtp; DNS Error: DNS type 'mx' lookup of soie.example responded with code NXDOMAIN",
        Class::Hard,
    ),
    (
        "Postfix, no such domain",
        "x",
        "Status: 5.4.4\nDiagnostic-Code: X-Postfix; Host or domain name not found. Name service error for name=soie.example type=A: Host not found",
        Class::Hard,
    ),
    (
        "Postfix, no such relay",
        "x",
        "Status: 5.4.4\nDiagnostic-Code: X-Postfix; Host or domain name not found. Name service error for name=relais.lyon.example type=A: Host not found",
        Class::Ours,
    ),
    (
        "Postfix, put off for our reputation until it expired",
        "x",
        "Status: 4.7.28\nDiagnostic-Code: smtp; 421-4.7.28 Gmail has detected an unusual rate of unsolicited mail",
        Class::Ours,
    ),
    (
        "Postfix, nobody answered until it expired",
        "x",
        "Status: 4.4.1\nDiagnostic-Code: X-Postfix; connect to mx.soie.example[192.0.2.1]:25: Connection timed out",
        Class::Soft,
    ),
    (
        "Yahoo",
        "x",
        "Status: 5.0.0\nDiagnostic-Code: smtp; 552 1 Requested mail action aborted, mailbox not found",
        Class::Hard,
    ),
    (
        "Domino",
        "x",
        "Status: 5.0.0\nDiagnostic-Code: X-Notes; User zoe (zoe@soie.example) not listed in Domino Directory",
        Class::Hard,
    ),
    (
        "Proton",
        "x",
        "Status: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 <zoe@soie.example>: Recipient address rejected: Address does not exist",
        Class::Hard,
    ),
    (
        "GMX",
        "x",
        "Status: 5.0.0\nDiagnostic-Code: smtp; 550-Requested action not taken: mailbox unavailable 550 For explanation visit https://postmaster.gmx.example",
        Class::Hard,
    ),
    (
        "Orange, full",
        "x",
        "Status: 5.1.1\nDiagnostic-Code: smtp; 552 5.1.1 Boite du destinataire pleine. Recipient overquota. OFR_417",
        Class::Full,
    ),
    ("nothing that anybody understands", "x", "Status: 5.0.0\nDiagnostic-Code: smtp; 599 Nope", Class::Soft),
];

#[test]
fn each_service_is_understood() {
    for (service, text, block, class) in REPORTS.iter().copied() {
        let block = format!("Final-Recipient: rfc822; {ZOE}\nAction: failed\n{block}");
        let bounce = bounce(&report(text, &block));
        let [failed] = bounce.failed.as_slice() else { panic!("{service}: {bounce:?}") };
        assert_eq!(
            (failed.class, failed.address.as_ref()),
            (class, Some(&email(ZOE))),
            "{service}: {failed:?}"
        );
        assert!(!failed.words.is_empty() && !failed.words.contains('@'), "{service}: {failed:?}");
    }
}

/// Reports without a half for machines.
#[test]
fn words_alone_are_understood_too() {
    for (service, subject, text, class) in [
        (
            "qmail",
            "failure notice",
            "Hi. This is the qmail-send program at mx.example.\n\n<zoe@soie.example>:\nThis user doesn't have a soie.example account (#5.1.1)",
            Class::Hard,
        ),
        (
            "qmail, no such domain",
            "failure notice",
            "Hi. This is the qmail-send program at mx.example.\n\n<zoe@soie.example>:\nSorry, I couldn't find any host named soie.example. (#5.1.2)",
            Class::Hard,
        ),
        (
            "qmail, nobody answers",
            "failure notice",
            "Hi. This is the qmail-send program at mx.example.\n\n<zoe@soie.example>:\nSorry, I wasn't able to establish an SMTP connection. (#4.4.1)\nI'm not going to try again; this message has been in the queue too long.",
            Class::Soft,
        ),
        (
            "vpopmail, full",
            "failure notice",
            "Hi. This is the qmail-send program at mx.example.\n\n<zoe@soie.example>:\nuser is over quota",
            Class::Full,
        ),
        (
            "qmail, our sender",
            "failure notice",
            "Hi. This is the qmail-send program at mx.example.\n\n<zoe@soie.example>:\nConnected to 192.0.2.1 but sender was rejected.",
            Class::Ours,
        ),
        (
            "Zoho",
            "Undelivered Mail Returned to Sender",
            "This message was created automatically by mail delivery software. A message that you sent could not be delivered to one or more of its recipients.\n\nzoe@soie.example, ERROR CODE :550 - 5.1.1 User does not exist - <zoe@soie.example>",
            Class::Hard,
        ),
        (
            "Exchange in French",
            "Non remis : Invitation",
            "La remise à ces destinataires ou groupes a échoué :\n\nzoe@soie.example<mailto:zoe@soie.example>\nL'adresse de messagerie que vous avez entrée est introuvable.",
            Class::Hard,
        ),
        (
            "Exchange in German",
            "Unzustellbar: Invitation",
            "Fehler bei der Nachrichtenzustellung:\n\nzoe@soie.example\nDie eingegebene E-Mail-Adresse wurde nicht gefunden.",
            Class::Hard,
        ),
    ] {
        let raw =
            at_our_address(&format!("Subject: {subject}\nContent-Type: text/plain; charset=utf-8"), text);
        let bounce = bounce(&raw);
        assert_eq!((bounce.failed.len(), bounce.failed[0].class), (1, class), "{service}: {bounce:?}");
        assert_eq!(bounce.failed[0].address, Some(email(ZOE)), "{service}");
    }
}

#[test]
fn of_several_recipients_ours_alone_counts() {
    let is_zoes = |address: &mensuel_domain::text::Email| *address == email(ZOE);
    let block = |address: &str, rest: &str| format!("Final-Recipient: rfc822; {address}\n{rest}\n\n");
    let gone = "Action: failed\nStatus: 5.1.1";
    let full = "Action: failed\nStatus: 4.2.2";
    let arrived = "Action: delivered\nStatus: 2.0.0";
    let other = "b@else.example";
    for (blocks, expected) in [
        ([block(ZOE, gone), block(other, arrived)], Some(Class::Hard)),
        ([block(other, gone), block(ZOE, arrived)], None),
        ([block(other, gone), block(ZOE, "Action: delayed\nStatus: 4.4.1")], None),
        ([block(other, gone), block(ZOE, "Action: relayed\nStatus: 2.1.9")], None),
        ([block(other, full), block(ZOE, gone)], Some(Class::Hard)),
        ([block(other, gone), block(ZOE, full)], Some(Class::Full)),
        // It names neither: her mail is passed on to two, and one of them is still there.
        ([block(other, gone), block("c@else.example", full)], Some(Class::Full)),
        ([block(other, gone), block("c@else.example", gone)], Some(Class::Hard)),
    ] {
        let bounce = bounce(&report("two", &blocks.concat()));
        assert_eq!(bounce.failure_of(is_zoes).map(|failed| failed.class), expected, "{blocks:?}");
    }
    // What is told of one is not told of the other.
    let text = "<b@else.example>: User unknown\n\n<zoe@soie.example>: mailbox is full";
    let bare = "Action: failed\nStatus: 5.0.0";
    let two = bounce(&report(text, &[block(other, bare), block(ZOE, bare)].concat()));
    let classes: Vec<Class> = two.failed.iter().map(|failed| failed.class).collect();
    assert_eq!(classes, [Class::Hard, Class::Full]);
}

#[test]
fn a_mail_that_comes_back_with_our_invitation_is_no_calendar_message() {
    let invite = format!(
        "BEGIN:VCALENDAR\nMETHOD:REQUEST\nBEGIN:VEVENT\nUID:{UID}\nATTENDEE:mailto:{ZOE}\nEND:VEVENT\nEND:VCALENDAR"
    );
    let raw = at_our_address(
        "Subject: Delivery failure\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=M",
        &format!(
            "--M\nContent-Type: text/plain\n\nYour message could not be delivered:\n\n<{ZOE}>: user unknown\n\n--M\nContent-Type: text/calendar; method=REQUEST\n\n{invite}\n--M--"
        ),
    );
    assert_eq!(bounce(&raw).failed[0].class, Class::Hard);
    // Without a word of a failure it is shown, as any request.
    let raw = raw
        .replace("could not be delivered", "is here")
        .replace("Delivery failure", "x")
        .replace("user unknown", "x");
    let shown = Shown::Calendar(mensuel_infra::calendar::reply::NoAnswer::Request);
    assert_eq!(decide(raw.as_bytes()), Decision::ShowToOrganizer(shown));
}

/// What the other programs change in a reply.
#[test]
fn each_calendar_is_understood() {
    let event = |attendee: &str, rest: &str| {
        format!(
            "BEGIN:VCALENDAR\nPRODID:-//X//Y//EN\nVERSION:2.0\nMETHOD:REPLY\nBEGIN:VEVENT\nUID:{UID}\nDTSTAMP:20261002T090000Z\n{attendee}\n{rest}\nEND:VEVENT\nEND:VCALENDAR\n"
        )
    };
    let alone = "Content-Type: text/calendar; method=REPLY; charset=utf-8";
    for (program, head, body, partstat) in [
        (
            "Fastmail",
            alone,
            event(
                "ATTENDEE;CN=Zoe;EMAIL=zoe@soie.example;PARTSTAT=ACCEPTED;X-JMAP-ID=abc:mailto:zoe@soie.example",
                "SEQUENCE:0",
            ),
            PartStat::Accepted,
        ),
        (
            "Proton",
            "Content-Type: text/calendar; charset=utf-8; method=REPLY; name=invite.ics\nContent-Disposition: attachment; filename=invite.ics",
            event("ATTENDEE;PARTSTAT=TENTATIVE:mailto:zoe@soie.example", "RRULE:FREQ=DAILY;COUNT=2"),
            PartStat::Tentative,
        ),
        (
            "Zoho",
            "Content-Type: application/ics; name=\"invite.ics\"",
            event(
                "ATTENDEE;ROLE=REQ-PARTICIPANT;CUTYPE=INDIVIDUAL;PARTSTAT=DECLINED;CN=zoe@soie.example:MAILTO:ZOE@soie.example",
                "STATUS:CONFIRMED",
            ),
            PartStat::Declined,
        ),
        (
            "Yahoo",
            "Content-Type: multipart/alternative; boundary=A",
            format!(
                "--A\nContent-Type: text/plain\n\nZoe a accepté\n--A\n{alone}\n\n{}\n--A--",
                event("ATTENDEE;PARTSTAT=ACCEPTED;CN=\"Zoé, D.\":mailto:zoe@soie.example", "SUMMARY:Accepté")
            ),
            PartStat::Accepted,
        ),
        (
            "iCloud",
            alone,
            event(
                "ATTENDEE;EMAIL=zoe@soie.example;PARTSTAT=ACCEPTED:mailto:2_GEYTIMJR@imip.me.com",
                "X-APPLE-X:1",
            ),
            PartStat::Accepted,
        ),
        (
            "Outlook.com",
            "Content-Type: text/calendar; charset=\"utf-8\"; method=REPLY",
            event(
                "ATTENDEE;PARTSTAT=DECLINED;CN=Zoe:MAILTO:zoe@soie.example",
                "BEGIN:VALARM\nACTION:DISPLAY\nTRIGGER:-PT15M\nEND:VALARM",
            ),
            PartStat::Declined,
        ),
        (
            "a gateway that leaves the type out",
            "Content-Type: text/plain; charset=utf-8",
            event("ATTENDEE;PARTSTAT=ACCEPTED:mailto:zoe@soie.example", "SEQUENCE:0"),
            PartStat::Accepted,
        ),
    ] {
        let raw = format!("From: {ZOE}\nTo: {BASE}\nAuto-Submitted: auto-generated\n{head}\n\n{body}")
            .replace('\n', "\r\n");
        let Decision::Reply(reply) = decide(raw.as_bytes()) else {
            panic!("{program}: {:?}", decide(raw.as_bytes()))
        };
        assert_eq!((reply.uid.as_str(), reply.attendee.key().as_str()), (UID, ZOE), "{program}");
        assert_eq!(reply.partstat, partstat, "{program}");
    }
}

/// Notes of people who are away, as each program sends them; the text says yes.
#[test]
fn notes_of_absence_are_nobodys_words() {
    for (program, head) in [
        ("Exchange", "Subject: Réponse automatique : Invitation\nX-Auto-Response-Suppress: All"),
        ("Exchange by a rule", "Subject: RE: Invitation\nX-MS-Exchange-Inbox-Rules-Loop: zoe@soie.example"),
        (
            "Gmail",
            "Subject: Absente Re: Invitation\nPrecedence: bulk\nX-Autoreply: yes\nAuto-Submitted: auto-replied",
        ),
        (
            "Dovecot",
            "Subject: Auto: Invitation\nAuto-Submitted: auto-replied (vacation)\nX-Sieve: Pigeonhole",
        ),
        ("vacation(1)", "Subject: Invitation\nReturn-Path: <>"),
        ("cPanel", "Subject: Invitation\nX-Autorespond: Invitation\nX-Precedence: auto_reply"),
        ("Proton", "Subject: Auto: Invitation\nX-Autoreply: yes"),
        ("Domino", "Subject: AUTO: Zoé Dupont est absente du bureau (retour 30/11)"),
        ("Outlook in German", "Subject: Automatische Antwort: Invitation"),
        ("Thunderbird's filter", "Subject: Re: Réponse automatique"),
    ] {
        let raw = format!(
            "From: {ZOE}\nTo: {BASE}\n{head}\nContent-Type: text/plain; charset=utf-8\n\nOui, volontiers.\n"
        );
        assert_eq!(decide(raw.as_bytes()), Decision::Ignore(Ignored::AutoReply), "{program}");
    }
}

#[test]
fn a_complaint_is_about_a_mail_when_any_token_of_ours_stands_in_it() {
    let leave = addresses().unsubscribe(row()).unwrap();
    for enclosed in [
        format!(
            "List-Unsubscribe: <https://x.example/u/abc>, <mailto:{leave}>\nMessage-ID: <redacted@x.example>"
        ),
        format!("Return-Path: <{}>", addresses().bounce(row()).unwrap()),
    ] {
        let raw = format!(
            "To: {BASE}\nContent-Type: multipart/report; report-type=feedback-report; boundary=F\n\n--F\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\nVersion: 1\n\n--F\nContent-Type: text/rfc822-headers\n\n{enclosed}\n\n--F--\n"
        );
        let Decision::Complaint(complaint) = decide(raw.as_bytes()) else { panic!("{enclosed}") };
        assert_eq!(complaint.row, Some(row()), "{enclosed}");
    }
}
