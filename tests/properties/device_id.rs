//! Any text as a device id, and in the path of a URL.

use proptest::prelude::*;
use teams_device_diagnostics::protocol::device_id::DeviceId;
use url::{Url, form_urlencoded};

use crate::config;
use crate::text::{any_text, pieced};

const PIECES: &[&str] =
    &[".", "..", "/", "\\", "%", "%2e", "%2F", "?", "#", " ", "+", "&", "=", ";", ":", "@", "é", "a", "7"];

/// Any text that is accepted as a device id.
pub fn device_id() -> impl Strategy<Value = String> {
    let text = prop_oneof!["[0-9a-f]{8}-[0-9a-f]{4}", "[!-~]{1,9}", pieced(PIECES), any_text()];
    text.prop_filter("no device id", |text| DeviceId::new(text.clone()).is_ok())
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn an_id_is_one_path_segment_and_decodes_to_itself(id in device_id()) {
        let segment = DeviceId::new(id.clone()).map(|id| id.path_segment()).expect("a device id");
        let url = Url::parse(&format!("https://graph.microsoft.com/beta/devices/{segment}/operations")).expect("a URL");
        let segments = url.path_segments().expect("a path").collect::<Vec<_>>();
        prop_assert_eq!(segments, ["beta", "devices", &segment, "operations"]);
        prop_assert_eq!((url.query(), url.fragment()), (None, None));
        // Every + is encoded, so that a decoder of forms can decode a segment.
        let (decoded, _) = form_urlencoded::parse(segment.as_bytes()).next().expect("something");
        prop_assert_eq!(decoded, id);
    }

    #[test]
    fn only_invalid_ids_are_refused(text in prop_oneof![any_text(), pieced(PIECES)]) {
        let is_broken = text.chars().any(|c| c.is_control() || c == '\u{fffd}');
        let is_possible = !is_broken && !["", ".", ".."].contains(&text.as_str());
        prop_assert_eq!(DeviceId::new(text).is_ok(), is_possible);
    }
}
