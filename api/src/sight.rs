//! Who may see what of an evening: the one place that pages, feeds, mail and JSON ask.
//!
//! Of a published or cancelled evening everybody sees title, format, date, the people of the
//! programme, and the venue's name and area. Address, access notes and online link are for those
//! who are confirmed (or, if the evening says so, for all who are invited). The questions collected
//! before are for those who are invited. Of a held or draft
//! evening others see the date alone, and so do strangers of one for members.

use mensuel_domain::{
    event::{AddressFor, Event, Stage},
    format::Role,
    invitation::Invitee,
    rsvp::{Answer, Rsvp, Seat},
    text::{Line, Prose, WebAddress},
    venue::Venue,
};

/// Who looks at an evening.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    Stranger,
    /// Without an invitation to it.
    Member,
    /// Holds an invitation, with what is stored of them.
    Invited {
        answer: Option<(Answer, Seat)>,
        role: Option<Role>,
    },
    Organizer,
}

impl Reader {
    /// The person of an invitation.
    pub fn invited(event: &Event, guest: &Invitee, rsvp: Option<&Rsvp>) -> Self {
        let answer = rsvp.map(|rsvp| (rsvp.answer, rsvp.seat));
        Reader::Invited { answer, role: role_of(event, guest) }
    }
}

/// What somebody does on an evening.
pub fn role_of(event: &Event, guest: &Invitee) -> Option<Role> {
    match guest {
        Invitee::Member(member) => event.details.role_of(*member),
        Invitee::NamedGuest { email, .. } => event.details.role_of_guest(email),
    }
}

/// What a reader sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// The date and "date retenue": nothing is announced yet.
    Held,
    /// The date and "réservé aux membres".
    MembersOnly,
    /// All of it; the private part as it says.
    Whole(Private),
}

/// Address, access notes and online link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Private {
    Shown,
    /// Told once the reader is confirmed.
    Later,
}

/// Whether others than organizers are shown dates of which nothing is announced.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HeldDates {
    #[default]
    Shown,
    Hidden,
}

/// The evenings that stand in the season and in calendars.
pub fn listed(held: HeldDates) -> &'static [Stage] {
    match held {
        HeldDates::Shown => &Stage::ALL,
        HeldDates::Hidden => &[Stage::Published, Stage::Cancelled],
    }
}

/// What this reader sees of this evening.
pub fn see(event: &Event, reader: Reader) -> Sight {
    if reader == Reader::Organizer {
        return Sight::Whole(Private::Shown);
    }
    match event.stage {
        Stage::Held | Stage::Draft => Sight::Held,
        Stage::Published | Stage::Cancelled if event.members_only && reader == Reader::Stranger => {
            Sight::MembersOnly
        }
        Stage::Published | Stage::Cancelled => Sight::Whole(private(event.address_for, reader)),
    }
}

fn private(address_for: AddressFor, reader: Reader) -> Private {
    let shown = match reader {
        Reader::Stranger | Reader::Member => false,
        Reader::Organizer => true,
        Reader::Invited { role: Some(_), .. } => true,
        Reader::Invited { answer, role: None } => match address_for {
            AddressFor::Invited => true,
            AddressFor::Confirmed => matches!(answer, Some((Answer::Yes, seat)) if seat.is_confirmed()),
        },
    };
    if shown { Private::Shown } else { Private::Later }
}

/// The questions collected before an evening, which may name people and companies: for those who are
/// invited, and organizers.
pub fn questions(event: &Event, reader: Reader) -> &[Line] {
    match reader {
        Reader::Stranger | Reader::Member => &[],
        Reader::Invited { .. } | Reader::Organizer => &event.details.questions,
    }
}

/// Where an evening is, as far as a reader may know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Whereabouts<'a> {
    pub venue: Option<&'a Line>,
    /// Postcode and town.
    pub area: Option<&'a Line>,
    pub address: Option<&'a Line>,
    pub access: Option<&'a Prose>,
    pub online: Online<'a>,
    /// There is an address or an access note that this reader gets once confirmed.
    pub address_later: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Online<'a> {
    No,
    /// There is a link, for those who are confirmed.
    Later,
    At(&'a WebAddress),
}

/// The place of an evening, cut to what may be known.
pub fn whereabouts<'a>(event: &'a Event, venue: Option<&'a Venue>, private: Private) -> Whereabouts<'a> {
    let (address, access) =
        (venue.and_then(|venue| venue.address.as_ref()), venue.and_then(|venue| venue.access_notes.as_ref()));
    let shown = private == Private::Shown;
    Whereabouts {
        venue: venue.map(|venue| &venue.name),
        area: venue.and_then(|venue| venue.area.as_ref()),
        address: address.filter(|_| shown),
        access: access.filter(|_| shown),
        online: match &event.online_url {
            None => Online::No,
            Some(url) if shown => Online::At(url),
            Some(_) => Online::Later,
        },
        address_later: !shown && (address.is_some() || access.is_some()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entries::sample;

    const CONFIRMED: Reader = Reader::Invited { answer: Some((Answer::Yes, Seat::Confirmed)), role: None };
    const WAITING: Reader = Reader::Invited { answer: Some((Answer::Yes, Seat::Waitlisted)), role: None };
    const MAYBE: Reader = Reader::Invited { answer: Some((Answer::Maybe, Seat::None)), role: None };
    const SILENT: Reader = Reader::Invited { answer: None, role: None };
    const SPEAKER: Reader = Reader::Invited { answer: None, role: Some(Role::Speaker) };

    #[test]
    fn who_sees_what_of_a_published_evening() {
        use Private::{Later, Shown};
        let table = [
            // Reader, address for the confirmed, address for all invited.
            (Reader::Stranger, Later, Later),
            (Reader::Member, Later, Later),
            (SILENT, Later, Shown),
            (MAYBE, Later, Shown),
            (WAITING, Later, Shown),
            (CONFIRMED, Shown, Shown),
            (SPEAKER, Shown, Shown),
            (Reader::Organizer, Shown, Shown),
        ];
        for (reader, confirmed, invited) in table {
            for stage in [Stage::Published, Stage::Cancelled] {
                let mut event = Event { stage, ..sample::event() };
                assert_eq!(see(&event, reader), Sight::Whole(confirmed), "{reader:?}");
                event.address_for = AddressFor::Invited;
                assert_eq!(see(&event, reader), Sight::Whole(invited), "{reader:?}");
            }
        }
    }

    #[test]
    fn members_only_closes_the_evening_to_strangers_alone() {
        let event = Event { members_only: true, ..sample::event() };
        assert_eq!(see(&event, Reader::Stranger), Sight::MembersOnly);
        for reader in [Reader::Member, SILENT, WAITING, CONFIRMED, SPEAKER, Reader::Organizer] {
            assert!(matches!(see(&event, reader), Sight::Whole(_)), "{reader:?}");
        }
    }

    #[test]
    fn before_publication_there_is_a_date_for_all_but_organizers() {
        for stage in [Stage::Held, Stage::Draft] {
            for members_only in [false, true] {
                let event = Event { stage, members_only, ..sample::event() };
                for reader in [Reader::Stranger, Reader::Member, SILENT, CONFIRMED, SPEAKER] {
                    assert_eq!(see(&event, reader), Sight::Held, "{reader:?}");
                }
                assert_eq!(see(&event, Reader::Organizer), Sight::Whole(Private::Shown));
            }
        }
    }

    #[test]
    fn what_is_hidden_is_not_there() {
        let (event, venue) = (sample::event(), sample::venue());
        let later = whereabouts(&event, Some(&venue), Private::Later);
        assert_eq!((later.address, later.access, later.online), (None, None, Online::Later));
        assert!(later.address_later && later.venue.is_some() && later.area.is_some());
        let shown = whereabouts(&event, Some(&venue), Private::Shown);
        assert!(shown.address.is_some() && shown.access.is_some() && !shown.address_later);
        assert!(matches!(shown.online, Online::At(_)));
        let nowhere = Event { online_url: None, ..sample::event() };
        let there = whereabouts(&nowhere, None, Private::Later);
        assert_eq!((there.online, there.address_later, there.venue), (Online::No, false, None));
    }
}
