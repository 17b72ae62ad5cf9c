//! Pointers from C: checked before they are used. Every function here is unsafe in the same way: a
//! pointer that is neither NULL, nor visibly wrong, is the caller's promise.

use std::ffi::{CStr, c_char};
use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::types::*;
use crate::error::{Error, Result};

/// A type that C sees as an opaque handle.
pub trait Kind {
    /// What the handle holds.
    type Inner;
    /// Its C name.
    const NAME: &'static str;
}

/// What a handle points to. It begins with a mark by which a handle of another kind, and most
/// handles that were freed, are told.
#[repr(C)]
pub struct Handle<T> {
    mark: u64,
    /// How many of the counts on it are the caller's, given and not freed. The others are of calls
    /// and of objects that keep it, and no mistake of the caller's takes them away.
    owned: AtomicUsize,
    inner: T,
}

/// The mark of a kind: its name, hashed (FNV-1a), so that no two kinds share one.
const fn mark<K: Kind>() -> u64 {
    let name = K::NAME.as_bytes();
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut rest = name;
    while let Some((&byte, after)) = rest.split_first() {
        hash = (hash ^ byte as u64).wrapping_mul(0x0100_0000_01b3);
        rest = after;
    }
    hash
}

impl<T> Drop for Handle<T> {
    fn drop(&mut self) {
        // Volatile: the compiler would leave out a write to what is about to be freed.
        // SAFETY: a field of our own.
        unsafe { std::ptr::write_volatile(&raw mut self.mark, 0) };
    }
}

/// A counted hold on what a handle holds, for the time of a call.
pub(super) struct Held<K: Kind>(Arc<Handle<K::Inner>>, PhantomData<K>);

impl<K: Kind> std::ops::Deref for Held<K> {
    type Target = K::Inner;
    fn deref(&self) -> &K::Inner {
        &self.0.inner
    }
}

/// Whether `pointer` can be a handle of this kind.
unsafe fn is<K: Kind>(pointer: *const Handle<K::Inner>) -> bool {
    // SAFETY: not NULL and aligned; that there is memory is the caller's promise.
    !pointer.is_null() && pointer.is_aligned() && unsafe { (*pointer).mark } == mark::<K>()
}

/// A new handle, owned by the caller.
pub(super) fn give<K: Kind>(inner: K::Inner) -> *mut K {
    let handle = Handle { mark: mark::<K>(), owned: AtomicUsize::new(1), inner };
    Arc::into_raw(Arc::new(handle)).cast_mut().cast()
}

/// Holds a handle for the time of a call, so that it may be freed meanwhile.
pub(super) unsafe fn hold<K: Kind>(pointer: *const K, name: &str) -> Result<Held<K>> {
    let handle = pointer.cast::<Handle<K::Inner>>();
    // SAFETY: the caller's promise.
    if !unsafe { is::<K>(handle) } {
        return Err(Error::argument(if pointer.is_null() {
            format!("{name} is NULL")
        } else {
            format!("{name} is not a {}: it is of another kind, or was freed", K::NAME)
        }));
    }
    // SAFETY: made by `give` from an Arc, and the mark says that it is alive.
    let held = unsafe {
        Arc::increment_strong_count(handle);
        Arc::from_raw(handle)
    };
    Ok(Held(held, PhantomData))
}

/// A handle that is held, once more, for the caller to free.
pub(super) fn share<K: Kind>(held: &Held<K>) -> *mut K {
    held.0.owned.fetch_add(1, Ordering::Relaxed);
    Arc::into_raw(Arc::clone(&held.0)).cast_mut().cast()
}

/// Gives back a hold of the caller's. NULL is fine; what is visibly no handle, or none of the
/// caller's any more, is left alone.
pub(super) unsafe fn release<K: Kind>(pointer: *mut K) {
    let handle = pointer.cast::<Handle<K::Inner>>().cast_const();
    // SAFETY: the caller's promise; made by `give` from an Arc.
    unsafe {
        if is::<K>(handle) && take_one(&(*handle).owned) {
            drop(Arc::from_raw(handle));
        }
    }
}

/// Whether there was one to take.
fn take_one(count: &AtomicUsize) -> bool {
    let less = |count: usize| count.checked_sub(1);
    count.fetch_update(Ordering::AcqRel, Ordering::Relaxed, less).is_ok()
}

/// What a handle holds, borrowed as long as the handle lives.
pub(super) unsafe fn borrow<'a, K: Kind>(pointer: *const K) -> Option<&'a K::Inner> {
    let handle = pointer.cast::<Handle<K::Inner>>();
    // SAFETY: the caller's promise, and that he does not free it while he uses what comes back.
    unsafe { is::<K>(handle).then(|| &(*handle).inner) }
}

/// Bytes that the caller lends: `(NULL, 0)` is empty.
pub(super) unsafe fn bytes<'a>(data: *const u8, len: usize, name: &str) -> Result<&'a [u8]> {
    check_room(data, len, name)?;
    if len == 0 {
        return Ok(&[]);
    }
    // SAFETY: not NULL and of a possible length; the rest is the caller's promise.
    Ok(unsafe { std::slice::from_raw_parts(data, len) })
}

/// `N` bytes that the caller lends, or NULL.
pub(super) unsafe fn optional_array<'a, const N: usize>(data: *const u8) -> Option<&'a [u8; N]> {
    // SAFETY: NULL, or the caller's promise; bytes have no alignment.
    unsafe { data.cast::<[u8; N]>().as_ref() }
}

/// Room that the caller lends.
pub(super) unsafe fn room<'a>(data: *mut u8, len: usize, name: &str) -> Result<&'a mut [u8]> {
    check_room(data, len, name)?;
    if len == 0 {
        return Ok(&mut []);
    }
    // SAFETY: as in `bytes`.
    Ok(unsafe { std::slice::from_raw_parts_mut(data, len) })
}

fn check_room(data: *const u8, len: usize, name: &str) -> Result<()> {
    if data.is_null() && len != 0 {
        return Err(Error::argument(format!("{name} is NULL, but its length is {len}")));
    }
    if isize::try_from(len).is_err() {
        return Err(Error::argument(format!(
            "{name}: its length {len} is more than memory can hold; is a negative number behind it?"
        )));
    }
    Ok(())
}

/// Text that the caller lends.
pub(super) unsafe fn text<'a>(text: *const c_char, name: &str) -> Result<&'a str> {
    // SAFETY: passed on.
    unsafe { optional_text(text, name) }?.ok_or_else(|| Error::argument(format!("{name} is NULL")))
}

/// Text that the caller lends, or NULL.
pub(super) unsafe fn optional_text<'a>(text: *const c_char, name: &str) -> Result<Option<&'a str>> {
    if text.is_null() {
        return Ok(None);
    }
    // SAFETY: not NULL; that it ends is the caller's promise.
    unsafe { CStr::from_ptr(text) }
        .to_str()
        .map(Some)
        .map_err(|_| Error::argument(format!("{name} is not UTF-8")))
}

/// A path that the caller lends, as the system has it.
pub(super) unsafe fn path<'a>(path: *const c_char, name: &str) -> Result<&'a std::path::Path> {
    if path.is_null() {
        return Err(Error::argument(format!("{name} is NULL")));
    }
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        // SAFETY: as in `optional_text`.
        let bytes = unsafe { CStr::from_ptr(path) }.to_bytes();
        Ok(std::path::Path::new(std::ffi::OsStr::from_bytes(bytes)))
    }
    #[cfg(not(unix))]
    {
        // SAFETY: passed on.
        unsafe { text(path, name) }.map(std::path::Path::new)
    }
}

/// A path that the caller lends, or NULL.
pub(super) unsafe fn optional_path<'a>(
    path: *const c_char,
    name: &str,
) -> Result<Option<&'a std::path::Path>> {
    if path.is_null() {
        return Ok(None);
    }
    // SAFETY: passed on.
    unsafe { self::path(path, name) }.map(Some)
}

/// Where a result goes.
pub(super) struct Out<'a, T>(&'a mut T);

impl<T> Out<'_, T> {
    /// Writes it.
    pub fn put(self, value: T) {
        *self.0 = value;
    }
}

/// Where a result goes; must not be NULL.
pub(super) unsafe fn out<'a, T>(pointer: *mut T, name: &str) -> Result<Out<'a, T>> {
    // SAFETY: passed on.
    unsafe { optional_out(pointer, name) }?
        .ok_or_else(|| Error::argument(format!("{name} is NULL; it is where the result goes")))
}

/// Where a result goes, or NULL.
pub(super) unsafe fn optional_out<'a, T>(
    pointer: *mut T,
    name: &str,
) -> Result<Option<Out<'a, T>>> {
    if !pointer.is_aligned() {
        return Err(Error::argument(format!("{name} is not aligned")));
    }
    // SAFETY: NULL or aligned; that there is room is the caller's promise. The types that go out
    // (numbers, pointers, tlsw_buf) have no invalid values, so what was there does not matter.
    Ok(unsafe { pointer.as_mut() }.map(Out))
}

/// Bytes for the caller to keep, one NUL after their end.
pub(super) fn buf(parts: &mut dyn Iterator<Item = &[u8]>) -> Result<tlsw_buf> {
    let parts: Vec<&[u8]> = parts.collect();
    let len = parts.iter().map(|part| part.len()).sum::<usize>();
    // SAFETY: malloc of at least one byte.
    let data = unsafe { libc::malloc(len + 1) }.cast::<u8>();
    if data.is_null() {
        return Err(Error::new(
            crate::error::Kind::Memory,
            format!("{len} bytes for the result could not be had"),
        ));
    }
    let mut at = data;
    for part in parts {
        // SAFETY: the parts add up to `len`, and there is one byte more.
        unsafe {
            std::ptr::copy_nonoverlapping(part.as_ptr(), at, part.len());
            at = at.add(part.len());
        }
    }
    // SAFETY: as above.
    unsafe { at.write(0) };
    Ok(tlsw_buf { data, len })
}

/// Fills the caller's error.
pub(super) unsafe fn fill_error(err: *mut tlsw_error, error: &Error) {
    if err.is_null() || !err.is_aligned() {
        return;
    }
    let detail = error.detail();
    let mut filled = tlsw_error {
        status: super::kind_status(detail.kind),
        os_error: detail.os,
        verify_error: detail.verify.map_or(0, |verify| verify.code),
        verify_depth: detail.verify.map_or(-1, |verify| verify.depth),
        alert: detail.alert.map_or(-1, i32::from),
        code: detail.code,
        reserved: [0; 6],
        library: [0; TLSW_LIBRARY_LEN],
        reason: [0; TLSW_REASON_LEN],
        message: [0; TLSW_MESSAGE_LEN],
    };
    put_text(&mut filled.library, detail.library);
    put_text(&mut filled.reason, &detail.reason);
    put_text(&mut filled.message, &detail.message);
    // SAFETY: aligned; that there is room is the caller's promise.
    unsafe { err.write(filled) };
}

/// What a log or a terminal shows in the place of `char`. Names in certificates and files are
/// written by strangers: nothing that moves a cursor, ends a line or turns the direction of the
/// text around gets through.
fn harmless(char: char) -> char {
    match char {
        _ if char.is_control() => ' ',
        '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
        _ => char,
    }
}

/// Writes harmless text, cut at a character, leaving its last byte NUL.
fn put_text(room: &mut [c_char], text: &str) {
    let most = room.len().saturating_sub(1);
    let mut len = 0;
    let mut slots = room.iter_mut();
    for char in text.chars().map(harmless) {
        let mut utf8 = [0; 4];
        let bytes = char.encode_utf8(&mut utf8).as_bytes();
        len += bytes.len();
        if len > most {
            return;
        }
        // The bytes first: `zip` takes from its left before it finds its right empty.
        for (byte, slot) in bytes.iter().zip(slots.by_ref()) {
            *slot = byte.cast_signed() as c_char;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(size: usize, text: &str) -> Vec<u8> {
        let mut room: Vec<c_char> = vec![0; size];
        put_text(&mut room, text);
        room.iter().map(|byte| byte.cast_unsigned()).collect()
    }

    #[test]
    fn text_is_cut_at_a_character_and_ends() {
        assert_eq!(put(5, "abc"), b"abc\0\0");
        assert_eq!(put(5, "abcdef"), b"abcd\0");
        assert_eq!(put(5, "abc\u{e9}"), b"abc\0\0");
        assert_eq!(put(6, "abc\u{e9}"), b"abc\xc3\xa9\0");
        assert_eq!(put(5, "a\n\x1bb"), b"a  b\0");
        assert_eq!(put(6, "a\u{202e}b"), b"a\xef\xbf\xbdb\0");
        assert_eq!(put(0, "a"), b"");
    }

    #[test]
    fn kinds_have_marks_of_their_own() {
        let marks = [
            mark::<tlsw_ctx>(),
            mark::<tlsw_conn>(),
            mark::<tlsw_bio>(),
            mark::<tlsw_session>(),
            mark::<tlsw_cert>(),
        ];
        for (i, mark) in marks.iter().enumerate() {
            assert!(!marks[..i].contains(mark));
        }
    }
}
