//! `seeds FOLDER` writes the seeds that are made anew each time: see seeds.rs.

mod entries;
#[path = "../tests/pki/pki.rs"]
mod pki;
mod seeds;

use std::error::Error;
use std::fs;
use std::path::Path;

// BoringSSL's runtime; with the targets it comes with the fuzzer.
#[link(name = "stdc++")]
unsafe extern "C" {}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args_os().nth(1).ok_or("usage: seeds FOLDER")?;
    let folder = Path::new(&folder);
    let mut failed = None;
    seeds::make(&mut |entry, name, content| {
        let place = folder.join(entry);
        let written = fs::create_dir_all(&place)
            .and_then(|()| fs::write(place.join(name.replace('/', "-")), content));
        failed = failed.take().or(written.err());
    })?;
    Ok(failed.map_or(Ok(()), Err)?)
}
