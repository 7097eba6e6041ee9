"""Rows for what is left of NumPy: functions that never carry a derivative, and those that are refused, with the reason.

Text, files, settings, dates and dtypes are constant; arrays of other classes, and functions that see the memory of an array
as something else, are refused where they are active.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..ir.types import ANY, BOOL, STR, Type, strip
from ..runtime import helpers
from .numpy_tools import linear_in, present, rule, shape_only
from .special import dispatching
from .table import Def, TypeRule, general, register, zero


def _always(t: Type) -> TypeRule:
    return lambda args, kwargs: t


def refused(why: str, *fns: Callable[..., Any]) -> None:
    """Functions without a derivative: what is said where they are active."""
    for fn in fns:
        general(fn, types=_always(ANY), refusals={-1: why})


# numbers from numbers
zero(*present(np, "bitwise_count"), np.isnat, cheap=True)
zero(np.packbits, np.unpackbits, np.is_busday, np.busday_count)
zero(*present(np, "longlong", "ulonglong"), cheap=True)
zero(np.issubdtype, *present(np, "isdtype"), np.iterable, np.isfortran, types=_always(BOOL))
# text
zero(
    np.array2string, np.array_repr, np.array_str, np.base_repr, np.binary_repr, np.format_float_positional,
    np.format_float_scientific, np.typename, np.mintypecode, types=_always(STR),
)  # fmt: skip
# dtypes, shapes, plans, dates
zero(
    np.dtype, np.common_type,
    np.min_scalar_type, np.broadcast, np.einsum_path, np.mask_indices, np.busday_offset, np.busdaycalendar,
    np.datetime64, np.timedelta64, np.datetime_as_string, np.datetime_data, np.str_, np.bytes_, types=_always(ANY),
)  # fmt: skip
# settings and files
zero(
    np.geterr, np.seterr, np.geterrcall, np.seterrcall, np.getbufsize, np.setbufsize, np.get_printoptions,
    np.set_printoptions, np.get_include, np.info, np.show_config, *present(np, "show_runtime"), np.save, np.savetxt, np.savez,
    np.savez_compressed, np.load, np.loadtxt, np.genfromtxt, np.fromfile, np.fromregex, np.fromstring,
    effect="io", types=_always(ANY),
)  # fmt: skip
for _name, _module in (("np", np), ("np.linalg", np.linalg), ("np.fft", np.fft)):
    for _test in present(_module, "test"):
        register(Def(f"{_name}.test", _test, "zero", effect="io", types=_always(ANY)))

refused("a matrix means other things by `*` and keeps two axes: use arrays", np.matrix, np.asmatrix, np.bmat)
refused("arrays of records aren't supported: use an array for each field", np.recarray, np.record, np.void)
refused("it sees memory as an array of its own: use the array itself", np.frombuffer, np.from_dlpack, np.memmap, np.ndarray)
refused("arrays of objects aren't supported", np.object_, np.frompyfunc)
refused("a polynomial as an object is evaluated only: use np.polyval and its kin on coefficients", np.poly1d)
refused("loop over np.ndindex(a.shape)", np.nested_iters, np.flatiter)
refused("it can't be called", np.ufunc, *present(
    np, "generic", "number", "inexact", "floating", "complexfloating", "integer", "signedinteger", "unsignedinteger", "flexible",
    "character",
))  # fmt: skip

# -- the array itself, checked

linear_in(np.asarray_chkfinite, alias="maybe", raises=True, vjp=lambda ct, out, a, dtype=None, order=None: ct)


def _of_argument(args: Any, kwargs: Any) -> Any:
    return strip(args[0])


of_kind = dispatching(helpers.of_kind)
linear_in(helpers.of_kind, name="of_kind", types=_of_argument, vjp=lambda ct, out, g, x: of_kind(ct, x))
shape_only(helpers.of_kind, arg=1)
rule(  # of complex arguments: inference knows that real ones stay what they are
    np.real_if_close, alias="readonly", types=_of_argument,
    jvp=lambda dot, out, a, tol=100: of_kind(dot, out), vjp=lambda ct, out, a, tol=100: of_kind(ct, out),
    kink="the real part where all imaginary parts are close to 0, else the whole",
)  # fmt: skip
