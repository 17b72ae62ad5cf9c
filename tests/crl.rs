//! Trust: revocation lists, the flags of the verification, directories, what the store holds.

mod support;
use std::path::PathBuf;
use support::*;

fn flags(ctx: &Ctx) -> u32 {
    unsafe { tlsw_ctx_get_verify_flags(ctx.0) }
}

fn set_flags(ctx: &Ctx, flags: u32) -> Result<i32, Error> {
    call(|err| unsafe { tlsw_ctx_set_verify_flags(ctx.0, flags, err) })
}

fn load_dir(ctx: &Ctx, path: &std::path::Path) {
    let path = c_path(path);
    call(|err| unsafe { tlsw_ctx_load_ca_dir(ctx.0, path.as_ptr(), err) }).unwrap();
}

fn text(give: impl FnOnce(*mut tlsw_buf, *mut tlsw_error) -> tlsw_status) -> String {
    let mut buf = empty();
    call(|err| give(&mut buf, err)).unwrap();
    String::from_utf8(take(buf)).unwrap()
}

fn stats(ctx: &Ctx) -> String {
    text(|buf, err| unsafe { tlsw_ctx_get_cert_store_stats(ctx.0, buf, err) })
}

fn ca_certs(ctx: &Ctx) -> Vec<Vec<u8>> {
    let mut buf = empty();
    call(|err| unsafe { tlsw_ctx_get_ca_certs_der(ctx.0, &mut buf, err) }).unwrap();
    split(&take(buf))
}

/// How a client comes out that connects to a server of the test PKI.
fn connect(client: &Ctx, server: &str) -> Result<(), Error> {
    Pair::new(client, &Ctx::server(server), Some("localhost")).handshake().0
}

fn code(client: &Ctx, server: &str) -> (i32, i32) {
    match connect(client, server) {
        Ok(()) => (0, -1),
        Err(error) => {
            assert_eq!(error.status, TLSW_ERR_VERIFY, "{}", error.message);
            (error.verify_error, error.verify_depth)
        }
    }
}

#[test]
fn flags_read_back_as_they_were_set() {
    let ctx = Ctx::new(TLSW_CLIENT);
    assert_eq!(flags(&ctx), TLSW_VERIFY_X509_TRUSTED_FIRST);
    for bits in [TLSW_VERIFY_DEFAULT, 0xc, 0x8_0024, 1 << 31 | 2] {
        set_flags(&ctx, bits).unwrap();
        assert_eq!(flags(&ctx), bits);
    }
    let error = set_flags(&ctx, TLSW_VERIFY_ALLOW_PROXY_CERTS).unwrap_err();
    assert_eq!(error.status, TLSW_ERR_UNSUPPORTED);
    assert!(error.message.contains("proxy certificates"), "{}", error.message);
    assert_eq!(flags(&ctx), 1 << 31 | 2);
    assert_eq!(unsafe { tlsw_ctx_get_verify_flags(std::ptr::null()) }, 0);
}

#[test]
fn the_leaf_s_list_is_asked_when_the_flag_is_set() {
    for list in ["intermediate.crl.pem", "intermediate.crl.der"] {
        let client = Ctx::client("root.pem");
        set_flags(&client, TLSW_VERIFY_CRL_CHECK_LEAF).unwrap();
        // No list, no verdict.
        assert_eq!(code(&client, "localhost"), (3, 0));
        client.load_ca_file(&pki(list)).unwrap();
        assert_eq!(code(&client, "localhost"), (0, -1));
        let error = connect(&client, "revoked").unwrap_err();
        assert_eq!((error.verify_error, error.verify_depth, error.alert), (23, 0, 44));
        assert!(error.message.contains("was revoked by its issuer"), "{}", error.message);
        // The list alone changes nothing.
        set_flags(&client, TLSW_VERIFY_DEFAULT).unwrap();
        assert_eq!(code(&client, "revoked"), (0, -1));
        assert_eq!(stats(&client), r#"{"x509": 1, "x509_ca": 1, "crl": 1}"#);
    }
}

#[test]
fn the_whole_chain_can_be_asked_about() {
    let client = Ctx::client("root.pem");
    set_flags(&client, TLSW_VERIFY_CRL_CHECK_CHAIN).unwrap();
    client.load_ca_file(&pki("intermediate.crl.pem")).unwrap();
    assert_eq!(code(&client, "localhost"), (3, 1));
    client.load_ca_file(&pki("root.crl.pem")).unwrap();
    assert_eq!(code(&client, "localhost"), (0, -1));
    assert_eq!(code(&client, "revoked"), (23, 0));
}

#[test]
fn a_list_that_is_too_old_does_not_count() {
    let client = Ctx::client("root.pem");
    set_flags(&client, TLSW_VERIFY_CRL_CHECK_LEAF).unwrap();
    client.load_ca_file(&pki("intermediate.old.crl.pem")).unwrap();
    assert_eq!(code(&client, "localhost"), (12, 0));
}

#[test]
fn lists_come_with_certificates_or_alone() {
    let ctx = Ctx::new(TLSW_SERVER);
    let mixed = [pki_bytes("root.pem"), pki_bytes("root.crl.pem"), pki_bytes("old-root.pem")];
    ctx.load_ca_mem(&mixed.concat()).unwrap();
    assert_eq!(stats(&ctx), r#"{"x509": 2, "x509_ca": 2, "crl": 1}"#);
    let ders = [pki_bytes("intermediate.crl.der"), pki_bytes("localhost.der")].concat();
    ctx.load_ca_mem(&ders).unwrap();
    // The leaf is trusted, but no CA; the same again counts once.
    ctx.load_ca_mem(&mixed.concat()).unwrap();
    assert_eq!(stats(&ctx), r#"{"x509": 3, "x509_ca": 2, "crl": 2}"#);

    let der = pki_bytes("intermediate.crl.der");
    let broken = tlswrap::pem::encode("X509 CRL", &der[..der.len() - 5]);
    let longer = tlswrap::pem::encode("X509 CRL", &[&der[..], b"x"].concat());
    for bad in [broken.as_bytes(), longer.as_bytes(), &der[..40], b"nothing", b""] {
        assert_eq!(ctx.load_ca_mem(bad).unwrap_err().status, TLSW_ERR_DECODE);
    }
    // What is no certificate is none where one is needed.
    let error = ctx.load_cert_chain("intermediate.crl.pem", "localhost.key.pem").unwrap_err();
    assert_eq!(error.status, TLSW_ERR_DECODE);
    assert_eq!(stats(&ctx), r#"{"x509": 3, "x509_ca": 2, "crl": 2}"#);
}

#[test]
fn an_intermediate_may_be_the_anchor() {
    let client = Ctx::client("intermediate.pem");
    assert_eq!(code(&client, "localhost").0, 2);
    set_flags(&client, TLSW_VERIFY_X509_PARTIAL_CHAIN).unwrap();
    assert_eq!(code(&client, "localhost"), (0, -1));
}

#[test]
fn the_common_name_counts_when_it_is_told_to() {
    let client = Ctx::client("root.pem");
    let on =
        |on| call(|err| unsafe { tlsw_ctx_set_hostname_checks_common_name(client.0, on, err) });
    let get = || unsafe { tlsw_ctx_get_hostname_checks_common_name(client.0) };
    assert_eq!((get(), code(&client, "cn-only").0), (0, 62));
    on(1).unwrap();
    assert_eq!((get(), code(&client, "cn-only").0), (1, 0));
    // Only where there is no subjectAltName.
    assert_eq!(code(&client, "wrong-name").0, 62);
    on(0).unwrap();
    assert_eq!((get(), code(&client, "cn-only").0), (0, 62));
    assert_eq!(on(2).unwrap_err().status, TLSW_ERR_ARGUMENT);
    let none = unsafe { tlsw_ctx_get_hostname_checks_common_name(std::ptr::null()) };
    assert_eq!(none, -1);
}

/// A directory with files of the test PKI under the hash of their (issuer's) name.
fn hashed(name: &str, files: &[(&str, &str, &str)]) -> PathBuf {
    let dir = pki(name);
    std::fs::create_dir_all(&dir).unwrap();
    for (named_for, file, suffix) in files {
        let cert = boring::x509::X509::from_pem(&pki_bytes(named_for)).unwrap();
        let hash = unsafe {
            boring_sys::X509_NAME_hash(foreign_types::ForeignTypeRef::as_ptr(cert.subject_name()))
        };
        std::fs::copy(pki(file), dir.join(format!("{hash:08x}.{suffix}"))).unwrap();
    }
    dir
}

#[test]
fn a_directory_is_read_when_it_is_needed() {
    let dir = hashed(
        "hashed",
        &[
            ("root.pem", "root.pem", "0"),
            ("old-root.pem", "old-root.pem", "0"),
            ("intermediate.pem", "intermediate.crl.pem", "r0"),
        ],
    );
    let client = Ctx::new(TLSW_CLIENT);
    load_dir(&client, &dir);
    let nothing = (r#"{"x509": 0, "x509_ca": 0, "crl": 0}"#.to_owned(), vec![]);
    assert_eq!((stats(&client), ca_certs(&client)), nothing);
    assert_eq!(code(&client, "localhost"), (0, -1));
    assert_eq!(ca_certs(&client), pki_ders("root.pem"));
    // Lists are there too.
    set_flags(&client, TLSW_VERIFY_CRL_CHECK_LEAF).unwrap();
    assert_eq!(ca_certs(&client), pki_ders("root.pem"), "another setting keeps what was found");
    assert_eq!(code(&client, "revoked"), (23, 0));
    assert_eq!(stats(&client), r#"{"x509": 1, "x509_ca": 1, "crl": 1}"#);

    // One that is not there is empty.
    let client = Ctx::new(TLSW_CLIENT);
    load_dir(&client, &pki("no-such-directory"));
    assert_eq!(code(&client, "localhost").0, 20);
    let error =
        call(|err| unsafe { tlsw_ctx_load_ca_dir(client.0, std::ptr::null(), err) }).unwrap_err();
    let nowhere = c("");
    let no_name =
        call(|err| unsafe { tlsw_ctx_load_ca_dir(client.0, nowhere.as_ptr(), err) }).unwrap_err();
    assert_eq!((no_name.status, &*no_name.reason), (TLSW_ERR_ARGUMENT, "INVALID_DIRECTORY"));
    assert_eq!(error.status, TLSW_ERR_ARGUMENT);
}

#[test]
fn what_is_trusted_can_be_listed_and_cleared() {
    let ctx = Ctx::new(TLSW_SERVER);
    let json = || text(|buf, err| unsafe { tlsw_ctx_get_ca_certs(ctx.0, buf, err) });
    assert_eq!(json(), "[]");
    ctx.load_ca_file(&pki("roots.pem")).unwrap();
    ctx.load_ca_file(&pki("localhost.pem")).unwrap();
    assert_eq!(ca_certs(&ctx).len(), 3);
    assert!(ca_certs(&ctx).iter().all(|der| pki_ders("roots.pem").contains(der)));
    let all = json();
    assert_eq!(all.matches("\"serialNumber\"").count(), 3);
    assert!(all.contains("tlswrap test root") && all.starts_with("[{\"subject\": "), "{all}");
    assert_eq!(stats(&ctx), r#"{"x509": 4, "x509_ca": 3, "crl": 0}"#);
    call(|err| unsafe { tlsw_ctx_clear_ca(ctx.0, err) }).unwrap();
    assert_eq!(stats(&ctx), r#"{"x509": 0, "x509_ca": 0, "crl": 0}"#);

    // A client's system roots go as well, and come back when they are asked for.
    let client = Ctx::new(TLSW_CLIENT);
    call(|err| unsafe { tlsw_ctx_clear_ca(client.0, err) }).unwrap();
    assert_eq!(ca_certs(&client), Vec::<Vec<u8>>::new());
    assert_eq!(code(&client, "localhost").0, 20);
    client.load_ca_file(&pki("root.pem")).unwrap();
    assert_eq!(code(&client, "localhost").0, 0);
}

#[test]
fn dh_parameters_are_read_and_checked() {
    let ctx = Ctx::new(TLSW_SERVER);
    let load = |path: &std::path::Path| {
        let path = c_path(path);
        call(|err| unsafe { tlsw_ctx_load_dh_params_file(ctx.0, path.as_ptr(), err) })
    };
    // RFC 7919's ffdhe2048.
    let good = pki("dh.pem");
    std::fs::write(&good, DH).unwrap();
    assert_eq!(load(&good), Ok(TLSW_OK));
    // A bit of the prime turned.
    let bad = pki("bad-dh.pem");
    std::fs::write(&bad, DH.replace("9K5W7edj", "9K5W7edk")).unwrap();
    let error = load(&bad).unwrap_err();
    assert_eq!(error.status, TLSW_ERR_DECODE);
    assert!(error.message.contains("unsound"), "{}", error.message);
    let error = load(&pki("root.pem")).unwrap_err();
    assert_eq!((error.status, error.reason.as_str()), (TLSW_ERR_DECODE, "NO_START_LINE"));
    let error = load(&pki("no-such-file")).unwrap_err();
    assert_eq!((error.status, error.os_error), (TLSW_ERR_IO, 2));
}

const DH: &str = "-----BEGIN DH PARAMETERS-----
MIIBCAKCAQEA//////////+t+FRYortKmq/cViAnPTzx2LnFg84tNpWp4TZBFGQz
+8yTnc4kmz75fS/jY2MMddj2gbICrsRhetPfHtXV/WVhJDP1H18GbtCFY2VVPe0a
87VXE15/V8k1mE8McODmi3fipona8+/och3xWKE2rec1MKzKT0g6eXq8CrGCsyT7
YdEIqUuyyOP7uWrat2DX9GgdT0Kj3jlN9K5W7edjcrsZCwenyO4KbXCeAvzhzffi
7MA0BM0oNC9hkXL+nOmFg/+OTxIy7vKBg8P+OxtMb61zO7X8vC7CIAXFjvGDfRaD
ssbzSibBsu/6iGtCOGEoXJf//////////wIBAg==
-----END DH PARAMETERS-----
";
