"""The modes of `ds.autodiff`: `Forward`, `Reverse`, and each with the primal result beside the derivative."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Mode:
    """A direction of differentiation. `runtime_activity` and `strong_zero` are accepted for compatibility:
    activity of local memory is inferred and zeros are always strong."""

    name: str
    reverse: bool
    primal: bool = False
    runtime_activity: bool = False
    strong_zero: bool = False

    def __repr__(self) -> str:
        return self.name


Forward = Mode("Forward", reverse=False)
ForwardWithPrimal = Mode("ForwardWithPrimal", reverse=False, primal=True)
Reverse = Mode("Reverse", reverse=True)
ReverseWithPrimal = Mode("ReverseWithPrimal", reverse=True, primal=True)


def set_runtime_activity(mode: Mode, enabled: bool = True) -> Mode:
    """The mode with runtime activity on; results are the same without."""
    return replace(mode, runtime_activity=enabled)


def set_strong_zero(mode: Mode, enabled: bool = True) -> Mode:
    """The mode with strong zeros on; they always are."""
    return replace(mode, strong_zero=enabled)
