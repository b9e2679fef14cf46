//! The claims that are read from a `WWW-Authenticate` field, in every form that challenges can have (RFC 9110, section
//! 11.6.1).

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use teams_device_diagnostics::protocol::challenge::claims;

use crate::config;
use crate::invariants::challenge::{FOR_URLS, STANDARD, base64, check};
use crate::text::{any_text, in_any_case, pieced};

/// The text of a challenge, and the claims that it demands.
#[derive(Clone, Debug)]
struct Challenge {
    text: String,
    claims: Option<String>,
}

/// The value of a parameter, and the claims that it stands for as the value of `claims`.
#[derive(Clone, Debug)]
struct Parameter {
    name: String,
    value: String,
    claims: Option<String>,
}

fn claims_parameter() -> impl Strategy<Value = Parameter> {
    let bytes = prop_oneof![
        4 => "\\{\"access_token\":\\{\"nbf\":\\{\"value\":\"[0-9]{10}\"\\}\\}\\}".prop_map(String::into_bytes),
        3 => "\\PC{0,12}".prop_map(String::into_bytes),
        1 => vec(any::<u8>(), 0..6),
    ];
    let alphabet = select(&[STANDARD, FOR_URLS][..]);
    let written = (bytes, alphabet, any::<bool>()).prop_map(|(bytes, alphabet, is_padded)| {
        let mut value = base64(&bytes, alphabet);
        while is_padded && !value.len().is_multiple_of(4) {
            value.push('=');
        }
        (value, String::from_utf8(bytes).ok().filter(|text| !text.is_empty()))
    });
    let junk = "[A-Za-z0-9]{0,5}[!.{ ,\u{e9}][A-Za-z0-9]{0,5}".prop_map(|value| (value, None));
    (in_any_case("claims"), prop_oneof![9 => written, 1 => junk]).prop_map(|(name, (value, claims))| Parameter {
        name,
        value,
        claims,
    })
}

fn error_parameter() -> impl Strategy<Value = Parameter> {
    let value = prop_oneof![
        4 => Just("insufficient_claims".to_owned()),
        1 => "(invalid_token|Insufficient_Claims|insufficient_claims |)",
    ];
    (in_any_case("error"), value).prop_map(|(name, value)| Parameter { name, value, claims: None })
}

/// A parameter with any other name and any value, which must be ignored.
fn other_parameter() -> impl Strategy<Value = Parameter> {
    let value = prop_oneof![
        "[a-z0-9]{1,8}",
        "[ -~\t\u{e9}]{0,12}",
        Just(r#"Bearer error="insufficient_claims", claims="e30=""#.to_owned()),
        Just("https://login.microsoftonline.com/common/oauth2/authorize?a=b,c".to_owned()),
    ];
    let name = "(realm|nonce|authorization_uri|error_description|xclaims|claims2|[a-z!#$%&'*+.^_`|~-]{1,6})"
        .prop_filter("another name", |name| name != "error" && name != "claims");
    (name, value).prop_map(|(name, value)| Parameter { name, value, claims: None })
}

/// `name=value`, quoted if it must or may be, with spaces where they are allowed.
fn written(parameter: Parameter) -> impl Strategy<Value = String> {
    let Parameter { name, value, .. } = parameter;
    let must_quote = value.is_empty() || !value.chars().all(is_token_character);
    let space = || select(&["", "", "", " ", "\t ", "  "][..]);
    (any::<bool>(), vec(0..8u8, value.chars().count()), space(), space()).prop_map(
        move |(quoted, escapes, before, after)| {
            let mut text = format!("{name}{before}={after}");
            if !must_quote && !quoted {
                return text + &value;
            }
            text.push('"');
            for (character, escape) in value.chars().zip(escapes) {
                if matches!(character, '"' | '\\') || escape == 0 {
                    text.push('\\');
                }
                text.push(character);
            }
            text + "\""
        },
    )
}

fn is_token_character(character: char) -> bool {
    character.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(character)
}

/// A separator of list items; a list may have empty items.
fn separator() -> impl Strategy<Value = &'static str> {
    select(&[",", ", ", " ,", " , ", ",\t", ",,", ", , "][..])
}

fn with_parameters(scheme: impl Strategy<Value = String>) -> impl Strategy<Value = Challenge> {
    let parameters = (
        prop::option::weighted(0.9, error_parameter()),
        prop::option::weighted(0.9, claims_parameter()),
        vec(other_parameter(), 0..3),
    );
    let parameters = parameters
        .prop_map(|(error, claims, others)| error.into_iter().chain(claims).chain(others).collect::<Vec<_>>())
        .prop_filter("at least one", |parameters| !parameters.is_empty())
        .prop_shuffle();
    let texts = parameters.prop_flat_map(|parameters| {
        let texts = parameters.iter().cloned().map(written).collect::<Vec<_>>();
        let separators = vec(separator(), parameters.len());
        (Just(parameters), texts, separators)
    });
    (scheme, "[ ]{1,2}", texts).prop_map(|(scheme, space, (parameters, texts, separators))| {
        let is_bearer = scheme.eq_ignore_ascii_case("bearer");
        let mut text = scheme + &space;
        for (at, parameter) in texts.iter().enumerate() {
            if at > 0 {
                text += separators[at];
            }
            text += parameter;
        }
        let has_error = parameters
            .iter()
            .any(|parameter| parameter.name.eq_ignore_ascii_case("error") && parameter.value == "insufficient_claims");
        let claims = parameters.into_iter().find_map(|parameter| parameter.claims);
        Challenge { text, claims: claims.filter(|_| is_bearer && has_error) }
    })
}

fn other_scheme() -> impl Strategy<Value = String> {
    "(Basic|Negotiate|PoP|Digest|BearerX|XBearer|[A-Za-z!#$%&'*+.^_`|~-]{1,7})"
        .prop_filter("another scheme", |scheme| !scheme.eq_ignore_ascii_case("bearer"))
}

fn challenge() -> impl Strategy<Value = Challenge> {
    let scheme = || prop_oneof![in_any_case("bearer"), other_scheme()];
    let bare = scheme().prop_map(|text| Challenge { text, claims: None });
    let token68 = (scheme(), "[ ]{1,2}", "[A-Za-z0-9._~+/-]{1,9}={0,3}")
        .prop_map(|(scheme, space, token)| Challenge { text: scheme + &space + &token, claims: None });
    prop_oneof![1 => bare, 2 => token68, 4 => with_parameters(in_any_case("bearer")), 2 => with_parameters(other_scheme())]
}

const PIECES: &[&str] = &[
    "Bearer",
    "bearer ",
    "Basic ",
    "error",
    "claims",
    "=",
    "\"",
    "\\",
    ",",
    ", ",
    " ",
    "\t",
    "insufficient_claims",
    "e30=",
    "e30",
    "eyJhIjoxfQ==",
    "error=\"insufficient_claims\"",
    "claims=\"e30=\"",
    "Bearer error=insufficient_claims, claims=e30",
    "\u{e9}",
];

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_first_bearer_challenge_with_readable_claims_is_used(
        challenges in vec((challenge(), separator()), 1..5),
        around in select(&["", "", " ", ", "][..]),
    ) {
        let field = challenges.iter().map(|(challenge, separator)| [&challenge.text, *separator].concat());
        let field = format!("{around}{}{around}", field.collect::<String>());
        let demanded = challenges.into_iter().find_map(|(challenge, _)| challenge.claims);
        prop_assert_eq!(claims(&field), demanded, "{}", field);
        check(&field);
    }

    #[test]
    fn any_text_yields_only_claims_that_it_contains(field in prop_oneof![any_text(), "[ -~]{0,40}", pieced(PIECES)]) {
        check(&field);
    }
}
