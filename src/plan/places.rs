//! Where each row would hang, before names and identities are looked at.

use std::collections::BTreeMap;

use crate::model::{FlowRef, FlowType};
use crate::problem::Code;

use super::Input;
use super::placement::{ASSET_TYPE_FIELD, ParentField};
use super::snapshot::{FlowProject, FlowRow, ParentValue};

/// What a row hangs on.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Place {
    Root,
    /// An asset category, by Flow's own text.
    Category(String),
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
        ParentValue::Text(text) if kind == FlowType::Asset && field == ASSET_TYPE_FIELD => (
            Place::Category(text.clone()),
            vec![format!("{kind}.{field} → {text}")],
        ),
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
            remedy: "Select rows of one project at a time.",
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
