"""A judge may fail, a report may not: a fault of arcprobe's own costs the check that it was met at,
and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePath
from typing import ParamSpec, TypeVar

from arcprobe.knowledge.codes import row
from arcprobe.model import Code, Judgement, line
from arcprobe.model.text import printable

P = ParamSpec("P")
Words = TypeVar("Words", bound=Judgement | tuple[Judgement, ...] | None)

_LONGEST = 300  # characters of an exception's own words


def guarded(judge: Callable[P, Words], *args: P.args, **kwargs: P.kwargs) -> Words | Judgement:
    """What a judge says; ``arcprobe-fault`` where it raises, or says a code that does not exist."""
    try:
        word = judge(*args, **kwargs)
        for said in _all(word):
            row(said.code)
    except Exception as error:  # the broad barrier is the purpose
        return fault(error)
    return word


def _all(word: Judgement | tuple[Judgement, ...] | None) -> tuple[Judgement, ...]:
    if word is None:
        return ()
    return word if isinstance(word, tuple) else (word,)


def fault(error: Exception) -> Judgement:
    """A fault of arcprobe's own: what, and where in the source."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    file = PurePath(trace.tb_frame.f_code.co_filename).name if trace is not None else ""
    number = trace.tb_lineno if trace is not None else 0
    words = printable(f"{type(error).__name__}: {error}", _LONGEST)
    return Judgement(
        code=Code.ARCPROBE_FAULT,
        evidence=(line("skip.fault", words=words, file=file, number=number),),
        values=(("reason", words),),
    )
