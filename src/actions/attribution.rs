//! In whose name AYON is written to: the run's, and where the studio wants that, the person's who asked.

use crate::ayon::{AyonError, Sender};
use crate::model::FlowId;
use crate::run::Run;

use super::ActionError;
use super::systems::Sessions;

/// The sender of a run's writes. Events name the run by the address that may be shared.
///
/// The person stands in the events instead of amigo's service user where `ayon.act_as_person` is on, AYON links them
/// with their Flow person, and they may write there for certain: administrators and managers. What access groups allow
/// cannot be known before, and rows that AYON refuses would help nobody.
pub(super) async fn sender(sessions: &Sessions, run: &Run) -> Sender {
    let person = run
        .requested_by
        .id
        .filter(|_| sessions.settings.ayon.act_as_person);
    let user = match person {
        Some(id) => writing_user(sessions, FlowId(id)).await.unwrap_or_else(|error| {
            let cause = ActionError::from(error).discreet();
            tracing::warn!(view = %run.view.0, cause, "the person could not be looked up in AYON");
            None
        }),
        None => None,
    };
    Sender {
        name: format!("amigo-{}", run.view.0),
        user,
    }
}

async fn writing_user(sessions: &Sessions, person: FlowId) -> Result<Option<String>, AyonError> {
    let ayon = sessions.ayon_reader();
    let linked = sessions.desk().users_of(&ayon, &[person].into()).await?;
    match linked.get(&person) {
        Some(user) if ayon.may_write(user).await? => Ok(Some(user.clone())),
        _ => Ok(None),
    }
}
