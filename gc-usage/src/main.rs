//! The command `gc-usage`.

fn main() -> std::process::ExitCode {
    gc_usage::main()
}
