//! x509-limbo (https://x509-limbo.com): thousands of certificate chains, each with the verdict that
//! a verifier should come to. It is not part of the repository: name its `limbo.json`, or that
//! packed by xz, on the command line (`cargo test --test limbo -- FILE`) or in `TLSWRAP_LIMBO`.
//!
//! The verification is asked without a handshake, with and without the strict rules.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

use serde_json::Value;
use tlswrap::bssl::buffer::Buffer;
use tlswrap::bssl::crl::Crl;
use tlswrap::bssl::x509::{self, PeerName, Purpose};
use tlswrap::ctx::trust::Trust;
use tlswrap::error::Error;
use tlswrap::verify::level::Level;
use tlswrap::verify::{Standard, Verdict, flag, judge};

/// How many cases have to come out as they should, and how many may be refused that should not.
const LEAST_AGREED: [(&str, u32, usize, usize); 2] = [
    ("strict", flag::STRICT | flag::PARTIAL_CHAIN, 9_740, 3),
    ("not strict", flag::PARTIAL_CHAIN, 9_732, 3),
];

/// How much of a processor's time one case may take.
const LONGEST: Duration = Duration::from_millis(50);

fn main() -> ExitCode {
    let named =
        std::env::args_os().skip(1).find(|argument| !argument.as_encoded_bytes().starts_with(b"-"));
    let named = named.filter(|name| Path::new(name).is_file());
    let Some(path) = named.or_else(|| std::env::var_os("TLSWRAP_LIMBO")).map(PathBuf::from) else {
        println!("limbo: skipped, for no limbo.json is named (TLSWRAP_LIMBO, or the command line)");
        return ExitCode::SUCCESS;
    };
    let limbo: Value = serde_json::from_slice(&read(&path)).expect("limbo.json");
    let cases = limbo["testcases"].as_array().expect("test cases");
    let mut all_well = true;
    for (what, flags, least, most_refused) in LEAST_AGREED {
        let table = run(cases, flags);
        let total = table.print(what);
        all_well &= total.agreed >= least && total.false_rejects <= most_refused;
        if table.slowest.0 > LONGEST {
            println!("  the slowest case took longer than {LONGEST:?}");
            all_well = false;
        }
    }
    if all_well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The file, unpacked.
fn read(path: &Path) -> Vec<u8> {
    if path.extension().is_some_and(|end| end == "xz") {
        let unpacked = Command::new("xz").arg("-dkc").arg(path).output().expect("xz");
        assert!(unpacked.status.success(), "xz cannot unpack {}", path.display());
        return unpacked.stdout;
    }
    std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[derive(Clone, Copy, Default)]
struct Count {
    agreed: usize,
    false_accepts: usize,
    false_rejects: usize,
}

#[derive(Default)]
struct Table {
    categories: BTreeMap<String, Count>,
    wrong: Vec<String>,
    slowest: (Duration, String),
    all: Duration,
}

impl Table {
    fn print(&self, what: &str) -> Count {
        println!("\n{what:<24}{:>8}{:>15}{:>15}", "agree", "false accepts", "false rejects");
        let mut total = Count::default();
        for (category, count) in &self.categories {
            let Count { agreed, false_accepts, false_rejects } = count;
            println!("{category:<24}{agreed:>8}{false_accepts:>15}{false_rejects:>15}");
            total.agreed += agreed;
            total.false_accepts += false_accepts;
            total.false_rejects += false_rejects;
        }
        let Count { agreed, false_accepts, false_rejects } = total;
        println!("{:<24}{agreed:>8}{false_accepts:>15}{false_rejects:>15}", "all");
        println!("  {:?} for all; the slowest {:?}, {}", self.all, self.slowest.0, self.slowest.1);
        for line in &self.wrong {
            println!("  {line}");
        }
        total
    }
}

/// The time that this thread has had a processor.
fn processor_time() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut time) };
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

fn run(cases: &[Value], flags: u32) -> Table {
    let mut table = Table::default();
    for case in cases {
        let id = case["id"].as_str().expect("an identifier");
        let should_hold = case["expected_result"] == "SUCCESS";
        let start = processor_time();
        let verdict = verdict(case, flags);
        let took = processor_time() - start;
        table.all += took;
        if took > table.slowest.0 {
            table.slowest = (took, id.to_owned());
        }
        let category = id.split("::").next().unwrap_or_default().to_owned();
        let count = table.categories.entry(category).or_default();
        match (should_hold, &verdict) {
            (true, Ok(())) | (false, Err(_)) => count.agreed += 1,
            (true, Err(why)) => {
                count.false_rejects += 1;
                table.wrong.push(format!("refused: {id}: {why}"));
            }
            (false, Ok(())) => {
                count.false_accepts += 1;
                table.wrong.push(format!("accepted: {id}"));
            }
        }
    }
    table
}

/// What the verification comes to; the error is why not.
fn verdict(case: &Value, flags: u32) -> Result<(), String> {
    let buffer = |pem: &Value| Buffer::new(&der(pem)?).map_err(|error| words(&error));
    let parsed = |pem: &Value| x509::parse(&buffer(pem)?).map_err(|error| words(&error));
    let anchors: Vec<_> =
        list(&case["trusted_certs"]).iter().map(parsed).collect::<Result<_, _>>()?;
    let crl = |pem: &Value| Crl::parse(&der(pem)?).map(|(crl, _)| crl).map_err(|e| words(&e));
    let crls: Vec<_> = list(&case["crls"]).iter().map(crl).collect::<Result<_, _>>()?;
    let has_lists = !crls.is_empty();
    let trust = Trust::new(anchors, Vec::new(), Vec::new()).with_crls(crls);
    let sent =
        std::iter::once(&case["peer_certificate"]).chain(list(&case["untrusted_intermediates"]));
    let sent: Vec<_> = sent.map(buffer).collect::<Result<_, _>>()?;
    let name = name(&case["expected_peer_name"]);
    let standard = Standard {
        anchors: &trust,
        purpose: if case["validation_kind"] == "CLIENT" {
            Purpose::Client
        } else {
            Purpose::Server
        },
        name: name.as_ref(),
        common_name: false,
        flags: if has_lists { flags | flag::CRL_CHECK } else { flags },
        level: Level::default(),
        at: case["validation_time"].as_str().map(seconds),
        depth: case["max_chain_depth"].as_u64().map(|depth| depth as usize),
    };
    match judge(&sent, &standard) {
        Ok(Verdict::Verified(_)) => Ok(()),
        Ok(Verdict::Refused(refusal)) => Err(words(&refusal.error())),
        Err(error) => Err(words(&error)),
    }
}

fn words(error: &Error) -> String {
    error.detail().message.to_string()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn der(pem: &Value) -> Result<Vec<u8>, String> {
    let text = pem.as_str().expect("PEM");
    let block = tlswrap::pem::blocks(text.as_bytes()).next().ok_or("no PEM block")?;
    block.and_then(|block| block.decode()).map_err(|error| error.to_string())
}

fn name(value: &Value) -> Option<PeerName> {
    let name = value["value"].as_str()?;
    match value["kind"].as_str()? {
        "DNS" => Some(PeerName::Dns(name.to_owned())),
        "IP" => Some(PeerName::Ip(name.parse().expect("an address"))),
        other => panic!("a name of the unknown kind {other}"),
    }
}

/// `2024-01-01T00:00:00+00:00`, or with `Z`, as seconds since 1970; parts of a second count down.
fn seconds(text: &str) -> i64 {
    use time::format_description::well_known::Rfc3339;
    time::OffsetDateTime::parse(text, &Rfc3339).expect("a time").unix_timestamp()
}
