"""The page of a tool against leaks must not leak: its own memory after a while of use is what it was before."""

import time

# The columns are laid out for a whole ring at the start; what is left to grow are marks, and what the browser keeps of its own.
GROWTH_BYTES = 1 << 20
# For everything that is made once to be made.
WARM_UP_SECONDS = 8


def does_not_grow(browser, seconds):
    with browser.page() as page:
        inspector = page.context.new_cdp_session(page)
        page.locator("#form-insert summary").first.click()
        page.locator("#form-delete summary").first.click()

        def use(seconds):
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                for name in ("insert", "delete"):
                    page.locator(f"#form-{name}").get_by_role("button", name="Do it", exact=True).click()
                    page.locator(f"#form-{name} .difference").wait_for()
                for name in ("1 hour", "1 minute"):
                    page.locator("#chart-tools").get_by_role("button", name=name, exact=True).click()
                page.locator("#chart-memory details summary").click()
                page.locator("#map").scroll_into_view_if_needed()
                page.locator("#chart-memory .plot").hover()
                page.wait_for_timeout(250)

        use(WARM_UP_SECONDS)
        before = counters(inspector)
        use(seconds)
        after = counters(inspector)
        print(f"  soak of {seconds} s: {before} -> {after}")
        assert after["bytes"] < before["bytes"] + GROWTH_BYTES, f"{before} -> {after}"
        assert after["nodes"] < before["nodes"] * 1.5 + 500, f"{before} -> {after}"
        assert after["listeners"] < before["listeners"] * 1.5 + 50, f"{before} -> {after}"


def counters(inspector):
    """What is left after the page's own collection."""
    for _ in range(2):
        inspector.send("HeapProfiler.collectGarbage")
    counts = inspector.send("Memory.getDOMCounters")
    return {
        "bytes": inspector.send("Runtime.getHeapUsage")["usedSize"],
        "nodes": counts["nodes"], "listeners": counts["jsEventListeners"],
    }  # fmt: skip
