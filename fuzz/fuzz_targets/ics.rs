#![no_main]

libfuzzer_sys::fuzz_target!(|raw: &[u8]| mensuel_fuzz::ics(raw));
