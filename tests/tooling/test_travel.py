"""Derivatives that are sent to other processes: what arrives, what isn't compiled again, and what is refused."""

import copy
import functools
import importlib
import inspect
import json
import linecache
import os
import pickle
import subprocess
import sys
import textwrap
from pathlib import Path

import cloudpickle
import numpy as np
import pytest

import diffsrc as ds
from diffsrc.api import engine, travel
from diffsrc.compiler import cache
from diffsrc.compiler.vault import CacheWarning

ROOT = Path(__file__).parents[2]
X = np.array([1.0, 2.0, 3.0])


def scaled(x):
    return 3.0 * x**2


def loss(x, w=2.0):
    return np.sum(scaled(x) * w)


def named(x):
    return np.sum(x * x)


named = ds.grad(named)


def refused(x):
    exec('x = 1')
    return x


class Model:
    def __init__(self, w):
        self.w = w

    def loss(self, x):
        return np.sum((x * self.w) ** 2)


MAKERS = {
    "grad": lambda f: ds.grad(f),
    "value_and_grad": lambda f: ds.value_and_grad(f, argnums=(0,)),
    "elementwise_grad": lambda f: ds.elementwise_grad(f),
    "jacfwd": lambda f: ds.jacfwd(f),
    "jacrev": lambda f: ds.jacrev(f),
    "jacobian": lambda f: ds.jacobian(f, "x"),
    "hessian": lambda f: ds.hessian(f),
    "twice": lambda f: ds.jacfwd(ds.grad(f)),
    "hvp": lambda f: functools.partial(ds.hvp(f), X),
}


@pytest.fixture
def brought(monkeypatch):
    """No entries of other processes yet."""
    monkeypatch.setattr(cache, "_BROUGHT", cache._Brought())
    monkeypatch.setenv("DIFFSRC_VALIDATE", "0")  # what is validated is compiled
    engine.forget()
    yield cache._BROUGHT
    engine.forget()


def alike(a, b):
    for left, right in zip(np.atleast_1d(a) if not isinstance(a, tuple) else a, b if isinstance(b, tuple) else np.atleast_1d(b)):
        np.testing.assert_array_equal(left, right)


@pytest.mark.parametrize("write", [pickle.dumps, cloudpickle.dumps])
@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize("f", [loss, lambda x: np.sum(np.sin(x) * x), Model(X).loss, functools.partial(loss, w=3.0)])
def test_what_arrives_is_the_derivative(brought, write, name, f):
    if name == "elementwise_grad":
        f = scaled
    made = MAKERS[name](f)
    expected = made(X)
    arrived = pickle.loads(write(made))
    before = ds.stats()
    engine.forget()
    alike(expected, arrived(X))
    after = ds.stats()
    if f is loss:
        assert [after[k] - before[k] for k in ("lowered", "inferred", "differentiated")] == [0, 0, 0]


def test_a_derivative_is_copied_like_a_function():
    gradient = ds.grad(loss)
    assert copy.copy(gradient) is gradient
    assert copy.deepcopy([gradient])[0] is gradient


def test_a_derivative_looks_like_a_function():
    gradient = ds.grad(loss)
    assert repr(gradient) == "<function grad_loss>"
    assert (gradient.__name__, gradient.__qualname__) == ("grad_loss", "grad_loss")
    assert [p.name for p in inspect.signature(gradient).parameters.values()] == ["args", "kwargs"]
    assert gradient(X, w=1.0)[0] == 6.0
    assert functools.wraps(gradient)(lambda x: gradient(x)).__name__ == "grad_loss"


def test_a_derivative_under_the_name_of_its_function_arrives_by_that_name():
    assert pickle.loads(pickle.dumps(named)) is named


def test_a_derivative_in_a_class_is_a_method():
    class Square:
        def area(self, x):
            return x * x

        slope = ds.grad(area, argnums="x")

    assert Square().slope(3.0) == 6.0


def test_options_arrive():
    def pair(x, y):
        return np.sum(x * y), x

    f = ds.value_and_grad(pair, argnums=("y", 0), has_aux=True)
    (value, aux), gradients = pickle.loads(pickle.dumps(f))(X, 2.0 * X)
    assert value == 28.0
    np.testing.assert_array_equal(aux, X)
    np.testing.assert_array_equal(gradients[0], X)
    np.testing.assert_array_equal(gradients[1], 2.0 * X)


def test_without_cloudpickle_a_function_without_name_is_refused(monkeypatch):
    monkeypatch.setitem(sys.modules, "cloudpickle", None)
    with pytest.raises(pickle.PicklingError, match="no name leads to the function <lambda>.*or install cloudpickle"):
        pickle.dumps(ds.grad(lambda x: x * x))
    assert pickle.loads(pickle.dumps(ds.grad(loss)))(X) is not None


def test_an_entry_with_a_wrong_checksum_is_compiled_again(brought):
    gradient = ds.grad(loss)
    expected = gradient(X)
    brought.entries.update({name: raw.replace(b"3.0", b"4.0") for name, raw in travel.packed(loss).entries.items()})
    assert brought.entries
    engine.forget()
    with pytest.warns(CacheWarning, match="damaged"):
        np.testing.assert_array_equal(ds.grad(loss)(X), expected)


def test_errors_arrive_as_they_are():
    with pytest.raises(ds.UnsupportedError) as info:
        ds.grad(refused)(X)
    arrived = pickle.loads(pickle.dumps(info.value))
    assert type(arrived) is type(info.value)
    assert (str(arrived), arrived.code, arrived.loc, arrived.hint) == (
        str(info.value), info.value.code, info.value.loc, info.value.hint,
    )  # fmt: skip


# --- pullbacks


def stepped(x, w):
    h = np.zeros_like(x)
    v = h[::2]
    for i in range(3):
        v += np.sin(x[::2]) * w
        h[1::2] = h[::2] * x[1::2]
        h *= x
    return h, (h**2).sum()


@pytest.mark.parametrize("write", [pickle.dumps, cloudpickle.dumps])
def test_pullbacks_arrive_with_what_the_forward_sweep_kept(write):
    x = np.arange(1.0, 5.0)
    _, pull = ds.vjp(stepped, x, 2.0)
    ct = (np.arange(4.0), 1.5)
    expected = pull(ct)
    arrived = pickle.loads(write(pull))
    x[:] = 0.0
    for again in (arrived, arrived, pickle.loads(write(arrived))):
        alike(expected, again(ct))


def test_arrays_that_share_memory_share_it_where_they_arrive():
    base = np.arange(6.0)
    held = [base[:4], base[2:], {"whole": base}, np.ones(2)]
    held.append(held[0])
    arrived = pickle.loads(pickle.dumps(travel.overlapping_kept(held)))
    arrived[0][2] = 99.0
    assert arrived[1][0] == 99.0 == arrived[2]["whole"][2]
    assert arrived[4] is arrived[0]
    assert base[2] == 2.0


def test_other_pullbacks_and_linear_functions_arrive():
    _, pull = ds.vjp(ds.grad(loss), X)
    alike(pull(X), pickle.loads(pickle.dumps(pull))(X))
    _, pull, _ = ds.vjp(lambda x: (x**3, x.sum()), X, has_aux=True)
    alike(pull(X), pickle.loads(pickle.dumps(pull))(X))
    _, push = ds.linearize(loss, X, 2.0)
    assert push(X, 1.0) == pickle.loads(pickle.dumps(push))(X, 1.0)
    _, push = ds.linearize(ds.grad(loss), X)
    with pytest.raises(pickle.PicklingError, match="send the derivative"):
        pickle.dumps(push)


def test_a_pullback_of_another_version_of_the_function_is_refused(monkeypatch, tmp_path):
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "travelled.py").write_text("def f(x):\n    return x * x * x\n")
    module = importlib.import_module("travelled")
    try:
        _, pull = ds.vjp(module.f, 2.0)
        sent = pickle.dumps(pull)
        assert pickle.loads(sent)(1.0) == (12.0,)
        (tmp_path / "travelled.py").write_text("def f(x):\n    y = x * x\n    return y * y\n")
        linecache.cache.pop(module.__file__, None)
        importlib.invalidate_caches()
        importlib.reload(module)
        with pytest.raises(pickle.UnpicklingError, match="isn't the function here"):
            pickle.loads(sent)
    finally:
        del sys.modules["travelled"]


# --- other processes


MAIN = """
    import pickle, sys
    import cloudpickle
    import numpy as np
    import diffsrc as ds
    from library import imported

    FACTOR = 2.0

    def helper(x):
        return FACTOR * x ** 2 if x[0] > 0 else x

    class Scale:
        def __call__(self, x):
            return 5.0 * x

    def f(x):
        return np.sum(helper(x)) + np.sum(Scale()(x))

    @ds.differentiable
    def decorated(x: ds.Active):
        return np.sum(helper(x))

    def outside(x):
        y = 0.0
        for i in range(4):
            y += x[i] ** 2
        return y

    def local(k):
        return ds.grad(lambda x: np.sum(k * helper(x)))

    x = np.array([1.0, 2.0, 3.0])
    made = {
        "main": ds.grad(f), "lambda": local(3.0), "hessian": ds.hessian(f), "imported": ds.grad(imported),
        "decorated": decorated.grad(), "pull": ds.vjp(f, x)[1],
    }
    results = {name: g(x if name != "pull" else 1.0) for name, g in made.items()}
    with open("sent.pkl", "wb") as file:
        failing = ds.grad(outside)
        failing(np.ones(4))
        cloudpickle.dump((made, results, decorated, failing), file)
    print("{}")
"""
LIBRARY = """
    import numpy as np

    def imported(x):
        return np.sum(np.sin(x) ** 3)
"""
WORKER = """
    import json, pickle, sys, traceback
    import numpy as np
    import diffsrc as ds

    with open("sent.pkl", "rb") as file:
        made, results, decorated, failing = pickle.load(file)
    x = np.array([1.0, 2.0, 3.0])
    out = {}
    for name, g in made.items():
        before = ds.stats()
        found = g(x if name != "pull" else 1.0)
        now = ds.stats()
        same = all(np.array_equal(a, b) for a, b in zip(found, results[name]))
        out[name] = [same, *(now[k] - before[k] for k in ("lowered", "inferred", "differentiated"))]
    out["scalars"] = made["lambda"](np.array([-1.0, 2.0], np.float32)).tolist()
    out["attribute"] = np.array_equal(decorated.grad()(x), results["decorated"])
    try:
        failing(x)
    except IndexError:
        out["traceback"] = traceback.format_exc()
    out["stats"] = ds.stats()
    print(json.dumps(out))
"""


def run(folder, name, text):
    (folder / name).write_text(textwrap.dedent(text))
    settings = {"DIFFSRC_CACHE": "0", "DIFFSRC_VALIDATE": "0", "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    environment = {**os.environ, **settings}
    done = subprocess.run([sys.executable, name], cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_functions_of_a_script_arrive_by_their_text(tmp_path):
    (tmp_path / "library.py").write_text(textwrap.dedent(LIBRARY))
    run(tmp_path, "main.py", MAIN)
    (tmp_path / "main.py").unlink()
    out = run(tmp_path, "worker.py", WORKER)
    for name in ("lambda", "imported", "decorated"):
        assert out[name] == [True, 0, 0, 0], name
    assert out["main"][0]
    assert out["hessian"][0]
    assert out["pull"][0]
    assert out["attribute"]
    assert len(out["scalars"]) == 2
    assert "x[i]" in out["traceback"]
    assert 'File "<diffsrc outside_' in out["traceback"]


def test_an_edited_library_is_compiled_again(tmp_path):
    (tmp_path / "library.py").write_text(textwrap.dedent(LIBRARY))
    run(tmp_path, "main.py", MAIN)
    (tmp_path / "library.py").write_text(textwrap.dedent(LIBRARY).replace("** 3", "** 1"))
    worker = """
        import json, pickle
        import numpy as np
        import diffsrc as ds
        with open("sent.pkl", "rb") as file:
            made = pickle.load(file)[0]
        print(json.dumps([made["imported"](np.zeros(3)).tolist(), ds.stats()["differentiated"]]))
    """
    gradient, differentiated = run(tmp_path, "worker.py", worker)
    assert gradient == [1.0, 1.0, 1.0]
    assert differentiated > 0


POOL = """
    import json, multiprocessing, sys
    from concurrent.futures import ProcessPoolExecutor
    import numpy as np
    import diffsrc as ds

    def helper(x):
        return x ** 3

    def f(x):
        return np.sum(helper(x))

    def counted(job):
        g, x = job
        before = ds.stats()
        found = g(x)
        now = ds.stats()
        return found.tolist(), now["differentiated"] - before["differentiated"]

    def far(x):
        return x[7] * 2.0

    if __name__ == "__main__":
        x = np.array([1.0, 2.0])
        k = 3.0
        jobs = [(g, x) for g in (ds.grad(f), ds.grad(lambda x: np.sum(k * x * x)), ds.hessian(f))]
        for g, x in jobs:
            g(x)
        out = {}
        for how in ("spawn", "fork"):
            context = multiprocessing.get_context(how)
            with ProcessPoolExecutor(1, mp_context=context) as pool:
                out[how] = list(pool.map(counted, jobs))
                error = pool.submit(ds.grad(far), np.ones(3)).exception()
                out[how + " traceback"] = str(error.__cause__)
                out[how + " error"] = type(error).__name__
            with context.Pool(1) as pool:
                out[how + " pool"] = pool.map(counted, jobs)
        print(json.dumps(out))
"""


def test_process_pools(tmp_path):
    out = run(tmp_path, "pool.py", POOL)
    expected = [[[3.0, 12.0], 0], [[6.0, 12.0], 0], [[[6.0, 0.0], [0.0, 12.0]], 0]]
    for how in ("spawn", "fork"):
        assert out[how] == expected
        assert out[how + " pool"] == expected
        assert out[how + " error"] == "IndexError"
        assert "x[7]" in out[how + " traceback"]


def test_a_notebook(tmp_path):
    notebook = """
        import linecache, pickle, sys
        text = "import numpy as np\\ndef cell(x):\\n    return np.sum(x ** 2)\\n"
        linecache.cache["<ipython-input-1>"] = (len(text), None, text.splitlines(True), "<ipython-input-1>")
        exec(compile(text, "<ipython-input-1>", "exec"))
        import cloudpickle
        import diffsrc as ds
        with open("sent.pkl", "wb") as file:
            cloudpickle.dump((ds.grad(cell), cell), file)
        print("{}")
    """
    worker = """
        import json, pickle
        import numpy as np
        import diffsrc as ds
        with open("sent.pkl", "rb") as file:
            g, cell = pickle.load(file)
        print(json.dumps([g(np.ones(2)).tolist(), cell.__code__.co_filename]))
    """
    run(tmp_path, "notebook.py", notebook)
    gradient, file = run(tmp_path, "worker.py", worker)
    assert gradient == [2.0, 2.0]
    assert file.endswith("<ipython-input-1>")


CLUSTER = """
    import json, linecache, os, pickle, traceback
    import numpy as np
    import diffsrc as ds
    from distributed import Client, LocalCluster
    from library import cube

    def outside(x, k):
        return x[k] * x[k]

    def caught(g, *args):
        try:
            g(*args)
        except IndexError:
            return traceback.format_exc(), os.getpid()

    def slope_and_work(g, x):
        before = ds.stats()["inferred"]
        return g(x).tolist(), ds.stats()["inferred"] - before, os.getpid()

    if __name__ == "__main__":
        x = np.array([1.0, 2.0, 3.0])
        inner = ds.grad(lambda x: np.sum(x**3))
        named, picked = ds.grad(cube), ds.grad(outside)
        for g, args in ((inner, (x,)), (named, (x,)), (picked, (x, 1))):
            g(*args)
        out = {"pid": os.getpid(), "found": [], "pulled": None}
        with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster:
            with Client(cluster) as client:
                for g in (inner, named):
                    futures = [client.submit(slope_and_work, g, k * x, pure=False) for k in range(1, 5)]
                    out["found"].append(client.gather(futures))
                out["traceback"], out["worker"] = client.submit(caught, picked, x, 7).result()
                failed = client.submit(picked, x, 7)
                out["kind"] = type(failed.exception()).__name__
                out["shown"] = "".join(traceback.format_tb(failed.traceback()))
                _, pull = ds.vjp(cube, x)
                out["pulled"] = client.submit(pull, 1.0).result()[0].tolist()
        print(json.dumps(out))
"""


def test_distributed(tmp_path):
    """Workers that are processes: derivatives arrive with what was compiled, and tracebacks show the generated lines."""
    pytest.importorskip("distributed", reason="distributed isn't installed")
    (tmp_path / "library.py").write_text("import numpy as np\n\n\ndef cube(x):\n    return np.sum(x**3)\n")
    out = run(tmp_path, "cluster.py", CLUSTER)
    for found in out["found"]:
        for k, (slope, inferred, pid) in enumerate(found, 1):
            assert slope == (3.0 * (k * np.array([1.0, 2.0, 3.0])) ** 2).tolist()
            assert inferred == 0
            assert pid != out["pid"]
    assert out["worker"] != out["pid"] and out["kind"] == "IndexError"
    for text in (out["traceback"], out["shown"]):
        assert 'File "<diffsrc outside_grad' in text
        assert "x[k]" in text.partition("<diffsrc outside_grad")[2].splitlines()[1]
    assert out["pulled"] == [3.0, 12.0, 27.0]
