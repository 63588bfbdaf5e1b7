"""The door between participants and the engine: rows become a question, its answer becomes rows.

`asking` and `keeping` behind it are the only files that know both worlds.
"""

from matching import engine
from matching.asking import load
from matching.keeping import answer_of, asked_of, check, save, state_of

__all__ = ["answer_of", "asked_of", "check", "load", "save", "solve", "state_of"]


def solve(
    asked: engine.Input, *, solver: str | None = None, work: engine.Work | None = None
) -> engine.Result:
    """Ask the engine. Raises EngineError with a sentence; lets through `Stopped`."""
    return engine.solve(asked, solver=solver, work=work or engine.Work())
