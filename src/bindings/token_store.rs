//! What operations were started with, by location, so that their location alone is enough to follow them. Until they have ended, or
//! until there are too many, when the oldest is forgotten.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::prelude::*;

use super::token_source::TokenSource;
use crate::protocol::limits::REMEMBERED_OPERATIONS;
use crate::protocol::location::{ServiceRoot, TrustedUrl};
use crate::protocol::time::Instant;

/// What an operation was started with.
pub struct StartedWith {
    /// The token source.
    pub tokens: TokenSource,
    /// The service.
    pub root: ServiceRoot,
    /// The replacement for the global `fetch`, or undefined.
    pub fetch: JsValue,
    /// When Graph wants to be polled for the first time.
    pub first_poll_at: Option<Instant>,
}

struct TokenStore {
    /// In the order of the locations.
    entries: Vec<Entry>,
    /// How many were ever remembered.
    count: u64,
}

struct Entry {
    location: TrustedUrl,
    number: u64,
    started_with: Rc<StartedWith>,
}

thread_local! {
    static STORE: RefCell<TokenStore> = const { RefCell::new(TokenStore { entries: Vec::new(), count: 0 }) };
}

/// Remembers what an operation was started with.
pub fn set(location: TrustedUrl, started_with: Rc<StartedWith>) {
    STORE.with_borrow_mut(|store| store.set(location, started_with));
}

/// The operation has moved: it is known by its new location as well.
pub fn alias(location: &TrustedUrl, moved_to: &TrustedUrl) {
    if let Some((_, started_with)) = get(location.as_str()) {
        set(moved_to.clone(), started_with);
    }
}

/// The operation at a location, and what it was started with.
pub fn get(location: &str) -> Option<(TrustedUrl, Rc<StartedWith>)> {
    STORE.with_borrow(|store| {
        let at = store.find(location).ok()?;
        store.entries.get(at).map(|entry| (entry.location.clone(), entry.started_with.clone()))
    })
}

/// Forgets an operation, because it has ended.
pub fn delete(location: &TrustedUrl) {
    STORE.with_borrow_mut(|store| {
        if let Ok(at) = store.find(location.as_str()) {
            store.entries.remove(at);
        }
    });
}

impl TokenStore {
    fn find(&self, location: &str) -> Result<usize, usize> {
        self.entries.binary_search_by(|entry| entry.location.as_str().cmp(location))
    }

    fn set(&mut self, location: TrustedUrl, started_with: Rc<StartedWith>) {
        self.count += 1;
        let number = self.count;
        if let Some(entry) = self.find(location.as_str()).ok().and_then(|at| self.entries.get_mut(at)) {
            (entry.number, entry.started_with) = (number, started_with);
            return;
        }
        if self.entries.len() >= REMEMBERED_OPERATIONS {
            let oldest = self.entries.iter().enumerate().min_by_key(|(_, entry)| entry.number);
            if let Some((at, _)) = oldest {
                self.entries.remove(at);
            }
        }
        if let Err(at) = self.find(location.as_str()) {
            self.entries.insert(at, Entry { location, number, started_with });
        }
    }
}
