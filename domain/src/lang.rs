//! The languages that Mensuel speaks completely.

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    Fr,
    En,
}

impl Lang {
    pub const ALL: [Lang; 2] = [Lang::Fr, Lang::En];

    /// The primary subtag of BCP 47.
    pub const fn code(self) -> &'static str {
        match self {
            Lang::Fr => "fr",
            Lang::En => "en",
        }
    }

    /// Reads a language tag (`fr`, `fr-FR`, `EN_us`) by its primary subtag.
    pub fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next().unwrap_or_default().trim();
        Self::ALL.into_iter().find(|lang| primary.eq_ignore_ascii_case(lang.code()))
    }

    /// The best of an `Accept-Language` field (RFC 9110, section 12.5.4), if it names one we speak.
    pub fn from_accept_language(field: &str) -> Option<Self> {
        let mut best: Option<(f32, Self)> = None;
        for part in field.split(',') {
            let mut pieces = part.split(';');
            let Some(lang) = pieces.next().and_then(Self::from_tag) else {
                continue;
            };
            let quality = pieces
                .find_map(|piece| piece.trim().strip_prefix("q="))
                .map_or(1.0, |q| q.trim().parse().unwrap_or(0.0));
            if quality > 0.0 && best.is_none_or(|(most, _)| quality > most) {
                best = Some((quality, lang));
            }
        }
        best.map(|(_, lang)| lang)
    }
}

#[cfg(test)]
mod tests {
    use super::Lang;

    #[test]
    fn accept_language_follows_quality_then_order() {
        let cases = [
            ("fr-FR,fr;q=0.9,en;q=0.8", Some(Lang::Fr)),
            ("de, en;q=0.5, fr;q=0.4", Some(Lang::En)),
            ("en;q=0, fr;q=0.1", Some(Lang::Fr)),
            ("de", None),
            ("", None),
        ];
        for (field, expected) in cases {
            assert_eq!(Lang::from_accept_language(field), expected, "{field}");
        }
    }
}
