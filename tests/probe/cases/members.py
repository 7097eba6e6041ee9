"""Members of an `Enum` that change while the program runs."""

from __future__ import annotations

from enum import Enum

from ..harness import case


class Phase(Enum):
    HEAT = 1
    HOLD = 2
    COOL = 3


@case((9.0, 25.0), second=True)
def names_of_members(power, tau):
    t, phase, timer = 20.0, Phase.HEAT, 0
    log = []
    for step in range(14):
        match phase:
            case Phase.HEAT:
                t += power - (t - 20.0) / tau
                if t > 60.0:
                    phase, timer = Phase.HOLD, 3
            case Phase.HOLD:
                t += 0.02 * (100.0 - t)
                timer -= 1
                if timer == 0:
                    phase = Phase.COOL
            case Phase.COOL:
                t -= (t - 20.0) / tau
        log.append((step, phase.name, t))
    return sum(t for _, name, t in log if name != "HOLD") / len(log)


@case((9.0, 25.0), second=True)
def values_of_members(power, tau):
    t, phase = 20.0, Phase.HEAT
    for _ in range(10):
        if phase is Phase.HEAT and t > 60.0:
            phase = Phase.COOL
        t += power * phase.value
    return t / tau
