"""The contract walk: validate the document, ask for each status, let schemathesis loose, print what was seen."""

import argparse
import os
import pathlib
import random
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from answers_seen import Coverage
from directed import Walk
from document import PATH, Document
from husk_server import HuskServer
from openapi_spec_validator import validate

# Small enough to be filled in a second or two.
MAX_MEMORY_BYTES = 256 << 20
# Streams to replay.
REPLAY_FOLDER = HERE.parent.parent / "Tests" / "KeyStreamsTests" / "Fixtures"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("binary", help="the husk binary")
    parser.add_argument("--seed", type=int, default=int(os.environ.get("HUSK_CONTRACT_SEED", random.getrandbits(32))))
    parser.add_argument("--max-seconds", type=int, default=100, help="limit for schemathesis")
    arguments = parser.parse_args()

    document = Document()
    validate(document.tree)
    print(f"{PATH.name}: valid OpenAPI, {len(list(document.operations()))} operations")

    with tempfile.TemporaryDirectory() as scratch:
        coverage = Coverage(os.path.join(scratch, "seen"))
        with HuskServer(
            arguments.binary, "--max-memory", str(MAX_MEMORY_BYTES), "--replay-dir", str(REPLAY_FOLDER)
        ) as server:
            print(f"the server listens at {server.url}\n\nEvery status, asked for by name:")
            failures = Walk(document, coverage, server.port).all()
            print(f"\nschemathesis, seed {arguments.seed}:", flush=True)
            at_random = walk_at_random(server, coverage, arguments, scratch)
        lines, faults = coverage.table(document)
    print("\nAnswers seen, by status (-: none; full queues, silent clients and stopping are for the unit tests):")
    print("\n".join(lines))
    failures += faults
    for failure in failures:
        print(f"FAILED: {failure}")
    if at_random != 0:
        print(f"FAILED: schemathesis; the same run again: HUSK_CONTRACT_SEED={arguments.seed}")
    if failures or at_random != 0:
        return 1
    print("openapi-contract: the server keeps to its document")
    return 0


def walk_at_random(server, coverage, arguments, scratch):
    """Runs schemathesis's command line over the document; answers its exit status."""
    command = [
        os.path.join(os.path.dirname(sys.executable), "schemathesis"),
        "--config-file", str(HERE / "schemathesis.toml"),
        "run", str(PATH),
        "--url", server.url,
        "--seed", str(arguments.seed),
        "--max-examples", "25",
        "--phases", "examples,coverage,fuzzing",
        "--warnings", "off",
        "--no-color",
    ]  # fmt: skip
    environment = {
        **os.environ,
        "SCHEMATHESIS_HOOKS": str(HERE / "hooks.py"),
        "HUSK_CONTRACT_SEEN": coverage.path,
    }
    try:
        # Run where it may leave its cache.
        return subprocess.run(command, env=environment, cwd=scratch, timeout=arguments.max_seconds).returncode
    except subprocess.TimeoutExpired:
        print(f"schemathesis took longer than {arguments.max_seconds} s")
        return 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except RuntimeError as error:
        sys.exit(f"openapi-contract: {error}")
