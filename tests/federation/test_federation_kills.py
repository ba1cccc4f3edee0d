"""SIGKILL at random times and at named points: nothing is lost, nothing happens twice.

Three runs by seed, each with several requests and answers under way between two
nodes. Over the three runs a process of either side dies at every named fault point,
and others die at random moments. What is killed is started again, as a service
manager would. In the end a program of its own reads both databases.
"""

import json
import random
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.federation import inspector, steps
from tests.federation.databases import change_rows
from tests.federation.nodes import SERVE, WORKER, Node, clean_environment, wait_until
from tests.federation.steps import Pair

from proxeny.node.jobs.faults import POINTS

pytestmark = pytest.mark.federation

ROOT = Path(__file__).resolve().parents[2]
SEEDS = (1, 2, 3)
RANDOM_KILLS = 2  # In each run, beside those at the named points: 22 in all.
REQUESTS = 4  # At least so many a run, and more until every kill has happened.
MAX_REQUESTS = 40
IN_DOOR = frozenset({"inbox.stored"})


@dataclass(frozen=True, slots=True)
class Fault:
    """One process dies when it reaches this point."""

    country: str
    point: str

    @property
    def kind(self) -> str:
        return SERVE if self.point in IN_DOOR else WORKER


def plan_faults(seed: int) -> list[Fault]:
    """The run's share of every point on either side, in an order of its own.

    The first run has those of the door: a server is armed when it is started, and the
    later runs go on with the servers of the first.
    """
    every = [Fault(country, point) for country in ("RS", "DE") for point in POINTS]
    door = [fault for fault in every if fault.kind == SERVE]
    others = [fault for fault in every if fault.kind == WORKER]
    random.Random(0).shuffle(others)
    mine = others[SEEDS.index(seed) :: len(SEEDS)]
    random.Random(seed).shuffle(mine)
    return door + mine if seed == SEEDS[0] else mine


@dataclass(slots=True)
class Chaos:
    """Kills what the plan says, when it says; starts it again."""

    pair: Pair
    faults: list[Fault]
    moments: list[tuple[float, str, str]]
    started: float = field(default_factory=time.monotonic)
    died: list[str] = field(default_factory=list)
    armed: dict[tuple[str, str], Fault] = field(default_factory=dict)

    def launch(self) -> None:
        """Start what doesn't run yet, and anew what is to run armed."""
        for node in self.pair.both():
            for kind in (SERVE, WORKER):
                if node.is_alive(kind) and not self._planned(node, kind):
                    continue
                node.stop(kind)
                self._start(node, kind)

    def _planned(self, node: Node, kind: str) -> list[Fault]:
        where = (node.country, kind)
        return [one for one in self.faults if (one.country, one.kind) == where]

    def _start(self, node: Node, kind: str) -> None:
        """Start a process, armed with the next fault planned for it, if any."""
        if mine := self._planned(node, kind):
            self.faults.remove(mine[0])
            self.armed[node.country, kind] = mine[0]
            node.faults[kind] = mine[0].point
        if kind == WORKER:
            node.fork_worker()
        else:
            node.start(kind)

    def tend(self) -> None:
        """See who died, start them again; kill whose moment has come."""
        for node in self.pair.both():
            for kind in (SERVE, WORKER):
                if not node.is_alive(kind):
                    fault = self.armed.pop((node.country, kind))
                    self._write_down(node, kind, fault.point)
                    self._start(node, kind)
        while self.moments and time.monotonic() - self.started >= self.moments[0][0]:
            at, country, kind = self.moments.pop(0)
            node = self.pair.rs if country == "RS" else self.pair.de
            if node.is_alive(kind):
                # A fault that it was armed with is still to come, in its next life.
                if unspent := self.armed.pop((country, kind), None):
                    self.faults.insert(0, unspent)
                node.kill(kind)
                self._write_down(node, kind, f"moment {at:.2f}")
                self._start(node, kind)

    def _write_down(self, node: Node, kind: str, where: str) -> None:
        seconds = time.monotonic() - self.started
        self.died.append(f"{node.country} {kind} at {where} ({seconds:.1f} s)")

    @property
    def is_over(self) -> bool:
        return not (self.faults or self.armed or self.moments)


@pytest.fixture(scope="module")
def kill_case(still_pair: Pair) -> str:
    steps.import_reports(still_pair.rs)
    return steps.open_case(still_pair.rs)


def inspect(pair: Pair) -> dict:
    """What the program of its own says of both databases."""
    sides = [part for node in pair.both() for part in (node.authority, node.database)]
    done = subprocess.run(
        [sys.executable, "-m", "tests.federation.inspector", *sides],
        capture_output=True,
        check=False,
        cwd=ROOT,
        env=clean_environment(),
        text=True,
    )
    assert done.returncode in {0, 1}, done.stderr
    return json.loads(done.stdout)


def unfolded(node: Node) -> bool:
    return bool(node.rows("SELECT id FROM audit_entry WHERE leaf_index IS NULL"))


@pytest.mark.parametrize("seed", SEEDS)
def test_kills_lose_and_double_nothing(
    still_pair: Pair, kill_case: str, seed: int
) -> None:
    pair, chance = still_pair, random.Random(seed)
    chaos = Chaos(
        pair,
        plan_faults(seed),
        sorted(
            (
                chance.uniform(0.2, 3),
                chance.choice(("RS", "DE")),
                chance.choice((SERVE, WORKER)),
            )
            for _ in range(RANDOM_KILLS)
        ),
    )
    planned = len(chaos.faults) + len(chaos.moments)
    chaos.launch()
    open_there: dict[str, str] = {}
    sent: list[str] = []

    def go_on() -> bool:
        """One step of the officers' day, and of the killing."""
        chaos.tend()
        waiting = [ref for ref in sent if ref not in open_there]
        if len(waiting) < 3 and (len(sent) < REQUESTS or not chaos.is_over):
            assert len(sent) < MAX_REQUESTS, chaos
            sent.append(steps.send_request(pair.rs, kill_case))
        for ref in waiting:
            if row := steps.find_received(pair.de, ref):
                open_there[ref] = there = f"DE-Q-{row['id']:06d}"
                answer = chance.choice((steps.answer_preserved, steps.answer_refused))
                answer(pair.de, there)
        return (
            chaos.is_over
            and len(open_there) == len(sent) >= REQUESTS
            and all(settled(node) for node in pair.both())
        )

    wait_until(go_on, f"every kill and every answer of seed {seed}", within_s=120)
    wait_until(lambda: not any(map(unfolded, pair.both())), "the audit logs are folded")
    told = f"seed {seed}: {chaos.died}"
    print(told)  # noqa: T201 - the seed and what it did, for who has to repeat it
    assert len(chaos.died) == planned, told
    found = inspect(pair)
    assert found["faults"] == [], told
    assert found["RS/24-7"]["sent"] == found["DE/24-7"]["received"] >= REQUESTS, found
    assert found["DE/24-7"]["sent"] == found["RS/24-7"]["received"] >= REQUESTS, found
    for node in pair.both():
        proof = node.cli("audit", "verify")
        assert (proof["verified"], proof["waiting"]) == (True, 0), (told, proof)


def settled(node: Node) -> bool:
    return not node.rows(
        "SELECT id FROM exchange_message WHERE state IN ('waiting', 'stored')"
    ) and not node.rows("SELECT id FROM jobs_job WHERE state = 'waiting'")


def test_inspector_sees_what_is_lost_or_doubled(
    still_pair: Pair, kill_case: str, tmp_path: Path
) -> None:
    """The proof is worth what its inspector notices: spoil copies, and look again."""
    del kill_case
    if still_pair.rs.url:
        pytest.skip("spoils copies of files; the rules do not depend on the database")
    spoilt = {
        "UPDATE exchange_message SET jti = 'x' || id WHERE direction = 'received'": (
            "0 times on the other side"
        ),
        "UPDATE exchange_message SET receipt = x'00' WHERE direction = 'sent'": (
            "receipt differs between the sides"
        ),
        "UPDATE jobs_job SET state = 'waiting'": "is not done",
        'INSERT INTO requests_requestevent (request_id, at, "by", event, state, note)'
        ' SELECT request_id, at, "by", event, state, note FROM requests_requestevent': (
            "2x"
        ),
        "DELETE FROM audit_entry WHERE id = 3": "audit",
    }
    for number, (statement, fault) in enumerate(spoilt.items()):
        copies = []
        for node in still_pair.both():
            path = tmp_path / f"{node.country}{number}.sqlite3"
            steps.copy_database(node, path)
            copies += [node.authority, str(path)]
        change_rows(copies[1], statement)
        sides = [inspector.read_side(*copies[at : at + 2]) for at in (0, 2)]
        faults = list(inspector.inspect(*sides))
        assert any(fault in one for one in faults), (statement, faults)
