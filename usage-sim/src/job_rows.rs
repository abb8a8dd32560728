//! The JSON of the rows of jobs: a key that has no value is left out.

use bytes::{BufMut, BytesMut};

use crate::row::Row;
use crate::rows::write_day;

/// The counts in the order of the service, each with its position in the history's order.
const COUNT_KEYS: [(&str, usize); 6] = [
    (r#","requestCount":"#, 5),
    (r#","status200":"#, 0),
    (r#","status300":"#, 1),
    (r#","status400":"#, 2),
    (r#","status429":"#, 4),
    (r#","status500":"#, 3),
];

/// A row of an organization's job that has every key and no value.
pub(crate) const NULL_ORGANIZATION_ROW: &str = concat!(
    r#"{"date":null,"platform":null,"httpMethod":null,"templateUri":null,"requestCount":null,"#,
    r#""status200":null,"status300":null,"status400":null,"status429":null,"status500":null,"#,
    r#""oauthClient":null,"user":null}"#
);

/// A row of a client's job that has every key and no value.
pub(crate) const NULL_CLIENT_ROW: &str = concat!(
    r#"{"date":null,"platform":null,"httpMethod":null,"templateUri":null,"requestCount":null,"#,
    r#""status200":null,"status300":null,"status400":null,"status429":null,"status500":null,"#,
    r#""organizationId":null}"#
);

/// Appends one row of an organization's job. It is not known whether the id of a client brings its name, and the other way
/// round. Here it does not.
pub(crate) fn write_of_organization(text: &mut BytesMut, row: &Row<'_>, metrics: [bool; 6]) {
    let start = text.len();
    shared(text, row, metrics);
    if row.client_id.is_some() || row.client_name.is_some() {
        text.put_slice(br#","oauthClient":"#);
        let client = text.len();
        string(text, r#","id":""#, "", row.client_id);
        string(text, r#","name":""#, "", row.client_name);
        string(text, r#","selfUri":""#, "/api/v2/oauth/clients/", row.client_id);
        close(text, client);
    }
    // A call for no user has an empty id in the other families, and no user here.
    let user = row.user_id.filter(|id| !id.is_empty());
    if user.is_some() {
        text.put_slice(br#","user":"#);
        let place = text.len();
        string(text, r#","id":""#, "", user);
        string(text, r#","selfUri":""#, "/api/v2/users/", user);
        close(text, place);
    }
    close(text, start);
}

/// Appends one row of a client's job.
pub(crate) fn write_of_client(text: &mut BytesMut, row: &Row<'_>, metrics: [bool; 6]) {
    let start = text.len();
    shared(text, row, metrics);
    string(text, r#","organizationId":""#, "", row.organization_id);
    close(text, start);
}

fn shared(text: &mut BytesMut, row: &Row<'_>, metrics: [bool; 6]) {
    if let Some(date) = row.date {
        text.put_slice(br#","date":""#);
        write_day(text, date);
        text.put_u8(b'"');
    }
    string(text, r#","platform":""#, "", row.platform);
    string(text, r#","httpMethod":""#, "", row.http_method);
    string(text, r#","templateUri":""#, "", row.template_uri);
    let mut digits = itoa::Buffer::new();
    for (key, number) in COUNT_KEYS.iter().filter(|(_, number)| metrics[*number]) {
        text.put_slice(key.as_bytes());
        text.put_slice(digits.format(row.counts[*number]).as_bytes());
    }
}

/// Appends a key and its string, with a comma before, if there is a string.
fn string(text: &mut BytesMut, key: &str, prefix: &str, value: Option<&str>) {
    if let Some(value) = value {
        text.put_slice(key.as_bytes());
        text.put_slice(prefix.as_bytes());
        text.put_slice(value.as_bytes());
        text.put_u8(b'"');
    }
}

/// Makes an object of the members from `start`: the comma before the first one becomes its brace.
fn close(text: &mut BytesMut, start: usize) {
    match text.get_mut(start) {
        Some(comma) => *comma = b'{',
        None => text.put_u8(b'{'),
    }
    text.put_u8(b'}');
}
