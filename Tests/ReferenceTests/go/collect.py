#!/usr/bin/env python3
"""Runs the rows of a version's go-…-maps.jsonl in real Go, many processes each, and writes how the figures spread over
hash seeds.

    GO=$(../../../Benchmarks/fetch-go 1.23.9) ./collect.py 60 > ../Fixtures/go-1.23.9-seeds.jsonl

One line a row; for each step and figure the one number that every run has, or the runs' least, mean, greatest and
standard deviation. A quarter of the runs suffices for the traces that take long.
"""
import json
import os
import statistics
import subprocess
import sys
import tempfile

# With one processor Go's own runtime allocates nothing between two snapshots, so the figures are the map's alone.
ENVIRONMENT = {**os.environ, "GOMAXPROCS": "1", "GO111MODULE": "off", "GOTOOLCHAIN": "local"}


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
    runs = int(sys.argv[1])
    go = os.environ.get("GO", "go")
    here = os.path.dirname(os.path.abspath(__file__))
    version = subprocess.run([go, "env", "GOVERSION"], check=True, capture_output=True, text=True,
                             env=ENVIRONMENT).stdout.strip().removeprefix("go")
    with open(os.path.join(here, "..", "Fixtures", f"go-{version}-maps.jsonl")) as fixture:
        rows = [json.loads(line) for line in fixture]
    with tempfile.TemporaryDirectory() as folder:
        binary = os.path.join(folder, "trace")
        subprocess.run([go, "build", "-o", binary, "."], check=True, cwd=here, env=ENVIRONMENT)
        for row in rows:
            trace, name, n = row["trace"], row["type"], row["N"]
            count = runs // 4 if n >= 1000000 or trace == "T5L" else runs
            results = [json.loads(subprocess.run([binary, trace, name, str(n)], check=True, capture_output=True,
                                                 env=ENVIRONMENT).stdout) for _ in range(count)]
            steps = [spread_of_step(step) for step in zip(*results)]
            print(json.dumps({"go": version, "runs": count, "trace": trace, "type": name, "N": n, "steps": steps},
                             separators=(",", ":")), flush=True)


main()
