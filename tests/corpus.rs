//! What the fuzzers are given, once through the same entries without a fuzzer: the files of
//! fuzz/corpus, and the seeds that are made anew each time. No corpus is dead, and none is a key.

#[path = "../fuzz/entries/mod.rs"]
mod entries;
#[path = "pki/pki.rs"]
mod pki;
#[path = "../fuzz/seeds.rs"]
mod seeds;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::ptr::null;

use entries::ENTRIES;
use entries::common::{Ctx, TLSW_SERVER, call, tlsw_ctx_load_cert_chain_mem};

/// The largest file that is kept.
const LARGEST: usize = 4096;

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz")
}

fn names(folder: &Path) -> Vec<String> {
    let name = |entry: std::io::Result<fs::DirEntry>| entry.unwrap().file_name();
    let all = fs::read_dir(folder).unwrap().map(name);
    let mut names: Vec<_> = all.map(|name| name.into_string().unwrap()).collect();
    names.sort();
    names
}

/// Runs an input, and says which it was if it panics.
fn run(entry: &str, name: &str, content: &[u8]) {
    let (_, entry_of) = ENTRIES.iter().find(|(known, _)| *known == entry).unwrap();
    let ended = std::panic::catch_unwind(|| entry_of(content));
    assert!(ended.is_ok(), "{entry}: {name}");
}

#[test]
fn every_entry_has_a_target_a_corpus_and_a_row() {
    let entries: Vec<_> = ENTRIES.iter().map(|(name, _)| (*name).to_owned()).collect();
    let targets: Vec<_> = names(&fuzz().join("fuzz_targets"))
        .iter()
        .map(|name| name.trim_end_matches(".rs").to_owned())
        .collect();
    assert_eq!(entries, targets);
    assert_eq!(entries, names(&fuzz().join("corpus")));
    let manifest = fs::read_to_string(fuzz().join("Cargo.toml")).unwrap();
    let readme = fs::read_to_string(fuzz().join("README.md")).unwrap();
    for entry in entries {
        let target = fs::read_to_string(fuzz().join(format!("fuzz_targets/{entry}.rs"))).unwrap();
        assert!(target.contains(&format!("entries::{entry}::run(data)")), "{entry}");
        assert!(manifest.contains(&format!("\nname = \"{entry}\"\n")), "{entry}");
        assert!(readme.contains(&format!("| `{entry}` |")), "{entry}");
    }
}

#[test]
fn every_input_that_is_kept_runs_through_its_entry() {
    for (entry, _) in ENTRIES {
        let folder = fuzz().join("corpus").join(entry);
        let names = names(&folder);
        assert!(names.len() >= 3, "{entry}");
        for name in names {
            let content = fs::read(folder.join(&name)).unwrap();
            assert!(content.len() <= LARGEST, "{entry}: {name}: it is large");
            run(entry, &name, &content);
        }
    }
}

#[test]
fn no_input_that_is_kept_is_a_key() {
    for entry in ["key", "pem", "pem_ca"] {
        let folder = fuzz().join("corpus").join(entry);
        for name in names(&folder) {
            let key = fs::read(folder.join(&name)).unwrap();
            let ctx = Ctx::new(TLSW_SERVER);
            let (chain, _) = entries::common::identity();
            let (data, len) = (chain.as_ptr(), chain.len());
            // SAFETY: a live context, pointers and lengths of slices, NULL for no password.
            let loaded = call(|err| unsafe {
                let key = (key.as_ptr(), key.len());
                tlsw_ctx_load_cert_chain_mem(ctx.0, data, len, key.0, key.1, null(), 0, err)
            });
            let error = loaded.unwrap_err();
            // A key that is none of the certificate's is a key all the same.
            assert!(!error.contains("KEY_VALUES_MISMATCH"), "{entry}: {name}: {error}");
        }
    }
}

#[test]
fn every_seed_that_is_made_runs_through_its_entry() {
    let mut counts = BTreeMap::new();
    seeds::make(&mut |entry, name, content| {
        *counts.entry(entry.to_owned()).or_insert(0) += 1;
        run(entry, name, content);
    })
    .unwrap();
    let made: Vec<_> = counts.keys().map(String::as_str).collect();
    let expected =
        ["calls", "cert", "client_wire", "key", "pem", "pem_ca", "server_wire", "session"];
    assert_eq!(made, expected);
    assert!(counts.values().all(|count| *count >= 2), "{counts:?}");
}
