#![no_main]

libfuzzer_sys::fuzz_target!(|raw: &[u8]| mensuel_fuzz::mail_in(raw));
