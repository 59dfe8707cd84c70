//! What the community can do: load, decide, save, commit. One file per noun, one function per verb.
//!
//! Locks are taken in one order: series, evenings by their id, venues, members, and last the community's
//! row (which `Tx::commit` takes).

pub mod events;
pub mod imports;
pub mod inbound;
pub mod invitations;
pub mod links;
pub mod members;
pub mod outbox;
pub mod programme;
pub mod rsvps;
pub mod seats;
pub mod series;
pub mod tally;
pub mod tokens;
pub mod venues;
pub mod waves;

use mensuel_domain::{
    event::{EditRefused, Field, StageRefused},
    fact::Actor,
    rsvp,
    series::{PlanRefused, SeriesRefused},
};
use mensuel_infra::store::{StoreError, Tx, idempotency};
use uuid::Uuid;

/// Who asks, and under which `Idempotency-Key`.
#[derive(Clone, Debug)]
pub struct By {
    pub actor: Actor,
    pub attempt: Option<idempotency::Attempt>,
}

impl By {
    pub fn actor(actor: Actor) -> Self {
        Self { actor, attempt: None }
    }

    /// Takes the key, so that of two equal requests at once one makes the change.
    pub async fn take_key(&self, tx: &Tx, subject: Option<Uuid>) -> Result<(), Failure> {
        match &self.attempt {
            Some(attempt) => {
                Ok(idempotency::take(tx, attempt, subject).await.map_err(|error| match error {
                    StoreError::Taken(_) => Failure::Refused(Refused::KeyInUse),
                    other => Failure::Store(other),
                })?)
            }
            None => Ok(()),
        }
    }
}

/// Why something did not happen.
#[derive(Debug)]
pub enum Failure {
    Refused(Refused),
    Store(StoreError),
    /// A fault of ours.
    Panicked,
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Failure::Store(error)
    }
}
impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        Failure::Refused(refused)
    }
}

/// What is told to a person. `problem.rs` is the one table from here to a status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Not there, or not to be seen by this caller.
    Missing,
    /// Was there and is revoked.
    Gone,
    /// The `If-Match` is not the present version.
    Stale,
    /// The same `Idempotency-Key` is at work at this moment.
    KeyInUse,
    Rsvp {
        refusal: rsvp::Refusal,
        zone: chrono_tz::Tz,
    },
    When(mensuel_domain::time::WhenRefused),
    Edit(EditRefused),
    Stage(StageRefused),
    Series(SeriesRefused),
    Plan(PlanRefused),
    /// What a field holds does not exist: the pointer, and what should be there.
    Unknown {
        pointer: &'static str,
        what: UnknownThing,
    },
    /// Somebody in this field of an evening is no member, or no longer.
    UnknownIn {
        field: Field,
        what: UnknownThing,
    },
    /// An address is another member's.
    EmailTaken {
        pointer: String,
    },
    /// A venue of this name and address exists.
    VenueTaken,
    /// `DELETE` of what was published.
    AlreadyPublished,
    /// The member left or was suspended.
    NotAMember,
    /// The dates of a plan are not to come, in order, before the deadline.
    WaveDates {
        pointer: &'static str,
    },
    /// All followers were asked for already: no wave is left to plan.
    FollowersAsked,
    /// A mail that came in does not wait for a decision, or not for this one.
    NotHeld,
    /// A held answer is older than the one that stands.
    AnsweredSince,
    /// Only failed and expired mail is sent again.
    NotRetriable,
    /// The last organizer cannot be taken away.
    LastOrganizer,
    /// Another title, hour or programme of a published evening: an import leaves it alone.
    DiffersFromPublished,
    /// An API token cannot be made for somebody who is no organizer.
    NotAnOrganizer,
    /// No month of the series is meant by this split.
    SplitOutside,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnknownThing {
    Member,
    Venue,
    Series,
}
