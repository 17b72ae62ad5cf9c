//! Who may import whom: the law of the map in src/lib.rs, and what else holds the rooms apart.

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Every room, and what it may use: rooms of ours and crates of others.
const LAW: [(&str, &[&str]); 16] = [
    ("error", &["cert"]),
    ("json", &[]),
    ("pem", &["cert", "data_encoding", "zeroize"]),
    ("cert", &["error", "json", "data_encoding"]),
    ("io", &["error", "libc", "zeroize"]),
    ("bssl", &["error", "io", "boring", "boring_sys", "foreign_types", "once_cell", "zeroize"]),
    ("verify", &["bssl", "cert", "error", "boring"]),
    ("hooks", &["session", "bssl", "error"]),
    (
        "ctx",
        &[
            "hooks",
            "verify",
            "bssl",
            "io",
            "cert",
            "json",
            "pem",
            "error",
            "boring",
            "once_cell",
            "zeroize",
        ],
    ),
    ("session", &["verify", "ctx", "bssl", "error", "boring", "zeroize"]),
    (
        "conn",
        &[
            "error", "json", "pem", "cert", "io", "bssl", "verify", "hooks", "ctx", "session",
            "boring", "idna", "zeroize",
        ],
    ),
    ("stores", &["error", "json", "data_encoding"]),
    ("terminal", &["error", "libc"]),
    ("sockets", &["error", "io", "conn", "ctx", "bssl"]),
    ("fetch", &["error", "io", "conn", "ctx", "bssl", "cert", "sockets"]),
    (
        "ffi",
        &[
            "error",
            "json",
            "pem",
            "cert",
            "io",
            "bssl",
            "verify",
            "hooks",
            "ctx",
            "session",
            "conn",
            "stores",
            "terminal",
            "sockets",
            "fetch",
            "libc",
            "zeroize",
            "data_encoding",
        ],
    ),
];

/// Where `unsafe` may stand: two rooms and these files.
const UNSAFE: [&str; 9] = [
    "bssl/",
    "ffi/",
    "io/cancel.rs",
    "io/environment.rs",
    "io/fd.rs",
    "io/quiet.rs",
    "conn/lease.rs",
    "stores.rs",
    "terminal.rs",
];

/// Crates that only these files of their room may use.
const ALONE: [(&str, &str, &[&str]); 1] = [(
    "io",
    "libc",
    &["io/append.rs", "io/environment.rs", "io/fd.rs", "io/file.rs", "io/quiet.rs"],
)];

/// A source file: its path below src, and its lines without comments.
struct Source {
    path: String,
    code: String,
}

impl Source {
    fn room(&self) -> &str {
        self.path.split(['/', '.']).next().unwrap()
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

fn sources() -> Vec<Source> {
    fn collect(dir: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(&path, found);
            } else if path.extension().is_some_and(|end| end == "rs") {
                found.push(path);
            }
        }
    }
    let src = root().join("src");
    let mut paths = Vec::new();
    collect(&src, &mut paths);
    assert!(paths.len() > 30, "the sources are elsewhere: {paths:?}");
    let read = |path: PathBuf| {
        let code = fs::read_to_string(&path).unwrap();
        let code: Vec<_> = code.lines().map(|line| line.split("//").next().unwrap()).collect();
        let path = path.strip_prefix(&src).unwrap().to_str().unwrap().to_owned();
        Source { path, code: code.join("\n") }
    };
    paths.into_iter().map(read).collect()
}

/// Where `word` stands by itself in `code`: what follows it, each time.
fn after<'a>(code: &'a str, word: &'a str) -> impl Iterator<Item = &'a str> {
    let is_part = |char: char| char.is_alphanumeric() || char == '_';
    code.match_indices(word).filter_map(move |(at, _)| {
        let (before, rest) = (&code[..at], &code[at + word.len()..]);
        let alone = !before.ends_with(is_part) && !before.ends_with("::");
        (alone && !(word.ends_with(is_part) && rest.starts_with(is_part))).then_some(rest)
    })
}

/// The name that `code` begins with.
fn name(code: &str) -> &str {
    code.split(|char: char| !char.is_alphanumeric() && char != '_').next().unwrap()
}

/// The crates that Cargo.toml names under [dependencies], as code writes them, and their versions.
fn dependencies() -> BTreeMap<String, String> {
    let manifest = text("Cargo.toml");
    let section = manifest.split("\n[dependencies]\n").nth(1).unwrap();
    let section = section.split("\n[").next().unwrap();
    let lines = section.lines().filter(|line| !line.starts_with('#'));
    let pair = |(name, version): (&str, &str)| {
        (name.trim().replace('-', "_"), version.trim().trim_matches('"').to_owned())
    };
    lines.filter_map(|line| line.split_once('=')).map(pair).collect()
}

#[test]
fn rooms_use_only_what_they_may() {
    let law = BTreeMap::from(LAW);
    let dependencies = dependencies();
    let mut broken = Vec::new();
    for source in sources() {
        let (path, room) = (&source.path, source.room());
        if room == "lib" {
            continue;
        }
        let may = law.get(room).unwrap_or_else(|| panic!("the law does not know {path}"));
        let mut uses: Vec<&str> = after(&source.code, "crate::").map(name).collect();
        assert!(!uses.contains(&""), "{path}: import from one room of `crate` a line");
        // The same, by another way: from a room's own file `super` is the crate.
        let up = if path.contains('/') && !path.ends_with("mod.rs") {
            "super::super::"
        } else {
            "super::"
        };
        uses.extend(after(&source.code, up).map(name).filter(|name| law.contains_key(name)));
        uses.extend(dependencies.keys().map(String::as_str).filter(|name| {
            after(&source.code, name)
                .any(|rest| rest.starts_with("::") || rest.starts_with(" as ") || rest == ";")
        }));
        uses.retain(|used| *used != room);
        broken.extend(
            uses.iter().filter(|used| !may.contains(used)).map(|used| format!("{path}: {used}")),
        );
        for (of, used, only) in ALONE {
            if room == of && uses.contains(&used) && !only.contains(&path.as_str()) {
                broken.push(format!("{path}: {used} is for {only:?} only"));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn the_map_says_the_same() {
    let map = text("src/lib.rs");
    for (room, may) in LAW {
        let row = map.lines().find(|line| {
            line.split('|').nth(1).is_some_and(|cell| cell.contains(&format!("`{room}`")))
        });
        let row = row.unwrap_or_else(|| panic!("the map in src/lib.rs lacks {room}"));
        let said = row.rsplit('|').nth(1).unwrap();
        let mut missing: Vec<_> = may.iter().map(|used| used.replace('_', "-")).collect();
        missing.retain(|used| {
            let above = said.contains("all above") && LAW.iter().any(|(room, _)| room == used);
            !above && after(said, used).next().is_none()
        });
        assert!(missing.is_empty(), "src/lib.rs does not say of {room}: {missing:?}");
    }
}

#[test]
fn unsafe_stands_where_it_may() {
    for Source { path, code } in sources() {
        let allowed = UNSAFE.iter().any(|place| path.starts_with(place));
        let is_used = after(&code, "unsafe").next().is_some();
        assert!(allowed || !is_used, "unsafe in {path}");
        let allows = after(&code, "unsafe_code").next().is_some();
        assert!(allowed || !allows || path == "lib.rs", "{path} allows unsafe");
    }
    assert!(text("src/lib.rs").contains("#![deny(unsafe_code,"));
}

#[test]
fn every_exported_function_is_one_of_the_doors() {
    let mut count = 0;
    for Source { path, code } in sources() {
        for function in code.split("#[unsafe(no_mangle)]").skip(1) {
            assert!(path.starts_with("ffi/"), "an exported function in {path}");
            count += 1;
            let name = name(function.split("fn ").nth(1).unwrap());
            let body = function.split("{\n").skip(1).collect::<Vec<_>>().join("{\n");
            let body = body.split("\n}").next().unwrap();
            // What rustfmt leaves at the first level: one statement, and perhaps its end.
            let first_level = |line: &&str| line.starts_with("    ") && !line.starts_with("     ");
            let statement: Vec<_> = body.lines().filter(first_level).map(str::trim).collect();
            let door = statement[0].split('(').next().unwrap();
            let ends = matches!(statement[1..], [] | ["})" | "});"]);
            assert!(
                matches!(door, "enter" | "enter_often" | "ask" | "question") && ends,
                "{name}: all of it must be one call of enter, enter_often, ask or question: {statement:#?}"
            );
        }
    }
    let header = text("include/tlswrap.h");
    assert_eq!(count, header.matches("\nTLSW_API\n").count(), "the header has them all");
}

#[test]
fn boring_is_pinned_to_one_version() {
    let dependencies = dependencies();
    let version = dependencies["boring"].strip_prefix('=').expect("pinned exactly");
    assert_eq!(dependencies["boring"], dependencies["boring_sys"]);
    let lock = text("Cargo.lock");
    for name in ["boring", "boring-sys"] {
        let locked: Vec<_> =
            lock.split(&format!("name = \"{name}\"\nversion = ")).skip(1).collect();
        assert_eq!(locked.len(), 1, "{name} is there once");
        assert!(locked[0].starts_with(&format!("\"{version}\"")), "{name} is locked to {version}");
    }
    let told = unsafe { std::ffi::CStr::from_ptr(support::tlsw_backend_version()) };
    assert!(told.to_str().unwrap().contains(&format!("boring-sys {version}")), "{told:?}");
}

#[test]
fn every_status_has_its_name_and_its_number() {
    let types = text("src/ffi/types.rs");
    let mut seen = BTreeMap::new();
    for line in types.lines().filter(|line| line.contains(": tlsw_status = ")) {
        let declared = line.trim().strip_prefix("pub const ").unwrap();
        let (name, number) = declared.split_once(": tlsw_status = ").unwrap();
        let number: i32 = number.trim_end_matches(';').parse().unwrap();
        assert_eq!(support::name_of(number), name);
        assert_eq!(seen.insert(number, name), None, "{number} has two names");
    }
    assert_eq!(seen.len(), 21, "a new status is counted here");
    let (least, most) = (*seen.keys().next().unwrap(), *seen.keys().last().unwrap());
    assert_eq!(most - least + 1, 21, "no number is left out");
    for unknown in [least - 1, most + 1, i32::MIN, i32::MAX] {
        assert_eq!(support::name_of(unknown), "TLSW_UNKNOWN");
    }
}
