"""What schemathesis is told beyond the document: how many keys it may make at a time, and what it has seen.

Loaded through SCHEMATHESIS_HOOKS; HUSK_CONTRACT_SEEN names the file that coverage is kept in.
"""

import os
import pathlib
import re
import sys

import requests
import schemathesis

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from answers_seen import Coverage

seen = Coverage(os.environ["HUSK_CONTRACT_SEEN"])

# The document allows a billion keys of a mebibyte each, as the service does. That is no way to spend a test, so a
# number that is allowed and larger than this is brought below it. One that is not allowed stays what it is.
LARGEST = {"count": (2_000, 1_000_000_000), "live": (2_000, 1_000_000_000), "size": (9_000, 1_000_000_000), "hint": (20_000, 1_000_000_000), "valueBytes": (256, 1_048_576)}

CALM = {
    "gogc": 100,
    "memoryLimit": None,
    "forceGCPeriod": "2m0s",
    "watchdog": {"enabled": False},
    "remedy": {"kind": "none"},
    "checks": [],
}
PERIOD = re.compile(r"\+?(([0-9]+\.?[0-9]*|\.[0-9]+)(h|m|s|ms|us|µs|μs|ns))+", re.ASCII)
FRESH = {"type": "map[string][]byte", "hint": 0}


@schemathesis.serializer("application/x-ndjson")
def entry_lines(context, value):
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")


@schemathesis.hook
def before_call(context, case, kwargs):
    give_entity_tags(case)
    if case.operation.path == "/scenarios/{name}":
        calm_scenario(case)
        return
    if case.operation.path == "/size":
        bring_below(case.query or {}, LARGEST_OF_SIZE)
        return
    if not isinstance(case.body, dict):
        return
    checks = case.body.get("checks")
    checks = [check for check in checks if isinstance(check, dict)] if isinstance(checks, list) else []
    for settings in (case.body, case.body.get("watchdog"), case.body.get("remedy"), *checks, *(check.get("when") for check in checks)):
        if isinstance(settings, dict):
            bring_periods_in_range(settings)
    bring_below(case.body, LARGEST)


def give_entity_tags(case):
    """In its coverage phase schemathesis takes these two for plain text, whatever their pattern, and "0" for valid."""
    if case.meta and case.meta.generation.mode == schemathesis.GenerationMode.POSITIVE:
        for name in ("If-Match", "If-None-Match"):
            if (case.headers or {}).get(name) == "0":
                case.headers[name] = "*"


# What LARGEST is to the map, for a scenario.
LARGEST_OF_SCENARIO = {
    "count": (2_000, 20_000_000), "live": (2_000, 10_000_000), "rounds": (5, 1_000),
    "limit": (16 << 20, 8 << 30), "leak": (1 << 20, 1 << 30), "steps": (5, 1_000),
}  # fmt: skip
LEAST_LIMIT = 16 << 20


# Maps up to a million entries are made; larger ones are computed.
LARGEST_OF_SIZE = {"entries": (2_000, 1_000_000), "peak": (2_000, 1_000_000)}


def calm_scenario(case):
    # It takes fifteen seconds for each Go, and the walk asks for it once by name.
    if (case.path_parameters or {}).get("name") == "fifteen-minutes":
        case.path_parameters["name"] = "local"
    if isinstance(case.body, dict):
        bring_below(case.body, LARGEST_OF_SCENARIO)
        limit = case.body.get("limit")
        if type(limit) is int and 0 < limit < LEAST_LIMIT:
            case.body["limit"] = LEAST_LIMIT + limit
        # A report's own count is large.
        if (case.path_parameters or {}).get("name") == "public-case":
            case.body.setdefault("count", 1_000)


def bring_below(body, limits):
    for field, (largest, allowed) in limits.items():
        number = body.get(field)
        if type(number) in (int, float) and largest < number <= allowed and number == int(number):
            body[field] = 1 + number % largest


def bring_periods_in_range(settings):
    """A pattern cannot say how long a time is. One that is written as a time becomes ten to some hundred seconds."""
    for field in ("forceGCPeriod", "scavengePeriod", "period", "every", "ttl", "day", "duration", "interval"):
        time = settings.get(field)
        if isinstance(time, str) and PERIOD.fullmatch(time):
            settings[field] = f"{10 + len(time)}s"


@schemathesis.hook
def after_call(context, case, response):
    path = case.operation.path
    seen.add(case.method.upper(), path, response.status_code)
    # A heap that collects at every allocation, or every 10 ms, leaves the rest of the walk no time.
    if case.method.upper() == "PATCH" and response.status_code == 200:
        requests.patch(response.request.url.split("?")[0], json=CALM, timeout=10)
    # Nor does the next workload begin before this one has ended.
    if path == "/workloads" and response.status_code == 202:
        url = response.request.url.split("/workloads")[0]
        # Its headers are lists, under names in small letters.
        requests.delete(url + response.headers["location"][0], timeout=10)
    # A nil map, or one of another type, would turn nearly everything that follows into 409 and 422.
    if path in ("/map/nil", "/map/replace-with-fresh") and response.status_code == 200:
        url = response.request.url.split("/map/")[0]
        requests.post(f"{url}/map/replace-with-fresh", json=FRESH, timeout=10)
