//! JSON documents, which the host language parses and holds.

use alloc::string::String;
use alloc::vec::Vec;

/// A value of the host language: a JSON document, or an error that was thrown there.
pub trait Json: Clone {
    /// The document that a JSON text describes; nothing when it is not JSON.
    fn parse(json: &str) -> Option<Self>;
    /// A member of an object; nothing when this is no object, or has no such member.
    fn member(&self, name: &str) -> Option<Self>;
    /// The text, when this is a string.
    fn text(&self) -> Option<String>;
    /// Whether this is an object (and no array).
    fn is_object(&self) -> bool;
    /// The items, when this is an array.
    fn items(&self) -> Option<Vec<Self>>;
    /// This object with one more member that holds a text.
    fn with_member(self, name: &str, text: &str) -> Self;
}
