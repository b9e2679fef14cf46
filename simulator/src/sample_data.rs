//! Makes, models and names, so that devices look like those of an organisation. All manufacturers and people are fictitious.

/// `deviceType`, manufacturer, model, and whether it belongs to a person.
pub const KINDS: [(&str, &str, &str, bool); 10] = [
    ("teamsRoom", "Northwind", "Meeting Hub 2", false),
    ("collaborationBar", "Contoso", "Bar S1", false),
    ("ipPhone", "Fabrikam", "Desk 40", true),
    ("teamsPanel", "Contoso", "Panel 10", false),
    ("teamsDisplay", "Northwind", "Display 8", true),
    ("touchConsole", "Contoso", "Console 11", false),
    ("surfaceHub", "Northwind", "Wall 85", false),
    ("lowCostPhone", "Fabrikam", "Desk 10", true),
    ("teamsRoom", "Contoso", "Room Kit Mini", false),
    ("sip", "Fabrikam", "Line 3", true),
];

const PLACES: [&str; 24] = [
    "Vienna", "Oslo", "Lagos", "Lima", "Seoul", "Quito", "Tunis", "Porto", "Bergen", "Kyoto", "Accra", "Turin", "Malmö",
    "Cusco", "Hobart", "Ghent", "Leeds", "Dakar", "Riga", "Busan", "Graz", "Perth", "Bilbao", "Aarhus",
];
const GIVEN: [&str; 13] =
    ["Ada", "Bo", "Chidi", "Dana", "Emre", "Fatima", "Goran", "Hana", "Ines", "Jonas", "Kaya", "Luis", "Mei"];
const FAMILY: [&str; 11] =
    ["Okafor", "Lind", "Novak", "Haddad", "Moreau", "Tanaka", "Rossi", "Silva", "Weber", "Kowalski", "Nguyen"];

/// The name of a room, or of the person who has the device on the desk. The first 24 rooms and 143 people differ.
pub fn name(number: usize, is_personal: bool) -> String {
    if is_personal {
        return format!("{} {}", GIVEN[number % GIVEN.len()], FAMILY[number % FAMILY.len()]);
    }
    match (number / PLACES.len(), PLACES[number % PLACES.len()]) {
        (0, place) => format!("Room {place}"),
        (floor, place) => format!("Room {place} {}.{:02}", floor, number % 40 + 1),
    }
}
