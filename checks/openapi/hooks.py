"""Hooks of Schemathesis: values whose rules are a grammar or the tenant's data, which no JSON Schema can state.

Only requests that are meant to be valid change. Requests that break the document's rules are sent as generated.
"""

import os
import random
import re
import uuid
from datetime import datetime, timezone

import schemathesis
from schemathesis import GenerationMode

ID = re.compile(r"([a-z][a-z0-9]*)_[0-9A-Za-z]{12}")
FILTERS = (
    "{}",
    '{"$version":{"$gte":1}}',
    '{"$createdAt":{"$gt":"2020-01-01T00:00:00Z"}}',
    '{"$or":[{"$version":1},{"$version":{"$in":[2,3]}}]}',
)
CODES = ("async ($) => $.Contact.count()", "() => [undefined, NaN]", "async (_, given) => given")
HEADERS = {
    "If-Match": re.compile(r'(\*|"[1-9][0-9]*")'),
    "If-None-Match": re.compile(r'(\*|"[1-9][0-9]*")'),
    "X-Headlessly-Bookmark": re.compile(r"[0-9a-z]{1,32}[.][0-9]{1,15}"),
    "Idempotency-Key": re.compile(r"[!-~]+( [!-~]+)*"),
}

# The ids of entities in answers, by prefix. References and paths use them, so that requests reach entities.
random.seed(1)
known: dict[str, list[str]] = {}
for entity_id in os.environ.get("KNOWN_IDS", "").split():
    known.setdefault(entity_id.split("_")[0], []).append(entity_id)


@schemathesis.hook
def before_call(context, case, **kwargs):
    if case.meta is None or case.meta.generation.mode != GenerationMode.POSITIVE:
        return
    for name, pattern in HEADERS.items():
        value = case.headers.get(name)
        if value is not None and pattern.fullmatch(value) is None:
            del case.headers[name]
    # A key belongs to one request.
    if "Idempotency-Key" in case.headers:
        case.headers["Idempotency-Key"] = str(uuid.uuid4())
    # Nothing happened in the future.
    if "X-Headlessly-At" in case.headers:
        case.headers["X-Headlessly-At"] = "2020-02-29T12:00:00+01:00"
    with_grammar(case.path, case.query)
    for name, value in list((case.path_parameters or {}).items()):
        case.path_parameters[name] = path_id(case.path, value) if name == "id" else value
    case.body = body_of(case)


# Requests that may delete entities which their answers, or their bodies, name.
DELETING = re.compile(r"/commits/|/plan/|/merge$|/deleteMany$")


@schemathesis.hook
def after_call(context, case, response):
    if case.method == "DELETE":
        forget(str((case.path_parameters or {}).get("id")))
    if DELETING.search(case.path):
        forget(response.text[:1_000_000] + str(case.body))
        return
    # History has ids of deleted entities, and errors and dry runs those that never existed.
    if case.method != "POST" or response.status_code >= 300 or '"dryRun":true' in response.text[:100]:
        return
    for match in ID.finditer(response.text[:100_000]):
        ids = known.setdefault(match[1], [])
        if match[0] not in ids and len(ids) < 50:
            ids.append(match[0])


def forget(text):
    named = {match[0] for match in ID.finditer(text)}
    for ids in known.values():
        ids[:] = [entity_id for entity_id in ids if entity_id not in named]


def with_grammar(path, query):
    if query is None:
        return
    if "filter" in query:
        query["filter"] = random.choice(FILTERS)
    # A cursor belongs to one list.
    if "cursor" in query and path != "/events":
        del query["cursor"]
    # The past can be read as far back as the tenant's first event.
    if "asOf" in query:
        query["asOf"] = datetime.now(timezone.utc).isoformat(timespec=random.choice(("milliseconds", "microseconds")))
    # A field can be sorted by once.
    if "sort" in query:
        terms = {term.lstrip("-"): term for term in str(query["sort"]).split(",")}
        query["sort"] = ",".join(terms.values())
    if "entity" in query:
        query["entity"] = random.choice([entity_id for ids in known.values() for entity_id in ids])
    # One point of a comparison must not be after the other.
    if path.endswith("/diff"):
        query.pop("from", None)


def body_of(case):
    if case.path == "/do":
        return {"code": random.choice(CODES)}
    if case.path == "/schema/{noun}" and case.method == "PUT":
        return {"fields": {"name": "string!", "size": "integer(0..9)", "drive": "Driven"}}
    if case.path == "/schema/{noun}":
        return {"fields": {"nickname": "string"}}
    return with_ids(case.body)


def path_id(path, value):
    """An id of the path's entity type. Stateful runs take ids of other types from answers."""
    noun = path.split("/")[1]
    prefix = "evt" if noun == "events" else noun.lower()
    ids = known.get(prefix)
    match = ID.fullmatch(str(value))
    if match and match[1] == prefix and random.random() < 0.3:
        return value
    return random.choice(ids) if ids else value


def with_ids(value):
    """Replaces ids by those of entities that exist, and values inside JSON that no double or key can hold."""
    if isinstance(value, dict):
        return {name.replace("\0", ""): with_ids(inner) for name, inner in value.items()}
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > 2**53:
        return 2**53 - 1 if value > 0 else 1 - 2**53
    if isinstance(value, str):
        value = value.replace("\0", "")
    if isinstance(value, list):
        return [with_ids(inner) for inner in value]
    match = ID.fullmatch(value) if isinstance(value, str) else None
    ids = known.get(match[1]) if match else None
    return random.choice(ids) if ids else value
