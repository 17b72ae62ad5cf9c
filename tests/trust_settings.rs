//! OpenSSL's trust settings, in PEM blocks of TRUSTED CERTIFICATE: what a root is trusted for, and
//! what it is not, is kept however it comes. The judge is `openssl verify`.

mod support;
use support::*;
#[path = "support/peers.rs"]
mod peers;
use peers::{openssl, run};

use std::path::{Path, PathBuf};
use std::process::Stdio;

/// What is said of the root, as `openssl x509` is told it.
const SETTINGS: [&[&str]; 11] = [
    &[],
    &["-addtrust", "serverAuth"],
    &["-addtrust", "clientAuth"],
    &["-addtrust", "emailProtection"],
    &["-addtrust", "anyExtendedKeyUsage"],
    &["-addreject", "serverAuth"],
    &["-addreject", "clientAuth"],
    &["-addreject", "emailProtection"],
    &["-addreject", "anyExtendedKeyUsage"],
    &["-addtrust", "serverAuth", "-addreject", "serverAuth"],
    &["-addtrust", "serverAuth", "-addreject", "clientAuth"],
];

/// A file with root.pem as a TRUSTED CERTIFICATE with these settings.
fn trusted(number: usize, settings: &[&str]) -> PathBuf {
    let name = format!("trusted-{number}.pem");
    let alias = ["-setalias", "A root"];
    let fixed = ["x509", "-in", "root.pem", "-trustout", "-out", &name];
    run(openssl(&[&fixed[..], settings, &alias].concat()));
    assert!(String::from_utf8(pki_bytes(&name)).unwrap().contains("BEGIN TRUSTED CERTIFICATE"));
    pki(&name)
}

/// The code with which `openssl verify` refuses NAME.chain.pem for a purpose; 0 if it does not.
fn judge(root: &Path, name: &str, purpose: &str) -> i32 {
    let chain = format!("{name}.chain.pem");
    let root = root.to_str().unwrap();
    let arguments = ["verify", "-no-CApath", "-no-CAstore", "-purpose", purpose];
    let files = ["-CAfile", root, "-untrusted", &chain, &chain];
    let mut command = openssl(&[&arguments[..], &files].concat());
    let output = command.stdin(Stdio::null()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() {
        return 0;
    }
    let code = said.split("error ").nth(1).and_then(|rest| rest.split(' ').next());
    code.and_then(|code| code.parse().ok()).unwrap_or_else(|| panic!("{said}"))
}

/// The code with which a client refuses the server localhost; 0 if it does not.
fn by_client(client: &Ctx) -> i32 {
    let pair = Pair::new(client, &Ctx::server("localhost"), Some("localhost"));
    pair.handshake().0.map_or_else(|error| error.verify_error, |()| 0)
}

/// The code with which a server refuses the test client.
fn by_server(server: &Ctx) -> i32 {
    server.load_cert_chain("localhost.chain.pem", "localhost.key.pem").unwrap();
    server.set_verify_mode(TLSW_CERT_REQUIRED).unwrap();
    let client = Ctx::client("root.pem");
    client.load_cert_chain("client.chain.pem", "client.key.pem").unwrap();
    let pair = Pair::new(&client, server, Some("localhost"));
    pair.handshake().1.map_or_else(|error| error.verify_error, |()| 0)
}

/// A directory with one file, by its hash.
fn directory(number: usize, file: &Path) -> PathBuf {
    let path = pki(&format!("trusted-{number}"));
    std::fs::create_dir_all(&path).unwrap();
    std::fs::copy(file, path.join("root.pem")).unwrap();
    run(openssl(&["rehash", path.to_str().unwrap()]));
    path
}

fn load_directory(ctx: &Ctx, path: &Path) {
    let path = c_path(path);
    call(|err| unsafe { tlsw_ctx_load_ca_dir(ctx.0, path.as_ptr(), err) }).unwrap();
}

#[test]
fn a_root_is_trusted_for_what_its_settings_say() {
    let mut refusals = 0;
    for (number, settings) in SETTINGS.iter().enumerate() {
        let file = trusted(number, settings);
        let directory = directory(number, &file);
        let wanted = [judge(&file, "localhost", "sslserver"), judge(&file, "client", "sslclient")];
        refusals += wanted.iter().filter(|code| **code == 28).count();
        for way in ["file", "memory", "directory"] {
            let [client, server] = [TLSW_CLIENT, TLSW_SERVER].map(|role| {
                let ctx = Ctx::new(role);
                match way {
                    "file" => drop(ctx.load_ca_file(&file).unwrap()),
                    "memory" => drop(ctx.load_ca_mem(&std::fs::read(&file).unwrap()).unwrap()),
                    _ => load_directory(&ctx, &directory),
                }
                ctx
            });
            let found = [by_client(&client), by_server(&server)];
            assert_eq!(found, wanted, "{settings:?} from a {way}");
        }
    }
    assert!(refusals >= 8, "OpenSSL refused {refusals}");
}

#[test]
fn the_systems_roots_have_settings_too() {
    const FILE: &str = "SSL_CERT_FILE";
    alone("the_systems_roots_have_settings_too", &[("SSL_CERT_DIR", Path::new(""))], || {
        for (number, settings) in SETTINGS.iter().enumerate() {
            let file = trusted(number, settings);
            // SAFETY: this thread is the only one that uses the environment.
            unsafe { std::env::set_var(FILE, &file) };
            let wanted = judge(&file, "localhost", "sslserver");
            assert_eq!(by_client(&Ctx::new(TLSW_CLIENT)), wanted, "{settings:?}");
        }
        // A bundle of nothing else.
        let bundle = pki("bundle.trust.pem");
        let two = [std::fs::read(trusted(0, SETTINGS[1])).unwrap(), {
            let out = ["-out", "p384.trust.pem", "-addtrust", "serverAuth"];
            run(openssl(&[&["x509", "-in", "p384-root.pem", "-trustout"][..], &out].concat()));
            pki_bytes("p384.trust.pem")
        }];
        std::fs::write(&bundle, two.concat()).unwrap();
        // SAFETY: as above.
        unsafe { std::env::set_var(FILE, &bundle) };
        let client = Ctx::new(TLSW_CLIENT);
        for name in ["localhost", "p384"] {
            Pair::connected(&client, &Ctx::server(name), Some("localhost"));
        }
        let mut stats = empty();
        call(|err| unsafe { tlsw_ctx_get_cert_store_stats(client.0, &mut stats, err) }).unwrap();
        assert_eq!(take(stats), br#"{"x509": 2, "x509_ca": 2, "crl": 0}"#);
    });
}

#[test]
fn broken_settings_are_an_error() {
    let text = pki_bytes("root.pem");
    let der = tlswrap::pem::blocks(&text).next().unwrap().unwrap().decode().unwrap();
    for (more, word) in [
        (&b"\x30\x05\x30\x03\x06\x01"[..], "trust settings"),
        (b"rubbish", "trust settings"),
        // Sound ones, and a byte more: an empty list of what it is trusted for.
        (b"\x30\x02\x30\x00\x00", "1 bytes follow"),
    ] {
        let block = tlswrap::pem::encode("TRUSTED CERTIFICATE", &[&der[..], more].concat());
        let error = Ctx::new(TLSW_CLIENT).load_ca_mem(block.as_bytes()).unwrap_err();
        assert_eq!(error.status, TLSW_ERR_DECODE);
        for word in ["block 1 (TRUSTED CERTIFICATE, line 1)", word] {
            assert!(error.message.contains(word), "{}", error.message);
        }
    }
    // Settings belong into a block that says so.
    let block = tlswrap::pem::encode("CERTIFICATE", &[&der[..], b"\x30\x00"].concat());
    let error = Ctx::new(TLSW_CLIENT).load_ca_mem(block.as_bytes()).unwrap_err();
    assert!(error.message.contains("2 bytes follow the certificate"), "{}", error.message);
}
