//! `$select`: the members of a document that are sent.

use serde_json::Value;

use crate::error::GraphError;

/// A type in the metadata, and its members that can be selected.
#[derive(Debug)]
pub struct EntityType {
    name: &'static str,
    members: &'static [&'static str],
}

/// Source: <https://learn.microsoft.com/graph/api/resources/teamworkdevice?view=graph-rest-beta>.
pub const DEVICE: EntityType = EntityType {
    name: "teamworkDevice",
    members: &[
        "id",
        "activityState",
        "companyAssetTag",
        "createdBy",
        "createdDateTime",
        "currentUser",
        "deviceType",
        "hardwareDetail",
        "healthStatus",
        "lastModifiedBy",
        "lastModifiedDateTime",
        "notes",
    ],
};

/// Source: <https://learn.microsoft.com/graph/api/resources/teamworkdeviceoperation?view=graph-rest-beta>.
pub const OPERATION: EntityType = EntityType {
    name: "teamworkDeviceOperation",
    members: &[
        "id",
        "completedDateTime",
        "createdBy",
        "createdDateTime",
        "error",
        "lastActionBy",
        "lastActionDateTime",
        "operationType",
        "startedDateTime",
        "status",
    ],
};

/// The selected members; all of them if `None`.
#[derive(Debug, Default)]
pub struct Selection(Option<Vec<&'static str>>);

impl Selection {
    /// Parses `id,deviceType`; names are case-insensitive.
    pub fn parse(text: Option<&str>, entity_type: &EntityType) -> Result<Selection, GraphError> {
        let Some(text) = text.filter(|text| text.trim() != "*") else { return Ok(Selection(None)) };
        let member = |name: &str| {
            let mut members = entity_type.members.iter().copied();
            members.find(|member| member.eq_ignore_ascii_case(name)).ok_or_else(|| {
                GraphError::bad_request(format!(
                    "Parsing OData Select and Expand failed: Could not find a property named '{name}' on type \
                     'microsoft.graph.{}'.",
                    entity_type.name
                ))
            })
        };
        text.split(',').map(|name| member(name.trim())).collect::<Result<_, _>>().map(|members| Selection(Some(members)))
    }

    /// The document with only these members.
    pub fn of(&self, mut document: Value) -> Value {
        if let (Some(members), Some(object)) = (&self.0, document.as_object_mut()) {
            object.retain(|name, _| members.contains(&name.as_str()));
        }
        document
    }

    /// The selection as part of a context URL: `(id,deviceType)`.
    pub fn in_context(&self) -> String {
        self.0.as_ref().map_or_else(String::new, |members| format!("({})", members.join(",")))
    }
}
