//! The tree as it would be: every folder that is looked at, with where it is now.

use super::emptied::Emptied;
use super::{
    AyonId, BTreeMap, Code, Fate, FlowRef, FlowRow, FlowType, On, Place, Reparenting, Stand, Verdict, Wanted,
};
use crate::plan::operation::{Node, Placement};
use crate::plan::snapshot::{AyonFolder, ParentValue};
use crate::plan::tree::NodeKey;

impl<'a> Reparenting<'a, '_> {
    /// Makes the nodes.
    pub(super) fn show(&mut self, emptied: &Emptied) {
        // These may show folders of chains, which are then not shown once more.
        self.show_rows_without_folder();
        for folder in self.shown(emptied) {
            if !self.planner.surroundings.contains(&folder.id) {
                self.show_folder(folder, emptied);
            }
        }
        self.show_tasks();
        self.tell_absent();
        self.tell_retired();
    }

    /// Selected rows that are in Flow's trash: re-parenting leaves them to a sync.
    fn tell_retired(&mut self) {
        for (key, name) in &self.planner.input.flow.retired {
            if !self.planner.selected.contains(key) {
                continue;
            }
            self.planner.lost(
                *key,
                name.clone(),
                Code::RetiredInFlow,
                "It is in Flow's trash, so it is left where it is.".to_owned(),
                "Sync it to AYON, which offers to switch it off, or restore the row in Flow.",
            );
        }
    }

    /// All active folders of a project that is wanted as a whole; else the rows that are looked at and what is above
    /// them, now and then.
    fn shown(&self, emptied: &Emptied) -> Vec<&'a AyonFolder> {
        let folders = &self.content.folders;
        if *self.planner.input.wanted == Wanted::WholeProject {
            let worth = |folder: &&AyonFolder| folder.active || self.rows_of.contains_key(&folder.id);
            return folders.values().filter(worth).collect();
        }
        let looked_at = self
            .rows_of
            .iter()
            .filter(|(_, (row, _))| self.fates.contains_key(&row.key));
        let mut shown = BTreeMap::new();
        let mut stack: Vec<AyonId> = looked_at
            .map(|(id, _)| *id)
            .chain(emptied.keys().copied())
            .collect();
        while let Some(id) = stack.pop() {
            // What is made has a node already.
            let Some(folder) = folders.get(&id) else { continue };
            if shown.insert(folder.id, folder).is_none() {
                stack.extend(folder.parent);
                stack.extend(self.after.get(&folder.id).copied().flatten());
            }
        }
        shown.into_values().collect()
    }

    /// The node of a folder that AYON has.
    pub(super) fn key_of(&self, folder: AyonId) -> NodeKey {
        let row = self.rows_of.get(&folder);
        row.map_or(NodeKey::Folder(folder), |(row, _)| NodeKey::Row(row.key))
    }

    fn above(&mut self, folder: Option<AyonId>) -> NodeKey {
        match folder {
            None => self.planner.root.key.clone(),
            Some(id) => match self.made.get(&id) {
                Some((_, path)) => NodeKey::Helper(path.as_str().into()),
                None => self.key_of(id),
            },
        }
    }

    fn show_folder(&mut self, folder: &'a AyonFolder, emptied: &Emptied) {
        let found = self.rows_of.get(&folder.id).copied();
        let (path, from) = match self.carried.contains(&folder.id) {
            true => (self.path_after(Some(folder.id)), Some(self.path_now(folder.id))),
            false => (self.path_now(folder.id), None),
        };
        let parent = self.after.get(&folder.id).copied().unwrap_or(folder.parent);
        let row = found.map(|(row, _)| row.key);
        let key = row.map_or(NodeKey::Folder(folder.id), NodeKey::Row);
        let fate = row.and_then(|row| self.fates.get(&row)).cloned();
        let (verdict, operation) = match &fate {
            Some(Fate::Moves {
                operation,
                ticked: true,
            }) => (Verdict::Move, Some(operation.clone())),
            Some(Fate::Blocked) => (Verdict::Blocked, None),
            _ => (Verdict::Unchanged, None),
        };
        let above = path.rsplit_once('/').map_or("", |(above, _)| above);
        let (label, trace, rule) = match found {
            Some((row, placed)) => {
                let trace = match &fate {
                    Some(Fate::Moves { .. } | Fate::Blocked | Fate::Absent { .. }) => {
                        self.tracer.of(row, placed, above, &folder.name)
                    }
                    Some(Fate::Stays) | None => self.tracer.of_staying(row, placed, above),
                };
                let rule = self.tracer.rule_of(row.key.kind, placed.by);
                (Some(self.planner.named(row).name), trace, Some(rule))
            }
            None => (folder.label.clone(), self.tracer.of_nobody(), None),
        };
        let node = Node {
            on: On::Folder,
            depth: 0,
            kind: folder.folder_type.clone(),
            name: folder.name.clone(),
            label: label.filter(|label| *label != folder.name),
            placement: Some(Box::new(Placement {
                from: from.filter(|from| *from != path),
                exists: true,
                rule,
            })),
            path,
            flow: row,
            verdict,
            selected: row.is_some_and(|row| self.planner.selected.contains(&row)),
            operation,
            offers: Vec::new(),
            trace,
            seat: None,
        };
        let above = self.above(parent);
        let number = self.planner.draft.node(key, Some(above), node);
        let (offers, moves) = match fate {
            Some(Fate::Moves {
                operation,
                ticked: false,
            }) => (vec![operation], true),
            _ => (emptied.get(&folder.id).cloned().into_iter().collect(), false),
        };
        if !offers.is_empty() {
            let verdict = if moves { Verdict::Move } else { Verdict::Retire };
            self.planner.draft.offer(number, offers, verdict);
        }
    }

    /// Rows that AYON does not have, where a sync would make them, and rows that nobody can place.
    fn show_rows_without_folder(&mut self) {
        let input = self.planner.input;
        let rows: Vec<(&'a FlowRow, Fate)> = self
            .fates
            .iter()
            .filter(|(key, _)| !matches!(self.stands.get(key), Some(Stand::There(_))))
            .filter_map(|(key, fate)| Some((input.flow.rows.get(key)?, fate.clone())))
            .collect();
        let mut order: Vec<(usize, &'a FlowRow, Fate)> = rows
            .into_iter()
            .map(|(row, fate)| {
                (
                    self.places.get(&row.key).map_or(0, |placed| placed.depth),
                    row,
                    fate,
                )
            })
            .collect();
        order.sort_by_key(|(depth, row, _)| (*depth, row.key));
        for (_, row, fate) in order {
            let named = self.planner.named(row).name;
            let absent = matches!(fate, Fate::Absent { placed: true });
            let blocked = matches!(fate, Fate::Blocked);
            let name = self
                .planner
                .name(row)
                .map_or_else(|_| named.clone(), |(name, _)| name);
            let (above, parent) = match absent {
                true => self.place_of_absent(row.key),
                false => (String::new(), self.planner.root.key.clone()),
            };
            let path = match absent {
                true => format!("{above}/{name}"),
                false => String::new(),
            };
            let placed = self.places.get(&row.key);
            let trace = placed.map(|placed| self.tracer.of(row, placed, &above, &name));
            let rule = placed.map(|placed| self.tracer.rule_of(row.key.kind, placed.by));
            let node = Node {
                on: On::Folder,
                depth: 0,
                kind: row.key.kind.as_str().to_owned(),
                label: Some(named).filter(|named| *named != name),
                name,
                path,
                flow: Some(row.key),
                verdict: if blocked {
                    Verdict::Blocked
                } else {
                    Verdict::Unchanged
                },
                selected: self.planner.is_selected(row),
                operation: None,
                offers: Vec::new(),
                trace: trace.unwrap_or_default(),
                placement: Some(Box::new(Placement {
                    from: None,
                    exists: false,
                    rule,
                })),
                seat: None,
            };
            self.planner.draft.node(NodeKey::Row(row.key), Some(parent), node);
        }
    }

    /// Where a sync would make a row: the path above it, and the node that shows it. What is above may not be in AYON
    /// either, and need not be looked at.
    fn place_of_absent(&mut self, row: FlowRef) -> (String, NodeKey) {
        let root = self.planner.root.key.clone();
        match self.places.get(&row).map(|placed| &placed.place) {
            Some(Place::Row(key)) => match self.stands.get(key) {
                Some(Stand::There(id)) => {
                    let id = *id;
                    (self.path_after(Some(id)), self.key_of(id))
                }
                _ => {
                    let (above, parent) = self.place_of_absent(*key);
                    let name = self.planner.input.flow.rows.get(key).map(|row| {
                        let names = self.planner.name(row);
                        names.map_or_else(|_| self.planner.named(row).name, |(name, _)| name)
                    });
                    let shown = self.fates.contains_key(key);
                    let parent = if shown { NodeKey::Row(*key) } else { parent };
                    (format!("{above}/{}", name.unwrap_or_default()), parent)
                }
            },
            Some(Place::Helpers(helpers)) => {
                let names: Vec<&str> = helpers.iter().map(|helper| helper.name.as_str()).collect();
                let path = format!("/{}", names.join("/"));
                let target = self.planner.helper_target(helpers).ok();
                let there = target
                    .and_then(|target| target.id)
                    .filter(|id| self.made.contains_key(id) || self.content.folders.contains_key(id));
                (path, there.map_or(root, |id| self.above(Some(id))))
            }
            Some(Place::Root | Place::Nowhere(_)) | None => (String::new(), root),
        }
    }

    /// Selected Tasks: they stay with what they hang on.
    fn show_tasks(&mut self) {
        let input = self.planner.input;
        let selected = self.planner.selected.clone();
        let tasks = selected.iter().filter(|key| key.kind == FlowType::Task);
        for row in tasks.filter_map(|key| input.flow.rows.get(key)) {
            let Some(placed) = self.places.get(&row.key) else {
                continue;
            };
            if let Place::Nowhere(obstacle) = &placed.place {
                let obstacle = obstacle.clone();
                self.planner.block(row, &obstacle, None, &placed.trace);
                continue;
            }
            let on = match &row.parent {
                ParentValue::Row { kind, id, .. } => kind.parse().ok().map(|kind| FlowRef { kind, id: *id }),
                ParentValue::Empty | ParentValue::Many | ParentValue::Text(_) => None,
            };
            let name = self.planner.named(row).name;
            let folder = on.and_then(|on| match self.stands.get(&on) {
                Some(Stand::There(id)) => Some(*id),
                Some(Stand::Absent | Stand::Unclear) | None => None,
            });
            let path = folder.map(|folder| format!("{}/{name}", self.path_after(Some(folder))));
            let node = Node {
                on: On::Task,
                depth: 0,
                kind: FlowType::Task.as_str().to_owned(),
                name,
                label: None,
                path: path.unwrap_or_default(),
                flow: Some(row.key),
                verdict: Verdict::Unchanged,
                selected: true,
                operation: None,
                offers: Vec::new(),
                trace: ["a Task stays with what it hangs on".to_owned()].into(),
                placement: None,
                seat: None,
            };
            let above = on.map_or_else(|| self.planner.root.key.clone(), NodeKey::Row);
            self.planner.draft.node(NodeKey::Row(row.key), Some(above), node);
        }
    }
}
