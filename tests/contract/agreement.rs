//! The document and the generated types agree, in both directions.

use std::collections::{BTreeMap, BTreeSet};

use proptest::{option, prelude::*, strategy::ValueTree as _, test_runner::TestRunner};
use schemars::{JsonSchema, SchemaGenerator};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use usage_client::{ApiUsageQuery, ApiUsageRow, Granularity, GroupBy, Interval, Metric, RowRef, types};

use crate::document;

/// One generated type.
struct Model {
    name: String,
    schema: Value,
    /// Decodes and encodes again.
    round_trip: fn(Value) -> serde_json::Result<Value>,
}

fn model<T: JsonSchema + Serialize + DeserializeOwned>() -> Model {
    Model {
        name: T::schema_name().into_owned(),
        schema: T::json_schema(&mut SchemaGenerator::default()).to_value(),
        round_trip: |value| serde_json::to_value(serde_json::from_value::<T>(value)?),
    }
}

fn models() -> Vec<Model> {
    vec![
        model::<types::ApiUsageClientQuery>(),
        model::<types::ApiUsageQuery>(),
        model::<types::ApiUsageQueryResult>(),
        model::<types::ApiUsageRow>(),
        model::<types::ApiUsageSimpleSearch>(),
        model::<types::ClientGroupBy>(),
        model::<types::ClientId>(),
        model::<types::ClientJobGroupBy>(),
        model::<types::ClientPublicApiUsage>(),
        model::<types::ClientPublicApiUsageQueryRequest>(),
        model::<types::ClientPublicApiUsageResultsResponse>(),
        model::<types::ClientUsageQueryResponse>(),
        model::<types::Cursors>(),
        model::<types::DomainEntityRef>(),
        model::<types::ErrorBody>(),
        model::<types::ErrorDetail>(),
        model::<types::ErrorLimit>(),
        model::<types::ExecutionId>(),
        model::<types::Granularity>(),
        model::<types::GroupBy>(),
        model::<types::HttpMethod>(),
        model::<types::JobGroupBy>(),
        model::<types::JobId>(),
        model::<types::JobStatus>(),
        model::<types::Metric>(),
        model::<types::OrganizationPublicApiUsage>(),
        model::<types::OrganizationPublicApiUsageQueryRequest>(),
        model::<types::OrganizationPublicApiUsageResultsResponse>(),
        model::<types::OrganizationUsageQueryResponse>(),
        model::<types::PastDays>(),
        model::<types::QueryStatus>(),
        model::<types::SearchHttpMethod>(),
        model::<types::SearchMetric>(),
        model::<types::SortOrder>(),
        model::<types::UsageExecutionResult>(),
        model::<types::UsageQuerySortBy>(),
        model::<types::UserReference>(),
    ]
}

/// What a value is, in words that both kinds of schema can be brought to.
#[derive(Debug, PartialEq)]
enum Shape {
    Named(String),
    Array(Box<Shape>),
    Map(Box<Shape>),
    Plain { kind: String, format: Option<String> },
}

/// The shape, and whether `null` is allowed.
fn shape(schema: &Value) -> (Shape, bool) {
    // A reference with a description is the only part of an `allOf`.
    let reference = schema["$ref"].as_str().or(schema["allOf"][0]["$ref"].as_str());
    if let Some(target) = reference {
        return (Shape::Named(target.rsplit('/').next().unwrap().to_owned()), false);
    }
    if let Some(either) = schema["anyOf"].as_array() {
        assert!(
            either.len() == 2 && either[1]["type"] == "null",
            "not an optional: {schema}"
        );
        return (shape(&either[0]).0, true);
    }
    let (kind, nullable) = match &schema["type"] {
        Value::String(kind) => (kind.clone(), schema["nullable"] == true),
        Value::Array(kinds) => (
            kinds[0].as_str().unwrap().to_owned(),
            kinds.get(1) == Some(&"null".into()),
        ),
        other => panic!("no type: {other} in {schema}"),
    };
    let shape = match kind.as_str() {
        "array" => Shape::Array(Box::new(shape(&schema["items"]).0)),
        "object" => Shape::Map(Box::new(shape(&schema["additionalProperties"]).0)),
        _ => Shape::Plain {
            kind,
            format: schema["format"].as_str().map(str::to_owned),
        },
    };
    (shape, nullable)
}

/// Whether a property is an optional model, which may be null without saying so.
fn is_reference(property: &Value) -> bool {
    property["$ref"].is_string() || property["allOf"].is_array()
}

fn strings(value: &Value) -> BTreeSet<&str> {
    let items = value.as_array().into_iter().flatten();
    items.map(|item| item.as_str().unwrap()).collect()
}

fn properties(schema: &Value) -> BTreeMap<&str, &Value> {
    let members = schema["properties"].as_object().into_iter().flatten();
    members.map(|(name, value)| (name.as_str(), value)).collect()
}

#[test]
fn the_document_and_the_crate_name_the_same_schemas() {
    let in_crate: BTreeSet<_> = models().into_iter().map(|model| model.name).collect();
    for name in document::schemas().keys() {
        assert!(
            in_crate.contains(name),
            "schema `{name}` is compared with no type: add `model::<types::{name}>(),` to `models()` in \
             tests/contract/agreement.rs"
        );
    }
    for name in &in_crate {
        assert!(
            document::schemas().contains_key(name),
            "`{name}` is no schema of openapi/usage.yaml any more: drop it from `models()` in tests/contract/agreement.rs"
        );
    }
}

#[test]
fn every_property_has_the_same_name_type_and_need() {
    for Model {
        name, schema: ours, ..
    } in models()
    {
        let theirs = &document::schemas()[&name];
        let (our_properties, their_properties) = (properties(&ours), properties(theirs));
        assert!(
            our_properties.keys().eq(their_properties.keys()),
            "{name} has {our_properties:?} in the crate and {their_properties:?} in openapi/usage.yaml: run `cargo xtask codegen`"
        );
        let required = strings(&theirs["required"]);
        assert_eq!(strings(&ours["required"]), required, "{name}: required");
        if our_properties.is_empty() {
            assert_eq!(shape(&ours), shape(theirs), "{name}");
        }
        for (property, theirs) in their_properties {
            let (our_shape, we_take_null) = shape(our_properties[property]);
            let (their_shape, they_send_null) = shape(theirs);
            assert_eq!(our_shape, their_shape, "{name}.{property}");
            assert!(
                we_take_null || !they_send_null,
                "{name}.{property}: the document allows null, the crate does not"
            );
            // An optional member may be read as absent or null; a required one is null only if the document says so.
            assert!(
                !we_take_null || they_send_null || !required.contains(property),
                "{name}.{property}: the crate allows null, the document does not"
            );
        }
    }
}

#[test]
fn every_enum_has_the_same_members_and_openness() {
    let mut seen = 0;
    for Model {
        name, schema: ours, ..
    } in models()
    {
        let theirs = &document::schemas()[&name];
        let is_open = theirs["x-open-enum"] == true;
        let our_members = &ours[if is_open { "x-open-enum" } else { "enum" }];
        assert_eq!(strings(our_members), strings(&theirs["enum"]), "{name}");
        seen += usize::from(theirs["enum"].is_array());
    }
    let in_document = document::schemas().values();
    let enums = in_document.filter(|schema| schema["enum"].is_array());
    assert_eq!(seen, enums.count());
}

#[test]
fn every_member_of_an_enum_is_described() {
    for (name, schema) in document::schemas() {
        for member in strings(&schema["enum"]) {
            assert!(
                schema["x-enum-descriptions"][member].is_string(),
                "`{member}` of `{name}` has no description: add one to `x-enum-descriptions` in openapi/usage.yaml"
            );
        }
    }
}

#[test]
fn every_property_is_described_and_in_an_example() {
    let examples = document::examples();
    for (name, schema) in document::schemas() {
        for (property, value) in properties(schema) {
            // A reference has the description of its target.
            assert!(
                value["description"].is_string() || value["$ref"].is_string(),
                "`{property}` of `{name}` has no description: add one in openapi/usage.yaml"
            );
            let of_schema = examples.iter().filter(|(of, _)| of == name);
            assert!(
                of_schema.clone().any(|(_, example)| !example[property].is_null())
                    || !value["example"].is_null()
                    || is_reference(value),
                "`{property}` of `{name}` is in no example: add one to it in openapi/usage.yaml"
            );
        }
    }
}

/// The service may leave out any value, or send null. A request says what it requires.
#[test]
fn every_property_of_a_response_may_be_null() {
    for (name, schema) in document::schemas() {
        if schema["additionalProperties"] == false {
            continue;
        }
        assert!(
            strings(&schema["required"]).is_empty(),
            "`{name}` requires a property, which the service may leave out: drop `required` in openapi/usage.yaml, or mark \
             a request with `additionalProperties: false`"
        );
        for (property, value) in properties(schema) {
            assert!(
                value["nullable"] == true || is_reference(value),
                "`{property}` of `{name}` may be null as any value of a response: mark it `nullable: true` in \
                 openapi/usage.yaml"
            );
        }
    }
}

#[test]
fn null_for_any_property_of_a_response_is_read_as_absent() {
    for Model { name, round_trip, .. } in models() {
        let schema = &document::schemas()[&name];
        let properties = properties(schema);
        if properties.is_empty() || schema["additionalProperties"] == false {
            continue;
        }
        let nulls = properties.into_keys().map(|name| (name.to_owned(), Value::Null));
        let read = round_trip(nulls.collect());
        let read = read.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(read, json!({}), "{name}");
    }
}

#[test]
fn every_example_decodes_and_encodes_back() {
    let models = models();
    let examples = document::examples();
    for (name, example) in examples {
        // Another test names a schema that has no type here.
        let Some(model) = models.iter().find(|model| model.name == name) else {
            continue;
        };
        let back =
            (model.round_trip)(example.clone()).unwrap_or_else(|error| panic!("{name} {example}: {error}"));
        assert_eq!(back, example, "{name}");
        assert!(document::validator(&name).is_valid(&back), "{name} {back}");
    }
}

/// Values of a schema, with every property or with some of them.
fn values(schema: &Value) -> BoxedStrategy<Value> {
    let reference = schema["$ref"].as_str().or(schema["allOf"][0]["$ref"].as_str());
    if let Some(target) = reference {
        let name = target.rsplit('/').next().unwrap();
        // An error may hold errors. One level is enough.
        return match name {
            "ErrorBody" => Just(json!({ "code": "not.found" })).boxed(),
            _ => values(&document::schemas()[name]),
        };
    }
    if let Some(members) = schema["enum"].as_array() {
        return prop::sample::select(members.clone()).boxed();
    }
    match (schema["type"].as_str().unwrap(), schema["format"].as_str()) {
        ("string", Some("date")) => (1_u32..=28)
            .prop_map(|day| json!(format!("2026-02-{day:02}")))
            .boxed(),
        ("string", Some("date-time")) => (0_u32..24)
            .prop_map(|hour| json!(format!("2026-02-01T{hour:02}:00:00Z")))
            .boxed(),
        // What each pattern of the document allows.
        ("string", _) if schema["pattern"].is_string() => "[1-9]{1,4}".prop_map(Value::from).boxed(),
        ("string", _) => "\\PC{0,12}".prop_map(Value::from).boxed(),
        ("integer", Some("int32")) => any::<i32>().prop_map(Value::from).boxed(),
        ("integer", _) => any::<i64>().prop_map(Value::from).boxed(),
        // An empty list of a request is not sent.
        ("array", _) => prop::collection::vec(values(&schema["items"]), 1..3)
            .prop_map(Value::from)
            .boxed(),
        ("object", _) if schema["additionalProperties"].is_object() => {
            prop::collection::hash_map("[a-z]{1,4}", values(&schema["additionalProperties"]), 0..3)
                .prop_map(|members| members.into_iter().collect())
                .boxed()
        }
        ("object", _) => {
            let required = strings(&schema["required"]);
            let members = properties(schema).into_iter().map(|(name, schema)| {
                let (name, is_required) = (name.to_owned(), required.contains(name));
                let value = (values(schema), any::<bool>());
                value.prop_map(move |(value, is_there)| {
                    (is_there || is_required).then(|| (name.clone(), value))
                })
            });
            let members: Vec<_> = members.collect();
            members
                .prop_map(|members| members.into_iter().flatten().collect())
                .boxed()
        }
        (other, _) => {
            panic!("no values of the type {other}: add them to `values` in tests/contract/agreement.rs")
        }
    }
}

#[test]
fn whatever_the_document_allows_is_read_and_written_back() {
    let mut runner = TestRunner::deterministic();
    for model in models() {
        let (name, values) = (&model.name, values(&document::schemas()[&model.name]));
        let validator = document::validator(name);
        for _ in 0..64 {
            let value = values.new_tree(&mut runner).unwrap().current();
            assert!(validator.is_valid(&value), "{name} {value}");
            let back = (model.round_trip)(value.clone());
            let back = back.unwrap_or_else(|error| panic!("{name} {value}: {error}"));
            assert_eq!(back, value, "{name}");
        }
    }
}

fn text() -> impl Strategy<Value = Option<String>> {
    option::of("\\PC{0,12}")
}

fn count() -> impl Strategy<Value = Option<i64>> {
    option::of(any::<i64>())
}

prop_compose! {
    fn query()(
        start in 0_i64..3000,
        length in 0_i64..400,
        granularity in option::of(prop::sample::select(Granularity::KNOWN)),
        group_by in prop::sample::subsequence(GroupBy::KNOWN, 0..=GroupBy::KNOWN.len()),
        metrics in prop::sample::subsequence(Metric::KNOWN, 0..=Metric::KNOWN.len()),
    ) -> ApiUsageQuery {
        // 2018-01-01 and later, long past.
        let day = |offset: i64| {
            let seconds = 1_514_764_800 + offset * 86_400;
            usage_client::chrono::DateTime::from_timestamp(seconds, 0).unwrap().date_naive()
        };
        let query = ApiUsageQuery::builder()
            .interval(Interval::new(day(start), day(start + length)).unwrap())
            .granularity(granularity)
            .group_by(group_by)
            .metrics(metrics);
        query.try_into().unwrap()
    }
}

prop_compose! {
    fn row()(
        texts in [(); RowRef::TEXTS].map(|()| text()),
        counts in [(); RowRef::COUNTS].map(|()| count()),
        date in option::of(0_i64..4_000_000_000_000),
    ) -> ApiUsageRow {
        let texts = texts.each_ref().map(Option::as_deref);
        let date = date.and_then(usage_client::chrono::DateTime::from_timestamp_millis);
        RowRef::from_parts(texts, counts, date).to_row()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_a_query_holds_validates_and_comes_back(query in query()) {
        let sent = serde_json::to_value(&query).unwrap();
        prop_assert!(document::validator("ApiUsageQuery").is_valid(&sent), "{sent}");
        prop_assert_eq!(serde_json::from_value::<ApiUsageQuery>(sent).unwrap(), query);
    }

    #[test]
    fn whatever_a_row_holds_validates_and_comes_back(row in row()) {
        let sent = serde_json::to_value(&row).unwrap();
        prop_assert!(document::validator("ApiUsageRow").is_valid(&sent), "{sent}");
        prop_assert_eq!(serde_json::from_value::<ApiUsageRow>(sent).unwrap(), row);
    }
}
