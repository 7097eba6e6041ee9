"""Source-to-source automatic differentiation of Python and NumPy.

The names are loaded when they are first used: importing diffsrc costs little more than importing NumPy.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.1.0"

#: public name -> the module that defines it
_HOME = {
    "api.grad": "grad value_and_grad elementwise_grad",
    "api.vjp": "jvp vjp linearize",
    "api.jacobian": "jacfwd jacrev jacobian hessian hvp hvp_and_gradient",
    "api.sparse": "sparse_jacobian sparse_hessian sparsity",
    "api.autodiff": "autodiff gradient",
    "api.modes": "Forward ForwardWithPrimal Reverse ReverseWithPrimal Mode"
    " set_runtime_activity set_strong_zero",
    "api.activity": "Const Active Duplicated DuplicatedNoNeed BatchDuplicated BatchDuplicatedNoNeed",
    "api.trees": "make_zero",
    "api.shadows": "zero_",
    "api.decorator": "differentiable",
    "api.testing": "check_grads",
    "api.seeing": "code_lowered code_typed code_warntype code_activity"
    " code_forward code_reverse code_optimized code_source",
    "api.build": "build",
    "api.rules": "rule elementwise linear zero",
    "api.temporary": "rules",
    "api.implicit": "custom_root fixed_point linear_solve",
    "api.insert": "insert_grad_of",
    "api.intermediates": "grad_of",
    "api.finding": "find_nan",
    "api.bisecting": "bisect_grad",
    "tools.snoop": "snoop",
    "tools.allocations": "profile_allocations",
    "tools.pgds": "pgds",
    "tools.pgdsgui": "pgdsgui",
    "tools.profiling": "profile",
    "api.precompiling": "precompile compile_workload stats",
    "api.triggers": "inference_triggers",
    "api.specializations": "specializations specialization direct_backedges all_backedges invalidations",
    "api.standardize": "standardize",
    "api.generated": "generated",
    "api.nospecialize": "nospecialize",
    "defs.unspecialized": "Any",
    "runtime.stop": "stop_gradient",
    "errors": "DiffsrcError UnsupportedError NoRuleError AliasError DiffTypeError"
    " ActivityError InternalError",
}  # fmt: skip
_WHERE = {name: module for module, names in _HOME.items() for name in names.split()}

if TYPE_CHECKING:
    from typing import Any as Any

    from .api.activity import Active as Active
    from .api.activity import BatchDuplicated as BatchDuplicated
    from .api.activity import BatchDuplicatedNoNeed as BatchDuplicatedNoNeed
    from .api.activity import Const as Const
    from .api.activity import Duplicated as Duplicated
    from .api.activity import DuplicatedNoNeed as DuplicatedNoNeed
    from .api.autodiff import autodiff as autodiff
    from .api.autodiff import gradient as gradient
    from .api.bisecting import bisect_grad as bisect_grad
    from .api.build import build as build
    from .api.decorator import differentiable as differentiable
    from .api.finding import find_nan as find_nan
    from .api.generated import generated as generated
    from .api.grad import elementwise_grad as elementwise_grad
    from .api.grad import grad as grad
    from .api.grad import value_and_grad as value_and_grad
    from .api.implicit import custom_root as custom_root
    from .api.implicit import fixed_point as fixed_point
    from .api.implicit import linear_solve as linear_solve
    from .api.insert import insert_grad_of as insert_grad_of
    from .api.intermediates import grad_of as grad_of
    from .api.jacobian import hessian as hessian
    from .api.jacobian import hvp as hvp
    from .api.jacobian import hvp_and_gradient as hvp_and_gradient
    from .api.jacobian import jacfwd as jacfwd
    from .api.jacobian import jacobian as jacobian
    from .api.jacobian import jacrev as jacrev
    from .api.modes import Forward as Forward
    from .api.modes import ForwardWithPrimal as ForwardWithPrimal
    from .api.modes import Mode as Mode
    from .api.modes import Reverse as Reverse
    from .api.modes import ReverseWithPrimal as ReverseWithPrimal
    from .api.modes import set_runtime_activity as set_runtime_activity
    from .api.modes import set_strong_zero as set_strong_zero
    from .api.nospecialize import nospecialize as nospecialize
    from .api.precompiling import compile_workload as compile_workload
    from .api.precompiling import precompile as precompile
    from .api.precompiling import stats as stats
    from .api.rules import elementwise as elementwise
    from .api.rules import linear as linear
    from .api.rules import rule as rule
    from .api.rules import zero as zero
    from .api.seeing import code_activity as code_activity
    from .api.seeing import code_forward as code_forward
    from .api.seeing import code_lowered as code_lowered
    from .api.seeing import code_optimized as code_optimized
    from .api.seeing import code_reverse as code_reverse
    from .api.seeing import code_source as code_source
    from .api.seeing import code_typed as code_typed
    from .api.seeing import code_warntype as code_warntype
    from .api.shadows import zero_ as zero_
    from .api.sparse import sparse_hessian as sparse_hessian
    from .api.sparse import sparse_jacobian as sparse_jacobian
    from .api.sparse import sparsity as sparsity
    from .api.specializations import all_backedges as all_backedges
    from .api.specializations import direct_backedges as direct_backedges
    from .api.specializations import invalidations as invalidations
    from .api.specializations import specialization as specialization
    from .api.specializations import specializations as specializations
    from .api.standardize import standardize as standardize
    from .api.temporary import rules as rules
    from .api.testing import check_grads as check_grads
    from .api.trees import make_zero as make_zero
    from .api.triggers import inference_triggers as inference_triggers
    from .api.vjp import jvp as jvp
    from .api.vjp import linearize as linearize
    from .api.vjp import vjp as vjp
    from .errors import ActivityError as ActivityError
    from .errors import AliasError as AliasError
    from .errors import DiffsrcError as DiffsrcError
    from .errors import DiffTypeError as DiffTypeError
    from .errors import InternalError as InternalError
    from .errors import NoRuleError as NoRuleError
    from .errors import UnsupportedError as UnsupportedError
    from .runtime.stop import stop_gradient as stop_gradient
    from .tools.allocations import profile_allocations as profile_allocations
    from .tools.pgds import pgds as pgds
    from .tools.pgdsgui import pgdsgui as pgdsgui
    from .tools.profiling import profile as profile
    from .tools.snoop import snoop as snoop

__all__ = ["__version__", *sorted(_WHERE)]  # noqa: PLE0604  names of the table


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module 'diffsrc' has no attribute {name!r}")
    from .plain import undisturbed

    with undisturbed():
        value = getattr(import_module(f".{_WHERE[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_WHERE})
