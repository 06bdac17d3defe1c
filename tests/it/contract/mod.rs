//! What amigo relies on of the two servers, as statements: each is one sentence with the place in the fact sheets that
//! it comes from, and the calls that hold it.
//!
//! They are written once. They always run against the stand-ins, and unchanged against a live server where
//! `AMIGO_CONTRACT_*` names one (`docs/contract.md`). They speak plain HTTP, never through amigo's own clients, so that
//! a mistake the clients and the stand-ins share shows.
//!
//! | module | holds |
//! | --- | --- |
//! | [`ayon`] | the statements about AYON, an area a file |
//! | [`flow`] | those about Flow |
//! | [`statement`] | how statements are told and held |
//! | [`live`] | which live servers the environment names |

mod ayon;
mod flow;
mod live;
mod statement;
