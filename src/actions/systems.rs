//! The two systems as one run sees them: sessions of its own, and the rules that AYON holds.

use std::sync::Arc;

use crate::ayon::{AddonSettings, AyonAccess, AyonReader, AyonSession, AyonWriter, Sender, Witness};
use crate::config::{NetworkSettings, Settings};
use crate::flow::{FlowAccess, FlowReader, FlowSession, FlowWriter, Tokens};
use crate::net::{NetworkError, Patience, Trouble, Way};
use crate::run::CallsOfBoth;

use tokio_util::sync::CancellationToken;

use super::ActionError;
use super::directory::{Desk, Directory};
use super::progress::Progress;

/// The client for the way that is configured.
pub fn client_of(network: &NetworkSettings) -> Result<reqwest::Client, NetworkError> {
    let direct: Vec<&str> = network.no_proxy.iter().map(String::as_str).collect();
    crate::net::client(&Way {
        ca_file: network.ca_file.as_deref(),
        proxy: network.proxy.as_ref(),
        no_proxy: &direct.join(","),
    })
}

/// Makes sessions. One for the whole process; holds no connection to anybody by itself.
#[derive(Clone)]
pub struct Systems {
    settings: Arc<Settings>,
    client: reqwest::Client,
    patience: Patience,
    directory: Directory,
    tokens: Tokens,
    trouble: Trouble,
}

/// What AYON's addon says of the studio, and how to reach Flow with it.
#[derive(Clone, Debug)]
pub struct Studio {
    /// Version of the addon in the production bundle.
    pub addon_version: String,
    pub addon: AddonSettings,
    pub flow: FlowAccess,
}

/// The sessions of one run. Everything it costs is counted in them.
pub struct Sessions {
    pub ayon: Arc<AyonSession>,
    pub flow: Arc<FlowSession>,
    pub studio: Studio,
    /// Address of the AYON server, without a trailing slash.
    pub ayon_url: String,
    /// How long trouble is borne with.
    pub patience: Patience,
    pub settings: Arc<Settings>,
    directory: Directory,
}

impl Systems {
    pub fn new(settings: Arc<Settings>, patience: Patience) -> Result<Self, NetworkError> {
        Ok(Self {
            client: client_of(&settings.network)?,
            settings,
            patience,
            directory: Directory::default(),
            tokens: Tokens::default(),
            trouble: Trouble::default(),
        })
    }

    /// What amigo was told.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The same, saying in the progress of a run when somebody has to be asked again.
    pub fn heard_by(&self, progress: &Progress) -> Self {
        let progress = progress.clone();
        Self {
            trouble: Trouble::told_to(move |system, busy| {
                if busy {
                    progress.interrupted(&format!("{} is busy, trying again", system.title()));
                } else {
                    progress.resumed();
                }
            }),
            ..self.clone()
        }
    }

    /// The same, sending no write again once the token is cancelled: somebody else may be writing then.
    pub fn until(&self, no_more_writes: CancellationToken) -> Self {
        Self {
            trouble: self.trouble.clone().until(no_more_writes),
            ..self.clone()
        }
    }

    /// The same for whoever asks again before long anyhow: nothing is sent twice.
    pub fn impatient(&self) -> Self {
        Self {
            patience: self.patience.clone().once(),
            ..self.clone()
        }
    }

    /// A session with AYON.
    pub fn ayon(&self) -> Result<(Arc<AyonSession>, String), ActionError> {
        let ayon = &self.settings.ayon;
        let url = ayon
            .url
            .clone()
            .ok_or(ActionError::NotConfigured("AMIGO_AYON_URL is not set"))?;
        let api_key = ayon
            .api_key
            .clone()
            .ok_or(ActionError::NotConfigured("AMIGO_AYON_API_KEY is not set"))?;
        let access = AyonAccess {
            url: url.clone(),
            api_key,
        };
        let session = AyonSession::new(
            access,
            self.client.clone(),
            self.patience.clone(),
            self.trouble.clone(),
        );
        Ok((Arc::new(session), url))
    }

    /// Reads the addon's settings and secret; amigo's own configuration overrides what it names.
    pub async fn studio(&self, ayon: &AyonReader) -> Result<Studio, ActionError> {
        let (addon_version, addon) = ayon.addon().await?;
        let own = &self.settings.flow;
        let url = own
            .url
            .clone()
            .or_else(|| Some(addon.flow_url.clone()).filter(|url| !url.is_empty()));
        let url = url.ok_or(ActionError::NotConfigured(
            "the Flow site is named neither in the settings of the shotgrid addon nor as AMIGO_FLOW_URL",
        ))?;
        let name = own
            .script_name
            .clone()
            .or_else(|| Some(addon.script_name.clone()).filter(|name| !name.is_empty()));
        let script_name = name.ok_or(ActionError::NotConfigured(
            "the Flow script is named neither in the settings of the shotgrid addon nor as AMIGO_FLOW_SCRIPT_NAME",
        ))?;
        let script_key = match &own.script_key {
            Some(key) => key.clone(),
            None if addon.script_key_secret.is_empty() => {
                return Err(ActionError::NotConfigured(
                    "the settings of the shotgrid addon name no secret for the script key, and AMIGO_FLOW_SCRIPT_KEY is not set",
                ));
            }
            None => ayon.secret(&addon.script_key_secret).await?,
        };
        Ok(Studio {
            addon_version,
            addon,
            flow: FlowAccess {
                url,
                script_name,
                script_key,
            },
        })
    }

    /// Sessions for one run; the rules are read afresh.
    ///
    /// When they cannot be made, what that cost is added to `spent`; afterwards the sessions count themselves.
    pub async fn sessions(
        &self,
        session_uuid: Option<String>,
        spent: &mut CallsOfBoth,
    ) -> Result<Sessions, ActionError> {
        let (ayon, ayon_url) = self.ayon()?;
        let studio = self.studio(&AyonReader::new(ayon.clone())).await;
        let studio = studio.inspect_err(|_| spent.ayon.add(ayon.calls()))?;
        let flow = Arc::new(FlowSession::new(
            studio.flow.clone(),
            session_uuid,
            self.client.clone(),
            self.patience.clone(),
            self.trouble.clone(),
            &self.tokens,
        ));
        Ok(Sessions {
            ayon,
            flow,
            studio,
            ayon_url,
            patience: self.patience.clone(),
            settings: self.settings.clone(),
            directory: self.directory.clone(),
        })
    }
}

impl Sessions {
    pub fn ayon_reader(&self) -> AyonReader {
        AyonReader::new(self.ayon.clone())
    }

    pub fn flow_reader(&self) -> FlowReader {
        FlowReader::new(self.flow.clone())
    }

    /// The directory of people, for this run.
    pub(super) fn desk(&self) -> Desk<'_> {
        self.directory
            .desk(&self.ayon_url, &self.studio.flow.url, &self.studio.addon_version)
    }

    /// Our script user and the addon's, when they differ.
    pub(super) fn foreign_script(&self) -> Option<(String, String)> {
        let (own, addon) = (&self.studio.flow.script_name, &self.studio.addon.script_name);
        (!addon.is_empty() && own != addon).then(|| (own.clone(), addon.clone()))
    }

    pub(super) fn ayon_writer(&self, sender: Sender) -> AyonWriter {
        AyonWriter::new(self.ayon.clone(), sender)
    }

    pub(super) fn witness(&self) -> Witness {
        Witness::new(self.ayon.clone())
    }

    pub(super) fn flow_writer(&self) -> FlowWriter {
        FlowWriter::new(self.flow.clone())
    }

    /// What the run cost through these sessions so far.
    pub fn calls(&self) -> CallsOfBoth {
        CallsOfBoth {
            flow: self.flow.calls(),
            ayon: self.ayon.calls(),
        }
    }

    /// Host of the Flow site, lower case, without port.
    pub fn site(&self) -> String {
        host_of(&self.studio.flow.url)
    }
}

/// The host of an address, lower case, without port.
pub(super) fn host_of(url: &str) -> String {
    reqwest::Url::parse(url)
        .ok()
        .and_then(|url| url.host_str().map(str::to_ascii_lowercase))
        .unwrap_or_else(|| url.to_ascii_lowercase())
}
