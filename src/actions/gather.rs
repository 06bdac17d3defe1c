//! Reads both systems for one plan. Readers only: nothing here can write.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::{join_all, try_join, try_join4};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::ayon::AyonReader;
use crate::flow::{FlowError, FlowReader, Record};
use crate::model::{FlowField, FlowId, FlowType, Person, Selection, SyncOptions};
use crate::plan::{AyonSnapshot, FlowProject, FlowSchema, FlowSnapshot, ProjectMatch, Rules, find_project};

use super::ActionError;
use super::progress::Progress;
use super::rows::RowGather;
use super::systems::Sessions;

/// Everything one plan needs.
pub struct Gathered {
    pub flow: FlowSnapshot,
    pub ayon: AyonSnapshot,
    pub rules: Rules,
    /// Who asked, with the name people know them by.
    pub person: Person,
    pub memory: Memory,
}

/// What is read once per run, and so is kept from the plan for apply.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Memory {
    pub schema: FlowSchema,
    pub person: Person,
}

/// What to read.
pub struct Question<'a> {
    pub selection: &'a Selection,
    pub options: SyncOptions,
    pub person: &'a Person,
    /// Given when the same run was planned before.
    pub memory: Option<Memory>,
}

/// Reads both systems: rules and project first, then the rows of both sides at once.
pub async fn gather(
    sessions: &Sessions,
    question: &Question<'_>,
    progress: &Progress,
) -> Result<Gathered, ActionError> {
    let (flow, ayon) = (sessions.flow_reader(), sessions.ayon_reader());
    progress.phase("Reading the project");
    let project_id = project_id(&flow, question.selection).await?;
    let enabled = &sessions.studio.addon.enabled;
    let (record, projects, mut schema, person) = try_join4(
        project_record(&flow, project_id, &sessions.studio.addon.code_field),
        async { Ok(ayon.projects().await?) },
        schema(&flow, project_id, enabled, question),
        person(&flow, question),
    )
    .await?;
    let (project, project_fields) = record;

    let mut snapshot = AyonSnapshot {
        attributes_live: projects.is_some(),
        ..AyonSnapshot::default()
    };
    snapshot.projects = projects.unwrap_or_default();
    let found = match snapshot.attributes_live {
        true => find_project(&project, &snapshot.projects),
        false => ProjectMatch::Unnameable,
    };
    let addon = match &found {
        ProjectMatch::Found { name, .. } => {
            ayon.project_settings(&sessions.studio.addon_version, name)
                .await?
        }
        _ => sessions.studio.addon.clone(),
    };
    complete_schema(&flow, &mut schema, &addon.enabled).await?;
    let rules = Rules {
        site: sessions.site(),
        ayon_url: sessions.ayon_url.clone(),
        enabled: addon.enabled,
        default_task_type: addon.default_task_type,
        anatomy_preset: addon.anatomy_preset,
        reparented: addon.reparented,
    };

    progress.phase("Reading Flow and AYON");
    let gather = RowGather {
        flow: &flow,
        project: &project,
        schema: &schema,
        rules: &rules,
    };
    let (rows, (content, new_anatomy)) = try_join(
        gather.read(question.selection, question.options),
        content(&ayon, &found, rules.anatomy_preset.as_deref()),
    )
    .await?;
    snapshot.project = content;
    snapshot.new_anatomy = new_anatomy;

    let mut missing_fields: BTreeSet<(FlowType, FlowField)> = project_fields
        .into_iter()
        .map(|field| (FlowType::Project, field))
        .collect();
    for kind in rows.keys().map(|row| row.kind).collect::<BTreeSet<_>>() {
        if let Some(fields) = schema.fields.get(&kind) {
            let absent = |field: &&FlowField| !fields.contains_key(field.name());
            missing_fields.extend(
                FlowField::needed_on(kind)
                    .iter()
                    .filter(absent)
                    .map(|field| (kind, *field)),
            );
        }
    }
    let script_role = match missing_fields.is_empty() {
        true => None,
        false => role(&flow, &sessions.studio.flow.script_name).await,
    };
    let mut memory = Memory {
        schema: schema.clone(),
        person: person.clone(),
    };
    // A field that somebody makes in the meantime must be seen: a second one of its name would be made.
    memory
        .schema
        .fields
        .retain(|kind, _| !missing_fields.iter().any(|(missing, _)| missing == kind));
    let flow = FlowSnapshot {
        project,
        rows,
        schema,
        missing_fields,
        script_role,
    };
    Ok(Gathered {
        flow,
        ayon: snapshot,
        rules,
        person,
        memory,
    })
}

/// The project of the selection: the selected one, the page's, or the one that all rows belong to.
async fn project_id(flow: &FlowReader, selection: &Selection) -> Result<FlowId, ActionError> {
    if selection.is_project() {
        return selection.ids.first().copied().ok_or(ActionError::NothingThere);
    }
    if let Some(id) = selection.project_id {
        return Ok(id);
    }
    let rows = flow
        .by_ids(selection.entity_type.as_str(), &selection.ids, &["project"])
        .await?;
    let projects: BTreeSet<FlowId> = rows
        .iter()
        .filter_map(|row| row.link("project"))
        .map(|link| link.id)
        .collect();
    match projects.len() {
        0 => Err(ActionError::NothingThere),
        1 => projects.first().copied().ok_or(ActionError::NothingThere),
        several => Err(ActionError::SeveralProjects(several)),
    }
}

/// The project, and which link fields Flow does not have on it.
async fn project_record(
    flow: &FlowReader,
    id: FlowId,
    code_field: &str,
) -> Result<(FlowProject, Vec<FlowField>), ActionError> {
    let link = FlowField::needed_on(FlowType::Project);
    let mut fields = vec!["name", code_field, "archived", "tracking_settings"];
    fields.extend(link.iter().map(|field| field.name()));
    let mut records = flow.by_ids("Project", &[id], &fields).await?;
    let record = records.pop().ok_or(ActionError::NoProject(id.0))?;
    let name = record.text("name").unwrap_or_else(|| format!("Project {id}"));
    if record.flag("archived") {
        return Err(ActionError::Archived(name));
    }
    let chains = record
        .object("tracking_settings")
        .and_then(|settings| settings.get("navchains"))
        .and_then(|chains| chains.as_object())
        .into_iter()
        .flatten()
        .filter_map(|(kind, chain)| Some((kind.parse().ok()?, chain.as_str()?.to_owned())))
        .collect();
    let missing = link
        .iter()
        .copied()
        .filter(|field| !record.has(field.name()))
        .collect();
    let text = |field: FlowField| record.text(field.name());
    let project = FlowProject {
        id,
        name,
        code: record.text(code_field),
        chains,
        ayon_id: text(FlowField::AyonId),
        sync_status: text(FlowField::SyncStatus),
        ayon_code: text(FlowField::ProjectCode),
        server_url: text(FlowField::ServerUrl),
    };
    Ok((project, missing))
}

/// The schema, once per run.
async fn schema(
    flow: &FlowReader,
    project: FlowId,
    enabled: &BTreeSet<FlowType>,
    question: &Question<'_>,
) -> Result<FlowSchema, ActionError> {
    if let Some(memory) = &question.memory {
        return Ok(memory.schema.clone());
    }
    let mut schema = FlowSchema::default();
    let (visible, ()) = try_join(
        async { Ok::<_, ActionError>(flow.visible_types(project).await?) },
        complete_schema(flow, &mut schema, enabled),
    )
    .await?;
    schema.visible = visible;
    Ok(schema)
}

/// Reads the fields of the enabled types that were not read yet.
async fn complete_schema(
    flow: &FlowReader,
    schema: &mut FlowSchema,
    enabled: &BTreeSet<FlowType>,
) -> Result<(), ActionError> {
    let wanted = enabled
        .iter()
        .filter(|kind| **kind != FlowType::Project && !schema.fields.contains_key(kind));
    let read = join_all(wanted.map(async |kind| (*kind, flow.fields(*kind).await))).await;
    for (kind, fields) in read {
        let fields = match fields {
            // A type that the site does not have is as good as hidden.
            Err(FlowError::Refused { status: 404, .. }) => BTreeMap::new(),
            other => other?,
        };
        schema.fields.insert(kind, fields);
    }
    Ok(())
}

/// Who asked, by the name people know them by. An unknown one keeps the login: the policy is not decided here.
async fn person(flow: &FlowReader, question: &Question<'_>) -> Result<Person, ActionError> {
    if let Some(memory) = &question.memory {
        return Ok(memory.person.clone());
    }
    let mut person = question.person.clone();
    if let Some(id) = person.id {
        let records = match flow.by_ids("HumanUser", &[FlowId(id)], &["name", "login"]).await {
            // A script may be kept from people, and still sync.
            Err(FlowError::Refused { .. }) => Vec::new(),
            other => other?,
        };
        let name = |record: &Record| record.text("name");
        if let Some(name) = records.first().and_then(name) {
            person.name = name;
        }
    }
    Ok(person)
}

/// The content of the project that was found, or the anatomy that a new one would have.
async fn content(
    ayon: &AyonReader,
    found: &ProjectMatch,
    preset: Option<&str>,
) -> Result<(Option<crate::plan::AyonProject>, Option<crate::plan::Anatomy>), ActionError> {
    Ok(match found {
        ProjectMatch::Found { name, .. } => (Some(ayon.content(name).await?), None),
        ProjectMatch::New { .. } => (None, ayon.preset(preset).await?),
        _ => (None, None),
    })
}

/// Role of our own script; nothing when Flow does not tell.
async fn role(flow: &FlowReader, script: &str) -> Option<String> {
    let code = "permission_rule_set.PermissionRuleSet.code";
    let rows = flow
        .search("ApiUser", json!([["firstname", "is", script]]), &[code])
        .await
        .ok()?;
    rows.first()?.text(code)
}
