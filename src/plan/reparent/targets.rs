//! Where each row is, and where the rules want it.

use super::{
    AyonId, BTreeMap, BTreeSet, Code, Fate, FlowRef, FlowRow, FlowType, HashSet, Helper, Identity, Obstacle,
    Parenting, Partner, Place, Placed, Reparenting, Severity, Stand, Target, TypeRule, Wanted, Wished,
    in_ayon, is_not_ours, same_type,
};
use crate::plan::snapshot::ParentValue;

const SYNC_FIRST: &str = "Sync it to AYON: that makes it where the rules want it.";

impl<'a> Reparenting<'a, '_> {
    /// Presets that cannot do what they say.
    pub(super) fn told_of_presets(&mut self) {
        let input = self.planner.input;
        let mut told: HashSet<String> = HashSet::new();
        for kind in Parenting::TYPES {
            let Some((mode, chain)) = input.rules.parenting.chain_of(kind) else {
                continue;
            };
            if !input.rules.enabled.contains(&kind) {
                self.planner.draft.problem(
                    Severity::Warning,
                    Code::PresetNotEnabled,
                    None,
                    None,
                    format!(
                        "{mode} has a preset for {}, which the addon's settings do not enable: it does nothing.",
                        kind.plural()
                    ),
                    "Add the type to shotgrid_enabled_entities in AYON's settings of the addon, or remove the preset.",
                );
                continue;
            }
            for folder in chain.iter().filter(|folder| !folder.kind.trim().is_empty()) {
                let known = &self.content.anatomy.folder_types;
                if !known.iter().any(|name| same_type(name, &folder.kind))
                    && told.insert(folder.kind.to_lowercase())
                {
                    self.planner.draft.problem(
                        Severity::Warning,
                        Code::ChainTypeMissing,
                        None,
                        None,
                        format!(
                            "The preset for {} names the folder type {:?}, which the AYON project does not have: it is added where a folder of it is made.",
                            kind.plural(),
                            folder.kind
                        ),
                        "Correct the folder type in the addon's re-parenting settings if it is misspelled.",
                    );
                }
            }
        }
    }

    /// The chains of all presets, whatever was selected: their folders are for others.
    pub(super) fn walk_chains(&mut self, rules: &BTreeMap<FlowType, TypeRule<'_>>) {
        for chain in rules.values().filter_map(|rule| rule.chain.as_ref()) {
            if let Ok(target) = self.planner.helper_target(&chain.helpers) {
                self.remember_chain(&chain.helpers, target.id);
            }
        }
    }

    /// Finds each row in AYON.
    pub(super) fn recognise(&mut self) {
        let input = self.planner.input;
        for (key, row) in &input.flow.rows {
            if key.kind == FlowType::Task {
                continue;
            }
            let Some(placed) = self.places.get(key) else {
                continue;
            };
            let stand = match is_not_ours(placed) {
                true => Stand::Unclear,
                false => match self.planner.identity(row) {
                    Identity::Linked(partner) => {
                        self.rows_of.insert(partner.id, (row, placed));
                        Stand::There(partner.id)
                    }
                    Identity::New(_) | Identity::Copied { .. } => Stand::Absent,
                    Identity::Unclear { code, message } => {
                        let obstacle = Obstacle {
                            code,
                            message,
                            remedy: "Make sg_ayon_id in Flow and shotgridId in AYON name each other.",
                        };
                        self.unclear.insert(*key, obstacle);
                        Stand::Unclear
                    }
                },
            };
            self.stands.insert(*key, stand);
        }
    }

    /// Whether a row was wanted, or hangs below one that was.
    fn in_scope(&self, row: &FlowRow) -> bool {
        let input = self.planner.input;
        let Wanted::Rows(wanted) = input.wanted else {
            return true;
        };
        let mut seen: HashSet<FlowRef> = HashSet::new();
        let mut next = Some(row);
        while let Some(row) = next.filter(|row| seen.insert(row.key)) {
            if wanted.contains(&row.key) {
                return true;
            }
            next = match &row.parent {
                ParentValue::Row { kind, id, .. } => kind.parse().ok().and_then(|kind| {
                    let key = FlowRef { kind, id: *id };
                    let flow = input.flow;
                    flow.rows.get(&key).or_else(|| flow.passages.get(&key))
                }),
                ParentValue::Empty | ParentValue::Many | ParentValue::Text(_) => None,
            };
        }
        false
    }

    /// The rows that are looked at; a selected Task means what it hangs on.
    fn looked_at(&self) -> Vec<&'a FlowRow> {
        let rows = &self.planner.input.flow.rows;
        let meant = |row: &'a FlowRow| match (row.key.kind, &row.parent) {
            (FlowType::Task, ParentValue::Row { kind, id, .. }) => {
                let key = kind.parse().ok().map(|kind| FlowRef { kind, id: *id });
                key.and_then(|key| rows.get(&key))
            }
            (FlowType::Task, _) => None,
            _ => Some(row),
        };
        let in_scope = rows.values().filter(|row| self.in_scope(row));
        let mut meant: Vec<&'a FlowRow> = in_scope.filter_map(meant).collect();
        // What hangs on something comes after it.
        let depth = |row: &FlowRow| self.places.get(&row.key).map_or(0, |placed| placed.depth);
        meant.sort_by_cached_key(|row| (depth(row), row.key));
        meant.dedup_by_key(|row| row.key);
        meant
    }

    /// Compares where rows are with where they belong.
    pub(super) fn wish(&mut self) {
        for row in self.looked_at() {
            let (Some(placed), Some(stand)) = (self.places.get(&row.key), self.stands.get(&row.key).copied())
            else {
                continue;
            };
            match stand {
                Stand::There(id) => {
                    if let Some(partner) = self.planner.folders.get(id) {
                        self.wish_for(row, partner, placed);
                    }
                }
                Stand::Absent => match self.in_the_way_of_making(row, placed) {
                    // Nobody asked to make it, and a sync tells why it cannot.
                    Some(_) if !self.planner.is_selected(row) => {
                        self.fates.insert(row.key, Fate::Absent { placed: false });
                    }
                    Some(obstacle) => self.obstructed(row, None, &obstacle),
                    None => {
                        self.fates.insert(row.key, Fate::Absent { placed: true });
                    }
                },
                Stand::Unclear => {
                    let obstacle = match (self.unclear.get(&row.key), &placed.place) {
                        (Some(obstacle), _) | (None, Place::Nowhere(obstacle)) => Some(obstacle.clone()),
                        (None, Place::Root | Place::Row(_) | Place::Helpers(_)) => None,
                    };
                    if let Some(obstacle) = obstacle {
                        self.obstructed(row, None, &obstacle);
                    }
                    self.fates.insert(row.key, Fate::Blocked);
                }
            }
        }
        self.chains_that_move();
    }

    /// Why a sync could not make a row either.
    fn in_the_way_of_making(&mut self, row: &FlowRow, placed: &Placed) -> Option<Obstacle> {
        let above = match &placed.place {
            Place::Row(key) => match (self.stands.get(key), self.fates.get(key)) {
                (Some(Stand::Absent), Some(Fate::Blocked | Fate::Absent { placed: false }))
                | (Some(Stand::Unclear) | None, _) => Some(self.above_is_blocked(*key)),
                (Some(Stand::There(_) | Stand::Absent), _) => None,
            },
            // A sync will want the folders of its chain.
            Place::Root | Place::Helpers(_) | Place::Nowhere(_) => self.target(placed).err(),
        };
        above.or_else(|| self.planner.name(row).err())
    }

    fn above_is_blocked(&self, key: FlowRef) -> Obstacle {
        let why = self
            .unclear
            .get(&key)
            .map(|obstacle| format!(": {}", obstacle.message));
        Obstacle {
            code: Code::ParentBlocked,
            message: format!(
                "The {} above it cannot be placed{}",
                key.kind,
                why.unwrap_or_else(|| ".".to_owned())
            ),
            remedy: "Mend what is said of the row above; this one follows.",
        }
    }

    fn wish_for(&mut self, row: &'a FlowRow, partner: Partner<'a>, placed: &Placed) {
        let target = match self.target(placed) {
            Ok(target) => target,
            Err(obstacle) => {
                self.obstructed(row, Some(&partner), &obstacle);
                return;
            }
        };
        if target.id == partner.parent {
            self.fates.insert(row.key, Fate::Stays);
            return;
        }
        let path = self.path_now(partner.id);
        let place = spoken(&target.path);
        if !partner.active {
            self.blocked(
                row,
                Some(&partner),
                Code::FolderInactive,
                format!("It is switched off in AYON, at {path}; by the rules it belongs below {place}."),
                "Sync it to AYON, which switches it on again, or retire the row in Flow.",
            );
        } else if partner.locked {
            let whose = self.published(partner.id);
            self.blocked(
                row,
                Some(&partner),
                Code::MovePublished,
                format!(
                    "It is at {path}; by the rules it belongs below {place}. AYON refuses to move it, because {whose}."
                ),
                super::FORCE,
            );
        } else {
            let helpers: &[Helper] = match &self.places[&row.key].place {
                Place::Helpers(helpers) => helpers,
                Place::Root | Place::Row(_) | Place::Nowhere(_) => &[],
            };
            self.wishes.push(Wished {
                row,
                partner,
                to: target,
                helpers,
            });
        }
    }

    /// The folder that a place means.
    fn target(&mut self, placed: &Placed) -> Result<Target, Obstacle> {
        match &placed.place {
            Place::Root => Ok(self.planner.root.clone()),
            Place::Helpers(helpers) => {
                // Rows of a type share their chain, which is walked once.
                if let Some(known) = self.targets.get(&helpers.as_ptr()) {
                    return known.clone();
                }
                let target = self.planner.helper_target(helpers);
                match &target {
                    Ok(target) => self.remember_chain(helpers, target.id),
                    Err(_) => {
                        let in_the_way = self.in_the_way_of(helpers);
                        self.in_the_way.extend(in_the_way);
                    }
                }
                self.targets.insert(helpers.as_ptr(), target.clone());
                target
            }
            Place::Nowhere(obstacle) => Err(obstacle.clone()),
            Place::Row(key) => match self.stands.get(key) {
                Some(Stand::There(id)) => Ok(Target {
                    id: Some(*id),
                    path: self.path_now(*id).into(),
                    operation: None,
                    key: self.key_of(*id),
                    shows: self.planner.root.shows.clone(),
                }),
                Some(Stand::Absent) => {
                    let rows = &self.planner.input.flow.rows;
                    let name = rows.get(key).map(|row| self.planner.named(row).name);
                    Err(Obstacle {
                        code: Code::ParentNotInAyon,
                        message: format!(
                            "It belongs below the {} {}, which AYON does not have yet.",
                            key.kind,
                            name.unwrap_or_default()
                        ),
                        remedy: "Sync what is above it to AYON first, then preview again.",
                    })
                }
                Some(Stand::Unclear) | None => Err(self.above_is_blocked(*key)),
            },
        }
    }

    /// The folders of a chain that AYON has are needed, whatever they hold.
    fn remember_chain(&mut self, chain: &[Helper], end: Option<AyonId>) {
        if !self.chains.insert(end) {
            return;
        }
        for length in 1..=chain.len() {
            if let Ok(target) = self.planner.helper_target(&chain[..length]) {
                let there = target.id.filter(|id| self.content.folders.contains_key(id));
                self.chain_folders.extend(there);
            }
        }
    }

    /// The folder in whose stead a chain wants another one.
    fn in_the_way_of(&mut self, chain: &[Helper]) -> Option<AyonId> {
        let mut parent = None;
        for length in 1..=chain.len() {
            match self.planner.helper_target(&chain[..length]) {
                Ok(target) => parent = target.id,
                Err(_) => {
                    let name = &chain[length - 1].name;
                    return self.planner.folders.named(parent, name).map(|folder| folder.id);
                }
            }
        }
        None
    }

    /// Folders that leave their spots make room for chains, which need their moves.
    pub(super) fn make_room(&mut self, leaving: &BTreeSet<AyonId>) {
        for (key, stand) in &self.stands {
            let Stand::There(id) = stand else { continue };
            if let Some(partner) = self.planner.folders.get(*id).filter(|_| leaving.contains(id)) {
                let spot = (partner.parent, partner.name.to_lowercase());
                let operation = self.operation_of(*key);
                self.planner.helpers.after(spot, operation);
                self.planner.folders.leaves(*id);
            }
        }
    }

    /// A row whose folder a preset names stays for those that go there.
    fn chains_that_move(&mut self) {
        for wished in std::mem::take(&mut self.wishes) {
            if !self.chain_folders.contains(&wished.partner.id) {
                self.wishes.push(wished);
                continue;
            }
            let path = self.path_now(wished.partner.id);
            self.blocked(
                wished.row,
                Some(&wished.partner),
                Code::ChainTaken,
                format!(
                    "It is at {path}; by the rules it belongs below {}, but a re-parenting preset names this very folder for others.",
                    spoken(&wished.to.path)
                ),
                "Give the preset another folder name in the addon's settings.",
            );
        }
    }

    /// Which folders hold the versions that lock this one, and how many those are.
    fn published(&mut self, folder: AyonId) -> String {
        const NAMED: usize = 3;
        let mut holders = self.holders_of_versions(folder);
        holders.sort_by_cached_key(|id| self.path_now(*id));
        self.publishers.extend(holders.iter().copied());
        let said: Vec<String> = holders
            .iter()
            .take(NAMED)
            .map(|id| {
                let path = self.path_now(*id);
                match self.inside.versions.get(id) {
                    Some(1) => format!("{path} has 1 published version"),
                    Some(count) => format!("{path} has {count} published versions"),
                    None => format!("{path} has published versions"),
                }
            })
            .collect();
        match holders.len().saturating_sub(NAMED) {
            0 => said.join(", "),
            1 => format!("{}, and 1 more folder below has some", said.join(", ")),
            more => format!("{}, and {more} more folders below have some", said.join(", ")),
        }
    }

    /// The folders with products among those that are locked, from this one down; itself when AYON tells of none.
    fn holders_of_versions(&self, folder: AyonId) -> Vec<AyonId> {
        let mut holders = Vec::new();
        let mut stack = vec![folder];
        let mut seen: HashSet<AyonId> = HashSet::new();
        while let Some(id) = stack.pop() {
            if !seen.insert(id) {
                continue;
            }
            if self.inside.with_products.contains(&id) && self.inside.versions.get(&id) != Some(&0) {
                holders.push(id);
            }
            stack.extend(self.planner.folders.locked_in(id));
        }
        if holders.is_empty() {
            holders.push(folder);
        }
        holders
    }

    fn obstructed(&mut self, row: &'a FlowRow, partner: Option<&Partner<'a>>, obstacle: &Obstacle) {
        let told = obstacle.code != Code::ParentBlocked || self.planner.is_selected(row);
        if told {
            let message = obstacle.message.clone();
            self.blocked(row, partner, obstacle.code, message, obstacle.remedy);
        }
        self.fates.insert(row.key, Fate::Blocked);
    }

    /// A row that stays where it is, and why.
    pub(super) fn blocked(
        &mut self,
        row: &FlowRow,
        partner: Option<&Partner<'_>>,
        code: Code,
        message: String,
        remedy: &str,
    ) {
        let flow = Some(self.planner.named(row));
        let ayon = partner.map(|partner| in_ayon(partner, &self.path_now(partner.id)));
        self.planner
            .draft
            .problem(Severity::Blocked, code, flow, ayon, message, remedy);
        self.fates.insert(row.key, Fate::Blocked);
    }

    /// Rows that AYON does not have: named where they were selected, else counted.
    pub(super) fn tell_absent(&mut self) {
        let input = self.planner.input;
        let absent = self
            .fates
            .iter()
            .filter(|(_, fate)| matches!(fate, Fate::Absent { .. }));
        let absent: Vec<&FlowRow> = absent.filter_map(|(key, _)| input.flow.rows.get(key)).collect();
        let (selected, others): (Vec<_>, Vec<_>) =
            absent.into_iter().partition(|row| self.planner.is_selected(row));
        for row in selected {
            let flow = Some(self.planner.named(row));
            self.planner.draft.problem(
                Severity::Info,
                Code::NotInAyon,
                flow,
                None,
                "AYON does not have it yet, so there is nothing to move.".to_owned(),
                SYNC_FIRST,
            );
        }
        if !others.is_empty() {
            let said = match others.len() {
                1 => "AYON does not have 1 of the rows yet.".to_owned(),
                count => format!("AYON does not have {count} of the rows yet."),
            };
            self.planner
                .draft
                .problem(Severity::Info, Code::NotInAyon, None, None, said, SYNC_FIRST);
        }
    }
}

/// A place as people say it.
pub(super) fn spoken(path: &str) -> &str {
    match path {
        "" => "the project's root",
        path => path,
    }
}
