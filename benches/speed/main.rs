//! The figures of the README, by one command: `cargo bench --bench speed`, or a part of them by its name, such as
//! `cargo bench --bench speed -- door`.
//!
//! It ends by itself, and fails only when something does not work; slow or many is shown, not punished.

mod amigo_process;
mod bare;
mod crowd;
mod door;
mod journey;
mod load;
mod memory;
mod moving;
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
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with("--"))
        .collect();
    if words.first().is_some_and(|word| word == bare::WORD) {
        return bare::serve();
    }
    let wants = |part: &str| words.is_empty() || words.iter().any(|word| word == part);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    table::title(&format!(
        "{} cores, {}",
        cores,
        memory::processor().unwrap_or_else(|| std::env::consts::ARCH.to_owned())
    ));
    if wants("planning") {
        planning::measure()?;
    }
    if wants("moving") {
        moving::pure()?;
    }
    if wants("users") {
        crowd::pure()?;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    if wants("journey") {
        runtime.block_on(journey::measure())?;
    }
    if wants("moving") {
        runtime.block_on(moving::preview())?;
    }
    if wants("users") {
        runtime.block_on(crowd::everybody())?;
    }
    if wants("door") {
        runtime.block_on(door::measure())?;
    }
    Ok(())
}
