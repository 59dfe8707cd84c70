//! API tokens: made for an organizer or the mail server, shown once, revoked.

use mensuel_domain::{
    fact::{ApiToken, Fact},
    id::Id,
    member::Member,
    text::PersonName,
};
use mensuel_infra::{
    links::{ApiSecret, api_secret},
    store::{
        Tx, members,
        tokens::{self, Kept, Scope},
    },
};
use secrecy::SecretString;

use super::{By, Failure, Refused};
use crate::app::App;

/// A new token with its secret, which is not kept.
#[derive(Debug)]
pub struct Made {
    pub token: Kept,
    pub secret: SecretString,
}

/// Who calls with a token that is in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller {
    pub token: Id<ApiToken>,
    /// The organizer it belongs to; nobody for the mail server's.
    pub member: Option<Id<Member>>,
    pub scope: Scope,
}

/// Makes a token. One with scope `inbound` belongs to nobody; any other belongs to an organizer.
pub async fn create(
    app: &App,
    by: &By,
    name: PersonName,
    scope: Scope,
    owner: Option<Id<Member>>,
) -> Result<Made, Failure> {
    let tx = app.store.write(app.now()).await?;
    let member = match scope {
        Scope::Inbound => None,
        Scope::Read | Scope::Write | Scope::Admin => Some(organizer(&tx, owner).await?),
    };
    let secret = ApiSecret::new();
    let token = Kept { id: tx.new_id(), name: name.to_string(), member, scope, created_at: tx.now() };
    tokens::insert(&tx, &token, &secret.hash).await?;
    tx.commit(by.actor, vec![Fact::TokenMade { token: token.id }]).await?;
    Ok(Made { token, secret: secret.text })
}

async fn organizer(tx: &Tx, owner: Option<Id<Member>>) -> Result<Id<Member>, Failure> {
    let owner = owner.ok_or(Refused::NotAnOrganizer)?;
    let member = members::lock(tx, owner).await?.filter(may_organize);
    Ok(member.ok_or(Refused::NotAnOrganizer)?.id)
}

fn may_organize(member: &Member) -> bool {
    member.is_organizer() && member.status.belongs()
}

pub async fn revoke(app: &App, by: &By, id: Id<ApiToken>) -> Result<(), Failure> {
    let tx = app.store.write(app.now()).await?;
    tokens::find(tx.db(), id).await?.ok_or(Refused::Missing)?;
    tokens::delete(&tx, id).await?;
    tx.commit(by.actor, vec![Fact::TokenRevoked { token: id }]).await?;
    Ok(())
}

/// Revokes what belongs to somebody who is no organizer any more.
pub(super) async fn revoke_all_of(tx: &Tx, member: Id<Member>) -> Result<Vec<Fact>, Failure> {
    let all = tokens::list(tx.db(), None, u64::from(u32::MAX)).await?;
    let mut facts = Vec::new();
    for token in all.into_iter().filter(|token| token.member == Some(member)) {
        tokens::delete(tx, token.id).await?;
        facts.push(Fact::TokenRevoked { token: token.id });
    }
    Ok(facts)
}

/// Whose token this is; `None` when it is nobody's, was revoked, or its organizer's role ended.
pub async fn authenticate(app: &App, secret: &str) -> Result<Option<Caller>, Failure> {
    let db = app.store.read();
    let Some(token) = tokens::find_by_hash(db, &api_secret::hash(secret)).await? else {
        return Ok(None);
    };
    if let Some(member) = token.member
        && !members::find(db, member).await?.is_some_and(|member| may_organize(&member))
    {
        return Ok(None);
    }
    Ok(Some(Caller { token: token.id, member: token.member, scope: token.scope }))
}
