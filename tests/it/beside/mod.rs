//! amigo beside the addon's own services on one site: what each leaves behind is right to the other, and amigo keeps
//! away from what they could not bear. docs/beside-the-addon.md is the same in words.

mod addon;
mod guards;
mod peace;
mod world;
