# Reads tables of a lake again and again, by one engine. Each line of the input is a request in JSON, and is answered by one of JSON:
#
#   read.py <engine> <the answer of /lake, in a file>
#
#   {"do": "count", "source": "catalog", "table": "contact"}              counts, and sums that show which rows are there
#   {"do": "rows", "source": "copy", "table": "contact", "path": "/…"}    all rows: times in microseconds, no nulls
#   {"do": "files", "source": "catalog", "table": "contact", "filter": "…"} how many files PyIceberg would read

import datetime
import importlib.util
import json
import sys
from pathlib import Path

engine, page_file = sys.argv[1:3]
page = json.load(open(page_file))
counted = ("$id", "$version", "leadScore", "$seq")


def metadata_of(path):
    version = Path(path, "metadata/version-hint.text").read_text()
    return f"{path}/metadata/v{version}.metadata.json"


class PyIceberg:
    def __init__(self):
        self.names = {}
        exec("\n".join(page["python"]["catalog"]), self.names)

    def table(self, request):
        if request["source"] == "catalog":
            return self.names["catalog"].load_table(f"headlessly.{request['table']}")
        from pyiceberg.table import StaticTable

        return StaticTable.from_metadata(metadata_of(request["path"]))

    def count(self, request):
        return sums(self.table(request).scan(selected_fields=counted).to_arrow().to_pylist())

    def rows(self, request):
        return self.table(request).scan().to_arrow().to_pylist()

    def files(self, request):
        return len(list(self.table(request).scan(row_filter=request["filter"]).plan_files()))


class Pandas(PyIceberg):
    def count(self, request):
        return sums(self.table(request).scan(selected_fields=counted).to_pandas().to_dict("records"))


class Polars(PyIceberg):
    def __init__(self):
        super().__init__()
        # The last line reads the table of events.
        exec("\n".join(page["python"]["polars"][:-1]), self.names)

    def frame(self, request):
        import polars

        if request["source"] == "copy":
            return polars.scan_iceberg(metadata_of(request["path"]))
        return polars.scan_iceberg(self.table(request), storage_options=self.names["storage"])

    def count(self, request):
        return sums(self.frame(request).select(*counted).collect().to_dicts())

    def rows(self, request):
        return self.frame(request).collect().to_dicts()


class Spark:
    def __init__(self):
        from pyspark.sql import SparkSession

        packages = ("iceberg-spark-runtime-3.5_2.12", "iceberg-aws-bundle")
        settings = {
            "spark.jars.packages": ",".join(f"org.apache.iceberg:{name}:1.10.0" for name in packages),
            "spark.master": "local[1]",
            "spark.ui.enabled": "false",
            "spark.sql.session.timeZone": "UTC",
            **page["spark"]["settings"],
        }
        builder = SparkSession.builder
        for name, value in settings.items():
            builder = builder.config(name, value)
        self.session = builder.getOrCreate()

    def frame(self, request):
        if request["source"] == "catalog":
            return self.session.table(f"lake.headlessly.{request['table']}")
        return self.session.read.format("iceberg").load(f"file://{request['path']}")

    def count(self, request):
        sums = ("count(*)", "count(DISTINCT `$id`)", "sum(`$version`)", "sum(leadScore)", "max(`$seq`)")
        return tuple(self.frame(request).selectExpr(*sums).collect()[0])

    def rows(self, request):
        frame = self.frame(request)
        micros = [
            f"unix_micros(`{name}`) AS `{name}`" if type == "timestamp" else f"`{name}`" for name, type in frame.dtypes
        ]
        return [row.asDict() for row in frame.selectExpr(*micros).collect()]


class DuckDB:
    def __init__(self):
        import duckdb

        self.connection = duckdb.connect()
        # Wheels bring the extensions where the host of extensions cannot be reached.
        for name in ("avro", "httpfs", "iceberg"):
            found = importlib.util.find_spec(f"duckdb_extension_{name}")
            wheel = next(Path(found.origin).parent.glob("extensions/*/*.duckdb_extension"), None) if found else None
            self.connection.execute(f"LOAD '{wheel}'" if wheel else f"INSTALL {name}; LOAD {name}")
        self.connection.execute("SET unsafe_enable_version_guessing = true; SET TimeZone = 'UTC'")
        for line in page["duckdbCatalog"]:
            if not line.startswith(("INSTALL", "LOAD")):
                self.connection.execute(line)

    def source(self, request):
        if request["source"] == "catalog":
            return f"lake.headlessly.\"{request['table']}\""
        moved = "" if request["source"] == "copy" else ", allow_moved_paths = true"
        return f"iceberg_scan('{request['path']}'{moved})"

    def count(self, request):
        sums = 'count(*), count(DISTINCT "$id"), sum("$version"), sum("leadScore"), max("$seq")'
        return self.connection.execute(f"SELECT {sums} FROM {self.source(request)}").fetchone()

    def rows(self, request):
        return self.connection.execute(f"SELECT * FROM {self.source(request)}").to_arrow_table().to_pylist()


def sums(rows):
    ids = {row["$id"] for row in rows}
    scores = sum(row["leadScore"] for row in rows)
    return len(rows), len(ids), sum(row["$version"] for row in rows), scores, max(row["$seq"] for row in rows)


def plain(value):
    if isinstance(value, datetime.datetime):
        moment = value if value.tzinfo else value.replace(tzinfo=datetime.timezone.utc)
        return (moment - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)) // datetime.timedelta(microseconds=1)
    if isinstance(value, datetime.date):
        return value.isoformat()
    return [plain(one) for one in value] if isinstance(value, list) else value


def answer(request):
    if request["do"] == "count":
        rows, distinct, versions, scores, seq = (int(one) for one in reader.count(request))
        return {"rows": rows, "distinct": distinct, "versions": versions, "scores": scores, "seq": seq}
    if request["do"] == "files":
        return {"files": reader.files(request)}
    rows = [{name: plain(value) for name, value in row.items() if value is not None} for row in reader.rows(request)]
    return {"all": rows}


engines = {"pyiceberg": PyIceberg, "pandas": Pandas, "polars": Polars, "spark": Spark, "duckdb": DuckDB}
reader = engines[engine]()
print(json.dumps({"ready": engine}), flush=True)
for line in sys.stdin:
    try:
        print(json.dumps(answer(json.loads(line))), flush=True)
    except Exception as error:
        print(json.dumps({"error": f"{type(error).__name__}: {error}"[:500]}), flush=True)
