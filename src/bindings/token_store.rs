//! What is known of operations, by location: what they were started with, so that their location alone is enough to follow them, and
//! when Graph wants to be polled again. Until they have ended, or until there are too many, when the oldest is forgotten.

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
    /// What it was started with; nothing when this instance did not start it.
    pub started_with: Option<Rc<StartedWith>>,
    /// Graph does not want to be polled before this moment.
    pub not_before: Option<Instant>,
}

/// What an operation was started with.
pub struct StartedWith {
    /// The token source that its location stands for; nothing when it is not to be remembered.
    pub tokens: Option<TokenSource>,
    /// Whether there were different ones: then nobody is served with the token of another.
    pub has_several: bool,
    /// The service.
    pub root: ServiceRoot,
    /// The replacement for the global `fetch`, or undefined.
    pub fetch: JsValue,
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
    known: Known,
}

thread_local! {
    static STORE: RefCell<TokenStore> = const { RefCell::new(TokenStore { entries: Vec::new(), count: 0 }) };
}

/// Adds to what is known of an operation.
pub fn learn(location: &TrustedUrl, news: Known) {
    STORE.with_borrow_mut(|store| store.learn(location, news));
}

/// The operation at a location, and what is known of it.
pub fn get(location: &str) -> Option<(TrustedUrl, Known)> {
    STORE.with_borrow(|store| {
        let at = store.find(location).ok()?;
        store.entries.get(at).map(|entry| (entry.location.clone(), entry.known.clone()))
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

impl Known {
    fn learn(&mut self, news: Known) {
        if news.not_before > self.not_before {
            self.not_before = news.not_before;
        }
        let Some(started_with) = news.started_with else { return };
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
        // Whose it was is not known where it was not to be remembered.
        self.has_several || (other.tokens.is_some() && self.tokens != other.tokens)
    }
}

impl TokenStore {
    fn find(&self, location: &str) -> Result<usize, usize> {
        self.entries.binary_search_by(|entry| entry.location.as_str().cmp(location))
    }

    fn learn(&mut self, location: &TrustedUrl, news: Known) {
        self.count += 1;
        let number = self.count;
        match self.find(location.as_str()) {
            Ok(at) => {
                if let Some(entry) = self.entries.get_mut(at) {
                    entry.number = number;
                    entry.known.learn(news);
                }
            }
            Err(at) => {
                self.entries.insert(at, Entry { location: location.clone(), number, known: news });
                self.forget_oldest();
            }
        }
    }

    /// Forgets the oldest, where there are too many.
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
