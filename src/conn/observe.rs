//! What a connection does about what BoringSSL tells it.

use std::ffi::CStr;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use boring::ssl::SslSession;

use super::shared::Shared;
use crate::bssl::buffer::Buffer;
use crate::bssl::observe::{Answer, Message, Observer, step};
use crate::bssl::stream::Demand;
use crate::verify::Verdict;

impl Observer for Shared {
    fn hello(&self, name: Option<&CStr>, _suites: &[u8]) -> Answer {
        let Some(hook) = &self.born.hooks.sni else {
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
        let from = self.now();
        match self.verdict.get_or_init(|| self.reach_verdict(&from, sent)) {
            Ok(Verdict::Verified(_)) => Answer::GoOn,
            _ if matches!(from.terms.demand, Demand::None | Demand::Unenforced) => Answer::GoOn,
            Ok(Verdict::Refused(refusal)) => Answer::Refuse(refusal.alert),
            Err(_) => Answer::FAILED,
        }
    }

    fn new_session(&self, session: SslSession) {
        *self.session.lock().unwrap_or_else(PoisonError::into_inner) = Some(session);
    }

    fn step(&self, step: i32, value: i32) {
        // The low byte is the description, the one above it the level.
        if step == step::WRITE_ALERT
            && let Ok(description) = u8::try_from(value & 0xff)
        {
            self.alert_sent.store(description.into(), Ordering::Relaxed);
        }
    }

    fn wants_messages(&self) -> bool {
        false
    }

    fn message(&self, _message: &Message<'_>) {}

    fn key_log(&self, _line: &CStr) {}
}
