"""Holds /metrics against those who read it: prometheus_client's parsers, and Prometheus itself where it is installed."""

import json
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.request

from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

# As client_golang types them. A name in OpenMetrics is the family's: a counter's lacks `_total`.
TYPES = {
    "go_memstats_alloc_bytes": "gauge",
    "go_memstats_alloc_bytes_total": "unknown",
    "go_memstats_mallocs": "counter",
    "go_goroutines": "gauge",
    "go_gc_duration_seconds": "summary",
    "process_cpu_seconds": "counter",
    "process_network_receive_bytes": "counter",
    "process_network_transmit_bytes": "counter",
    "promhttp_metric_handler_requests": "counter",
    "promhttp_metric_handler_requests_in_flight": "gauge",
    "husk_http_request_duration_seconds": "histogram",
}

PROMETHEUS_SECONDS = 40


def faults(port):
    """What is wrong with the metrics of the server on `port`, a line each."""
    try:
        families = list(parse_openmetrics(_page(port, "application/openmetrics-text; version=1.0.0")))
    except ValueError as error:
        return [f"prometheus_client refuses the OpenMetrics page: {error}"]
    try:
        text_families = list(parse_text(_page(port, "text/plain")))
    except ValueError as error:
        return [f"prometheus_client refuses the text page: {error}"]
    found = []
    types = {family.name: family.type for family in families}
    for name, expected in TYPES.items():
        if types.get(name) != expected:
            found.append(f"OpenMetrics has {name} as {types.get(name)}, expected {expected}")
    differing = _series(families) ^ _series(text_families)
    if differing:
        found.append(f"the formats differ in the series {sorted(differing)[:8]}")
    if shutil.which("prometheus"):
        found += _faults_in_prometheus(port, types)
    else:
        print("  (Prometheus is not installed, so it was not asked)")
    return found


def _page(port, accept):
    request = urllib.request.Request(f"http://127.0.0.1:{port}/metrics", headers={"Accept": accept})
    with urllib.request.urlopen(request, timeout=20) as response:
        return response.read().decode()


def _series(families):
    # Those of requests come with the first request that has been answered.
    names = {sample.name for family in families for sample in family.samples}
    return {name for name in names if not name.startswith("husk_http_")}


def _faults_in_prometheus(port, types):
    """Lets Prometheus scrape, and compares the type under which it files each family."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        own_port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as scratch:
        configuration = pathlib.Path(scratch, "prometheus.yml")
        configuration.write_text(
            json.dumps(
                {
                    "global": {"scrape_interval": "1s", "scrape_timeout": "1s"},
                    "scrape_configs": [{"job_name": "husk", "static_configs": [{"targets": [f"127.0.0.1:{port}"]}]}],
                }
            )
        )
        command = [
            "prometheus",
            f"--config.file={configuration}",
            f"--storage.tsdb.path={scratch}/data",
            f"--web.listen-address=127.0.0.1:{own_port}",
            "--log.level=error",
        ]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
        try:
            filed = _metadata(own_port, process)
        finally:
            process.terminate()
            process.wait(20)
    if not filed:
        return [f"Prometheus has scraped nothing within {PROMETHEUS_SECONDS} s"]
    # What it keeps of a family's name has changed between its versions: with or without `_total`.
    return [
        f"Prometheus files {name} as {kinds}, expected {expected}"
        for name, expected in types.items()
        if (kinds := _types_of(filed, name, expected)) != {expected}
    ]


def _types_of(filed, name, expected):
    entries = filed.get(name) or (filed.get(name + "_total") if expected == "counter" else None) or []
    return {entry["type"] for entry in entries}


def _metadata(port, process):
    deadline = time.monotonic() + PROMETHEUS_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/metadata", timeout=5) as response:
                filed = json.load(response)["data"]
            if "go_goroutines" in filed:
                return filed
        except OSError:
            pass
        time.sleep(0.2)
    return {}
