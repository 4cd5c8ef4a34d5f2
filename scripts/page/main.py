"""Runs the tests of the page, each against one server, and prints how many passed."""

import argparse
import pathlib
import sys
import time
import traceback
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import checks
import pictures
import soak
from browser import Browser
from husk_server import HuskServer


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("binary", help="the husk binary")
    parser.add_argument("--only", help="run the tests whose name has this in it")
    parser.add_argument("--soak", type=int, default=20, help="for how many seconds the page is watched for leaks")
    parser.add_argument("--screenshots", metavar="FOLDER", help="write pictures of the page there instead")
    parser.add_argument("--url", help="use this server; the test that ends one is left out")
    arguments = parser.parse_args()

    if arguments.url:
        return run(arguments, arguments.url)
    with HuskServer(arguments.binary) as server:
        return run(arguments, server.url)


def run(arguments, url):
    with Browser(url) as browser:
        if arguments.screenshots:
            pictures.take(browser, arguments.screenshots)
            return 0
        failed = 0
        tests = [*checks.ALL, lambda browser: soak.does_not_grow(browser, arguments.soak)]
        tests[-1].__name__ = f"the page's memory does not grow in {arguments.soak} s"
        if not arguments.url:
            tests.append(lambda browser: checks.server_gone_and_back(browser, arguments.binary))
            tests[-1].__name__ = "the server is killed and started again"
        chosen = [test for test in tests if not arguments.only or arguments.only in test.__name__.replace("_", " ")]
        for test in chosen:
            started = time.monotonic()
            fresh_map(url)
            try:
                test(browser)
                assert not browser.faults, "; ".join(browser.faults)
                verdict = "passed"
            except Exception:  # The next test may still tell something.
                verdict = "FAILED\n" + traceback.format_exc()
                failed += 1
            browser.faults.clear()
            print(f"  {test.__name__.replace('_', ' '):60} {time.monotonic() - started:5.1f} s  {verdict}", flush=True)
        print(f"{len(chosen) - failed} passed, {failed} failed")
        return 1 if failed else 0


def fresh_map(url):
    """What the tests before left of the map is of no matter to the next."""
    body = b'{"type": "map[string][]byte", "layout": "bucket", "shards": 1, "hint": 0}'
    urllib.request.urlopen(urllib.request.Request(url + "/map/replace-with-fresh", body)).close()


if __name__ == "__main__":
    sys.exit(main())
