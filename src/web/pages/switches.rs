//! What a run looks at, as boxes: pressing "Plan again" makes a run with what is ticked then.

use crate::actions::action_of;
use crate::model::{Job, Options};
use crate::run::Run;

use super::{Links, Press, Reader};

/// The form that plans again.
pub struct Switches {
    pub press: Press,
    /// What the boxes are about.
    pub title: &'static str,
    pub boxes: Vec<SwitchBox>,
    /// Whether planning again is what the page is there for.
    pub main: bool,
}

/// One thing that is looked at or not.
pub struct SwitchBox {
    pub word: &'static str,
    pub title: &'static str,
    pub on: bool,
}

/// The switches as they were for this run; nothing for those who may only look.
pub fn of(run: &Run, access: Reader, links: &Links, main: bool) -> Option<Switches> {
    let job = action_of(&run.action)?.job;
    let options = run.options_of(job).or_else(|_| Options::parse(job, [])).ok()?;
    links.press(run, access, "replan").map(|press| Switches {
        press,
        title: match job {
            Job::Sync => "What is synced",
            Job::Reparent => "What is looked at",
            Job::Users => "",
        },
        main,
        boxes: job
            .switches()
            .iter()
            .map(|switch| SwitchBox {
                word: switch.word,
                title: switch.title,
                on: options.is_on(switch.word),
            })
            .collect(),
    })
}
