//! The tree as it would be: every folder that is looked at, with where it is now.

use super::emptied::Emptied;
use super::trace::rule_of;
use super::{
    AyonId, BTreeSet, Fate, FlowRef, FlowRow, FlowType, HashMap, On, Place, Reparenting, Stand, Verdict,
    Wanted,
};
use crate::plan::operation::{Node, Placement};
use crate::plan::snapshot::{AyonFolder, ParentValue};
use crate::plan::tree::NodeKey;

impl<'a> Reparenting<'a, '_> {
    /// Makes the nodes.
    pub(super) fn show(&mut self, emptied: &Emptied) {
        for id in self.shown(emptied) {
            if let Some(folder) = self.content.folders.get(&id)
                && !self.planner.surroundings.contains(&id)
            {
                self.show_folder(folder, self.rows_of.get(&id).copied(), emptied);
            }
        }
        self.show_rows_without_folder();
        self.show_tasks();
        self.tell_absent();
    }

    /// All active folders of a project that is wanted as a whole; else the rows that are looked at and what is above
    /// them, now and then.
    fn shown(&self, emptied: &Emptied) -> BTreeSet<AyonId> {
        let folders = &self.content.folders;
        if *self.planner.input.wanted == Wanted::WholeProject {
            let worth = |folder: &&AyonFolder| folder.active || self.rows_of.contains_key(&folder.id);
            return folders.values().filter(worth).map(|folder| folder.id).collect();
        }
        let looked_at = self
            .rows_of
            .iter()
            .filter(|(_, row)| self.fates.contains_key(row));
        let mut shown = BTreeSet::new();
        let mut stack: Vec<AyonId> = looked_at
            .map(|(id, _)| *id)
            .chain(emptied.keys().copied())
            .collect();
        while let Some(id) = stack.pop() {
            if shown.insert(id) {
                stack.extend(folders.get(&id).and_then(|folder| folder.parent));
                stack.extend(self.after.get(&id).copied().flatten());
            }
        }
        shown
    }

    /// The node of a folder that AYON has.
    pub(super) fn key_of(&self, folder: AyonId) -> NodeKey {
        let partner = self.planner.folders.get(folder);
        let row = partner.and_then(|partner| crate::plan::partner::linked_row(partner.link?));
        let row = row.filter(|row| self.stands.get(row) == Some(&Stand::There(folder)));
        row.map_or(NodeKey::Folder(folder), NodeKey::Row)
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

    fn show_folder(&mut self, folder: &'a AyonFolder, row: Option<FlowRef>, emptied: &Emptied) {
        let now = self.path_now(folder.id);
        let path = self.path_after(Some(folder.id));
        let parent = self.after.get(&folder.id).copied().unwrap_or(folder.parent);
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
        let flow = row.and_then(|row| self.planner.input.flow.rows.get(&row));
        let label = match flow {
            Some(row) => Some(self.planner.named(row).name),
            None => folder.label.clone(),
        };
        let trace = match flow {
            Some(row) => {
                let above = self.path_after(parent);
                self.trace(row, &above, &folder.name)
            }
            None => ["in AYON already".to_owned()].into(),
        };
        let rule = flow.and_then(|row| Some(rule_of(row.key.kind, self.places.get(&row.key)?.by)));
        let node = Node {
            on: On::Folder,
            depth: 0,
            kind: folder.folder_type.clone(),
            name: folder.name.clone(),
            label: label.filter(|label| *label != folder.name),
            placement: Some(Box::new(Placement {
                from: Some(now).filter(|now| *now != path),
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
        };
        let above = self.above(parent);
        let number = self.planner.draft.node(key, Some(above), node);
        self.planner.surroundings.insert(folder.id);
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
        let mut made_of: HashMap<FlowRef, String> = HashMap::new();
        for (_, row, fate) in order {
            let named = self.planner.named(row).name;
            let absent = matches!(fate, Fate::Absent);
            let name = self
                .planner
                .name(row)
                .map_or_else(|_| named.clone(), |(name, _)| name);
            let (above, parent) = match self.places.get(&row.key).map(|placed| &placed.place) {
                Some(Place::Row(key)) if absent => match (made_of.get(key), self.stands.get(key)) {
                    (Some(path), _) => (path.clone(), NodeKey::Row(*key)),
                    (None, Some(Stand::There(id))) => {
                        let id = *id;
                        (self.path_after(Some(id)), self.key_of(id))
                    }
                    _ => (String::new(), self.planner.root.key.clone()),
                },
                Some(Place::Helpers(helpers)) if absent => {
                    let names: Vec<&str> = helpers.iter().map(|helper| helper.name.as_str()).collect();
                    let path = format!("/{}", names.join("/"));
                    let key = match self.planner.helper_target(helpers) {
                        Ok(target) => self.above(target.id),
                        Err(_) => self.planner.root.key.clone(),
                    };
                    (path, key)
                }
                _ => (String::new(), self.planner.root.key.clone()),
            };
            let path = if absent {
                format!("{above}/{name}")
            } else {
                String::new()
            };
            if absent {
                made_of.insert(row.key, path.clone());
            }
            let trace = self.trace(row, &above, &name);
            let rule = self
                .places
                .get(&row.key)
                .map(|placed| rule_of(row.key.kind, placed.by));
            let node = Node {
                on: On::Folder,
                depth: 0,
                kind: row.key.kind.as_str().to_owned(),
                label: Some(named).filter(|named| *named != name),
                name,
                path,
                flow: Some(row.key),
                verdict: if absent {
                    Verdict::Unchanged
                } else {
                    Verdict::Blocked
                },
                selected: self.planner.is_selected(row),
                operation: None,
                offers: Vec::new(),
                trace,
                placement: Some(Box::new(Placement {
                    from: None,
                    exists: false,
                    rule,
                })),
            };
            self.planner.draft.node(NodeKey::Row(row.key), Some(parent), node);
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
            };
            let above = on.map_or_else(|| self.planner.root.key.clone(), NodeKey::Row);
            self.planner.draft.node(NodeKey::Row(row.key), Some(above), node);
        }
    }
}
