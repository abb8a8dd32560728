"""Reads a data set of `gc-usage sync` with other engines. See `dataset`."""

import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import urllib.request
from contextlib import contextmanager
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

COMMAND = str(Path(sys.argv[1]).resolve())
# Names that engines could take for a number, a date, or two parts of a path.
PROFILES = ["acme", "007", "2026-01-01", "a=b/c %20ü"]
COUNTS = ["requests", "status_200", "status_300", "status_400", "status_429", "status_500"]
SUMS = ", ".join(f"sum({count})" for count in COUNTS)
TABLE = "gc_usage/v1"
DAYS = 45


@contextmanager
def started(*command, ready, **options):
    """Runs a service until the end of the block. `ready` is the pattern of the line that has its URL."""
    service = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    try:
        for line in service.stdout:
            if found := re.search(ready, line):
                # It would wait for a reader of its log.
                threading.Thread(target=service.stdout.read, daemon=True).start()
                yield found[1]
                return
        raise SystemExit(f"{command[0]} does not start")
    finally:
        service.kill()
        service.wait()


def gc_usage(*arguments, **environment):
    ran = subprocess.run([COMMAND, *arguments], capture_output=True, text=True, env=os.environ | environment)
    if ran.returncode:
        raise SystemExit(f"gc-usage {' '.join(arguments)}: exit code {ran.returncode}\n{ran.stdout}{ran.stderr}")
    return ran.stdout


def profiles(home, url):
    directory = Path(home) / ".config/gc-usage"
    directory.mkdir(parents=True)
    settings = directory / "config.toml"
    login = f'api_url = "{url}"\nlogin_url = "{url}"\nclient_id = "demo-client"\nclient_secret = "demo-secret"\n'
    settings.write_text("".join(f"[{json.dumps(name, ensure_ascii=False)}]\n{login}" for name in PROFILES))
    settings.chmod(0o600)


def expected():
    """The sums of `gc-usage query`, by profile, month and client."""
    rows = json.loads(
        gc_usage("query", "--all-profiles", "--last", f"{DAYS}d", "--granularity", "month", "--format", "json")
    )["results"]
    keys = [count.replace("_", "") for count in COUNTS]
    sums = {}
    for row in rows:
        key = row["profile"], row["date"][:7], row["clientId"]
        sums[key] = tuple(row[key] for key in keys)
    assert len({profile for profile, *_ in sums}) == len(PROFILES), sums
    return sums


def by_key(rows):
    """Rows of profile, month, client and sums, as `expected` has them."""
    return {
        (profile, str(month)[:7], client): tuple(int(count) for count in counts)
        for profile, month, client, *counts in rows
    }


def agree(reader, found, wanted):
    different = sorted(set(found.items()) ^ set(wanted.items()))
    assert not different, f"{reader}: {len(different)} sums differ: {different[:4]}"


SQL = f"SELECT profile, month, client_id, {SUMS} FROM usage GROUP BY profile, month, client_id"


def duckdb_reads(table):
    import duckdb

    connection = duckdb.connect()
    connection.execute(f"CREATE VIEW usage AS SELECT * FROM read_parquet('{table}/**/*.parquet', hive_partitioning = true)")
    yield by_key(connection.execute(SQL).fetchall())
    types = dict(connection.execute("SELECT column_name, column_type FROM (DESCRIBE usage)").fetchall())
    assert types["day"] == types["date"] == "DATE", types
    assert types["profile"] == types["organization"] == "VARCHAR", types
    assert all(types[count] == "BIGINT" for count in COUNTS), types
    yesterday = datetime.now(timezone.utc).date() - timedelta(days=1)
    plan = connection.execute(f"EXPLAIN ANALYZE SELECT sum(requests) FROM usage WHERE day = '{yesterday}'").fetchall()
    read = re.search(r"Total Files Read:\s*(\d+)", str(plan))
    assert read and int(read[1]) == len(PROFILES), plan


def duckdb_reads_by_our_statement(table):
    import duckdb

    connection = duckdb.connect()
    root = table.removesuffix(f"/{TABLE}")
    connection.execute(gc_usage("sync", "ddl", "--to", root, "--engine", "duckdb"))
    yield by_key(connection.execute(SQL.replace("usage", "gc_usage")).fetchall())


def polars_reads(table):
    import polars

    frame = polars.scan_parquet(f"{table}/", hive_partitioning=True)
    sums = frame.group_by("profile", "month", "client_id").agg(polars.col(count).sum() for count in COUNTS)
    yield by_key(sums.collect().rows())
    types = frame.collect_schema()
    assert types["date"] == polars.Date and types["profile"] == polars.String, types


def pyarrow_reads(table):
    import pyarrow.dataset

    dataset = pyarrow.dataset.dataset(table, partitioning="hive")
    sums = dataset.to_table().group_by(["profile", "month", "client_id"]).aggregate([(count, "sum") for count in COUNTS])
    order = ["profile", "month", "client_id", *(f"{count}_sum" for count in COUNTS)]
    yield by_key(tuple(row[name] for name in order) for row in sums.to_pylist())
    field = pyarrow.dataset.field("month") == f"{date.today() - timedelta(days=30):%Y-%m}"
    pruned = len(list(dataset.get_fragments(field)))
    assert 0 < pruned < len(list(dataset.get_fragments())), pruned


def pandas_reads(table):
    import pandas

    frame = pandas.read_parquet(table)
    sums = frame.groupby(["profile", "month", "client_id"], observed=True)[COUNTS].sum()
    yield by_key((*key, *row) for key, row in zip(sums.index, sums.itertuples(index=False)))


def datafusion_reads(table):
    import datafusion

    context = datafusion.SessionContext()
    context.sql(
        f"CREATE EXTERNAL TABLE usage STORED AS PARQUET PARTITIONED BY (organization, month, day) LOCATION '{table}/'"
    )
    yield by_key(tuple(row.values()) for row in context.sql(SQL).to_pylist())


def spark_reads(table):
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    builder = builder.config("spark.sql.session.timeZone", "UTC").config("spark.sql.catalogImplementation", "in-memory")
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    frame = spark.read.parquet(table)
    frame.createOrReplaceTempView("usage")
    yield by_key(tuple(row) for row in spark.sql(SQL).collect())
    types = dict(frame.dtypes)
    assert types["day"] == types["date"] == "date" and types["profile"] == types["organization"] == "string", types
    assert all(types[count] == "bigint" for count in COUNTS), types
    yesterday = datetime.now(timezone.utc).date() - timedelta(days=1)
    plan = spark.sql(f"EXPLAIN SELECT sum(requests) FROM usage WHERE day = DATE'{yesterday}'").first()[0]
    assert re.search(r"PartitionFilters: \[[^\]]*day#", plan), plan
    spark.stop()


def spark_reads_by_our_statement(table):
    """As the README shows."""
    with tempfile.TemporaryDirectory() as directory:
        statement = Path(directory) / "usage.sql"
        statement.write_text(gc_usage("sync", "ddl", "--to", table.removesuffix(f"/{TABLE}"), "--engine", "spark"))
        command = ["spark-sql", "--conf", "spark.ui.enabled=false", "-i", statement, "-e", SQL.replace("usage", "gc_usage")]
        ran = subprocess.run(command, cwd=directory, capture_output=True, text=True)
        assert ran.returncode == 0, ran.stderr[-2000:]
        rows = (line.split("\t") for line in ran.stdout.splitlines())
        yield by_key(row for row in rows if len(row) == 3 + len(COUNTS))


def blocks_of_the_readme_run():
    """Each block that reads a data set with an engine. Their commands are those that a new user has."""
    readme = Path("README.md").read_text()
    blocks = [block for block in re.findall(r"```sh\n(.*?)```", readme, re.S) if "usage-data" in block]
    assert len(blocks) >= 3, blocks
    with tempfile.TemporaryDirectory() as directory:
        path = f"{Path(COMMAND).parent}{os.pathsep}{os.environ['PATH']}"
        for block in blocks:
            ran = subprocess.run(
                ["bash", "-euo", "pipefail", "-c", block],
                cwd=directory, env=os.environ | {"PATH": path}, capture_output=True, text=True,
            )
            assert ran.returncode == 0 and len(ran.stdout.splitlines()) > 5, f"{block}\n{ran.stdout}\n{ran.stderr[-2000:]}"
    print(f"{len(blocks)} blocks of the README run")


def of_bucket():
    """The files of the bucket, in a directory of their own: most engines need an extension to read a bucket."""
    import boto3

    client = boto3.client("s3")
    copy = tempfile.mkdtemp()
    for page in client.get_paginator("list_objects_v2").paginate(Bucket="lake"):
        for found in page["Contents"]:
            target = Path(copy) / found["Key"]
            target.parent.mkdir(parents=True, exist_ok=True)
            client.download_file("lake", found["Key"], str(target))
    return f"{copy}/a prefix/{TABLE}"


def main():
    with (
        tempfile.TemporaryDirectory() as home,
        started(COMMAND, "simulate", "--running-polls", "0", ready=r"API +(http\S+)") as simulator,
        started("moto_server", "-H", "127.0.0.1", "-p", "0", ready=r"Running on (http\S+)") as store,
    ):
        for name in [name for name in os.environ if name.startswith(("GENESYSCLOUD_", "AWS_"))]:
            del os.environ[name]
        os.environ |= {
            "HOME": home,
            "XDG_CONFIG_HOME": f"{home}/.config",
            "AWS_ENDPOINT_URL": store,
            "AWS_ALLOW_HTTP": "true",
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "key",
            "AWS_SECRET_ACCESS_KEY": "secret",
        }
        profiles(home, simulator)
        urllib.request.urlopen(urllib.request.Request(f"{store}/lake", method="PUT"))
        since = datetime.now(timezone.utc).date() - timedelta(days=DAYS)
        directory = f"{home}/data set"
        for place in (directory, "s3://lake/a prefix"):
            print(gc_usage("sync", "--all-profiles", "--to", place, "--since", str(since), "--verify"), end="")
        wanted = expected()
        readers = [
            duckdb_reads, duckdb_reads_by_our_statement, polars_reads, pyarrow_reads, pandas_reads, datafusion_reads,
            spark_reads, spark_reads_by_our_statement,
        ]
        for reader in readers:
            for found in reader(f"{directory}/{TABLE}"):
                agree(reader.__name__, found, wanted)
            print(f"{reader.__name__}: {len(wanted)} sums agree")
        copy = of_bucket()
        for found in duckdb_reads(copy):
            agree("the bucket", found, wanted)
        for command in ("query", "report"):
            pages = [
                json.loads(gc_usage(command, "--from", place, "--last", "10d", "--format", "json"))
                for place in (directory, "s3://lake/a prefix")
            ]
            # Only the place differs.
            first, second = (sorted(page["results"] if command == "query" else page, key=json.dumps) for page in pages)
            assert first == second, f"{command}: {str(first)[:300]} and {str(second)[:300]}"
        print("the bucket has the same data set")
        blocks_of_the_readme_run()


main()
