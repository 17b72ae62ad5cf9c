//! What can go wrong, as data. Nothing here knows C, sockets or BoringSSL.

use std::borrow::Cow;
use std::path::Path;

/// The kinds of failure a caller can act on. One negative `tlsw_status` each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An argument is wrong: NULL, a foreign handle, a number out of range, a malformed name.
    Argument,
    /// The call is right, but not now: before the handshake, after the end, twice.
    State,
    /// The connection is inside one of its own hooks on this thread.
    Busy,
    /// The operating system or the caller's read/write function failed; see `os`.
    Io,
    /// The deadline of the call passed.
    Timeout,
    /// The peer closed the transport without a close_notify alert.
    Eof,
    /// The TLS protocol failed; see `library`, `reason`, `alert`.
    Tls,
    /// The peer's certificate did not verify; see `verify`.
    Verify,
    /// Bytes that should be a certificate, a key or a PEM file are not.
    Decode,
    /// A function of the caller's reported failure.
    Hook,
    /// BoringSSL lacks it, or this build leaves it out.
    Unsupported,
    /// Memory could not be had.
    Memory,
    /// A bug in tlswrap, caught before it could leave the library.
    Panic,
}

/// Why a peer's certificate was refused: the number of the X.509 check and where it failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VerifyFailure {
    /// An `X509_V_ERR_*` number.
    pub code: i32,
    /// 0 is the peer's own certificate, 1 its issuer, and so on.
    pub depth: i32,
}

/// A failure of one call.
#[derive(Clone, Debug)]
pub struct Error(Box<Detail>);

/// What an [`Error`] holds; boxed, because failures are rare and results are everywhere.
#[derive(Clone, Debug)]
pub struct Detail {
    /// What kind of failure this is.
    pub kind: Kind,
    /// One sentence for people: what happened, to what, and what to do.
    pub message: Cow<'static, str>,
    /// The operating system's error number, 0 if none.
    pub os: i32,
    /// The certificate check that failed, if that is what happened.
    pub verify: Option<VerifyFailure>,
    /// The TLS alert sent or received.
    pub alert: Option<u8>,
    /// BoringSSL's packed error code, for logs.
    pub code: u32,
    /// The part of the library that failed: `SSL`, `X509`, `PEM`, …
    pub library: &'static str,
    /// The mnemonic of what failed, as OpenSSL 3 spells it: `CERTIFICATE_VERIFY_FAILED`, …
    pub reason: Cow<'static, str>,
}

/// The result of everything that can fail.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error that is all in its kind and its sentence.
    #[cold]
    pub fn new(kind: Kind, message: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Detail {
            kind,
            message: message.into(),
            os: 0,
            verify: None,
            alert: None,
            code: 0,
            library: "",
            reason: Cow::Borrowed(""),
        }))
    }

    /// A wrong argument.
    #[cold]
    pub fn argument(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::Argument, message)
    }

    /// A call at the wrong time.
    #[cold]
    pub fn state(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::State, message)
    }

    /// Bytes that do not decode.
    #[cold]
    pub fn decode(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::Decode, message)
    }

    /// A failed system call: `what` was tried, `os` is its error number.
    #[cold]
    pub fn io(what: &str, os: i32) -> Self {
        let text = std::io::Error::from_raw_os_error(os);
        let mut error = Self::new(Kind::Io, format!("{what}: {text}"));
        error.0.os = os;
        error
    }

    /// The same error under the names that OpenSSL 3 has for it. Without a `reason`: the error came
    /// to `library` from the PEM reader ("PEM lib").
    #[must_use]
    pub fn named(mut self, library: &'static str, reason: impl Into<Cow<'static, str>>) -> Self {
        self.0.library = library;
        self.0.reason = reason.into();
        self
    }

    /// The same error with its message changed by `f`: callers up the stack know the file, the
    /// block or the option that the failing piece did not.
    #[must_use]
    pub fn reworded(mut self, f: impl FnOnce(&str) -> String) -> Self {
        self.0.message = f(&self.0.message).into();
        self
    }

    /// What the error holds.
    pub fn detail(&self) -> &Detail {
        &self.0
    }

    /// What the error holds, to fill in.
    pub fn detail_mut(&mut self) -> &mut Detail {
        &mut self.0
    }

    /// The kind alone.
    pub fn kind(&self) -> Kind {
        self.0.kind
    }
}

/// What a call that did not fail came to. The core's one way to say "not yet" and "nothing there".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress<T = ()> {
    /// It is done.
    Done(T),
    /// Bytes from the peer are needed first.
    WantRead,
    /// Bytes for the peer must leave first.
    WantWrite,
    /// A hook asked to be called again later.
    WantHook,
    /// The peer said goodbye (close_notify); no more will come.
    Closed,
    /// There is nothing to give, and why.
    Absent(Absence),
}

/// Why something a caller asked for is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Absence {
    /// There is none.
    None,
    /// No verified chain: verification is off.
    Unverified,
    /// No verified chain: verification failed.
    Failed,
}

impl<T> Progress<T> {
    /// Converts the value, if there is one.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Progress<U> {
        match self {
            Progress::Done(value) => Progress::Done(f(value)),
            Progress::WantRead => Progress::WantRead,
            Progress::WantWrite => Progress::WantWrite,
            Progress::WantHook => Progress::WantHook,
            Progress::Closed => Progress::Closed,
            Progress::Absent(why) => Progress::Absent(why),
        }
    }
}

impl From<crate::cert::DecodeError> for Error {
    fn from(error: crate::cert::DecodeError) -> Self {
        Self::decode(error.what)
    }
}

/// Gives a path for a message. What is the contents of a file rather than its name is not shown:
/// callers mix the two up, and it may be a key.
pub fn shown(path: &Path) -> String {
    let text = path.display().to_string();
    if !holds_contents(&text) {
        return text;
    }
    format!(
        "a path of {} bytes that looks like the contents of a file; the name of one belongs here",
        text.len()
    )
}

/// Tells if a text is PEM or bare base64, which is no name that anybody chose for a file.
fn holds_contents(text: &str) -> bool {
    let has = |kind: fn(&u8) -> bool| text.bytes().any(|b| kind(&b));
    let is_base64 = text.len() >= 60
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'='))
        && has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_lowercase)
        && has(u8::is_ascii_digit)
        // Long absolute paths without a dot or a dash are in use.
        && (!text.starts_with('/') || text.contains(['+', '=']));
    is_base64 || text.contains("-----") || text.contains(char::is_control)
}
