#!/usr/bin/env python3
"""Runs the traces of trace.go in real Go, many processes each, and writes how the figures spread over hash seeds.

    GO=/path/to/go-1.23.9/bin/go ./collect.py 60 > ../Fixtures/go-1.23.9-seeds.jsonl

One line a trace, type and N; for each step and figure the number of runs' mean, standard deviation, least and greatest.
"""
import json
import os
import statistics
import subprocess
import sys
import tempfile

TYPES = ["map[int]int", "map[int32]int32", "map[int32]*int32", "map[int64][128]byte", "map[string]string",
         "map[string][]byte"]
ROWS = [("T1", 8192), ("T6", 20000)] + [(t, n) for t in ("T2", "T2K", "T3") for n in (1000, 8192, 100000, 1000000)] + [
    ("T4", 1000000)]
# With one processor Go's own runtime allocates nothing between two snapshots, so the figures are the map's alone.
ENVIRONMENT = {**os.environ, "GOMAXPROCS": "1"}
FIGURES = ["HeapAlloc", "HeapObjects", "HeapInuse"]


def main():
    runs = int(sys.argv[1])
    go = os.environ.get("GO", "go")
    here = os.path.dirname(os.path.abspath(__file__))
    with tempfile.TemporaryDirectory() as folder:
        binary = os.path.join(folder, "trace")
        subprocess.run([go, "build", "-o", binary, os.path.join(here, "trace.go")], check=True, cwd=folder)
        version = subprocess.run([go, "env", "GOVERSION"], check=True, capture_output=True, text=True).stdout.strip()
        for trace, n in ROWS:
            for name in TYPES:
                count = runs if n < 1000000 else runs // 4
                results = [json.loads(subprocess.run([binary, trace, name, str(n)], check=True, capture_output=True,
                                                     env=ENVIRONMENT).stdout) for _ in range(count)]
                steps = []
                for index, first in enumerate(results[0]):
                    step = {"step": first["step"], "at": first["at"], "len": first["len"]}
                    for figure in FIGURES:
                        values = [result[index][figure] for result in results]
                        step[figure] = [min(values), round(statistics.mean(values), 2), max(values),
                                        round(statistics.stdev(values), 2)]
                    steps.append(step)
                print(json.dumps({"go": version, "runs": count, "trace": trace, "type": name, "N": n, "steps": steps},
                                 separators=(",", ":")), flush=True)


main()
