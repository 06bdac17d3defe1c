//! amigo in a process of its own, as a studio runs it, so that its memory is its own.

use std::fs::File;
use std::net::{Ipv4Addr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use reqwest::Client;

use super::Outcome;

/// How long the server may take to be ready.
const START: Duration = Duration::from_secs(20);

/// A running `amigo serve`; dropped, it ends.
pub struct Amigo {
    child: Child,
    pub url: String,
    /// Database and working directory, gone with the process.
    _home: tempfile::TempDir,
}

impl Amigo {
    /// Starts the binary with nothing in its environment but its configuration.
    pub async fn start(
        client: &Client,
        ayon_url: &str,
        api_key: &str,
        secret: &str,
        more: &[(&str, &str)],
    ) -> Outcome<Self> {
        let home = tempfile::tempdir()?;
        let listen = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        let database = home.path().join("amigo.db");
        let child = Command::new(env!("CARGO_BIN_EXE_amigo"))
            .arg("serve")
            .env_clear()
            .env("AMIGO_LISTEN", listen.to_string())
            .env("AMIGO_DATABASE_URL", format!("sqlite://{}", database.display()))
            .env("AMIGO_AYON_URL", ayon_url)
            .env("AMIGO_AYON_API_KEY", api_key)
            .env("AMIGO_AMI_SECRET", secret)
            .envs(more.iter().copied())
            .stderr(File::create(home.path().join("amigo.log"))?)
            .current_dir(home.path())
            .stdin(Stdio::null())
            .spawn()?;
        let mut amigo = Self {
            child,
            url: format!("http://{listen}"),
            _home: home,
        };
        amigo.ready(client).await?;
        Ok(amigo)
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    async fn ready(&mut self, client: &Client) -> Outcome<()> {
        let started = Instant::now();
        while started.elapsed() < START {
            if let Some(status) = self.child.try_wait()? {
                return Err(format!("amigo ended while it was started: {status}").into());
            }
            let asked = client.get(format!("{}/readyz", self.url)).send().await;
            if let Ok(answer) = asked
                && answer.status().is_success()
                && answer.text().await?.contains("\"flow_site\":\"")
            {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Err("amigo was not ready in time".into())
    }
}

impl Drop for Amigo {
    fn drop(&mut self) {
        // An error means that it has ended already.
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}
