//! The operation on a device, and its states.
//! Source: <https://learn.microsoft.com/graph/api/resources/teamworkdeviceoperation?view=graph-rest-beta>.

use crate::protocol::json::Json;
use alloc::string::String;

/// How far an operation is.
#[derive(Clone, Copy, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub enum State {
    /// Waits for the device.
    Queued,
    /// Has its time on the device.
    Scheduled,
    /// Runs on the device.
    InProgress,
    /// Ended well: the logs can be downloaded.
    Successful,
    /// Ended badly.
    Failed,
    /// Was called off.
    Cancelled,
    /// A word that is not documented; counts as running.
    Unknown,
}

impl State {
    /// The state that Graph's `status` names. That is a string, not an enumeration, and its spelling differs between
    /// Microsoft's pages: `Successful`, `successful`, `succeeded`.
    pub fn of_status(status: &str) -> State {
        const WORDS: [(&str, State); 8] = [
            ("queued", State::Queued),
            ("scheduled", State::Scheduled),
            ("inProgress", State::InProgress),
            ("successful", State::Successful),
            ("succeeded", State::Successful),
            ("failed", State::Failed),
            ("cancelled", State::Cancelled),
            ("canceled", State::Cancelled),
        ];
        let known = WORDS.into_iter().find(|(word, _)| word.eq_ignore_ascii_case(status));
        known.map_or(State::Unknown, |(_, state)| state)
    }

    /// The name that this package gives it.
    pub fn as_str(self) -> &'static str {
        match self {
            State::Queued => "queued",
            State::Scheduled => "scheduled",
            State::InProgress => "inProgress",
            State::Successful => "successful",
            State::Failed => "failed",
            State::Cancelled => "cancelled",
            State::Unknown => "unknown",
        }
    }

    /// Whether nothing follows.
    pub fn has_ended(self) -> bool {
        matches!(self, State::Successful | State::Failed | State::Cancelled)
    }
}

/// An operation as Graph sent it.
#[derive(Clone)]
pub struct Operation<V> {
    /// How far it is.
    pub state: State,
    /// Graph's own word for that; nothing when the answer had none.
    pub status: Option<String>,
    /// All that Graph sent, unwrapped, with `state` added; nothing when it sent no document.
    pub document: Option<V>,
}

impl<V: Json> Operation<V> {
    /// Reads the body of an answer. Documented is `{ "value": { … } }`; the metadata says `{ … }`. Both are read.
    ///
    /// A 202 says by itself that the operation goes on, whatever its body; any other answer must have a `status`, since
    /// only that tells whether the operation ended: nothing is returned without one.
    pub fn read(http_status: u16, body: &str) -> Option<Operation<V>> {
        let outer = V::parse(body).filter(V::is_object);
        let inner = outer.as_ref().and_then(|document| document.member("value")).filter(V::is_object);
        let document = inner.or(outer);
        let operation = match document {
            Some(document) => Operation::of_document(document),
            None => Operation { state: State::Unknown, status: None, document: None },
        };
        (operation.status.is_some() || http_status == 202).then_some(operation)
    }

    /// The operation that a document describes; also an item of a list.
    pub fn of_document(document: V) -> Operation<V> {
        let status = document.member("status").and_then(|status| status.text());
        let state = status.as_deref().map_or(State::Unknown, State::of_status);
        Operation { state, status, document: Some(document.with_member("state", state.as_str())) }
    }

    /// A text of the document, when there is one.
    pub fn text(&self, name: &str) -> Option<String> {
        self.document.as_ref()?.member(name)?.text()
    }

    /// Whether diagnostics are run, and nothing else is done on the device.
    pub fn is_diagnostics(&self) -> bool {
        self.text("operationType").is_some_and(|kind| kind.eq_ignore_ascii_case("deviceDiagnostics"))
    }

    /// A text of the operation's `error`, which says why it failed. Microsoft's example of a *successful* operation has an
    /// `error` as well, so this is worth reading only in [`State::Failed`].
    pub fn error_text(&self, name: &str) -> Option<String> {
        let text = self.document.as_ref()?.member("error")?.member(name)?.text()?;
        (!text.is_empty()).then_some(text)
    }
}
