//! The statements with which engines use a data set as a table.

use chrono::NaiveDate;

use crate::{
    error::{Error, ErrorKind, Result},
    layout,
    location::{Bucket, Kind, Location, Provider},
    schema::{COLUMNS, Column, DATE, PROFILE},
};

/// The name of the table.
const NAME: &str = "gc_usage";

/// An engine that reads a data set as a table.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Engine {
    /// Amazon Athena, engine version 3.
    Athena,
    /// Apache Spark 3 or later.
    Spark,
    /// DuckDB 1.1 or later.
    DuckDb,
    /// Trino with its Hive connector, in a catalog of the name `hive`.
    Trino,
}

/// The statements that make a data set the table `gc_usage` of an engine.
///
/// Spark and Trino keep a list of partitions. After each sync, the last statement adds the new ones to it. Athena
/// computes its partitions from `organizations` and `first_month`. Print its statement again for a new organization or
/// an earlier month.
///
/// In Athena, the days of a month are one partition. With the day as another column of the partition, it would look for
/// each day in each month.
///
/// # Errors
///
/// The engine cannot read this location, or the name of an organization cannot be used.
pub fn ddl(
    engine: Engine,
    location: &Location,
    organizations: &[String],
    first_month: NaiveDate,
) -> Result<String> {
    match engine {
        Engine::Athena => athena(location, organizations, first_month),
        Engine::Spark => spark(location),
        Engine::DuckDb => duckdb(location),
        Engine::Trino => trino(location),
    }
}

fn athena(location: &Location, organizations: &[String], first_month: NaiveDate) -> Result<String> {
    if !matches!(&location.0, Kind::Bucket(bucket) if bucket.provider == Provider::S3) {
        return Err(unreadable("Athena", location, "s3://"));
    }
    if organizations.is_empty() {
        let message = format!("{location} has no organization; write days first with `gc-usage sync`");
        return Err(Error::new(ErrorKind::Location, message));
    }
    // Athena puts these values into the location as they are.
    let values: Vec<_> = organizations
        .iter()
        .map(|name| layout::value(name))
        .collect::<Result<_>>()?;
    let table = backslashed(&format!("{location}/{}", layout::TABLE));
    let columns = columns("`", |column| match column {
        Column::Date => "date",
        Column::Profile | Column::Text(_) => "string",
        Column::Count(_) => "bigint",
    });
    Ok(format!(
        "CREATE EXTERNAL TABLE IF NOT EXISTS `{NAME}` (\n{columns}\n)\n\
         PARTITIONED BY (`organization` string, `month` string)\n\
         STORED AS PARQUET\n\
         LOCATION '{table}/'\n\
         TBLPROPERTIES (\n  \
           'projection.enabled' = 'true',\n  \
           'projection.organization.type' = 'enum',\n  \
           'projection.organization.values' = '{}',\n  \
           'projection.month.type' = 'date',\n  \
           'projection.month.format' = 'yyyy-MM',\n  \
           'projection.month.range' = '{},NOW',\n  \
           'projection.month.interval' = '1',\n  \
           'projection.month.interval.unit' = 'MONTHS',\n  \
           'storage.location.template' = '{table}/organization=${{organization}}/month=${{month}}/'\n\
         );\n",
        values.join(","),
        first_month.format("%Y-%m"),
    ))
}

fn spark(location: &Location) -> Result<String> {
    let table = match &location.0 {
        Kind::Directory(path) => format!("file:{}", path.display()),
        // The scheme of Hadoop, which Spark reads S3 with.
        Kind::Bucket(bucket) if bucket.provider == Provider::S3 => {
            location.to_string().replacen("s3:", "s3a:", 1)
        }
        Kind::Bucket(bucket) => with_account("Spark", location, bucket)?,
    };
    let table = backslashed(&format!("{table}/{}", layout::TABLE));
    let columns = columns("`", |column| match column {
        Column::Date => "DATE",
        Column::Profile | Column::Text(_) => "STRING",
        Column::Count(_) => "BIGINT",
    });
    Ok(format!(
        "CREATE TABLE IF NOT EXISTS `{NAME}` (\n{columns},\n  \
           `organization` STRING,\n  `month` STRING,\n  `day` DATE\n\
         )\n\
         USING parquet\n\
         PARTITIONED BY (`organization`, `month`, `day`)\n\
         LOCATION '{table}';\n\
         MSCK REPAIR TABLE `{NAME}` SYNC PARTITIONS;\n"
    ))
}

fn duckdb(location: &Location) -> Result<String> {
    let root = match &location.0 {
        Kind::Bucket(bucket) => with_account("DuckDB", location, bucket)?,
        Kind::Directory(_) => location.to_string(),
    };
    // A character in brackets is not a pattern.
    let root: String = root
        .chars()
        .map(|character| match character {
            '*' | '?' | '[' => format!("[{character}]"),
            _ => character.to_string(),
        })
        .collect();
    let files = doubled(&format!("{root}/{}/*/*/*/{}", layout::TABLE, layout::FILE));
    let mut statements = format!(
        "CREATE OR REPLACE VIEW {NAME} AS\n\
         SELECT * FROM read_parquet(\n  \
           '{files}',\n  \
           hive_partitioning = true,\n  \
           hive_types = {{'organization': VARCHAR, 'month': VARCHAR, 'day': DATE}}\n\
         );\n"
    );
    for column in COLUMNS {
        let name = column.name();
        statements.push_str(&format!(
            "COMMENT ON COLUMN {NAME}.\"{name}\" IS '{}';\n",
            meaning(name)
        ));
    }
    Ok(statements)
}

fn trino(location: &Location) -> Result<String> {
    let table = match &location.0 {
        Kind::Directory(path) => format!("file://{}", path.display()),
        Kind::Bucket(bucket) => with_account("Trino", location, bucket)?,
    };
    let table = doubled(&format!("{table}/{}", layout::TABLE));
    let columns = columns("\"", |column| match column {
        Column::Date => "date",
        Column::Profile | Column::Text(_) => "varchar",
        Column::Count(_) => "bigint",
    });
    Ok(format!(
        "CREATE TABLE IF NOT EXISTS hive.default.{NAME} (\n{columns},\n  \
           \"organization\" varchar,\n  \"month\" varchar,\n  \"day\" date\n\
         )\n\
         WITH (\n  \
           external_location = '{table}',\n  \
           format = 'PARQUET',\n  \
           partitioned_by = ARRAY['organization', 'month', 'day']\n\
         );\n\
         CALL hive.system.sync_partition_metadata('default', '{NAME}', 'FULL');\n"
    ))
}

/// The columns of the files, with their meaning. The name of the date is a keyword, so all are quoted.
fn columns(quote: &str, type_of: impl Fn(Column) -> &'static str) -> String {
    let lines = COLUMNS.map(|column| {
        let name = column.name();
        format!(
            "  {quote}{name}{quote} {} COMMENT '{}'",
            type_of(column),
            meaning(name)
        )
    });
    lines.join(",\n")
}

fn meaning(column: &str) -> &'static str {
    match column {
        PROFILE => "Name of the organization in this data set",
        DATE => "Day, in UTC",
        "client_id" => "Id of the OAuth client",
        "client_name" => "Name of the OAuth client",
        "user_id" => "Id of the user",
        "organization_id" => "Id of the organization",
        "endpoint" => "Template of the URI",
        "method" => "HTTP method",
        "requests" => "Number of requests",
        "status_200" => "Requests with a 2xx response",
        "status_300" => "Requests with a 3xx response",
        "status_400" => "Requests with a 4xx response, including 429",
        "status_500" => "Requests with a 5xx response",
        "status_429" => "Requests that were rate limited; status_400 includes them",
        "platform" => "Platform of the client, if the source has it",
        _ => "",
    }
}

/// The location for engines that need the storage account of Azure.
fn with_account(engine: &str, location: &Location, bucket: &Bucket) -> Result<String> {
    match &bucket.provider {
        Provider::Azure { account: None } => Err(unreadable(
            engine,
            location,
            "abfss://CONTAINER@ACCOUNT.dfs.core.windows.net/",
        )),
        _ => Ok(location.to_string()),
    }
}

fn unreadable(engine: &str, location: &Location, expected: &str) -> Error {
    let message = format!("{engine} cannot read {location}; give the location as {expected}…");
    Error::new(ErrorKind::Location, message)
}

/// A string of standard SQL.
fn doubled(text: &str) -> String {
    text.replace('\'', "''")
}

/// A string of Hive's SQL.
fn backslashed(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\'', "\\'")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statements(engine: Engine, location: &str) -> Result<String> {
        let organizations = ["acme".to_owned(), "a/b, c".to_owned()];
        let first_month = NaiveDate::from_ymd_opt(2024, 1, 15).unwrap();
        ddl(engine, &location.parse().unwrap(), &organizations, first_month)
    }

    #[test]
    fn athena_computes_its_partitions() {
        let text = statements(Engine::Athena, "s3://lake/it's").unwrap();
        for part in [
            "CREATE EXTERNAL TABLE IF NOT EXISTS `gc_usage` (\n  `profile` string COMMENT 'Name of the organization",
            "  `date` date COMMENT 'Day, in UTC',\n  `client_id` string",
            "  `requests` bigint COMMENT 'Number of requests',\n",
            "if the source has it'\n)\nPARTITIONED BY (`organization` string, `month` string)\n",
            "LOCATION 's3://lake/it\\'s/gc_usage/v1/'\n",
            "'projection.organization.values' = 'acme,a%2Fb%2C%20c',\n",
            "'projection.month.range' = '2024-01,NOW',\n",
            "'s3://lake/it\\'s/gc_usage/v1/organization=${organization}/month=${month}/'\n);\n",
        ] {
            assert!(text.contains(part), "{text}\nexpected: {part}");
        }
    }

    #[test]
    fn the_other_engines_have_the_day_as_a_partition_too() {
        for (engine, location, parts) in [
            (
                Engine::Spark,
                "s3://lake/x",
                [
                    "`day` DATE\n)\nUSING parquet\nPARTITIONED BY (`organization`, `month`, `day`)\n",
                    "LOCATION 's3a://lake/x/gc_usage/v1';\n",
                    "MSCK REPAIR TABLE `gc_usage` SYNC PARTITIONS;",
                ],
            ),
            (
                Engine::Spark,
                "/my lake",
                [
                    "LOCATION 'file:/my lake/gc_usage/v1';",
                    "`date` DATE",
                    "`profile` STRING",
                ],
            ),
            (
                Engine::DuckDb,
                "/it's [a] lake*",
                [
                    "'/it''s [[]a] lake[*]/gc_usage/v1/*/*/*/usage.parquet',\n",
                    "hive_types = {'organization': VARCHAR, 'month': VARCHAR, 'day': DATE}",
                    "COMMENT ON COLUMN gc_usage.\"date\" IS 'Day, in UTC';\n",
                ],
            ),
            (
                Engine::Trino,
                "abfss://c@account.dfs.core.windows.net/x",
                [
                    "\"date\" date COMMENT 'Day, in UTC',\n",
                    "external_location = 'abfss://c@account.dfs.core.windows.net/x/gc_usage/v1',\n",
                    "partitioned_by = ARRAY['organization', 'month', 'day']\n);\nCALL hive.system.sync_partition_metadata",
                ],
            ),
        ] {
            let text = statements(engine, location).unwrap();
            for part in parts {
                assert!(text.contains(part), "{text}\nexpected: {part}");
            }
            for column in COLUMNS {
                assert!(text.contains(meaning(column.name())) && !meaning(column.name()).is_empty());
            }
        }
    }

    #[test]
    fn a_location_that_the_engine_cannot_read_is_refused() {
        for (engine, location) in [
            (Engine::Athena, "/lake"),
            (Engine::Athena, "gs://lake"),
            (Engine::Spark, "az://lake"),
            (Engine::Trino, "az://lake"),
        ] {
            let error = statements(engine, location).unwrap_err().to_string();
            assert!(error.contains("give the location as"), "{error}");
        }
        let first_month = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap();
        let error = ddl(Engine::Athena, &"s3://lake".parse().unwrap(), &[], first_month).unwrap_err();
        assert!(error.to_string().contains("has no organization"), "{error}");
    }
}
