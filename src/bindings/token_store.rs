//! What operations were started with, by location, so that their location alone is enough to follow them. Until they have ended, or
//! until there are too many, when the oldest is forgotten.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::prelude::*;

use super::token_source::TokenSource;
use crate::protocol::location::ServiceRoot;
use crate::protocol::time::Instant;

/// How many operations are remembered.
const LIMIT: usize = 10_000;

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
    location: Box<str>,
    number: u64,
    started_with: Rc<StartedWith>,
}

thread_local! {
    static STORE: RefCell<TokenStore> = const { RefCell::new(TokenStore { entries: Vec::new(), count: 0 }) };
}

/// Remembers what an operation was started with.
pub fn set(location: &str, started_with: Rc<StartedWith>) {
    STORE.with_borrow_mut(|store| store.set(location, started_with));
}

/// The operation has moved: it is known by its new location as well.
pub fn alias(location: &str, moved_to: &str) {
    if let Some(started_with) = get(location) {
        set(moved_to, started_with);
    }
}

/// What the operation at a location was started with.
pub fn get(location: &str) -> Option<Rc<StartedWith>> {
    STORE.with_borrow(|store| {
        let at = store.find(location).ok()?;
        store.entries.get(at).map(|entry| entry.started_with.clone())
    })
}

/// Forgets an operation, because it has ended.
pub fn delete(location: &str) {
    STORE.with_borrow_mut(|store| {
        if let Ok(at) = store.find(location) {
            store.entries.remove(at);
        }
    });
}

impl TokenStore {
    fn find(&self, location: &str) -> Result<usize, usize> {
        self.entries.binary_search_by(|entry| (*entry.location).cmp(location))
    }

    fn set(&mut self, location: &str, started_with: Rc<StartedWith>) {
        self.count += 1;
        let number = self.count;
        if let Some(entry) = self.find(location).ok().and_then(|at| self.entries.get_mut(at)) {
            (entry.number, entry.started_with) = (number, started_with);
            return;
        }
        if self.entries.len() >= LIMIT {
            let oldest = self.entries.iter().enumerate().min_by_key(|(_, entry)| entry.number);
            if let Some((at, _)) = oldest {
                self.entries.remove(at);
            }
        }
        if let Err(at) = self.find(location) {
            self.entries.insert(at, Entry { location: location.into(), number, started_with });
        }
    }
}
