//! Where each row would hang, before names and identities are looked at.

use std::collections::BTreeMap;

use crate::model::{ChainFolder, FlowRef, FlowType};
use crate::problem::Code;

use super::Input;
use super::grouping::{Helper, Role};
use super::naming::{Pieces, slug};
use super::placement::{ASSET_CATEGORY, ASSET_TYPE_FIELD, ParentField};

use super::snapshot::{FlowProject, FlowRow, ParentValue};

/// What a row hangs on.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Place {
    Root,
    /// The last of these helper folders, which stand in each other from the root down; never empty.
    Helpers(Vec<Helper>),
    Row(FlowRef),
    /// It cannot be placed.
    Nowhere(Obstacle),
}

/// Why something is left out, in words.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Obstacle {
    pub code: Code,
    pub message: String,
    pub remedy: &'static str,
}

/// A row's place and the reasons for it.
#[derive(Clone, Debug)]
pub(super) struct Placed {
    pub place: Place,
    pub trace: Vec<String>,
    /// Steps to the root; rows of one depth never hang on each other.
    pub depth: usize,
}

/// Places every row; rows in a circle are placed nowhere.
pub(super) fn places(input: &Input<'_>, project: &FlowProject) -> BTreeMap<FlowRef, Placed> {
    let mut places: BTreeMap<FlowRef, Placed> = input
        .flow
        .rows
        .values()
        .map(|row| {
            let (place, trace) = place(input, project, row);
            (
                row.key,
                Placed {
                    place,
                    trace,
                    depth: 0,
                },
            )
        })
        .collect();
    let above: BTreeMap<FlowRef, FlowRef> = places
        .iter()
        .filter_map(|(key, placed)| match placed.place {
            Place::Row(parent) => Some((*key, parent)),
            _ => None,
        })
        .collect();
    let mut depths: BTreeMap<FlowRef, Option<usize>> = BTreeMap::new();
    for start in places.keys().copied().collect::<Vec<_>>() {
        let mut path = vec![start];
        let mut known = depths.get(&start).copied();
        while known.is_none() {
            let last = path[path.len() - 1];
            known = match above.get(&last) {
                None => Some(Some(0)),
                Some(parent) if path.contains(parent) => Some(None),
                Some(parent) => {
                    path.push(*parent);
                    depths.get(parent).copied()
                }
            };
        }
        // `known` is the depth of the path's last row, or nothing where the path runs in a circle.
        let last = known.flatten();
        let steps = path.len() - 1;
        for (back, key) in path.into_iter().enumerate() {
            depths
                .entry(key)
                .or_insert(last.map(|depth| depth + steps - back));
        }
    }
    for (key, placed) in &mut places {
        match depths.get(key).copied().flatten() {
            Some(depth) => placed.depth = depth,
            None => {
                placed.place = Place::Nowhere(Obstacle {
                    code: Code::ParentCycle,
                    message: format!("The rows above {key} form a circle."),
                    remedy: "Correct the parent fields in Flow.",
                });
            }
        }
    }
    places
}

fn place(input: &Input<'_>, project: &FlowProject, row: &FlowRow) -> (Place, Vec<String>) {
    let kind = row.key.kind;
    if let Some(obstacle) = unusable(input, project, row) {
        return (Place::Nowhere(obstacle), Vec::new());
    }
    let field = ParentField::of(kind, &project.chains);
    if let Some((mode, chain)) = input.rules.parenting.chain_of(kind) {
        return in_chain(row, &field, mode, chain);
    }
    let Some(field) = field.name() else {
        return (
            Place::Root,
            vec![format!(
                "Flow's tracking settings put {} directly below the project",
                kind.plural()
            )],
        );
    };
    match &row.parent {
        ParentValue::Empty if kind == FlowType::Task => nowhere(
            Code::TaskWithoutEntity,
            "The Task is linked to nothing.".to_owned(),
            "Link the Task to a Shot, an Asset or another row in Flow.",
        ),
        ParentValue::Empty => (
            Place::Root,
            vec![format!("{kind}.{field} is empty → project root")],
        ),
        ParentValue::Many => (
            Place::Root,
            vec![format!(
                "{kind}.{field} may hold several rows, which names no parent → project root"
            )],
        ),
        ParentValue::Text(text) if is_category(kind, field) => {
            let trace = vec![format!("{kind}.{field} → {text}")];
            match category(text) {
                Ok(category) => (Place::Helpers(vec![category]), trace),
                Err(obstacle) => (Place::Nowhere(obstacle), trace),
            }
        }
        ParentValue::Text(_) => (
            Place::Root,
            vec![format!(
                "{kind}.{field} is a list, which names no row → project root"
            )],
        ),
        ParentValue::Row {
            kind: parent,
            id,
            name,
        } => {
            let trace = vec![format!("{kind}.{field} → {name}")];
            match parent.parse::<FlowType>() {
                Ok(FlowType::Project) if kind != FlowType::Task => (Place::Root, trace),
                Ok(parent) if FlowType::FOLDERS.contains(&parent) => {
                    let key = FlowRef {
                        kind: parent,
                        id: *id,
                    };
                    match hidden(input, parent).or_else(|| unread(input, key, name)) {
                        Some(obstacle) => (Place::Nowhere(obstacle), trace),
                        None => (Place::Row(key), trace),
                    }
                }
                _ if kind == FlowType::Task => nowhere(
                    Code::TaskOnOther,
                    format!("The Task belongs to the {parent} {name}, which is no folder in AYON."),
                    "Link the Task to a Shot, an Asset or another row that AYON has as a folder.",
                ),
                _ => nowhere(
                    Code::ParentMissing,
                    format!("It hangs on the {parent} {name}, and rows of that type are not synced."),
                    "Choose another hierarchy in the tracking settings of the Flow project.",
                ),
            }
        }
    }
}

/// The place that a re-parenting preset gives: its chain replaces the natural parent, and the asset category
/// stays below it where tracking settings ask for one (`ayon-shotgrid-behaviour.md §6.1`, V10: an Asset without
/// a type honours the preset as well).
fn in_chain(row: &FlowRow, field: &ParentField, mode: &str, chain: &[ChainFolder]) -> (Place, Vec<String>) {
    let kind = row.key.kind;
    let names: Vec<&str> = chain.iter().map(|folder| folder.name.as_str()).collect();
    let mut trace = vec![format!(
        "{mode}: first preset for {} → {}",
        kind.plural(),
        names.join("/")
    )];
    let mut helpers: Vec<Helper> = chain
        .iter()
        .map(|folder| Helper {
            kind: folder.kind.clone(),
            name: folder.name.clone(),
            role: Role::Chain,
        })
        .collect();
    if let (Some(field), ParentValue::Text(text)) = (field.name(), &row.parent)
        && is_category(kind, field)
    {
        trace.push(format!("{kind}.{field} → {text}"));
        match category(text) {
            Ok(category) => helpers.push(category),
            Err(obstacle) => return (Place::Nowhere(obstacle), trace),
        }
    }
    (Place::Helpers(helpers), trace)
}

fn is_category(kind: FlowType, field: &str) -> bool {
    kind == FlowType::Asset && field == ASSET_TYPE_FIELD
}

fn category(text: &str) -> Result<Helper, Obstacle> {
    let name = slug(text, Pieces::DropEmpty).to_lowercase();
    if name.is_empty() {
        return Err(Obstacle {
            code: Code::NameEmpty,
            message: format!("The asset type {text:?} holds nothing that AYON accepts in a name."),
            remedy: "Choose another asset type in Flow.",
        });
    }
    Ok(Helper {
        kind: ASSET_CATEGORY.to_owned(),
        name,
        role: Role::Category(text.to_owned()),
    })
}

fn nowhere(code: Code, message: String, remedy: &'static str) -> (Place, Vec<String>) {
    (
        Place::Nowhere(Obstacle {
            code,
            message,
            remedy,
        }),
        Vec::new(),
    )
}

/// Why a row of this project and type is not for this sync at all.
fn unusable(input: &Input<'_>, project: &FlowProject, row: &FlowRow) -> Option<Obstacle> {
    if row.project != Some(project.id) {
        return Some(Obstacle {
            code: Code::OtherProject,
            message: format!("It belongs to another project than {}.", project.name),
            remedy: "Link it in Flow to a row of its own project.",
        });
    }
    let kind = row.key.kind;
    if !input.rules.enabled.contains(&kind) {
        return Some(Obstacle {
            code: Code::TypeNotEnabled,
            message: format!(
                "{} are not enabled in the settings of the shotgrid addon.",
                kind.plural()
            ),
            remedy: "Add the type to shotgrid_enabled_entities in AYON's settings of the addon.",
        });
    }
    hidden_type(input, kind)
}

fn hidden_type(input: &Input<'_>, kind: FlowType) -> Option<Obstacle> {
    (!input.flow.schema.visible.contains(&kind)).then(|| Obstacle {
        code: Code::TypeHidden,
        message: format!("{} are hidden in this Flow project.", kind.plural()),
        remedy: "Show the type in the project's tracking settings in Flow.",
    })
}

/// Why rows of a parent's type are not there, so that nothing can hang on them.
fn hidden(input: &Input<'_>, parent: FlowType) -> Option<Obstacle> {
    if !input.rules.enabled.contains(&parent) {
        return Some(Obstacle {
            code: Code::ParentMissing,
            message: format!(
                "It hangs on a {parent}, and {} are not enabled in the settings of the shotgrid addon.",
                parent.plural()
            ),
            remedy: "Add the type to shotgrid_enabled_entities in AYON's settings of the addon.",
        });
    }
    hidden_type(input, parent).map(|obstacle| Obstacle {
        code: Code::ParentMissing,
        ..obstacle
    })
}

fn unread(input: &Input<'_>, key: FlowRef, name: &str) -> Option<Obstacle> {
    (!input.flow.rows.contains_key(&key)).then(|| Obstacle {
        code: Code::ParentMissing,
        message: format!(
            "It hangs on the {} {name}, which is in another project or not for amigo to see.",
            key.kind
        ),
        remedy: "Link it to a row of this project, or let the script see that row.",
    })
}
