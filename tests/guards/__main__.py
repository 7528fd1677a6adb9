"""`python -m guards`: each guard of the catalogue is taken away in a copy of the tree, and its tests have to fail."""

import argparse
import shutil
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from queue import SimpleQueue

import msgspec

from guards.catalogue import ROOT, CatalogueError, Guard, catalogue
from guards.copies import Copy
from guards.judging import Bench, Judgement, Verdict, fails_unchanged, seconds_of
from guards.record import Outcome

COPIES = 3
"""One more than processors: many a test waits for something that does not come."""


class Run:
    """All guards, on as many copies as may run side by side."""

    def __init__(self, guards: list[Guard], folder: Path) -> None:
        """`folder` is empty; copies and logs go there."""
        self._guards = guards
        self._benches = [_bench(folder / str(number)) for number in range(min(COPIES, len(guards)))]
        self._free: SimpleQueue[Bench] = SimpleQueue()
        for bench in self._benches:
            self._free.put(bench)

    def judge(self) -> list[Judgement]:
        """Judge every guard; tells of each as soon as it is known."""
        done: list[Judgement] = []
        with ThreadPoolExecutor(COPIES) as pool:
            outcomes = self._unchanged(pool)
            broken = {guard.name: fault for guard in self._guards if (fault := fails_unchanged(guard, outcomes))}
            for guard in self._guards:
                if guard.name in broken:
                    done.append(Judgement(guard=guard, verdict=Verdict.BROKEN, note=broken[guard.name]))
                    _tell(done, len(self._guards))
            waiting = [
                pool.submit(self._one, guard, seconds_of(guard, outcomes))
                for guard in self._guards
                if guard.name not in broken
            ]
            try:
                for one in as_completed(waiting):
                    done.append(one.result())
                    _tell(done, len(self._guards))
            finally:
                pool.shutdown(cancel_futures=True)
                for bench in self._benches:
                    bench.close()
        return done

    def _unchanged(self, pool: ThreadPoolExecutor) -> list[Outcome]:
        """Run all tests with every guard in place."""
        began = time.monotonic()
        shares = _shares({test for guard in self._guards for test in guard.tests}, len(self._benches))
        runs = list(pool.map(Bench.passing, self._benches, shares))
        outcomes = [outcome for some, _ in runs for outcome in some]
        tests = len({outcome.test for outcome in outcomes})
        print(f"{tests} tests with every guard in place: {time.monotonic() - began:.0f} s", flush=True)
        if any(outcome.outcome == "failed" for outcome in outcomes):
            print(f"not all passed, see {', '.join(str(log) for _, log in runs)}", flush=True)
        return outcomes

    def _one(self, guard: Guard, unchanged_seconds: float) -> Judgement:
        bench = self._free.get()
        try:
            return bench.judge(guard, unchanged_seconds)
        finally:
            self._free.put(bench)


def _bench(folder: Path) -> Bench:
    logs = folder / "logs"
    logs.mkdir(parents=True)
    return Bench(Copy(ROOT, folder / "tree"), logs)


def _shares(tests: set[str], count: int) -> list[list[str]]:
    """Return the tests in as many shares of about the same length; the tests of a file stay together."""
    shares: list[list[str]] = [[] for _ in range(count)]
    files = Counter(test.partition("::")[0] for test in tests)
    for file, _ in files.most_common():
        min(shares, key=len).extend(sorted(test for test in tests if test.partition("::")[0] == file))
    return shares


def _tell(done: list[Judgement], of: int) -> None:
    one = done[-1]
    print(f"{len(done):3}/{of}  {one.verdict:8}  {one.seconds:5.1f} s  {one.guard.name} · {one.note}", flush=True)
    if one.verdict is not Verdict.KILLED:
        print(f"         {one.guard.file}; without it {one.guard.why}; watched by {', '.join(one.guard.tests)}")


def main() -> int:
    """Read the command line; exit code 0 when every guard was missed by its tests."""
    parser = argparse.ArgumentParser(prog="make guards", description=__doc__)
    parser.add_argument("--only", default="", help="part of a guard's name or file")
    only = parser.parse_args().only
    try:
        guards = catalogue(only)
    except CatalogueError as error:
        print(error)
        return 2
    if not guards:
        print(f"ONLY={only}: no guard has that in its name or file")
        return 2
    began = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="starquiz-guards-"))
    done = Run(guards, folder).judge()
    killed = sum(one.verdict is Verdict.KILLED for one in done)
    if killed == len(guards):
        shutil.rmtree(folder, ignore_errors=True)
    else:
        print(f"logs and copies: {folder}")
    print(f"{time.monotonic() - began:.0f} s")
    # One that could not be judged was not killed either.
    print(msgspec.json.encode({"guards": len(guards), "killed": killed, "survived": len(guards) - killed}).decode())
    return 0 if killed == len(guards) else 1


if __name__ == "__main__":
    sys.exit(main())
