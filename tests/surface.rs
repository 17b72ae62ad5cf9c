//! docs/surface.tsv says, row by row, where each promise of Python's `ssl` module is kept;
//! docs/beyond.tsv the same of what is there besides. Here: that they tell the truth.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

/// How many rows the specification has.
const ROWS: usize = 582;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The rows of a table, without its head.
fn rows(path: &Path) -> Vec<Vec<String>> {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    let fields = |line: &str| line.split('\t').map(str::to_owned).collect();
    text.lines().skip(1).map(fields).collect()
}

fn ids(rows: &[Vec<String>]) -> Vec<&str> {
    rows.iter().map(|row| &*row[0]).collect()
}

/// What the header has: functions, constants and types.
fn header() -> HashSet<String> {
    let text = fs::read_to_string(root().join("include/tlswrap.h")).unwrap();
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let words = code.flat_map(|line| line.split(move |c| !is_name(c)));
    words.filter(|word| word.to_lowercase().starts_with("tlsw_")).map(str::to_owned).collect()
}

/// Whether a file of the tests has a test of this name that is run.
fn is_a_test(text: &str, name: &str, is_rust: bool) -> bool {
    if !is_rust {
        return text.contains(&format!("int {name}("));
    }
    let Some(at) = text.find(&format!("fn {name}() {{")) else { return false };
    let attributes = text[..at].rsplit("\n\n").next().unwrap();
    attributes.contains("#[test]") && !attributes.contains("#[ignore")
}

/// What is wrong with the rows of a table.
fn problems(rows: &[Vec<String>]) -> Vec<String> {
    let known = header();
    let mut files = HashMap::new();
    let mut seen = HashSet::new();
    let mut wrong = Vec::new();
    for row in rows {
        let [id, names, status, tests] = &row[..] else {
            wrong.push(format!("{row:?}: not four fields"));
            continue;
        };
        let mut say = |what: String| wrong.push(format!("{id}: {what}"));
        if !seen.insert(id) {
            say("a second row".to_owned());
        }
        if !["done", "limit"].contains(&&**status) {
            say(format!("status \"{status}\""));
        }
        for name in names.split("; ").filter(|name| !known.contains(*name)) {
            say(format!("the header has no {name}"));
        }
        for test in tests.split("; ") {
            let Some((file, name)) = test.split_once("::") else {
                say(format!("\"{test}\" is no FILE::TEST"));
                continue;
            };
            let text = files.entry(file.to_owned()).or_insert_with(|| {
                fs::read_to_string(root().join("tests").join(file)).unwrap_or_default()
            });
            if !is_a_test(text, name, file.ends_with(".rs")) {
                say(format!("there is no test {name} in tests/{file}"));
            }
        }
    }
    wrong
}

#[test]
fn every_row_names_what_there_is() {
    for table in ["surface", "beyond"] {
        let rows = rows(&root().join(format!("docs/{table}.tsv")));
        let wrong = problems(&rows);
        assert!(wrong.is_empty(), "docs/{table}.tsv:\n{}", wrong.join("\n"));
    }
}

#[test]
fn what_is_wrong_with_a_row_is_noticed() {
    let row = |fields: [&str; 4]| fields.map(str::to_owned).to_vec();
    let this = "surface.rs::what_is_wrong_with_a_row_is_noticed";
    let good = row(["a", "tlsw_ctx_new; TLSW_OK; tlsw_conn", "done", this]);
    assert_eq!(problems(&[good.clone(), row(["b", "TLSW_NONE", "limit", this])]), [""; 0]);
    for (bad, word) in [
        (row(["b", "tlsw_ctx_new", "open", this]), "status"),
        (row(["b", "tlsw_ctx_ne", "done", this]), "no tlsw_ctx_ne"),
        (row(["b", "", "done", this]), "the header has no"),
        (row(["b", "tlsw_ctx_new", "done", ""]), "FILE::TEST"),
        (row(["b", "tlsw_ctx_new", "done", "surface.rs::no_such_test"]), "no test"),
        // A function, but no test.
        (row(["b", "tlsw_ctx_new", "done", "surface.rs::header"]), "no test"),
        (row(["b", "tlsw_ctx_new", "done", "nowhere.rs::a"]), "no test"),
        (row(["b", "tlsw_ctx_new", "done", "c/fork.c::maine"]), "no test"),
        (good.clone(), "second row"),
        (row(["b", "tlsw_ctx_new", "done", this])[..3].to_vec(), "four fields"),
    ] {
        let wrong = problems(&[good.clone(), bad]);
        assert!(wrong.len() == 1 && wrong[0].contains(word), "{word}: {wrong:?}");
    }
}

#[test]
fn every_row_of_the_specification_is_there_in_its_order() {
    let ours = rows(&root().join("docs/surface.tsv"));
    assert_eq!(ours.len(), ROWS, "rows in docs/surface.tsv");
    // It is not part of the repository.
    let specification = root().join("../shared/spec/surface.tsv");
    if !specification.exists() {
        println!("skipped the comparison: there is no {}", specification.display());
        return;
    }
    let specified = rows(&specification);
    for (ours, specified) in ids(&ours).into_iter().zip(ids(&specified)) {
        assert_eq!(ours, specified, "the order");
    }
    assert_eq!(specified.len(), ROWS);
}
