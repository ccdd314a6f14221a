# Counts the rows of a table again and again, by one engine. Each line of the input asks for a count, and is answered by a line of JSON.
#
#   count.py <engine> <the answer of /lake, in a file> <the folder of the table>

import importlib.util
import json
import sys
from pathlib import Path

engine, page_file, folder = sys.argv[1:4]
page = json.load(open(page_file))
names = {}
exec("\n".join(page["python"]["catalog"]), names) if engine != "duckdb-folder" else None


def count_pyiceberg():
    ids = names["catalog"].load_table("headlessly.contact").scan(selected_fields=("$id",)).to_arrow()["$id"].to_pylist()
    return len(ids), len(set(ids))


def count_pandas():
    frame = names["catalog"].load_table("headlessly.contact").scan(selected_fields=("$id",)).to_pandas()
    return len(frame), frame["$id"].nunique()


def count_polars():
    import polars

    table = names["catalog"].load_table("headlessly.contact")
    ids = polars.scan_iceberg(table, storage_options=names["storage"]).select("$id").collect()["$id"]
    return len(ids), ids.n_unique()


def count_spark():
    return tuple(session.sql("SELECT count(*), count(DISTINCT `$id`) FROM lake.headlessly.contact").collect()[0])


def count_duckdb():
    query = f"SELECT count(*), count(DISTINCT \"$id\") FROM iceberg_scan('{folder}', allow_moved_paths = true)"
    return connection.execute(query).fetchone()


if engine == "polars-catalog":
    # The last line reads the table of events.
    exec("\n".join(page["python"]["polars"][:-1]), names)

if engine == "spark-catalog":
    from pyspark.sql import SparkSession

    packages = ("iceberg-spark-runtime-3.5_2.12", "iceberg-aws-bundle")
    settings = {
        "spark.jars.packages": ",".join(f"org.apache.iceberg:{name}:1.10.0" for name in packages),
        "spark.master": "local[1]",
        "spark.ui.enabled": "false",
        **page["spark"]["settings"],
    }
    builder = SparkSession.builder
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()

if engine == "duckdb-folder":
    import duckdb

    connection = duckdb.connect()
    # Wheels bring the extensions where the host of extensions cannot be reached.
    for name in ("avro", "iceberg"):
        found = importlib.util.find_spec(f"duckdb_extension_{name}")
        wheel = next(Path(found.origin).parent.glob("extensions/*/*.duckdb_extension"), None) if found else None
        connection.execute(f"LOAD '{wheel}'" if wheel else f"INSTALL {name}; LOAD {name}")
    connection.execute("SET unsafe_enable_version_guessing = true")

engines = {
    "pyiceberg-catalog": count_pyiceberg,
    "pandas-catalog": count_pandas,
    "polars-catalog": count_polars,
    "spark-catalog": count_spark,
    "duckdb-folder": count_duckdb,
}
print(json.dumps({"ready": engine}), flush=True)
for _ in sys.stdin:
    try:
        rows, distinct = engines[engine]()
        print(json.dumps({"rows": rows, "distinct": distinct}), flush=True)
    except Exception as error:
        print(json.dumps({"error": f"{type(error).__name__}: {error}"[:500]}), flush=True)
