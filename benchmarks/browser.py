"""The operator's pages in Chromium: size of the bundle, time to the first trial, error of the onset and of the times.

*Bundle*: what the first page loads before any picture, each file with gzip (level 9); parts that load later apart.

*First trial ready*: a browser with an empty cache opens the link of a session that stands at its first trial; until the
frame in which its picture is on the screen. Median over `OPENINGS` browsers' contexts, the server in this process.

*Onset error*: for every trial the page records when the item appeared. Chromium tells the same by itself, from its
compositor: `PerformanceElementTiming.renderTime` of the picture. A scripted responder, started by that entry and not by
the page, answers with key events of known `timeStamp` after a random wait of 50 to 400 ms, so that the response time on
the server has a value that it should have, too: the time stamp less the render time. Errors are recorded less true, in
milliseconds and in frames of the length that `requestAnimationFrame` had meanwhile. Chromium may round render times, to
4 ms at most, which is the resolution of the method.

Run it with `make bench BENCH=browser`, on an idle machine.
"""

import gzip
import re
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from binome.experiment import create_app, read_events, serve

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "browser"))
from kinds_study import make_garments
from operator_driver import Operator, launch

STATIC = Path(__file__).parents[1] / "src" / "binome" / "experiment" / "static"
OPENINGS, TRIALS = 5, 40
STUDY = f"""\
binome: 1
study: timing
title: Timing
context: {{name: fashion}}
predictor: {{architecture: vit_micro}}
stimuli: {{items: {TRIALS}}}
conditions: {{alone: {{}}}}
design: {{operators: 40}}
operators: {{languages: [en], practice: 0, ask_confidence: false}}
"""
READY = """
const look = () => {
  const image = document.querySelector(".page-decision img.item");
  if (!image?.complete) return requestAnimationFrame(look);
  requestAnimationFrame(() => requestAnimationFrame(() => { window.ready = performance.now(); }));
};
look();
"""
RESPONDER = """
window.responses = [];
window.frames = [];
const make = Document.prototype.createElement;
Document.prototype.createElement = function (name, ...rest) {
  const element = make.call(this, name, ...rest);
  if (name === "img") element.setAttribute("elementtiming", "item");
  return element;
};
const key = (name) => {
  const event = new KeyboardEvent("keydown", { key: name, bubbles: true });
  document.body.dispatchEvent(event);
  return event.timeStamp;
};
new PerformanceObserver((list) => {
  for (const { renderTime } of list.getEntries()) {
    setTimeout(() => {
      key("1");
      window.responses.push({ shown: renderTime, answered: key("Enter") });
    }, 50 + 350 * Math.random());
  }
}).observe({ type: "element", buffered: true });
let last = null;
const frame = (time) => {
  if (last !== null) window.frames.push(time - last);
  last = time;
  requestAnimationFrame(frame);
};
requestAnimationFrame(frame);
"""


def main() -> None:
    for name, size in bundle().items():
        print(f"{name:34} {size / 1000:8.1f} kB gzipped")
    with tempfile.TemporaryDirectory() as work, sync_playwright() as playwright:
        protocol, stimuli = make_garments(Path(work), STUDY)
        database = f"sqlite:///{work}/study.db"
        app = create_app(protocol, stimuli, database=database, researcher_key="key", secret="secret")
        browser = launch(playwright)
        with serve(app) as address:
            times = [first_trial(browser, address) for _ in range(OPENINGS)]
            print(f"{'first trial ready, cold cache':34} {statistics.median(times):8.0f} ms (worst {max(times):.0f})")
            told = timed_session(browser, address)
        browser.close()
        errors(told, [event for event in read_events(database, protocol, stimuli) if event["type"] == "complete"])


def bundle() -> dict[str, int]:
    """Bytes after gzip: what the page loads first, and each part that loads later."""
    page = (STATIC / "index.html").read_text("utf-8")
    first = [STATIC / "index.html", *(STATIC / name for name in re.findall(r"assets/[\w.-]+", page))]
    later = [path for path in sorted((STATIC / "assets").iterdir()) if path not in first]
    sizes = {"bundle": sum(map(squeezed, first))}
    return sizes | {f"later: {path.suffix[1:]}": squeezed(path) for path in later}


def squeezed(path: Path) -> int:
    return len(gzip.compress(path.read_bytes(), 9))


def first_trial(browser: Browser, address: str) -> float:
    """Milliseconds from opening a session's link to its first trial on the screen, nothing being in the cache."""
    with opened(browser, f"{address}/take?lang=en") as page:
        Operator(page, "mouse").until(lambda kind: kind == "single")
        (token,) = page.evaluate("Object.values({...localStorage}).filter((value) => /^[\\w-]{22,64}$/.test(value))")
    with opened(browser, f"{address}/take#session={token}", READY) as page:
        page.wait_for_function("() => window.ready !== undefined")
        return float(page.evaluate("window.ready"))


def timed_session(browser: Browser, address: str) -> dict[str, Any]:
    """What the responder did in a whole session, and the frames it saw."""
    with opened(browser, f"{address}/take?lang=en", RESPONDER) as page:
        Operator(page, "mouse").until(lambda kind: kind == "single")
        page.wait_for_function(f"() => window.responses.length === {TRIALS}", timeout=300_000)
        page.wait_for_selector(".page-pages", timeout=60_000)
        told: dict[str, Any] = page.evaluate("({responses: window.responses, frames: window.frames})")
    return told


@contextmanager
def opened(browser: Browser, address: str, script: str | None = None) -> Iterator[Page]:
    """A page of a browser that has nothing in its cache."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
    if script is not None:
        context.add_init_script(script)
    page = context.new_page()
    page.goto(address)
    yield page
    context.close()


def errors(told: dict[str, Any], events: list[dict[str, Any]]) -> None:
    """Recorded less true, over the trials."""
    frame = statistics.median(told["frames"])
    recorded = [event["data"] for event in events if event["data"].get("onset") is not None][-TRIALS:]
    truly = told["responses"]
    onsets = [data["onset"] - true["shown"] for data, true in zip(recorded, truly, strict=True)]
    times = [
        1000 * data["seconds"] - (true["answered"] - true["shown"]) for data, true in zip(recorded, truly, strict=True)
    ]
    print(f"{'frame':34} {frame:8.1f} ms")
    for name, values in (("onset", onsets), ("response time", times)):
        middle = statistics.median(map(abs, values))
        worst = statistics.quantiles(map(abs, values), n=20)[-1]
        print(
            f"{name + ' error, median':34} {middle:8.1f} ms = {middle / frame:.2f} frames"
            f" (95 %: {worst:.1f} ms; bias {statistics.mean(values):+.1f} ms)"
        )


if __name__ == "__main__":
    main()
