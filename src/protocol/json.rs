//! Values of the host language: texts, JSON documents, and errors that were thrown there. The host parses and holds them.

/// A value of the host language.
pub trait Json: Clone + PartialEq {
    /// The value that is this text.
    fn from_text(text: &str) -> Self;
    /// The text, when this is a string.
    fn text(&self) -> Option<String>;
    /// This text without a token, however it is written there: plainly, or as JSON, URLs or HTML write it.
    fn redacted(&self, token: &Self) -> Self;
    /// The document that this text describes; nothing when it is not JSON.
    fn parse(&self) -> Option<Self>;
    /// An object without any members, also inherited ones.
    fn empty() -> Self;
    /// Whether this is an object (and no array).
    fn is_object(&self) -> bool;
    /// A member of an object; nothing when this is no object, or has no such member.
    fn member(&self, name: &str) -> Option<Self>;
    /// A member of an object that is a string.
    fn text_member(&self, name: &str) -> Option<String> {
        self.member(name)?.text()
    }
    /// This object with one more member that holds a text.
    fn with_member(self, name: &str, text: &str) -> Self;
    /// One more name in an object that stands for a set of names: the host finds one among many thousands at once.
    fn insert(&mut self, name: &str) {
        let whole = std::mem::replace(self, Self::from_text(""));
        *self = whole.with_member(name, "");
    }
    /// The items, when this is an array.
    fn items(&self) -> Option<Vec<Self>>;
}
