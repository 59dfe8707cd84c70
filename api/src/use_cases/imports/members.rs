//! The file of members: a known address is updated, any other is added.

use std::collections::{BTreeMap, BTreeSet};

use mensuel_domain::{
    fact::{Actor, Fact},
    id::Id,
    member::{Follows, Member, Status},
};
use mensuel_infra::store::{Tx, members as rows};

use super::{Attempt, Line, LineReport, Manner, Outcome, Report, Wrong, take};
use crate::{
    app::App,
    csv_input::{MemberLine, Sheet},
    use_cases::{
        Failure,
        members::{self, Change, NewMember, leaving},
    },
};

impl Line for MemberLine {
    fn number(&self) -> u64 {
        self.line
    }

    fn about(&self) -> String {
        format!("{} <{}>", self.name, self.email)
    }
}

/// Takes a file of members. Nobody is invited and nobody revived by it; who is said to have left
/// frees their seats, and the promoted are told. `progress` hears of each line.
pub async fn members(
    app: &App,
    actor: Actor,
    sheet: Sheet<MemberLine>,
    manner: Manner,
    progress: impl Fn(),
) -> Result<Report, Failure> {
    let summary = |report: &Report| Fact::MembersImported {
        added: report.added(),
        changed: report.changed(),
        unchanged: report.unchanged(),
    };
    take(app, actor, sheet, manner, summary, |tx, lines| attempt(app, tx, lines, &progress)).await
}

async fn attempt(
    app: &App,
    tx: Tx,
    lines: Vec<MemberLine>,
    progress: &impl Fn(),
) -> Result<Attempt, Failure> {
    let known = lock_known(&tx, &lines).await?;
    let (mut reports, mut facts) = (Vec::with_capacity(lines.len()), Vec::new());
    for line in lines {
        let (number, about) = (line.number(), line.about());
        let known = known.get(&line.email.key()).copied();
        let outcome = match one(app, &tx, known, line).await {
            Ok((outcome, made)) => {
                facts.extend(made);
                outcome
            }
            Err(Failure::Refused(refused)) => Outcome::Wrong(Wrong::Refused(refused)),
            Err(failure) => return Err(failure),
        };
        reports.push(LineReport { line: number, about, outcome });
        progress();
    }
    Ok(Attempt { lines: reports, tx, facts })
}

/// The members of the file by their address, those that change locked: evenings first, then
/// members, each in the order of their ids.
async fn lock_known(tx: &Tx, lines: &[MemberLine]) -> Result<BTreeMap<String, Id<Member>>, Failure> {
    let mut by_address = BTreeMap::new();
    for member in rows::list(tx.db(), &rows::Filter::default()).await? {
        for address in &member.emails {
            by_address.insert(address.email.key(), member.clone());
        }
    }
    let (mut known, mut change, mut leave) = (BTreeMap::new(), BTreeSet::new(), BTreeSet::new());
    for line in lines {
        let Some(member) = by_address.get(&line.email.key()) else {
            continue;
        };
        known.insert(line.email.key(), member.id);
        if changes_of(member, line).is_empty() {
            continue;
        }
        change.insert(member.id);
        if line.status == Some(Status::Left) && member.status.belongs() {
            leave.insert(member.id);
        }
    }
    leaving::lock_all_of(tx, &leave).await?;
    if !leave.is_empty() {
        change.extend(rows::organizers(tx.db()).await?.iter().map(|member| member.id));
    }
    for member in change {
        rows::lock(tx, member).await?;
    }
    Ok(known)
}

async fn one(
    app: &App,
    tx: &Tx,
    known: Option<Id<Member>>,
    line: MemberLine,
) -> Result<(Outcome, Vec<Fact>), Failure> {
    let known = match known {
        Some(id) => rows::find(tx.db(), id).await?,
        None => None,
    };
    let Some(member) = known else {
        let (_, facts) = members::create_in(tx, new_member(app, line)).await?;
        return Ok((Outcome::Added, facts));
    };
    let away = !member.status.belongs() && line.status.is_some_and(Status::belongs);
    let (_, facts) = members::change_in(app, tx, &member, changes_of(&member, &line)).await?;
    let outcome = match (facts.is_empty(), away) {
        (_, true) => Outcome::StaysAway,
        (true, false) => Outcome::Unchanged,
        (false, false) => Outcome::Changed,
    };
    Ok((outcome, facts))
}

fn new_member(app: &App, line: MemberLine) -> NewMember {
    NewMember {
        company: line.company,
        job_title: line.job_title,
        member_since: line.member_since,
        status: line.status.unwrap_or(Status::Active),
        follows: line.follows.unwrap_or(Follows::All),
        ..NewMember::named(line.name, line.email, line.language.unwrap_or(app.community.language))
    }
}

/// What the line says and the member does not have yet. A cell that is empty says nothing.
fn changes_of(member: &Member, line: &MemberLine) -> Vec<Change> {
    let mut changes = Vec::new();
    if member.name != line.name {
        changes.push(Change::Name(line.name.clone()));
    }
    if let Some(language) = line.language.filter(|language| *language != member.language) {
        changes.push(Change::Language(language));
    }
    if line.company.is_some() && line.company != member.company {
        changes.push(Change::Company(line.company.clone()));
    }
    if line.job_title.is_some() && line.job_title != member.job_title {
        changes.push(Change::JobTitle(line.job_title.clone()));
    }
    if line.member_since.is_some() && line.member_since != member.member_since {
        changes.push(Change::MemberSince(line.member_since));
    }
    if let Some(follows) = line.follows.as_ref().filter(|follows| **follows != member.follows) {
        changes.push(Change::Follows(follows.clone()));
    }
    let status = line.status.filter(|status| *status != member.status && member.status.belongs());
    changes.extend(status.map(Change::Status));
    changes
}
