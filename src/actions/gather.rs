//! Reads both systems for one plan. Readers only: nothing here can write.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures_util::future::{join_all, try_join, try_join3, try_join4, try_join5};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::ayon::{Projects, Server};
use crate::flow::{FlowError, FlowReader, TypeFields};
use crate::model::{
    DisabledParents, FlowField, FlowId, FlowType, Job, Options, Person, PlacementPolicy, ReparentOptions,
    Selection,
};
use crate::permission::{Denied, Requester, Right};
use crate::plan::{
    AyonSnapshot, FieldKind, FlowProject, FlowSchema, FlowSnapshot, Input, MappedAttribute, ProjectMatch,
    Rules, Wanted, WhyLeftOut, find_project,
};

use super::ActionError;
use super::around::Around;
use super::located::{Located, Part, locate};
use super::progress::Progress;
use super::reach::Reach;
use super::requester::requester;
use super::rows::RowGather;
use super::systems::Sessions;

/// Everything one run's plan needs.
pub struct Gathered {
    /// Host of the Flow site.
    pub site: String,
    pub job: Job,
    pub projects: Vec<GatheredProject>,
    pub(super) left_out: Vec<LeftOutPart>,
    /// Who asked, with the name people know them by.
    pub person: Person,
    /// Why they may not apply what they may plan.
    pub barred: Option<Denied>,
    pub memory: Memory,
}

/// A project of several that cannot be planned: it costs its own rows only.
pub(super) struct LeftOutPart {
    pub project: FlowId,
    pub name: String,
    pub why: WhyLeftOut,
    pub part: Part,
}

/// Everything the plan of one project needs.
pub struct GatheredProject {
    pub wanted: Wanted,
    pub flow: FlowSnapshot,
    pub ayon: AyonSnapshot,
    pub rules: Rules,
}

impl GatheredProject {
    /// What its plan is made of.
    pub(super) fn input(&self) -> Input<'_> {
        Input {
            wanted: &self.wanted,
            flow: &self.flow,
            ayon: &self.ayon,
            rules: &self.rules,
        }
    }
}

/// What is read once per run, and so is kept from the plan for apply.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Memory {
    fields: BTreeMap<FlowType, BTreeMap<String, FieldKind>>,
    statuses: BTreeMap<FlowType, BTreeMap<String, String>>,
    /// The project in which every selected row is at home, where it is one. What moved away since is found out
    /// when its row is read.
    home: Option<FlowId>,
}

/// What to read.
pub struct Question<'a> {
    /// Whether whoever runs the command line asks, who holds amigo's credentials.
    pub operator: bool,
    pub job: Job,
    /// What the person wants to do: nothing is read of a project in which they may not.
    pub wants: Right,
    pub selection: &'a Selection,
    pub options: &'a Options,
    pub person: &'a Person,
    /// Given when the same run was planned before.
    pub memory: Option<Memory>,
}

/// What both sites tell whatever the project is.
struct Site {
    projects: Option<Projects>,
    server: Server,
    memory: Memory,
}

/// Reads both systems: what is the same for all projects first, then each project's rules and rows.
pub async fn gather(
    sessions: &Sessions,
    question: &Question<'_>,
    progress: &Progress,
) -> Result<Gathered, ActionError> {
    let (flow, ayon) = (sessions.flow_reader(), sessions.ayon_reader());
    progress.phase("Reading the project");
    let placement = sessions.settings.placement;
    let enabled = &looked_at(&sessions.studio.addon.enabled, placement);
    let (located, projects, server, requester, fields) = try_join5(
        at_home(&flow, question),
        async { Ok(ayon.projects().await?) },
        async { Ok(ayon.server().await?) },
        requester(&flow, question.person, question.operator),
        known_fields(&flow, question, enabled),
    )
    .await?;
    let (fields, statuses) = fields;
    let located = match question.options {
        Options::Reparent(ReparentOptions { whole: true, .. }) => whole_projects(located),
        Options::Reparent(_) | Options::Sync(_) | Options::Users(_) => located,
    };
    let mut site = Site {
        projects,
        server,
        memory: Memory {
            fields,
            statuses,
            home: sole_home(&located, question.selection),
        },
    };
    let barred = judged(sessions, question, &requester, &located).await?;
    let (mut gathered, mut left_out) = (Vec::new(), Vec::new());
    let mut first_refusal = None;
    for (project, part) in located {
        let refusal = match gather_project(sessions, question, &mut site, project, &part, progress).await {
            Ok(read) => {
                gathered.push(read);
                continue;
            }
            Err(refusal) => refusal,
        };
        let (name, why) = match &refusal {
            ActionError::Archived(name) => (name.clone(), WhyLeftOut::Archived),
            ActionError::NoProject(id) => (format!("Project {id}"), WhyLeftOut::NotInFlow),
            _ => return Err(refusal),
        };
        left_out.push(LeftOutPart {
            project,
            name,
            why,
            part,
        });
        first_refusal.get_or_insert(refusal);
    }
    if let (true, Some(refusal)) = (gathered.is_empty(), first_refusal) {
        return Err(refusal);
    }
    let mut memory = site.memory;
    // A field that somebody makes in the meantime must be seen: a second one of its name would be made.
    memory.fields.retain(|kind, _| {
        let missing = gathered.iter().flat_map(|project| &project.flow.missing_fields);
        !missing.into_iter().any(|(other, _)| other == kind)
    });
    Ok(Gathered {
        site: sessions.site(),
        job: question.job,
        projects: gathered,
        left_out,
        person: requester.person,
        barred,
        memory,
    })
}

/// Refuses what the person may not; tells why they may not apply.
async fn judged(
    sessions: &Sessions,
    question: &Question<'_>,
    requester: &Requester,
    located: &Located,
) -> Result<Option<Denied>, ActionError> {
    let projects: Vec<FlowId> = located.keys().copied().collect();
    let judge = |wants| {
        let permissions = &sessions.settings.permissions;
        permissions.judge(question.job.word(), requester, &projects, wants)
    };
    if let Err(denied) = judge(question.wants) {
        return Err(named(&sessions.flow_reader(), denied).await.into());
    }
    Ok(match judge(Right::Apply) {
        Err(denied) => Some(named(&sessions.flow_reader(), denied).await),
        Ok(()) => None,
    })
}

/// The same with the name by which people know the project that stands in the way.
async fn named(flow: &FlowReader, denied: Denied) -> Denied {
    let Denied::NotMember { project, .. } = &denied else {
        return denied;
    };
    // Without it, its number has to do.
    let records = flow.by_ids("Project", &[*project], &["name"]).await;
    let name = records.ok().and_then(|records| records.first()?.text("name"));
    denied.of_project(name)
}

async fn gather_project(
    sessions: &Sessions,
    question: &Question<'_>,
    site: &mut Site,
    id: FlowId,
    part: &Part,
    progress: &Progress,
) -> Result<GatheredProject, ActionError> {
    let (flow, ayon) = (sessions.flow_reader(), sessions.ayon_reader());
    let studio = &sessions.studio;
    let lines = site.projects.as_ref().map(|projects| projects.lines.as_slice());
    let live = site
        .projects
        .as_ref()
        .map(|projects| projects.live.clone())
        .unwrap_or_default();
    let studio_map = site.server.mapped(&studio.addon.attributes, &live);
    let (record, visible) = try_join(
        project_record(&flow, id, &studio.addon.code_field, &studio_map),
        async { Ok(flow.visible_types(id).await?) },
    )
    .await?;
    let mut project = record.project;

    let found = match lines {
        Some(lines) => find_project(&project, lines),
        None => ProjectMatch::Unnameable,
    };
    let addon = match &found {
        ProjectMatch::Found { name, .. } => ayon.project_settings(&studio.addon_version, name).await?,
        _ => studio.addon.clone(),
    };
    let types = looked_at(&addon.enabled, sessions.settings.placement);
    complete_fields(&flow, &mut site.memory, &types).await?;
    let attributes = match question.job {
        Job::Sync => site.server.mapped(&addon.attributes, &live),
        Job::Reparent | Job::Users => Vec::new(),
    };
    let mut project_fields = record.fields;
    if question.job == Job::Sync && attributes != studio_map {
        let own = project_record(&flow, id, &studio.addon.code_field, &attributes).await?;
        (project, project_fields) = (own.project, own.fields);
    }
    let mut schema = FlowSchema {
        visible,
        fields: site.memory.fields.clone(),
        statuses: site.memory.statuses.clone(),
    };
    schema.fields.insert(FlowType::Project, project_fields);
    let rules = Rules {
        site: sessions.site(),
        ayon_url: sessions.ayon_url.clone(),
        enabled: addon.enabled,
        default_task_type: addon.default_task_type,
        anatomy_preset: addon.anatomy_preset,
        parenting: match question.options {
            Options::Reparent(ReparentOptions {
                what_if: Some(what_if),
                ..
            }) => addon.parenting.with(what_if),
            Options::Reparent(_) | Options::Sync(_) | Options::Users(_) => addon.parenting,
        },
        placement: sessions.settings.placement,
        attributes,
        options: question.options.reads(),
        policy: sessions.settings.sync.clone(),
        foreign_script: sessions.foreign_script(),
    };

    progress.phase("Reading Flow and AYON");
    let desk = sessions.desk();
    let rows = RowGather::new(&flow, &project, &schema, &rules);
    let people = async {
        Ok::<_, ActionError>(match rules.options.assignees {
            true => Some(
                try_join(async { Ok::<_, ActionError>(desk.people(&flow).await?) }, async {
                    Ok(desk.users(&ayon).await?)
                })
                .await?,
            ),
            false => None,
        })
    };
    let reach = Reach {
        job: question.job,
        ayon: &ayon,
        rules: &rules,
        live: &live,
    };
    let ((rows, passages), (content, new_anatomy), people) = try_join3(
        rows.read(&part.wanted, question.selection.entity_type),
        reach.begin(&found, &part.wanted),
        people,
    )
    .await?;
    let (people, users) = people.unwrap_or_default();
    let missing_fields = match question.job {
        Job::Sync => missing_fields(&record.missing, &rows, &schema),
        // Flow is told nothing.
        Job::Reparent | Job::Users => BTreeSet::new(),
    };
    let script_role = match missing_fields.is_empty() {
        true => None,
        false => role(&flow, &studio.flow.script_name).await,
    };
    let mut gathered = GatheredProject {
        flow: FlowSnapshot {
            page_project: question.selection.project_id,
            project,
            rows,
            passages,
            retired: BTreeMap::new(),
            empty_versions: part.empty_versions.clone(),
            schema,
            missing_fields,
            script_role,
            people,
            groups: BTreeMap::new(),
            known_tags: BTreeSet::new(),
            other_holders: BTreeSet::new(),
        },
        ayon: AyonSnapshot {
            version: site.server.version,
            projects: lines.unwrap_or_default().to_vec(),
            project: content,
            new_anatomy,
            attributes_live: lines.is_some(),
            users,
            user_links: BTreeMap::new(),
        },
        rules: rules.clone(),
        wanted: part.wanted.clone(),
    };
    reach.complete(&mut gathered).await?;

    let around = Around {
        flow: &flow,
        ayon: &ayon,
        desk: &desk,
        rules: &rules,
        schema: &gathered.flow.schema,
        rows: &gathered.flow.rows,
        content: gathered.ayon.project.as_ref(),
        people: gathered.flow.people.as_deref().map(Vec::as_slice),
        users: &gathered.ayon.users,
    };
    let (retired, known_tags, (groups, user_links), other_holders) = try_join4(
        around.retired(&gathered.wanted),
        around.known_tags(),
        around.people(),
        around.other_holders(gathered.flow.project.id),
    )
    .await?;
    gathered.flow.other_holders = other_holders;
    gathered.flow.retired = retired;
    gathered.flow.known_tags = known_tags;
    gathered.flow.groups = groups;
    gathered.ayon.user_links = user_links;
    // What was found in the trash may sit where nobody looked.
    reach.complete(&mut gathered).await?;
    if question.job == Job::Reparent {
        reach.count_versions(&mut gathered).await?;
    }
    Ok(gathered)
}

/// The link fields that Flow does not have on the types that were read.
fn missing_fields(
    of_project: &[FlowField],
    rows: &super::rows::Rows,
    schema: &FlowSchema,
) -> BTreeSet<(FlowType, FlowField)> {
    let mut missing: BTreeSet<(FlowType, FlowField)> = of_project
        .iter()
        .map(|field| (FlowType::Project, *field))
        .collect();
    for kind in rows.keys().map(|row| row.kind).collect::<BTreeSet<_>>() {
        if let Some(fields) = schema.fields.get(&kind) {
            let absent = |field: &&FlowField| !fields.contains_key(field.name());
            let needed = FlowField::needed_on(kind).iter().filter(absent);
            missing.extend(needed.map(|field| (kind, *field)));
        }
    }
    missing
}

/// A Flow Project as it was read.
struct ProjectRecord {
    project: FlowProject,
    /// Link fields that Flow does not have on Projects.
    missing: Vec<FlowField>,
    /// Fields that came back, as far as attributes are mapped to them.
    fields: BTreeMap<String, FieldKind>,
}

/// The project, and which link fields Flow does not have on it.
async fn project_record(
    flow: &FlowReader,
    id: FlowId,
    code_field: &str,
    attributes: &[MappedAttribute],
) -> Result<ProjectRecord, ActionError> {
    let link = FlowField::needed_on(FlowType::Project);
    let mut fields: Vec<String> = [
        "name",
        code_field,
        "archived",
        "is_template",
        "is_demo",
        "tracking_settings",
        "tags",
    ]
    .map(str::to_owned)
    .to_vec();
    fields.extend(link.iter().map(|field| field.name().to_owned()));
    // Unknown fields are left out of the answer (`flow-api.md §8.12`), which spares a look at the schema.
    let mapped: Vec<(usize, [String; 2])> = attributes
        .iter()
        .enumerate()
        .filter(|(_, attribute)| attribute.scope.contains(&FlowType::Project) && attribute.live.project)
        .map(|(position, attribute)| {
            (
                position,
                [format!("sg_{}", attribute.flow), attribute.flow.clone()],
            )
        })
        .collect();
    fields.extend(mapped.iter().flat_map(|(_, names)| names.clone()));
    let mut records = flow
        .by_ids("Project", &[id], &super::rows::borrowed(&fields))
        .await?;
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
    let values: Vec<(usize, Value)> = mapped
        .iter()
        .filter_map(|(position, names)| {
            let name = names.iter().find(|name| record.has(name))?;
            Some((*position, record.value(name)))
        })
        .collect();
    let found = mapped
        .iter()
        .flat_map(|(_, names)| names)
        .filter(|name| record.has(name));
    let text = |field: FlowField| record.text(field.name());
    let tags = record
        .links_of("tags")
        .iter()
        .map(|link| Arc::from(link.name.as_str()));
    Ok(ProjectRecord {
        missing,
        fields: found.map(|name| (name.clone(), FieldKind::Text)).collect(),
        project: FlowProject {
            id,
            name,
            code: record.text(code_field),
            chains,
            ayon_id: text(FlowField::AyonId),
            sync_status: text(FlowField::SyncStatus),
            ayon_code: text(FlowField::ProjectCode),
            server_url: text(FlowField::ServerUrl),
            tags: tags.collect(),
            instead_of_work: [("is_template", "a template"), ("is_demo", "a demonstration")]
                .into_iter()
                .find(|(flag, _)| record.flag(flag))
                .map(|(_, what)| what),
            values,
        },
    })
}

/// The types whose rows may have to be read: beside those that are synced, all that rows may hang on, where the policy
/// looks beyond.
fn looked_at(enabled: &BTreeSet<FlowType>, placement: PlacementPolicy) -> BTreeSet<FlowType> {
    let mut types = enabled.clone();
    if placement.disabled_parents == DisabledParents::Nearest {
        types.extend(FlowType::FOLDERS);
    }
    types
}

/// All of the projects in which something was selected.
fn whole_projects(located: Located) -> Located {
    let whole = |part: Part| Part {
        wanted: Wanted::WholeProject,
        ..part
    };
    located
        .into_iter()
        .map(|(project, part)| (project, whole(part)))
        .collect()
}

/// Where the selected rows are at home; Flow is asked once per run where it is the same for all.
async fn at_home(flow: &FlowReader, question: &Question<'_>) -> Result<Located, ActionError> {
    match question.memory.as_ref().and_then(|memory| memory.home) {
        Some(home) => Ok(Located::from([(home, Part::of(question.selection))])),
        None => locate(flow, question.selection).await,
    }
}

/// The one project in which all selected rows are. Versions stand for others, so theirs are looked up each time.
fn sole_home(located: &Located, selection: &Selection) -> Option<FlowId> {
    let (home, part) = located.first_key_value().filter(|_| located.len() == 1)?;
    (part.wanted == Part::of(selection).wanted && part.names.len() == selection.ids.len()).then_some(*home)
}

type Fields = (
    BTreeMap<FlowType, BTreeMap<String, FieldKind>>,
    BTreeMap<FlowType, BTreeMap<String, String>>,
);

/// The fields of the enabled types and their statuses, once per run.
async fn known_fields(
    flow: &FlowReader,
    question: &Question<'_>,
    enabled: &BTreeSet<FlowType>,
) -> Result<Fields, ActionError> {
    let mut memory = Memory {
        fields: BTreeMap::new(),
        statuses: BTreeMap::new(),
        home: None,
    };
    if let Some(known) = &question.memory {
        memory.fields.clone_from(&known.fields);
        memory.statuses.clone_from(&known.statuses);
    }
    complete_fields(flow, &mut memory, enabled).await?;
    Ok((memory.fields, memory.statuses))
}

/// Reads the fields of the enabled types that were not read yet.
async fn complete_fields(
    flow: &FlowReader,
    memory: &mut Memory,
    enabled: &BTreeSet<FlowType>,
) -> Result<(), ActionError> {
    let wanted = enabled
        .iter()
        .filter(|kind| **kind != FlowType::Project && !memory.fields.contains_key(kind));
    let read = join_all(wanted.map(async |kind| (*kind, flow.fields(*kind).await))).await;
    for (kind, answer) in read {
        let TypeFields { fields, statuses } = match answer {
            // A type that the site does not have is as good as hidden.
            Err(FlowError::Refused { status: 404, .. }) => TypeFields::default(),
            other => other?,
        };
        memory.fields.insert(kind, fields);
        memory.statuses.insert(kind, statuses);
    }
    Ok(())
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
