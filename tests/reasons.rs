//! Failures carry the names that OpenSSL 3 has for them: each is provoked here and, by
//! reasons/stock.py, on Python's own OpenSSL, and the texts that Python makes of them are compared.

mod support;
use std::collections::BTreeMap;
use std::ffi::CStr;
use std::path::{Path, PathBuf};
use std::ptr::null;
use support::*;

/// Where BoringSSL knows something else, or says it on the other side.
const DIFFERENT: [(&str, [&str; 2]); 1] = [
    // OpenSSL takes a server without a certificate for one that cannot do TLS 1.3.
    (
        "no certificate TLSv1_3",
        [
            "[SSL: TLSV1_ALERT_INTERNAL_ERROR] tlsv1 alert internal error",
            "[SSL: NO_SHARED_CIPHER] no shared cipher",
        ],
    ),
];

/// What each side of each story came to.
type Ends = BTreeMap<String, [String; 2]>;

/// An end in Python's words, which docs/errors.md says how to make.
fn told<T>(end: Result<T, Error>) -> String {
    let Err(error) = end else {
        return "ok".to_owned();
    };
    let words = match (error.status, &*error.library, &*error.reason) {
        (TLSW_ERR_IO, ..) => return format!("errno {}", error.os_error),
        (TLSW_ERR_EOF, ..) => "EOF occurred in violation of protocol".to_owned(),
        (_, _, "") => "PEM lib".to_owned(),
        (_, _, reason) => reason.to_lowercase().replace('_', " "),
    };
    match (&*error.library, &*error.reason) {
        (library, "") => format!("[{library}] {words}"),
        (library, reason) => format!("[{library}: {reason}] {words}"),
    }
}

/// The same where a certificate may have been refused.
fn judged<T>(conn: &Conn, end: Result<T, Error>) -> String {
    let is_verdict = matches!(&end, Err(error) if error.status == TLSW_ERR_VERIFY);
    let mut message = empty();
    let status = call(|err| unsafe { tlsw_get_verify_message(conn.0, &mut message, err) }).unwrap();
    assert_eq!(status, if is_verdict { TLSW_OK } else { TLSW_NONE });
    let message = String::from_utf8(take(message)).unwrap();
    if is_verdict { format!("{}: {message}", told(end)) } else { told(end) }
}

fn only(ctx: Ctx, version: i32) -> Ctx {
    ctx.set_versions(version);
    ctx
}

/// A client that trusts nobody.
fn distrustful() -> Ctx {
    let ctx = Ctx::new(TLSW_CLIENT);
    call(|err| unsafe { tlsw_ctx_clear_ca(ctx.0, err) }).unwrap();
    ctx
}

fn ciphers(ctx: &Ctx, list: &str) {
    let list = c(list);
    call(|err| unsafe { tlsw_ctx_set_ciphers(ctx.0, list.as_ptr(), err) }).unwrap();
}

/// A handshake, and what the client reads after it: in TLS 1.3 it learns then how it ended.
fn handshake(client: &Ctx, server: &Ctx, name: &str) -> [String; 2] {
    let pair = Pair::new(client, server, Some(name));
    let (client, server) = pair.handshake();
    let client = client.and_then(|()| pair.client.read(1).map(|_| ()));
    [judged(&pair.client, client), judged(&pair.server, server)]
}

fn of_both_versions(ends: &mut Ends) {
    for (version, name) in [(TLSW_TLS_1_2, "TLSv1_2"), (TLSW_TLS_1_3, "TLSv1_3")] {
        let trusting = || Ctx::client("root.pem");
        let mut say = |what: &str, end| ends.insert(format!("{what} {name}"), end);
        let server = only(Ctx::server("localhost"), version);
        say("unknown CA", handshake(&distrustful(), &server, "localhost"));
        say("another name", handshake(&trusting(), &server, "else.example"));
        let expired = only(Ctx::server("expired"), version);
        say("expired", handshake(&trusting(), &expired, "localhost"));
        let nobody = only(Ctx::new(TLSW_SERVER), version);
        say("no certificate", handshake(&trusting(), &nobody, "localhost"));
        let asking = only(Ctx::server("localhost"), version);
        asking.set_verify_mode(TLSW_CERT_REQUIRED).unwrap();
        say("no client certificate", handshake(&trusting(), &asking, "localhost"));
        let showing = trusting();
        showing.load_cert_chain("client.chain.pem", "client.key.pem").unwrap();
        say("unknown client", handshake(&showing, &asking, "localhost"));

        let connected = || Pair::connected(&trusting(), &server, Some("localhost"));
        let pair = connected();
        pair.server.write(b"some data").unwrap().unwrap();
        let mut record = pair.to_client.drain();
        *record.last_mut().unwrap() ^= 1;
        pair.to_client.write(&record).unwrap();
        let client = told(pair.client.read(9));
        say("a changed record", [client, told(pair.server.read(9))]);

        let pair = connected();
        assert_eq!(pair.client.shutdown(TLSW_SHUT_BOTH), Ok(TLSW_WANT_READ));
        pair.server.write(b"some data").unwrap().unwrap();
        let unread = told(pair.client.shutdown(TLSW_SHUT_BOTH));
        say("data after the goodbye", [unread, told(pair.client.write(b"x"))]);

        let pair = connected();
        pair.to_client.write_eof();
        say("an end without a goodbye", [told(pair.client.read(9)), String::new()]);

        let pair = Pair::new(&trusting(), &server, Some("localhost"));
        pair.client.handshake().unwrap();
        let unwrapped = told(pair.client.shutdown(TLSW_SHUT_BOTH));
        say("a goodbye in the handshake", [unwrapped, String::new()]);
    }
}

fn of_agreement(ends: &mut Ends) {
    let mut say = |what: &str, end| ends.insert(what.to_owned(), end);
    let trusting = || Ctx::client("root.pem");
    let (client, server) = (only(trusting(), TLSW_TLS_1_2), Ctx::server("localhost"));
    ciphers(&client, "ECDHE-ECDSA-AES128-GCM-SHA256");
    ciphers(&server, "ECDHE-ECDSA-AES256-GCM-SHA384");
    say("no common suite", handshake(&client, &server, "localhost"));
    for (what, client, server) in [
        ("a client of 1.3 alone", TLSW_TLS_1_3, TLSW_TLS_1_2),
        ("a server of 1.3 alone", TLSW_TLS_1_2, TLSW_TLS_1_3),
    ] {
        let (client, server) = (only(trusting(), client), only(Ctx::server("localhost"), server));
        say(what, handshake(&client, &server, "localhost"));
    }
    let crossed = trusting();
    call(|err| unsafe { tlsw_ctx_set_min_version(crossed.0, TLSW_TLS_1_3, err) }).unwrap();
    call(|err| unsafe { tlsw_ctx_set_max_version(crossed.0, TLSW_TLS_1_2, err) }).unwrap();
    let pair = Pair::new(&crossed, &Ctx::server("localhost"), Some("localhost"));
    say("bounds that cross", [told(pair.client.handshake()), String::new()]);

    let greeting = "220 mail.example.com ESMTP ready\r\n";
    for (what, first) in [
        ("HTTP to a server", "GET / HTTP/1.0\r\n\r\n"),
        ("a proxy's HTTP to a server", "CONNECT example.com:443 HTTP/1.0\r\n\r\n"),
        ("nothing like TLS to a server", greeting),
    ] {
        let pair = Pair::new(&trusting(), &Ctx::server("localhost"), Some("localhost"));
        pair.to_server.write(first.as_bytes()).unwrap();
        say(what, [String::new(), told(pair.server.handshake())]);
    }
    say("nothing like TLS to a client", [answered(greeting.as_bytes()), String::new()]);
}

/// What a client comes to whose hello is answered with `bytes`.
fn answered(bytes: &[u8]) -> String {
    let pair = Pair::new(&Ctx::client("root.pem"), &Ctx::server("localhost"), Some("localhost"));
    pair.client.handshake().unwrap();
    pair.to_client.write(bytes).unwrap();
    told(pair.client.handshake())
}

/// The alerts that have a name.
fn alerts() -> Vec<u8> {
    let named = |number: &u8| {
        let words = unsafe { CStr::from_ptr(tlsw_alert_string((*number).into())) };
        words != c"unknown" && *number != TLSW_ALERT_CLOSE_NOTIFY as u8
    };
    // Those that Python's list of names, which is older than OpenSSL 3, leaves out.
    let unknown_to_python = [115, 120, 121];
    (0..=u8::MAX).filter(named).filter(|number| !unknown_to_python.contains(number)).collect()
}

fn of_alerts(ends: &mut Ends) {
    for number in alerts() {
        let end = answered(&[21, 3, 3, 0, 2, 2, number]);
        ends.insert(format!("alert {number}"), [end, String::new()]);
    }
}

/// Files that are not what they should be.
fn broken() -> PathBuf {
    let place = pki("broken");
    std::fs::create_dir_all(&place).unwrap();
    let root = String::from_utf8(pki_bytes("root.pem")).unwrap();
    let mut lines: Vec<_> = root.lines().collect();
    lines[2] = "!!!!";
    for (name, text) in [
        ("prose.pem", "nothing but prose\n"),
        ("empty.pem", ""),
        ("cut.pem", &root[..300]),
        ("base64.pem", &lines.join("\n")),
    ] {
        std::fs::write(place.join(name), text).unwrap();
    }
    place
}

fn of_files(ends: &mut Ends, broken: &Path) {
    let chain = |cert: PathBuf, key: Option<PathBuf>, password: &str| {
        let (cert, key) = (c_path(&cert), key.map(|key| c_path(&key)));
        let key = key.as_ref().map_or(null(), |key| key.as_ptr());
        let server = Ctx::new(TLSW_SERVER);
        let (password, len) = (password.as_ptr(), password.len());
        told(call(|err| unsafe {
            tlsw_ctx_load_cert_chain_file(server.0, cert.as_ptr(), key, password, len, err)
        }))
    };
    let cas = |path: PathBuf| told(distrustful().load_ca_file(&path));
    let parameters = |path: PathBuf| {
        let (path, server) = (c_path(&path), Ctx::new(TLSW_SERVER));
        told(call(|err| unsafe { tlsw_ctx_load_dh_params_file(server.0, path.as_ptr(), err) }))
    };
    let bad = |name: &str| broken.join(name);
    let missing = || bad("missing.pem");
    let localhost = || pki("localhost.chain.pem");
    for (name, end) in [
        ("a chain that is no PEM", chain(bad("prose.pem"), None, "")),
        ("a chain cut short", chain(bad("cut.pem"), None, "")),
        ("a chain of broken base64", chain(bad("base64.pem"), None, "")),
        ("an empty chain", chain(bad("empty.pem"), None, "")),
        ("a chain without a key", chain(localhost(), None, "")),
        ("a key for a chain", chain(pki("localhost.key.pem"), None, "")),
        ("a chain for a key", chain(localhost(), Some(localhost()), "")),
        ("a key of another", chain(localhost(), Some(pki("client.key.pem")), "")),
        (
            "a wrong password",
            chain(pki("encrypted.chain.pem"), Some(pki("encrypted.key.pkcs8.pem")), "wrong"),
        ),
        ("a chain that is missing", chain(missing(), None, "")),
        ("a key that is missing", chain(localhost(), Some(missing()), "")),
        ("a directory for a chain", chain(broken.to_owned(), None, "")),
        ("CAs that are no PEM", cas(bad("prose.pem"))),
        ("CAs cut short", cas(bad("cut.pem"))),
        ("CAs of broken base64", cas(bad("base64.pem"))),
        ("no CAs", cas(bad("empty.pem"))),
        ("a key for CAs", cas(pki("localhost.key.pem"))),
        ("CAs that are missing", cas(missing())),
        ("DH parameters that are none", parameters(pki("root.pem"))),
        ("DH parameters that are missing", parameters(missing())),
    ] {
        ends.insert(name.to_owned(), [end, String::new()]);
    }
}

/// Reads `["name", ["client", "server"]]`; the texts have no double quotes inside.
fn parse(line: &str) -> (String, [String; 2]) {
    let texts: Vec<_> = line.split('"').skip(1).step_by(2).map(str::to_owned).collect();
    let [name, client, server] = texts.try_into().unwrap_or_else(|_| panic!("{line}"));
    (name, [client, server])
}

#[test]
fn failures_have_the_names_that_openssl_has_for_them() {
    let mut ours = Ends::new();
    let broken = broken();
    of_both_versions(&mut ours);
    of_agreement(&mut ours);
    of_alerts(&mut ours);
    of_files(&mut ours, &broken);
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reasons/stock.py");
    let alerts: Vec<_> = alerts().iter().map(u8::to_string).collect();
    let place = pki("root.pem");
    let program = format!(
        "import sys; sys.argv = {:?}; exec(compile(open({program:?}).read(), {program:?}, 'exec'))",
        [
            "stock.py",
            place.parent().unwrap().to_str().unwrap(),
            &alerts.join(","),
            broken.to_str().unwrap()
        ],
    );
    let mut theirs: Ends = python(&program, "").lines().map(parse).collect();
    assert!(theirs.len() > 60, "{}", theirs.len());
    for (name, ends) in DIFFERENT {
        let theirs = theirs.get_mut(name).unwrap();
        assert_ne!(*theirs, ends, "{name}");
        *theirs = ends.map(str::to_owned);
    }
    let names: std::collections::BTreeSet<_> = ours.keys().chain(theirs.keys()).collect();
    let mut wrong = String::new();
    for name in names {
        let (ours, theirs) = (ours.get(name), theirs.get(name));
        if ours != theirs {
            wrong += &format!("{name}: {ours:?}, where OpenSSL says {theirs:?}\n");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
