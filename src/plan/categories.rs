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
    /// Those that would be made, until the first Asset goes into them.
    wanted: BTreeMap<String, Wanted>,
}

struct Wanted {
    id: AyonId,
    /// Flow's own text.
    text: String,
    label: Option<String>,
}

impl Categories {
    /// Whether a category of this lower-case name is planned already.
    pub fn plans(&self, name: &str) -> bool {
        let known = self.known.get(name).and_then(|found| found.as_ref().ok());
        known.is_some_and(|target| target.operation.is_some()) && !self.wanted.contains_key(name)
    }

    /// The folder of the category that Flow calls `text`, and the category's name.
    pub fn target(&mut self, planner: &mut Planner<'_>, text: &str) -> Result<(Target, String), Obstacle> {
        let name = slug(text, Pieces::DropEmpty).to_lowercase();
        // Judged by each text: another spelling of the same category may be fine.
        if !name.is_empty() && !label_allowed(text) && !self.exists(planner, &name) {
            let message = format!("AYON does not accept ' or ; in the label {text:?}.");
            return Err(unusable(Code::LabelNotAllowed, message));
        }
        let found = match self.known.get(&name) {
            Some(known) => known.clone(),
            None => {
                let found = self.find(planner, text, &name);
                self.known.insert(name.clone(), found.clone());
                found
            }
        };
        found.map(|target| (target, name))
    }

    fn exists(&self, planner: &Planner<'_>, name: &str) -> bool {
        planner.folders.named(None, name).is_some() || self.known.get(name).is_some_and(Result::is_ok)
    }

    fn find(&mut self, planner: &mut Planner<'_>, text: &str, name: &str) -> Result<Target, Obstacle> {
        if name.is_empty() {
            let message = format!("The asset type {text:?} holds nothing that AYON accepts in a name.");
            return Err(unusable(Code::NameEmpty, message));
        }
        let path = format!("/{name}");
        let id = AyonId::derived(&[&planner.input.rules.site, &planner.draft.project, "folder", &path]);
        match planner.folders.named(None, name) {
            Some(folder) if folder.kind.eq_ignore_ascii_case(ASSET_CATEGORY) => {
                let key = planner.above(Some(folder.id));
                let path = format!("/{}", folder.name);
                Ok(Target {
                    id: Some(folder.id),
                    path,
                    operation: None,
                    key,
                })
            }
            Some(folder) => Err(unusable(
                Code::CategoryTaken,
                format!(
                    "The asset category {name} cannot be made: AYON has a {} /{} there.",
                    folder.kind, folder.name
                ),
            )),
            None if planner.folders.get(id).is_some() => Err(unusable(
                Code::CategoryTaken,
                format!("The asset category {name} was moved, renamed or switched off in AYON."),
            )),
            None => {
                let label = Some(clean(text)).filter(|label| label != name);
                let operation = planner.draft.id_of(Kind::Create, On::Folder, &path);
                let text = text.to_owned();
                self.wanted.insert(name.to_owned(), Wanted { id, text, label });
                Ok(Target {
                    id: Some(id),
                    path,
                    operation: Some(operation),
                    key: key_of(name),
                })
            }
        }
    }

    /// Plans a wanted category; nothing for one that exists or is planned already.
    pub fn make(&mut self, planner: &mut Planner<'_>, name: &str) {
        let Some(Wanted { id, text, label }) = self.wanted.remove(name) else {
            return;
        };
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
                name: name.to_owned(),
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
                name: name.to_owned(),
                label: label.clone(),
                kind: kind.name.clone(),
                shotgrid_id: name.to_owned(),
                shotgrid_type: ASSET_CATEGORY.to_owned(),
            }),
            back: None,
        });
        let node = Node {
            on: On::Folder,
            depth: 0,
            kind: kind.name,
            name: name.to_owned(),
            label,
            path,
            flow: None,
            verdict: Verdict::Create,
            selected: false,
            operation: Some(operation),
            offers: Vec::new(),
            trace: vec![format!("sg_asset_type {text}")],
        };
        let root = planner.root.key.clone();
        planner.draft.node(key_of(name), Some(root), node);
    }
}

fn key_of(name: &str) -> String {
    format!("category:{name}")
}

fn unusable(code: Code, message: String) -> Obstacle {
    Obstacle {
        code,
        message,
        remedy: "Choose another asset type in Flow, or rename the AYON folder.",
    }
}
