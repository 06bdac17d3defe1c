//! How much of the AYON project is read: the whole where that is small or much is wanted, else what the plan of a
//! few rows rests on. Either way the plan is the same.

use std::collections::BTreeSet;

use crate::ayon::{AyonReader, LiveAttributes};
use crate::model::{FlowRef, FlowType, Job};
use crate::plan::{Anatomy, AyonProject, Parts, ProjectMatch, Rules, Wanted, publishers, unread};

use super::ActionError;
use super::gather::GatheredProject;

/// The most rows for which parts are asked for. Beyond them the whole is the smaller question.
const FEW_ROWS: usize = 300;
/// Folders and tasks of a project that is read as a whole at once: about a second's worth (`ayon-api.md §6.4`).
const SMALL_PROJECT: usize = 3000;
/// How often a plan may turn out to need more. One question is usual, and a chain of helper folders needs one a folder.
const QUESTIONS: usize = 5;

/// Reads one project in AYON.
pub(super) struct Reach<'a> {
    pub job: Job,
    pub ayon: &'a AyonReader,
    pub rules: &'a Rules,
    pub live: &'a LiveAttributes,
}

impl Reach<'_> {
    /// What can be read before Flow's rows are known: the whole content of the project that was found, or only its
    /// outline; the anatomy that a new project would have.
    pub async fn begin(
        &self,
        found: &ProjectMatch,
        wanted: &Wanted,
    ) -> Result<(Option<AyonProject>, Option<Anatomy>), ActionError> {
        Ok(match found {
            ProjectMatch::Found { name, .. } => (Some(self.project(name, wanted).await?), None),
            ProjectMatch::New { .. } if self.job == Job::Sync => {
                let preset = self.rules.anatomy_preset.as_deref();
                (None, self.ayon.preset(preset).await?)
            }
            _ => (None, None),
        })
    }

    async fn project(&self, name: &str, wanted: &Wanted) -> Result<AyonProject, ActionError> {
        if self.job == Job::Reparent {
            return Ok(self.ayon.tree(name, self.live).await?);
        }
        let few = matches!(wanted, Wanted::Rows(rows) if rows.len() <= FEW_ROWS);
        if !few {
            return self.whole(name).await;
        }
        let size = self.ayon.size(name).await?;
        if size.folders + size.tasks <= SMALL_PROJECT {
            return self.whole(name).await;
        }
        let outline = self.ayon.outline(name, &self.rules.attributes, self.live).await?;
        Ok(AyonProject {
            size: size.folders,
            ..outline
        })
    }

    async fn whole(&self, name: &str) -> Result<AyonProject, ActionError> {
        Ok(self.ayon.content(name, &self.rules.attributes, self.live).await?)
    }

    /// Reads what the plan rests on and nobody read yet; nothing where the whole was read.
    pub async fn complete(&self, gathered: &mut GatheredProject) -> Result<(), ActionError> {
        let Some(mut content) = gathered.ayon.project.take_if(|content| content.read.is_some()) else {
            return Ok(());
        };
        let mut paths = BTreeSet::new();
        let few = gathered.flow.rows.len() <= FEW_ROWS;
        let questions = if few { QUESTIONS } else { 0 };
        for _ in 0..questions {
            gathered.ayon.project = Some(content);
            let parts = self.unread(gathered, paths);
            content = gathered.ayon.project.take().unwrap_or_default();
            if parts.is_empty() {
                gathered.ayon.project = Some(content);
                return Ok(());
            }
            paths = self
                .ayon
                .read_parts(&mut content, parts, &self.rules.attributes)
                .await?;
        }
        gathered.ayon.project = Some(self.whole(&content.name).await?);
        Ok(())
    }

    /// Reads how many versions keep folders in their places, where some do.
    pub async fn count_versions(&self, gathered: &mut GatheredProject) -> Result<(), ActionError> {
        let content = gathered.ayon.project.as_ref();
        if !content.is_some_and(|content| content.folders.values().any(|folder| folder.has_versions)) {
            return Ok(());
        }
        let publishers = publishers(&gathered.input());
        if let Some(content) = &mut gathered.ayon.project
            && let Some(inside) = &mut content.inside
            && !publishers.is_empty()
        {
            let mut versions = self.ayon.versions(&content.name, &publishers).await?;
            // Without a product of its own a folder has none.
            for folder in publishers {
                versions.entry(folder).or_default();
            }
            inside.versions = versions;
        }
        Ok(())
    }

    /// What to ask next: who the rows are in AYON, and when that is known, what is around them.
    fn unread(&self, gathered: &GatheredProject, paths: BTreeSet<String>) -> Parts {
        let Some(content) = &gathered.ayon.project else {
            return Parts::default();
        };
        let known = content.read.clone().unwrap_or_default();
        let mut parts = unread(&gathered.input());
        let selected = match &gathered.wanted {
            Wanted::Rows(rows) => rows.clone(),
            Wanted::WholeProject => BTreeSet::new(),
        };
        // Those that Flow does not show may be in its trash, and AYON may have them still.
        let rows = selected.iter().chain(gathered.flow.rows.keys()).copied();
        parts
            .rows
            .extend(rows.filter(|row| FlowType::SYNCED.contains(&row.kind)));
        let parts = parts.without(&known);
        if !parts.rows.is_empty() {
            return Parts {
                rows: parts.rows,
                ids: parts.ids,
                ..Parts::default()
            };
        }
        let mut around = self.below(content, &selected);
        around.paths = paths;
        around.extend(parts);
        around.without(&known)
    }

    /// What hangs below the selected rows in AYON, where rows may be that are in Flow's trash.
    fn below(&self, content: &AyonProject, selected: &BTreeSet<FlowRef>) -> Parts {
        let folders = super::around::folders_of(content, selected);
        let options = self.rules.options;
        match (options.descendants, options.tasks) {
            (true, _) => Parts {
                below: folders.collect(),
                ..Parts::default()
            },
            (false, true) => Parts {
                tasks_in: folders.collect(),
                ..Parts::default()
            },
            (false, false) => Parts::default(),
        }
    }
}
