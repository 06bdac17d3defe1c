//! What a run syncs, as boxes: pressing "Plan again" makes a run with what is ticked then.

use crate::model::SyncOptions;
use crate::run::Run;

use super::{Links, Press, Reader};

/// The form that plans again.
pub struct Switches {
    pub press: Press,
    pub boxes: Vec<SwitchBox>,
    /// Whether planning again is what the page is there for.
    pub main: bool,
}

/// One thing that is synced or not.
pub struct SwitchBox {
    pub word: &'static str,
    pub title: &'static str,
    pub on: bool,
}

/// The switches as they were for this run; nothing for those who may only look.
pub fn of(run: &Run, access: Reader, links: &Links, main: bool) -> Option<Switches> {
    let pairs = run
        .options
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()));
    let options = SyncOptions::parse(pairs).unwrap_or_default();
    links.press(run, access, "replan").map(|press| Switches {
        press,
        main,
        boxes: SyncOptions::SWITCHES
            .iter()
            .map(|switch| SwitchBox {
                word: switch.word,
                title: switch.title,
                on: options.is_on(switch.word),
            })
            .collect(),
    })
}
