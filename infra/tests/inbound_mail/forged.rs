//! A thousand replies of people who were not sent the UID: none counts.

use mensuel_infra::mail::inbound::{
    answer::{Invited, Verdict, may_apply},
    decision::{Decision, classify},
    read,
};
use proptest::{prelude::*, strategy::ValueTree as _, test_runner::TestRunner};

use super::mint::{UID, email, inbox, minted};

const SHAPES: [&str; 6] = [
    "r01-gmail-accepted",
    "r03-outlook365-accepted-no-organizer",
    "r06-apple-macos-accepted",
    "r08-icloud-noreply-on-behalf",
    "m16-thunderbird-declined",
    "m18-file-only-by-name",
];

/// What a stranger can know: the address of a member, the shape of a UID, UIDs that are near, our
/// public feed, what a mail server writes.
fn uid() -> impl Strategy<Value = String> {
    prop_oneof![
        "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
        (0..UID.len(), "[0-9a-f]").prop_filter_map("the UID itself", |(at, digit)| {
            let mut near = UID.to_owned();
            near.replace_range(at..=at, &digit);
            (near != UID && UID.as_bytes()[at] != b'-').then_some(near)
        }),
        Just(format!("{UID}0")),
        Just(format!("{UID}@lyon.example")),
        Just(format!("urn:uuid:{UID}")),
        Just(String::new()),
        Just("%".to_owned()),
        Just("*".to_owned()),
        "\\PC{0,40}",
    ]
}

#[test]
fn none_of_a_thousand_forged_replies_counts() {
    let victim =
        Invited { uid: UID.into(), address: email("zoe.dupont@example.net"), aliases: vec![], known: vec![] };
    let proof = "Authentication-Results: mx.evil.example; dmarc=pass header.from=example.net\r\n";
    let mut runner = TestRunner::deterministic();
    let mut replies = 0;
    for n in 0..1_000 {
        let uid = uid().new_tree(&mut runner).unwrap().current();
        let shape = minted(SHAPES[n % SHAPES.len()]);
        let forged = super::mint::each_base64(&shape.replace(UID, &uid), &|text| text.replace(UID, &uid));
        let raw = format!("{proof}{}", forged.replace("zoe@icloud.example", "zoe.dupont@example.net"));
        let mail = read(raw.as_bytes(), None, &inbox());
        if let Decision::Reply(reply) = classify(&mail, &mail.recipient) {
            replies += 1;
            let found = Some(&victim).filter(|victim| victim.uid.eq_ignore_ascii_case(&reply.uid));
            let verdict = may_apply(&reply, found, mail.from.as_ref(), &mail.auth);
            assert_ne!(verdict, Verdict::Apply, "{uid}");
        }
    }
    assert!(replies > 500, "{replies} were replies at all");
}

#[test]
fn with_the_uid_an_answer_for_somebody_else_does_not_count_either() {
    let victim =
        Invited { uid: UID.into(), address: email("zoe.dupont@example.net"), aliases: vec![], known: vec![] };
    for name in ["r11-party-crasher-forwarded", "r13-forged-attendee-other-sender", "r01-gmail-accepted"] {
        let mail = read(minted(name).as_bytes(), None, &inbox());
        let Decision::Reply(reply) = classify(&mail, &mail.recipient) else { panic!("{name}") };
        let verdict = may_apply(&reply, Some(&victim), mail.from.as_ref(), &mail.auth);
        assert_ne!(verdict, Verdict::Apply, "{name}");
    }
}
