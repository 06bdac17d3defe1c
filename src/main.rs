//! The `amigo` binary: parses the command line and hands over to the library.

use std::process::ExitCode;

use tikv_jemallocator::Jemalloc;

/// A plan of thousands of rows is many small pieces on several threads. The C library's heap keeps a part for each
/// thread and what was freed in it, which took half as much memory again, and more time.
#[global_allocator]
static HEAP: Jemalloc = Jemalloc;

fn main() -> ExitCode {
    amigo::cli::main()
}
