//! The operation on a device, and its states.
//! Source: <https://learn.microsoft.com/graph/api/resources/teamworkdeviceoperation?view=graph-rest-beta>.

use crate::protocol::json::Json;

/// The state of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperationState {
    /// It waits for the device.
    Queued,
    /// It has been scheduled on the device.
    Scheduled,
    /// The device is running it.
    InProgress,
    /// It succeeded: the logs can be downloaded.
    Successful,
    /// It failed.
    Failed,
    /// It was cancelled before it completed.
    Cancelled,
    /// Graph sent an undocumented status, or none. It counts as running.
    Unknown,
}

impl OperationState {
    /// The state for Graph's `status`. That is a string, not an enumeration, and its spelling differs between Microsoft's
    /// pages: `Successful`, `successful`, `succeeded`. Case is ignored.
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

    /// The name in the JavaScript API.
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

    /// Whether the state is final.
    pub fn has_ended(self) -> bool {
        matches!(self, OperationState::Successful | OperationState::Failed | OperationState::Cancelled)
    }
}

/// An operation as Graph sent it.
#[derive(Clone)]
pub struct Operation<V> {
    /// Its state.
    pub state: OperationState,
    /// Graph's `status`; `None` if the response had none.
    pub status: Option<String>,
    /// The whole document that Graph sent, unwrapped, with `state` added; `None` if it sent none.
    pub document: Option<V>,
}

impl<V: Json> Operation<V> {
    /// Reads the body of a response. The documentation says `{ "value": { … } }`, the metadata `{ … }`. Both are accepted.
    ///
    /// A 202 without a `status` means that the operation is still running. Any other response must have a `status`, because
    /// only that says whether the operation has ended: returns `None` without one.
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

    /// The operation that a document describes; also for items of a list.
    pub fn of_document(document: V) -> Operation<V> {
        let status = document.text_member("status");
        let state = status.as_deref().map_or(OperationState::Unknown, OperationState::of_status);
        Operation { state, status, document: Some(document.with_member("state", state.as_str())) }
    }

    /// This operation with a document in any case: it has only `state` if Graph sent none.
    pub fn with_document(mut self) -> Operation<V> {
        self.document.get_or_insert_with(|| V::empty().with_member("state", self.state.as_str()));
        self
    }

    /// A string member of the document.
    pub fn text(&self, name: &str) -> Option<String> {
        self.document.as_ref()?.text_member(name)
    }

    /// Whether the operation is a diagnostics run.
    pub fn is_diagnostics(&self) -> bool {
        self.has_type("deviceDiagnostics")
    }

    /// Whether the operation has another of the documented types. An undocumented type may be diagnostics. Source:
    /// <https://learn.microsoft.com/graph/api/resources/teamworkdeviceoperation?view=graph-rest-beta>.
    pub fn is_other_type(&self) -> bool {
        const OTHERS: [&str; 6] = [
            "deviceRestart",
            "configUpdate",
            "softwareUpdate",
            "deviceManagementAgentConfigUpdate",
            "remoteLogin",
            "remoteLogout",
        ];
        OTHERS.iter().any(|other| self.has_type(other))
    }

    fn has_type(&self, name: &str) -> bool {
        self.text("operationType").is_some_and(|kind| kind.eq_ignore_ascii_case(name))
    }

    /// A string member of the operation's `error`, which says why it failed. In Microsoft's example a *successful* operation
    /// has an `error` too, so this is meaningful only in [`OperationState::Failed`].
    pub fn error_text(&self, name: &str) -> Option<String> {
        let text = self.document.as_ref()?.member("error")?.text_member(name)?;
        (!text.is_empty()).then_some(text)
    }
}
