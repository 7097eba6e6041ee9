"""The pages that are written, opened in headless Chromium and clicked at."""

import cProfile
import re
import shutil
import sys

import numpy as np
import pytest

import diffsrc as ds
from diffsrc.tools.pgdsgui import ends_of, floor_of

pytest.importorskip("bokeh", reason="Bokeh isn't installed: no page of ds.pgdsgui")

FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync --window-size=1400,1000"
).split()


def browser_program():
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    webdriver = pytest.importorskip("selenium.webdriver", reason="Selenium isn't installed: pages aren't opened")
    chromium, driver = browser_program(), shutil.which("chromedriver")
    if chromium is None or driver is None:
        pytest.skip(f"pages aren't opened: there is no {'chromedriver' if chromium else 'Chromium'}")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    opened = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    opened.implicitly_wait(10)
    yield opened
    opened.quit()


def opened(browser, path):
    """The page, without what other pages have logged."""
    browser.get("about:blank")
    for log in ("browser", "performance"):
        browser.get_log(log)
    browser.get(path.as_uri())
    return browser


def complaints(browser):
    return [entry["message"] for entry in browser.get_log("browser") if entry["level"] not in ("INFO", "DEBUG")]


def fetched(browser):
    """The addresses that a page asked for, itself left out."""
    sent = [e["message"] for e in browser.get_log("performance") if '"Network.requestWillBeSent"' in e["message"]]
    found = [re.search(r'"request":\{.*?"url":"(.*?)"', message)[1] for message in sent]
    return [url for url in found if not url.startswith(("file:", "data:", "about:", "blob:"))]


def spell(x, T):
    return x * float(len(T.__name__))


def energy(x):
    return np.sum(np.asarray(x) * x)


def idle(x):
    return x * x


def work():
    for T in (int, str, list, dict):
        ds.grad(spell)(1.0, T)
    for x in ([1.0, 2.0], (1.0, 2.0), np.ones(3)):
        ds.grad(energy)(x)


@pytest.fixture(scope="session")
def report(tmp_path_factory):
    """Rows, and the page that shows them: once, as nothing is compiled twice."""
    with ds.snoop() as t:
        work()
        ds.grad(idle)(1.0)
    with cProfile.Profile() as profile:
        work()
    path = tmp_path_factory.mktemp("report") / "out.html"
    assert ds.pgdsgui(t, profile, path) is None
    return ds.pgds(t, profile), path, t


def test_the_page_holds_all_that_it_needs(report):
    rows, path, _ = report
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"""<(script|link|img)[^>]+(src|href)=["']?(https?:)?//""", text)
    assert "<!--" not in re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL)
    assert all(f"<td>{r.label}</td>" in text for r in rows)


MARKER = """
const [view] = Object.values(Bokeh.index), data = Bokeh.documents[0].get_model_by_name("functions").data;
const box = view.canvas_view.el.getBoundingClientRect(), i = arguments[0];
return [view.frame.x_scale.compute(data.x[i]) + box.x, view.frame.y_scale.compute(data.y[i]) + box.y];
"""


def marker(browser, at):
    """Where the marker of a row is on the page, when it is drawn."""
    from selenium.webdriver.support.ui import WebDriverWait

    ready = "return window.Bokeh !== undefined && Object.values(Bokeh.index).some(v => v.frame && v.frame.bbox.width > 0)"
    WebDriverWait(browser, 30).until(lambda b: b.execute_script(ready))
    return browser.execute_script(MARKER, at)


def pointed(browser, at):
    from selenium.webdriver.common.actions.action_builder import ActionBuilder

    actions = ActionBuilder(browser)
    actions.pointer_action.move_to_location(*map(round, marker(browser, at)))
    return actions


def panel_of(browser, name):
    """The text of the panel when it shows a function."""
    from selenium.webdriver.support.ui import WebDriverWait

    def text(b):
        found = b.find_element("id", "panel").text
        return found if found.startswith(name) else None

    return WebDriverWait(browser, 10).until(text)


def test_a_click_on_a_marker(report, browser):
    rows, path, _ = report
    page = opened(browser, path)
    assert page.find_element("id", "panel").text.startswith("Click a marker")
    for at, row in enumerate(rows):
        actions = pointed(page, at)
        actions.pointer_action.click()
        actions.perform()
        text = panel_of(page, f"{row.name}(")
        assert f"{row.instances} instance" in text and row.suggest().splitlines()[0] in text
        shown = page.find_elements("css selector", "#panel .instances tbody tr")
        cells = [[c.text for c in line.find_elements("tag name", "td")] for line in shown]
        assert cells == [[str(s), f"{s.compile_seconds:.6f}", str(s.result_type)] for s in row.specializations]
        assert page.find_element("css selector", "#functions tr.shown td").text == row.label
    texts = {row.name: row.suggest() for row in rows}
    assert 'ds.nospecialize("T")' in texts["spell"] and "ds.standardize(x=np.asarray)" in texts["energy"]
    assert complaints(page) == [] and fetched(page) == []


def test_a_pointer_over_a_marker(report, browser):
    rows, path, _ = report
    page = opened(browser, path)
    at = next(i for i, r in enumerate(rows) if r.name == "spell")
    pointed(page, at).perform()
    from selenium.webdriver.support.ui import WebDriverWait

    everything = """
    const found = [];
    (function visit(root) { for (const e of root.querySelectorAll("*")) if (e.shadowRoot) {
      found.push(e.shadowRoot.textContent); visit(e.shadowRoot); } })(document);
    return found.join(" ");
    """
    WebDriverWait(page, 10).until(lambda b: rows[at].label in b.execute_script(everything))
    assert complaints(page) == []


def test_a_click_on_a_line_of_the_table(report, browser):
    rows, path, _ = report
    page = opened(browser, path)
    marker(page, 0)
    page.find_elements("css selector", "#functions tbody tr")[-1].click()
    assert f"{rows[-1].instances} instance" in panel_of(page, f"{rows[-1].name}(")
    assert complaints(page) == []


def test_zero_is_at_the_lower_end(report, browser):
    rows, path, _ = report
    page = opened(browser, path)
    at = next(i for i, r in enumerate(rows) if r.name == "idle")
    assert rows[at].run_seconds == 0.0
    left = marker(page, at)[0]
    assert all(left < marker(page, i)[0] for i in range(len(rows)) if i != at)


def bars(page):
    """Label and width of the bars that are shown."""
    return page.execute_script(
        'return [...document.querySelectorAll("#graph div")].filter(b => b.offsetParent !== null)'
        ".map(b => [b.textContent, b.getBoundingClientRect().width])"
    )


def test_a_flame_graph(report, browser, tmp_path):
    _, _, t = report
    t.flamegraph(tmp_path / "flame.html")
    page = opened(browser, tmp_path / "flame.html")
    shown = bars(page)
    assert len(shown) == sum(1 + len(n.phases) for n in t.walk())
    whole = dict(shown)["ROOT"]
    for label in {node.label for node in t.walk()}:
        expected = sorted(whole * node.inclusive / t.inclusive for node in t.walk() if node.label == label)
        assert sorted(width for shown_label, width in shown if shown_label == label) == pytest.approx(expected, abs=0.5)
    name = "spell(float, func int) grad"
    page.execute_script(
        'for (const b of document.querySelectorAll("#graph div")) if (b.textContent === arguments[0]) b.id = "wanted"', name
    )
    page.find_element("id", "wanted").click()
    after = bars(page)
    assert dict(after)[name] == dict(after)["ROOT"] == pytest.approx(whole)
    assert len(after) < len(shown) and "spell(float, func str) grad" not in dict(after)
    assert page.find_element("id", "shown").text.startswith(f"{name}: ")
    page.find_elements("css selector", "#graph div")[0].click()
    back = bars(page)
    assert [label for label, _ in back] == [label for label, _ in shown]
    assert [width for _, width in back] == pytest.approx([width for _, width in shown], abs=0.5)
    assert complaints(page) == [] and fetched(page) == []


# --- the figure ------------------------------------------------------------------------------------------------


def test_the_figure(report):
    pytest.importorskip("matplotlib")
    from matplotlib.colors import to_hex
    from matplotlib.figure import Figure

    rows, _, t = report
    made = rows.figure()
    assert isinstance(made, Figure)
    ax = made.axes[0]
    assert ax.get_xscale() == ax.get_yscale() == "log"
    (marks,) = ax.collections
    places = marks.get_offsets()
    assert len(places) == len(rows) and list(marks.get_array()) == [r.instances for r in rows]
    for (x, y), row, edge in zip(places, rows, marks.get_edgecolors()):
        assert y == row.compile_seconds
        assert x == row.run_seconds or (row.run_seconds == 0.0 and x == places[:, 0].min())
        assert to_hex(edge) == f"#{round(255 * row.unknown_calls):02x}0000"
    made.canvas.draw()
    labels = [text.get_text() for text in ax.get_xticklabels()]
    assert "0" in labels
    assert {text.get_text() for text in ax.texts} == {r.name for r in rows}


def test_the_ends_of_axes():
    assert floor_of([0.0, 0.002, 3.0]) == pytest.approx(1e-4)
    for seconds in ([0.002], [0.0, 0.0], [1.0, 100.0], [0.0, 3e-7, 12.0]):
        low, high = ends_of(seconds)
        assert low < floor_of(seconds) and all(floor_of(seconds) * 9.9 < s < high for s in seconds if s)
        assert high / low >= 10.0  # so that there are ticks


def test_a_page_without_functions(tmp_path, browser):
    rows = ds.pgds(ds.snoop(), cProfile.Profile())
    assert len(rows) == 0 and len(rows.figure().axes) == 2
    rows.html(tmp_path / "out.html")
    page = opened(browser, tmp_path / "out.html")
    assert page.find_element("id", "panel").text.startswith("Click a marker") and complaints(page) == []


def test_the_figure_in_axes_that_are_given(report):
    pytest.importorskip("matplotlib")
    from matplotlib.figure import Figure

    _, _, t = report
    left, right = Figure().subplots(1, 2)
    assert ds.pgdsgui(t, cProfile.Profile(), ax=right) is right.figure
    assert len(right.collections) == 1 and not left.collections


@pytest.mark.parametrize(
    ("library", "draw"), [("bokeh.embed", lambda r: r.html("x.html")), ("matplotlib.colors", lambda r: r.figure())]
)
def test_without_the_library(report, monkeypatch, library, draw):
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(ImportError, match=r"pip install 'diffsrc\[gui\]'"):
        draw(report[0])


# --- the command -----------------------------------------------------------------------------------------------


def run(*arguments):
    from click.testing import CliRunner

    from diffsrc.cli.main import main

    return CliRunner().invoke(main, ["pgds", *map(str, arguments)])


SCRIPT = """
import sys
import diffsrc as ds

def spell(x, T):
    return x * float(len(T.__name__))

if __name__ == "__main__":
    for T in (int, str, list):
        print(ds.grad(spell)(1.0, T))
    print(sys.argv[1:])
    if "stop" in sys.argv:
        sys.exit(7)
    if "fail" in sys.argv:
        raise ZeroDivisionError
"""


def test_the_command(tmp_path, browser):
    script, out = tmp_path / "script.py", tmp_path / "report.html"
    script.write_text(SCRIPT)
    done = run(script, "-o", out, "one", "--mine", "--", "--help")
    assert done.exit_code == 0, done.output
    lines = done.output.splitlines()
    assert lines[:4] == ["3.0", "3.0", "4.0", "['one', '--mine', '--help']"]
    assert lines[4].startswith("function ") and lines[6].startswith("spell(x, T) at script.py:5 ")
    assert float(lines[6].split()[-4]) > 0.0 and lines[6].split()[-2:] == ["3", "33%"]
    assert '@ds.nospecialize("T")' in done.output
    page = opened(browser, out)
    marker(page, 0)
    page.find_element("css selector", "#functions tbody tr").click()
    assert "ds.nospecialize" in panel_of(page, "spell(")


def test_exit_codes_of_the_command(tmp_path):
    script, out = tmp_path / "script.py", tmp_path / "report.html"
    script.write_text(SCRIPT)
    stopped = run(script, "stop", "-o", out)
    assert stopped.exit_code == 7 and "spell(x, T) at script.py:5" in stopped.output and out.exists()
    failed = run(script, "fail")
    assert isinstance(failed.exception, ZeroDivisionError) and "spell(x, T) at script.py:5" in failed.output
    assert run(tmp_path / "nowhere.py").exit_code == 2
    (tmp_path / "idle.py").write_text("print(1)\n")
    assert run(tmp_path / "idle.py").output.splitlines() == ["1", "nothing was compiled in idle.py"]
    shown = run("--help")
    assert shown.exit_code == 0 and "SCRIPT" in shown.output and "--output" in shown.output


def test_the_command_without_the_library(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "bokeh.embed", None)
    (tmp_path / "script.py").write_text(SCRIPT)
    done = run(tmp_path / "script.py", "-o", tmp_path / "out.html")
    assert done.exit_code == 1 and "pip install 'diffsrc[gui]'" in done.output
