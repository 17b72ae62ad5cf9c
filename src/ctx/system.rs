//! The system's roots: one parse for the whole process.

use std::fs::{self, Metadata};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use super::load::lenient;
use super::places::Places;
use super::trust::Trust;
use crate::error::shown;
use crate::io::file;

/// What the environment and the files said when the roots were read: the same again means the
/// roots need not be read again.
#[derive(PartialEq, Eq)]
struct Source {
    places: Places,
    stamp: Option<(u64, Option<SystemTime>)>,
}

static LAST: Mutex<Option<(Source, Arc<Trust>)>> = Mutex::new(None);

impl Source {
    fn find() -> Self {
        let places = Places::find();
        let stamp = places
            .file
            .as_ref()
            .and_then(|path| fs::metadata(path).ok())
            // What a pipe held cannot be read again.
            .filter(Metadata::is_file)
            .map(|meta| (meta.len(), meta.modified().ok()));
        Self { places, stamp }
    }

    fn read(&self) -> Trust {
        let mut anchors = Vec::new();
        let mut places = Vec::new();
        let mut lacks = false;
        if let Some(path) = &self.places.file {
            match file::read(path) {
                Ok(data) => {
                    let found = lenient(&data).certificates;
                    anchors = found.into_iter().map(|cert| cert.x509).collect();
                    places.push(format!("{} of {}", count(anchors.len(), "root"), shown(path)));
                }
                Err(error) => {
                    lacks = true;
                    let (place, said) = (shown(path), &error.detail().message);
                    let why = said.strip_prefix(&place).and_then(|rest| rest.strip_prefix(": "));
                    let why = why.unwrap_or(said);
                    places.push(format!("nothing of {place}, which cannot be read: {why}"));
                }
            }
        }
        for directory in &self.places.directories {
            places.push(format!("the directory {}", shown(directory)));
        }
        if places.is_empty() {
            places.push(
                "no system roots: none of the usual files and directories exists; set \
                 SSL_CERT_FILE or load a CA"
                    .to_owned(),
            );
        }
        Trust::new(anchors, self.places.directories.clone(), places).lacking(lacks)
    }
}

fn count(n: usize, what: &str) -> String {
    format!("the {n} {what}{}", if n == 1 { "" } else { "s" })
}

/// The system's roots as they are now.
pub(super) fn roots() -> Arc<Trust> {
    let source = Source::find();
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    match &*last {
        Some((known, trust)) if *known == source => Arc::clone(trust),
        _ => {
            let trust = Arc::new(source.read());
            // That they cannot be read now says nothing about the next time.
            if !trust.lacks() {
                *last = Some((source, Arc::clone(&trust)));
            }
            trust
        }
    }
}
