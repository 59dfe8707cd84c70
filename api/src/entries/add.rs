//! One evening for the web calendars that its reader may add it to.

use mensuel_infra::links::Planned;

use super::{Evening, Own, Voice, of_member, of_public, plain};

/// As much as the reader's own entry shows, without the link that answers for them: these addresses
/// pass through other people's pages.
pub fn planned(voice: &Voice<'_>, evening: &Evening<'_>, own: Option<&Own<'_>>) -> Planned {
    let entry = match own {
        Some(own) => of_member(voice, evening, Some(own)),
        None => of_public(voice, evening),
    };
    let event = evening.event;
    let is_whole = entry.description.is_some();
    let summary = event.summary.as_ref().filter(|_| is_whole).map(|summary| plain(summary.as_str()));
    let page = event.slug.as_ref().filter(|_| is_whole && !event.members_only);
    let page = page.map(|slug| voice.links.event(slug));
    let details: Vec<String> = [page, entry.conference, summary].into_iter().flatten().collect();
    Planned {
        title: entry.summary,
        span: entry.span,
        location: entry.location,
        details: details.join("\n\n"),
    }
}
