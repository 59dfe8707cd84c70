//! `ETag` and `If-Match` (RFC 9110, sections 8.8.3 and 13.1.1): the revision of a resource.

use actix_web::{HttpRequest, http::header};
use mensuel_domain::lang::Lang;

use crate::problem::Problem;
use crate::use_cases::Refused;

/// A strong entity tag.
pub fn written(revision: u32) -> String {
    format!("\"{revision}\"")
}

/// Of what strangers see of it, in a language.
pub fn public(revision: u32, lang: Lang) -> String {
    format!("\"{revision}-public-{}\"", lang.code())
}

/// What a change was made upon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IfMatch {
    Any,
    OneOf(Vec<u32>),
}

impl IfMatch {
    /// 428 when it is absent.
    pub fn required(req: &HttpRequest) -> Result<Self, Problem> {
        Self::optional(req).ok_or(Problem::IfMatchRequired)
    }

    pub fn optional(req: &HttpRequest) -> Option<Self> {
        let mut fields = req.headers().get_all(header::IF_MATCH).peekable();
        fields.peek()?;
        let tags = fields.map(|field| field.to_str().unwrap_or_default()).collect::<Vec<_>>().join(",");
        Some(Self::read(&tags))
    }

    /// A weak tag never matches strongly; what is none of ours matches nothing.
    fn read(field: &str) -> Self {
        if field.trim() == "*" {
            return IfMatch::Any;
        }
        let revision = |tag: &str| tag.trim().strip_prefix('"')?.strip_suffix('"')?.parse().ok();
        IfMatch::OneOf(field.split(',').filter_map(revision).collect())
    }

    /// The revision that the change is made upon: the present one if it matches, else 412. `*` is
    /// upon whatever it is by then.
    pub fn upon(&self, present: u32) -> Result<Option<u32>, Problem> {
        match self {
            IfMatch::Any => Ok(None),
            IfMatch::OneOf(revisions) if revisions.contains(&present) => Ok(Some(present)),
            IfMatch::OneOf(_) => Err(Refused::Stale.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strong_tags_match_and_nothing_else() {
        assert_eq!(IfMatch::read(" * "), IfMatch::Any);
        assert_eq!(IfMatch::read("\"7\", \"8\""), IfMatch::OneOf(vec![7, 8]));
        assert_eq!(IfMatch::read("W/\"7\""), IfMatch::OneOf(Vec::new()));
        assert_eq!(IfMatch::read("7"), IfMatch::OneOf(Vec::new()));
        assert!(IfMatch::read("\"7\"").upon(8).is_err());
    }
}
