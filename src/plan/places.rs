//! Where each row would hang, before names and identities are looked at.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::model::{ChainFolder, DisabledParents, FlowRef, FlowType, ModeName, RootRelocate};
use crate::problem::Code;

use super::Input;
use super::grouping::{Helper, Role};
use super::naming::{Pieces, slug};
use super::placement::{ASSET_CATEGORY, ASSET_TYPE_FIELD, ParentField};

use super::snapshot::{FieldKind, FlowProject, FlowRow, ParentValue};

/// What a row hangs on.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Place {
    Root,
    /// The last of these helper folders, which stand in each other from the root down; never empty.
    Helpers(Rc<[Helper]>),
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
    pub by: PlacedBy,
    pub trace: Vec<String>,
    /// Steps to the root; rows of one depth never hang on each other.
    pub depth: usize,
}

/// What decided a row's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum PlacedBy {
    /// The parent field that Flow's tracking settings name, or that they name none.
    Tracking,
    /// The row's asset type.
    Category,
    /// A re-parenting preset.
    Preset(ModeName),
}

/// What the settings say of one type, whatever the row is.
pub(super) struct TypeRule<'a> {
    pub field: ParentField,
    pub chain: Option<Chain<'a>>,
}

/// A re-parenting preset as it counts for a type.
pub(super) struct Chain<'a> {
    pub mode: ModeName,
    /// The type that the preset names: the rule's own, or one that hangs below it.
    pub of: FlowType,
    pub parents: &'a [ChainFolder],
    /// The same as folders to walk; one for all rows of the type.
    pub helpers: Rc<[Helper]>,
    /// Rows that hang on another stay there; only the topmost go into the chain.
    pub keeps: bool,
}

/// What the settings say of each type that becomes a folder or a task.
pub(super) fn type_rules<'a>(input: &Input<'a>, project: &FlowProject) -> BTreeMap<FlowType, TypeRule<'a>> {
    let kinds = FlowType::SYNCED.into_iter();
    let rule = |kind: FlowType| TypeRule {
        field: ParentField::of(kind, &project.chains),
        chain: chain(input, project, kind),
    };
    kinds.map(|kind| (kind, rule(kind))).collect()
}

fn chain<'a>(input: &Input<'a>, project: &FlowProject, kind: FlowType) -> Option<Chain<'a>> {
    let parenting = &input.rules.parenting;
    let keeps = input.rules.placement.root_relocate == RootRelocate::KeepHierarchy
        && matches!(parenting.mode(), Some((ModeName::RootRelocate, _)));
    let preset = |of: FlowType| {
        let (mode, parents) = parenting.chain_of(of)?;
        Some(Chain {
            mode,
            of,
            parents,
            helpers: chain_helpers(parents),
            keeps,
        })
    };
    preset(kind).or_else(|| {
        let presets = parenting.mode().into_iter().flat_map(|(_, mode)| &mode.presets);
        let below = presets
            .filter(|_| keeps && FlowType::FOLDERS.contains(&kind))
            .find(|preset| types_above(input, project, preset.kind).contains(&kind))?;
        preset(below.kind)
    })
}

/// The types that rows of a type may hang on, up to the project, by the tracking settings.
fn types_above(input: &Input<'_>, project: &FlowProject, kind: FlowType) -> Vec<FlowType> {
    let mut above = vec![kind];
    let mut next = 0;
    while let Some(kind) = above.get(next).copied() {
        next += 1;
        let field = ParentField::of(kind, &project.chains);
        let fields = input.flow.schema.fields.get(&kind);
        let Some(FieldKind::Link(types)) = field.name().and_then(|name| fields?.get(name)) else {
            continue;
        };
        for parent in types.iter().filter_map(|name| name.parse::<FlowType>().ok()) {
            if FlowType::FOLDERS.contains(&parent) && !above.contains(&parent) {
                above.push(parent);
            }
        }
    }
    above.split_off(1)
}

/// Places every row; rows in a circle are placed nowhere.
pub(super) fn places(input: &Input<'_>, project: &FlowProject) -> BTreeMap<FlowRef, Placed> {
    let rules = type_rules(input, project);
    let mut places: BTreeMap<FlowRef, Placed> = input
        .flow
        .rows
        .values()
        .filter_map(|row| {
            let Decided { place, by, trace } = place(input, project, rules.get(&row.key.kind)?, row);
            let placed = Placed {
                place,
                by,
                trace,
                depth: 0,
            };
            Some((row.key, placed))
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

/// A place before it is known how deep it is.
struct Decided {
    place: Place,
    by: PlacedBy,
    trace: Vec<String>,
}

impl Decided {
    fn natural(place: Place, trace: Vec<String>) -> Self {
        Self {
            place,
            by: PlacedBy::Tracking,
            trace,
        }
    }

    fn nowhere(code: Code, message: String, remedy: &'static str) -> Self {
        let obstacle = Obstacle {
            code,
            message,
            remedy,
        };
        Self::natural(Place::Nowhere(obstacle), Vec::new())
    }
}

fn place(input: &Input<'_>, project: &FlowProject, rule: &TypeRule<'_>, row: &FlowRow) -> Decided {
    if let Some(obstacle) = unusable(input, project, row) {
        return Decided::natural(Place::Nowhere(obstacle), Vec::new());
    }
    match &rule.chain {
        // The chain replaces the natural parent, which nobody asks for any more.
        Some(chain) if !chain.keeps => in_chain(row, &rule.field, chain),
        Some(chain) => match natural(input, &rule.field, row) {
            Decided {
                place: Place::Root | Place::Helpers(_),
                ..
            } => in_chain(row, &rule.field, chain),
            mut natural => {
                natural.trace.push(format!(
                    "{} keeps Flow's hierarchy: what is topmost goes into the chain",
                    chain.mode
                ));
                natural
            }
        },
        None => natural(input, &rule.field, row),
    }
}

/// The parent that Flow's tracking settings name.
fn natural(input: &Input<'_>, field: &ParentField, row: &FlowRow) -> Decided {
    let kind = row.key.kind;
    let Some(field) = field.name() else {
        let why = format!(
            "Flow's tracking settings put {} directly below the project",
            kind.plural()
        );
        return Decided::natural(Place::Root, vec![why]);
    };
    match &row.parent {
        ParentValue::Empty if kind == FlowType::Task => Decided::nowhere(
            Code::TaskWithoutEntity,
            "The Task is linked to nothing.".to_owned(),
            "Link the Task to a Shot, an Asset or another row in Flow.",
        ),
        ParentValue::Empty => Decided::natural(
            Place::Root,
            vec![format!("{kind}.{field} is empty → project root")],
        ),
        ParentValue::Many => Decided::natural(
            Place::Root,
            vec![format!(
                "{kind}.{field} may hold several rows, which names no parent → project root"
            )],
        ),
        ParentValue::Text(text) if is_category(kind, field) => Decided {
            place: match category(text) {
                Ok(category) => Place::Helpers([category].into()),
                Err(obstacle) => Place::Nowhere(obstacle),
            },
            by: PlacedBy::Category,
            trace: vec![format!("{kind}.{field} → {text}")],
        },
        ParentValue::Text(_) => Decided::natural(
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
            let mut trace = vec![format!("{kind}.{field} → {name}")];
            match parent.parse::<FlowType>() {
                Ok(FlowType::Project) if kind != FlowType::Task => Decided::natural(Place::Root, trace),
                Ok(parent) if FlowType::FOLDERS.contains(&parent) => {
                    let key = FlowRef {
                        kind: parent,
                        id: *id,
                    };
                    let place = on_row(input, kind, key, name, &mut trace);
                    Decided::natural(place, trace)
                }
                _ if kind == FlowType::Task => Decided::nowhere(
                    Code::TaskOnOther,
                    format!("The Task belongs to the {parent} {name}, which is no folder in AYON."),
                    "Link the Task to a Shot, an Asset or another row that AYON has as a folder.",
                ),
                _ => Decided::nowhere(
                    Code::ParentMissing,
                    format!("It hangs on the {parent} {name}, and rows of that type are not synced."),
                    "Choose another hierarchy in the tracking settings of the Flow project.",
                ),
            }
        }
    }
}

/// Below a row; where its type is not synced, below the nearest row above that is, if the policy says so. A Task stays
/// with its own row.
fn on_row(input: &Input<'_>, kind: FlowType, key: FlowRef, name: &str, trace: &mut Vec<String>) -> Place {
    let nearest =
        input.rules.placement.disabled_parents == DisabledParents::Nearest && kind != FlowType::Task;
    let (mut key, mut name) = (key, name);
    let mut passed = Vec::new();
    loop {
        let Some(obstacle) = hidden(input, key.kind) else {
            return match unread(input, key, name) {
                Some(obstacle) => Place::Nowhere(obstacle),
                None => Place::Row(key),
            };
        };
        let passage = input
            .flow
            .passages
            .get(&key)
            .filter(|_| nearest && !passed.contains(&key));
        let Some(passage) = passage else {
            return Place::Nowhere(obstacle);
        };
        passed.push(key);
        let above = match &passage.parent {
            ParentValue::Row {
                kind: above,
                id,
                name: above_name,
            } => above
                .parse::<FlowType>()
                .ok()
                .filter(|above| FlowType::FOLDERS.contains(above))
                .map(|above| (FlowRef { kind: above, id: *id }, above_name.as_str())),
            ParentValue::Empty | ParentValue::Many | ParentValue::Text(_) => None,
        };
        let where_to = above.map_or("project root", |(_, name)| name);
        trace.push(format!(
            "{} are not synced: nearest above {name} → {where_to}",
            key.kind.plural()
        ));
        let Some(above) = above else {
            return Place::Root;
        };
        (key, name) = above;
    }
}

/// The place that a re-parenting preset gives: its chain replaces the natural parent, and the asset category
/// stays below it where tracking settings ask for one (`ayon-shotgrid-behaviour.md §6.1`, V10: an Asset without
/// a type honours the preset as well).
fn in_chain(row: &FlowRow, field: &ParentField, chain: &Chain<'_>) -> Decided {
    let kind = row.key.kind;
    let names: Vec<&str> = chain.parents.iter().map(|folder| folder.name.as_str()).collect();
    let mut trace = vec![format!(
        "{}: first preset for {} → {}",
        chain.mode,
        chain.of.plural(),
        names.join("/")
    )];
    let mut helpers = chain.helpers.clone();
    let by = PlacedBy::Preset(chain.mode);
    if let (Some(field), ParentValue::Text(text)) = (field.name(), &row.parent)
        && is_category(kind, field)
    {
        trace.push(format!("{kind}.{field} → {text}"));
        match category(text) {
            Ok(category) => helpers = helpers.iter().cloned().chain([category]).collect(),
            Err(obstacle) => {
                let place = Place::Nowhere(obstacle);
                return Decided { place, by, trace };
            }
        }
    }
    let place = Place::Helpers(helpers);
    Decided { place, by, trace }
}

fn chain_helpers(parents: &[ChainFolder]) -> Rc<[Helper]> {
    let helper = |folder: &ChainFolder| Helper {
        kind: folder.kind.clone(),
        name: folder.name.clone(),
        role: Role::Chain,
    };
    parents.iter().map(helper).collect()
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
            remedy: "Add the type to shotgrid_enabled_entities in AYON's settings of the addon, or set placement.disabled_parents = \"nearest\" in amigo's.",
        });
    }
    hidden_type(input, parent).map(|obstacle| Obstacle {
        code: Code::ParentMissing,
        remedy: "Show the type in the project's tracking settings in Flow, or set placement.disabled_parents = \"nearest\" in amigo's settings.",
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
