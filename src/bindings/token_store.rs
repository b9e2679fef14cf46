//! The token store: what is known of operations, by location. That is what they were started with, so that their location
//! alone is enough to follow them, and when Graph wants to be polled again. Entries are kept until the operation has ended,
//! or until there are too many; then the oldest is dropped.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::prelude::*;

use super::token_source::TokenSource;
use crate::protocol::limits::REMEMBERED_OPERATIONS;
use crate::protocol::location::{ServiceRoot, TrustedUrl};
use crate::protocol::time::Instant;

/// What is known of an operation.
#[derive(Clone, Default)]
pub struct Known {
    /// What it was started with; `None` if this instance did not start it.
    pub started_with: Option<Rc<StartedWith>>,
    /// The earliest time of the next poll.
    pub not_before: Option<Instant>,
}

/// What an operation was started with.
pub struct StartedWith {
    /// The token source to use for this location; `None` if it must not be remembered.
    pub tokens: Option<TokenSource>,
    /// Whether the operation was started with different token sources. Then none is used, so that no caller gets the token
    /// of another.
    pub has_several: bool,
    /// The service.
    pub root: ServiceRoot,
    /// The replacement for the global `fetch`, or undefined.
    pub fetch: JsValue,
}

struct TokenStore {
    /// Sorted by location.
    entries: Vec<Entry>,
    /// The number of updates so far.
    count: u64,
}

struct Entry {
    location: TrustedUrl,
    number: u64,
    known: Known,
}

thread_local! {
    static STORE: RefCell<TokenStore> = const { RefCell::new(TokenStore { entries: Vec::new(), count: 0 }) };
}

/// Updates what is known of an operation.
pub fn update(location: &TrustedUrl, new: Known) {
    STORE.with_borrow_mut(|store| store.update(location, new));
}

/// The operation at a location, and what is known of it.
pub fn get(location: &str) -> Option<(TrustedUrl, Known)> {
    STORE.with_borrow(|store| {
        let at = store.find(location).ok()?;
        store.entries.get(at).map(|entry| (entry.location.clone(), entry.known.clone()))
    })
}

/// Removes an operation, because it has ended.
pub fn delete(location: &TrustedUrl) {
    STORE.with_borrow_mut(|store| {
        if let Ok(at) = store.find(location.as_str()) {
            store.entries.remove(at);
        }
    });
}

impl Known {
    fn update(&mut self, new: Known) {
        if new.not_before > self.not_before {
            self.not_before = new.not_before;
        }
        let Some(started_with) = new.started_with else { return };
        let before = self.started_with.replace(started_with);
        if let (Some(before), Some(now)) = (before, &self.started_with)
            && before.differs_from(now)
        {
            let (root, fetch) = (now.root.clone(), now.fetch.clone());
            self.started_with = Some(Rc::new(StartedWith { tokens: None, has_several: true, root, fetch }));
        }
    }
}

impl StartedWith {
    fn differs_from(&self, other: &StartedWith) -> bool {
        // If the token source was not remembered, it is unknown whose it was.
        self.has_several || (other.tokens.is_some() && self.tokens != other.tokens)
    }
}

impl TokenStore {
    fn find(&self, location: &str) -> Result<usize, usize> {
        self.entries.binary_search_by(|entry| entry.location.as_str().cmp(location))
    }

    fn update(&mut self, location: &TrustedUrl, new: Known) {
        self.count += 1;
        let number = self.count;
        match self.find(location.as_str()) {
            Ok(at) => {
                if let Some(entry) = self.entries.get_mut(at) {
                    entry.number = number;
                    entry.known.update(new);
                }
            }
            Err(at) => {
                self.entries.insert(at, Entry { location: location.clone(), number, known: new });
                self.forget_oldest();
            }
        }
    }

    /// Removes the oldest entry if there are too many.
    fn forget_oldest(&mut self) {
        if self.entries.len() <= REMEMBERED_OPERATIONS {
            return;
        }
        let oldest = self.entries.iter().enumerate().min_by_key(|(_, entry)| entry.number);
        if let Some((at, _)) = oldest {
            self.entries.remove(at);
        }
    }
}
