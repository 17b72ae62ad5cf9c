//! From the prototypes of the header to a C program that calls every function as it should be, and
//! then with nonsense in the place of each argument in turn. What is not known here, a new function
//! or argument, is a panic: nothing goes untested by being forgotten.

use std::fmt::Write as _;

/// A function of the header.
pub struct Function {
    returns: String,
    pub name: String,
    arguments: Vec<Argument>,
}

struct Argument {
    ty: String,
    name: String,
}

/// Kinds of handles, and what is one of each in the program.
const HANDLES: [(&str, &str); 4] = [
    ("tlsw_ctx", "w.client"),
    ("tlsw_conn", "w.conn"),
    ("tlsw_bio", "w.bio"),
    ("tlsw_cert", "w.cert"),
];

/// Functions whose call as it should be comes to something else than TLSW_OK.
const GOOD: [(&str, &str); 1] = [("tlsw_get_failed_cert_der", "TLSW_NONE")];

/// Questions whose answer about what there is, is the answer about nothing.
const PLAIN: [&str; 3] = ["tlsw_get_session_reused", "tlsw_bio_eof", "tlsw_cert_is_ca"];

/// What comes of `(NULL, 0)` and of a pointer with length 0.
const EMPTY: [(&str, &str, Came); 15] = [
    ("tlsw_ctx_load_ca_mem", "data", Came::To("TLSW_ERR_DECODE")),
    ("tlsw_ctx_load_cert_chain_mem", "cert", Came::To("TLSW_ERR_DECODE")),
    ("tlsw_ctx_load_cert_chain_mem", "key", Came::To("TLSW_ERR_DECODE")),
    ("tlsw_ctx_load_cert_chain_mem", "password", Came::To("TLSW_OK")),
    ("tlsw_ctx_load_cert_chain_mem_cb", "cert", Came::To("TLSW_ERR_DECODE")),
    ("tlsw_ctx_load_cert_chain_mem_cb", "key", Came::To("TLSW_ERR_DECODE")),
    ("tlsw_ctx_load_cert_chain_file", "password", Came::To("TLSW_OK")),
    ("tlsw_ctx_set_alpn_protocols", "protocols", Came::To("TLSW_OK")),
    ("tlsw_conn_read", "buf", Came::To("TLSW_OK")),
    ("tlsw_conn_peek", "buf", Came::To("TLSW_OK")),
    ("tlsw_conn_write", "buf", Came::To("TLSW_OK")),
    ("tlsw_bio_read", "buf", Came::To("TLSW_OK")),
    ("tlsw_bio_write", "buf", Came::To("TLSW_OK")),
    ("tlsw_cert_new", "der", Came::To("TLSW_ERR_DECODE")),
    ("tlsw_cert_sha256", "digest", Came::Refused("digest")),
];

/// Results that a caller may leave out.
const OPTIONAL: [(&str, &str); 2] = [("tlsw_cert_new", "used"), ("tlsw_cert_san", "len")];

/// What a call comes to.
#[derive(Clone, Copy)]
enum Came {
    /// This status.
    To(&'static str),
    /// TLSW_ERR_ARGUMENT, and the message names this argument.
    Refused(&'static str),
    /// The same, and the argument is that of the case.
    RefusedItself,
    /// The answer about nothing: NULL or 0; of functions without an answer, nothing at all.
    Default,
    /// A text.
    Text,
}
use Came::*;

/// An expression in the place of an argument, said in words, and what comes of it.
struct Nonsense {
    what: &'static str,
    put: Vec<(usize, String)>,
    came: Came,
}

/// Functions that came after this table of good arguments was made, and are not in it yet. What is
/// in neither place fails the test.
pub const LATER: [&str; 70] = [
    "tlsw_alert_string",
    "tlsw_backend_version_info",
    "tlsw_backend_version_number",
    "tlsw_cert_der_to_pem",
    "tlsw_cert_pem_to_der",
    "tlsw_cert_time_to_seconds",
    "tlsw_conn_set_ctx",
    "tlsw_conn_set_session",
    "tlsw_conn_set_user",
    "tlsw_ctx_clear_ca",
    "tlsw_ctx_get_alpn_protocols",
    "tlsw_ctx_get_ca_certs",
    "tlsw_ctx_get_ca_certs_der",
    "tlsw_ctx_get_cert_store_stats",
    "tlsw_ctx_get_check_hostname",
    "tlsw_ctx_get_ciphers",
    "tlsw_ctx_get_groups",
    "tlsw_ctx_get_hostname_checks_common_name",
    "tlsw_ctx_get_max_version",
    "tlsw_ctx_get_min_version",
    "tlsw_ctx_get_num_tickets",
    "tlsw_ctx_get_options",
    "tlsw_ctx_get_post_handshake_auth",
    "tlsw_ctx_get_security_level",
    "tlsw_ctx_get_verify_flags",
    "tlsw_ctx_get_verify_mode",
    "tlsw_ctx_load_ca_dir",
    "tlsw_ctx_load_dh_params_file",
    "tlsw_ctx_set_ciphers",
    "tlsw_ctx_set_ciphersuites",
    "tlsw_ctx_set_ecdh_curve",
    "tlsw_ctx_set_groups",
    "tlsw_ctx_set_hostname_checks_common_name",
    "tlsw_ctx_set_npn_protocols",
    "tlsw_ctx_set_num_tickets",
    "tlsw_ctx_set_options",
    "tlsw_ctx_set_post_handshake_auth",
    "tlsw_ctx_set_sni_hook",
    "tlsw_ctx_set_verify_flags",
    "tlsw_enum_certificates",
    "tlsw_enum_crls",
    "tlsw_export_keying_material",
    "tlsw_get_channel_binding",
    "tlsw_get_cipher_bits",
    "tlsw_get_compression",
    "tlsw_get_ctx",
    "tlsw_get_default_verify_paths",
    "tlsw_get_role",
    "tlsw_get_server_certificate",
    "tlsw_get_server_hostname",
    "tlsw_get_session",
    "tlsw_get_timeout",
    "tlsw_get_user",
    "tlsw_match_hostname",
    "tlsw_nid2obj",
    "tlsw_rand_add",
    "tlsw_rand_bytes",
    "tlsw_rand_pseudo_bytes",
    "tlsw_rand_status",
    "tlsw_session_equal",
    "tlsw_session_free",
    "tlsw_session_from_bytes",
    "tlsw_session_has_ticket",
    "tlsw_session_id",
    "tlsw_session_ticket_lifetime_hint",
    "tlsw_session_time",
    "tlsw_session_timeout",
    "tlsw_session_to_bytes",
    "tlsw_status_ssl_error",
    "tlsw_txt2obj",
];

/// The functions of a header that are tried.
pub fn functions(header: &str) -> Vec<Function> {
    let code: Vec<_> = header.lines().filter(|line| !line.starts_with("//")).collect();
    let parse = |prototype: &str| {
        let prototype = prototype.split(");").next().unwrap().replace("TLSW_MUST_USE", "");
        let words = prototype.split_whitespace().collect::<Vec<_>>().join(" ");
        let (front, arguments) = words.split_once('(').unwrap();
        let split = |declared: &str| {
            let declared = declared.trim();
            let at = declared.rfind([' ', '*']).unwrap() + 1;
            let (ty, name) = declared.split_at(at);
            (ty.trim().to_owned(), name.to_owned())
        };
        let (returns, name) = split(front);
        let arguments = if arguments == "void" { "" } else { arguments };
        let arguments = arguments.split(',').filter(|argument| !argument.is_empty()).map(split);
        let arguments = arguments.map(|(ty, name)| Argument { ty, name }).collect();
        Function { returns, name, arguments }
    };
    let all = code.join("\n");
    let all = all.split("\nTLSW_API\n").skip(1).map(parse);
    all.filter(|function: &Function| !LATER.contains(&function.name.as_str())).collect()
}

impl Function {
    fn frees(&self) -> bool {
        self.name.ends_with("_free")
    }

    fn has_status(&self) -> bool {
        self.returns == "tlsw_status"
    }

    fn is(&self, function: &str, argument: usize, name: &str) -> bool {
        self.name == function && self.arguments[argument].name == name
    }

    fn ty(&self, i: usize) -> &str {
        self.arguments.get(i).map_or("", |argument| argument.ty.as_str())
    }

    /// The kind of the handle that an argument is.
    fn handle(&self, i: usize) -> Option<&'static str> {
        let name = self.ty(i).strip_suffix(" *")?;
        let name = name.strip_prefix("const ").unwrap_or(name);
        HANDLES.iter().map(|(kind, _)| *kind).find(|kind| *kind == name)
    }

    /// Whether an argument is bytes or room, with its length behind it.
    fn is_bytes(&self, i: usize) -> bool {
        matches!(self.ty(i), "const uint8_t *" | "uint8_t *") && self.ty(i + 1) == "size_t"
    }

    fn is_error(&self, i: usize) -> bool {
        self.ty(i) == "tlsw_error *"
    }

    /// The type of the result that an argument says where to put.
    fn result(&self, i: usize) -> Option<String> {
        let ty = self.ty(i);
        let pointed_to = ty.strip_suffix('*')?.trim();
        let is_result = ty.ends_with("**")
            || matches!(pointed_to, "size_t" | "uint32_t")
            || (pointed_to == "tlsw_buf" && !self.frees());
        is_result.then(|| pointed_to.to_owned())
    }

    /// What makes the call one as it should be.
    fn good(&self, i: usize) -> String {
        let Argument { ty, name } = &self.arguments[i];
        if self.result(i).is_some() {
            return format!("&{name}.value");
        }
        if self.is_error(i) {
            return "&err".to_owned();
        }
        if i > 0 && self.is_bytes(i - 1) {
            return match self.ty(i - 1) {
                "uint8_t *" => format!("sizeof {}", self.arguments[i - 1].name),
                _ => self.bytes(i - 1).1.to_owned(),
            };
        }
        if self.is_bytes(i) {
            return match ty.as_str() {
                "uint8_t *" => name.clone(),
                _ => self.bytes(i).0.to_owned(),
            };
        }
        if let Some(kind) = self.handle(i) {
            return match (self.frees(), name.as_str()) {
                (true, _) => format!("new_{}()", kind.strip_prefix("tlsw_").unwrap()),
                (_, "incoming") => "w.incoming".to_owned(),
                (_, "outgoing") => "w.outgoing".to_owned(),
                _ => HANDLES.iter().find(|handle| handle.0 == kind).unwrap().1.to_owned(),
            };
        }
        match (ty.as_str(), name.as_str()) {
            ("tlsw_buf *", "buf") => "&gone_buf",
            ("const char *", "feature") => "\"alpn\"",
            ("const char *", "path") => "w.ca_path",
            ("const char *", "cert_path") => "w.chain_path",
            ("const char *", "key_path") => "w.key_path",
            ("const char *", "server_hostname") => "\"localhost\"",
            ("uint32_t", "role") => "TLSW_CLIENT",
            ("uint32_t", "protocol") => "TLSW_PROTOCOL_TLS_CLIENT",
            ("int32_t", "purpose") => "TLSW_PURPOSE_SERVER_AUTH",
            ("uint32_t", "flags") => "0",
            ("uint32_t", "mode") => "TLSW_CERT_REQUIRED",
            ("int32_t", "version") if self.name.contains("min") => "TLSW_TLS_1_2",
            ("int32_t", "version") => "TLSW_TLS_1_3",
            ("uint32_t", "how") => "TLSW_SHUT_WRITE",
            ("uint32_t", "which") => "TLSW_CHAIN_SENT",
            ("int32_t", "on") => "1",
            ("int32_t", "verify_error") => "10",
            ("int64_t", "milliseconds") => "0",
            ("ptrdiff_t", "fd") => "w.sockets[0]",
            ("size_t", "index") => "0",
            ("tlsw_status", "status") => "TLSW_OK",
            ("tlsw_password_fn", _) => "give_password",
            ("tlsw_read_fn", _) => "read_nothing",
            ("tlsw_write_fn", _) => "write_anything",
            ("tlsw_free_fn", _) => "free_user",
            ("void *", "user") => "&w",
            _ => panic!("{}: what is a good {ty} {name}?", self.name),
        }
        .to_owned()
    }

    /// Bytes to lend, and how many.
    fn bytes(&self, i: usize) -> (&'static str, &'static str) {
        match self.arguments[i].name.as_str() {
            "data" => ("w.ca", "w.ca_len"),
            "cert" => ("w.chain", "w.chain_len"),
            "key" => ("w.key", "w.key_len"),
            "der" => ("w.der", "w.der_len"),
            "password" => ("(const uint8_t *)\"password\"", "8"),
            "protocols" => ("(const uint8_t *)\"\\2h2\"", "3"),
            "buf" => ("(const uint8_t *)\"hello\"", "5"),
            name => panic!("{}: what are good bytes {name}?", self.name),
        }
    }

    /// Every nonsense for an argument.
    fn nonsense(&self, i: usize) -> Vec<Nonsense> {
        let one = |what, put: &str, came| Nonsense { what, put: vec![(i, put.to_owned())], came };
        let refused = if self.has_status() { RefusedItself } else { Default };
        let name = self.arguments[i].name.as_str();
        if let Some(kind) = self.handle(i) {
            let others = HANDLES.iter().filter(|(other, _)| *other != kind);
            let mut found = vec![
                one("NULL", "NULL", refused),
                one("what was freed", "(void *)gone.bytes", refused),
                one("misaligned by 1", &format!("off({}, 1)", self.live(kind)), refused),
                one("misaligned by 4", &format!("off({}, 4)", self.live(kind)), refused),
            ];
            found.extend(
                others.map(|(_, live)| one("of another kind", &format!("(void *){live}"), refused)),
            );
            return found;
        }
        if let Some(result) = self.result(i) {
            let null = if OPTIONAL.iter().any(|(f, a)| self.is(f, i, a)) {
                // Without it the rest is as it should be: see each function's words.
                To("TLSW_OK")
            } else {
                RefusedItself
            };
            return vec![
                one("NULL", "NULL", null),
                one("misaligned", &format!("({result} *)off(&{name}, 1)"), RefusedItself),
            ];
        }
        if self.is_bytes(i) {
            let empty = EMPTY.iter().find(|(f, a, _)| self.is(f, i, a));
            let empty = empty.unwrap_or_else(|| panic!("{}: {name} of no bytes?", self.name)).2;
            let two = |what, pointer: &str, length: &str, came| Nonsense {
                what,
                put: vec![(i, pointer.to_owned()), (i + 1, length.to_owned())],
                came,
            };
            let good = self.good(i);
            return vec![
                two("NULL with a length", "NULL", "1", RefusedItself),
                two("NULL with the largest length", "NULL", "SIZE_MAX", RefusedItself),
                two("with the largest length", &good, "SIZE_MAX", RefusedItself),
                two("with a negative length", &good, "(size_t)-2", RefusedItself),
                two("of half the memory", &good, "SIZE_MAX / 2 + 1", RefusedItself),
                two("NULL and empty", "NULL", "0", empty),
                two("empty", &good, "0", empty),
            ];
        }
        if i > 0 && self.is_bytes(i - 1) {
            // With its pointer, above; but room may also be too small.
            return match self.name.as_str() {
                "tlsw_cert_sha256" => ["1", "31"]
                    .into_iter()
                    .map(|size| one("too small", size, Refused("digest")))
                    .collect(),
                _ => Vec::new(),
            };
        }
        if self.is_error(i) {
            return Vec::new(); // with every case
        }
        self.rules(i)
            .into_iter()
            .map(|(put, came)| Nonsense { what: "", put: vec![(i, put.to_owned())], came })
            .collect()
    }

    /// A live handle of a kind, for what frees too.
    fn live(&self, kind: &str) -> &'static str {
        HANDLES.iter().find(|handle| handle.0 == kind).unwrap().1
    }

    /// What is wrong for texts, numbers and functions, and what comes of it.
    fn rules(&self, i: usize) -> Vec<(&'static str, Came)> {
        let Argument { ty, name } = &self.arguments[i];
        let all = |puts: &[&'static str], came| puts.iter().map(|put| (*put, came)).collect();
        const MOST: &str = "UINT32_MAX";
        const SIGN: &str = "UINT32_C(0x80000000)";
        match (ty.as_str(), name.as_str()) {
            ("tlsw_buf *", "buf") => all(&["NULL", "(tlsw_buf *)off(&w, 1)"], Default),
            ("const char *", "feature") => {
                all(&["NULL", "\"\"", "\"no such\"", "\"\\xff\\xfe\"", "\"ALPN\""], Default)
            }
            ("const char *", "path" | "cert_path") => vec![
                ("NULL", RefusedItself),
                ("\"\"", To("TLSW_ERR_IO")),
                ("\"\\xff\\xfe\"", To("TLSW_ERR_IO")),
            ],
            ("const char *", "key_path") => vec![
                // The key is looked for in cert_path, where there is none.
                ("NULL", To("TLSW_ERR_DECODE")),
                ("\"\"", To("TLSW_ERR_IO")),
                ("\"\\xff\\xfe\"", To("TLSW_ERR_IO")),
            ],
            ("const char *", "server_hostname") => all(
                &[
                    "NULL",
                    "\"\"",
                    "\"\\xff\\xfe\"",
                    "\"a b\"",
                    "\".\"",
                    "\"b\\303\\274cher.example\"",
                    "\"1.2.3.4:443\"",
                ],
                RefusedItself,
            ),
            ("uint32_t", "role") if self.name == "tlsw_ctx_new" => {
                all(&["0", "3", SIGN, MOST], RefusedItself)
            }
            ("uint32_t", "role") if self.name == "tlsw_ctx_new_protocol" => {
                all(&["TLSW_SERVER", "3", SIGN, MOST], RefusedItself)
            }
            ("uint32_t", "protocol") => vec![
                ("6", RefusedItself),
                ("18", RefusedItself),
                (SIGN, RefusedItself),
                (MOST, RefusedItself),
                ("TLSW_PROTOCOL_SSLV2", To("TLSW_ERR_UNSUPPORTED")),
                ("TLSW_PROTOCOL_SSLV3", To("TLSW_ERR_UNSUPPORTED")),
                // The role that is given is not its own.
                ("TLSW_PROTOCOL_TLS_SERVER", Refused("role")),
            ],
            ("int32_t", "purpose") => {
                all(&["0", "1", "131", "-1", "INT32_MIN", "INT32_MAX"], RefusedItself)
            }
            ("uint32_t", "flags") => all(&["0x10", SIGN, MOST], RefusedItself),
            ("uint32_t", "role") => all(&["0", "TLSW_SERVER", "3", SIGN, MOST], RefusedItself),
            ("uint32_t", "mode") => vec![
                ("3", RefusedItself),
                (SIGN, RefusedItself),
                (MOST, RefusedItself),
                ("TLSW_CERT_NONE", To("TLSW_ERR_STATE")),
            ],
            ("int32_t", "version") => all(
                &["0", "0x02ff", "0x0305", "0xfefd", "0x10303", SIGN, "INT32_MAX"],
                RefusedItself,
            ),
            ("uint32_t", "how") => all(&["0", "2", "4", SIGN, MOST], RefusedItself),
            ("uint32_t", "which") => all(&["2", SIGN, MOST], RefusedItself),
            ("int32_t", "on") => all(&["2", "-1", "INT32_MAX", "INT32_MIN"], RefusedItself),
            ("int64_t", "milliseconds") => {
                all(&["1", "-1", "INT64_MAX", "INT64_MIN"], RefusedItself)
            }
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
                if cfg!(target_pointer_width = "64") {
                    wrong.push("(ptrdiff_t)(w.sockets[0] + (INT64_C(1) << 32))");
                }
                all(&wrong, RefusedItself)
            }
            ("size_t", "index") => {
                all(&["SIZE_MAX", "tlsw_cert_san_count(w.cert)"], To("TLSW_NONE"))
            }
            ("tlsw_status", "status") => all(&["INT32_MIN", "INT32_MAX", "1000", "-1000"], Text),
            ("int32_t", "verify_error") => all(&["INT32_MIN", "INT32_MAX", "-1", "1000"], Text),
            ("tlsw_password_fn" | "tlsw_free_fn", _) => vec![("NULL", To("TLSW_OK"))],
            ("void *", "user") => vec![("NULL", To("TLSW_OK"))],
            ("tlsw_read_fn" | "tlsw_write_fn", _) => vec![("NULL", RefusedItself)],
            _ => panic!("{}: what is a wrong {ty} {name}?", self.name),
        }
    }

    /// The call, with some arguments replaced and the error given.
    fn call(&self, put: &[(usize, String)], err: &str) -> String {
        let argument = |i: usize| {
            let replaced = put.iter().find(|(at, _)| *at == i).map(|(_, put)| put.clone());
            let given = if self.is_error(i) { Some(err.to_owned()) } else { None };
            replaced.or(given).unwrap_or_else(|| self.good(i))
        };
        let arguments: Vec<_> = (0..self.arguments.len()).map(argument).collect();
        format!("{}({})", self.name, arguments.join(", "))
    }

    /// Where results go, poisoned.
    fn rooms(&self, poison: &str) -> String {
        let mut out = String::new();
        for (i, Argument { name, .. }) in self.arguments.iter().enumerate() {
            let size = if let Some(ty) = self.result(i) {
                let star = if ty.ends_with('*') { "" } else { " " };
                writeln!(
                    out,
                    "    union {{ {ty}{star}value; unsigned char more[sizeof({ty}) + 8]; }} {name};"
                )
                .unwrap();
                true
            } else if self.is_bytes(i) && self.ty(i) == "uint8_t *" {
                writeln!(out, "    uint8_t {name}[64];").unwrap();
                true
            } else {
                false
            };
            if size {
                writeln!(out, "    {poison}(&{name}, sizeof {name});").unwrap();
            }
        }
        out
    }

    /// A check of every room.
    fn untouched(&self) -> String {
        let mut out = String::new();
        for (i, Argument { name, .. }) in self.arguments.iter().enumerate() {
            if self.result(i).is_some() || (self.is_bytes(i) && self.ty(i) == "uint8_t *") {
                writeln!(out, "    untouched(&{name}, sizeof {name}, \"{name}\");").unwrap();
            }
        }
        out
    }

    /// Frees what a call gave.
    fn cleanup(&self) -> String {
        let mut out = String::new();
        for (i, Argument { name, .. }) in self.arguments.iter().enumerate() {
            match self.result(i).as_deref() {
                Some("tlsw_buf") => writeln!(out, "        tlsw_buf_free(&{name}.value);"),
                Some(handle) if handle.starts_with("tlsw_") => {
                    let kind = handle.trim_end_matches([' ', '*']);
                    writeln!(out, "        {kind}_free({name}.value);")
                }
                _ => continue,
            }
            .unwrap();
        }
        out
    }

    fn good_status(&self) -> &'static str {
        GOOD.iter().find(|(name, _)| *name == self.name).map_or("TLSW_OK", |(_, status)| status)
    }

    /// The call as it should be, with and without `err`.
    fn as_it_should_be(&self) -> String {
        let rooms = self.rooms("poison");
        let mut out = format!("static void good_{}(void) {{\n", self.name);
        if !self.has_status() {
            let call = self.call(&[], "");
            out += "    ready();\n";
            if self.ty(0) == "tlsw_buf *" {
                out += "    tlsw_buf gone_buf = {NULL, 0};\n";
            }
            match self.returns.as_str() {
                "void" => writeln!(out, "    {call};").unwrap(),
                _ if PLAIN.contains(&self.name.as_str()) => {
                    writeln!(out, "    if ({call} != 0) wrong(\"an unexpected answer\", \"\");")
                        .unwrap();
                }
                _ => writeln!(out, "    if (!{call}) wrong(\"no answer\", \"\");").unwrap(),
            }
            return out + "}\n\n";
        }
        let status = self.good_status();
        for err in ["&err", "NULL"] {
            let call = self.call(&[], err);
            let err =
                if err == "NULL" { "" } else { "    untouched(&err, sizeof err, \"err\");\n" };
            write!(
                out,
                "    {{\n    ready();\n    tlsw_error err;\n    poison(&err, sizeof err);\n\
                 {rooms}    tlsw_status got = {call};\n    is_status(got, {status}, &err);\n\
                 {err}    if (got == TLSW_OK) {{\n{}    }}\n    }}\n",
                self.cleanup()
            )
            .unwrap();
        }
        out + "}\n\n"
    }

    /// One case: the call with nonsense, what came of it, and that all is as before.
    fn case(&self, i: usize, nonsense: &Nonsense) -> String {
        let Argument { name, .. } = &self.arguments[i];
        let put = &nonsense.put[0].1;
        let what = format!("{}: {name} is {} {put}", self.name, nonsense.what).replace("  ", " ");
        let what = what.replace('\\', "\\\\").replace('"', "\\\"");
        let mut out = format!("    {{\n    begin(\"{what}\");\n    ready();\n");
        if !self.has_status() {
            let call = self.call(&nonsense.put, "");
            match (nonsense.came, self.returns.as_str()) {
                (Default, "void") => writeln!(out, "    {call};"),
                (Default, _) => writeln!(out, "    if ({call}) wrong(\"an answer\", \"\");"),
                (Text, _) => writeln!(out, "    if (!*{call}) wrong(\"no text\", \"\");"),
                _ => panic!("{what}: has no status"),
            }
            .unwrap();
            writeln!(out, "    alive();\n    good_{}();\n    }}", self.name).unwrap();
            return out;
        }
        let (status, named) = match nonsense.came {
            To(status) => (status, "NULL".to_owned()),
            Refused(named) => ("TLSW_ERR_ARGUMENT", format!("\"{named}\"")),
            RefusedItself => ("TLSW_ERR_ARGUMENT", format!("\"{name}\"")),
            Default | Text => panic!("{what}: has a status"),
        };
        let error = self.arguments.last().unwrap().name.as_str();
        let [with, without, misaligned] = ["&err.value", "NULL", "(tlsw_error *)off(&err, 1)"]
            .map(|err| self.call(&nonsense.put, err));
        out += "    union { tlsw_error value; unsigned char more[sizeof(tlsw_error) + 8]; } err;\n";
        out += "    poison(&err, sizeof err);\n";
        out += &self.rooms("poison");
        writeln!(out, "    tlsw_status got = {with};").unwrap();
        writeln!(out, "    is_status(got, {status}, &err.value);").unwrap();
        if status == "TLSW_OK" {
            out += "    untouched(&err, sizeof err, \"err\");\n";
            writeln!(out, "    if (got == TLSW_OK) {{\n{}    }}", self.cleanup()).unwrap();
        } else {
            if status.starts_with("TLSW_ERR") {
                writeln!(out, "    if (got < 0) is_filled(&err.value, got, {named});").unwrap();
                out += "    untouched(err.more + sizeof err.value, 8, \"behind err\");\n";
            } else {
                out += "    untouched(&err, sizeof err, \"err\");\n";
            }
            out += &self.untouched();
            writeln!(out, "    is_status({without}, {status}, NULL);").unwrap();
            out += &self.untouched();
            out += "    poison(&err, sizeof err);\n";
            writeln!(out, "    is_status({misaligned}, {status}, NULL);").unwrap();
            writeln!(out, "    untouched(&err, sizeof err, \"{error}, misaligned\");").unwrap();
            out += &self.untouched();
            out += "    alive();\n";
        }
        writeln!(out, "    good_{}();\n    }}", self.name).unwrap();
        out
    }
}

/// The program, and how many cases it has.
pub fn program(functions: &[Function], header: &str, frame: &str) -> (String, usize) {
    let mut out = format!("#include \"{header}\"\n#include \"{frame}\"\n\n");
    let mut cases = 0;
    for function in functions {
        out += &function.as_it_should_be();
        let mut bad = String::new();
        for i in 0..function.arguments.len() {
            for nonsense in function.nonsense(i) {
                bad += &function.case(i, &nonsense);
                cases += 1;
            }
        }
        let name = &function.name;
        writeln!(
            out,
            "static void bad_{name}(void) {{\n    world_begin();\n    begin(\"{name}\");\n    \
             good_{name}();\n{bad}    world_end();\n}}\n"
        )
        .unwrap();
        cases += 1;
    }
    out += "int main(int argc, char **argv) {\n    setvbuf(stdout, NULL, _IONBF, 0);\n    \
            demand(argc == 2, \"usage: misuse PKI\");\n    w.pki = argv[1];\n";
    for function in functions {
        writeln!(out, "    bad_{}();", function.name).unwrap();
    }
    out += "    printf(\"%d cases, %d failures\\n\", cases, failures);\n    return failures != 0;\n}\n";
    (out, cases)
}
