//! Parsing paths, and writing the path of an operation. Whether a resource exists is decided in `graph`.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::error::GraphError;
use crate::operation::OperationType;
use crate::scenario::LocationForm;

/// Everything is encoded except the unreserved characters of RFC 3986.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The resource that a path below the service root names.
#[derive(Debug, PartialEq, Eq)]
pub enum Resource {
    Devices,
    Device(String),
    Action(String, OperationType),
    Operations(String),
    Operation(String, String),
    /// Several requests in one, all of this version.
    Batch(&'static str),
}

impl Resource {
    /// Parses a path. Segments are case-insensitive; percent-encoding is decoded once, after the path was split into
    /// segments.
    pub fn parse(path: &str) -> Result<Resource, GraphError> {
        let segments: Vec<String> = path.split('/').skip(1).flat_map(keys_as_segments).collect();
        let names: Vec<String> = segments.iter().map(|segment| segment.to_ascii_lowercase()).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let id = |place: usize| segments[place].clone();
        let unknown = |place: usize| Err(GraphError::no_such_segment(segments.get(place).map_or("", String::as_str)));
        match names[..] {
            ["beta", "teamwork", "devices"] => Ok(Resource::Devices),
            ["beta", "teamwork", "devices", _] => Ok(Resource::Device(id(3))),
            ["beta", "teamwork", "devices", _, "operations"] => Ok(Resource::Operations(id(3))),
            ["beta", "teamwork", "devices", _, "operations", _] => Ok(Resource::Operation(id(3), id(5))),
            ["beta", "teamwork", "devices", _, action] => match OperationType::of_action(action) {
                Some(operation_type) => Ok(Resource::Action(id(3), operation_type)),
                None => unknown(4),
            },
            ["beta", "teamwork", "devices", _, ..] => unknown(5),
            ["beta", "$batch"] => Ok(Resource::Batch("beta")),
            ["v1.0", "$batch"] => Ok(Resource::Batch("v1.0")),
            // v1.0 has a `teamwork` resource, but without devices.
            ["beta" | "v1.0", "teamwork", ..] => unknown(2),
            _ => unknown(1),
        }
    }
}

/// Splits a key from its collection. OData writes keys as segments or in brackets, `devices/1`, `devices('1')` or
/// `devices(1)`; Graph accepts all of them. Only collections have keys: a device's id may contain brackets, which
/// `encodeURIComponent` does not encode.
fn keys_as_segments(segment: &str) -> Vec<String> {
    let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let bracketed = segment.strip_suffix(')').and_then(|text| text.split_once('('));
    match bracketed.filter(|(name, _)| ["devices", "operations"].contains(&name.to_ascii_lowercase().as_str())) {
        Some((name, key)) => vec![decode(name), unquote(&decode(key))],
        None => vec![decode(segment)],
    }
}

/// Removes the quotes around a key; a quote within it is doubled.
fn unquote(key: &str) -> String {
    match key.strip_prefix('\'').and_then(|key| key.strip_suffix('\'')) {
        Some(key) => key.replace("''", "'"),
        None => key.to_owned(),
    }
}

/// The path of the devices, relative to the service root and without version.
pub const DEVICES: &str = "/teamwork/devices";

/// The path of a device's operations, relative to the service root and without version.
pub fn operations(device_id: &str) -> String {
    format!("{DEVICES}/{}/operations", utf8_percent_encode(device_id, SEGMENT))
}

/// The `Location` of an operation; `None` if it is missing. `root` is the service's address without version.
pub fn location(form: &LocationForm, root: &str, device_id: &str, operation_id: &str) -> Option<String> {
    let path = format!("{}/{operation_id}", operations(device_id));
    match form {
        LocationForm::Relative => Some(path),
        LocationForm::Versioned => Some(format!("/beta{path}")),
        LocationForm::Absolute => Some(format!("{root}/beta{path}")),
        LocationForm::QuotedKeys => {
            let key = device_id.replace('\'', "''");
            Some(format!("{DEVICES}('{}')/operations('{operation_id}')", utf8_percent_encode(&key, SEGMENT)))
        }
        LocationForm::Missing => None,
        LocationForm::Literal(text) => Some(text.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(path: &str) -> Resource {
        Resource::parse(path).unwrap_or_else(|error| panic!("{path}: {}", error.message))
    }

    #[test]
    fn keys_are_accepted_as_segments_and_in_brackets() {
        let operation = Resource::Operation("room".into(), "42".into());
        assert_eq!(parse("/beta/teamwork/devices/room/operations/42"), operation);
        assert_eq!(parse("/beta/teamwork/devices('room')/operations('42')"), operation);
        assert_eq!(parse("/beta/teamwork/devices(room)/operations(42)"), operation);
        assert_eq!(parse("/beta/teamwork/devices/room/operations('42')"), operation);
    }

    #[test]
    fn resource_names_are_case_insensitive() {
        let start = Resource::Action("Room".into(), OperationType::DeviceDiagnostics);
        assert_eq!(parse("/BETA/Teamwork/Devices/Room/RUNDIAGNOSTICS"), start);
        assert_eq!(parse("/beta/teamwork/devices/Room/Microsoft.Graph.runDiagnostics"), start);
    }

    #[test]
    fn a_path_is_split_first_and_percent_decoded_once() {
        assert_eq!(parse("/beta/teamwork/devices/a%2Fb%20c"), Resource::Device("a/b c".into()));
        assert_eq!(parse("/beta/teamwork/devices/a%252Fb"), Resource::Device("a%2Fb".into()));
    }

    #[test]
    fn an_id_can_contain_brackets_and_quotes() {
        assert_eq!(parse("/beta/teamwork/devices/room(1)"), Resource::Device("room(1)".into()));
        assert_eq!(parse("/beta/teamwork/devices('Ann''s')"), Resource::Device("Ann's".into()));
    }

    #[test]
    fn a_location_that_the_service_writes_is_parsed_as_the_operation() {
        for id in ["room", "Ann's (2/3) 100%", "Büro"] {
            for form in [LocationForm::Relative, LocationForm::QuotedKeys] {
                let location = location(&form, "https://graph.microsoft.com", id, "42").unwrap();
                assert_eq!(parse(&format!("/beta{location}")), Resource::Operation(id.into(), "42".into()));
            }
        }
    }

    #[test]
    fn an_unknown_segment_is_named_in_the_error() {
        let message = |path| Resource::parse(path).unwrap_err().message;
        assert!(message("/v1.0/teamwork/devices/room/runDiagnostics").contains("'devices'"));
        assert!(message("/beta/me").contains("'me'"));
        assert!(message("/beta/teamwork/devices/room/explode").contains("'explode'"));
    }
}
