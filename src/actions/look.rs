//! What a run looks at before anything is written: both systems are read, and a plan is made of that.

use crate::model::{Options, Person};
use crate::permission::Denied;
use crate::plan::Planned;

use super::gather::{Memory, Question, gather};
use super::progress::Progress;
use super::systems::Sessions;
use super::{ActionError, plan_of, users};

/// What gathering and planning gave.
pub struct Looked {
    pub planned: Planned,
    /// What apply need not read again.
    pub memory: Option<Memory>,
    /// Who asked, with the name people know them by.
    pub person: Person,
    /// Why they may not apply what they may plan.
    pub barred: Option<Denied>,
}

/// Gathers and plans for somebody who may.
pub async fn look(
    sessions: &Sessions,
    question: &Question<'_>,
    progress: &Progress,
) -> Result<Looked, ActionError> {
    if let Options::Users(options) = question.options {
        return users::look(sessions, question, options, progress).await;
    }
    let gathered = gather(sessions, question, progress).await?;
    progress.phase("Comparing");
    Ok(Looked {
        planned: plan_of(&gathered),
        memory: Some(gathered.memory),
        person: gathered.person,
        barred: gathered.barred,
    })
}
