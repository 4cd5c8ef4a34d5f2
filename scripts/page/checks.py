"""What the page must do, each as a user does it."""

import csv
import io
import json
import re
import shlex
import signal
import subprocess
import urllib.parse
import urllib.request
import xml.etree.ElementTree

from browser import axe_violations, until
from husk_server import HuskServer

# So that each scenario takes a second at most.
FEW = {"count": "2000", "live": "2000", "rounds": "3", "steps": "4", "limit": "33554432", "leak": "1048576"}


def get(browser, path):
    with urllib.request.urlopen(browser.url + path) as answer:
        return json.load(answer)


def post(browser, path, body):
    urllib.request.urlopen(urllib.request.Request(browser.url + path, body)).close()


def series_texts(page):
    return page.locator(".series").all_inner_texts()


def the_charts_go_on_by_themselves(browser):
    with browser.page() as page:
        page.wait_for_function("() => /RSS [1-9]/.test(document.querySelector('.series').textContent)")
        picture = "() => document.querySelector('#chart-memory canvas').toDataURL()"
        first = page.evaluate(picture)
        page.wait_for_function(f"first => ({picture})() !== first", arg=first)


def the_past_is_there_at_once(browser):
    """What was recorded before the page opened."""
    until(lambda: len(get(browser, "/timeline?fields=len")["samples"]["time"]) >= 3, "three samples")
    with browser.page() as page:
        rows = lambda: page.locator("#chart-entries tbody tr").count()
        page.locator("#chart-entries details summary").click()
        assert rows() >= 3, f"{rows()} samples in the table"


def chart_buttons(browser):
    with browser.page() as page:
        page.wait_for_function("() => /RSS [1-9]/.test(document.querySelector('.series').textContent)")
        button = lambda name: page.locator("#chart-tools").get_by_role("button", name=name, exact=True)
        is_pressed = lambda name: button(name).get_attribute("aria-pressed") == "true"
        for name in ("1 minute", "1 hour", "5 minutes"):
            button(name).click()
            until(lambda: is_pressed(name), f"{name} is pressed")
        button("Zoom in").click()
        until(lambda: not is_pressed("5 minutes"), "another span is shown")
        button("Zoom out").click()
        until(lambda: is_pressed("5 minutes"), "the span is as before")
        for name in ("← Earlier", "Later →"):
            button(name).click()
        button("Pause").click()
        still = page.evaluate("() => document.querySelector('#chart-memory canvas').toDataURL()")
        recorded = get(browser, "/timeline?fields=len")["samples"]["time"][-1]
        until(lambda: get(browser, "/timeline?fields=len")["samples"]["time"][-1] > recorded, "a sample while paused")
        assert still == page.evaluate("() => document.querySelector('#chart-memory canvas').toDataURL()")
        button("Go on").click()
        page.wait_for_function("still => document.querySelector('#chart-memory canvas').toDataURL() !== still", arg=still)
        line = page.locator(".series").first
        line.click()
        assert line.get_attribute("aria-pressed") == "false"


def pointing_reads_all_charts_at_once(browser):
    with browser.page() as page:
        post(browser, "/map/insert", b'{"count": 1000}')
        page.wait_for_function("() => [...document.querySelectorAll('.series')].some(each => /^len [1-9]/.test(each.textContent.trim()))")
        page.locator("#chart-tools").get_by_role("button", name="1 hour", exact=True).click()
        plot = page.locator("#chart-retained .plot")
        now = series_texts(page)
        box = plot.bounding_box()
        # Before the first sample there is nothing to read.
        plot.hover(position={"x": box["width"] * 0.2, "y": 50})
        page.wait_for_function("now => document.querySelector('.series').textContent.trim() !== now", arg=now[0])
        page.mouse.move(0, 0)


def keys_alone(browser):
    with browser.page() as page:
        page.wait_for_function("() => /RSS [1-9]/.test(document.querySelector('.series').textContent)")
        page.keyboard.press("Tab")
        assert page.evaluate("() => document.activeElement.className") == "skip"
        page.locator("#chart-memory .plot").focus()
        page.keyboard.press("ArrowLeft")
        page.wait_for_function("() => /RSS [1-9]/.test(document.querySelector('#cursor-text').textContent)")
        for key in ("ArrowRight", "Shift+ArrowLeft", "+", "-", "Home", "End"):
            page.keyboard.press(key)
        page.keyboard.press(" ")
        page.wait_for_selector("#chart-tools button:text-is('Go on')")
        page.keyboard.press("Escape")
        page.wait_for_selector("#chart-tools button:text-is('Pause')")
        # A form by keys: open, fill in, send.
        page.locator("#form-insert summary").focus()
        page.keyboard.press("Enter")
        page.locator("#insert-count").fill("123")
        page.keyboard.press("Enter")
        page.wait_for_selector("#form-insert .difference")


def downloads(browser):
    with browser.page() as page:
        page.wait_for_function("() => /RSS [1-9]/.test(document.querySelector('.series').textContent)")

        def file(name):
            with page.expect_download() as download:
                page.locator("#chart-tools").get_by_role("button", name=name, exact=True).click()
            assert download.value.suggested_filename.endswith(name.lower())
            with open(download.value.path(), "rb") as stream:
                return stream.read()

        rows = list(csv.DictReader(io.StringIO(file("CSV").decode())))
        assert rows and int(rows[-1]["RSS"]) > 0 and int(rows[-1]["time"]) > 1e12, rows[-1:]
        tree = xml.etree.ElementTree.fromstring(file("SVG"))
        assert tree.tag == "{http://www.w3.org/2000/svg}svg" and len(list(tree.iter())) > 30
        assert file("PNG").startswith(b"\x89PNG\r\n")


def requests_of(curl):
    """The method, the path with its query, and the body that a curl line sends."""
    words = shlex.split(curl)
    method, body, url = None, None, words[-1]
    for at, word in enumerate(words):
        if word == "-X":
            method = words[at + 1]
        if word == "--data-binary":
            body = words[at + 1]
    parts = urllib.parse.urlsplit(url)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    return method or ("GET" if body is None else "POST"), path, body


def every_form(browser):
    """Each is opened and sent: what it sends is what its curl line says, and nothing is refused."""
    with browser.page() as page:
        page.wait_for_selector("#form-scenario-local")
        forms = page.locator("#operation-list details.card")
        names = [forms.nth(at).get_attribute("id").removeprefix("form-") for at in range(forms.count())]
        assert len(names) > 25, names
        # The others need a map.
        names.sort(key=lambda name: name == "nil")
        # Makes many calls: it has a test of its own.
        names.remove("compare")
        for name in names:
            form = page.locator(f"#form-{name}")
            form.locator("summary").first.click()
            if name.startswith("scenario-"):
                for field, value in FEW.items():
                    if (box := form.locator(f"[name={field}]")).count():
                        box.fill(value)
            if name == "runtime":
                form.locator("[name=gogc]").fill("100")
            said = requests_of(form.locator("code").first.inner_text())
            is_its = lambda request: request.url == browser.url + said[1] and request.method == said[0]
            with page.expect_request(is_its, timeout=10_000) as sent:
                form.get_by_role("button", name="Do it", exact=True).click()
            request = sent.value
            path = request.url.removeprefix(browser.url)
            assert (request.method, path, request.post_data) == said, f"{name}: {said} but sent {path} {request.post_data}"
            form.get_by_role("button", name="Do it", exact=True).and_(page.locator(":enabled")).wait_for()
            answer = form.locator(".answer").first
            text = answer.inner_text()
            assert "failed" not in answer.get_attribute("class"), f"{name}: {text}"
            assert text and "Working" not in text, f"{name}: {text!r}"
            form.locator("summary").first.click()


def a_refusal_is_told(browser):
    with browser.page() as page:
        form = page.locator("#form-runtime")
        form.locator("summary").first.click()
        form.locator("[name=gogc]").fill("never")
        form.get_by_role("button", name="Do it").click()
        page.wait_for_selector("#form-runtime .answer.failed:has-text('400')")
        browser.faults[:] = [fault for fault in browser.faults if "400" not in fault]


def answers_in_words(browser):
    """Delete frees nothing and says why; what frees says so."""
    def said(page, name):
        form = page.locator(f"#form-{name}")
        if form.get_attribute("open") is None:
            form.locator("summary").first.click()
        form.locator(".answer").evaluate("answer => answer.replaceChildren()")
        form.get_by_role("button", name="Do it", exact=True).click()
        form.locator(".difference").wait_for()
        return form.locator(".difference").inner_text()

    with browser.page() as page:
        page.locator("#form-insert summary").first.click()
        page.locator("#insert-count").fill("300000")
        page.locator("#form-delete summary").first.click()
        page.locator("#delete-count").fill("300000")
        assert "The heap grew by" in said(page, "insert")
        said(page, "gc")
        deleted = said(page, "delete")
        assert "unchanged" in deleted or "grew" in deleted, deleted
        assert "the map keeps its buckets" in deleted, deleted
        assert "garbage until the next collection" in said(page, "nil")
        collected = said(page, "gc")
        assert re.search(r"Freed \d+(\.\d+)? MB of heap\. RSS unchanged: the pages are idle", collected), collected
        freed = said(page, "free-memory")
        assert "RSS fell by" in freed and "given back to the system" in freed, freed


def copying_the_curl_line(browser):
    with browser.page(permissions=["clipboard-read", "clipboard-write"]) as page:
        form = page.locator("#form-insert")
        form.locator("summary").first.click()
        form.get_by_role("button", name="Copy").click()
        form.get_by_role("button", name="Copied").wait_for()
        line = page.evaluate("() => navigator.clipboard.readText()")
        assert line == form.locator("code").inner_text()
        answer = subprocess.run([*shlex.split(line), "--silent"], capture_output=True, text=True, check=True).stdout
        assert json.loads(answer)["len"] >= 100000, answer


def a_workload_runs_and_can_be_stopped(browser):
    with browser.page() as page:
        form = page.locator("#form-workload")
        form.locator("summary").first.click()
        form.locator("#workload-live").fill("2000")
        form.locator("#workload-remedy").select_option("copy")
        form.get_by_role("button", name="Do it", exact=True).click()
        form.locator(".answer strong:text-is('Done.')").wait_for()
        form.locator("#workload-rounds").fill("100000")
        form.locator("#workload-interval").fill("100ms")
        form.get_by_role("button", name="Do it", exact=True).click()
        form.get_by_role("button", name="Stop", exact=True).click()
        form.locator(".answer strong:text-is('Stopped.')").wait_for()


def remedies_are_compared(browser):
    with browser.page() as page:
        form = page.locator("#form-compare")
        form.locator("summary").first.click()
        form.locator("#compare-live").fill("20000")
        form.get_by_role("button", name="Do it", exact=True).click()
        form.locator("strong:has-text('CPU: ')").wait_for()
        rows = form.locator("tbody tr").all_inner_texts()
        assert len(rows) >= 5, rows


def the_map_and_its_memory_follow(browser):
    with browser.page() as page:
        page.locator("#map").scroll_into_view_if_needed()
        page.wait_for_selector("#map-picture img")
        first = page.locator("#map-picture img").get_attribute("src")
        post(browser, "/map/insert", b'{"count": 5000, "prefix": "seen"}')
        page.wait_for_function("first => document.querySelector('#map-picture img').src !== first", arg=first)
        page.wait_for_function("() => document.querySelector('#map-picture img').naturalWidth > 0")
        page.locator("#memory").scroll_into_view_if_needed()
        page.locator("[data-remedy=copy]").click()
        page.locator("#memory .difference").wait_for()


def the_tour_from_end_to_end(browser):
    with browser.page("/?lang=en#tour=1") as page:
        for step in range(1, 7):
            page.wait_for_selector(f".steps li:nth-child({step}) a[aria-current]")
            page.get_by_role("button", name="Do this step").click()
            page.wait_for_selector("#tour .check")
            check = page.locator("#tour .check")
            assert "holds" in check.get_attribute("class"), f"step {step}: {check.inner_text()}"
            assert page.locator("#tour .published").last.inner_text()
            if step < 6:
                page.locator("#tour a.next").click()


def a_step_of_the_tour_by_its_address(browser):
    """It does first what the steps before it would have done."""
    with browser.page("/?lang=en#tour=3") as page:
        page.get_by_role("button", name="Do this step").click()
        page.wait_for_selector("#tour .check.holds")


def both_languages(browser):
    for language, charts in (("en", "Charts"), ("zh", "图表")):
        with browser.page(f"/?lang={language}") as page:
            assert page.locator("#charts-title").inner_text() == charts
            page.wait_for_selector("#form-scenario-local")
            names = set(get(browser, f"/ui/words.{language}.json"))
            texts = page.evaluate(
                "() => [...document.querySelectorAll('h1,h2,h3,p,button,summary,dt,label,figcaption')].map(each => each.textContent.trim())"
            )
            # A name stands for itself when it has no words.
            bare = [text for text in texts if re.fullmatch(r"[a-z]+[A-Z]\w*|\w+-\w+", text) and text in names]
            assert not bare, bare
    with browser.page("/", locale="zh-CN") as page:
        assert page.evaluate("() => document.documentElement.lang") == "zh-CN"


def narrow_and_wide_light_and_dark(browser):
    """Nothing is cut off sideways, and axe-core finds nothing."""
    for width in (375, 1440):
        for theme in ("light", "dark"):
            with browser.page(width=width, theme=theme, reduced_motion="reduce") as page:
                page.wait_for_selector("#form-scenario-local")
                for section in ("#map", "#memory"):
                    page.locator(section).scroll_into_view_if_needed()
                page.wait_for_selector("#map-picture img")
                page.wait_for_selector("#memory-body table")
                page.evaluate("() => { for (const each of document.querySelectorAll('details')) each.open = true; }")
                wide = page.evaluate("() => document.documentElement.scrollWidth")
                assert wide <= width, f"{wide} px wide on {width} px"
                found = axe_violations(page)
                assert not found, f"{width} px, {theme}: " + "\n".join(found)


def many_pages_of_one_browser(browser):
    """More than a browser opens connections to one server."""
    context = browser.chromium.new_context()
    try:
        pages = [context.new_page() for _ in range(10)]
        for page in pages:
            page.goto(browser.url + "/?lang=en")
            page.wait_for_selector("#connection.live", timeout=20_000)
            page.wait_for_function("() => /RSS [1-9]/.test(document.querySelector('.series').textContent)")
    finally:
        context.close()


def server_gone_and_back(browser, binary):
    server = HuskServer(binary)
    server.__enter__()
    port = server.port
    try:
        with browser.page(url=server.url) as page:
            page.wait_for_function("() => /RSS [1-9]/.test(document.querySelector('.series').textContent)")
            server.process.send_signal(signal.SIGKILL)
            server.process.wait()
            page.wait_for_selector("#connection.gone")
            assert "gone" in page.locator("#connection").inner_text()
            page.locator("#form-gc summary").first.click()
            page.locator("#form-gc").get_by_role("button", name="Do it", exact=True).click()
            page.wait_for_selector("#form-gc .answer.failed:has-text('did not answer')")
            server = HuskServer(binary, "--port", str(port))
            server.__enter__()
            page.wait_for_selector("#connection.live")
            urllib.request.urlopen(f"{server.url}/map/insert", b'{"count": 77}').close()
            page.wait_for_function("() => [...document.querySelectorAll('.series')].some(each => each.textContent.trim() === 'len 77')")
    finally:
        server.process.kill()
        server.process.wait()


ALL = [
    the_charts_go_on_by_themselves, the_past_is_there_at_once, chart_buttons, pointing_reads_all_charts_at_once, keys_alone,
    downloads, a_refusal_is_told, answers_in_words, copying_the_curl_line, a_workload_runs_and_can_be_stopped, every_form,
    remedies_are_compared,     the_map_and_its_memory_follow, the_tour_from_end_to_end, a_step_of_the_tour_by_its_address, both_languages,
    narrow_and_wide_light_and_dark, many_pages_of_one_browser,
]  # fmt: skip
