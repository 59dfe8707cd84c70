//! Many more mails, as other products write them: each leads where its line of the index says, in
//! each way to write it, and nowhere when nothing of ours is in it.

use std::collections::BTreeMap;

use mensuel_domain::text::Email;
use mensuel_infra::{calendar::PartStat, mail::inbound::decision::Decision};

use super::{
    mint::{MORE, UID, decide, minted, names_in, shape},
    variants::rewritten,
};

/// What each leads to. The third column says what is particular about it.
fn index() -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(format!("{MORE}/index.tsv")).unwrap();
    let mut index = BTreeMap::new();
    for line in text.lines() {
        let columns: Vec<&str> = line.split('\t').collect();
        let [name, leads_to, _] = columns[..] else { panic!("three columns: {line}") };
        let twice = index.insert(name.to_owned(), leads_to.to_owned());
        assert!(twice.is_none(), "{name} stands there twice");
    }
    index
}

/// As the index writes it; of a report, what it means for the member.
fn leads_to(decision: &Decision) -> String {
    let is_member = |address: &Email| address.key().starts_with("zoe");
    match decision {
        Decision::Bounce { bounce, .. } => match bounce.failure_of(is_member) {
            Some(failed) => format!("bounce {:?}", failed.class).to_lowercase(),
            None => "arrived".to_owned(),
        },
        Decision::Complaint(_) => "complaint".to_owned(),
        Decision::Unsubscribe(_) => "unsubscribe".to_owned(),
        Decision::Reply(reply) => {
            let answer = match reply.partstat {
                PartStat::Accepted => "yes",
                PartStat::Tentative => "maybe",
                PartStat::Declined => "no",
                PartStat::NeedsAction => "nothing",
            };
            let which = if reply.uid == UID { "" } else { " to another evening" };
            format!("{answer}{which} of {}", reply.attendee.key())
        }
        Decision::ShowToOrganizer(shown) => shown.reason().name().to_owned(),
        Decision::Forward => "forward".to_owned(),
        Decision::Ignore(ignored) => ignored.reason().name().to_owned(),
    }
}

#[test]
fn each_leads_where_the_index_says() {
    let index = index();
    assert!(index.keys().eq(&names_in(MORE)), "the index has a line for each file");
    let wrong: Vec<String> = index
        .iter()
        .filter_map(|(name, expected)| {
            let seen = leads_to(&decide(minted(name).as_bytes()));
            (seen != *expected).then(|| format!("{name}\t{seen}\t{expected}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_leads_there_however_it_is_written() {
    for (name, expected) in index() {
        for (how, bytes) in rewritten(&minted(&name)) {
            assert_eq!(leads_to(&decide(&bytes)), expected, "{name}, {how}");
        }
    }
}

/// As they were sent to another service: its tokens prove nothing here.
#[test]
fn without_our_tokens_no_address_stops_and_nobody_leaves() {
    for name in names_in(MORE) {
        let decision = decide(shape(&name).as_bytes());
        let follows = match &decision {
            Decision::Bounce { .. } | Decision::Unsubscribe(_) => true,
            Decision::Complaint(complaint) => complaint.row.is_some(),
            _ => false,
        };
        assert!(!follows, "{name}: {decision:?}");
    }
}
