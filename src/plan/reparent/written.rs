//! The operations: folders of chains, then the moves in the order in which AYON can make them.

use super::targets::spoken;
use super::{
    AyonId, AyonNamed, BTreeMap, Change, Code, EntityPatch, Fate, FlowRef, Folder, HashMap, Kind, Move, On,
    OpId, Ordered, Reparenting, Scene, Settled, Severity, Spot, Stuck, Tick, Wish, Write, in_ayon, json,
    row_key,
};

/// The change that tells where artists work on a moved folder, by the project's template.
pub const WORK_DIRECTORY: &str = "work directory";

impl Reparenting<'_, '_> {
    /// Which of the wished moves can be made; the others are told.
    pub(super) fn settle(&mut self) -> Settled {
        let wishes: Vec<Move> = self
            .wishes
            .iter()
            .map(|wished| Move {
                folder: wished.partner.id,
                to: wished.to.id,
            })
            .collect();
        for wished in &self.wishes {
            self.made.extend(self.planner.helpers.making(wished.helpers));
        }
        let made: BTreeMap<AyonId, Spot> = self
            .made
            .iter()
            .map(|(id, (spot, _))| (*id, spot.clone()))
            .collect();
        let settled = Scene::new(&self.content.folders, &made, &wishes).settle();
        for (index, stuck) in &settled.stuck {
            self.tell_stuck(*index, *stuck);
        }
        settled
    }

    fn tell_stuck(&mut self, index: usize, stuck: Stuck) {
        let wished = &self.wishes[index];
        let (row, partner) = (wished.row, wished.partner);
        let path = self.path_now(partner.id);
        let place = spoken(&wished.to.path);
        let belongs = format!("It is at {path}; by the rules it belongs below {place}");
        let (code, message, remedy) = match stuck {
            Stuck::Taken(other) => {
                let other = match self.made.get(&other) {
                    Some((_, path)) => format!("the preset's folder {path} gets its name"),
                    None => match self.planner.folders.get(other) {
                        Some(folder) if folder.parent == wished.to.id => {
                            format!("the {} {} has its name", folder.kind, self.path_now(other))
                        }
                        Some(folder) => format!("the {} {} gets its name", folder.kind, self.path_now(other)),
                        None => "another folder has its name".to_owned(),
                    },
                };
                (
                    Code::MoveTaken,
                    format!("{belongs}, where {other}."),
                    "Rename one of the two, or choose a chain that keeps them apart.",
                )
            }
            Stuck::Off(folder) => (
                Code::ParentInactive,
                format!(
                    "{belongs}, and {} is switched off in AYON.",
                    self.path_now(folder)
                ),
                "Switch that folder on again in AYON, or retire its row in Flow.",
            ),
            Stuck::Inside => (
                Code::MoveCycle,
                format!("{belongs}, which is inside it."),
                "Move the inner folder out first: see what keeps it where it is.",
            ),
            Stuck::Swap => (
                Code::MoveSwap,
                format!(
                    "{belongs}. What is in its way waits for it in turn, so both would need a temporary step."
                ),
                "Rename one of them in AYON for the time being, then preview again.",
            ),
        };
        self.blocked(row, Some(&partner), code, message, remedy);
    }

    /// Plans the moves. Where AYON knows workfiles below, and where one of those must move first, nobody ticks for you.
    pub(super) fn moves(&mut self, settled: &Settled) {
        let workfiles = self.workfiles();
        let mut ticked: BTreeMap<usize, bool> = BTreeMap::new();
        for Ordered { index, needs } in &settled.moves {
            let wished = &self.wishes[*index];
            let count = workfiles.get(&wished.partner.id).copied().unwrap_or_default();
            let waits = needs.iter().find(|need| ticked.get(need) == Some(&false));
            ticked.insert(*index, count == 0 && waits.is_none());
            if ticked[index] {
                self.after.insert(wished.partner.id, wished.to.id);
            }
            let (row, partner) = (wished.row, wished.partner);
            let message = match (count, waits) {
                (0, None) => continue,
                (0, Some(first)) => format!(
                    "It can only move after {}, whose move is offered and not ticked.",
                    self.path_now(self.wishes[*first].partner.id)
                ),
                (1, _) => "AYON knows 1 workfile below it, whose path would change. The move is offered, and not ticked.".to_owned(),
                (count, _) => format!("AYON knows {count} workfiles below it, whose paths would change. The move is offered, and not ticked."),
            };
            let flow = Some(self.planner.named(row));
            let ayon = Some(in_ayon(&partner, &self.path_now(partner.id)));
            self.planner.draft.problem(
                Severity::Warning,
                Code::WorkfilesBelow,
                flow,
                ayon,
                message,
                "Tick the move when nobody works there, and tell the artists where their files are then.",
            );
        }
        self.carry();
        for Ordered { index, needs } in &settled.moves {
            let needs = needs
                .iter()
                .map(|need| self.operation_of(self.wishes[*need].row.key))
                .collect();
            let folder = self.wishes[*index].partner.id;
            let workfiles = workfiles.get(&folder).copied().unwrap_or_default();
            self.plan_move(*index, needs, ticked[index], workfiles);
        }
    }

    /// Finds what moves along with what moves.
    fn carry(&mut self) {
        if self.after.is_empty() {
            return;
        }
        let mut inside: HashMap<AyonId, Vec<AyonId>> = HashMap::new();
        for folder in self.content.folders.values() {
            if let Some(parent) = folder.parent {
                inside.entry(parent).or_default().push(folder.id);
            }
        }
        let mut stack: Vec<AyonId> = self.after.keys().copied().collect();
        while let Some(id) = stack.pop() {
            if self.carried.insert(id) {
                stack.extend(inside.get(&id).into_iter().flatten());
            }
        }
    }

    pub(super) fn operation_of(&self, row: FlowRef) -> OpId {
        self.planner.draft.id_of(Kind::Move, On::Folder, &row_key(row))
    }

    fn plan_move(&mut self, index: usize, mut needs: Vec<OpId>, ticked: bool, workfiles: usize) {
        let wished = &self.wishes[index];
        let (row, partner, helpers) = (wished.row, wished.partner, wished.helpers);
        let (to, made_by) = (wished.to.id, wished.to.operation.clone());
        self.planner.make_helpers(helpers);
        needs.extend(made_by);
        let from = self.path_now(partner.id);
        let above = self.path_after(to);
        let path = format!("{above}/{}", partner.name);
        let placed = self.places.get(&row.key);
        let trace = placed.map(|placed| self.tracer.of(row, placed, &above, partner.name));
        let mut changes = vec![Change::new("path", json!(from), json!(path))];
        let directory = |path: &str| {
            let folder = Folder {
                project: &self.content.name,
                code: &self.content.code,
                path,
                kind: partner.kind,
            };
            folder.directory(self.inside.work_directory.as_deref()?)
        };
        if let (Some(before), Some(after)) = (directory(&from), directory(&path)) {
            changes.push(Change::new(WORK_DIRECTORY, json!(before), json!(after)));
        }
        let patch = EntityPatch {
            parent: Some(to),
            ..EntityPatch::of(partner.id)
        };
        let wish = Wish {
            kind: Kind::Move,
            on: On::Folder,
            target: row_key(row.key),
            flow: Some(self.planner.named(row)),
            ayon: Some(AyonNamed {
                path: path.clone(),
                from: Some(from.clone()),
                ..in_ayon(&partner, &from)
            }),
            changes,
            needs,
            because: trace.unwrap_or_default(),
            tick: if ticked { Tick::Wanted } else { Tick::Offered },
            write: Write::UpdateFolder(patch),
            back: None,
        };
        let operation = self.planner.draft.operation_on(wish, Some(workfiles));
        self.fates.insert(row.key, Fate::Moves { operation, ticked });
    }

    /// Workfiles in and below each folder that has any.
    fn workfiles(&self) -> BTreeMap<AyonId, usize> {
        let mut below = BTreeMap::new();
        for (folder, count) in &self.inside.workfiles {
            for above in super::moves::now_above(&self.content.folders, Some(*folder)) {
                *below.entry(above).or_default() += count;
            }
        }
        below
    }

    pub(super) fn path_now(&self, folder: AyonId) -> String {
        self.planner.paths.get(&folder).cloned().unwrap_or_default()
    }

    /// The path of a folder once what is ticked is done; empty for the project's root.
    pub(super) fn path_after(&mut self, folder: Option<AyonId>) -> String {
        if let Some(id) = folder.filter(|id| !self.carried.contains(id) && !self.made.contains_key(id)) {
            return self.path_now(id);
        }
        let mut chain = Vec::new();
        let mut next = folder;
        let mut path = String::new();
        while let Some(id) = next.filter(|_| chain.len() <= self.content.folders.len()) {
            if let Some(known) = self.paths_after.get(&id) {
                path.clone_from(known);
                break;
            }
            if let Some((_, made)) = self.made.get(&id) {
                path.clone_from(made);
                break;
            }
            chain.push(id);
            next = match self.after.get(&id) {
                Some(to) => *to,
                None => self.content.folders.get(&id).and_then(|folder| folder.parent),
            };
        }
        for id in chain.into_iter().rev() {
            if let Some(folder) = self.content.folders.get(&id) {
                path = format!("{path}/{}", folder.name);
                self.paths_after.insert(id, path.clone());
            }
        }
        path
    }
}
