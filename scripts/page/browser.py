"""A headless Chromium of Debian's, and pages in it that report every fault of theirs."""

import contextlib
import pathlib
import time

from axe_core_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

# Whatever takes longer has failed. Scenarios and workloads take seconds.
PATIENCE_SECONDS = 60


class Browser:
    def __init__(self, url):
        self.url = url
        # What went wrong in pages, that no test asked for.
        self.faults = []

    def __enter__(self):
        self.playwright = sync_playwright().start()
        # Without a sandbox, for whoever runs this as root in a container; the pages are our own.
        self.chromium = self.playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        return self

    def __exit__(self, *_):
        self.chromium.close()
        self.playwright.stop()

    # `url` is another server than the tests' own, one that may go: what the browser says of that is no fault.
    @contextlib.contextmanager
    def page(self, path="/?lang=en", width=1440, height=900, theme="light", url=None, **more):
        context = self.chromium.new_context(
            viewport={"width": width, "height": height}, color_scheme=theme, accept_downloads=True, **more
        )
        page = context.new_page()
        page.set_default_timeout(PATIENCE_SECONDS * 1000)
        page.on("pageerror", lambda error: self.faults.append(f"{path}: {error}"))
        if url is None:
            page.on("console", self._note)
        page.goto((url or self.url) + path)
        page.wait_for_selector("html[data-ready]")
        page.wait_for_selector("#connection.live")
        try:
            yield page
        finally:
            context.close()

    def _note(self, message):
        if message.type in ("error", "warning"):
            self.faults.append(f"{message.text} ({message.location.get('url')})")


def axe_violations(page):
    """What axe-core's rules say is wrong, one line each."""
    answer = Axe().run(page)
    return [
        f"{rule['id']}: {rule['help']}: {', '.join(str(node['target']) for node in rule['nodes'][:3])}"
        for rule in answer["violations"]
    ]


def until(condition, what, seconds=PATIENCE_SECONDS):
    """Waits for a condition of this side; a page's own are waited for by Playwright."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not within {seconds} s")
        time.sleep(0.05)


def screenshot(page, folder, name):
    pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
    page.screenshot(path=str(pathlib.Path(folder) / f"{name}.png"))
