//! Folders that moves leave empty: offered to be switched off where they only held others.

use super::{
    AyonId, BTreeMap, BTreeSet, Change, Code, EntityPatch, Fate, HashMap, Kind, On, OpId, Partner,
    Reparenting, Severity, Stand, Tick, Wish, Write, in_ayon, json,
};
use crate::plan::partner::linked_row;
use crate::plan::placement::ASSET_CATEGORY;

/// What could be done to folders that are left empty.
pub(super) type Emptied = BTreeMap<AyonId, OpId>;

impl<'a> Reparenting<'a, '_> {
    /// Names the folders that the ticked moves leave empty.
    pub(super) fn emptied(&mut self) -> Emptied {
        let mut left: HashMap<AyonId, Vec<OpId>> = HashMap::new();
        let mut children: HashMap<AyonId, isize> = HashMap::new();
        for folder in self.content.folders.values() {
            if let Some(parent) = folder.parent {
                *children.entry(parent).or_default() += 1;
            }
        }
        for (key, fate) in &self.fates {
            let Fate::Moves {
                operation,
                ticked: true,
            } = fate
            else {
                continue;
            };
            let Some(Stand::There(id)) = self.stands.get(key) else {
                continue;
            };
            let Some(partner) = self.planner.folders.get(*id) else {
                continue;
            };
            if let Some(from) = partner.parent {
                *children.entry(from).or_default() -= 1;
                left.entry(from).or_default().push(operation.clone());
            }
            if let Some(Some(to)) = self.after.get(&partner.id) {
                *children.entry(*to).or_default() += 1;
            }
        }
        for ((parent, _), _) in self.made.values() {
            if let Some(parent) = parent {
                *children.entry(*parent).or_default() += 1;
            }
        }
        let mut offered = Emptied::new();
        let mut told: BTreeSet<AyonId> = BTreeSet::new();
        let mut waiting: Vec<AyonId> = left.keys().copied().collect();
        waiting.sort_unstable();
        while let Some(id) = waiting.pop() {
            let holds = children.get(&id).is_some_and(|count| *count > 0);
            let holds =
                holds || self.inside.with_tasks.contains(&id) || self.inside.with_products.contains(&id);
            let Some(folder) = self
                .planner
                .folders
                .get(id)
                .filter(|folder| folder.active && !holds)
            else {
                continue;
            };
            if self.chain_folders.contains(&id) || !told.insert(id) {
                continue;
            }
            let needs = left.remove(&id).unwrap_or_default();
            if let Some(operation) = self.offer_to_switch_off(folder, needs) {
                if let Some(above) = folder.parent {
                    *children.entry(above).or_default() -= 1;
                    left.entry(above).or_default().push(operation.clone());
                    waiting.push(above);
                }
                offered.insert(id, operation);
            }
        }
        offered
    }

    fn offer_to_switch_off(&mut self, folder: Partner<'a>, needs: Vec<OpId>) -> Option<OpId> {
        let path = self.path_after(Some(folder.id));
        let row = self.rows_of.get(&folder.id).map(|(row, _)| row.key);
        let row = row.or_else(|| folder.link.and_then(linked_row));
        let category =
            folder.link.is_some_and(|(kind, _)| kind == ASSET_CATEGORY) && folder.kind == ASSET_CATEGORY;
        let helper = row.is_none() && (folder.link.is_none() || category);
        let (message, remedy) = match (helper, row) {
            (true, _) => (
                format!("{path} is empty after these moves. Switching it off is offered, and not ticked."),
                "Tick it if nobody needs the folder any more.",
            ),
            (false, Some(row)) => (
                format!("{path} is empty after these moves. It stands for {row}, so it stays."),
                "Nothing; retire the row in Flow if it is not needed any more.",
            ),
            (false, None) => (
                format!("{path} is empty after these moves. It is linked with something, so it stays."),
                "Nothing; switch the folder off in AYON if nobody needs it.",
            ),
        };
        let ayon = in_ayon(&folder, &path);
        self.planner.draft.problem(
            Severity::Info,
            Code::LeftEmpty,
            None,
            Some(ayon.clone()),
            message,
            remedy,
        );
        helper.then(|| {
            let patch = EntityPatch {
                active: Some(false),
                ..EntityPatch::of(folder.id)
            };
            self.planner.draft.operation(Wish {
                kind: Kind::Retire,
                on: On::Folder,
                target: format!("folder:{}", folder.id),
                flow: None,
                ayon: Some(ayon),
                changes: vec![Change::new("active", json!(true), json!(false))],
                needs,
                because: ["these moves leave it empty".to_owned()].into(),
                tick: Tick::Offered,
                write: Write::UpdateFolder(patch),
                back: None,
            })
        })
    }
}
