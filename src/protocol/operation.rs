//! The operation on a device, and its states.
//! Source: <https://learn.microsoft.com/graph/api/resources/teamworkdeviceoperation?view=graph-rest-beta>.

use crate::protocol::json::Json;

/// How far an operation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperationState {
    /// Waits for the device.
    Queued,
    /// Has its time on the device.
    Scheduled,
    /// The device is running it.
    InProgress,
    /// Ended well: the logs can be downloaded.
    Successful,
    /// Ended badly.
    Failed,
    /// Cancelled before it completed.
    Cancelled,
    /// A word that is not documented; counts as running.
    Unknown,
}

impl OperationState {
    /// The state that Graph's `status` names. That is a string, not an enumeration, and its spelling differs between
    /// Microsoft's pages: `Successful`, `successful`, `succeeded`.
    pub fn of_status(status: &str) -> OperationState {
        const WORDS: [(&str, OperationState); 8] = [
            ("queued", OperationState::Queued),
            ("scheduled", OperationState::Scheduled),
            ("inProgress", OperationState::InProgress),
            ("successful", OperationState::Successful),
            ("succeeded", OperationState::Successful),
            ("failed", OperationState::Failed),
            ("cancelled", OperationState::Cancelled),
            ("canceled", OperationState::Cancelled),
        ];
        let known = WORDS.into_iter().find(|(word, _)| word.eq_ignore_ascii_case(status));
        known.map_or(OperationState::Unknown, |(_, state)| state)
    }

    /// The name that this package gives it.
    pub fn as_str(self) -> &'static str {
        match self {
            OperationState::Queued => "queued",
            OperationState::Scheduled => "scheduled",
            OperationState::InProgress => "inProgress",
            OperationState::Successful => "successful",
            OperationState::Failed => "failed",
            OperationState::Cancelled => "cancelled",
            OperationState::Unknown => "unknown",
        }
    }

    /// Whether nothing follows.
    pub fn has_ended(self) -> bool {
        matches!(self, OperationState::Successful | OperationState::Failed | OperationState::Cancelled)
    }
}

/// An operation as Graph sent it.
#[derive(Clone)]
pub struct Operation<V> {
    /// How far it is.
    pub state: OperationState,
    /// Graph's own word for that; nothing when the answer had none.
    pub status: Option<String>,
    /// All that Graph sent, unwrapped, with `state` added; nothing when it sent no document.
    pub document: Option<V>,
}

impl<V: Json> Operation<V> {
    /// Reads the body of a response. Documented is `{ "value": { … } }`; the metadata says `{ … }`. Both are read.
    ///
    /// A 202 says by itself that the operation goes on, whatever its body; any other answer must have a `status`, since
    /// only that tells whether the operation ended: nothing is returned without one.
    pub fn read(http_status: u16, body: Option<&V>) -> Option<Operation<V>> {
        let outer = body.and_then(V::parse).filter(V::is_object);
        let inner = outer.as_ref().and_then(|document| document.member("value")).filter(V::is_object);
        let document = inner.or(outer);
        let operation = match document {
            Some(document) => Operation::of_document(document),
            None => Operation { state: OperationState::Unknown, status: None, document: None },
        };
        (operation.status.is_some() || http_status == 202).then_some(operation)
    }

    /// The operation that a document describes; also an item of a list.
    pub fn of_document(document: V) -> Operation<V> {
        let status = document.text_member("status");
        let state = status.as_deref().map_or(OperationState::Unknown, OperationState::of_status);
        Operation { state, status, document: Some(document.with_member("state", state.as_str())) }
    }

    /// The same, with a document in any case: one without any of Graph's members when Graph sent none.
    pub fn with_document(mut self) -> Operation<V> {
        self.document.get_or_insert_with(|| V::empty().with_member("state", self.state.as_str()));
        self
    }

    /// A text of the document, when there is one.
    pub fn text(&self, name: &str) -> Option<String> {
        self.document.as_ref()?.text_member(name)
    }

    /// Whether diagnostics are run, and nothing else is done on the device.
    pub fn is_diagnostics(&self) -> bool {
        self.is_of_type("deviceDiagnostics")
    }

    /// Whether something else than diagnostics is done: one of the other documented types.
    /// Source: <https://learn.microsoft.com/graph/api/resources/teamworkdeviceoperation?view=graph-rest-beta>.
    pub fn is_no_diagnostics(&self) -> bool {
        const OTHERS: [&str; 6] = [
            "deviceRestart",
            "configUpdate",
            "softwareUpdate",
            "deviceManagementAgentConfigUpdate",
            "remoteLogin",
            "remoteLogout",
        ];
        OTHERS.iter().any(|other| self.is_of_type(other))
    }

    fn is_of_type(&self, name: &str) -> bool {
        self.text("operationType").is_some_and(|kind| kind.eq_ignore_ascii_case(name))
    }

    /// A text of the operation's `error`, which says why it failed. Microsoft's example of a *successful* operation has an
    /// `error` as well, so this is worth reading only in [`OperationState::Failed`].
    pub fn error_text(&self, name: &str) -> Option<String> {
        let text = self.document.as_ref()?.member("error")?.text_member(name)?;
        (!text.is_empty()).then_some(text)
    }
}
