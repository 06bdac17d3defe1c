//! Behaviour over real HTTP, against what was measured on live sites.

mod client;
mod desk;
mod reading;
mod robustness;
mod writing;
