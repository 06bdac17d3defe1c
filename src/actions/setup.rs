//! What comes before rows: Flow fields, the AYON project and its link, folder types and task types.

use std::collections::BTreeSet;

use crate::ayon::{AyonError, AyonWriter};
use crate::flow::{FlowError, FlowReader, FlowWriter};
use crate::model::{FlowField, FlowId, FlowType};
use crate::plan::Write;

use super::apply::{Applying, Row, unanswered};

/// The writers that set-up needs.
pub(super) struct Setup {
    pub reader: FlowReader,
    pub flow: FlowWriter,
    pub ayon: AyonWriter,
}

impl Setup {
    pub async fn run(&self, applying: &mut Applying<'_, '_>, rows: &[Row<'_>]) {
        for row in rows {
            if let Write::CreateField { kind, field } = &row.intent.write
                && applying.stopped().is_none()
            {
                match self.create_field(*kind, *field).await {
                    Ok(()) => applying.confirmed(row),
                    Err(error) => {
                        applying.failed(row, error.to_string());
                        if !matches!(error, FlowError::Refused { .. }) {
                            applying.halt(error.to_string());
                        }
                    }
                }
            }
        }
        self.project(applying, rows).await;
    }

    /// Makes a field unless somebody made it since: Flow would make a second one (`flow-api.md §4.9`).
    async fn create_field(&self, kind: FlowType, field: FlowField) -> Result<(), FlowError> {
        if self.reader.fields(kind).await?.contains_key(field.name()) {
            return Ok(());
        }
        self.flow.create_field(kind, field).await
    }

    /// The project itself, then its types and its link together.
    async fn project(&self, applying: &mut Applying<'_, '_>, rows: &[Row<'_>]) {
        let mut linking: Option<(Row<'_>, FlowId)> = None;
        for row in rows {
            if applying.stopped().is_some() {
                break;
            }
            let hindrance = applying.hindrance(row.operation, &BTreeSet::new());
            match (&row.intent.write, hindrance) {
                (Write::CreateProject { .. } | Write::LinkProject { .. } | Write::Nothing, Some(why)) => {
                    applying.skip(row, why);
                }
                (
                    Write::CreateProject {
                        name,
                        code,
                        preset,
                        flow,
                    },
                    None,
                ) => match self.ayon.create_project(name, code, preset.as_deref()).await {
                    Ok(()) => linking = Some((*row, *flow)),
                    Err(error) => note_failure(applying, row, &error),
                },
                (Write::LinkProject { flow, .. }, None) => linking = Some((*row, *flow)),
                (Write::Nothing, None) => applying.confirmed(row),
                _ => {}
            }
        }
        if let Some(why) = applying.stopped() {
            // Only a project that was made just now has something to tell; the rest was not tried.
            for (row, _) in linking
                .iter()
                .filter(|(row, _)| matches!(row.intent.write, Write::CreateProject { .. }))
            {
                applying.failed(
                    row,
                    format!("AYON made the project, but it is not linked yet: {why}"),
                );
            }
            return;
        }
        let new_project = linking.map(|(row, _)| row.operation.id.clone());
        let with: BTreeSet<_> = new_project.iter().collect();
        let mut types: Vec<Row<'_>> = Vec::new();
        for row in rows {
            if matches!(
                row.intent.write,
                Write::AddFolderType { .. } | Write::AddTaskType { .. }
            ) {
                match applying.hindrance(row.operation, &with) {
                    Some(why) => applying.skip(row, why),
                    None => types.push(*row),
                }
            }
        }
        self.extend(applying, linking, &types).await;
    }

    /// One request for everything; when AYON refuses it, one each, so that a bad type costs itself only.
    async fn extend(
        &self,
        applying: &mut Applying<'_, '_>,
        linking: Option<(Row<'_>, FlowId)>,
        types: &[Row<'_>],
    ) {
        let link = linking.map(|(_, flow)| flow);
        let Some(project) = linking
            .map(|(row, _)| row)
            .or(types.first().copied())
            .map(|row| row.operation.project.clone())
        else {
            return;
        };
        let everything: Vec<Row<'_>> = linking
            .map(|(row, _)| row)
            .into_iter()
            .chain(types.iter().copied())
            .collect();
        match self.extend_with(&project, types, link).await {
            Ok(()) => everything.iter().for_each(|row| applying.confirmed(row)),
            Err(AyonError::Refused { .. }) if everything.len() > 1 => {
                for row in &everything {
                    if applying.stopped().is_some() {
                        return;
                    }
                    if let Some(why) = applying.hindrance(row.operation, &BTreeSet::new()) {
                        applying.skip(row, why);
                        continue;
                    }
                    let own = linking.filter(|(other, _)| other.operation.id == row.operation.id);
                    let one: &[Row<'_>] = if own.is_some() {
                        &[]
                    } else {
                        std::slice::from_ref(row)
                    };
                    match self.extend_with(&project, one, own.map(|(_, flow)| flow)).await {
                        Ok(()) => applying.confirmed(row),
                        Err(error) => note_failure(applying, row, &error),
                    }
                }
            }
            Err(error) => everything
                .iter()
                .for_each(|row| note_failure(applying, row, &error)),
        }
    }

    async fn extend_with(
        &self,
        project: &str,
        types: &[Row<'_>],
        link: Option<FlowId>,
    ) -> Result<(), AyonError> {
        let mut folder_types = Vec::new();
        let mut task_types = Vec::new();
        for row in types {
            match &row.intent.write {
                Write::AddFolderType { name } => folder_types.push(name.clone()),
                Write::AddTaskType { name, short_name } => {
                    task_types.push((name.clone(), short_name.clone()));
                }
                _ => {}
            }
        }
        self.ayon
            .extend_project(project, &folder_types, &task_types, link)
            .await
    }
}

fn note_failure(applying: &mut Applying<'_, '_>, row: &Row<'_>, error: &AyonError) {
    applying.failed(row, unanswered(error));
    if !matches!(error, AyonError::Refused { .. }) {
        applying.halt(error.to_string());
    }
}
