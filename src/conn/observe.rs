//! What a connection does about what BoringSSL tells it.

use std::ffi::CStr;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use boring::ssl::SslSession;

use super::shared::Shared;
use crate::bssl::buffer::Buffer;
use crate::bssl::observe::{Answer, Message, Observer, step};
use crate::bssl::stream::Demand;
use crate::bssl::verify_codes::code::UNSPECIFIED;
use crate::error::Result;
use crate::session::Session;
use crate::verify::{Refusal, Verdict};

/// Alerts (RFC 8446, section 6.2).
const HANDSHAKE_FAILURE: u8 = 40;
const INTERNAL_ERROR: u8 = 80;

impl Shared {
    /// The length of the key that a hook gave, if it did; why not is remembered.
    fn length(&self, given: Option<Result<usize>>) -> usize {
        match given {
            Some(Ok(len)) => len,
            Some(Err(error)) => {
                let _ = self.psk_failure.set(error);
                0
            }
            None => 0,
        }
    }
}

impl Observer for Shared {
    fn hello(&self, name: Option<&CStr>, suites: &[u8]) -> Answer {
        // Asked again about the same ClientHello, the hook finds the same.
        let _ = self.hello.suites.set(suites.into());
        // As OpenSSL: the hook of the context it is under, or else of the one it was made from.
        let hook = self
            .hello
            .hook
            .get_or_init(|| self.agreed().sni_hook_now().or_else(|| self.born.sni_hook_now()));
        let Some(hook) = hook else {
            self.hello.is_done.store(true, Ordering::Relaxed);
            return Answer::GoOn;
        };
        self.hello.is_asked.store(true, Ordering::Relaxed);
        let answer = hook(self.id(), name);
        self.hello.is_asked.store(false, Ordering::Relaxed);
        self.hello.is_done.store(answer != Answer::Later, Ordering::Relaxed);
        self.hello.is_refused.store(matches!(answer, Answer::Refuse(_)), Ordering::Relaxed);
        answer
    }

    fn judge(&self, sent: &[Buffer]) -> Answer {
        let from = self.agreed();
        let decides = !matches!(from.terms.demand, Demand::None | Demand::Unenforced);
        let (code, alert) = match self.judge_once(sent) {
            Ok(Verdict::Verified(_)) => (0, HANDSHAKE_FAILURE),
            Ok(Verdict::Refused(refusal)) => (refusal.failure.code, refusal.alert),
            Err(_) => (UNSPECIFIED, INTERNAL_ERROR),
        };
        let answer = match &from.settings.hooks.verify {
            Some(hook) => {
                self.judging.store(true, Ordering::Relaxed);
                let answer = hook(self.id(), code, alert);
                // One that answers later may look at the peer until then.
                self.judging.store(answer == Answer::Later, Ordering::Relaxed);
                answer
            }
            None => Answer::GoOn,
        };
        match answer {
            Answer::GoOn if code != 0 && decides => Answer::Refuse(alert),
            Answer::Refuse(alert) => {
                // Tells of it only where there is no other refusal.
                let _ = self.hook_refusal.set(Refusal::by_hook(alert, sent.first()));
                answer
            }
            _ => answer,
        }
    }

    fn own_psk(&self, hint: Option<&CStr>, identity: &mut [u8], key: &mut [u8]) -> usize {
        let from = self.agreed();
        let hook = from.settings.hooks.psk_client.as_ref();
        self.length(hook.map(|hook| hook(self.id(), hint, identity, key)))
    }

    fn psk_of(&self, identity: &CStr, key: &mut [u8]) -> usize {
        let from = self.agreed();
        let hook = from.settings.hooks.psk_server.as_ref();
        self.length(hook.map(|hook| hook(self.id(), identity, key)))
    }

    fn imported(&self, identity: &[u8]) {
        let _ = self.imported.set(identity.into());
    }

    fn keep_session(&self, session: SslSession) {
        self.born.cache.put(session);
    }

    fn find_session(&self, id: &[u8]) -> Option<SslSession> {
        self.born.cache.find(id)
    }

    fn choose_protocol<'a>(&self, offered: &'a [u8]) -> Option<&'a [u8]> {
        self.agreed().choose_protocol(offered)
    }

    fn new_session(&self, session: SslSession, sent: &dyn Fn() -> Vec<Buffer>) {
        // It would hold nothing to judge the server by; and the key is there for the next time.
        if self.imported.get().is_some() {
            return;
        }
        *self.session.lock().unwrap_or_else(PoisonError::into_inner) = Some(session.clone());
        let from = self.agreed();
        if let Some(hook) = &from.settings.hooks.sessions {
            hook(self.id(), Session::new(session, from.origin, self.verified(sent())));
        }
    }

    fn wants_steps(&self) -> bool {
        self.told().settings.hooks.info.is_some()
    }

    fn step(&self, step: i32, value: i32, is_resumed: bool) {
        // As OpenSSL's, they are those of the first context.
        let (stats, role) = (&self.born.stats, self.born.role);
        match step {
            step::HANDSHAKE_START if self.has_shaken_hands.swap(true, Ordering::Relaxed) => {
                stats.of(role).again.add();
            }
            step::HANDSHAKE_START => stats.of(role).begun.add(),
            step::HANDSHAKE_DONE => {
                *self.shown.lock().unwrap_or_else(PoisonError::into_inner) = Box::default();
                stats.of(role).done.add();
                if is_resumed {
                    stats.hits.add();
                }
            }
            _ => {}
        }
        // The low byte is the description, the one above it the level.
        if step == step::WRITE_ALERT
            && let Ok(description) = u8::try_from(value & 0xff)
        {
            self.alert_sent.store(description.into(), Ordering::Relaxed);
        }
        if let Some(hook) = &self.told().settings.hooks.info {
            hook(self.id(), step, value);
        }
    }

    fn wants_messages(&self) -> bool {
        self.told().settings.hooks.messages.is_some()
    }

    fn message(&self, message: &Message<'_>) {
        if let Some(verify_data) = message.finished() {
            let mut finished = self.finished.lock().unwrap_or_else(PoisonError::into_inner);
            let [ours, theirs] = &mut *finished;
            *(if message.is_write { ours } else { theirs }) = verify_data.to_vec();
        }
        if let Some(der) = message.certificate() {
            *self.shown.lock().unwrap_or_else(PoisonError::into_inner) = der.into();
        }
        if let Some(hook) = &self.told().settings.hooks.messages {
            hook(self.id(), message);
        }
    }

    fn key_log(&self, line: &CStr) {
        let from = self.agreed();
        if let Some(hook) = &from.settings.hooks.key_log {
            hook(self.id(), line);
        }
        if let Some(file) = &from.settings.key_log {
            file.write(line);
        }
    }
}
