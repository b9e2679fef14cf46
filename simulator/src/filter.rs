//! `$filter`, as documented for devices: values of three properties, joined by `and`.

use serde_json::Value;

use crate::error::GraphError;

/// The properties that devices can be filtered by. Source:
/// <https://learn.microsoft.com/graph/api/teamworkdevice-list?view=graph-rest-beta>.
const PROPERTIES: [&str; 3] = ["deviceType", "hardwareDetail/uniqueId", "currentUser/id"];

/// The conditions of a filter: JSON pointers into a device's document, and the values there.
#[derive(Debug, PartialEq, Eq)]
pub struct Filter(Vec<(String, String)>);

impl Filter {
    /// Parses `property eq 'value' and …`.
    pub fn parse(text: &str) -> Result<Filter, GraphError> {
        let conditions = conditions(text).ok_or_else(|| {
            let message = "Invalid filter clause: devices are filtered by deviceType, hardwareDetail/uniqueId and currentUser/id, \
                with eq and and.";
            GraphError::bad_request(message.to_owned())
        })?;
        Ok(Filter(conditions))
    }

    /// Whether a document meets every condition. Values are case-insensitive: the documented `'TeamsRoom'` matches
    /// `teamsRoom` of the metadata, and ids are GUIDs.
    pub fn matches(&self, document: &Value) -> bool {
        let is_met = |(place, value): &(String, String)| {
            document.pointer(place).and_then(Value::as_str).is_some_and(|text| text.eq_ignore_ascii_case(value))
        };
        self.0.iter().all(is_met)
    }
}

fn conditions(text: &str) -> Option<Vec<(String, String)>> {
    let (first, rest) = condition(text)?;
    let mut conditions = vec![first];
    let mut rest = rest;
    while !rest.trim().is_empty() {
        // A space must separate a value from what follows.
        let (blank, after) = rest.split_once("and ")?;
        let (next, after) = condition(after).filter(|_| blank.starts_with(' ') && blank.trim().is_empty())?;
        conditions.push(next);
        rest = after;
    }
    Some(conditions)
}

/// Parses the condition at the beginning; returns it and the rest.
fn condition(text: &str) -> Option<((String, String), &str)> {
    let (name, rest) = text.trim_start().split_once(' ')?;
    let property = PROPERTIES.into_iter().find(|property| property.eq_ignore_ascii_case(name))?;
    let literal = rest.trim_start().strip_prefix("eq ")?.trim_start();
    let (type_name, quoted) = literal.split_once('\'')?;
    let may_have_type = property == "deviceType" && type_name.to_ascii_lowercase().ends_with(".teamworkdevicetype");
    let (value, rest) = quoted_text(quoted).filter(|_| type_name.is_empty() || may_have_type)?;
    Some(((format!("/{property}"), value), rest))
}

/// Splits at the closing quote; a quote within the text is doubled.
fn quoted_text(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut rest = text;
    loop {
        let (before, after) = rest.split_once('\'')?;
        value.push_str(before);
        match after.strip_prefix('\'') {
            None => return Some((value, after)),
            Some(after) => {
                value.push('\'');
                rest = after;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_can_contain_a_doubled_quote_and_the_word_and() {
        let filter = Filter::parse(" devicetype  eq 'Ann''s and ''' and currentUser/id eq '' ").unwrap();
        let expected = [("/deviceType", "Ann's and '"), ("/currentUser/id", "")];
        assert_eq!(filter, Filter(expected.map(|(place, value)| (place.to_owned(), value.to_owned())).to_vec()));
    }
}
