//! `organizer add`, `token add`.

use std::sync::Arc;

use mensuel_domain::{
    fact::Actor,
    id::Id,
    member::Member,
    text::{Email, PersonName},
};
use mensuel_infra::{
    clock::SystemClock,
    store::{members as rows, tokens::Scope},
};
use secrecy::ExposeSecret as _;

use super::{Call, Ended, Stopped, aside, say, words};
use crate::{
    app::App,
    serve::{self, Base},
    units,
    use_cases::{By, Failure, Refused, members, tokens},
};

pub(super) async fn add_organizer(
    call: Call,
    email: Email,
    name: Option<PersonName>,
) -> Result<Ended, Stopped> {
    let app = serve::open(&call.config, Arc::new(SystemClock), Base::NotNeeded).await?;
    let member = match units::whole(|| members::add_organizer(&app, &email, name.clone())).await {
        Err(Failure::Refused(Refused::NotAMember)) => {
            return Err(Stopped::refused(words::has_left(call.lang)));
        }
        other => other?,
    };
    say(&words::organizer_added(&call, &member, &email));
    Ok(Ended::Done)
}

pub(super) async fn add_token(
    call: Call,
    name: PersonName,
    organizer: Option<Email>,
    scope: Scope,
) -> Result<Ended, Stopped> {
    let app = serve::open(&call.config, Arc::new(SystemClock), Base::NotNeeded).await?;
    let owner = match scope {
        Scope::Inbound => None,
        Scope::Read | Scope::Write | Scope::Admin => Some(owner(&app, &call, organizer).await?),
    };
    let by = By::actor(Actor::Operator);
    let made = match units::whole(|| tokens::create(&app, &by, name.clone(), scope, owner)).await {
        Err(Failure::Refused(Refused::NotAnOrganizer)) => {
            return Err(Stopped::refused(words::no_such_organizer(&call)));
        }
        other => other?,
    };
    aside(&words::token_made(call.lang, scope));
    say(made.secret.expose_secret());
    Ok(Ended::Done)
}

/// The organizer who was named, or the only one.
async fn owner(app: &App, call: &Call, named: Option<Email>) -> Result<Id<Member>, Stopped> {
    let db = app.store.read();
    let refused = |sentence| Err(Stopped::refused(sentence));
    if let Some(email) = named {
        let found = rows::find_by_email(db, &email).await.map_err(Failure::from)?;
        return match found {
            Some(member) => Ok(member.id),
            None => refused(words::no_such_organizer(call)),
        };
    }
    match rows::organizers(db).await.map_err(Failure::from)?.as_slice() {
        [only] => Ok(only.id),
        [] => refused(words::no_organizer(call)),
        [_, _, ..] => refused(words::which_organizer(call.lang)),
    }
}
