//! The binary `lianwang`: everything is in the library, where tests can reach it.

fn main() -> std::process::ExitCode {
    gateway::cli::main(std::env::args_os())
}
