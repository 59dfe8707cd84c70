//! What our own mail server found out about a sender (Authentication-Results, RFC 8601).

use mensuel_domain::text::Email;

use super::fields::Fields;

/// Domains that vouch for a mail. Empty when nobody whom we trust has looked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuthResults {
    dmarc: Vec<String>,
    dkim: Vec<String>,
}

impl AuthResults {
    /// Whether the domain of this sender is proven: DMARC passed for it, or a DKIM signature of it
    /// or of a domain above it (RFC 7489, section 3.1.1).
    pub fn vouch_for(&self, from: &Email) -> bool {
        let Some((_, domain)) = from.as_str().rsplit_once('@') else { return false };
        let domain = domain.to_ascii_lowercase();
        self.dmarc.contains(&domain) || self.dkim.iter().any(|signer| is_or_is_under(&domain, signer))
    }
}

fn is_or_is_under(domain: &str, signer: &str) -> bool {
    domain == signer
        || (signer.contains('.') && domain.strip_suffix(signer).is_some_and(|prefix| prefix.ends_with('.')))
}

/// Reads the topmost field, when it is of the server that we trust. Those below it may be anybody's.
pub(super) fn read(top: &Fields<'_>, authserv_id: Option<&str>) -> AuthResults {
    let mut results = AuthResults::default();
    let (Some(ours), Some(value)) = (authserv_id, top.raw("authentication-results")) else {
        return results;
    };
    let clean = without_comments(&value);
    let mut pieces = clean.split(';');
    let id = pieces.next().and_then(|piece| piece.split_whitespace().next()).unwrap_or_default();
    if ours.is_empty() || !id.trim_matches('"').eq_ignore_ascii_case(ours) {
        return results;
    }
    for piece in pieces {
        one(piece, &mut results);
    }
    results
}

/// `dkim=pass header.d=example.net`.
fn one(piece: &str, results: &mut AuthResults) {
    let tight = piece.split('=').map(str::trim).collect::<Vec<_>>().join("=").to_ascii_lowercase();
    let mut words = tight.split_whitespace();
    let Some((method, "pass")) = words.next().and_then(|word| word.split_once('=')) else { return };
    let method = method.split('/').next().unwrap_or(method);
    let property = |word: &str, name: &str| {
        let (given, value) = word.split_once('=')?;
        let value = value.trim_matches('"').trim_start_matches('@');
        (given == name && !value.is_empty()).then(|| value.to_owned())
    };
    match method {
        "dmarc" => results.dmarc.extend(words.find_map(|word| property(word, "header.from"))),
        "dkim" => results.dkim.extend(words.find_map(|word| property(word, "header.d"))),
        _ => {}
    }
}

/// Comments may hold anything, so they are taken out first; text in quotes is no comment.
fn without_comments(value: &str) -> String {
    let (mut out, mut depth, mut quoted, mut escaped) = (String::new(), 0_usize, false, false);
    for c in value.chars() {
        if std::mem::take(&mut escaped) {
            continue;
        }
        match c {
            '\\' => escaped = true,
            '"' if depth == 0 => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted && depth > 0 => depth -= 1,
            ';' if quoted => {}
            c if depth == 0 => out.push(c),
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::fields::split;
    use super::*;

    fn vouched(raw: &str, from: &str) -> bool {
        read(&split(raw.as_bytes()).0, Some("mx.lyon.example")).vouch_for(&Email::parse(from).unwrap())
    }

    #[test]
    fn only_the_topmost_field_of_our_server_counts() {
        let ours = "Authentication-Results: MX.lyon.example 1; spf=pass smtp.mailfrom=evil.example;\r\n dkim = pass (good \"key\") header.d=soie.example header.s=x; dmarc=fail\r\n";
        let theirs = "Authentication-Results: mx.evil.example; dmarc=pass header.from=soie.example\r\n";
        assert!(vouched(ours, "zoe@soie.example"));
        assert!(vouched(ours, "zoe@mail.SOIE.example"));
        assert!(!vouched(ours, "zoe@evilsoie.example"));
        assert!(!vouched(&format!("{theirs}{ours}"), "zoe@soie.example"));
        assert!(!vouched(theirs, "zoe@soie.example"));
        assert!(!vouched("Subject: x\r\n", "zoe@soie.example"));
    }

    #[test]
    fn a_pass_that_is_none_does_not_count() {
        for result in [
            "dkim=fail header.d=soie.example",
            "dkim=fail (dkim=pass header.d=soie.example)",
            "dkim=pass header.d=evil.example reason=\"; dmarc=pass header.from=soie.example\"",
            "spf=pass smtp.mailfrom=soie.example",
            "dmarc=pass",
            "none",
        ] {
            let raw = format!("Authentication-Results: mx.lyon.example; {result}\n");
            assert!(!vouched(&raw, "zoe@soie.example"), "{result}");
        }
    }
}
