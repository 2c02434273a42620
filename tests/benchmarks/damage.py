"""Damage done to good inputs by chance, and runs that send it to doors until their time is over.

COVERLIFT_FUZZ_S bounds the time (60 s; in the suite, a number of turns does), COVERLIFT_FUZZ_SEED
takes other damages. What breaks a door is kept in `var/fuzz`, and the run goes on: one fault should
not hide the next.
"""

import os
import random
import traceback
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import chain, count, islice
from pathlib import Path
from time import monotonic

IS_TIMED = bool(os.environ.get("COVERLIFT_FUZZ_S"))
BOUND_S = float(os.environ.get("COVERLIFT_FUZZ_S") or 60)
SEED = int(os.environ.get("COVERLIFT_FUZZ_SEED") or 0)
KEPT = Path("var/fuzz")
MOST_FAULTS = 20
ODD = (b"\0", b"\xff\xfe", b"[" * 5000, b'"', b"\\u0000", b"9" * 400, b"1e999", b"NaN", b"{}",
       b"\r\n", "\U0001f3ac".encode(), b"null", b"-1", b"\xed\xa0\x80", b",", b"<", b"&lt;",
       b"\xef\xbb\xbf", b"=1+1")  # fmt: skip
Chance = random.Random


def damaged(content: bytes, chance: Chance) -> bytes:
    """Change, cut or fill in some bytes; now and then none, so that others are reached."""
    for _ in range(chance.choice((0, 1, 1, 2, 4))):
        at = chance.randrange(len(content) + 1)
        until = min(len(content), at + chance.choice((0, 1, 2, 20)))
        put = chance.choice((b"", bytes([chance.randrange(256)]), chance.choice(ODD)))
        content = content[:at] + put + content[until:]
    return content


@dataclass(frozen=True)
class Door:
    """Something that takes inputs.

    Attributes:
        take: sends an input made by chance, and returns how it was answered, a word or a status;
            what it raises is a fault.
        weight: how often it is its turn, beside the others.
        inputs: how many it is sent in a turn.
    """

    take: Callable[[Chance], str | int]
    weight: int = 1
    inputs: int = 1


@dataclass
class Seen:
    """What became of the inputs of a run; answers are those to a turn."""

    inputs: Counter[str] = field(default_factory=Counter)
    answers: Counter[tuple[str, str | int]] = field(default_factory=Counter)
    slowest_s: dict[str, float] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        slowest = {name: f"{seconds:.2f} s" for name, seconds in self.slowest_s.items()}
        answers = dict(sorted(self.answers.items(), key=str))
        return f"{self.inputs.total():,} inputs {dict(self.inputs)}; slowest {slowest}; {answers}"


def run(doors: Mapping[str, Door], turns: int | None = None) -> Seen:
    """Send damage to the doors until the time is over, and print what was seen.

    Args:
        doors: by name; each has a turn before any has its next.
        turns: as many are enough where no time is set.
    """
    chance = random.Random(SEED)  # noqa: S311  chance that can be repeated
    seen = Seen()
    names, weights = list(doors), [door.weight for door in doors.values()]
    chosen = chain(names, (chance.choices(names, weights)[0] for _ in count()))
    began_s = monotonic()
    for name in islice(chosen, None if IS_TIMED else turns):
        if monotonic() - began_s > BOUND_S or len(seen.faults) == MOST_FAULTS:
            break
        sent_s = monotonic()
        try:
            answer = doors[name].take(chance)
        except Exception as fault:  # noqa: BLE001  a fault of any kind is what is looked for
            answer = _noted(name, fault, seen)
        seen.slowest_s[name] = max(seen.slowest_s.get(name, 0.0), monotonic() - sent_s)
        seen.answers[name, answer] += 1
        seen.inputs[name] += doors[name].inputs
    print(f"\n{monotonic() - began_s:.0f} s, seed {SEED}: {seen}")
    return seen


def _noted(name: str, fault: Exception, seen: Seen) -> str:
    """Keep the first of each kind of fault, by where it was raised."""
    frame = traceback.extract_tb(fault.__traceback__)[-1]
    kind = f"{name}: {type(fault).__name__} at {Path(frame.filename).name}:{frame.lineno}"
    if kind not in seen.faults:
        seen.faults[kind] = str(fault)[:300]
        print(f"\n{kind}: {fault!s:.300}", flush=True)
        traceback.print_exception(fault)
    return "FAULT"


def kept(name: str, content: bytes) -> Path:
    """Write an input where it stays if the process dies of it."""
    KEPT.mkdir(parents=True, exist_ok=True)
    path = KEPT / f"{os.getpid()}-{name}"
    path.write_bytes(content)
    return path
