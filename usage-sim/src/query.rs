//! The body of a submit, read as strictly as by the service.

use serde_json::Value;

use crate::errors::ApiError;
use crate::interval::Interval;
use crate::selection::{Dimension, Filter, Granularity, Selection, SortKey};

use members::{Members, meaning};
use models::{Column, GRANULARITIES, Model, Ungrouped};

mod members;
pub(crate) mod models;

/// The sort orders of the service: whether each is descending.
const ORDERS: [models::Named<bool>; 2] = [("Asc", false), ("Desc", true)];

/// What a body selects.
pub(crate) fn parse(model: &Model, body: &[u8]) -> Result<Selection, ApiError> {
    let Ok(body) = serde_json::from_slice::<Value>(body) else {
        return Err(ApiError::bad_request("The request body is not JSON."));
    };
    let members = Members::of(&body, model.name, model.members)?;
    let mut selection = Selection {
        interval: interval(&members)?,
        granularity: granularity(&members)?,
        dimensions: [false; Dimension::COUNT],
        metrics: [false; 6],
        filter: filter(&members, model)?,
        order: order(&members, model)?,
    };
    select_metrics(&mut selection, &members, model)?;
    let groups = members.chosen("groupBy", "GroupBy", model.group_by)?;
    for dimension in groups.iter().copied().flatten() {
        selection.dimensions[*dimension as usize] = true;
    }
    match model.ungrouped {
        Ungrouped::Client if groups.is_empty() => {
            selection.dimensions[Dimension::ClientId as usize] = true;
            selection.dimensions[Dimension::ClientName as usize] = true;
        }
        Ungrouped::Raw if groups.is_empty() => {
            selection.dimensions = [true; Dimension::COUNT];
            // It is not known what a granularity does without groups. Here it does nothing, because nothing is aggregated.
            selection.granularity = Some(Granularity::Day);
        }
        _ => {}
    }
    Ok(selection)
}

fn interval(members: &Members<'_>) -> Result<Interval, ApiError> {
    let Some(text) = members.text("interval")? else {
        return Err(ApiError::invalid_date("An interval is required."));
    };
    Interval::parse(text).ok_or_else(|| ApiError::invalid_date(format!("Invalid interval [{text}].")))
}

fn granularity(members: &Members<'_>) -> Result<Option<Granularity>, ApiError> {
    let text = members.text("granularity")?;
    text.map(|text| meaning(text, "granularity", "Granularity", &GRANULARITIES))
        .transpose()
}

fn select_metrics(selection: &mut Selection, members: &Members<'_>, model: &Model) -> Result<(), ApiError> {
    let mut columns = members.chosen("metrics", "Metric", model.metrics)?;
    if columns.is_empty() {
        columns = model.metrics.iter().map(|(_, column)| *column).collect();
    }
    for column in columns {
        match column {
            Column::Count(number) => selection.metrics[number] = true,
            Column::Date => selection.granularity = Some(Granularity::Day),
            Column::Dimensions(dimensions) => {
                for dimension in dimensions {
                    selection.dimensions[*dimension as usize] = true;
                }
            }
        }
    }
    Ok(())
}

fn filter(members: &Members<'_>, model: &Model) -> Result<Filter, ApiError> {
    let mut filter = Filter {
        platform_clients: model.platform_clients,
        ..Filter::default()
    };
    let owned = |texts: Vec<&str>| texts.into_iter().map(str::to_owned).collect();
    for (name, dimension) in model.filters {
        filter.values[*dimension as usize] = owned(members.texts(name)?);
    }
    let methods: Vec<_> = model.methods.iter().map(|method| (*method, *method)).collect();
    filter.values[Dimension::Method as usize] =
        owned(members.chosen("httpMethods", "HttpMethod", &methods)?);
    Ok(filter)
}

fn order(members: &Members<'_>, model: &Model) -> Result<Vec<SortKey>, ApiError> {
    let mut order = Vec::new();
    for item in members.list("sortBy")? {
        let item = Members::of(item, "UsageQuerySortBy", &["fieldName", "order"])?;
        let descending = item.text("order")?.unwrap_or("Asc");
        let descending = meaning(descending, "order", "Order", &ORDERS)?;
        if let Some(name) = item.text("fieldName")? {
            let field = meaning(name, "fieldName", "SortField", model.sort_by)?;
            order.push(SortKey { field, descending });
        }
    }
    Ok(order)
}
