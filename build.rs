//! How the library is linked. Nothing is generated here.

use std::env;
use std::error::Error;

/// Stands in for the C++ runtime; says itself why.
const SHIM: &str = "src/bssl/cxx_shim.c";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={SHIM}");

    // As an argument of the last link, not as a library: the static archive must not carry it,
    // where it would take the place of the runtime in a C++ program that links the archive.
    // Any compiler will do, so another one in the environment is no reason to build anew.
    let mut shim = cc::Build::new();
    shim.file(SHIM).extra_warnings(true).cargo_metadata(false);
    for object in shim.try_compile_intermediates()? {
        println!("cargo::rustc-link-arg={}", object.display());
    }

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
    // A symbol that nobody defines is found here and not at `dlopen`.
    println!("cargo::rustc-link-arg-cdylib=-Wl,-z,defs");
    Ok(())
}

/// What must be equal for programs to go on working: `0.N` before 1.0, the major number after.
fn abi() -> String {
    match (env!("CARGO_PKG_VERSION_MAJOR"), env!("CARGO_PKG_VERSION_MINOR")) {
        ("0", minor) => format!("0.{minor}"),
        (major, _) => major.to_owned(),
    }
}
