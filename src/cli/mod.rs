//! The command line: one file a command. Exit codes are a promise to scripts (interface.md).

mod apply;
mod capture;
mod demo;
mod home;
mod output;
mod plan;
mod replay;
mod sandbox;
mod serve;
mod signals;
mod verify;

pub use home::Home;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Parser, Subcommand};

use crate::config::Settings;

/// See exactly what Flow would change in AYON, then apply it.
#[derive(Parser)]
#[command(name = "amigo", version, arg_required_else_help = true)]
struct Arguments {
    /// Configuration file; `config/amigo.toml` when present.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// A Flow site, an AYON server and amigo in one process, with a small production to play with.
    Demo(demo::Demo),
    /// The server, from configuration.
    Serve,
    /// One stand-in alone: a Flow site or an AYON server.
    #[command(subcommand)]
    Sandbox(sandbox::Sandbox),
    /// The same plan as the page, without a browser.
    Plan(plan::PlanCommand),
    /// Applies a plan that `amigo plan --out` saved.
    Apply(apply::ApplyCommand),
    /// Whether a post of a menu item would be believed.
    Verify(verify::VerifyCommand),
    /// Records the next posts of menu items, without whose they are. Plans nothing.
    Capture(capture::CaptureCommand),
    /// Signs recorded posts anew and posts them to amigo.
    Replay(replay::ReplayCommand),
}

/// Threads that runs work on, beside those of the web server. They mostly wait for Flow and AYON; each one more
/// holds some ten megabytes that another has given back.
const RUNNERS: usize = 1;
/// Something went wrong, wrong usage included.
const ERROR: u8 = 1;

/// Runs the program.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Nothing can be said when the terminal is gone.
            let _printed = error.print();
            return if error.use_stderr() {
                ExitCode::from(ERROR)
            } else {
                ExitCode::SUCCESS
            };
        }
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .worker_threads(RUNNERS)
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return fail(&anyhow::Error::from(error).context("no threads could be started")),
    };
    match runtime.block_on(run(arguments)) {
        Ok(code) => ExitCode::from(code),
        Err(error) => fail(&error),
    }
}

async fn run(arguments: Arguments) -> anyhow::Result<u8> {
    match arguments.command {
        Command::Demo(demo) => demo.run().await,
        Command::Sandbox(sandbox) => sandbox.run().await,
        Command::Serve => serve::run(configured(arguments.config)?).await,
        Command::Plan(plan) => plan.run(configured(arguments.config)?).await,
        Command::Apply(apply) => apply.run(configured(arguments.config)?).await,
        Command::Verify(verify) => verify.run(&*configured(arguments.config)?),
        Command::Capture(capture) => capture.run(configured(arguments.config)?).await,
        Command::Replay(replay) => replay.run(&*configured(arguments.config)?).await,
    }
}

/// Reads the configuration and starts the log.
fn configured(file: Option<PathBuf>) -> anyhow::Result<Arc<Settings>> {
    let environment: BTreeMap<String, String> = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    let settings = Settings::load(file.as_deref(), &environment)?;
    crate::telemetry::start(&settings.log, settings.log_format)?;
    Ok(Arc::new(settings))
}

/// Prints an error with its causes, for people.
fn fail(error: &anyhow::Error) -> ExitCode {
    let mut causes: Vec<String> = Vec::new();
    for cause in error.chain().map(ToString::to_string) {
        // Many errors repeat their cause; once is enough.
        if !causes.iter().any(|earlier| earlier.contains(&cause)) {
            causes.push(cause);
        }
    }
    output::complain(&causes.join(": "));
    ExitCode::from(ERROR)
}
