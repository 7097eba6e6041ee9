"""Rows for reductions and scans that leave out elements that are nan: those of `numpy_reduce` with a mask, or with what stands
in the place of nan."""

from __future__ import annotations

from typing import Any

import numpy as np

from .numpy_reduce import (
    MEAN,
    SCAN,
    SUM,
    VAR,
    CumProd,
    CumSum,
    InitialProd,
    InitialSum,
    Mean,
    Prod,
    Std,
    Sum,
    Var,
    of_mean,
    reduction,
)  # fmt: skip

_KINK = "nan contributes 0"
Axis = Any


def _masked(of: Any) -> type:
    """The rules of a reduction over what isn't nan."""

    def seen(a: Any, where: Any) -> Any:
        return ~np.isnan(a) if where is None else ~np.isnan(a) & where

    class Masked:
        @staticmethod
        def jvp(dot: Any, out: Any, a: Any, axis: Axis, keepdims: bool, where: Any = None, **options: Any) -> Any:
            return of.jvp(dot, out, a, axis, keepdims, where=seen(a, where), **options)

        @staticmethod
        def vjp(ct: Any, out: Any, a: Any, axis: Axis, keepdims: bool, where: Any = None, **options: Any) -> Any:
            return of.vjp(ct, out, a, axis, keepdims, where=seen(a, where), **options)

    return Masked


def _filled(of: Any, value: float) -> type:
    """The rules of a scan in which `value` stands for nan."""

    class Filled:
        @staticmethod
        def jvp(dot: Any, out: Any, a: Any, axis: Axis, keepdims: bool) -> Any:
            missing = np.isnan(a)
            return of.jvp(np.where(missing, 0.0, dot), out, np.where(missing, value, a), axis, keepdims)

        @staticmethod
        def vjp(ct: Any, out: Any, a: Any, axis: Axis, keepdims: bool) -> Any:
            missing = np.isnan(a)
            return np.where(missing, 0.0, of.vjp(ct, out, np.where(missing, value, a), axis, keepdims))

    return Filled


reduction(np.nansum, SUM, keep=("where", "initial"), kink=_KINK)(_masked(Sum))
reduction(np.nansum, SUM, arg="initial", keep=("where", "initial"))(InitialSum)
reduction(np.nanprod, SUM, keep=("where", "initial"), kink=_KINK)(_masked(Prod))
reduction(np.nanprod, SUM, arg="initial", keep=("where", "initial"))(_masked(InitialProd))
reduction(np.nanmean, MEAN, keep=("where",), kink=_KINK)(_masked(Mean))
reduction(np.nanvar, VAR, keep=("ddof", "where", "mean"), kink=_KINK)(_masked(Var))
reduction(np.nanstd, VAR, keep=("ddof", "where", "mean"), kink=_KINK + "; zero variance: 0")(_masked(Std))
reduction(np.nanvar, VAR, arg="mean", keep=("ddof", "where", "mean"))(_masked(of_mean(Var)))
reduction(np.nanstd, VAR, arg="mean", keep=("ddof", "where", "mean"))(_masked(of_mean(Std)))
reduction(np.nancumsum, SCAN, kink=_KINK)(_filled(CumSum, 0.0))
reduction(np.nancumprod, SCAN, kink=_KINK)(_filled(CumProd, 1.0))
