//! A Rust program that depends on the crate: its panic hook is its own, and stays.

use std::panic::{set_hook, take_hook};
use std::ptr::{null, null_mut};

use tlswrap::ffi::bio::{tlsw_bio_free, tlsw_bio_new};
use tlswrap::ffi::ctx::{tlsw_ctx_free, tlsw_ctx_new};
use tlswrap::ffi::get::tlsw_get_version;
use tlswrap::ffi::types::{TLSW_CLIENT, TLSW_OK};

fn main() {
    let word = String::from("the program's own");
    let hook = Box::new(move |_: &std::panic::PanicHookInfo<'_>| eprintln!("{word}"));
    let place = (&raw const *hook).cast::<u8>();
    set_hook(hook);
    // SAFETY: NULL, room for results, and handles that are freed once.
    unsafe {
        let (mut ctx, mut bio) = (null_mut(), null_mut());
        assert_eq!(tlsw_ctx_new(TLSW_CLIENT, &raw mut ctx, null_mut()), TLSW_OK);
        assert_eq!(tlsw_bio_new(&raw mut bio, null_mut()), TLSW_OK);
        assert!(tlsw_ctx_new(TLSW_CLIENT, null_mut(), null_mut()) < 0);
        assert!(tlsw_get_version(null()).is_null());
        tlsw_bio_free(bio);
        tlsw_ctx_free(ctx);
    }
    let now = take_hook();
    assert_eq!((&raw const *now).cast::<u8>(), place, "the library has set a panic hook");
}
