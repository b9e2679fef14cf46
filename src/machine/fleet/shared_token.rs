//! The token requests of a fleet: at most one is open at a time, and its result serves every request that waits for the same
//! token.

use crate::machine::fleet::device::Key;
use crate::protocol::token::TokenRequest;

/// Who waits for which token.
pub struct SharedToken<V> {
    /// The open request, if any; the first of `waiting` is its.
    open: Option<TokenRequest<V>>,
    waiting: Vec<(Key, TokenRequest<V>)>,
}

impl<V> Default for SharedToken<V> {
    fn default() -> SharedToken<V> {
        SharedToken { open: None, waiting: Vec::new() }
    }
}

impl<V: Clone + PartialEq> SharedToken<V> {
    /// Adds one who waits.
    pub fn add(&mut self, key: Key, request: TokenRequest<V>) {
        self.waiting.push((key, request));
    }

    /// Opens the next token request, if none is open and somebody waits.
    pub fn open_next(&mut self) -> Option<TokenRequest<V>> {
        if self.open.is_some() {
            return None;
        }
        self.open = self.waiting.first().map(|(_, request)| request.clone());
        self.open.clone()
    }

    /// Opens a token request that nobody waits for, if none is open.
    pub fn open_own(&mut self, request: TokenRequest<V>) -> bool {
        let is_free = self.open.is_none();
        if is_free {
            self.open = Some(request);
        }
        is_free
    }

    /// Closes the open token request. Returns those who waited for it.
    pub fn close(&mut self) -> Vec<Key> {
        let Some(open) = self.open.take() else { return Vec::new() };
        let (served, waiting) =
            std::mem::take(&mut self.waiting).into_iter().partition(|(_, request)| is_same(request, &open));
        self.waiting = waiting;
        let served: Vec<(Key, TokenRequest<V>)> = served;
        served.into_iter().map(|(key, _)| key).collect()
    }

    /// Removes one who no longer waits. Returns whether nobody waits for the open request any more.
    pub fn remove(&mut self, key: Key) -> bool {
        let before = self.waiting.len();
        self.waiting.retain(|(waiting, _)| *waiting != key);
        let is_abandoned = self.waiting.len() < before
            && self.open.as_ref().is_some_and(|open| !self.waiting.iter().any(|(_, request)| is_same(request, open)));
        if is_abandoned {
            self.open = None;
        }
        is_abandoned
    }

    /// Whether somebody waits.
    pub fn has(&self, key: Key) -> bool {
        self.waiting.iter().any(|(waiting, _)| *waiting == key)
    }

    /// The number of those who wait.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Whether a token request is open.
    pub fn is_open(&self) -> bool {
        self.open.is_some()
    }
}

fn is_same<V: PartialEq>(one: &TokenRequest<V>, other: &TokenRequest<V>) -> bool {
    one.claims == other.claims && one.refused == other.refused
}
