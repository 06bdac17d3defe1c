//! What comes before rows: Flow fields, the AYON project with its link and attributes, and its anatomy.

use std::collections::BTreeSet;

use crate::ayon::{Additions, AyonError, AyonWriter, Witness};
use crate::flow::{FlowError, FlowReader, FlowWriter};
use crate::model::{FlowField, FlowId, FlowType};
use crate::net::Patience;
use crate::plan::{Attributes, Write};

use super::apply::{Applying, Row, Stop, unanswered};
use super::sending::{LOOKS, ROUNDS, is_deadlock_of};
use super::systems::Sessions;

/// The project's own operation, which is carried out together with what is added to the anatomy.
#[derive(Clone, Copy)]
struct OfProject<'a> {
    row: Row<'a>,
    link: Option<FlowId>,
    attributes: &'a Attributes,
}

static NO_ATTRIBUTES: Attributes = Vec::new();

impl OfProject<'_> {
    /// Whether the project was made just now. Until it is linked it is nobody's: the next plan could not tell it from
    /// a stranger of the same name.
    fn is_new(&self) -> bool {
        matches!(self.row.intent.write, Write::CreateProject { .. })
    }

    /// The link, and the attributes, each by itself where there is something to send.
    fn halves(self) -> [Option<Self>; 2] {
        let link = self.link.map(|_| Self {
            attributes: &NO_ATTRIBUTES,
            ..self
        });
        let attributes = (!self.attributes.is_empty()).then_some(Self { link: None, ..self });
        [link, attributes]
    }
}

/// The writers that set-up needs, and those who look what became of a write.
pub(super) struct Setup {
    reader: FlowReader,
    flow: FlowWriter,
    ayon: AyonWriter,
    witness: Witness,
    patience: Patience,
    stop: Stop,
}

impl Setup {
    pub fn new(sessions: &Sessions, ayon: AyonWriter, stop: Stop) -> Self {
        Self {
            reader: sessions.flow_reader(),
            flow: sessions.flow_writer(),
            ayon,
            witness: sessions.witness(),
            patience: sessions.patience.clone(),
            stop,
        }
    }

    pub async fn run(&self, applying: &mut Applying<'_, '_>, rows: &[Row<'_>]) {
        for row in rows {
            if let Write::CreateField { kind, field } = &row.intent.write
                && applying.stopped().is_none()
            {
                match self.create_field(*kind, *field).await {
                    Ok(()) => applying.confirmed(row),
                    Err(error) => {
                        let message = if error.is_unclear() {
                            format!("{error}; whether Flow made it shows the next sync")
                        } else {
                            error.to_string()
                        };
                        applying.failed(row, message);
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
        if self.reader.fields(kind).await?.fields.contains_key(field.name()) {
            return Ok(());
        }
        let answer = self.flow.create_field(kind, field).await;
        if answer.as_ref().is_err_and(FlowError::is_unclear) {
            // A second request could make a second field, for ever: it is only looked for.
            for look in 0..LOOKS {
                tokio::time::sleep(self.patience.before(look + 2)).await;
                if let Ok(found) = self.reader.fields(kind).await
                    && found.fields.contains_key(field.name())
                {
                    return Ok(());
                }
            }
        }
        answer
    }

    /// Makes a project, unless somebody makes it for the same Flow Project at the same time. Without an answer it is
    /// looked for, and asked for again when AYON does not have it.
    async fn create_project(
        &self,
        name: &str,
        code: &str,
        preset: Option<&str>,
        flow: FlowId,
    ) -> Result<(), AyonError> {
        let mut unclear = false;
        let mut round = 1;
        loop {
            let Err(error) = self.ayon.create_project(name, code, preset).await else {
                return Ok(());
            };
            let taken = matches!(error, AyonError::Refused { status: 409, .. });
            unclear |= error.is_unclear();
            if !(taken || error.is_unclear()) {
                return Err(error);
            }
            for look in 0..LOOKS {
                tokio::time::sleep(self.patience.before(look + 2)).await;
                let Ok(standing) = self.witness.project(name).await else {
                    return Err(error);
                };
                if let Some(project) = standing {
                    // The plan found the name free: what has it now, and our code, and no link yet, is ours.
                    let just_made = unclear && project.flow.is_none() && project.code == code;
                    if project.is_of(flow) || just_made {
                        return Ok(());
                    }
                }
            }
            if taken || round >= ROUNDS || self.stop.reason().is_some() {
                return Err(error);
            }
            round += 1;
        }
    }

    /// The project itself, then its anatomy, link and attributes together.
    async fn project(&self, applying: &mut Applying<'_, '_>, rows: &[Row<'_>]) {
        let mut own: Option<OfProject<'_>> = None;
        for row in rows {
            if applying.stopped().is_some() {
                break;
            }
            let hindrance = applying.hindrance(row.operation, &BTreeSet::new());
            match (&row.intent.write, hindrance) {
                (Write::CreateProject { .. } | Write::UpdateProject { .. } | Write::Nothing, Some(why)) => {
                    applying.skip(row, why);
                }
                (
                    Write::CreateProject {
                        name,
                        code,
                        preset,
                        flow,
                        attributes,
                    },
                    None,
                ) => match self.create_project(name, code, preset.as_deref(), *flow).await {
                    Ok(()) => {
                        own = Some(OfProject {
                            row: *row,
                            link: Some(*flow),
                            attributes,
                        });
                    }
                    Err(error) => note_failure(applying, row, &error),
                },
                (Write::UpdateProject { link, attributes, .. }, None) => {
                    own = Some(OfProject {
                        row: *row,
                        link: *link,
                        attributes,
                    });
                }
                (Write::Nothing, None) => applying.confirmed(row),
                _ => {}
            }
        }
        if let Some(why) = applying.stopped() {
            // The rest was not tried.
            match own.filter(OfProject::is_new) {
                Some(own) if self.stop.lease_lost.is_cancelled() => {
                    applying.failed(&own.row, not_linked(&why));
                }
                Some(own) => self.extend(applying, Some(own), &[]).await,
                None => {}
            }
            return;
        }
        let new_project = own.map(|own| own.row.operation.id.clone());
        let with: BTreeSet<_> = new_project.iter().collect();
        let mut anatomy: Vec<Row<'_>> = Vec::new();
        for row in rows {
            if matches!(
                row.intent.write,
                Write::AddFolderType { .. }
                    | Write::AddTaskType { .. }
                    | Write::AddStatus { .. }
                    | Write::AddTag { .. }
            ) {
                match applying.hindrance(row.operation, &with) {
                    Some(why) => applying.skip(row, why),
                    None => anatomy.push(*row),
                }
            }
        }
        self.extend(applying, own, &anatomy).await;
    }

    /// One request for everything; when AYON refuses it, the link, the attributes and each entry of the anatomy by
    /// itself, so that a bad one costs itself only.
    async fn extend(&self, applying: &mut Applying<'_, '_>, own: Option<OfProject<'_>>, anatomy: &[Row<'_>]) {
        let everything: Vec<Row<'_>> = own
            .map(|own| own.row)
            .into_iter()
            .chain(anatomy.iter().copied())
            .collect();
        let Some(project) = everything.first().map(|row| row.operation.project.clone()) else {
            return;
        };
        let halves = own.map_or(0, |own| own.halves().iter().flatten().count());
        match self.extend_with(&project, anatomy, own).await {
            Ok(()) => everything.iter().for_each(|row| applying.confirmed(row)),
            Err(AyonError::Refused { .. }) if halves + anatomy.len() > 1 => {
                if let Some(own) = own {
                    self.extend_own(applying, &project, own).await;
                }
                for row in anatomy {
                    if applying.stopped().is_some() {
                        return;
                    }
                    if let Some(why) = applying.hindrance(row.operation, &BTreeSet::new()) {
                        applying.skip(row, why);
                        continue;
                    }
                    match self.extend_with(&project, std::slice::from_ref(row), None).await {
                        Ok(()) => applying.confirmed(row),
                        Err(error) => note_failure(applying, row, &error),
                    }
                }
            }
            Err(error) => {
                if let Some(own) = &own {
                    note_failure_of(applying, own, &error);
                }
                anatomy.iter().for_each(|row| note_failure(applying, row, &error));
            }
        }
    }

    /// The link first: what has it is found again, whatever becomes of the rest.
    async fn extend_own(&self, applying: &mut Applying<'_, '_>, project: &str, own: OfProject<'_>) {
        let [link, attributes] = own.halves();
        if let Some(link) = link {
            // Making a project ends with its link, even when the run was stopped meanwhile.
            let stopped = applying.stopped();
            match stopped.filter(|_| !own.is_new() || self.stop.lease_lost.is_cancelled()) {
                Some(why) if own.is_new() => return applying.failed(&own.row, not_linked(&why)),
                Some(_) => return,
                None => {}
            }
            if let Err(error) = self.extend_with(project, &[], Some(link)).await {
                return note_failure_of(applying, &own, &error);
            }
        }
        if let Some(attributes) = attributes {
            let refused = match applying.stopped() {
                Some(why) if link.is_some() => Some((why, None)),
                Some(_) => return,
                None => {
                    let answer = self.extend_with(project, &[], Some(attributes)).await;
                    answer.err().map(|error| (unanswered(&error), Some(error)))
                }
            };
            if let Some((why, error)) = refused {
                let message = format!("the project's attributes are not set: {why}");
                match link {
                    Some(_) => applying.done_in_part(&own.row, message),
                    None => applying.failed(&own.row, message),
                }
                halt_when_gone(applying, error.as_ref());
                return;
            }
        }
        applying.confirmed(&own.row);
    }

    async fn extend_with(
        &self,
        project: &str,
        anatomy: &[Row<'_>],
        own: Option<OfProject<'_>>,
    ) -> Result<(), AyonError> {
        let mut additions = Additions::default();
        for row in anatomy {
            match &row.intent.write {
                Write::AddFolderType { name } => additions.folder_type(name),
                Write::AddTaskType { name, short_name } => additions.task_type(name, short_name),
                Write::AddStatus {
                    name,
                    short_name,
                    state,
                } => additions.status(name, short_name, state),
                Write::AddTag { name } => additions.tag(name),
                _ => {}
            }
        }
        if let Some(own) = own {
            additions.link = own.link;
            additions.attributes.clone_from(own.attributes);
        }
        let mut round = 1;
        loop {
            // Only what is missing is sent, so a second time does no harm.
            let answer = self.ayon.extend_project(project, &additions).await;
            match answer {
                Err(error) if round < ROUNDS && (error.is_unclear() || is_deadlock_of(&error)) => {
                    round += 1;
                    tokio::time::sleep(self.patience.before(round)).await;
                    let must_end = self.stop.lease_lost.is_cancelled()
                        || !own.is_some_and(|own| own.is_new() && own.link.is_some());
                    if must_end && self.stop.reason().is_some() {
                        return Err(error);
                    }
                }
                other => return other,
            }
        }
    }
}

fn note_failure(applying: &mut Applying<'_, '_>, row: &Row<'_>, error: &AyonError) {
    applying.failed(row, unanswered(error));
    halt_when_gone(applying, Some(error));
}

/// The same of the project itself, which AYON may have all the same.
fn note_failure_of(applying: &mut Applying<'_, '_>, own: &OfProject<'_>, error: &AyonError) {
    let message = unanswered(error);
    let message = if own.is_new() {
        not_linked(&message)
    } else {
        message
    };
    applying.failed(&own.row, message);
    halt_when_gone(applying, Some(error));
}

fn halt_when_gone(applying: &mut Applying<'_, '_>, error: Option<&AyonError>) {
    if let Some(error) = error.filter(|error| !matches!(error, AyonError::Refused { .. })) {
        applying.halt(error.to_string());
    }
}

fn not_linked(why: &str) -> String {
    format!("AYON made the project, but it is not linked yet: {why}")
}
