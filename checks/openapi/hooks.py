"""Hooks of Schemathesis: values whose rules are a grammar or the tenant's data, which no JSON Schema can state.

Only requests that are meant to be valid change. Requests that break the document's rules are sent as generated.
"""

import json
import os
import random
import re
import uuid
from datetime import datetime, timezone

import schemathesis
from schemathesis import GenerationMode
from schemathesis.core import NotSet
from schemathesis.core.parameters import ParameterLocation

ID = re.compile(r"([a-z][a-z0-9]*)_[0-9A-Za-z]{12}")
FILTERS = (
    "{}",
    '{"$version":{"$gte":1}}',
    '{"$createdAt":{"$gt":"2020-01-01T00:00:00Z"}}',
    '{"$or":[{"$version":1},{"$version":{"$in":[2,3]}}]}',
)
# Expressions over the fields that every entity has. Patterns cannot count parentheses.
EXPRESSIONS = (
    "$version",
    "$version*2.5-1",
    "-($version+1)/3",
    "coalesce($version,1)*2",
    "match($createdBy,'owner',1,$version)",
    "$version,$version*($version-1)",
)
MEASURES = ("sum", "avg", "min", "max", "distinct", "median")
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Chatham")
SCOPES = ("read", "read,write:content", "admin", "verb:Deal")
DURATIONS = ("PT4H", "P14D", "P2W", "P11M")
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


# Refusals of requests that fit the document, for rules that compare values with each other or with the stored entity.
RULES = re.compile(
    r"breaks the rule"  # bounds
    r"|nothing was committed: operation '[^']*' failed with (404|405|409|412)"  # the state of a batch's entities
    r"|is -?[0-9]+(, but | \(no value\))"  # sums
    r"|, which expects"  # sums out of range
    r"|needs a value: set"  # fields that the entity must have after a verb
    r"|needs a time in the future"
    r"|has a secret, which only the answer to a request of its own may have"
    r"|an? (experiment|funnel|segment)'s [a-z]+ expects? "  # an analysis of an entity that is not complete
    r"|expects the id of an (existing |experiment)|there is no [A-Z][A-Za-z0-9]* '|cannot be merged into itself"  # references
    r"|Function: '(name|on|schedule|source)' "  # what a stored function may be
    r"|Webhook[.](url|events|filter|replayFrom|replayThrough): "  # what a webhook may be
)


@schemathesis.serializer("application/x-ndjson")
def lines_of_json(context, value):
    return {"data": value if isinstance(value, (str, bytes)) else json.dumps(value)}


@schemathesis.check
def refused_for_a_rule(context, response, case):
    """A request that fits the document may be refused with 422 only for a rule that no schema can state."""
    if case.meta is None or case.meta.generation.mode != GenerationMode.POSITIVE or response.status_code != 422:
        return
    detail = response.json().get("detail", "")
    assert RULES.search(detail), f"refused, although it fits the document: {detail}"


@schemathesis.hook
def filter_case(context, case):
    # A case that is meant to be invalid may have become valid, since its only invalid part was left out.
    if case.meta is not None and case.meta.generation.mode == GenerationMode.NEGATIVE:
        left_out = isinstance(case.body, NotSet)
        parts = [part.mode for place, part in case.meta.components.items() if not (left_out and place == ParameterLocation.BODY)]
        if all(mode == GenerationMode.POSITIVE for mode in parts):
            return False
        # Without `atomic`, entities that are refused are left out.
        if case.path.endswith("/createMany") and isinstance(case.body, dict) and case.body.get("atomic") is False:
            return False
    # The text `null` is the name of a secret like any other.
    if case.path.startswith("/secrets") and (case.path_parameters or {}).get("id") in (None, "null", "true", "false"):
        return "{id}" not in case.path
    # workerd drops these headers when they are empty, so the server cannot see that they were sent.
    return not any(case.headers.get(name) == "" for name in ("If-Match", "If-None-Match"))


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
    # An assigned body is validated again, and an optional one that was left out would count as invalid.
    if not isinstance(case.body, NotSet):
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
    if "properties" in query and path.startswith("/flags"):
        query["properties"] = random.choice(('{}', '{"plan":"pro"}'))
    if path.endswith("/analysis"):
        with_analysis(query)
    if path.endswith("/members") and "sort" in query:
        query["sort"] = random.choice(("$createdAt", "-$updatedAt"))
    if path.endswith("/aggregate"):
        with_aggregate(query)
    # A field can be sorted by once.
    elif "sort" in query:
        terms = {term.lstrip("-"): term for term in str(query["sort"]).split(",")}
        query["sort"] = ",".join(terms.values())
    if "include" in query:
        # The document describes two relations of a path exactly.
        query["include"] = ",".join(".".join(path.split(".")[:2]) for path in str(query["include"]).split(","))
    if "entity" in query:
        query["entity"] = random.choice([entity_id for ids in known.values() for entity_id in ids])
    # A page is continued by one of them.
    if path == "/events" and "cursor" in query:
        query.pop("after", None)
    # Earlier periods are compared with those of a series.
    if path.startswith("/metrics/") and not any(name in query for name in ("step", "from", "to")):
        query.pop("compare", None)
    # One point of a comparison must not be after the other.
    if path.endswith("/diff"):
        query.pop("from", None)


def with_aggregate(query):
    for name in MEASURES:
        if query.get(name):
            query[name] = random.choice(EXPRESSIONS)
    groups = []
    if query.get("by"):
        # The document describes the fields of the Noun, and not those to which paths lead. A group is named once.
        groups = list(dict.fromkeys(group for group in str(query["by"]).split(",") if "." not in group))
        query["by"] = ",".join(groups)
    if query.get("sort"):
        query["sort"] = random.choice([f"{sign}{term}" for term in [*groups, "count"] for sign in ("", "-")])
    if "zone" in query:
        query["zone"] = random.choice(ZONES)


def with_analysis(query):
    """A range in order, and no group, whose field belongs to the type of the first step."""
    query.pop("by", None)
    for name, value in (("from", "2020-01-01"), ("to", "2026-01-01T00:00:00Z"), ("within", random.choice(DURATIONS))):
        if name in query:
            query[name] = value


def line(at):
    return json.dumps(
        {"timestamp": f"2020-01-01T00:00:{at:02}Z", "type": "Contact.Created", "target": f"old-{at}", "data": {"name": "Ada"}}
    )


def body_of(case):
    if case.path == "/history":
        return "\n".join(line(at) for at in range(random.randint(1, 3))) + "\n"
    if case.path == "/settings":
        return with_settings(case.body)
    if case.path == "/clock" and isinstance(case.body, dict) and "advance" in case.body:
        return {"advance": random.choice(DURATIONS)}
    if case.path == "/batch":
        return with_operations(case.body)
    if case.path.endswith(("/updateMany", "/deleteMany")) and isinstance(case.body, dict):
        return with_choice(case.path, with_ids(case.body))
    if case.path.endswith("/createMany"):
        return with_lists(with_ids(case.body))
    if case.path in ("/rules", "/rules/preview"):
        return with_grants(case.body)
    if case.path == "/do":
        return {"code": random.choice(CODES)}
    if case.path == "/schema/{noun}" and case.method == "PUT":
        return {"fields": {"name": "string!", "size": "integer(0..9)", "drive": "Driven"}}
    if case.path == "/schema/{noun}":
        return {"fields": {"nickname": "string"}}
    return with_ids(case.body)


def with_choice(path, body):
    """A filter, or ids of the path's entity type: those of other answers may be put in their place."""
    if "filter" in body:
        body["filter"] = json.loads(random.choice(FILTERS))
    if isinstance(body.get("ids"), list):
        prefix = path.split("/")[1].lower()
        body["ids"] = list(dict.fromkeys(one if str(one).startswith(f"{prefix}_") else f"{prefix}_000000000000" for one in body["ids"]))
    if path.endswith("/updateMany"):
        body.setdefault("set", {})
    return body


def with_grants(body):
    """Roles whose rights name no field and no verb, since each entity type has its own, and a rule that holds no later request."""
    if isinstance(body, dict) and isinstance(body.get("approvals"), list):
        body["approvals"] = [{"name": "Agents", "kinds": ["deletes"], "callers": ["agent"]}]
    if not isinstance(body, dict) or not isinstance(body.get("roles"), dict):
        return with_ids(body)
    for role in body["roles"].values():
        if isinstance(role, dict) and isinstance(role.get("nouns"), dict):
            role["nouns"] = {noun: {"read": "all", "verbs": []} for noun in role["nouns"]}
    return with_ids(body)


def with_settings(body):
    """Settings with zones that exist, durations of at most a year, and days in ascending order."""
    if not isinstance(body, dict):
        return body
    body = json.loads(re.sub(r'"P[0-9T][^"]*"', lambda _: json.dumps(random.choice(DURATIONS)), json.dumps(body)))
    if body.get("timeZone"):
        body["timeZone"] = random.choice(ZONES)
    if body.get("paymentRetryDays"):
        body["paymentRetryDays"] = sorted(body["paymentRetryDays"])
    if isinstance(body.get("mail"), dict):
        body["mail"] = {"server": "smtp+plain://127.0.0.1:25", "from": "Acme <hello@example.com>"}
    if isinstance(body.get("businessHours"), dict):
        body["businessHours"] = {day: "09:00-12:00,13:00-17:00" for day in body["businessHours"] or ["monday"]}
    return body


def with_operations(body):
    """A batch whose ids are distinct, and whose paths have their method and lead to entities."""
    if not isinstance(body, dict) or not isinstance(body.get("operations"), list):
        return body
    operations = [with_path({**operation, "id": str(at)}) for at, operation in enumerate(body["operations"])]
    return {**body, "operations": operations}


def with_path(operation):
    contact = random.choice(known.get("contact") or ["contact_000000000000"])
    paths = {
        "GET": ["/Contact?limit=2", f"/Contact/{contact}"],
        "POST": ["/Contact", f"/Contact/{contact}/qualify"],
        "DELETE": [f"/Contact/{contact}"],
    }
    operation["path"] = random.choice(paths.get(operation.get("method"), [f"/Contact/{contact}"]))
    if operation["path"] == "/Contact":
        operation.pop("ifVersion", None)
    if "at" in operation:
        operation["at"] = "2020-02-29T12:00:00+01:00"
    if "body" in operation:
        operation["body"] = {"name": "Ada"}
    return operation


def with_lists(body):
    """Keys and times, one for each entity. A key belongs to one request, and nothing happened in the future."""
    if not isinstance(body, dict) or not isinstance(body.get("entities"), list):
        return body
    count = len(body["entities"])
    if "keys" in body:
        body["keys"] = [str(uuid.uuid4()) for _ in range(count)]
    if "at" in body:
        body["at"] = [random.choice((None, "2020-02-29T12:00:00+01:00")) for _ in range(count)]
    return body


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
    """Replaces ids, zones and scopes by those that exist, and values inside JSON that no double or key can hold."""
    if isinstance(value, dict):
        texts = {
            name: random.choice(choices)
            for name, choices in (("timeZone", ZONES), ("scopes", SCOPES))
            if isinstance(value.get(name), str)
        }
        return {name.replace("\0", ""): with_ids(inner) for name, inner in value.items()} | texts
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > 2**53:
        return 2**53 - 1 if value > 0 else 1 - 2**53
    if isinstance(value, str):
        value = value.replace("\0", "")
    if isinstance(value, list):
        return [with_ids(inner) for inner in value]
    match = ID.fullmatch(value) if isinstance(value, str) else None
    ids = known.get(match[1]) if match else None
    return random.choice(ids) if ids else value
