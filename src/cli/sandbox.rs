//! `amigo sandbox flow` and `amigo sandbox ayon`: one stand-in alone.

use std::net::SocketAddr;

use clap::{Args, Subcommand};

use crate::sandbox::ayon::{AyonOptions, AyonSandbox};
use crate::sandbox::flow::{FlowOptions, FlowSandbox};
use crate::sandbox::studio::Studio;

use super::output::say;
use super::signals::asked_to_stop;

#[derive(Subcommand)]
pub(super) enum Sandbox {
    /// A Flow site.
    Flow(Flow),
    /// An AYON server.
    Ayon(Ayon),
}

#[derive(Args)]
struct Common {
    /// Address to serve on; loopback only.
    #[arg(long, default_value = "127.0.0.1:0", value_parser = loopback)]
    listen: SocketAddr,
    /// Without the seeded production.
    #[arg(long)]
    empty: bool,
    /// Name of the script that amigo logs in with.
    #[arg(long, default_value = DEFAULT_SCRIPT)]
    script_name: String,
    /// Key of that script.
    #[arg(long, default_value = DEFAULT_SCRIPT_KEY)]
    script_key: String,
}

/// Credentials of a stand-in. They open nothing but an invented studio on loopback.
pub(super) const DEFAULT_SCRIPT: &str = "ayon_connector";
pub(super) const DEFAULT_SCRIPT_KEY: &str = "sandbox-script-key";
pub(super) const DEFAULT_API_KEY: &str = "5a6d0b0c5a6d0b0c5a6d0b0c5a6d0b0c";

#[derive(Args)]
pub(super) struct Flow {
    #[command(flatten)]
    common: Common,
}

#[derive(Args)]
pub(super) struct Ayon {
    #[command(flatten)]
    common: Common,
    /// Key of the service user.
    #[arg(long, default_value = DEFAULT_API_KEY)]
    api_key: String,
    /// Flow site that the addon's settings name.
    #[arg(long, default_value = "")]
    flow_url: String,
}

/// Stand-ins hold no secrets worth having and check little, so they never leave the machine.
pub(super) fn loopback(text: &str) -> Result<SocketAddr, String> {
    let address: SocketAddr = text
        .parse()
        .map_err(|_| "expected an address such as 127.0.0.1:0".to_owned())?;
    if address.ip().is_loopback() {
        Ok(address)
    } else {
        Err("only loopback addresses are served".to_owned())
    }
}

impl Common {
    fn studio(&self) -> Studio {
        if self.empty {
            Studio::empty()
        } else {
            Studio::demo()
        }
    }
}

impl Sandbox {
    pub async fn run(self) -> anyhow::Result<u8> {
        match self {
            Self::Flow(Flow { common }) => {
                let flow = FlowSandbox::start(FlowOptions {
                    listen: common.listen,
                    studio: common.studio(),
                    script_name: common.script_name.clone(),
                    script_key: common.script_key.clone(),
                    ayon_fields: !common.empty,
                    ..FlowOptions::default()
                })?;
                say(&format!("Flow site    {}", flow.url()));
                say(&format!("script name  {}", common.script_name));
                say(&format!("script key   {}", common.script_key));
                asked_to_stop().await?;
                flow.stop().await;
            }
            Self::Ayon(Ayon {
                common,
                api_key,
                flow_url,
            }) => {
                let ayon = AyonSandbox::start(AyonOptions {
                    listen: common.listen,
                    studio: common.studio(),
                    api_key: api_key.clone(),
                    flow_url,
                    script_name: common.script_name.clone(),
                    script_key: common.script_key.clone(),
                    ..AyonOptions::default()
                })?;
                say(&format!("AYON server  {}", ayon.url()));
                say(&format!("API key      {api_key}"));
                asked_to_stop().await?;
                ayon.stop().await;
            }
        }
        Ok(0)
    }
}
