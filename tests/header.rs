//! `include/tlswrap.h` is generated from `src/ffi`. `bindings/constants.json` has the header's
//! numbers and texts for languages that cannot include it. `TLSW_BLESS=1 cargo test --release
//! --test header` rewrites both files after a change.

use std::fs;
use std::path::Path;

/// The files of `src/ffi` with exports, in the order of the header.
const FILES: [&str; 28] = [
    "types",
    "constants",
    "lib",
    "ctx",
    "prompt",
    "protocol",
    "trust",
    "ciphers",
    "settings",
    "wrap",
    "conn",
    "sockets",
    "get",
    "hook",
    "psk",
    "report",
    "binding",
    "session",
    "bio",
    "cert",
    "hostname",
    "convert",
    "object",
    "system",
    "server",
    "staple",
    "stores",
    "rand",
];

const PREAMBLE: &str = "\
/* tlswrap: a TLS library for every language that can call C, built on BoringSSL.

   Generated from src/ffi by cbindgen; do not edit. Every function keeps the contract in
   docs/conventions.md:

   - The status is the result: 0 is done, positive is \"not yet\" or \"not available\", negative is
     an error.
   - Results are returned through pointers, which are written on TLSW_OK only. `err` is always the
     last argument, may be NULL, and is written on failure only.
   - An invalid argument (NULL where it is not allowed, a handle of another type) returns
     TLSW_ERR_ARGUMENT.
   - \"borrows\": the memory is used during the call only. \"keeps\": the argument is used until
     the object that it was given to is freed. \"gives\": the caller owns and frees the result.
     \"fills\": the call writes into memory of the caller. \"static\": valid as long as the program
     runs.
   - Bytes are passed as pointer and length; (NULL, 0) is empty. Text is UTF-8 and ends in NUL.
   - Nothing is printed, no signal is raised, and the process is never ended; the two exceptions
     are in docs/conventions.md, \"What a call never does\". */
";

/// Constants that are text, which cbindgen cannot write.
const TEXTS: &str = "\
// The first line of a certificate's PEM block (tlsw_cert_pem_to_der).
#define TLSW_PEM_HEADER \"-----BEGIN CERTIFICATE-----\"
// The last line of a certificate's PEM block.
#define TLSW_PEM_FOOTER \"-----END CERTIFICATE-----\"
";

/// Functions for programs ported from OpenSSL or Python, each with its replacement in new programs.
/// With `TLSW_WARN_DEPRECATED` the compiler warns of their use.
const OLD_NAMES: [(&str, &str); 4] = [
    ("tlsw_match_hostname", "tlsw_ctx_set_check_hostname"),
    ("tlsw_rand_pseudo_bytes", "tlsw_rand_bytes"),
    ("tlsw_ctx_set_npn_protocols", "tlsw_ctx_set_alpn_protocols"),
    ("tlsw_ctx_set_ecdh_curve", "tlsw_ctx_set_groups"),
];

fn warnings() -> String {
    let line = |(old, new)| format!("TLSW_OLD({old}, \"{new}\");\n");
    format!(
        "// Functions for programs ported from OpenSSL or Python. If TLSW_WARN_DEPRECATED is\n\
         // defined before this header is included, the compiler warns of their use.\n\
         #if defined(TLSW_WARN_DEPRECATED) && defined(__GNUC__)\n\
         #define TLSW_OLD(name, instead) \\\n    \
         extern __typeof__(name) name __attribute__((deprecated(\"use \" instead)))\n\
         {}#undef TLSW_OLD\n#endif\n",
        OLD_NAMES.map(line).concat()
    )
}

const ATTRIBUTES: &str = "\
#if defined(_WIN32) && !defined(TLSW_STATIC)
#define TLSW_API __declspec(dllimport)
#elif defined(__GNUC__)
#define TLSW_API __attribute__((visibility(\"default\")))
#else
#define TLSW_API
#endif

#if defined(__GNUC__)
#define TLSW_MUST_USE __attribute__((warn_unused_result))
#else
#define TLSW_MUST_USE
#endif
";

fn generate(root: &Path) -> String {
    let mut config = cbindgen::Config::from_file(root.join("cbindgen.toml")).unwrap();
    config.header = Some(PREAMBLE.trim_end().to_owned());
    let version = env!("CARGO_PKG_VERSION");
    config.after_includes = Some(format!(
        "\n#define TLSW_VERSION \"{version}\"\n#define TLSW_VERSION_MAJOR {}\n#define \
         TLSW_VERSION_MINOR {}\n#define TLSW_VERSION_PATCH {}\n\n{TEXTS}\n{ATTRIBUTES}",
        env!("CARGO_PKG_VERSION_MAJOR"),
        env!("CARGO_PKG_VERSION_MINOR"),
        env!("CARGO_PKG_VERSION_PATCH"),
    ));
    config.trailer = Some(warnings());
    let mut builder = cbindgen::Builder::new().with_config(config);
    for file in FILES {
        builder = builder.with_src(root.join(format!("src/ffi/{file}.rs")));
    }
    let mut text = Vec::new();
    builder.generate().unwrap().write(&mut text);
    String::from_utf8(text).unwrap()
}

/// The header's constants, in its order, as a JSON object with one constant a line.
fn constants(header: &str) -> String {
    let defined =
        header.lines().filter_map(|line| line.strip_prefix("#define TLSW_")?.split_once(' '));
    let lines: Vec<String> = defined
        .filter(|(_, value)| value.starts_with('"') || value.parse::<i64>().is_ok())
        .map(|(name, value)| format!("  \"TLSW_{name}\": {value}"))
        .collect();
    format!("{{\n{}\n}}\n", lines.join(",\n"))
}

/// Compares a file with its generated content, or writes that with `TLSW_BLESS`.
fn check(path: &str, generated: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("TLSW_BLESS").is_some() {
        fs::write(&path, generated).unwrap();
    }
    assert!(
        generated == fs::read_to_string(&path).unwrap_or_default(),
        "{} is not what src/ffi says; run `TLSW_BLESS=1 cargo test --release --test header` and \
         look at the difference",
        path.display()
    );
}

#[test]
fn the_header_is_what_the_source_says() {
    check("include/tlswrap.h", &generate(Path::new(env!("CARGO_MANIFEST_DIR"))));
}

#[test]
fn the_constants_are_the_headers() {
    check("bindings/constants.json", &constants(&generate(Path::new(env!("CARGO_MANIFEST_DIR")))));
}

#[test]
fn every_room_with_exports_is_in_the_header() {
    let rooms = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/ffi");
    for entry in fs::read_dir(rooms).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let exports = fs::read_to_string(&path).unwrap().contains("#[unsafe(no_mangle)]");
        let functions = !["types", "constants"].contains(&name.as_str());
        assert_eq!(exports, FILES.contains(&name.as_str()) && functions, "{name}.rs");
    }
}

#[test]
fn the_compiler_warns_of_old_names_when_it_is_asked_to() {
    use std::io::Write;
    use std::process::{Command, Stdio};
    let warned = |options: &[&str]| {
        let mut child = Command::new("cc")
            .args(["-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-fsyntax-only", "-x", "c", "-"])
            .arg(concat!("-I", env!("CARGO_MANIFEST_DIR"), "/include"))
            .args(options)
            .stdin(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let calls = OLD_NAMES.map(|(old, _)| format!("    f = (void (*)(void)){old};\n")).concat();
        let program =
            format!("#include <tlswrap.h>\nvoid (*f)(void);\nvoid g(void) {{\n{calls}}}\n");
        child.stdin.take().unwrap().write_all(program.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    assert_eq!(warned(&[]), "");
    let told = warned(&["-DTLSW_WARN_DEPRECATED"]);
    for (old, new) in OLD_NAMES {
        assert!(told.contains(&format!("use {new}")), "{old}: {told}");
    }
}
