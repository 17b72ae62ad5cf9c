//! What the header does not say: for each argument something good, and what is wrong and what comes
//! of that. program.rs makes calls of it. A new function needs a line here only for what is in no
//! line yet: handles, results and errors are known by their types, the rest by type and name.
//!
//! Expressions are C, in the world of frame.c: `w.client` is a context, `w.conn` a client whose
//! handshake is done, and so on.

/// What a call comes to.
#[derive(Clone, Copy)]
pub enum Came {
    /// This status.
    To(&'static str),
    /// TLSW_ERR_ARGUMENT, and the message names this argument.
    Refused(&'static str),
    /// The same, and the argument is that of the case.
    RefusedItself,
    /// The answer about nothing (see [`ABOUT_NOTHING`]); of functions without an answer, nothing at
    /// all.
    Default,
    /// This answer.
    Answer(&'static str),
    /// A text.
    Text,
}
use Came::*;

/// Kinds of handles, and what is one of each.
pub const HANDLES: &[(&str, &str)] = &[
    ("tlsw_ctx", "w.client"),
    ("tlsw_conn", "w.conn"),
    ("tlsw_bio", "w.bio"),
    ("tlsw_cert", "w.cert"),
    ("tlsw_session", "w.session"),
];

/// Functions, or all with "", that want another handle than that: the argument's name, and what.
pub const OTHER_HANDLES: &[(&str, &str, &str)] = &[
    ("", "incoming", "w.incoming"),
    ("tlsw_ctx_set_ocsp_response", "ctx", "w.server"),
    ("tlsw_ctx_set_sct_list", "ctx", "w.server"),
    ("", "outgoing", "w.outgoing"),
    ("tlsw_conn_set_session", "conn", "w.idle"),
    ("tlsw_conn_set_ctx", "conn", "w.idle"),
    ("tlsw_ctx_set_sni_hook", "ctx", "w.server"),
    ("tlsw_ctx_set_psk_server_hook", "ctx", "w.server"),
    ("tlsw_ctx_set_psk_identity_hint", "ctx", "w.server"),
    ("tlsw_ctx_set_num_tickets", "ctx", "w.server"),
    ("tlsw_accept", "ctx", "w.server"),
];

/// Functions whose call as it should be comes to something else than TLSW_OK.
pub const GOOD: &[(&str, &str)] = &[
    ("tlsw_ctx_get_keylog_file", "TLSW_NONE"),
    ("tlsw_get_shared_ciphers", "TLSW_NONE"),
    ("tlsw_get_psk_identity", "TLSW_NONE"),
    ("tlsw_get_ocsp_response", "TLSW_NONE"),
    ("tlsw_get_sct_list", "TLSW_NONE"),
    ("tlsw_get_failed_cert_der", "TLSW_NONE"),
    ("tlsw_get_verify_message", "TLSW_NONE"),
    // A file without parameters: checking some takes too long to do it for every case.
    ("tlsw_ctx_load_dh_params_file", "TLSW_ERR_DECODE"),
    ("tlsw_ctx_set_npn_protocols", "TLSW_ERR_UNSUPPORTED"),
    ("tlsw_enum_certificates", "TLSW_ERR_UNSUPPORTED"),
    ("tlsw_enum_crls", "TLSW_ERR_UNSUPPORTED"),
    // The program has no terminal.
    ("tlsw_password_prompt", "TLSW_ERR_IO"),
    // Nobody listens at w.port.
    ("tlsw_get_server_certificate", "TLSW_ERR_IO"),
    ("tlsw_connect", "TLSW_ERR_IO"),
    // Nobody comes.
    ("tlsw_accept", "TLSW_WANT_READ"),
    // w.conn is over memory.
    ("tlsw_conn_take_fd", "TLSW_ERR_STATE"),
    ("tlsw_conn_detach_fd", "TLSW_ERR_STATE"),
];

/// Questions whose answer about nothing is not NULL or 0.
pub const ABOUT_NOTHING: &[(&str, &str)] = &[
    ("tlsw_ctx_get_check_hostname", "-1"),
    ("tlsw_ctx_get_hostname_checks_common_name", "-1"),
    ("tlsw_ctx_get_keep_cert_chains", "-1"),
    ("tlsw_ctx_get_num_tickets", "-1"),
    ("tlsw_ctx_get_post_handshake_auth", "-1"),
    ("tlsw_ctx_get_security_level", "-1"),
    ("tlsw_ctx_get_verify_mode", "-1"),
    ("tlsw_get_fd", "-1"),
];

/// Questions whose answer about what there is, is the answer about nothing.
pub const PLAIN: &[&str] = &[
    "tlsw_get_session_reused",
    "tlsw_get_timeout",
    "tlsw_get_written",
    "tlsw_ctx_get_session_timeout",
    "tlsw_get_compression",
    "tlsw_get_fd",
    "tlsw_bio_eof",
    "tlsw_cert_is_ca",
    "tlsw_status_ssl_error",
];

/// What comes of `(NULL, 0)` and of a pointer with length 0.
pub const EMPTY: &[(&str, &str, Came)] = &[
    ("tlsw_ctx_load_ca_mem", "data", To("TLSW_ERR_DECODE")),
    ("tlsw_ctx_load_cert_chain_mem", "cert", To("TLSW_ERR_DECODE")),
    ("tlsw_ctx_load_cert_chain_mem", "key", To("TLSW_ERR_DECODE")),
    ("tlsw_ctx_load_cert_chain_mem", "password", To("TLSW_OK")),
    ("tlsw_ctx_load_cert_chain_mem_cb", "cert", To("TLSW_ERR_DECODE")),
    ("tlsw_ctx_load_cert_chain_mem_cb", "key", To("TLSW_ERR_DECODE")),
    ("tlsw_ctx_load_cert_chain_file", "password", To("TLSW_OK")),
    ("tlsw_ctx_set_alpn_protocols", "protocols", To("TLSW_OK")),
    ("tlsw_ctx_set_npn_protocols", "protocols", To("TLSW_ERR_UNSUPPORTED")),
    ("tlsw_ctx_add_psk", "identity", Refused("identity")),
    ("tlsw_ctx_add_psk", "key", Refused("key")),
    ("tlsw_ctx_add_psk", "context", To("TLSW_OK")),
    ("tlsw_conn_read", "buf", To("TLSW_OK")),
    ("tlsw_conn_peek", "buf", To("TLSW_OK")),
    ("tlsw_conn_write", "buf", To("TLSW_OK")),
    ("tlsw_conn_write_all", "buf", To("TLSW_OK")),
    ("tlsw_bio_read", "buf", To("TLSW_OK")),
    ("tlsw_bio_write", "buf", To("TLSW_OK")),
    ("tlsw_cert_new", "der", To("TLSW_ERR_DECODE")),
    ("tlsw_cert_sha256", "digest", Refused("digest")),
    ("tlsw_cert_der_to_pem", "der", To("TLSW_OK")),
    ("tlsw_cert_pem_to_der", "pem", To("TLSW_ERR_DECODE")),
    ("tlsw_export_keying_material", "context", To("TLSW_OK")),
    ("tlsw_session_from_bytes", "data", To("TLSW_ERR_DECODE")),
    ("tlsw_password_prompt", "buf", To("TLSW_ERR_IO")),
    ("tlsw_rand_bytes", "buf", To("TLSW_OK")),
    ("tlsw_rand_pseudo_bytes", "buf", To("TLSW_OK")),
    ("tlsw_rand_add", "data", To("TLSW_OK")),
    ("tlsw_ctx_set_ocsp_response", "response", To("TLSW_OK")),
    ("tlsw_ctx_set_sct_list", "list", To("TLSW_OK")),
];

/// Room that must have a size: what is too small.
pub const TOO_SMALL: [(&str, &str, &[&str]); 1] = [("tlsw_cert_sha256", "digest", &["1", "31"])];

/// Results that a caller may leave out.
pub const OPTIONAL: [(&str, &str); 2] = [("tlsw_cert_new", "used"), ("tlsw_cert_san", "len")];

/// Functions whose flags are 0 in the good call, and few.
const NO_FLAGS: [&str; 3] = ["tlsw_ctx_new_default", "tlsw_connect", "tlsw_accept"];

/// What is good for an argument that is no handle, no bytes, no result and no error.
pub fn good(function: &str, ty: &str, name: &str) -> Option<&'static str> {
    Some(match (ty, name) {
        ("tlsw_buf *", "buf") => "&gone_buf",
        ("const char *", "feature") => "\"alpn\"",
        ("const char *", "path") if function == "tlsw_ctx_load_ca_dir" => "w.pki",
        ("const char *", "path") if function == "tlsw_ctx_set_keylog_file" => "\"/dev/null\"",
        ("uint32_t", "whose") => "TLSW_FINISHED_OWN",
        ("uint32_t", "seconds" | "sessions") => "100",
        ("const char *", "path" | "ca_path") => "w.ca_path",
        ("const char *", "cert_path") => "w.chain_path",
        ("const char *", "key_path") => "w.key_path",
        ("const char *", "server_hostname" | "hostname") => "\"localhost\"",
        ("const char *", "host") => "\"127.0.0.1\"",
        ("const char *", "hint") => "\"hint\"",
        ("const char *", "hash") => "\"SHA-384\"",
        ("const char *", "list") => "\"ECDHE+AESGCM\"",
        ("const char *", "names") => "\"TLS_AES_128_GCM_SHA256\"",
        ("const char *", "groups" | "curve") => "\"x25519\"",
        ("const char *", "type") => "\"tls-exporter\"",
        ("const char *", "label") => "\"EXPORTER-misuse\"",
        ("const char *", "time") => "\"Jan  5 09:34:43 2018 GMT\"",
        ("const char *", "text") => "\"serverAuth\"",
        ("const char *", "store") => "\"ROOT\"",
        ("uint32_t", "role") => "TLSW_CLIENT",
        ("uint32_t", "mode") => "TLSW_CERT_REQUIRED",
        ("uint32_t", "protocol") => "TLSW_PROTOCOL_TLS_CLIENT",
        ("uint32_t", "how") => "TLSW_SHUT_WRITE",
        ("uint32_t", "which") => "TLSW_CHAIN_SENT",
        ("uint32_t", "part") => "0",
        ("uint32_t", "flags") if NO_FLAGS.contains(&function) => "0",
        ("uint32_t", "flags") => "TLSW_VERIFY_X509_TRUSTED_FIRST",
        ("int32_t", "purpose") => "TLSW_PURPOSE_SERVER_AUTH",
        ("uint64_t", "options") => "TLSW_OP_ALL",
        ("uint16_t", "port") => "w.port",
        ("int32_t", "version") if function.contains("min") => "TLSW_TLS_1_2",
        ("int32_t", "version") => "TLSW_TLS_1_3",
        ("int32_t", "on") if function.contains("post_handshake_auth") => "0",
        ("int32_t", "on" | "aliases" | "name") => "1",
        ("int32_t", "tickets") => "2",
        ("int32_t", "verify_error") => "10",
        ("int32_t", "alert") => "TLSW_ALERT_HANDSHAKE_FAILURE",
        ("int32_t", "nid") => "129",
        ("int64_t", "milliseconds") => "0",
        ("int64_t", "timeout_ms") if function == "tlsw_accept" => "0",
        ("int64_t", "timeout_ms") => "60000",
        ("ptrdiff_t", "fd") if function == "tlsw_accept" => "w.listener",
        ("ptrdiff_t", "fd") => "w.sockets[0]",
        ("ptrdiff_t", "file") => "w.file",
        ("uint64_t", "offset") => "0",
        ("uint64_t", "count") => "5",
        ("size_t", "index") => "0",
        ("size_t", "len") => "32",
        ("double", "entropy") => "1.0",
        ("tlsw_status", "status") => "TLSW_OK",
        ("tlsw_password_fn", _) => "give_password",
        ("tlsw_read_fn", _) => "read_nothing",
        ("tlsw_write_fn", _) => "write_anything",
        ("tlsw_free_fn", _) => "free_user",
        ("tlsw_sni_fn", _) => "any_name",
        ("tlsw_verify_fn", _) => "any_peer",
        ("tlsw_msg_fn", _) => "any_message",
        ("tlsw_info_fn", _) => "any_step",
        ("tlsw_keylog_fn", _) => "any_line",
        ("tlsw_session_fn", _) => "any_session",
        ("tlsw_psk_client_fn", _) => "any_hint",
        ("tlsw_psk_server_fn", _) => "any_identity",
        ("void *", "user") => "&w",
        ("const uint8_t *", "key") => "w.sealing_key",
        ("void *", "prompt") => "(char *)\"password: \"",
        _ => return None,
    })
}

/// Bytes to lend, and how many.
pub fn bytes(function: &str, name: &str) -> Option<(&'static str, &'static str)> {
    Some(match name {
        "data" if function.starts_with("tlsw_session_") => ("w.saved.data", "w.saved.len"),
        "data" | "pem" => ("w.ca", "w.ca_len"),
        "cert" => ("w.chain", "w.chain_len"),
        "key" => ("w.key", "w.key_len"),
        "der" => ("w.der", "w.der_len"),
        "password" => ("(const uint8_t *)\"password\"", "8"),
        "protocols" => ("(const uint8_t *)\"\\2h2\"", "3"),
        "identity" => ("(const uint8_t *)\"me\"", "2"),
        "response" | "list" => ("(const uint8_t *)\"\\0\\6\\0\\4time\"", "8"),
        "buf" | "context" => ("(const uint8_t *)\"hello\"", "5"),
        _ => return None,
    })
}

/// What is wrong for texts, numbers and functions, and what comes of it.
pub fn wrong(function: &str, ty: &str, name: &str) -> Option<Vec<(&'static str, Came)>> {
    let all = |puts: &[&'static str], came| puts.iter().map(|put| (*put, came)).collect();
    const MOST: &str = "UINT32_MAX";
    const SIGN: &str = "UINT32_C(0x80000000)";
    const NO_UTF8: &str = "\"\\xff\\xfe\"";
    const NOTHING: &str = "\"\"";
    // More than 128 bytes.
    const TOO_LONG: &str = "\"0123456789012345678901234567890123456789012345678901234567890123456789\
                            0123456789012345678901234567890123456789012345678901234567890\"";
    // Texts that are refused with words of their own.
    let texts = |more: &[(&'static str, Came)]| {
        [&[("NULL", RefusedItself), (NO_UTF8, RefusedItself)], more].concat()
    };
    Some(match (ty, name) {
        ("tlsw_buf *", "buf") => all(&["NULL", "(tlsw_buf *)off(&w, 1)"], Default),
        ("const uint8_t *", "key") if function == "tlsw_session_to_bytes" => {
            vec![("NULL", To("TLSW_OK"))]
        }
        // The bytes were made with another one.
        ("const uint8_t *", "key") => all(&["NULL", "w.key"], To("TLSW_ERR_DECODE")),
        ("void *", "prompt") => {
            vec![("NULL", To("TLSW_ERR_IO")), ("(char *)\"\\xff\\xfe\"", RefusedItself)]
        }
        ("const char *", "feature") => {
            all(&["NULL", NOTHING, "\"no such\"", NO_UTF8, "\"ALPN\""], Default)
        }
        // A directory that is not there is an empty one.
        ("const char *", "path") if function == "tlsw_ctx_load_ca_dir" => {
            let argument = To("TLSW_ERR_ARGUMENT");
            vec![("NULL", RefusedItself), (NOTHING, argument), (NO_UTF8, To("TLSW_OK"))]
        }
        ("const char *", "path") if function == "tlsw_ctx_set_keylog_file" => vec![
            ("NULL", To("TLSW_OK")),
            (NOTHING, To("TLSW_ERR_IO")),
            ("\"/\\xff\\xfe/keys\"", To("TLSW_ERR_IO")),
        ],
        ("const char *", "path" | "cert_path") => vec![
            ("NULL", RefusedItself),
            (NOTHING, To("TLSW_ERR_IO")),
            (NO_UTF8, To("TLSW_ERR_IO")),
        ],
        ("const char *", "key_path") => vec![
            // The key is looked for in cert_path, where there is none.
            ("NULL", To("TLSW_ERR_DECODE")),
            (NOTHING, To("TLSW_ERR_IO")),
            (NO_UTF8, To("TLSW_ERR_IO")),
        ],
        ("const char *", "ca_path") => vec![
            // Nobody is asked, either way.
            ("NULL", To("TLSW_ERR_IO")),
            (NOTHING, To("TLSW_ERR_IO")),
            ("w.key_path", To("TLSW_ERR_DECODE")),
        ],
        ("const char *", "server_hostname") => all(
            &[
                "NULL",
                NOTHING,
                NO_UTF8,
                "\"a b\"",
                "\".\"",
                "\"a\\357\\267\\220\"",
                "\"1.2.3.4:443\"",
            ],
            RefusedItself,
        ),
        ("const char *", "hostname") if function == "tlsw_hostname_to_ascii" => {
            texts(&[(NOTHING, RefusedItself), ("\"a b\"", RefusedItself)])
        }
        ("const char *", "hostname") if function == "tlsw_hostname_to_unicode" => {
            texts(&[(NOTHING, To("TLSW_OK")), ("\"xn--0\"", To("TLSW_ERR_DECODE"))])
        }
        ("const char *", "hostname") => texts(&[
            (NOTHING, To("TLSW_ERR_VERIFY")),
            ("\"localhost.example\"", To("TLSW_ERR_VERIFY")),
            ("\"10.0.0.1\"", To("TLSW_ERR_VERIFY")),
        ]),
        ("const char *", "host") => texts(&[(NOTHING, RefusedItself)]),
        ("const char *", "hash") => vec![
            ("NULL", To("TLSW_OK")),
            (NOTHING, RefusedItself),
            (NO_UTF8, RefusedItself),
            ("\"sha-256\"", RefusedItself),
        ],
        ("const char *", "hint") => vec![
            ("NULL", To("TLSW_OK")),
            (NOTHING, To("TLSW_OK")),
            (NO_UTF8, RefusedItself),
            (TOO_LONG, RefusedItself),
        ],
        ("const char *", "list" | "names") => {
            texts(&[(NOTHING, To("TLSW_ERR_TLS")), ("\"no such\"", To("TLSW_ERR_TLS"))])
        }
        ("const char *", "groups" | "curve") => texts(&[
            (NOTHING, RefusedItself),
            ("\"no such\"", RefusedItself),
            ("\"x25519:x25519\"", RefusedItself),
            ("\"secp256k1\"", To("TLSW_ERR_TLS")),
        ]),
        ("const char *", "type") => texts(&[
            (NOTHING, RefusedItself),
            ("\"tls-none\"", RefusedItself),
            ("\"tls-unique\"", To("TLSW_ERR_UNSUPPORTED")),
        ]),
        ("const char *", "label") => texts(&[(NOTHING, To("TLSW_OK"))]),
        ("const char *", "time") => {
            texts(&[(NOTHING, RefusedItself), ("\"Jan  5 09:34:43 2018\"", RefusedItself)])
        }
        // In Python's words, which name the text and not the argument.
        ("const char *", "text") => texts(&[
            (NOTHING, To("TLSW_ERR_ARGUMENT")),
            ("\"no such\"", To("TLSW_ERR_ARGUMENT")),
            ("\"1.2.\"", To("TLSW_ERR_ARGUMENT")),
        ]),
        ("const char *", "store") => texts(&[]),
        ("uint32_t", "role") if function == "tlsw_ctx_new" => {
            all(&["0", "3", SIGN, MOST], RefusedItself)
        }
        ("uint32_t", "role") if function == "tlsw_ctx_new_protocol" => {
            all(&["TLSW_SERVER", "3", SIGN, MOST], RefusedItself)
        }
        ("uint32_t", "role") => all(&["0", "TLSW_SERVER", "3", SIGN, MOST], RefusedItself),
        ("uint32_t", "mode") => vec![
            ("4", RefusedItself),
            (SIGN, RefusedItself),
            (MOST, RefusedItself),
            ("TLSW_CERT_NONE", To("TLSW_ERR_STATE")),
        ],
        ("uint32_t", "protocol") => vec![
            ("6", RefusedItself),
            ("18", RefusedItself),
            (SIGN, RefusedItself),
            (MOST, RefusedItself),
            ("TLSW_PROTOCOL_SSLV2", To("TLSW_ERR_UNSUPPORTED")),
            ("TLSW_PROTOCOL_SSLV3", To("TLSW_ERR_UNSUPPORTED")),
            // A role that is given is not its own.
            (
                "TLSW_PROTOCOL_TLS_SERVER",
                match function {
                    "tlsw_ctx_new_protocol" => Refused("role"),
                    _ => RefusedItself,
                },
            ),
        ],
        ("int32_t", "purpose") => {
            all(&["0", "1", "131", "-1", "INT32_MIN", "INT32_MAX"], RefusedItself)
        }
        ("uint32_t", "flags") if NO_FLAGS.contains(&function) => {
            all(&["0x10", SIGN, MOST], RefusedItself)
        }
        ("uint32_t", "how") => all(&["0", "2", "4", SIGN, MOST], RefusedItself),
        ("uint32_t", "which") => all(&["2", SIGN, MOST], RefusedItself),
        ("uint32_t", "whose") => all(&["2", SIGN, MOST], RefusedItself),
        ("uint32_t", "seconds" | "sessions") => all(&["0", MOST], To("TLSW_OK")),
        ("uint32_t", "part") => all(&["5", SIGN, MOST], Default),
        ("uint32_t", "flags") => vec![
            (SIGN, To("TLSW_OK")),
            (MOST, To("TLSW_ERR_UNSUPPORTED")),
            ("TLSW_VERIFY_ALLOW_PROXY_CERTS", To("TLSW_ERR_UNSUPPORTED")),
        ],
        ("uint64_t", "options") => vec![
            ("0", To("TLSW_OK")),
            ("UINT64_MAX", To("TLSW_ERR_UNSUPPORTED")),
            ("TLSW_OP_ENABLE_KTLS", To("TLSW_ERR_UNSUPPORTED")),
        ],
        ("uint16_t", "port") => all(&["0"], To("TLSW_ERR_IO")),
        ("int32_t", "version") => {
            all(&["0", "0x02ff", "0x0305", "0xfefd", "0x10303", SIGN, "INT32_MAX"], RefusedItself)
        }
        ("int32_t", "on") if function.contains("post_handshake_auth") => vec![
            ("1", To("TLSW_ERR_UNSUPPORTED")),
            ("2", RefusedItself),
            ("INT32_MIN", RefusedItself),
        ],
        ("int32_t", "on" | "aliases" | "name") => {
            all(&["2", "-1", "INT32_MAX", "INT32_MIN"], RefusedItself)
        }
        ("int32_t", "tickets") => {
            vec![("-1", RefusedItself), ("INT32_MIN", RefusedItself), ("INT32_MAX", To("TLSW_OK"))]
        }
        ("int32_t", "verify_error" | "alert") => {
            all(&["INT32_MIN", "INT32_MAX", "-1", "1000"], Text)
        }
        ("int32_t", "nid") => vec![
            ("-1", RefusedItself),
            ("INT32_MIN", RefusedItself),
            ("INT32_MAX", To("TLSW_ERR_ARGUMENT")),
        ],
        ("int64_t", "milliseconds") => all(&["1", "-1", "INT64_MAX", "INT64_MIN"], RefusedItself),
        ("int64_t", "timeout_ms") if function == "tlsw_accept" => {
            all(&["1"], To("TLSW_ERR_TIMEOUT"))
        }
        ("int64_t", "timeout_ms") => vec![
            ("0", RefusedItself),
            ("INT64_MAX", To("TLSW_ERR_IO")),
            ("INT64_MIN", To("TLSW_ERR_IO")),
        ],
        ("ptrdiff_t", "fd") => {
            let mut wrong = vec![
                "-1",
                "PTRDIFF_MAX",
                "PTRDIFF_MIN",
                "w.closed",
                "w.file",
                "w.pipes[0]",
                "w.datagrams[0]",
            ];
            if function == "tlsw_accept" {
                // It is connected, and does not listen.
                wrong.push("w.sockets[0]");
            }
            if cfg!(target_pointer_width = "64") {
                wrong.push("(ptrdiff_t)(w.sockets[0] + (INT64_C(1) << 32))");
            }
            all(&wrong, RefusedItself)
        }
        ("ptrdiff_t", "file") => vec![
            ("-1", RefusedItself),
            ("PTRDIFF_MAX", RefusedItself),
            ("PTRDIFF_MIN", RefusedItself),
            ("w.closed", To("TLSW_ERR_IO")),
            ("w.pipes[0]", To("TLSW_ERR_IO")),
        ],
        ("uint64_t", "offset") => all(&["UINT64_MAX"], RefusedItself),
        ("uint64_t", "count") => all(&["0", "UINT64_MAX"], To("TLSW_OK")),
        ("size_t", "index") => all(&["SIZE_MAX", "tlsw_cert_san_count(w.cert)"], To("TLSW_NONE")),
        ("size_t", "len") => all(&["0", "16385", "SIZE_MAX"], RefusedItself),
        ("double", "entropy") => all(&["-1.0", "1e308 * 10.0"], To("TLSW_OK")),
        ("tlsw_status", "status") if function == "tlsw_status_ssl_error" => vec![
            ("INT32_MAX", Default),
            ("INT32_MIN", Answer("TLSW_SSL_ERROR_INVALID_ERROR_CODE")),
            ("-1000", Answer("TLSW_SSL_ERROR_INVALID_ERROR_CODE")),
        ],
        ("tlsw_status", "status") => all(&["INT32_MIN", "INT32_MAX", "1000", "-1000"], Text),
        ("tlsw_password_fn" | "tlsw_free_fn", _) => vec![("NULL", To("TLSW_OK"))],
        ("void *", "user") => vec![("NULL", To("TLSW_OK"))],
        // Taken out.
        (_, "hook") => vec![("NULL", To("TLSW_OK"))],
        ("tlsw_read_fn" | "tlsw_write_fn", _) => vec![("NULL", RefusedItself)],
        _ => return None,
    })
}
