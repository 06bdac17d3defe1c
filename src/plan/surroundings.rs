//! What is around the rows: the AYON folders they sit in.

use std::collections::BTreeSet;

use crate::model::{AyonId, FlowRef};

use super::attributes::{Effective, shown_below};
use super::operation::{Node, On, Verdict};
use super::partner::{Partner, linked_row};
use super::sync::Planner;
use super::tree::NodeKey;

impl Planner<'_> {
    /// The node of an AYON folder that something sits in: the row's it is linked with, or one that only shows
    /// where that something is.
    pub fn above(&mut self, folder: Option<AyonId>) -> NodeKey {
        let mut chain = Vec::new();
        let mut next = folder;
        let mut above = self.root.key.clone();
        while let Some(partner) = next.and_then(|id| self.folders.get(id)) {
            let row = self.row_of(&partner).map(NodeKey::Row);
            let known = || {
                self.surroundings
                    .contains(&partner.id)
                    .then_some(NodeKey::Folder(partner.id))
            };
            if let Some(key) = row.or_else(known) {
                above = key;
                break;
            }
            if chain.len() > self.paths.len() {
                break;
            }
            chain.push(partner);
            next = partner.parent;
        }
        for partner in chain.into_iter().rev() {
            let key = NodeKey::Folder(partner.id);
            let node = Node {
                on: On::Folder,
                depth: 0,
                kind: partner.kind.to_owned(),
                name: partner.name.to_owned(),
                label: partner.label.map(str::to_owned),
                path: self.paths.get(&partner.id).cloned().unwrap_or_default(),
                flow: None,
                verdict: Verdict::Unchanged,
                selected: false,
                operation: None,
                offers: Vec::new(),
                trace: ["in AYON already".to_owned()].into(),
                placement: None,
                seat: None,
            };
            self.draft.node(key.clone(), Some(above), node);
            self.surroundings.insert(partner.id);
            above = key;
        }
        above
    }

    /// The looked-at row that an AYON folder is linked with.
    fn row_of(&self, partner: &Partner<'_>) -> Option<FlowRef> {
        let key = linked_row(partner.link?)?;
        let flow = self.input.flow;
        (flow.rows.contains_key(&key) || flow.retired.contains_key(&key)).then_some(key)
    }

    /// What an AYON folder shows once the plan is applied; `None` is the project.
    pub(super) fn shown_by(&self, folder: Option<AyonId>) -> Effective {
        let attributes = &self.input.rules.attributes;
        if attributes.is_empty() {
            return self.root.shows.clone();
        }
        let (mut chain, mut next) = (Vec::new(), folder);
        let mut shows = loop {
            if let Some(planned) = next.and_then(|id| self.shows.get(&id)) {
                break planned.clone();
            }
            match next.and_then(|id| self.folders.get(id)) {
                Some(partner) if chain.len() <= self.paths.len() => {
                    next = partner.parent;
                    chain.push(partner);
                }
                _ => break self.root.shows.clone(),
            }
        };
        for partner in chain.into_iter().rev() {
            shows = shown_below(&shows, partner.attributes, attributes);
        }
        shows
    }

    /// Whether `folder` is `top`, or is or may come to be somewhere below it: where folders are, where new ones
    /// will be, and where some are offered to go.
    pub(super) fn is_inside(&self, folder: Option<AyonId>, top: AyonId) -> bool {
        let (mut seen, mut next) = (BTreeSet::new(), vec![folder]);
        while let Some(id) = next.pop() {
            let Some(id) = id.filter(|id| seen.insert(*id)) else {
                continue;
            };
            if id == top {
                return true;
            }
            let planned = self.planned_parents.get(&id).copied();
            let known = || self.folders.get(id).and_then(|folder| folder.parent);
            next.push(planned.unwrap_or_else(known));
            next.extend(self.offered.moves.get(&id));
        }
        false
    }
}
