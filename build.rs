//! How the library is linked. Nothing is generated here.

use std::env;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// Stands in for the C++ runtime; says itself why.
const SHIM: &str = "src/bssl/cxx_shim.c";
/// Whose std of Rust it is, in a Rust program and in the libraries for C; they say themselves why.
const STD_SHARED: &str = "src/ffi/std_shared.c";
const STD_OWN: &str = "src/ffi/std_own.c";
/// A part of BoringSSL compiled in another way; says itself why.
const RECORD_BUFFERS: &str = "src/bssl/record_buffers.cc";
/// The BoringSSL it belongs to: that of boring-sys 5.4.0.
const KNOWN_SOURCE: u64 = 0x50ac_ccd0_b9e5_c291;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={SHIM}");
    println!("cargo::rerun-if-changed={STD_SHARED}");
    println!("cargo::rerun-if-changed={STD_OWN}");
    println!("cargo::rerun-if-changed={RECORD_BUFFERS}");

    // As an argument of the last link, not as a library: the static archive must not carry it,
    // where it would take the place of the runtime in a C++ program that links the archive.
    // Any compiler will do, so another one in the environment is no reason to build anew.
    let mut shim = cc::Build::new();
    shim.file(SHIM).extra_warnings(true).cargo_metadata(false);
    if env::var_os("CARGO_CFG_UNIX").is_some() {
        shim.file(STD_OWN);
        cc::Build::new().file(STD_SHARED).extra_warnings(true).try_compile("tlsw_std_shared")?;
    }
    for object in shim.try_compile_intermediates()? {
        println!("cargo::rustc-link-arg={}", object.display());
    }

    record_buffers()?;

    if env::var_os("CARGO_CFG_UNIX").is_none() || env::var("CARGO_CFG_TARGET_VENDOR")? == "apple" {
        return Ok(()); // what follows is ELF's
    }
    // cargo-c names the shared object itself; it is the one that turns the feature `capi` on.
    if env::var_os("CARGO_FEATURE_CAPI").is_none() {
        println!("cargo::rustc-link-arg-cdylib=-Wl,-soname,libtlswrap.so.{}", abi());
    }
    // BoringSSL hangs a destructor on each thread that used it, and it runs when the thread ends:
    // if `dlclose` had unmapped the library by then, the process would crash.
    println!("cargo::rustc-link-arg-cdylib=-Wl,-z,nodelete");
    // A symbol that nobody defines is found here and not at `dlopen`. Those of a sanitizer are
    // defined by the program (tools/tsan.sh).
    if env::var_os("CARGO_CFG_SANITIZE").is_none() {
        println!("cargo::rustc-link-arg-cdylib=-Wl,-z,defs");
    }
    Ok(())
}

/// Puts our build of BoringSSL's record buffers in the place of its own.
///
/// All of it comes before boring-sys, so the linker finds there is nothing left to take the original
/// for. It does not go into cargo's static archive, where no order is certain; tools/seal-static.sh
/// puts it first.
fn record_buffers() -> Result<(), Box<dyn Error>> {
    // A BoringSSL that somebody else has built may be another one.
    println!("cargo::rerun-if-env-changed=BORING_BSSL_PATH");
    let Some(source) = boringssl()?.filter(|_| env::var_os("BORING_BSSL_PATH").is_none()) else {
        return Ok(());
    };
    if env::var_os("CARGO_CFG_UNIX").is_none() {
        return Ok(()); // MSVC has other words for what follows
    }
    // As BoringSSL's own build does it.
    cc::Build::new()
        .cpp(true)
        .cpp_link_stdlib(None)
        .file(RECORD_BUFFERS)
        .std("gnu++17")
        .warnings(false)
        .include(source.join("include"))
        .include(&source)
        .define("BORINGSSL_IMPLEMENTATION", None)
        .define("NDEBUG", None)
        .flags(["-fno-exceptions", "-fno-rtti", "-fno-strict-aliasing", "-fvisibility=hidden"])
        .cargo_metadata(false)
        .try_compile("tlsw_record_buffers")?;
    println!("cargo::rustc-link-search=native={}", env::var("OUT_DIR")?);
    println!("cargo::rustc-link-lib=static:-bundle,+whole-archive=tlsw_record_buffers");
    Ok(())
}

/// The source that boring-sys builds, in a directory beside ours. Only the one that our file was
/// written for: what an older boring-sys left there, or a newer one brings, has other structures.
/// After an update tests/c/allocations.c fails until the number above is the new source's.
fn boringssl() -> Result<Option<PathBuf>, Box<dyn Error>> {
    let ours = PathBuf::from(env::var("OUT_DIR")?);
    // Cargo has had `build/PACKAGE-HASH/out`, and has `build/PACKAGE/HASH/out` in newer versions.
    let flat = ours.ancestors().nth(2).map(Path::to_owned);
    let deep = ours.ancestors().nth(3).map(|builds| builds.join("boring-sys"));
    for directory in [flat, deep].into_iter().flatten().filter(|directory| directory.is_dir()) {
        for entry in fs::read_dir(directory)? {
            let source = entry?.path().join("out/boringssl");
            if fingerprint(&source).is_ok_and(|number| number == KNOWN_SOURCE) {
                return Ok(Some(source));
            }
        }
    }
    Ok(None)
}

/// What decides whether our build of the file fits, the file and its structures, hashed (FNV-1a).
fn fingerprint(source: &Path) -> io::Result<u64> {
    let mut hash = 0xcbf2_9ce4_8422_2325;
    for file in ["ssl/ssl_buffer.cc", "ssl/internal.h"] {
        for byte in fs::read(source.join(file))? {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    Ok(hash)
}

/// What must be equal for programs to go on working: `0.N` before 1.0, the major number after.
fn abi() -> String {
    match (env!("CARGO_PKG_VERSION_MAJOR"), env!("CARGO_PKG_VERSION_MINOR")) {
        ("0", minor) => format!("0.{minor}"),
        (major, _) => major.to_owned(),
    }
}
