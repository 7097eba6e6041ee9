"""Recordings of compile time, and what is made of them."""

import gzip
import importlib
import importlib.util
import json
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest

import diffsrc as ds
from diffsrc.timing import PHASES

PROGRAM = """
    import numpy as np

    def domath(x):
        y = x * x
        return np.sin(y) + y

    def twice(x):
        return domath(x) + domath(x * 2.0)

    def loss(w, x):
        s = 0.0
        for i in range(len(x)):
            s = s + twice(w * x[i])
        return s
"""


@pytest.fixture
def module(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    name = f"snooped_{tmp_path.name}".replace("-", "_")
    (tmp_path / f"{name}.py").write_text(textwrap.dedent(PROGRAM))
    importlib.invalidate_caches()
    yield importlib.import_module(name)
    sys.modules.pop(name, None)


@pytest.fixture
def recorded(module):
    with ds.snoop() as t:
        ds.grad(module.loss)(2.0, np.ones(3))
    return module, t


def labels(nodes):
    return [n.label for n in nodes]


def test_the_tree(recorded):
    module, t = recorded
    assert repr(t).startswith("InferenceTimingNode: ") and repr(t).endswith(" on ROOT with 1 direct children")
    (whole,) = t.children
    assert whole.label == "loss(float, f64[n]) grad"
    assert labels(whole.children) == ["loss(float, f64[n])", "loss(float, f64[n]) reverse"]
    assert labels(whole.children[0].children) == ["twice(f64)"]
    assert labels(whole.children[0].children[0].children) == ["domath(f64)"]
    shown = str(t).splitlines()
    assert shown[0] == repr(t)
    assert any(line.endswith("domath(f64)") and line.startswith("   ") for line in shown)
    assert len(t.tree(maxdepth=1).splitlines()) == 2


def test_times_add_up(recorded):
    _, t = recorded
    for node in t.walk():
        assert node.inclusive == pytest.approx(node.exclusive + sum(c.inclusive for c in node.children))
    assert set(t.by_phase()) <= {*PHASES, "run"}
    assert {"parse", "lower", "infer", "activity", "differentiate", "optimize", "emit", "exec"} <= set(t.by_phase())
    assert sum(t.by_phase().values()) == pytest.approx(t.inclusive)
    assert t.phases.keys() == {"run"}


def test_root_is_charged_what_is_not_compiling(module):
    start = time.perf_counter()
    with ds.snoop() as t:
        time.sleep(0.05)
        ds.grad(module.domath)(1.0)
        time.sleep(0.05)
    whole = time.perf_counter() - start
    assert t.exclusive >= 0.1
    assert t.inclusive <= whole
    (node,) = t.children
    assert node.inclusive < t.inclusive - 0.1


def test_lists(recorded):
    module, t = recorded
    flat = t.flatten()
    assert len(flat) == len(list(t.walk()))
    assert [n.exclusive for n in flat] == sorted(n.exclusive for n in flat)
    assert t.flatten(sortby="inclusive")[-1] is t
    assert all(n.exclusive >= 0.001 for n in t.flatten(tmin=0.001))
    assert t.flatten(sortby=None)[0] is t
    with pytest.raises(ds.ActivityError):
        t.flatten(sortby="name")
    names = [name for _, name, _ in t.by_source()]
    assert any(name.startswith("domath at ") for name in names)
    assert t.accumulate_by_source() == t.by_source()
    assert sum(s for s, _, _ in t.by_source()) == pytest.approx(t.inclusive)
    assert "domath(f64)" in labels(t.collect_for(module.domath))
    assert {n.name for n in t.collect_for(module.domath)} == {"domath"}


def test_nothing_is_recorded_that_is_there_already(recorded):
    module, _ = recorded
    with ds.snoop() as t:
        ds.grad(module.loss)(2.0, np.ones(3))
    assert t.children == []


def test_instances_that_were_dropped(recorded):
    module, t = recorded
    assert t.stale() == []
    assert t.collect_for(module.domath)[0].instance is ds.specialization(module.domath, "f64")
    module.domath.__defaults__ = ()
    found = labels(t.staleinstances())
    assert "twice(f64)" in found and "domath(f64)" in found and "loss(float, f64[n])" in found


def test_recursion_is_one_node_per_inference(tmp_path, module):
    def power(x, n):
        return x * power(x, n - 1) if n else 1.0

    with ds.snoop() as t:
        ds.grad(power)(2.0, 3)
    assert labels(t.collect_for(power)).count("power(float, int)") == 1


def test_an_exception_ends_the_recording(module):
    def fails(t):
        with t:
            ds.grad(module.domath)(1.0)
            raise ZeroDivisionError

    t = ds.snoop()
    with pytest.raises(ZeroDivisionError):
        fails(t)
    assert labels(t.children) == ["domath(float) grad"]
    with ds.snoop() as other:
        pass
    assert other.children == []


def test_a_page(recorded, tmp_path):
    _, t = recorded
    t.flamegraph(tmp_path / "out.html")
    text = (tmp_path / "out.html").read_text()
    assert text.count("<div style=") == sum(1 + len(n.phases) for n in t.walk())
    assert "domath(f64)" in text and "<script>" in text


def test_speedscope(recorded, tmp_path):
    _, t = recorded
    t.speedscope(tmp_path / "out.json")
    data = json.loads((tmp_path / "out.json").read_text())
    (profile,) = data["profiles"]
    frames = data["shared"]["frames"]
    open_frames, last = [], 0.0
    for event in profile["events"]:
        assert event["at"] >= last - 1e-12
        last = event["at"]
        if event["type"] == "O":
            open_frames.append(event["frame"])
        else:
            assert open_frames.pop() == event["frame"]
    assert open_frames == []
    assert profile["endValue"] == pytest.approx(t.inclusive)
    assert "domath(f64)" in [f["name"] for f in frames]


def test_pprof(recorded, tmp_path):
    pytest.importorskip("google.protobuf")
    from diffsrc.tools.pprof import messages

    _, t = recorded
    t.pprof(tmp_path / "out.pb.gz")
    profile = messages()()
    profile.ParseFromString(gzip.decompress((tmp_path / "out.pb.gz").read_bytes()))
    strings = list(profile.string_table)
    assert strings[0] == ""
    assert [strings[s.type] for s in profile.sample_type] == ["compilations", "time"]
    total = sum(s.value[1] for s in profile.sample)
    assert total == pytest.approx(t.inclusive * 1e9, rel=1e-3)
    names = {f.id: strings[f.name] for f in profile.function}
    where = {loc.id: names[loc.line[0].function_id] for loc in profile.location}
    stacks = [[where[i] for i in s.location_id] for s in profile.sample]
    assert all(stack[-1] == "ROOT" for stack in stacks)
    assert ["infer", "domath(f64)", "twice(f64)", "loss(float, f64[n])", "loss(float, f64[n]) grad", "ROOT"] in stacks


def test_lines_that_precompile(recorded, tmp_path):
    module, t = recorded
    ((seconds, line),) = t.parcel()[module.__name__]
    assert line == f"ds.precompile({module.__name__}.loss, 'float', 'f64[n]')"
    assert seconds == pytest.approx(t.children[0].inclusive)
    assert t.parcel(tmin=1e9) == {}
    t.write(tmp_path / "precompile_foo.py")
    spec = importlib.util.spec_from_file_location("precompile_foo", tmp_path / "precompile_foo.py")
    with ds.snoop() as again:
        spec.loader.exec_module(importlib.util.module_from_spec(spec))
    assert again.children == []


def test_what_each_entry_point_compiles_can_be_precompiled(module):
    from diffsrc.api import engine

    x = np.ones(3)
    with ds.snoop() as t:
        ds.value_and_grad(module.loss, argnums=1)(2.0, x)
        ds.jvp(module.loss, (2.0, x), (1.0, x))
        ds.vjp(module.loss, 2.0, x)
    lines = [line for rows in t.parcel().values() for _, line in rows]
    assert len(lines) == 3
    engine.forget()
    for line in lines:
        exec(line, {"ds": ds, module.__name__: module})
    with ds.snoop() as again:
        ds.value_and_grad(module.loss, argnums=1)(2.0, x)
        ds.jvp(module.loss, (2.0, x), (1.0, x))
        ds.vjp(module.loss, 2.0, x)
    assert again.children == []


def test_the_command(module, tmp_path):
    from click.testing import CliRunner

    from diffsrc.cli.main import main

    (tmp_path / "script.py").write_text(
        f"import sys\nimport diffsrc as ds\nimport {module.__name__} as m\nprint(ds.grad(m.twice)(1.0), sys.argv[1:])\n"
    )
    files = [str(tmp_path / name) for name in ("out.html", "out.json", "out.py")]
    options = ["--depth", "1", "--html", files[0], "--speedscope", files[1], "--precompile", files[2]]
    done = CliRunner().invoke(main, ["snoop", *options, str(tmp_path / "script.py"), "--mine", "3"])
    assert done.exit_code == 0, done.output
    printed, first, second = done.output.splitlines()
    assert printed.endswith("['--mine', '3']")
    assert first.startswith("InferenceTimingNode: ") and second.endswith("twice(float) grad")
    assert f"ds.precompile({module.__name__}.twice, 'float')" in (tmp_path / "out.py").read_text()
    assert all(Path(f).stat().st_size > 100 for f in files)
