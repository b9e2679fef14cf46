//! Where access tokens come from, and which source an operation was started with.

use std::collections::VecDeque;

/// Gets access tokens.
pub trait TokenSource<V> {
    /// A token for a scope, such as `https://graph.microsoft.com/.default`. Asked before every request.
    ///
    /// # Errors
    /// Why there is none.
    async fn token(&self, scope: &str) -> Result<String, TokenError<V>>;
}

/// Why a source gave no token.
pub enum TokenError<V> {
    /// What it gave is none; the text is the end of a sentence that begins with `token`.
    Invalid(&'static str),
    /// It failed with the host's error.
    Failed(V),
}

/// Checks a token: visible ASCII (RFC 6750, section 2.1), so that it can be written into a header field and nowhere else.
///
/// # Errors
/// What is wrong with it, without repeating any of it.
pub fn check(token: &str) -> Result<(), &'static str> {
    if token.is_empty() {
        return Err("must not be empty");
    }
    if token.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("bearer ")) {
        return Err("must be the token alone, without the word Bearer");
    }
    if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("must not contain spaces, line breaks or other characters that no token has");
    }
    Ok(())
}

/// What operations were started with, by location. The oldest is forgotten when there are too many.
pub struct Remembered<T> {
    entries: VecDeque<(String, T)>,
}

impl<T: Clone> Remembered<T> {
    /// How many operations are remembered.
    pub const LIMIT: usize = 10_000;

    /// Nothing yet.
    pub const fn new() -> Remembered<T> {
        Remembered { entries: VecDeque::new() }
    }

    /// Ties what an operation was started with to its location.
    pub fn insert(&mut self, location: &str, started_with: T) {
        self.remove(location);
        if self.entries.len() == Self::LIMIT {
            self.entries.pop_front();
        }
        self.entries.push_back((location.to_owned(), started_with));
    }

    /// What the operation at a location was started with.
    pub fn get(&self, location: &str) -> Option<T> {
        self.entries.iter().find(|(at, _)| at == location).map(|(_, started_with)| started_with.clone())
    }

    /// Forgets an operation, because it has ended.
    pub fn remove(&mut self, location: &str) {
        self.entries.retain(|(at, _)| at != location);
    }
}

impl<T: Clone> Default for Remembered<T> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_one_word_of_visible_ascii() {
        assert!(check("eyJ0eXAi.eyJhdWQi.c2ln-_~+/=").is_ok());
        for bad in ["", " ", "a b", "a\r\nX: y", "a\n", "é", "Bearer abc", "bearer abc"] {
            assert!(check(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn operations_are_remembered_until_they_end_or_there_are_too_many() {
        let mut remembered = Remembered::new();
        for number in 0..=Remembered::<usize>::LIMIT {
            remembered.insert(&number.to_string(), number);
        }
        assert_eq!(remembered.get("0"), None);
        assert_eq!(remembered.get("1"), Some(1));
        remembered.remove("1");
        assert_eq!(remembered.get("1"), None);
        remembered.insert("2", 7);
        assert_eq!(remembered.get("2"), Some(7));
    }
}
