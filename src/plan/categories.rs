//! Asset categories: folders that group Assets by the value of `sg_asset_type`
//! (`ayon-shotgrid-behaviour.md §3.5`).

use std::collections::BTreeMap;

use crate::model::AyonId;
use crate::problem::{AyonNamed, Code};

use super::draft::Wish;
use super::intent::{NewEntity, Write};
use super::naming::{Pieces, clean, label_allowed, slug};
use super::operation::{Kind, Node, On, Verdict};
use super::placement::ASSET_CATEGORY;
use super::places::Obstacle;
use super::sync::{Planner, Target};

/// The categories that planning met so far, by name.
#[derive(Default)]
pub(super) struct Categories {
    known: BTreeMap<String, Result<Target, Obstacle>>,
}

impl Categories {
    /// Whether a category of this lower-case name is going to be made.
    pub fn plans(&self, name: &str) -> bool {
        self.known
            .get(name)
            .is_some_and(|found| found.as_ref().is_ok_and(|target| target.operation.is_some()))
    }

    /// The folder of the category that Flow calls `text`.
    pub fn target(&mut self, planner: &mut Planner<'_>, text: &str) -> Result<Target, Obstacle> {
        let name = slug(text, Pieces::DropEmpty).to_lowercase();
        self.known
            .entry(name.clone())
            .or_insert_with(|| find(planner, text, name))
            .clone()
    }
}

fn find(planner: &mut Planner<'_>, text: &str, name: String) -> Result<Target, Obstacle> {
    let refuse = |code, message| {
        Err(Obstacle {
            code,
            message,
            remedy: "Choose another asset type in Flow, or rename the AYON folder.",
        })
    };
    if name.is_empty() {
        return refuse(
            Code::NameEmpty,
            format!("The asset type {text:?} holds nothing that AYON accepts in a name."),
        );
    }
    let key = format!("category:{name}");
    let label = Some(clean(text)).filter(|label| *label != name);
    let id = AyonId::derived(&[
        &planner.input.rules.site,
        &planner.draft.project,
        "folder",
        &format!("/{name}"),
    ]);
    let (target, operation, kind) = match planner.folders.named(None, &name) {
        Some(folder) if folder.kind.eq_ignore_ascii_case(ASSET_CATEGORY) => {
            let key = planner.above(Some(folder.id));
            let path = format!("/{}", folder.name);
            return Ok(Target {
                id: Some(folder.id),
                path,
                operation: None,
                key,
            });
        }
        Some(folder) => {
            return refuse(
                Code::CategoryTaken,
                format!(
                    "The asset category {name} cannot be made: AYON has a {} /{} there.",
                    folder.kind, folder.name
                ),
            );
        }
        None if planner.folders.get(id).is_some() => {
            return refuse(
                Code::CategoryTaken,
                format!("The asset category {name} was moved, renamed or switched off in AYON."),
            );
        }
        None => {
            if label.as_deref().is_some_and(|label| !label_allowed(label)) {
                return refuse(
                    Code::LabelNotAllowed,
                    format!("AYON does not accept ' or ; in the label {text:?}."),
                );
            }
            let kind = planner.types.folder(&mut planner.draft, ASSET_CATEGORY);
            let path = format!("/{name}");
            let operation = planner.draft.operation(Wish {
                kind: Kind::Create,
                on: On::Folder,
                target: path.clone(),
                flow: None,
                ayon: Some(AyonNamed {
                    id: Some(id),
                    kind: kind.name.clone(),
                    name: name.clone(),
                    path: path.clone(),
                    from: None,
                }),
                changes: super::entities::label_change(label.as_deref()),
                needs: kind
                    .needs
                    .into_iter()
                    .chain(planner.root.operation.clone())
                    .collect(),
                because: vec![format!("Assets of type {text} have no category folder yet")],
                write: Write::CreateFolder(NewEntity {
                    id,
                    parent: None,
                    name: name.clone(),
                    label: label.clone(),
                    kind: kind.name.clone(),
                    shotgrid_id: name.clone(),
                    shotgrid_type: ASSET_CATEGORY.to_owned(),
                }),
                back: None,
            });
            let target = Target {
                id: Some(id),
                path,
                operation: Some(operation.clone()),
                key: key.clone(),
            };
            (target, Some(operation), kind.name)
        }
    };
    let node = Node {
        on: On::Folder,
        depth: 0,
        kind,
        name,
        label,
        path: target.path.clone(),
        flow: None,
        verdict: Verdict::Create,
        selected: false,
        operation,
        trace: vec![format!("sg_asset_type {text}")],
    };
    let root = planner.root.key.clone();
    planner.draft.node(key, Some(root), node);
    Ok(target)
}
