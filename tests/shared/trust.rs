//! The shared table of locations, with base URL `https://graph.microsoft.com/beta`: the URL that each resolves to, or that
//! it is not trusted. It is tested natively and through the exported functions in browsers and Node, where the platform's
//! URL parser is used.

/// A location, and the URL that is requested; `None` if nothing may be sent.
pub const LOCATIONS: &[(&str, Option<&str>)] = &[
    // What Graph sends
    ("/teamwork/devices/d/operations/o", Some("https://graph.microsoft.com/beta/teamwork/devices/d/operations/o")),
    ("teamwork/devices/d/operations/o", Some("https://graph.microsoft.com/beta/teamwork/devices/d/operations/o")),
    ("/beta/teamwork/devices/d/operations/o", Some("https://graph.microsoft.com/beta/teamwork/devices/d/operations/o")),
    ("/v1.0/teamwork/devices/d/operations/o", Some("https://graph.microsoft.com/v1.0/teamwork/devices/d/operations/o")),
    ("/teams('t')/operations('o')", Some("https://graph.microsoft.com/beta/teams('t')/operations('o')")),
    ("https://graph.microsoft.com/beta/o?x=1", Some("https://graph.microsoft.com/beta/o?x=1")),
    // The same origin, written differently
    ("https://graph.microsoft.com:443/beta/o", Some("https://graph.microsoft.com/beta/o")),
    ("HTTPS://GRAPH.Microsoft.COM/beta/o", Some("https://graph.microsoft.com/beta/o")),
    ("//graph.microsoft.com/beta/o", Some("https://graph.microsoft.com/beta/o")),
    ("https://graph.microsoft.com/beta/o#fragment", Some("https://graph.microsoft.com/beta/o")),
    ("/../../etc", None),
    // Other hosts, ports and schemes
    ("https://evil.example/beta/o", None),
    ("https://graph.microsoft.com.evil.example/beta/o", None),
    ("https://graph.microsoft.com./beta/o", None),
    ("https://evil-graph.microsoft.com/beta/o", None),
    ("https://xgraph.microsoft.com/beta/o", None),
    ("https://graph.microsoft.us/beta/o", None),
    ("https://graph.microsoft.com:8443/beta/o", None),
    ("https://graph.microsoft.com:80/beta/o", None),
    ("http://graph.microsoft.com/beta/o", None),
    ("http://graph.microsoft.com:443/beta/o", None),
    ("ftp://graph.microsoft.com/beta/o", None),
    ("wss://graph.microsoft.com/beta/o", None),
    ("blob:https://graph.microsoft.com/5f1c3a52", None),
    ("javascript:alert(1)", None),
    ("data:application/json,{}", None),
    ("file:///etc/passwd", None),
    ("https:/evil.example/beta/o", None),
    ("https:evil.example/beta/o", None),
    ("//evil.example/beta/o", None),
    ("///evil.example/beta/o", None),
    // Colons that do not end a scheme
    ("1:o", Some("https://graph.microsoft.com/beta/1:o")),
    ("a@b:o", Some("https://graph.microsoft.com/beta/a@b:o")),
    // User information
    ("https://graph.microsoft.com@evil.example/beta/o", None),
    ("https://graph.microsoft.com:x@evil.example/beta/o", None),
    ("https://user@graph.microsoft.com/beta/o", None),
    ("https://user:password@graph.microsoft.com/beta/o", None),
    ("https://:password@graph.microsoft.com/beta/o", None),
    // What URL parsers tolerate
    ("\\\\evil.example\\beta\\o", None),
    ("/\\evil.example/beta/o", None),
    ("https:\\\\evil.example/beta/o", None),
    ("https://graph.microsoft.com\\@evil.example/o", None),
    ("https://graph.microsoft.com\t.evil.example/o", None),
    ("ht\ntps://evil.example/o", None),
    ("/\t/evil.example/o", None),
    (" https://graph.microsoft.com/beta/o", None),
    ("https://graph.microsoft.com/beta/o\r\nX: y", None),
    ("/beta/o o", None),
    ("\u{0}/beta/o", None),
    // Look-alikes in Unicode
    ("https://graph.micros\u{043e}ft.com/beta/o", None),
    ("https://\u{ff47}raph.microsoft.com/beta/o", None),
    ("https://graph\u{3002}microsoft.com/beta/o", None),
    ("https://xn--grph-5na.microsoft.com/beta/o", None),
    // Invalid URLs
    ("https://", None),
    ("https://[::1/beta/o", None),
    ("https://graph.microsoft.com:99999/beta/o", None),
];
