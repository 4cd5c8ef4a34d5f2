#!/usr/bin/env python3
"""Runs traces in real Go, many processes each, and writes how the figures spread over hash seeds.

    GO=$(../../../Benchmarks/fetch-go 1.23.9) ./collect.py seeds 60 > ../Fixtures/go-1.23.9-seeds.jsonl
    GO=$(../../../Benchmarks/fetch-go 1.23.9) ./collect.py settings 20 > ../Fixtures/go-1.23.9-settings.jsonl

`make reference GO=1.23.9` does both. One line a row; for each step and figure the one number that every run has, or the
runs' least, mean, greatest and standard deviation. A quarter of the runs suffices for the traces that take long.

seeds     the rows of go-…-maps.jsonl, at GOGC=100.
settings  the rows below: types that Go has no fast functions for, other GOGCs, memory limits. `own` is what the programme
          itself has at the baseline (settings.go). How many cycles there are depends on how long marking takes, and that
          on the machine and on what else it does; so most such rows are run with GODEBUG=gcstoptheworld=1, where
          marking takes no time in which the programme could allocate.
"""
import json
import os
import statistics
import subprocess
import sys
import tempfile

# With one processor Go's own runtime allocates nothing between two snapshots, so the figures are the map's alone.
ENVIRONMENT = {**os.environ, "GOMAXPROCS": "1", "GO111MODULE": "off", "GOTOOLCHAIN": "local"}

FAST_KEYS = ["map[int]int", "map[[4]byte]int", "map[[8]byte]int", "map[string]int"]
SLOW_KEYS = ["map[[12]byte]int", "map[[16]byte]int", "map[[16]byte]string", "map[[64]byte]int32", "map[[136]byte]int"]
LARGE_VALUES = ["map[int][129]byte", "map[string][200]byte", "map[[136]byte][200]byte"]

OFF = -1
GROWING = [("map[int]int", 100_000), ("map[string]string", 40_000), ("map[[64]byte]int32", 30_000)]
OVERWRITTEN = [("map[int]int", 20_000), ("map[string][]byte", 20_000), ("map[int][129]byte", 10_000),
               ("map[[16]byte]string", 20_000)]
# trace, type, N, GOGC in percent, memory limit in MiB (0: none), whether the collector stops the world to mark
SETTINGS_ROWS = (
    [("R", name, 150, 100, 0, False) for name in FAST_KEYS + SLOW_KEYS + LARGE_VALUES]
    + [("R", name, 1000, 100, 0, False) for name in SLOW_KEYS + LARGE_VALUES]
    + [("T5", name, 2000, 100, 0, False) for name in ["map[[16]byte]int", "map[[136]byte]int", "map[int][129]byte"]]
    + [("T6", name, 0, 100, 0, False) for name in ["map[[16]byte]int", "map[[136]byte][200]byte"]]
    + [("S", name, 256, 100, 0, False) for name in ["map[string]string", "map[string][]byte", "map[string]*string"]]
    + [("U", name, n, gogc, 0, True) for name, n in OVERWRITTEN for gogc in [10, 25, 50, 100, 200]]
    + [("G", name, n, gogc, 0, True) for name, n in GROWING for gogc in [10, 25, 50, 200]]
    + [("G", "map[int]int", 1_000_000, 25, 0, True), ("U", "map[int]int", 20_000, OFF, 0, True)]
    + [("G", "map[int]int", 425_984, OFF, limit, True) for limit in [52, 56, 64, 80]]
    + [("L", "map[int]int", 500_000, OFF, 16, False), ("L", "map[[64]byte]int32", 40_000, OFF, 10, False)]
    # As Go is without GODEBUG.
    + [("U", name, n, gogc, 0, False) for name, n in OVERWRITTEN[:2] for gogc in [10, 50, 200]]
    + [("G", name, n, 25, 0, False) for name, n in GROWING]
)


def spread(values):
    if min(values) == max(values):
        return values[0]
    return [min(values), round(statistics.mean(values), 2), max(values), round(statistics.stdev(values), 2)]


def spread_of_step(runs):
    """The spread of each figure of one step, given that step of every run."""
    step = {}
    for name, value in runs[0].items():
        if isinstance(value, dict):
            step[name] = spread_of_step([run[name] for run in runs])
        else:
            step[name] = value if name in ("step", "at", "len") else spread([run[name] for run in runs])
    return step


def main():
    kind, runs = sys.argv[1], int(sys.argv[2])
    go = os.environ.get("GO", "go")
    here = os.path.dirname(os.path.abspath(__file__))
    version = subprocess.run([go, "env", "GOVERSION"], check=True, capture_output=True, text=True,
                             env=ENVIRONMENT).stdout.strip().removeprefix("go")

    def write(row):
        print(json.dumps(row, separators=(",", ":")), flush=True)

    with tempfile.TemporaryDirectory() as folder:
        binary = os.path.join(folder, "trace")
        subprocess.run([go, "build", "-o", binary, "."], check=True, cwd=here, env=ENVIRONMENT)

        def run(*arguments, stops_the_world=False):
            environment = {**ENVIRONMENT, "GODEBUG": "gcstoptheworld=1"} if stops_the_world else ENVIRONMENT
            return json.loads(subprocess.run([binary, *map(str, arguments)], check=True, capture_output=True,
                                             env=environment).stdout)

        if kind == "settings":
            for trace, name, n, gogc, limit, stops_the_world in SETTINGS_ROWS:
                count = runs // 4 if n >= 1000000 else runs
                results = [run(trace, name, n, gogc, limit, stops_the_world=stops_the_world) for _ in range(count)]
                write({"go": version, "runs": count, "trace": trace, "type": name, "N": n, "gogc": gogc,
                       "limitMiB": limit, "stopsTheWorld": stops_the_world,
                       "own": spread_of_step([result["own"] for result in results]),
                       "steps": [spread_of_step(step) for step in zip(*(result["steps"] for result in results))]})
            return
        with open(os.path.join(here, "..", "Fixtures", f"go-{version}-maps.jsonl")) as fixture:
            rows = [json.loads(line) for line in fixture]
        for row in rows:
            trace, name, n = row["trace"], row["type"], row["N"]
            count = runs // 4 if n >= 1000000 or trace == "T5L" else runs
            results = [run(trace, name, n) for _ in range(count)]
            write({"go": version, "runs": count, "trace": trace, "type": name, "N": n,
                   "steps": [spread_of_step(step) for step in zip(*results)]})


main()
