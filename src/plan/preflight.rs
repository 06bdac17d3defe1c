//! What must be right before any row is planned: the project, the link attributes, the Flow fields.

use serde_json::{Value, json};

use crate::model::{FlowField, FlowRef, FlowType};
use crate::problem::{AyonNamed, Code, FlowNamed, Severity};

use super::Input;
use super::attributes::{Effective, converted, same, shown};
use super::draft::{Draft, Tick, Wish, row_key, setup_node};
use super::guards::{guard, tell_attributes};
use super::intent::{Attributes, SYNCED, Write, WriteBack};
use super::operation::{Change, Kind, Node, On, OpId, PlannedProject, Reasons, Verdict};
use super::project::{ProjectMatch, find_project, project_code};
use super::snapshot::{Anatomy, FlowProject, Held, Wanted};
use super::tree::NodeKey;

/// Roles whose members may make Flow fields; of the others Flow says so only when they try.
const MAY_CREATE_FIELDS: &[&str] = &["admin", "api_admin"];

/// What is decided before any row is looked at.
pub(super) struct Preflight {
    pub draft: Draft,
    pub planned: PlannedProject,
    /// `None` when nothing of the project can be planned; the draft says why.
    pub fit: Option<Fit>,
}

/// The project is fit to be planned.
pub(super) struct Fit {
    /// The operation that makes the AYON project, when there is none yet.
    pub creates_project: Option<OpId>,
    /// The attributes that the project shows once the plan is applied.
    pub shows: Effective,
}

/// The AYON project of a Flow Project, before it is known whether anything can be planned in it.
pub(super) struct Identified {
    pub draft: Draft,
    pub planned: PlannedProject,
    /// One that was found, or that would be made; `None` when the draft says why there is neither.
    pub found: Option<ProjectMatch>,
}

/// Decides the AYON project.
pub(super) fn identify(input: &Input<'_>) -> Identified {
    let site = &input.rules.site;
    let project = &input.flow.project;
    let mut planned = PlannedProject {
        flow_id: project.id.0,
        name: project.name.clone(),
        ayon: None,
        folders: input.ayon.project.as_ref().map(|ayon| ayon.size),
        parenting: None,
    };
    if !input.ayon.attributes_live {
        // Without them AYON cannot say which projects are linked, so nothing is known of the project either.
        return Identified {
            draft: attributes_not_live(site),
            planned,
            found: None,
        };
    }
    let found = find_project(project, &input.ayon.projects);
    let (name, obstacle) = match &found {
        ProjectMatch::Found { name, .. } | ProjectMatch::New { name } => (name.as_str(), None),
        ProjectMatch::Unnameable => (
            "",
            Some((
                Code::ProjectNameUnusable,
                format!("No AYON project name can be made of {:?}.", project.name),
                "Make the project in AYON by hand (letters, digits and _, at most 55) and write its name into the Flow Project's sg_ayon_id.",
            )),
        ),
        ProjectMatch::Candidates(names) => (
            "",
            Some((
                Code::ProjectTwoCandidates,
                format!(
                    "{} could be the AYON project of {}.",
                    names.join(" and "),
                    project.name
                ),
                "Make shotgridId in AYON and sg_ayon_id in Flow name the same project.",
            )),
        ),
        ProjectMatch::LinkedElsewhere { name, to } => (
            "",
            Some((
                Code::ProjectLinkedElsewhere,
                format!(
                    "The AYON project {name} is linked with Flow Project {to}, not with {}.",
                    project.name
                ),
                "Rename one of the two projects, or clear shotgridId in AYON if that link is wrong.",
            )),
        ),
        ProjectMatch::Ambiguous { name, other } => (
            "",
            Some((
                Code::ProjectNameAmbiguous,
                format!("AYON reads _ in {name} as any character and could answer with {other}."),
                "Rename one of the two AYON projects.",
            )),
        ),
        ProjectMatch::Taken { name } => (
            "",
            Some((
                Code::ProjectNameTaken,
                format!(
                    "{:?} would become the AYON project {name}, which AYON has already; nothing says that it is the same.",
                    project.name
                ),
                "Write the AYON name into sg_ayon_id of the Flow Project if it is the same, or rename one of the two.",
            )),
        ),
    };
    let mut draft = Draft::new(site, name);
    if let Some((code, message, remedy)) = obstacle {
        draft.problem(
            Severity::Blocked,
            code,
            Some(named(project)),
            None,
            message,
            remedy,
        );
        return Identified {
            draft,
            planned,
            found: None,
        };
    }
    planned.ayon = Some(name.to_owned());
    Identified {
        draft,
        planned,
        found: Some(found),
    }
}

/// Decides the project and makes the first operations of a sync.
pub(super) fn preflight(input: &Input<'_>) -> Preflight {
    let Identified {
        mut draft,
        planned,
        found,
    } = identify(input);
    let project = &input.flow.project;
    let types = |anatomy: Option<&Anatomy>| -> Vec<String> {
        anatomy
            .map(|anatomy| anatomy.folder_types.clone())
            .unwrap_or_default()
    };
    let mut fit = None;
    match found {
        Some(ProjectMatch::Found { name, linked, how }) => {
            let told = linked && project.ayon_id.as_deref() == Some(name.as_str());
            let types = types(input.ayon.project.as_ref().map(|ayon| &ayon.anatomy));
            if guard(input, &mut draft, project, !linked, &types) && ready(input, &mut draft, project, !told)
            {
                tell_attributes(input, &mut draft);
                let shows = found_project(input, &mut draft, project, &name, linked, how);
                fit = Some(Fit {
                    creates_project: None,
                    shows,
                });
            }
        }
        Some(ProjectMatch::New { name }) => {
            let types = types(input.ayon.new_anatomy.as_ref());
            if guard(input, &mut draft, project, true, &types)
                && ready(input, &mut draft, project, true)
                && let Some((operation, shows)) = new_project(input, &mut draft, project, &name)
            {
                tell_attributes(input, &mut draft);
                fit = Some(Fit {
                    creates_project: Some(operation),
                    shows,
                });
            }
        }
        Some(
            ProjectMatch::Unnameable
            | ProjectMatch::Candidates(_)
            | ProjectMatch::LinkedElsewhere { .. }
            | ProjectMatch::Ambiguous { .. }
            | ProjectMatch::Taken { .. },
        )
        | None => {}
    }
    Preflight { draft, planned, fit }
}

pub(super) fn named(project: &FlowProject) -> FlowNamed {
    FlowNamed {
        key: FlowRef {
            kind: FlowType::Project,
            id: project.id,
        },
        name: project.name.clone(),
    }
}

fn attributes_not_live(site: &str) -> Draft {
    let mut draft = Draft::new(site, "");
    draft.problem(
        Severity::Blocked,
        Code::AttributesNotLive,
        None,
        None,
        "AYON does not know the attributes shotgridId and shotgridType, and would drop them silently."
            .to_owned(),
        "Install the shotgrid addon in AYON and restart the AYON server once.",
    );
    draft
}

/// Flow's fields: what is missing is planned, or stands in the way of everything.
fn ready(input: &Input<'_>, draft: &mut Draft, project: &FlowProject, writes_project: bool) -> bool {
    // The Project's own fields are written with its link only.
    let missing: Vec<&(FlowType, FlowField)> = input
        .flow
        .missing_fields
        .iter()
        .filter(|(kind, _)| writes_project || *kind != FlowType::Project)
        .collect();
    if missing.is_empty() {
        return true;
    }
    let role = input.flow.script_role.as_deref();
    if role.is_some_and(|role| !MAY_CREATE_FIELDS.contains(&role)) {
        let names: Vec<String> = missing
            .iter()
            .map(|(kind, field)| format!("{kind}.{}", field.name()))
            .collect();
        draft.problem(
            Severity::Blocked,
            Code::FieldsMissing,
            Some(named(project)),
            None,
            format!(
                "Flow lacks the fields {} and the script's role {} may not make them.",
                names.join(", "),
                role.unwrap_or_default()
            ),
            "Give the script the role API Admin once, or let an administrator make the fields.",
        );
        return false;
    }
    for (kind, field) in missing {
        let target = format!("{kind}.{}", field.name());
        let why = format!("Flow has no field {} on {}", field.name(), kind.plural());
        let operation = draft.operation(Wish {
            kind: Kind::Create,
            on: On::Field,
            target: target.clone(),
            flow: None,
            ayon: None,
            changes: vec![Change::new(&target, Value::Null, json!(field.title()))],
            needs: Vec::new(),
            because: [why.clone()].into(),
            tick: Tick::Wanted,
            write: Write::CreateField {
                kind: *kind,
                field: *field,
            },
            back: None,
        });
        draft.fields.entry(*kind).or_default().push(operation.clone());
        draft.node(
            NodeKey::Setup(format!("field:{target}")),
            None,
            setup_node(On::Field, "Flow field", &target, operation, &why),
        );
    }
    true
}

/// Repairs a link that only one side knows, and carries attributes when the whole project is wanted; says nothing
/// when everything is right.
fn found_project(
    input: &Input<'_>,
    draft: &mut Draft,
    project: &FlowProject,
    name: &str,
    linked: bool,
    how: &str,
) -> Effective {
    let line = input.ayon.projects.iter().find(|line| line.name == name);
    if line.is_some_and(|line| !line.active) {
        draft.problem(
            Severity::Warning,
            Code::ProjectInactive,
            Some(named(project)),
            Some(ayon_named(name)),
            format!("The AYON project {name} is switched off."),
            "Switch it on in AYON if people should see what is synced.",
        );
    }
    let held = input.ayon.project.as_ref().map(|ayon| ayon.attributes.as_slice());
    let values = match input.wanted {
        Wanted::WholeProject => project_attributes(input, draft, project, held.unwrap_or_default()),
        // What hangs below would change with it, and nobody selected that.
        Wanted::Rows(_) => ProjectValues {
            shows: shown(held.unwrap_or_default(), &input.rules.attributes),
            ..ProjectValues::default()
        },
    };
    let trace: Reasons = [format!("{} → {name}, found by {how}", project.name)].into();
    let told = linked && project.ayon_id.as_deref() == Some(name);
    let back = (!told).then(|| write_back(input, project, name, line.map(|line| line.code.as_str())));
    let mut changes = Vec::new();
    if !linked {
        changes.push(Change::new(
            "shotgridId",
            Value::Null,
            json!(project.id.to_string()),
        ));
    }
    changes.extend(back.iter().flat_map(|back| flow_changes(project, back)));
    changes.extend(values.changes);
    let operation = (!told || !values.attributes.is_empty()).then(|| {
        draft.operation(Wish {
            kind: Kind::Update,
            on: On::Project,
            target: row_key(named(project).key),
            flow: Some(named(project)),
            ayon: Some(ayon_named(name)),
            changes,
            needs: Vec::new(),
            because: trace.clone(),
            tick: Tick::Wanted,
            write: if linked && values.attributes.is_empty() {
                Write::Nothing
            } else {
                Write::UpdateProject {
                    name: name.to_owned(),
                    link: (!linked).then_some(project.id),
                    attributes: values.attributes,
                }
            },
            back,
        })
    });
    let verdict = if operation.is_some() {
        Verdict::Update
    } else {
        Verdict::Unchanged
    };
    project_node(input, draft, project, name, verdict, operation, trace);
    values.shows
}

/// Mapped attributes of the project itself.
#[derive(Default)]
struct ProjectValues {
    attributes: Attributes,
    changes: Vec<Change>,
    shows: Effective,
}

/// What Flow's Project changes on AYON's. Zero counts; an empty field clears by the policy only.
fn project_attributes(
    input: &Input<'_>,
    draft: &mut Draft,
    project: &FlowProject,
    held: &[Held],
) -> ProjectValues {
    let rules = input.rules;
    let mut shows: Vec<Value> = shown(held, &rules.attributes).to_vec();
    let mut values = ProjectValues::default();
    let carried = project.values.iter().filter(|_| rules.options.attributes);
    for (index, value) in carried {
        let Some(attribute) = rules.attributes.get(*index) else {
            continue;
        };
        let Ok(wanted) = converted(&attribute.kind, value) else {
            draft.problem(
                Severity::Warning,
                Code::ValueUnfitting,
                Some(named(project)),
                None,
                format!(
                    "The Project's Flow field {} holds a value that AYON's attribute {} does not take.",
                    attribute.flow, attribute.ayon
                ),
                "Correct the value in Flow, or map another field in the addon's settings.",
            );
            continue;
        };
        let now = held.get(*index).map_or(Value::Null, |held| held.value.clone());
        let cleared = wanted.is_null() && (now.is_null() || !rules.policy.clear_empty);
        if cleared || same(&attribute.kind, &wanted, &now) {
            continue;
        }
        shows[*index] = wanted.clone();
        values
            .changes
            .push(Change::new(&attribute.ayon, now, wanted.clone()));
        values.attributes.push((attribute.ayon.clone(), wanted));
    }
    values.shows = shows.into();
    values
}

fn new_project(
    input: &Input<'_>,
    draft: &mut Draft,
    project: &FlowProject,
    name: &str,
) -> Option<(OpId, Effective)> {
    let flow = Some(named(project));
    let (code, made) = project_code(project, name);
    if let Some(other) = input
        .ayon
        .projects
        .iter()
        .find(|line| line.code.eq_ignore_ascii_case(&code))
    {
        draft.problem(
            Severity::Blocked,
            Code::ProjectCodeTaken,
            flow,
            None,
            format!("The AYON project {} has the code {code} already.", other.name),
            "Give the Flow Project a code of its own.",
        );
        return None;
    }
    if input.ayon.new_anatomy.is_none() {
        let preset = input.rules.anatomy_preset.as_deref().unwrap_or("_");
        draft.problem(
            Severity::Blocked,
            Code::PresetMissing,
            flow,
            None,
            format!("AYON has no anatomy preset {preset:?}, which the addon's settings name."),
            "Choose an existing anatomy preset in the settings of the shotgrid addon.",
        );
        return None;
    }
    if name != project.name {
        draft.problem(
            Severity::Warning,
            Code::ProjectNameChanged,
            flow.clone(),
            None,
            format!("{:?} is no AYON project name, so the project becomes {name}. The addon's services match projects by their exact name and will not follow it.", project.name),
            "Rename the Flow Project to letters, digits and _ first if the addon's services should sync it.",
        );
    }
    if made {
        draft.problem(
            Severity::Info,
            Code::ProjectCodeMade,
            flow.clone(),
            None,
            format!("The Flow Project has no code that AYON accepts; {code} is used."),
            "Set the code in Flow first if another one is wanted.",
        );
    }
    let trace: Reasons = [format!("AYON has no project for {}", project.name)].into();
    let back = write_back(input, project, name, Some(&code));
    let mut changes = vec![Change::new("code", Value::Null, json!(code))];
    changes.extend(flow_changes(project, &back));
    let values = project_attributes(input, draft, project, &[]);
    changes.extend(values.changes);
    let operation = draft.operation(Wish {
        kind: Kind::Create,
        on: On::Project,
        target: row_key(named(project).key),
        flow,
        ayon: Some(ayon_named(name)),
        changes,
        needs: Vec::new(),
        because: trace.clone(),
        tick: Tick::Wanted,
        write: Write::CreateProject {
            name: name.to_owned(),
            code,
            preset: input.rules.anatomy_preset.clone(),
            flow: project.id,
            attributes: values.attributes,
        },
        back: Some(back),
    });
    project_node(
        input,
        draft,
        project,
        name,
        Verdict::Create,
        Some(operation.clone()),
        trace,
    );
    Some((operation, values.shows))
}

fn write_back(input: &Input<'_>, project: &FlowProject, name: &str, code: Option<&str>) -> WriteBack {
    let mut values = vec![
        (FlowField::AyonId, name.to_owned()),
        (FlowField::SyncStatus, SYNCED.to_owned()),
    ];
    values.extend(code.map(|code| (FlowField::ProjectCode, code.to_owned())));
    values.push((FlowField::ServerUrl, input.rules.ayon_url.clone()));
    values.retain(|(field, value)| held(project, *field) != Some(value.as_str()));
    WriteBack {
        row: named(project).key,
        values,
    }
}

fn held(project: &FlowProject, field: FlowField) -> Option<&str> {
    match field {
        FlowField::AyonId => project.ayon_id.as_deref(),
        FlowField::SyncStatus => project.sync_status.as_deref(),
        FlowField::ProjectCode => project.ayon_code.as_deref(),
        FlowField::ServerUrl => project.server_url.as_deref(),
    }
}

fn flow_changes(project: &FlowProject, back: &WriteBack) -> Vec<Change> {
    let change = |(field, value): &(FlowField, String)| {
        Change::new(field.name(), json!(held(project, *field)), json!(value))
    };
    back.values.iter().map(change).collect()
}

fn ayon_named(name: &str) -> AyonNamed {
    AyonNamed {
        id: None,
        kind: FlowType::Project.as_str().to_owned(),
        name: name.to_owned(),
        path: "/".to_owned(),
        from: None,
    }
}

/// The node of the project itself.
pub(super) fn project_node(
    input: &Input<'_>,
    draft: &mut Draft,
    project: &FlowProject,
    name: &str,
    verdict: Verdict,
    operation: Option<OpId>,
    trace: Reasons,
) {
    let node = Node {
        on: On::Project,
        depth: 0,
        kind: FlowType::Project.as_str().to_owned(),
        name: name.to_owned(),
        label: Some(project.name.clone()).filter(|label| label != name),
        path: "/".to_owned(),
        flow: Some(named(project).key),
        verdict,
        selected: *input.wanted == Wanted::WholeProject,
        operation,
        offers: Vec::new(),
        trace,
        placement: None,
        seat: None,
    };
    draft.node(NodeKey::Row(named(project).key), None, node);
}
