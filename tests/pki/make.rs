//! `make-certs DIR` writes the test certificates of `pki.rs` into DIR, fresh at every run.

mod pki;

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(dir), None) = (arguments.next(), arguments.next()) else {
        eprintln!("usage: make-certs DIR");
        return ExitCode::from(2);
    };
    match pki::make(Path::new(&dir)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("make-certs: {}: {error}", Path::new(&dir).display());
            ExitCode::FAILURE
        }
    }
}
