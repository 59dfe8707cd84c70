use std::collections::HashSet;

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use mensuel_domain::{format::Format, text::Slug};
use rand::{Rng as _, SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};
use secrecy::ExposeSecret as _;

use super::*;

fn keys(ids: &[u8]) -> Keys {
    let text: Vec<String> = ids.iter().map(|id| format!("{id}:{}", STANDARD.encode([*id; 32]))).collect();
    Keys::parse(&text.join(",").into()).unwrap()
}

fn links(ids: &[u8]) -> Links {
    Links::new(keys(ids), "https://soirees.example".parse().unwrap())
}

fn claim(rng: &mut StdRng) -> Claim {
    let purpose = *Purpose::ALL.choose(rng).unwrap();
    Claim { purpose, id: Uuid::from_bytes(rng.random()), epoch: rng.random_range(0..3) }
}

#[test]
fn a_link_says_what_was_signed() {
    let links = links(&[2, 1]);
    let mut rng = StdRng::seed_from_u64(1);
    for _ in 0..200 {
        let claim = claim(&mut rng);
        let token = links.sign(claim);
        assert_eq!(token.as_str().len(), 51);
        for purpose in Purpose::ALL {
            let read = links.verify(token.as_str(), purpose);
            assert_eq!(read, (purpose == claim.purpose).then_some(claim));
        }
    }
}

#[test]
fn old_keys_verify_and_foreign_keys_do_not() {
    let claim = claim(&mut StdRng::seed_from_u64(2));
    let token = links(&[1]).sign(claim);
    assert_eq!(links(&[2, 1]).verify(token.as_str(), claim.purpose), Some(claim));
    assert_ne!(links(&[2, 1]).sign(claim), token);
    assert_eq!(links(&[2]).verify(token.as_str(), claim.purpose), None);
    let same_id = Keys::parse(&format!("1:{}", STANDARD.encode([9; 32])).into()).unwrap();
    let others = Links::new(same_id, "https://soirees.example".parse().unwrap());
    assert_eq!(others.verify(token.as_str(), claim.purpose), None);
}

#[test]
fn a_token_is_not_printed_by_accident() {
    let token = links(&[1]).sign(claim(&mut StdRng::seed_from_u64(3)));
    assert_eq!(format!("{token:?}"), "Token(…)");
    assert_eq!(format!("{token}"), token.as_str());
}

/// One of 1,000,000 altered tokens: none may pass for what it was signed for, nor for anything else.
#[test]
fn no_altered_token_passes() {
    let links = links(&[2, 1]);
    let old = Links::new(keys(&[1]), "https://soirees.example".parse().unwrap());
    let mut rng = StdRng::seed_from_u64(4);
    let mut signed = |n| {
        let claim = claim(&mut rng);
        (claim.purpose, if n % 2 == 0 { &links } else { &old }.sign(claim).to_string())
    };
    let genuine: Vec<(Purpose, String)> = (0..500).map(&mut signed).collect();
    let known: HashSet<&str> = genuine.iter().map(|(_, token)| token.as_str()).collect();
    let mut tried = 0;
    while tried < 1_000_000 {
        let ((own, one), (_, other)) = (genuine.choose(&mut rng).unwrap(), genuine.choose(&mut rng).unwrap());
        let altered = alter(one, other, &mut rng);
        if known.contains(altered.as_str()) {
            continue;
        }
        tried += 1;
        let for_all = tried % 10 == 0;
        for purpose in Purpose::ALL.into_iter().filter(|purpose| for_all || purpose == own) {
            assert_eq!(links.verify(&altered, purpose), None, "{altered:?} of {one}");
        }
    }
}

fn alter(one: &str, other: &str, rng: &mut StdRng) -> String {
    match rng.random_range(0..10) {
        0..3 => bytes(one, |b| b[rng.random_range(0..38)] ^= 1 << rng.random_range(0..8)),
        3 => swap(one, other, 0..1),
        4 => swap(one, other, 1..2),
        5 => swap(one, other, 2..18),
        6 => swap(one, other, 18..22),
        7 => swap(one, other, 22..38),
        8 => one[..rng.random_range(0..one.len())].to_owned(),
        _ => spelled(one, rng),
    }
}

fn bytes(token: &str, change: impl FnOnce(&mut [u8])) -> String {
    let mut bytes = URL_SAFE_NO_PAD.decode(token).unwrap();
    change(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

fn swap(one: &str, other: &str, part: std::ops::Range<usize>) -> String {
    let mut from = Vec::new();
    bytes(other, |b| from = b[part.clone()].to_vec());
    bytes(one, |b| b[part].copy_from_slice(&from))
}

/// The same bytes or nearly the same text: padding, white space, last bits, other alphabets, case.
fn spelled(token: &str, rng: &mut StdRng) -> String {
    let at = rng.random_range(0..=token.len());
    let (head, tail) = token.split_at(at);
    match rng.random_range(0..7) {
        0 => format!("{token}="),
        1 => format!("{head} {tail}"),
        2 => format!("{head}A{tail}"),
        3 => token.replace('-', "+").replace('_', "/"),
        4 => token.to_ascii_lowercase(),
        5 => last_bits(token, rng.random_range(1..4)),
        _ => format!("{head}é{}", tail.chars().skip(2).collect::<String>()),
    }
}

/// 51 characters carry 306 bits for 304: the last two say nothing and must be zero.
fn last_bits(token: &str, bits: usize) -> String {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (head, last) = token.split_at(token.len() - 1);
    let value = ALPHABET.find(last).unwrap();
    assert_eq!(value % 4, 0);
    format!("{head}{}", &ALPHABET[value + bits..=value + bits])
}

#[test]
fn addresses_begin_with_the_base() {
    let links = links(&[1]);
    let token = links.sign(claim(&mut StdRng::seed_from_u64(5)));
    let slug = Slug::kept("2027-01-14-sortir-d-un-monolithe");
    let cases = [
        (links.season(), "https://soirees.example/".to_owned()),
        (links.rsvp(&token), format!("https://soirees.example/r/{token}")),
        (links.rsvp_with_answer(&token, "yes"), format!("https://soirees.example/r/{token}?a=yes")),
        (links.rsvp_ics(&token).https(), format!("https://soirees.example/r/{token}.ics")),
        (links.preferences(&token), format!("https://soirees.example/u/{token}")),
        (links.lost_link(), "https://soirees.example/link".to_owned()),
        (links.event(&slug), format!("https://soirees.example/events/{slug}")),
        (links.event_ics(&slug).https(), format!("https://soirees.example/events/{slug}.ics")),
        (links.feed().https(), "https://soirees.example/calendar.ics".to_owned()),
        (
            links.format_feed(Format::RoundTable).webcal(),
            "webcal://soirees.example/calendar/round-table.ics".to_owned(),
        ),
        (links.member_feed(&token).https(), format!("https://soirees.example/calendar/m/{token}.ics")),
        (
            links.feed().google(),
            "https://calendar.google.com/calendar/r?cid=webcal%3A%2F%2Fsoirees.example%2Fcalendar.ics"
                .to_owned(),
        ),
    ];
    for (address, expected) in cases {
        assert_eq!(address, expected);
    }
}

#[test]
fn a_base_with_port_and_path_stays_whole() {
    for base in
        ["http://127.0.0.1:8080/cto/", "http://127.0.0.1:8080/cto", "http://127.0.0.1:8080/cto/?x=1#y"]
    {
        let links = Links::new(keys(&[1]), base.parse().unwrap());
        assert_eq!(links.season(), "http://127.0.0.1:8080/cto/");
        assert_eq!(links.feed().webcal(), "webcal://127.0.0.1:8080/cto/calendar.ics");
        assert_eq!(links.event(&Slug::kept("a/../b?c")), "http://127.0.0.1:8080/cto/events/a%2F..%2Fb%3Fc");
    }
}

#[test]
fn an_api_secret_is_new_each_time_and_kept_as_a_hash() {
    let (one, other) = (ApiSecret::new(), ApiSecret::new());
    let text = one.text.expose_secret();
    assert_eq!(text.len(), 4 + 43);
    assert!(text.starts_with(api_secret::PREFIX));
    assert_ne!(one.hash, other.hash);
    assert_eq!(api_secret::hash(text), one.hash);
    assert!(!format!("{one:?}").contains(text));
    let same = |seed| ApiSecret::make(&mut StdRng::seed_from_u64(seed)).hash;
    assert_eq!(same(1), same(1));
}
