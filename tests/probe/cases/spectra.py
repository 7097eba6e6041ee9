"""Fourier transforms of arrays whose sizes are known when the program runs."""

from __future__ import annotations

import numpy as np

from ..data import A34, X6
from ..harness import case


@case((X6,), second=True)
def cut_and_padded_spectra(x):
    n = len(x)
    cut, padded = np.fft.rfft(x, n=4), np.fft.rfft(x, 2 * n)
    return np.sum(np.abs(cut) ** 2) + np.sum(np.abs(padded) ** 2)


@case((X6,), second=True)
def low_pass(x):
    spectrum = np.fft.rfft(x)
    damped = np.fft.irfft(spectrum * np.exp(-0.3 * np.arange(len(spectrum))), n=len(x))
    return np.sum(damped * x) + np.sum(np.fft.irfft(spectrum, n=8) ** 2) + np.sum(np.fft.irfft(spectrum, n=4) ** 2)


@case((A34,), second=True)
def spectra_of_images(a):
    full, half = np.fft.fft2(a), np.fft.rfft2(a, s=(4, 3))
    rows = np.fft.rfft(a, n=3, axis=0)
    return np.sum(np.abs(full) ** 3) + np.sum(np.abs(half) ** 2) + np.sum(np.abs(rows) ** 2)


def weighed(x):
    return np.sum(np.cos(np.arange(1.0, np.size(x) + 1.0)) * np.ravel(x))


@case((X6,), second=True)
def parts_of_one_frequency(x):
    """A number as an array without axes, times a complex number: not in place."""
    z = np.fft.rfft(x)[1] * np.fft.rfft(x)[2]
    return weighed(np.real(z)) + weighed(np.imag(z) * 1.5)
