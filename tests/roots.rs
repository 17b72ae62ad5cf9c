//! The system's roots: where they are looked for, what takes their place, and what a refusal says
//! of them. Each test is alone in its process, for the environment is the process's.

mod support;
use support::*;
#[path = "support/peers.rs"]
mod peers;
use peers::{openssl, run};

use std::path::{Path, PathBuf};

const FILE: &str = "SSL_CERT_FILE";
const DIRECTORY: &str = "SSL_CERT_DIR";

/// Runs `body` in a process of its own with these environment variables; one that is not named is
/// empty, which is as good as unset.
fn with(test: &str, file: Option<&Path>, directory: Option<&Path>, body: impl FnOnce()) {
    let nothing = Path::new("");
    let variables = [(FILE, file.unwrap_or(nothing)), (DIRECTORY, directory.unwrap_or(nothing))];
    alone(test, &variables, body);
}

/// A path that no other test uses, nor another run of this one. Nothing is there.
fn path(name: &str) -> PathBuf {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR"));
    directory.join(format!("roots-{}-{name}", std::process::id()))
}

/// What an environment variable names in this process.
fn named(variable: &str) -> PathBuf {
    std::env::var_os(variable).unwrap().into()
}

/// A path that is removed at the end.
struct Fleeting(PathBuf);

impl Drop for Fleeting {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0).or_else(|_| std::fs::remove_dir_all(&self.0));
    }
}

/// What a client comes to at a server that shows NAME.chain.pem: how many certificates it
/// verified, or why it refused.
fn visit(client: &Ctx, name: &str) -> Result<usize, String> {
    let pair = Pair::new(client, &Ctx::server(name), Some("localhost"));
    match pair.handshake() {
        (Ok(()), Ok(())) => Ok(pair.client.chain(TLSW_CHAIN_VERIFIED).unwrap().unwrap().len()),
        (Err(error), Err(_)) => {
            assert_eq!((error.status, error.verify_error), (TLSW_ERR_VERIFY, 20));
            Err(error.message)
        }
        (client, server) => panic!("{client:?} {server:?}"),
    }
}

/// The same with a client that was told nothing.
fn visit_anew(name: &str) -> Result<usize, String> {
    visit(&Ctx::new(TLSW_CLIENT), name)
}

/// Checks that a server is refused, and that the message says where its issuer was looked for.
#[track_caller]
fn refused(outcome: Result<usize, String>, places: &str) {
    let message = outcome.expect_err("accepted");
    let places = format!("nor in the trust store ({places});");
    assert!(message.contains(&places), "\"{places}\" is missing in: {message}");
}

fn load_system_roots(ctx: &Ctx) {
    assert_eq!(call(|err| unsafe { tlsw_ctx_load_system_roots(ctx.0, err) }), Ok(TLSW_OK));
}

#[test]
fn the_file_that_is_named_is_trusted_and_nothing_else() {
    let file = Fleeting(path("file.pem"));
    with("the_file_that_is_named_is_trusted_and_nothing_else", Some(&file.0), None, || {
        std::fs::write(named(FILE), pki_bytes("root.pem")).unwrap();
        assert_eq!(visit_anew("localhost"), Ok(3));
        refused(visit_anew("p384"), &format!("the 1 root of {}", named(FILE).display()));
    });
}

#[test]
fn a_file_that_changes_is_read_again() {
    let file = Fleeting(path("changing.pem"));
    with("a_file_that_changes_is_read_again", Some(&file.0), None, || {
        let (file, place) = (named(FILE), named(FILE).display().to_string());
        std::fs::write(&file, pki_bytes("root.pem")).unwrap();
        assert_eq!(visit_anew("localhost"), Ok(3));
        std::fs::write(&file, pki_bytes("roots.pem")).unwrap();
        assert_eq!(visit_anew("localhost"), Ok(3));
        assert_eq!(visit_anew("p384"), Ok(3));
        refused(visit_anew("untrusted"), &format!("the 3 roots of {place}"));
        std::fs::write(&file, pki_bytes("p384-root.pem")).unwrap();
        assert_eq!(visit_anew("p384"), Ok(3));
        refused(visit_anew("localhost"), &format!("the 1 root of {place}"));
        // It goes, and comes back.
        std::fs::remove_file(&file).unwrap();
        let gone = "which cannot be read: No such file or directory (os error 2)";
        refused(visit_anew("p384"), &format!("nothing of {place}, {gone}"));
        std::fs::write(&file, pki_bytes("root.pem")).unwrap();
        assert_eq!(visit_anew("localhost"), Ok(3));
    });
}

#[test]
fn a_file_of_the_same_size_that_is_newer_is_read_again() {
    let file = Fleeting(path("newer.pem"));
    with("a_file_of_the_same_size_that_is_newer_is_read_again", Some(&file.0), None, || {
        let pad = |name: &str| {
            let mut text = pki_bytes(name);
            text.resize(4096, b'\n');
            text
        };
        std::fs::write(named(FILE), pad("root.pem")).unwrap();
        assert_eq!(visit_anew("localhost"), Ok(3));
        std::fs::write(named(FILE), pad("p384-root.pem")).unwrap();
        let later = std::time::SystemTime::now() + std::time::Duration::from_secs(2);
        std::fs::File::options()
            .append(true)
            .open(named(FILE))
            .unwrap()
            .set_modified(later)
            .unwrap();
        assert_eq!(visit_anew("p384"), Ok(3));
    });
}

#[test]
fn a_change_of_the_environment_is_noticed() {
    let file = Fleeting(path("first.pem"));
    with("a_change_of_the_environment_is_noticed", Some(&file.0), None, || {
        std::fs::write(named(FILE), pki_bytes("root.pem")).unwrap();
        assert_eq!(visit_anew("localhost"), Ok(3));
        // SAFETY: this thread is the only one that uses the environment.
        unsafe { std::env::set_var(FILE, pki("p384-root.pem")) };
        assert_eq!(visit_anew("p384"), Ok(3));
        refused(visit_anew("localhost"), &format!("the 1 root of {}", named(FILE).display()));
    });
}

#[test]
fn a_file_that_cannot_be_read_is_told_by_the_refusal() {
    let missing = path("missing.pem");
    with("a_file_that_cannot_be_read_is_told_by_the_refusal", Some(&missing), None, || {
        let reason = "which cannot be read: No such file or directory (os error 2)";
        let shown = named(FILE).display().to_string();
        refused(visit_anew("localhost"), &format!("nothing of {shown}, {reason}"));
        // What would command a terminal is no name that is shown.
        // SAFETY: this thread is the only one that uses the environment.
        unsafe { std::env::set_var(FILE, path("missing\n\u{1b}[2J.pem")) };
        let message = visit_anew("localhost").unwrap_err();
        assert!(message.contains(reason) && !message.contains("[2J"), "{message}");
        // SAFETY: as above.
        unsafe { std::env::set_var(FILE, pki("bad")) };
        refused(
            visit_anew("localhost"),
            &format!(
                "nothing of {}, which cannot be read: Is a directory (os error 21)",
                pki("bad").display()
            ),
        );
        // Making the context was no error, and it lives on.
        let client = Ctx::new(TLSW_CLIENT);
        load_system_roots(&client);
        client.load_ca_file(&pki("root.pem")).unwrap();
        assert_eq!(visit(&client, "localhost"), Ok(3));
    });
}

#[test]
fn a_file_without_certificates_has_no_roots() {
    let file = Fleeting(path("empty.pem"));
    with("a_file_without_certificates_has_no_roots", Some(&file.0), None, || {
        for content in ["", "There is nothing of use in here.\n"] {
            std::fs::write(named(FILE), content).unwrap();
            refused(visit_anew("localhost"), &format!("the 0 roots of {}", named(FILE).display()));
        }
    });
}

#[test]
fn a_broken_certificate_does_not_cost_the_others() {
    let file = Fleeting(path("broken.pem"));
    with("a_broken_certificate_does_not_cost_the_others", Some(&file.0), None, || {
        let parts =
            ["bad/truncated-der.pem", "root.pem", "bad/truncated-base64.pem", "p384-root.pem"];
        let text: Vec<u8> = parts.iter().flat_map(|part| pki_bytes(part)).collect();
        std::fs::write(named(FILE), text).unwrap();
        assert_eq!(visit_anew("localhost"), Ok(3));
        assert_eq!(visit_anew("p384"), Ok(3));
        refused(visit_anew("untrusted"), &format!("the 2 roots of {}", named(FILE).display()));
    });
}

#[test]
fn directories_are_searched_by_hash() {
    let (one, two) = (Fleeting(path("one")), Fleeting(path("two")));
    let both = std::env::join_paths([&one.0, &two.0]).unwrap();
    with("directories_are_searched_by_hash", None, Some(Path::new(&both)), || {
        let places = std::env::var(DIRECTORY).unwrap();
        let (one, two) = places.split_once(':').unwrap();
        for directory in [one, two] {
            std::fs::create_dir(directory).unwrap();
        }
        let empty = format!("the directory {one}, the directory {two}");
        refused(visit_anew("localhost"), &empty);
        for (directory, root) in [(two, "root.pem"), (one, "p384-root.pem")] {
            std::fs::write(Path::new(directory).join(root), pki_bytes(root)).unwrap();
            // Without its hash it is not found.
            let name = if root == "root.pem" { "localhost" } else { "p384" };
            refused(visit_anew(name), &empty);
            run(openssl(&["rehash", directory]));
            assert_eq!(visit_anew(name), Ok(3), "{directory}");
        }
        refused(visit_anew("untrusted"), &empty);
    });
}

#[test]
fn a_file_and_a_directory_add_up() {
    let (file, directory) = (Fleeting(path("sum.pem")), Fleeting(path("sum")));
    with("a_file_and_a_directory_add_up", Some(&file.0), Some(&directory.0), || {
        let (file, directory) = (named(FILE), named(DIRECTORY));
        std::fs::write(&file, pki_bytes("root.pem")).unwrap();
        std::fs::create_dir(&directory).unwrap();
        std::fs::write(directory.join("p384.pem"), pki_bytes("p384-root.pem")).unwrap();
        run(openssl(&["rehash", directory.to_str().unwrap()]));
        assert_eq!(visit_anew("localhost"), Ok(3));
        assert_eq!(visit_anew("p384"), Ok(3));
        refused(
            visit_anew("untrusted"),
            &format!("the 1 root of {}, the directory {}", file.display(), directory.display()),
        );
    });
}

#[test]
fn a_loaded_ca_takes_the_place_of_the_systems_roots() {
    let file = Fleeting(path("replaced.pem"));
    with("a_loaded_ca_takes_the_place_of_the_systems_roots", Some(&file.0), None, || {
        std::fs::write(named(FILE), pki_bytes("root.pem")).unwrap();
        let client = Ctx::new(TLSW_CLIENT);
        assert_eq!(visit(&client, "localhost"), Ok(3));
        client.load_ca_file(&pki("p384-root.pem")).unwrap();
        let loaded = format!("1 CA of {}", pki("p384-root.pem").display());
        assert_eq!(visit(&client, "p384"), Ok(3));
        refused(visit(&client, "localhost"), &loaded);
        // A second one adds to the first.
        client.load_ca_mem(&pki_bytes("old-root.pem")).unwrap();
        assert_eq!(visit(&client, "p384"), Ok(3));
        assert_eq!(visit(&client, "cross"), Ok(3));
        refused(visit(&client, "localhost"), &format!("{loaded}, 1 CA given in memory"));
        // What failed to load took nobody's place.
        let client = Ctx::new(TLSW_CLIENT);
        assert!(client.load_ca_mem(b"no certificate").is_err());
        assert!(client.load_ca_file(&pki("bad/second-block.pem")).is_err());
        assert_eq!(visit(&client, "localhost"), Ok(3));
    });
}

#[test]
fn the_systems_roots_can_be_added_before_or_after_a_ca() {
    let file = Fleeting(path("added.pem"));
    with("the_systems_roots_can_be_added_before_or_after_a_ca", Some(&file.0), None, || {
        std::fs::write(named(FILE), pki_bytes("root.pem")).unwrap();
        let places =
            [format!("the 1 root of {}", named(FILE).display()), "1 CA given in memory".to_owned()];
        for before in [true, false] {
            let client = Ctx::new(TLSW_CLIENT);
            if before {
                load_system_roots(&client);
            }
            client.load_ca_mem(&pki_bytes("p384-root.pem")).unwrap();
            if !before {
                refused(visit(&client, "localhost"), "1 CA given in memory");
                load_system_roots(&client);
            }
            assert_eq!(visit(&client, "localhost"), Ok(3));
            assert_eq!(visit(&client, "p384"), Ok(3));
            refused(visit(&client, "untrusted"), &places.join(", "));
        }
    });
}

#[test]
fn a_server_trusts_the_systems_roots_only_when_told() {
    let file = Fleeting(path("server.pem"));
    with("a_server_trusts_the_systems_roots_only_when_told", Some(&file.0), None, || {
        std::fs::write(named(FILE), pki_bytes("root.pem")).unwrap();
        let server = Ctx::server("localhost");
        server.set_verify_mode(TLSW_CERT_REQUIRED).unwrap();
        let client = Ctx::new(TLSW_CLIENT);
        client.load_cert_chain("client.chain.pem", "client.key.pem").unwrap();
        let pair = Pair::new(&client, &server, Some("localhost"));
        let message = pair.handshake().1.unwrap_err().message;
        assert!(message.contains("(which is empty: no CA was loaded)"), "{message}");
        load_system_roots(&server);
        let pair = Pair::connected(&client, &server, Some("localhost"));
        assert_eq!(pair.server.chain(TLSW_CHAIN_VERIFIED).unwrap().unwrap().len(), 3);
    });
}

#[test]
fn without_a_word_the_systems_own_bundle_is_trusted() {
    with("without_a_word_the_systems_own_bundle_is_trusted", None, None, || {
        const BUNDLE: &str = "/etc/ssl/certs/ca-certificates.crt";
        let bundle = std::fs::read(BUNDLE).expect("the package ca-certificates");
        let roots = peers::certificates(&bundle).len();
        assert!(roots > 50, "only {roots} roots");
        refused(visit_anew("localhost"), &format!("the {roots} roots of {BUNDLE}"));
    });
}

#[test]
fn a_failed_read_is_not_remembered() {
    let file = Fleeting(path("failed.pem"));
    with("a_failed_read_is_not_remembered", Some(&file.0), None, || {
        std::fs::write(named(FILE), pki_bytes("root.pem")).unwrap();
        let server = Ctx::server("localhost");
        let visit = |client: &Ctx| {
            let pair = Pair::new(client, &server, Some("localhost"));
            pair.handshake().0.map_err(|error| error.message)
        };
        let refused = |outcome: Result<(), String>, why: &str| {
            let message = outcome.expect_err("accepted");
            assert!(message.contains(&format!("cannot be read: {why}")), "{message}");
        };
        let (old, other) = (Ctx::new(TLSW_CLIENT), Ctx::new(TLSW_CLIENT));
        load_system_roots(&other);
        other.load_ca_mem(&pki_bytes("p384-root.pem")).unwrap();
        // No descriptor is left to open it with.
        let limit = libc::rlimit { rlim_cur: 64, rlim_max: 64 };
        assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &limit) }, 0);
        let full: Vec<_> = std::iter::from_fn(|| std::fs::File::open("/dev/null").ok()).collect();
        for client in [&old, &other] {
            refused(visit(client), "Too many open files");
        }
        drop(full);
        // A new context, and those that met the failure.
        assert_eq!(visit(&Ctx::new(TLSW_CLIENT)), Ok(()));
        assert_eq!((visit(&old), visit(&other)), (Ok(()), Ok(())));
        // They are found where there was nothing, and it is known who is trusted.
        std::fs::rename(named(FILE), named(FILE).with_extension("away")).unwrap();
        let late = Ctx::new(TLSW_CLIENT);
        refused(visit(&late), "No such file");
        std::fs::rename(named(FILE).with_extension("away"), named(FILE)).unwrap();
        assert_eq!(visit(&late), Ok(()));
        // What was read stays.
        std::fs::remove_file(named(FILE)).unwrap();
        assert_eq!(visit(&old), Ok(()));
    });
}

#[test]
#[cfg(target_os = "linux")]
fn what_may_not_be_read_is_tried_again() {
    let file = Fleeting(path("denied.pem"));
    with("what_may_not_be_read_is_tried_again", Some(&file.0), None, || {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::write(named(FILE), pki_bytes("root.pem")).unwrap();
        let mode = |mode| {
            std::fs::set_permissions(named(FILE), std::fs::Permissions::from_mode(mode)).unwrap();
        };
        mode(0);
        let (client, server) = (Ctx::new(TLSW_CLIENT), Ctx::server("localhost"));
        let visit = || {
            let pair = Pair::new(&client, &server, Some("localhost"));
            pair.handshake().0.map_err(|error| error.message)
        };
        // Root may read everything; a thread of Linux can be someone else to the file system.
        // SAFETY: numbers.
        let me = unsafe { (libc::getuid(), libc::setfsuid(65534)) }.0;
        let message = visit().unwrap_err();
        assert!(message.contains("Permission denied"), "{message}");
        // SAFETY: as above.
        unsafe { libc::setfsuid(me) };
        mode(0o644);
        assert_eq!(visit(), Ok(()));
    });
}

#[test]
fn roots_may_come_out_of_a_pipe() {
    let fifo = Fleeting(path("roots.fifo"));
    with("roots_may_come_out_of_a_pipe", Some(&fifo.0), None, || {
        let file = named(FILE);
        assert_eq!(unsafe { libc::mkfifo(c_path(&file).as_ptr(), 0o600) }, 0);
        let writer = std::thread::spawn(move || std::fs::write(file, pki_bytes("root.pem")));
        assert_eq!(visit_anew("localhost"), Ok(3));
        writer.join().unwrap().unwrap();
        // Once for the process.
        assert_eq!(visit_anew("localhost"), Ok(3));
    });
}

#[test]
#[cfg(target_os = "linux")]
fn a_program_with_more_rights_than_its_caller_does_not_ask_the_environment() {
    use std::os::unix::process::CommandExt as _;
    const NAME: &str = "a_program_with_more_rights_than_its_caller_does_not_ask_the_environment";
    const EVIL: &str = "TLSW_TEST_EVIL";
    if let Some(evil) = std::env::var_os(EVIL) {
        // SAFETY: a question.
        if unsafe { libc::getauxval(libc::AT_SECURE) } == 0 {
            println!("skipped: programs get no more rights here (nosuid, no_new_privs)");
            return;
        }
        let mut json = empty();
        call(|err| unsafe { tlsw_get_default_verify_paths(&mut json, err) }).unwrap();
        let json = String::from_utf8(take(json)).unwrap();
        assert!(!json.contains(evil.to_str().unwrap()), "{json}");
        let message = visit_anew("localhost").unwrap_err();
        assert!(!message.contains(evil.to_str().unwrap()), "{message}");
        return;
    }
    // SAFETY: a question.
    if unsafe { libc::geteuid() } != 0 {
        skipped("a program with more rights", "only root can make one");
        return;
    }
    let directory =
        Fleeting(std::env::temp_dir().join(format!("tlsw-suid-{}", std::process::id())));
    std::fs::create_dir(&directory.0).unwrap();
    let (program, evil) = (directory.0.join("program"), directory.0.join("evil.pem"));
    std::fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    std::fs::write(&evil, pki_bytes("root.pem")).unwrap();
    for path in [&directory.0, &program, &evil] {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = if *path == program { 0o4755 } else { 0o755 };
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    }
    for variable in [FILE, DIRECTORY] {
        let output = std::process::Command::new(&program)
            .args([NAME, "--exact", "--nocapture", "--test-threads=1"])
            .env(EVIL, &evil)
            .env(variable, &evil)
            .current_dir("/")
            .uid(65534)
            .gid(65534)
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&output.stdout);
        let more = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && told.contains("1 passed"), "{told}{more}");
        told.lines()
            .filter(|line| line.starts_with("skipped"))
            .for_each(|line| eprintln!("{line}"));
    }
}
