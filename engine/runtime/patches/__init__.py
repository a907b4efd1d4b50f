"""What SpiffWorkflow gets wrong or slow, mended: one module for each concern, all for one version.

Each module says why; each patch has a test that fails on the bare library (tests/runtime/bare.py
shows it): tests/runtime/test_patches.py and tests/runtime/test_traps.py.
"""

from importlib.metadata import version

from engine.runtime.patches import (
    answers,
    conditions,
    event_subprocesses,
    failures,
    interruptions,
    joins,
    throws,
    timers,
    walks,
)

WRITTEN_FOR = "3.2.0"


def install() -> None:
    """Mend the library; safe to call twice. Call before any diagram is read.

    RuntimeError when another version of the library is installed: what is mended here reaches
    into its inside, so each patch has to be looked at anew for every version.
    """
    found = version("SpiffWorkflow")
    if found != WRITTEN_FOR:
        raise RuntimeError(
            f"engine/runtime/patches is written for SpiffWorkflow {WRITTEN_FOR}, found {found}: "
            "install the pinned version, or go through every patch and its test"
        )
    for concern in (
        walks,
        joins,
        timers,
        interruptions,
        event_subprocesses,
        throws,
        conditions,
        failures,
        answers,
    ):
        concern.install()
