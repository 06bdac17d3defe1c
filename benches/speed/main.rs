//! The figures of the README, by one command: `cargo bench --bench speed`.
//!
//! It ends by itself, and fails only when something does not work; slow or many is shown, not punished.

mod amigo_process;
mod journey;
mod memory;
mod planning;
mod table;

use std::process::ExitCode;

use tikv_jemallocator::Jemalloc;

/// The heap that the server has, so that planning costs here what it costs there.
#[global_allocator]
static HEAP: Jemalloc = Jemalloc;

/// Whatever went wrong, in words.
type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

fn main() -> ExitCode {
    match measure() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("speed: {error}");
            ExitCode::FAILURE
        }
    }
}

fn measure() -> Outcome<()> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    table::title(&format!(
        "{} cores, {}",
        cores,
        memory::processor().unwrap_or_else(|| std::env::consts::ARCH.to_owned())
    ));
    planning::measure()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(journey::measure())
}
