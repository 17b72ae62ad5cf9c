//! What the library's own build adds to it in a Rust program.

fn main() {
    println!("cargo::rerun-if-changed=../src/ffi/std_shared.c");
    cc::Build::new().file("../src/ffi/std_shared.c").compile("tlsw_std_shared");
}
