//! Values of the host language: strings, JSON documents, and errors that were thrown there. The host parses and holds them.

/// A value of the host language.
pub trait Json: Clone + PartialEq {
    /// Makes a string.
    fn from_text(text: &str) -> Self;
    /// The text, if this is a string.
    fn text(&self) -> Option<String>;
    /// This text with a token removed, in whatever form it is written: plain, or escaped as in JSON, URLs or HTML.
    fn redacted(&self, token: &Self) -> Self;
    /// Parses this text as JSON; `None` if it is not JSON.
    fn parse(&self) -> Option<Self>;
    /// An object without any members, not even inherited ones.
    fn empty() -> Self;
    /// Whether this is an object and not an array.
    fn is_object(&self) -> bool;
    /// A member of an object; `None` if this is not an object or has no such member.
    fn member(&self, name: &str) -> Option<Self>;
    /// A member of an object, if it is a string.
    fn text_member(&self, name: &str) -> Option<String> {
        self.member(name)?.text()
    }
    /// This object with one more member, which holds a text.
    fn with_member(self, name: &str, text: &str) -> Self;
    /// Adds a name to an object that serves as a set of names. The host's lookup is fast even among many thousands.
    fn insert(&mut self, name: &str) {
        let whole = std::mem::replace(self, Self::from_text(""));
        *self = whole.with_member(name, "");
    }
    /// The items, if this is an array.
    fn items(&self) -> Option<Vec<Self>>;
}
