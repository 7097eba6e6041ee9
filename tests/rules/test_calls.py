"""Every call of the table: right in both modes, or refused with the reason that the table says; the first call of each function
to second order (`python -m tests.rules.calls` judges all of them to second order)."""

import pytest

from .calls import Call, reason, table, verdict

CALLS = list(table())
FIRST = {name: call for call in reversed(CALLS) if not call.refused for name in call.functions}


@pytest.mark.parametrize("call", CALLS, ids=[f"{c.text} [{c.arguments}]" for c in CALLS])
def test_call(call: Call) -> None:
    found = verdict(call, second=bool(call.refused) or call in FIRST.values())
    if call.refused:
        assert found.kind == "refused", f"{found.kind} now: python -m tests.rules.calls --renew"
        assert reason(found) == call.refused
    else:
        assert found.kind == "right", found.detail


def test_the_table_is_wide() -> None:
    functions = {name for call in CALLS for name in call.functions}
    refused = sum(1 for call in CALLS if call.refused)
    assert len(CALLS) >= 900 and len(functions) >= 450
    assert refused <= 0.15 * len(CALLS)
