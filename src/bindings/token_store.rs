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
#[derive(Clone)]
pub struct StartedWith {
    /// The token source.
    pub tokens: KnownTokens,
    /// The service.
    pub root: ServiceRoot,
    /// The replacement for the global `fetch`, or undefined.
    pub fetch: JsValue,
}

/// The token source that a location stands for.
#[derive(Clone)]
pub enum KnownTokens {
    /// The one that every start of the operation had.
    Of(TokenSource),
    /// None: its caller does not want it to be remembered.
    Forgotten,
    /// None: starts had different ones, and nobody may be served with the token of another.
    Several,
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
    STORE.with_borrow_mut(|store| {
        if let Some(entry) = store.entry(location) {
            entry.known.learn(news);
        }
    });
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
        let Some(mut started_with) = news.started_with else { return };
        if let Some(before) = &self.started_with
            && before.tokens.differ_from(&started_with.tokens)
        {
            Rc::make_mut(&mut started_with).tokens = KnownTokens::Several;
        }
        self.started_with = Some(started_with);
    }
}

impl KnownTokens {
    fn differ_from(&self, other: &KnownTokens) -> bool {
        match (self, other) {
            (KnownTokens::Several, _) => true,
            (KnownTokens::Of(one), KnownTokens::Of(other)) => one != other,
            _ => false,
        }
    }
}

impl TokenStore {
    fn find(&self, location: &str) -> Result<usize, usize> {
        self.entries.binary_search_by(|entry| entry.location.as_str().cmp(location))
    }

    /// The entry of a location, which is the newest now.
    fn entry(&mut self, location: &TrustedUrl) -> Option<&mut Entry> {
        self.count += 1;
        let number = self.count;
        if self.find(location.as_str()).is_err() && self.entries.len() >= REMEMBERED_OPERATIONS {
            let oldest = self.entries.iter().enumerate().min_by_key(|(_, entry)| entry.number);
            if let Some((at, _)) = oldest {
                self.entries.remove(at);
            }
        }
        let at = self.find(location.as_str()).unwrap_or_else(|at| {
            self.entries.insert(at, Entry { location: location.clone(), number, known: Known::default() });
            at
        });
        let entry = self.entries.get_mut(at)?;
        entry.number = number;
        Some(entry)
    }
}
