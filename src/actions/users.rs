//! Reads everything that the plan of users depends on, whoever is wanted: all people of Flow, all users of AYON, and whom
//! those are linked with. Readers only.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::try_join3;
use serde_json::json;

use crate::ayon::AyonReader;
use crate::flow::{FlowReader, Record, if_shown};
use crate::model::{FlowId, FlowType, Pairs, Selection, UserPolicy, UsersOptions};
use crate::permission::Right;
use crate::plan::{Accounts, FlowPeople, Individual, Planned, UsersInput, Whom, users};

use super::ActionError;
use super::directory::at_once;
use super::gather::Question;
use super::look::Looked;
use super::progress::Progress;
use super::requester::{self, group_of};
use super::systems::Sessions;

/// How many users are asked one by one before it is told how far one is.
const TOLD_AFTER: usize = 200;
const PERSON: &str = "HumanUser";
const GROUP: &str = "Group";

/// Gathers and plans.
pub(super) async fn look(
    sessions: &Sessions,
    question: &Question<'_>,
    options: &UsersOptions,
    progress: &Progress,
) -> Result<Looked, ActionError> {
    let (flow, ayon) = (sessions.flow_reader(), sessions.ayon_reader());
    progress.phase("Reading Flow's people");
    let records = people(&flow).await?;
    // Who asks is among the people.
    let asks = |record: &&Record| question.person.id.is_some_and(|id| record.id == FlowId(id));
    let requester = requester::judged(records.iter().find(asks), question.person, question.operator);
    let permissions = &sessions.settings.permissions;
    let judge = |wants| permissions.judge_for_all(question.job.word(), &requester, wants);
    judge(question.wants)?;
    let barred = judge(Right::Apply).err();
    let mut read = FlowPeople {
        people: records
            .iter()
            .map(|record| (record.id, individual(record)))
            .collect(),
        ..FlowPeople::default()
    };
    drop(records);

    progress.phase("Reading AYON's users");
    let (selected, accounts, access_groups) = try_join3(
        selected(&flow, question.selection, &mut read),
        async { Ok(ayon.accounts().await?) },
        async { Ok(ayon.access_groups().await?) },
    )
    .await?;
    let accounts = Accounts {
        access_groups: access_groups.map(|groups| groups.into_iter().collect()),
        ..accounts
    };
    let mut gathered = Gathered {
        wanted: selected,
        flow: read,
        ayon: accounts,
        policy: &sessions.settings.users,
        pairs: &options.pairs,
    };
    gathered.links(&ayon, progress).await?;
    gathered.retired(&flow).await?;
    progress.phase("Comparing");
    Ok(Looked {
        planned: gathered.plan(&sessions.site(), requester.person.id.map(FlowId)),
        memory: None,
        person: requester.person,
        barred,
    })
}

/// What one plan of users is made of.
struct Gathered<'a> {
    wanted: Whom,
    flow: FlowPeople,
    ayon: Accounts,
    policy: &'a UserPolicy,
    pairs: &'a Pairs,
}

impl Gathered<'_> {
    fn plan(&self, site: &str, asked_by: Option<FlowId>) -> Planned {
        users(&UsersInput {
            site,
            wanted: &self.wanted,
            flow: &self.flow,
            ayon: &self.ayon,
            policy: self.policy,
            pairs: self.pairs,
            asked_by,
        })
    }

    /// Asks AYON whom its users are linked with: all of them, whoever is wanted. Only so it is certain that nobody else
    /// is linked with a person, and that a new name is the same in every selection.
    async fn links(&mut self, ayon: &AyonReader, progress: &Progress) -> Result<(), ActionError> {
        let of_people = self.ayon.users.values().filter(|user| !user.service);
        let names: Vec<String> = of_people.map(|user| user.name.clone()).collect();
        let mut asked = 0;
        for part in names.chunks(TOLD_AFTER) {
            progress.step("Reading whom AYON's users are linked with", asked, names.len());
            let questions = part
                .iter()
                .map(|name| async move { Ok((name, ayon.stored_id(name).await?)) });
            for (name, stored) in at_once(questions.collect()).await? {
                if let Some(user) = self.ayon.users.get_mut(name) {
                    user.stored = stored;
                }
            }
            asked += part.len();
        }
        Ok(())
    }

    /// Looks into Flow's trash for those whom AYON still knows, or who were selected. Only who is found there has left:
    /// somebody whom Flow merely does not show may be there all the same.
    async fn retired(&mut self, flow: &FlowReader) -> Result<(), ActionError> {
        let stored = self.ayon.users.values().filter_map(|user| user.stored.person());
        let mut missing: BTreeSet<FlowId> = stored.collect();
        if let Whom::These(ids) = &self.wanted {
            missing.extend(ids);
        }
        missing.retain(|id| !self.flow.people.contains_key(id));
        if missing.is_empty() {
            return Ok(());
        }
        let ids: Vec<FlowId> = missing.into_iter().collect();
        let records = flow.retired(PERSON, &ids, &["name", "login"]).await?;
        let named = |record: &Record| {
            let name = record.text("name").or_else(|| record.text("login"));
            (record.id, name.unwrap_or_else(|| format!("#{}", record.id)))
        };
        self.flow.retired = records.iter().map(named).collect();
        Ok(())
    }
}

/// Everybody on the Flow site, by whole pages.
async fn people(flow: &FlowReader) -> Result<Vec<Record>, ActionError> {
    let fields = [requester::FIELDS.as_slice(), ["email", "groups"].as_slice()].concat();
    let everyone = json!([["id", "greater_than", 0]]);
    if_shown(flow.search(PERSON, everyone, &fields).await)?.ok_or(ActionError::PeopleHidden)
}

fn individual(record: &Record) -> Individual {
    let ids = |field: &str| record.links_of(field).iter().map(|link| link.id).collect();
    Individual {
        id: record.id,
        login: record.text("login").unwrap_or_default(),
        name: record.text("name").unwrap_or_default(),
        email: record.text("email"),
        active: record.text("sg_status_list").as_deref() == Some("act"),
        permission: group_of(record),
        groups: ids("groups"),
        projects: ids("projects"),
    }
}

/// Whose users are wanted by a selection: people, the members of Groups and Projects, whoever is assigned to rows.
async fn selected(
    flow: &FlowReader,
    selection: &Selection,
    read: &mut FlowPeople,
) -> Result<Whom, ActionError> {
    if selection.ids.is_empty() {
        return Ok(Whom::Everyone);
    }
    let ids: BTreeSet<FlowId> = selection.ids.iter().copied().collect();
    let among = |of: &dyn Fn(&Individual) -> bool| -> BTreeSet<FlowId> {
        let people = read.people.values();
        people
            .filter(|person| of(person))
            .map(|person| person.id)
            .collect()
    };
    let wanted: BTreeSet<FlowId> = match selection.entity_type {
        FlowType::HumanUser => return Ok(Whom::These(ids)),
        FlowType::Group => among(&|person| !person.groups.is_disjoint(&ids)),
        FlowType::Project => among(&|person| !person.projects.is_disjoint(&ids)),
        kind => {
            let mut members: BTreeMap<FlowId, Vec<FlowId>> = BTreeMap::new();
            for person in read.people.values() {
                for group in &person.groups {
                    members.entry(*group).or_default().push(person.id);
                }
            }
            let mut tasks: BTreeMap<FlowId, BTreeSet<FlowId>> = BTreeMap::new();
            for task in assigned(flow, kind, &selection.ids).await? {
                for link in task.links_of("task_assignees") {
                    let people = match link.kind.as_ref() {
                        PERSON => std::slice::from_ref(&link.id),
                        GROUP => members.get(&link.id).map_or(&[][..], Vec::as_slice),
                        // Scripts are nobody.
                        _ => &[],
                    };
                    for person in people {
                        tasks.entry(*person).or_default().insert(task.id);
                    }
                }
            }
            let in_order =
                |(person, tasks): (FlowId, BTreeSet<FlowId>)| (person, tasks.into_iter().collect());
            read.tasks = tasks.into_iter().map(in_order).collect();
            read.tasks.keys().copied().collect()
        }
    };
    match wanted.is_empty() {
        true => Err(ActionError::NobodyThere),
        false => Ok(Whom::These(wanted)),
    }
}

/// The Tasks of a selection, with whom they are assigned to.
async fn assigned(flow: &FlowReader, kind: FlowType, ids: &[FlowId]) -> Result<Vec<Record>, ActionError> {
    const FIELDS: [&str; 1] = ["task_assignees"];
    Ok(match kind {
        FlowType::Task => flow.by_ids(kind.as_str(), ids, &FIELDS).await?,
        kind => {
            let rows: Vec<(FlowType, FlowId)> = ids.iter().map(|id| (kind, *id)).collect();
            flow.linked_to(FlowType::Task, "entity", &rows, &FIELDS).await?
        }
    })
}
