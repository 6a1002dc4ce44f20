//! The binary `lianwang`: everything is in the library, where tests can reach it.

/// Judging allocates and frees a few hundred small texts a record, on all cores.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    gateway::cli::main(std::env::args_os())
}
