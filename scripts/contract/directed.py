"""Asks for every status of the document by name: each step says what it asks and which status it must get."""

import http.client
import json
import socket
import time
import xml.etree.ElementTree

import metrics

# What fills the memory that is left when a range no longer fits.
LARGE_VALUE_BYTES = 256 * 1024


class Walk:
    def __init__(self, document, coverage, port):
        self.document = document
        self.coverage = coverage
        self.port = port
        self.failures = []
        self.workload = "/workloads/1"

    # One request. `path` is the document's; `filled` has its parameters, and the query, filled in.

    def ask(self, method, path, expected, filled=None, body=None, why="", validate=True, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            connection.request(method, filled or path, body=body, headers=headers or {})
            response = connection.getresponse()
            # A stream of events has no end: its beginning will do.
            is_endless = response.headers.get("Content-Type") == "text/event-stream"
            content = response.read1(1 << 16) if is_endless else response.read()
        finally:
            connection.close()
        self._judge(method, path, expected, filled, why, response.status, response.headers, content, validate)
        return response, content

    def post(self, path, body=None, expected=200, filled=None, why=""):
        text = None if body is None else json.dumps(body)
        _, content = self.ask("POST", path, expected, filled, text, why)
        try:
            return json.loads(content)
        except ValueError:
            return {}

    def fail(self, line):
        self.failures.append(line)

    def _judge(self, method, path, expected, filled, why, status, headers, content, validate=True):
        asked = f"{method} {(filled or path)[:90]}" + (f" ({why})" if why else "")
        self.coverage.add(method, path, status)
        if status != expected:
            self.fail(f"{asked}: {status}, expected {expected}: {content[:200].decode(errors='replace')}")
        if validate:
            for fault in self.document.faults(method, path, status, headers, content):
                self.fail(f"{asked}: {status}: {fault}")

    # The steps.

    def all(self):
        for step in (
            self.watching,
            self.metrics,
            self.general_rules,
            self.keys,
            self.whole_map,
            self.entries,
            self.picture,
            self.runtime,
            self.settings,
            self.scenarios,
            self.size,
            self.memory,
            self.nil_map,
            self.other_types,
            self.conditions,
            self.under_way,
            self.jobs,
            self.timeline,
            self.workloads,
            self.too_large,
            self.over_max_memory,
        ):
            started = time.monotonic()
            step()
            print(f"  {step.__name__.replace('_', ' '):18} {time.monotonic() - started:5.1f} s", flush=True)
        return self.failures

    def fresh(self, type="map[string][]byte"):
        self.post("/map/replace-with-fresh", {"type": type, "hint": 0})

    def filled(self, path):
        """A path with its parameters filled in with something that exists."""
        if path == "/size":
            return path + "?type=map%5Bint%5Dint&entries=1000&go=1.23"
        path = path.replace("/workloads/{id}", self.workload)
        return path.replace("{key}", "k1").replace("{name}", "global-delete").replace("{file}", "page.js")

    def watching(self):
        for path in ("/livez", "/readyz", "/version", "/metrics", "/map", "/scenarios", "/runtime", "/gctrace"):
            self.ask("GET", path, 200)
        _, content = self.ask("GET", "/openapi.yaml", 200)
        if content != self.document.bytes:
            self.fail("GET /openapi.yaml is not openapi/openapi.yaml byte for byte")
        self.ask("GET", "/", 200, headers={"Accept": "text/html"})
        self.ask("GET", "/ui/{file}", 404, "/ui/none.js")
        for path, filled in (("/", "/"), ("/ui/{file}", "/ui/page.js")):
            got, _ = self.ask("GET", path, 200, filled, headers={"Accept": "text/html"})
            known = {"Accept": "text/html", "If-None-Match": got.headers["ETag"]}
            self.ask("GET", path, 304, filled, headers=known)

    def metrics(self):
        self.post("/map/insert", {"count": 1000})
        for fault in metrics.faults(self.port):
            self.fail(f"GET /metrics: {fault}")
        _, content = self.ask("GET", "/metrics", 200, "/metrics?name[]=go_threads&name%5B%5D=go_goroutines")
        names = [line.split()[0] for line in content.decode().splitlines() if not line.startswith("#")]
        if names != ["go_threads", "go_goroutines"]:
            self.fail(f"GET /metrics?name[]= answers {names}, not the two that it names")
        _, content = self.ask("GET", "/debug/vars", 200)
        _, stats = self.ask("GET", "/memstats", 200)
        if list(json.loads(content)["memstats"]) != list(json.loads(stats)):
            self.fail("GET /debug/vars: memstats is not what /memstats answers")

    def general_rules(self):
        """What the document's description says of every route."""
        self.fresh()
        started, _ = self.ask("POST", "/workloads", 202, body='{"kind": "churn", "live": 10, "rounds": 1}')
        self.workload = started.headers.get("Location", "/workloads/0")
        self._ended(self.workload)
        self.fresh()
        self.ask("PUT", "/map/keys/{key}", 201, "/map/keys/k1", b"v")
        for method, path in self.document.operations():
            self.ask(method, path, 400, self.filled(path) + "?unknown=1", why="unknown query parameter")
            self.ask(method, path, 414, self.filled(path) + "?" + "q" * 9000, why="a target of 9,000 bytes")
            self.ask(method, path, 431, self.filled(path), headers={"X-Long": "h" * 13_000}, why="a head of 13,000 bytes")
            if 415 in self.document.statuses(method, path):
                self.ask(method, path, 415, self.filled(path), b"x", headers={"Content-Encoding": "gzip"})
            if method == "GET":
                self._same_by_head(path)
            else:
                page = {"Origin": "http://elsewhere.example"}
                self.ask(method, path, 403, self.filled(path), why="a page of another origin", headers=page)
        for path in self.document.tree["paths"]:
            for method in {"PATCH", "OPTIONS"} - {known for known, at in self.document.operations() if at == path}:
                self._method_not_allowed(method, path)
        for path in ("/nowhere", "/map/", "/map/keys", "/map/insert/more", "/Map", "//map"):
            self._problem("GET", path, 404)

    def _same_by_head(self, path):
        got, _ = self.ask("GET", path, 200, self.filled(path))
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request("HEAD", self.filled(path))
        head = connection.getresponse()
        same = (head.status, head.headers.get("Content-Type")) == (got.status, got.headers.get("Content-Type"))
        if not same or head.read() != b"":
            self.fail(f"HEAD {path} differs from GET: {head.status} {head.headers.get('Content-Type')}")
        connection.close()

    def _problem(self, method, path, expected):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request(method, path)
        response = connection.getresponse()
        content = response.read()
        connection.close()
        asked = f"{method} {path}"
        if response.status != expected:
            self.fail(f"{asked}: {response.status}, expected {expected}")
        if response.headers.get("Content-Type") != "application/problem+json":
            self.fail(f"{asked}: Content-Type {response.headers.get('Content-Type')!r}")
        else:
            for error in self.document.errors("Problem", json.loads(content)):
                self.fail(f"{asked}: {error}")
        return response

    def _method_not_allowed(self, method, path):
        response = self._problem(method, self.filled(path), 405)
        self.coverage.add(method, path, response.status)
        known = {m for m, p in self.document.operations() if p == path}
        known |= {"HEAD"} if "GET" in known else set()
        allowed = {name.strip() for name in response.headers.get("Allow", "").split(",")}
        if allowed != known:
            self.fail(f"{method} {path}: Allow names {sorted(allowed)}, expected {sorted(known)}")

    def keys(self):
        path = "/map/keys/{key}"
        self.fresh()
        self.ask("PUT", path, 201, "/map/keys/a%2Fb%20c", b"\x00\xffvalue")
        self.ask("PUT", path, 204, "/map/keys/a%2Fb%20c", b"\x00\xffvalue")
        _, content = self.ask("GET", path, 200, "/map/keys/a%2Fb%20c")
        if content != b"\x00\xffvalue":
            self.fail(f"GET {path} answers {content!r}, not the bytes that were put")
        self.ask("PUT", path, 201, "/map/keys/", b"", why="the empty key and value")
        self.ask("GET", path, 200, "/map/keys/", why="the empty key")
        self.ask("DELETE", path, 204, "/map/keys/a%2Fb%20c")
        self.ask("DELETE", path, 404, "/map/keys/a%2Fb%20c")
        self.ask("GET", path, 404, "/map/keys/a%2Fb%20c")
        for method in ("GET", "PUT", "DELETE"):
            for broken in ("%", "%4", "%zz"):
                self.ask(method, path, 400, "/map/keys/" + broken, why="broken escape")
            self.ask(method, path, 414, "/map/keys/" + "k" * (1 << 20), why="a key of 1 MiB")

    def whole_map(self):
        self.fresh()
        keys = {"from": 0, "count": 1000, "step": 3, "valueBytes": 16}
        self._expect(self.post("/map/insert", keys), inserted=1000, updated=0, len=1000)
        self._expect(self.post("/map/insert", keys), inserted=0, updated=1000, len=1000)
        self.ask("GET", "/map", 200)
        self._expect(self.post("/map/delete", {**keys, "count": 400}), deleted=400, missing=0, len=600)
        self._expect(self.post("/map/delete", {**keys, "distribution": "shuffled"}), deleted=600, missing=400, len=0)
        uniform = {"count": 500, "distribution": "uniform", "seed": 7}
        drawn = self.post("/map/insert", uniform)
        self._expect(self.post("/map/delete", uniform), deleted=drawn.get("len"), len=0)
        self.post("/map/insert", {"count": 10})
        self._expect(self.post("/map/clear"), deleted=10, len=0)
        self.post("/map/insert", {"count": 10})
        self._expect(self.post("/map/replace-with-fresh", {"copy": True}), copied=10, len=10, hint=0)
        self._expect(self.post("/map/replace-with-fresh", {"hint": 100}), copied=0, len=0, hint=100)
        self.post("/map/insert", keys)
        for kind in ({"layout": "swiss"}, {"shards": 64}, {"layout": "bucket"}, {"layout": "swiss", "shards": 4096}):
            self._expect(self.post("/map/replace-with-fresh", {**kind, "copy": True}), copied=1000, len=1000, **kind)
            self.ask("GET", "/map", 200)
        self.post("/map/nil")
        self.ask("GET", "/map", 200)
        self._expect(self.post("/map/replace-with-fresh", {"layout": "bucket"}), layout="bucket", shards=4096)
        self._expect(self.post("/map/replace-with-fresh", {"shards": 1}), layout="bucket", shards=1)
        self.post("/map/insert", keys)
        for kind in ({"generations": 2}, {"shards": 8}, {"shards": 1, "generations": 2}, {"generations": 1}):
            answer = self.post("/map/replace-with-fresh", {**kind, "copy": True})
            self._expect(answer, copied=1000, len=1000, **{"generations": 1, **kind})
            self.ask("GET", "/map", 200)
        for generations in (0, 3, "2", True):
            self.post("/map/replace-with-fresh", {"generations": generations}, 400)
        self.post("/map/replace-with-fresh", {"shards": 2, "generations": 2}, 422, why="shards have no generations")
        for count in ("1000", "1e3", "1000.0"):
            self.fresh()
            _, content = self.ask("POST", "/map/insert", 200, body=f'{{"count": {count}}}', why=f"count {count}")
            self._expect(json.loads(content), inserted=1000)
        for path in ("/map/insert", "/map/delete"):
            for body in (
                {"count": -1},
                {"count": 10**12},
                {"count": 1.5},
                {"count": "10"},
                {"count": None},
                {"step": 0},
                {"distribution": "normal"},
                {"valueBytes": -1},
                {"seed": -1},
                {"prefix": 5},
                {"unknown": 1},
                [],
                10,
            ):
                self.post(path, body, 400)
            for text in ("{", '{"count": 1', "count=1", '{"count": 1} x', "\xff"):
                self.ask("POST", path, 400, body=text.encode("latin-1"), why="not JSON")
        for shards in (0, 3, -1, 8192, "4", 1.5, None):
            self.post("/map/replace-with-fresh", {"shards": shards}, 400)
        for body in ({"type": "map[bool]int"}, {"type": "int"}, {"hint": -1}, {"copy": 1}, {"layout": "tree"}):
            self.post("/map/replace-with-fresh", body, 400)

    def _expect(self, answer, **figures):
        for name, expected in figures.items():
            if answer.get(name) != expected:
                self.fail(f"{name} is {answer.get(name)}, expected {expected}, in {str(answer)[:120]}")

    def entries(self):
        path = "/map/entries"
        self.fresh()
        lines = b'{"key":"a","value":"1"}\n{"key":"b","value":{"base64":"/w=="}}\n'
        _, content = self.ask("POST", path, 200, body=lines)
        self._expect(json.loads(content), inserted=2, updated=0, len=2)
        _, content = self.ask("GET", path, 200)
        rows = [json.loads(line) for line in content.splitlines()]
        for row in rows:
            for error in self.document.errors("Entry", row):
                self.fail(f"GET {path}: {error}")
        if sorted(map(str, rows)) != sorted(map(str, map(json.loads, lines.splitlines()))):
            self.fail(f"GET {path} does not answer what was posted: {rows}")
        for limit, count in ((0, 0), (1, 1), (9, 2)):
            _, content = self.ask("GET", path, 200, f"{path}?limit={limit}")
            if len(content.splitlines()) != count:
                self.fail(f"GET {path}?limit={limit} answers {len(content.splitlines())} lines, expected {count}")
        for limit in ("-1", "x", "1.5", ""):
            self.ask("GET", path, 400, f"{path}?limit={limit}")
        _, content = self.ask("POST", path, 422, body=b'{"key":"c","value":"1"}\n{"key":"d"}\n')
        self._expect(json.loads(content), line=2, inserted=1)

    def picture(self):
        path = "/map/layout.svg"
        self.fresh()
        for count in (0, 5, 100_000):
            self.post("/map/insert", {"count": count})
            _, content = self.ask("GET", path, 200)
            try:
                root = xml.etree.ElementTree.fromstring(content)
            except xml.etree.ElementTree.ParseError as error:
                self.fail(f"GET {path} of {count} entries is not XML: {error}")
                continue
            full = root.findall(".//*[@id='map']//{*}use[@href='#full']")
            if root.get("role") != "img" or (count < 1000 and len(full) != count) or len(content) > 400_000:
                self.fail(f"GET {path} of {count} entries: {len(full)} full slots, {len(content)} bytes")
        self.post("/map/nil")
        _, content = self.ask("GET", path, 200, why="nil map")
        if b"is nil" not in content:
            self.fail(f"GET {path} of a nil map does not say so")
        self.fresh()

    def runtime(self):
        self.post("/map/insert", {"count": 1000})
        _, content = self.ask("GET", "/memstats", 200)
        found = list(json.loads(content))
        names = self.document.tree["components"]["schemas"]["MemStatsName"]["enum"]
        if found != names:
            self.fail(f"GET /memstats has {found}, not Go's names in Go's order")
        for error in self.document.errors("MemStats", json.loads(content)):
            self.fail(f"GET /memstats: {error}")
        _, content = self.ask("GET", "/memstats", 200, "/memstats?fields=Sys,Alloc")
        if list(json.loads(content)) != ["Alloc", "Sys"]:
            self.fail(f"GET /memstats?fields=Sys,Alloc answers {content!r}")
        for fields in ("Nothing", "Alloc,Nothing", "alloc", ""):
            self.ask("GET", "/memstats", 400, f"/memstats?fields={fields}")
        for path in ("/gc", "/free-memory", "/map/clear"):
            self.post(path)
            self.post(path, {})
            self.post(path, {"unknown": 1}, 400)

    def settings(self):
        path = "/runtime"
        at_first = self._settings()
        changes = (
            {"gogc": 50, "maxProcs": 1},
            {"gogc": "off", "memoryLimit": 1 << 29},
            {"memoryLimit": None, "gogc": 1e2},
            {"forceGCPeriod": "1h30m", "scavenger": "periodic", "scavengePeriod": "1.5s", "madvise": "free"},
            {"gctrace": True, "watchdog": {"enabled": True, "period": "100ms", "idleBytes": 0}},
            {"watchdog": {"enabled": False}},
            {"remedy": {"kind": "copy", "period": "1s", "retainedBytes": 1 << 20}},
            {"remedy": {"kind": "none"}},
            {"checks": [{"when": {"idleBytes": 1, "retainedBytes": 2}, "do": {"kind": "gc"}, "period": "1m0s"}]},
            {"checks": [
                {"when": {"loadBelow": 0.0625, "deletesSinceRebuild": 9, "gcCPUAbove": 0.5, "every": "1h0m0s"},
                 "do": {"kind": "shards", "shards": 16}, "period": "10s"},
                {"when": {"every": "1h0m0s"}, "do": {"kind": "incremental-copy", "entriesPerOperation": 4}, "period": "10s"},
            ]},
            {"checks": []},
            {},
        )
        for change in changes:
            before = self._settings()
            after = self._patch(change)
            for check in ("watchdog", "remedy"):
                before[check] |= change.pop(check, {})
            expected = {**before, **change, "notes": after.get("notes")}
            if change.get("forceGCPeriod"):
                expected["forceGCPeriod"] = "1h30m0s"  # as Go prints it
            if after != expected or self._settings() != after:
                self.fail(f"PATCH {path} {change}: {after}, expected {expected}")
        before = self._settings()
        for wrong in (
            {"unknown": 1}, {"timeScale": 2}, {"notes": []}, {"go": "1.11"}, {"go": 1.23}, {"gogc": -1}, {"gogc": "on"},
            {"gogc": None}, {"memoryLimit": "1GiB"}, {"memoryLimit": -1}, {"maxProcs": 0}, {"maxProcs": 65},
            {"forceGCPeriod": "2"}, {"forceGCPeriod": "0s"}, {"forceGCPeriod": 120}, {"scavengePeriod": "-5m"},
            {"scavenger": "on"}, {"madvise": "willneed"}, {"gctrace": 1}, {"watchdog": True}, {"watchdog": {"x": 1}},
            {"watchdog": {"period": "1 s"}}, {"watchdog": {"idleBytes": -1}},
            {"remedy": None}, {"remedy": {"kind": "all"}}, {"remedy": {"idleBytes": 1}},
            {"remedy": {"retainedBytes": -1}}, {"remedy": {"period": "0s"}}, {"checks": {}}, {"checks": [1]},
            {"checks": [{"when": {}, "do": {"kind": "gc"}}]}, {"checks": [{"when": {"idleBytes": 1}, "do": {}}]}, [], 1,
            *({"checks": [{"when": when, "do": {"kind": "gc"}}]} for when in (
                {"everyRounds": 1}, {"loadBelow": 0}, {"loadBelow": 1.5}, {"loadBelow": "1/4"}, {"deletesSinceRebuild": 0},
                {"gcCPUAbove": -1}, {"every": "0s"}, {"every": 5},
            )),
            *({"checks": [{"when": {"idleBytes": 1}, "do": do}]} for do in (
                {"kind": "copy", "shards": 4}, {"kind": "shards", "shards": 3}, {"kind": "shards", "shards": 1},
                {"kind": "incremental-copy", "entriesPerOperation": 0}, {"kind": "replace-with-fresh"},
            )),
        ):  # fmt: skip
            self._patch({"gogc": 77, **wrong} if isinstance(wrong, dict) else wrong, 400)
        if self._settings() != before:
            self.fail(f"a refused PATCH {path} has changed {before} to {self._settings()}")
        self.post("/map/insert", {"count": 10})
        self._expect(self._patch({"go": "1.10"}), go="1.10", scavenger="periodic", madvise="dontneed")
        _, content = self.ask("GET", "/map", 200, why="another Go")
        self._expect(json.loads(content), len=0)
        self.post("/gc")
        _, content = self.ask("GET", "/gctrace", 200)
        if not content.startswith(b"gc 1 @"):
            self.fail(f"GET /gctrace answers {content[:80]!r}, not the line of the first collection")
        self._patch({name: value for name, value in at_first.items() if name not in ("timeScale", "notes")})
        if self._settings() != at_first:
            self.fail(f"what GET {path} answers cannot be set again: {self._settings()}, expected {at_first}")

    def _settings(self):
        _, content = self.ask("GET", "/runtime", 200)
        return json.loads(content)

    def _patch(self, change, expected=200):
        _, content = self.ask("PATCH", "/runtime", expected, body=json.dumps(change))
        return json.loads(content)

    def scenarios(self):
        path = "/scenarios/{name}"
        _, content = self.ask("GET", "/scenarios", 200)
        for scenario in json.loads(content)["scenarios"]:
            name = scenario["name"]
            self._same_parameters(name, scenario["parameters"])
            # A fraction of what each does by default.
            names = {parameter["name"] for parameter in scenario["parameters"]} | {parameter.get("alias") for parameter in scenario["parameters"]}
            body = {"count": 1_000} if "count" in names else {"limit": 16 << 20, "steps": 3}
            if name != "fifteen-minutes":  # it takes as many seconds for each Go
                body["go"] = ["1.10", "1.24"]
            for given in {}, body:
                table = self.post(path, given, filled=f"/scenarios/{name}")
                if any(len(row) != len(table["columns"]) for row in table.get("rows", [])):
                    self.fail(f"scenario {name} has a row that is not as wide as its columns")
                if name == "fifteen-minutes":
                    break
            self.post(path, {"bogus": 1}, 400, f"/scenarios/{name}")
        self.post(path, {"die-at": 1 << 30}, 400, "/scenarios/memory-limit", why="die-at is the command line's")
        for media in ("text/csv", "text/markdown", "text/plain"):
            self.ask("POST", path, 200, "/scenarios/local", headers={"Accept": media}, why=media)
        self.post(path, {"go": "1.11"}, 400, "/scenarios/local")
        self.post(path, {"count": 10_000_000}, 507, "/scenarios/reuse")
        self.post(path, expected=404, filled="/scenarios/none-of-that-name")

    def size(self):
        path = "/size"
        for query in ("type=map%5Bstring%5D%5B%5Dbyte&entries=1000", "type=map[int]struct{}&entries=5&peak=100000000000&hint=7",
                      "type=map[int]int&entries=0&hint=9223372036854775807&go=all&layout=swiss"):  # fmt: skip
            _, content = self.ask("GET", path, 200, f"{path}?{query}")
            table = json.loads(content)
            if any(len(row) != len(table["columns"]) for row in table["rows"]):
                self.fail(f"GET /size?{query} has a row that is not as wide as its columns")
        for media in ("text/csv", "text/markdown", "text/plain"):
            self.ask("GET", path, 200, self.filled(path), headers={"Accept": media}, why=media)
        for query in ("", "type=map[int]int", "entries=5", "type=map[int]int&entries=-1", "type=map[int]int&entries=1000000000000000000",
                      "type=map[int]int&entries=+5", "type=map[float]int&entries=5", "type=map[int]int&entries=5&peak=4",
                      "type=map[int]int&entries=5&hint=-1", "type=map[int]int&entries=5&go=1.11", "type=map[int]int&entries=5&go=",
                      "type=map[int]int&entries=5&layout=tree", "type=map[int32]int&entries=5000000000"):  # fmt: skip
            self.ask("GET", path, 400, f"{path}?{query}")

    def memory(self):
        """The sums add up, whatever the map is."""
        for body in {"type": "map[string][]byte"}, {"type": "map[int]int", "layout": "swiss", "shards": 4}, None:
            if body is None:
                self.post("/map/nil")
            else:
                self.post("/map/replace-with-fresh", body)
                self.post("/map/insert", {"count": 50_000})
                self.post("/map/delete", {"count": 40_000})
            _, content = self.ask("GET", "/memory", 200)
            account = json.loads(content)
            for name, whole in ("heap", "HeapSys"), ("rss", "RSS"):
                parts = {part: value for part, value in account[name].items() if part not in (whole, "LazyFree")}
                if self._sum(parts) != account[name][whole]:
                    self.fail(f"GET /memory: the parts of {name} are {self._sum(parts)}, {whole} is {account[name][whole]}")
        self.fresh()

    def _sum(self, parts):
        return sum(self._sum(part) if isinstance(part, dict) else part for part in parts.values())

    def _same_parameters(self, scenario, parameters):
        """Whether the document says of each parameter what the service does."""
        stated = self.document.tree["components"]["schemas"]["ScenarioParameters"]["properties"]
        for parameter in parameters:
            name = parameter["name"]
            if name not in stated:
                self.fail(f"scenario {scenario}: the document has no parameter {name}")
                continue
            for bound in ("minimum", "maximum"):
                # The widest of all scenarios is stated.
                if bound in parameter and not self._within(bound, parameter[bound], stated[name].get(bound)):
                    self.fail(f"scenario {scenario}: {name} has the {bound} {parameter[bound]}, stated {stated[name].get(bound)}")
            if "default" in parameter:
                for error in self.document.errors_of(stated[name], parameter["default"]):
                    self.fail(f"scenario {scenario}: the default of {name}: {error}")

    @staticmethod
    def _within(bound, value, stated):
        if stated is None:
            return False
        return value >= stated if bound == "minimum" else value <= stated

    def nil_map(self):
        path = "/map/keys/{key}"
        self.post("/map/nil")
        self.ask("GET", "/map", 200, why="nil")
        self.ask("GET", path, 404, "/map/keys/k1", why="nil map")
        self.ask("DELETE", path, 404, "/map/keys/k1", why="nil map")
        self.ask("PUT", path, 409, "/map/keys/k1", b"v", why="nil map")
        self.post("/map/insert", {"count": 1}, 409, why="nil map")
        self.ask("POST", "/map/entries", 409, body=b'{"key":"a","value":"1"}\n', why="nil map")
        self._expect(self.post("/map/delete", {"count": 3}), deleted=0, missing=3, len=0)
        self._expect(self.post("/map/clear"), deleted=0, len=0)
        _, content = self.ask("GET", "/map/entries", 200, why="nil map")
        if content != b"":
            self.fail(f"GET /map/entries of a nil map answers {content[:80]!r}")
        self._expect(self.post("/map/replace-with-fresh", {"copy": True}), copied=0, len=0)

    def other_types(self):
        path = "/map/keys/{key}"
        self.fresh("map[int32]uint8")
        self.ask("PUT", path, 201, "/map/keys/-7", b"200")
        _, content = self.ask("GET", path, 200, "/map/keys/-7")
        if content != b"200":
            self.fail(f"a uint8 of 200 reads as {content!r}")
        for key in ("x", "2147483648", "1.0"):
            for method in ("GET", "PUT", "DELETE"):
                self.ask(method, path, 422, f"/map/keys/{key}", b"1" if method == "PUT" else None)
        self.ask("PUT", path, 422, "/map/keys/1", b"256")
        for route in ("/map/insert", "/map/delete"):
            self.post(route, {"from": 2**31 - 5, "count": 10}, 422, why="leaves int32")
        self.post("/map/replace-with-fresh", {"type": "map[int]int", "copy": True}, 422, why="another type")
        self.ask("GET", "/map", 200)
        for value, text in (("*int32", b"5"), ("bool", b"true"), ("struct{}", b""), ("[8]byte", b"ab")):
            self.fresh(f"map[uint64]{value}")
            self.ask("PUT", path, 201, "/map/keys/18446744073709551615", text, why=value)
            self.ask("GET", path, 200, "/map/keys/18446744073709551615", why=value)
            _, content = self.ask("GET", "/map/entries", 200, why=value)
            for error in self.document.errors("Entry", json.loads(content)):
                self.fail(f"GET /map/entries of {value}: {error}")

    def conditions(self):
        path, key = "/map/keys/{key}", "/map/keys/c"
        self.fresh()
        absent, present = {"If-None-Match": "*"}, {"If-Match": "*"}
        self.ask("PUT", path, 412, key, b"v", headers=present)
        self.ask("PUT", path, 201, key, b"v", headers=absent)
        self.ask("PUT", path, 412, key, b"v", headers=absent)
        self.ask("PUT", path, 204, key, b"v", headers=present)
        self.ask("GET", path, 200, key, headers=present)
        self.ask("GET", path, 304, key, headers=absent)
        self.ask("GET", path, 412, key, headers={"If-Match": '"a"'})
        self.ask("DELETE", path, 412, key, headers=absent)
        self.ask("DELETE", path, 204, key, headers=present)
        self.ask("DELETE", path, 404, key, headers=present, why="not there, whatever the condition")
        for method in ("GET", "PUT", "DELETE"):
            self.ask(method, path, 400, key, headers={"If-Match": "a"}, why="no entity tag")

    def under_way(self):
        """Deletes without end: a full queue is 503, short operations are answered, and whoever takes the map away ends them."""
        endless = json.dumps({"count": 1_000_000_000})
        for ender in ("/map/nil", "/map/replace-with-fresh"):
            self.fresh("map[int]int")
            working = [self._start("/map/delete", endless) for _ in range(4)]
            time.sleep(0.2)
            # 64 wait, and the rest is too much.
            waiting = [self._start("/map/delete", json.dumps({"count": 1})) for _ in range(64 + 8)]
            for method, path, body in (
                ("GET", "/map/layout.svg", None), ("POST", "/gc", None), ("POST", "/free-memory", None),
                ("PATCH", "/runtime", "{}"), ("POST", "/map/clear", None), ("POST", ender, None),
            ):  # fmt: skip
                self.ask(method, path, 200, body=body, why="with endless work under way")
            seen = [self._finish("/map/delete", connection) for connection in working + waiting]
            if seen[:4] != [409] * 4 or sorted(seen[4:]) != [200] * 64 + [503] * 8:
                self.fail(f"POST /map/delete, 4 endless and 72 more, ended by {ender}: {seen}")
        # A copy that three others keep from getting on.
        self.fresh("map[int]int")
        self.post("/map/insert", {"count": 1_000_000})
        beside = json.dumps({"from": 1 << 40, "count": 1_000_000_000})
        working = [self._start("/map/delete", beside) for _ in range(3)]
        copy = self._start("/map/replace-with-fresh", json.dumps({"copy": True}))
        time.sleep(0.1)
        self.post("/map/nil")
        statuses = [self._finish("/map/replace-with-fresh", copy)]
        statuses += [self._finish("/map/delete", connection) for connection in working]
        if statuses != [409] * 4:
            self.fail(f"POST /map/replace-with-fresh with copy, and three deletes, ended by /map/nil: {statuses}")
        self.fresh()

    def jobs(self):
        """Work that is listed while it goes on, and ends when it is cancelled."""
        self.fresh("map[int]int")
        for path, kind, body in (
            ("/map/insert", "insert", {"count": 1_000_000_000}), ("/map/delete", "delete", {"count": 1_000_000_000}),
            ("/scenarios/{name}", "scenario", None),
        ):  # fmt: skip
            filled = "/scenarios/fifteen-minutes" if kind == "scenario" else path
            connection = self._start(filled, json.dumps(body) if body else None)
            job = None
            deadline = time.monotonic() + 10
            while job is None and time.monotonic() < deadline:
                _, content = self.ask("GET", "/jobs", 200)
                listed = json.loads(content)["jobs"]
                job = next((job for job in listed if job["kind"] == kind and job["state"] == "running"), None)
            if job is None:
                self.fail(f"GET /jobs does not list the {kind} that is under way")
                continue
            self.ask("DELETE", "/jobs/{id}", 204, f"/jobs/{job['id']}")
            if self._finish(path, connection) != 409:
                self.fail(f"{kind}: cancelled, and not answered 409")
            self.ask("DELETE", "/jobs/{id}", 404, f"/jobs/{job['id']}", why="cancelled before")
        self.fresh()

    def workloads(self):
        """Traffic in the background: begun, seen, in the way of another, stopped and at its end."""
        self.fresh("map[int]int")
        endless = {"kind": "churn", "live": 10_000, "rounds": None, "duration": "1h", "remedy": None}
        started, _ = self.ask("POST", "/workloads", 202, body=json.dumps(endless))
        location = started.headers.get("Location", "/workloads/0")
        first = int(location.rpartition("/")[2])
        conflict = self.post("/workloads", endless, 409, why="one is under way")
        self._expect(conflict, id=first)
        self.ask("GET", "/workloads", 200)
        self.ask("GET", "/workloads/{id}", 200, location)
        self.ask("DELETE", "/workloads/{id}", 204, location)
        self._expect(self._ended(location), state="stopped")
        self.ask("DELETE", "/workloads/{id}", 204, location, why="stopped before")
        for method in ("GET", "DELETE"):
            self.ask(method, "/workloads/{id}", 404, "/workloads/999999999")
        for body in (
            {"kind": "partial-update", "live": 1_000, "rounds": 3, "valueBytes": 5, "readsPerWrite": 0.5, "seed": 7},
            {"kind": "partial-update", "live": 1_000, "remedy": {"when": {"everyRounds": 2}, "do": {"kind": "copy"}}},
            {"kind": "churn", "live": 1_000, "victim": "random", "duration": "50ms", "rate": 10_000},
            {"kind": "ttl", "ttl": "1m", "day": "10m", "wave": 0.5, "live": 100, "interval": "1ms"},
            {"kind": "leak", "size": 20_000, "live": 10, "prefix": "a", "keyDigits": 9},
        ):
            started, _ = self.ask("POST", "/workloads", 202, body=json.dumps(body))
            self._expect(self._ended(started.headers.get("Location", "/workloads/0")), state="done")
        self.ask("POST", "/workloads", 400, body='{"kind": "leak", "drift": 1}', why="a field of another kind")
        self.replays()
        self.ask("POST", "/workloads", 507, body='{"kind": "churn", "live": 1000000000, "victim": "random"}')
        self.fresh("map[[3]byte]int")
        self.ask("POST", "/workloads", 422, body='{"kind": "churn"}')
        self.post("/map/nil")
        self.ask("POST", "/workloads", 409, body='{"kind": "churn"}', why="a nil map")
        self.fresh()

    def replays(self):
        """Recorded streams, from the folder that main.py lets the server read."""
        replay = {"kind": "replay", "path": "redis-monitor.txt"}
        self.fresh("map[int]int")
        self.post("/workloads", replay, 422, why="keys that are no strings")
        self.fresh("map[string][]byte")
        for fields in ({}, {"path": "memcached-watch.txt", "expire": True, "speed": 1000, "limit": 50, "format": "memcached"}):
            started, _ = self.ask("POST", "/workloads", 202, body=json.dumps(replay | fields))
            self._expect(self._ended(started.headers.get("Location", "/workloads/0")), state="done")
        self.post("/workloads", {"kind": "replay"}, 400, why="no path")
        self.post("/workloads", replay | {"path": "../Fixtures.swift"}, 403, why="outside of the folder")
        self.post("/workloads", replay | {"path": "none.txt"}, 422, why="no such file")
        self.post("/workloads", replay | {"path": "redis-monitor.txt", "format": "ndjson", "strict": True}, 422, why="not JSON")

    def _ended(self, location):
        """A workload at its end."""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            _, content = self.ask("GET", "/workloads/{id}", 200, location)
            workload = json.loads(content)
            if workload["state"] != "running":
                return workload
        self.fail(f"{location} does not end")
        return {}

    def _finish(self, path, connection):
        response = connection.getresponse()
        content = response.read()
        connection.close()
        self._judge("POST", path, response.status, None, "under way", response.status, response.headers, content)
        return response.status

    def _start(self, path, body):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request("POST", path, body)
        return connection

    def timeline(self):
        self.post("/map/insert", {"count": 1000})
        self.post("/map/clear")
        self.post("/gc")
        _, content = self.ask("GET", "/timeline", 200)
        whole = json.loads(content)
        figures = self.document.tree["components"]["schemas"]["TimelineFigure"]["enum"]
        if list(whole["samples"]) != ["sequence", "time", *figures]:
            self.fail(f"GET /timeline has {list(whole['samples'])}, not the figures that the document lists")
        if len({len(column) for column in whole["samples"].values()}) != 1:
            self.fail("GET /timeline has columns of several lengths")
        if not {"insert", "clear", "gc"} <= {mark["kind"] for mark in whole["marks"]}:
            self.fail(f"GET /timeline does not tell of what was done: {whole['marks'][-9:]}")
        for path, query in (("/timeline", ""), ("/timeline.csv", ""), ("/timeline.svg", ""), ("/timeline.csv", "&from=-1h&to=-1ms")):
            self.ask("GET", path, 200, f"{path}?fields=len,RSS{query}")
            for wrong in ("fields=", "fields=Nothing", "from=1s", "from=x", "to=-", "from=2&to=1", "from=", "from=1&from=2"):
                self.ask("GET", path, 400, f"{path}?{wrong}")
        for media in ("text/csv", "image/svg+xml"):
            self.ask("GET", "/timeline", 200, headers={"Accept": media}, why=media)
        for after in ("", "-1", "x", "1.5"):
            self.ask("GET", "/events", 400, f"/events?after={after}")
        self.ask("GET", "/events", 400, headers={"Last-Event-ID": "x"})
        _, content = self.ask("GET", "/events", 200, headers={"Last-Event-ID": "0"})
        if not content.startswith(b"retry: 1000\nevent: hello\ndata: {"):
            self.fail(f"GET /events begins with {content[:80]!r}")

    def too_large(self):
        """A body that is only declared: the refusal must come before the body does."""
        for method, path in self.document.operations():
            if 413 in self.document.statuses(method, path):
                self._declare(method, path)

    def _declare(self, method, path):
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as connection:
            lines = [f"{method} {self.filled(path)} HTTP/1.1", "Host: 127.0.0.1", "Content-Length: 10000000000"]
            connection.sendall("\r\n".join([*lines, "", ""]).encode())
            response = http.client.HTTPResponse(connection, method=method)
            try:
                response.begin()
                content = response.read()
            except (OSError, http.client.HTTPException) as error:
                self.fail(f"{method} {path} with 10 GB declared: {error!r}")
                return
        self._judge(method, path, 413, None, "10 GB declared", response.status, response.headers, content)

    def over_max_memory(self):
        path = "/map/keys/{key}"
        self.fresh()
        self.post("/map/insert", {"count": 1_000_000, "valueBytes": LARGE_VALUE_BYTES}, 507)
        value = b"v" * LARGE_VALUE_BYTES
        # What the range could not take may leave room for a few more.
        for attempt in range(200):
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
            connection.request("PUT", f"/map/keys/large{attempt}", value)
            status = connection.getresponse().status
            connection.close()
            if status == 507:
                break
        self.ask("PUT", path, 507, "/map/keys/one-more", value)
        lines = b"".join(b'{"key":"entry%d","value":"%s"}\n' % (n, value) for n in range(3))
        self.ask("POST", "/map/entries", 507, body=lines)
        self.post("/map/replace-with-fresh", {"hint": 1_000_000_000}, 507)
        self.post("/scenarios/{name}", expected=507, filled="/scenarios/local")
        self.ask("GET", path, 200, "/map/keys/k0", why="a full map is still readable")
        self.ask("DELETE", path, 204, "/map/keys/k0", why="and can still delete")
        self.fresh()
        self.post("/free-memory")
        self.ask("PUT", path, 201, "/map/keys/k0", value, why="after a replacement there is room")
