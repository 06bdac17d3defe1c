//! What could be done to linked entities besides, for somebody to tick: moves, renames, other types.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::json;

use crate::model::{AyonId, FlowRef, FlowType};
use crate::problem::{AyonNamed, Code, Severity};

use super::anatomy::same_type;
use super::draft::{Tick, Wish, row_key};
use super::entities::{in_ayon, on};
use super::grouping::{Helper, Spot};
use super::intent::{EntityPatch, Write};
use super::operation::{Change, Kind, On, OpId, Verdict};
use super::partner::Partner;
use super::places::{Place, Placed};
use super::snapshot::FlowRow;
use super::sync::{Planner, Target};

pub(super) const FORCE: &str =
    "AYON keeps name, place and type of folders with published versions, and amigo never forces it.";

/// A linked row that may be elsewhere, or called or made otherwise, than Flow has it.
pub(super) struct Differing<'a> {
    pub row: &'a FlowRow,
    pub partner: Partner<'a>,
    /// The number of its node.
    pub node: usize,
}

/// What was offered so far. Any of it may be ticked or not, so no two offers may need one another's place.
#[derive(Default)]
pub(super) struct Offered {
    /// Names that are given away, to what is made anyway and to what is offered.
    spots: HashSet<(On, Spot)>,
    /// Where folders and tasks would go.
    pub moves: HashMap<AyonId, Option<AyonId>>,
}

impl<'a> Planner<'a> {
    /// Whether there may be something to offer for a row. Most rows are as Flow has them, and to be sure of the
    /// others costs more.
    pub(super) fn differs(&self, row: &FlowRow, partner: &Partner<'_>, placed: &Placed) -> bool {
        let place = match &placed.place {
            Place::Root => Some(None),
            Place::Row(key) => self.states.get(key).and_then(|state| Some(state.as_ref()?.id)),
            Place::Helpers(_) | Place::Nowhere(_) => None,
        };
        let kind = match row.key.kind {
            FlowType::Task => row.step.as_ref().and_then(|step| step.code.as_deref()),
            kind => Some(kind.as_str()),
        };
        place != Some(partner.parent)
            || row.name.as_deref() != Some(partner.name)
            || kind != Some(partner.kind)
    }

    /// Offers what could be done besides, when all that happens anyway has its name and its place.
    pub(super) fn offers(&mut self, places: &BTreeMap<FlowRef, Placed>) {
        let differing = std::mem::take(&mut self.differing);
        if !differing.is_empty() {
            self.offered.spots = self.draft.spots_of_new();
        }
        for Differing { row, partner, node } in differing {
            let Some(placed) = places.get(&row.key) else {
                continue;
            };
            let path = format!("{}/{}", self.path_of_parent(partner.parent), partner.name);
            let moved = self.offer_move(row, &partner, placed, &path);
            let verdict = match moved {
                Some(_) => Verdict::Move,
                None => Verdict::Update,
            };
            let offers = [
                moved,
                self.offer_rename(row, &partner, &path),
                self.offer_type(row, &partner, &path),
            ];
            self.draft
                .offer(node, offers.into_iter().flatten().collect(), verdict);
        }
    }

    /// What has a name in a place, or gets it; nothing where a row may have it.
    fn taken(&self, row: FlowRef, partner: &Partner<'_>, spot: &Spot) -> Option<String> {
        let held = self.partners(row.kind).named(spot.0, &spot.1);
        match held.filter(|other| other.id != partner.id) {
            Some(other) => Some(format!("AYON has a {} of that name already", other.kind)),
            None => self
                .offered
                .spots
                .contains(&(on(row), spot.clone()))
                .then(|| "this plan gives the name to another row".to_owned()),
        }
    }

    /// Where a linked row belongs, when that is not where it is; the reasons are told.
    fn elsewhere(
        &mut self,
        row: &FlowRow,
        partner: &Partner<'_>,
        placed: &Placed,
        path: &str,
    ) -> Option<Target> {
        let target = match &placed.place {
            Place::Root => Some(self.root.clone()),
            Place::Row(key) => self.target_of(*key),
            Place::Helpers(helpers) => match self.helper_target(helpers) {
                Ok(target) => Some(target),
                Err(obstacle) => {
                    self.notice(
                        row,
                        partner,
                        path,
                        Severity::Info,
                        obstacle.code,
                        obstacle.message,
                        obstacle.remedy,
                    );
                    None
                }
            },
            Place::Nowhere(obstacle) => {
                let (code, message, remedy) = (obstacle.code, obstacle.message.clone(), obstacle.remedy);
                self.notice(row, partner, path, Severity::Warning, code, message, remedy);
                None
            }
        };
        target.filter(|target| target.id != partner.parent)
    }

    /// Offers to move a row to where it belongs.
    pub(super) fn offer_move(
        &mut self,
        row: &FlowRow,
        partner: &Partner<'_>,
        placed: &Placed,
        path: &str,
    ) -> Option<OpId> {
        let target = self.elsewhere(row, partner, placed, path)?;
        let task = row.key.kind == FlowType::Task;
        let to = format!("{}/{}", target.path, partner.name);
        let place = if target.path.is_empty() {
            "the project's root"
        } else {
            &*target.path
        };
        let spot: Spot = (target.id, partner.name.to_lowercase());
        let helpers: &[Helper] = match &placed.place {
            Place::Helpers(helpers) => helpers,
            _ => &[],
        };
        let taken = self.taken(row.key, partner, &spot).or_else(|| {
            let unmade = self.helpers.unmade(helpers).into_iter();
            let mut taken =
                unmade.filter(|(spot, _)| self.offered.spots.contains(&(On::Folder, spot.clone())));
            taken.next().map(|((_, name), _)| {
                format!("the folder {name} cannot be made, because this plan gives the name to a row")
            })
        });
        let (severity, code, message, remedy) = if partner.locked {
            let publisher = self.folders.publisher(*partner);
            let whose = self.paths.get(&publisher.id).cloned().unwrap_or_default();
            (
                Severity::Warning,
                Code::MovePublished,
                format!(
                    "It is at {path} in AYON; by Flow it belongs below {place}. It cannot be moved, because {whose} has published versions."
                ),
                FORCE,
            )
        } else if let Some(taken) = taken {
            (
                Severity::Warning,
                Code::MoveTaken,
                format!("It is at {path} in AYON; by Flow it belongs below {place}, where {taken}."),
                "Rename one of the two.",
            )
        } else if !task && self.is_inside(target.id, partner.id) {
            (
                Severity::Warning,
                Code::MoveCycle,
                format!("It is at {path} in AYON; by Flow it belongs below {place}, which is inside it."),
                "Move the inner folder out in AYON first.",
            )
        } else {
            (
                Severity::Info,
                Code::SitsElsewhere,
                format!(
                    "It is at {path} in AYON; by Flow it belongs below {place}. The move is offered, and not ticked."
                ),
                "Tick the move if Flow is right.",
            )
        };
        self.notice(row, partner, path, severity, code, message, remedy);
        if code != Code::SitsElsewhere {
            return None;
        }
        let made = self.helpers.unmade(helpers).into_iter();
        let made = made.map(|(spot, _)| (On::Folder, spot));
        self.offered.spots.extend(made.chain([(on(row.key), spot)]));
        self.offered.moves.insert(partner.id, target.id);
        self.make_helpers(helpers);
        let patch = EntityPatch {
            parent: Some(target.id),
            ..EntityPatch::of(partner.id)
        };
        let mut because = placed.trace.clone();
        because.push(format!(
            "AYON has it below {}",
            path.rsplit_once('/')
                .map_or("/", |(above, _)| if above.is_empty() { "/" } else { above })
        ));
        Some(self.draft.operation(Wish {
            kind: Kind::Move,
            on: on(row.key),
            target: row_key(row.key),
            flow: Some(self.named(row)),
            ayon: Some(AyonNamed {
                path: to.clone(),
                from: Some(path.to_owned()),
                ..in_ayon(partner, path)
            }),
            changes: vec![Change::new("path", json!(path), json!(to))],
            needs: target.operation.into_iter().collect(),
            because: because.into(),
            tick: Tick::Offered,
            write: update(row.key, patch),
            back: None,
        }))
    }

    /// Offers the name that a new row of this text would get.
    pub(super) fn offer_rename(&mut self, row: &FlowRow, partner: &Partner<'_>, path: &str) -> Option<OpId> {
        let (name, _) = self.name(row).ok()?;
        if name == partner.name {
            return None;
        }
        // With a move that is offered as well it would get the name there.
        let moved = self.offered.moves.get(&partner.id).copied();
        let spots = [Some(partner.parent), moved].into_iter().flatten();
        let spots: Vec<Spot> = spots.map(|place| (place, name.to_lowercase())).collect();
        let taken = spots.iter().find_map(|spot| self.taken(row.key, partner, spot));
        if partner.locked || taken.is_some() {
            let (code, why) = if partner.locked {
                let publisher = self.folders.publisher(*partner);
                let whose = self.paths.get(&publisher.id).cloned().unwrap_or_default();
                (Code::RenamePublished, format!("{whose} has published versions"))
            } else {
                (Code::RenameTaken, taken.unwrap_or_default())
            };
            let message = format!(
                "Its name in AYON is {}; by Flow it would be {name}. It cannot be renamed, because {why}. Its label follows Flow all the same.",
                partner.name
            );
            let remedy = if partner.locked {
                FORCE
            } else {
                "Rename the other one first if this name is wanted."
            };
            self.notice(row, partner, path, Severity::Info, code, message, remedy);
            return None;
        }
        let names = spots.into_iter().map(|spot| (on(row.key), spot));
        self.offered.spots.extend(names);
        let patch = EntityPatch {
            name: Some(name.clone()),
            ..EntityPatch::of(partner.id)
        };
        let because = vec![format!("{} is called {} in Flow", row.key, self.named(row).name)];
        Some(self.offer(
            row,
            partner,
            path,
            "rename",
            vec![Change::new("name", json!(partner.name), json!(name))],
            because,
            Vec::new(),
            patch,
        ))
    }

    /// Offers the folder type or task type that a new row would get.
    pub(super) fn offer_type(&mut self, row: &FlowRow, partner: &Partner<'_>, path: &str) -> Option<OpId> {
        let task = row.key.kind == FlowType::Task;
        let (expected, short, why) = match row.key.kind {
            FlowType::Task => self.task_type(row),
            kind => (
                kind.as_str().to_owned(),
                String::new(),
                format!("Flow has it as a {kind}"),
            ),
        };
        if same_type(partner.kind, &expected) {
            return None;
        }
        let (ending, remedy) = if partner.locked {
            ("It cannot be changed, because it has published versions.", FORCE)
        } else {
            (
                "The change is offered, and not ticked.",
                "Tick the change if Flow is right.",
            )
        };
        let message = format!(
            "Its type in AYON is {}; by Flow it is {expected}. {ending}",
            partner.kind
        );
        self.notice(
            row,
            partner,
            path,
            Severity::Info,
            Code::TypeDiffers,
            message,
            remedy,
        );
        if partner.locked {
            return None;
        }
        let kind = if task {
            self.types.task(&mut self.draft, &expected, &short)
        } else {
            self.types.folder(&mut self.draft, &expected)
        };
        let patch = EntityPatch {
            kind: Some(kind.name.clone()),
            ..EntityPatch::of(partner.id)
        };
        let changes = vec![Change::new("type", json!(partner.kind), json!(kind.name))];
        Some(self.offer(row, partner, path, "type", changes, vec![why], kind.needs, patch))
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "the parts of one operation, given once each"
    )]
    fn offer(
        &mut self,
        row: &FlowRow,
        partner: &Partner<'_>,
        path: &str,
        what: &str,
        changes: Vec<Change>,
        because: Vec<String>,
        needs: Vec<OpId>,
        patch: EntityPatch,
    ) -> OpId {
        self.draft.operation(Wish {
            kind: Kind::Update,
            on: on(row.key),
            target: format!("{what}:{}", row_key(row.key)),
            flow: Some(self.named(row)),
            ayon: Some(in_ayon(partner, path)),
            changes,
            needs,
            because: because.into(),
            tick: Tick::Offered,
            write: update(row.key, patch),
            back: None,
        })
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "the parts of one problem, given once each"
    )]
    fn notice(
        &mut self,
        row: &FlowRow,
        partner: &Partner<'_>,
        path: &str,
        severity: Severity,
        code: Code,
        message: String,
        remedy: &str,
    ) {
        let flow = Some(self.named(row));
        let ayon = Some(in_ayon(partner, path));
        self.draft.problem(severity, code, flow, ayon, message, remedy);
    }

    /// The path of an AYON folder; empty for the project's root.
    pub(super) fn path_of_parent(&self, parent: Option<AyonId>) -> String {
        parent
            .and_then(|id| self.paths.get(&id))
            .cloned()
            .unwrap_or_default()
    }
}

pub(super) fn update(row: FlowRef, patch: EntityPatch) -> Write {
    if row.kind == FlowType::Task {
        Write::UpdateTask(patch)
    } else {
        Write::UpdateFolder(patch)
    }
}
