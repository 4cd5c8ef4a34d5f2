"""Pictures of the page, for README and to look at: both widths, both themes, both languages."""

import urllib.request

from browser import screenshot


def post(browser, path, body=b""):
    urllib.request.urlopen(urllib.request.Request(browser.url + path, body, method="POST")).close()


def take(browser, folder):
    with browser.page("/?lang=en#tour=3", height=1250) as page:
        page.get_by_role("button", name="Do this step").click()
        page.wait_for_selector("#tour .check")
        page.get_by_role("button", name="1 minute", exact=True).click()
        page.wait_for_timeout(6000)
        screenshot(page, folder, "tour")
    post(browser, "/map/replace-with-fresh", b'{"type": "map[string][]byte", "layout": "bucket"}')
    post(browser, "/workloads", b'{"kind": "partial-update", "live": 20000, "rounds": 60, "interval": "100ms"}')
    for width, theme, language in ((1440, "light", "en"), (1440, "dark", "en"), (375, "light", "zh"), (375, "dark", "en")):
        with browser.page(f"/?lang={language}", width=width, height=900 if width > 400 else 812, theme=theme) as page:
            page.get_by_role("button", name="1 minute" if language == "en" else "1 分钟", exact=True).click()
            page.wait_for_timeout(3000)
            page.locator("#charts").scroll_into_view_if_needed()
            page.evaluate("() => document.querySelector('#charts').scrollIntoView({ behavior: 'instant' })")
            screenshot(page, folder, f"charts-{width}-{theme}")
            page.evaluate("() => document.querySelector('#map').scrollIntoView({ behavior: 'instant' })")
            page.wait_for_selector("#map-picture img")
            page.wait_for_selector("#memory-body table")
            page.wait_for_timeout(500)
            screenshot(page, folder, f"map-{width}-{theme}")
