"""The thread: from reports to another country's answer, by real commands.

Every step is a command of two real nodes, each with its own processes, home and
database, and everything it says is read from their answers. The series, the
partner's part in it and the selectors asked about are found in the data.
"""

import json
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from proxeny.cli.demo.nodes import DemoNode, StepError
from proxeny.errors import InputError

ARRIVES_WITHIN_S = 60.0
DRAFTER, APPROVER, CLERK, AUDITOR = "ana", "supervisor", "mira", "ruth"
PRESERVE_DAYS = 90
# Of these nobody is called or written to: they can't be a reporter's own.
NOBODYS_OWN = frozenset({"domain", "url", "wallet", "hash", "ip"})
SELECTORS_ASKED = 40
# What a person has to judge, and the machine leaves empty on purpose.
JUDGED = {
    "custodian": "The provider or bank at which the selectors listed below are held.",
    "necessity": "Accounts and mailboxes of this kind are emptied and closed in days.",
    "intention": True,
    "data_to_preserve": "Subscriber, traffic and content data of the selectors below.",
    "relationship": "The offender used the selectors listed below against victims.",
}


@dataclass(slots=True)
class Thread:
    """What happened so far, step by step."""

    rs: DemoNode
    de: DemoNode
    folder: Path | None
    tell: Callable[[int, str, float, str], None]
    steps: list[dict[str, Any]] = field(default_factory=list)
    result: dict[str, Any] = field(default_factory=dict)
    linking: set[tuple[str, str]] = field(default_factory=set)

    def step(self, name: str, action: Callable[[], str]) -> None:
        """Do one step and write down what came of it and how long it took."""
        started = time.perf_counter()
        detail = action()
        seconds = round(time.perf_counter() - started, 3)
        self.steps.append({"name": name, "seconds": seconds, "detail": detail})
        self.tell(len(self.steps), name, seconds, detail)

    def run(self) -> dict[str, Any]:
        """The whole thread.

        Raises:
            ProxenyError: a step did not do what it should.
        """
        self.step("nodes", self._found)
        self.step("partners", self._meet)
        self.step("reports", self._import)
        self.step("series", self._choose)
        self.step("case", self._open)
        self.step("routes", self._route)
        self.step("request", self._draft)
        self.step("approval", self._approve)
        self.step("delivery", self._send)
        self.step("answer", self._answer)
        self.step("receipt", self._check_receipts)
        self.step("audit", self._audit)
        return {"steps": self.steps, **self.result}

    def _both(self, work: Callable[[DemoNode], Any]) -> list[Any]:
        with ThreadPoolExecutor(2) as pool:
            return list(pool.map(work, (self.rs, self.de)))

    def _found(self) -> str:
        names = {
            self.rs: (
                "Demo contact point of Serbia",
                "RS",
                "Bulevar primera 1, Beograd",
            ),
            self.de: ("Demo contact point of Germany", "DE", "Beispielallee 1, Berlin"),
        }

        def found(node: DemoNode) -> None:
            name, country, address = names[node]
            contact = f"duty@{country.lower()}.example.org"
            made = node.run(
                *("init", "--authority", name, "--country", country, "--training"),
                *("--port", str(node.port), "--administrator", APPROVER),
                *("--address", address, "--email", contact),
                *("--telephone", "+1 202 555 0100"),
                *("--account", f"{CLERK}:intake"),
                *("--account", f"{DRAFTER}:investigator"),
                *("--account", f"{AUDITOR}:auditor"),
            )
            node.fingerprint = made["fingerprint"]
            node.codes |= made["accounts"]
            node.start()

        self._both(found)
        self._both(DemoNode.await_start)
        return f"RS at {self.rs.url} and DE at {self.de.url}, each its own database"

    def _meet(self) -> str:
        """Each adds the other's card; the fingerprint comes by another way."""

        def add(node: DemoNode) -> str:
            other = self.de if node is self.rs else self.rs
            card = node.home / "partner.card"
            card.write_text(other.run("partner", "card")["card"], encoding="ascii")
            added = node.run(
                *("partner", "add", str(card), "--fingerprint", other.fingerprint),
                account=APPROVER,
            )
            return str(added["authority"])

        names = self._both(add)
        return f"cards exchanged, fingerprints compared: {', '.join(names)}"

    def _import(self) -> str:
        if self.folder is not None:
            told = {self.rs: self._import_folder(self.rs, self.folder)}
        else:
            with as_file(files("proxeny.cli.demo") / "reports") as bundled:
                answers = self._both(
                    lambda node: self._import_folder(
                        node, bundled / ("rs" if node is self.rs else "de")
                    )
                )
            told = dict(zip((self.rs, self.de), answers, strict=True))
        self.result["reports"] = sum(
            answer["accepted"] + answer["repeats"] for answer in told.values()
        )
        self.result["import"] = {
            "rs" if node is self.rs else "de": {
                "read": answer["read"],
                "accepted": answer["accepted"],
                "repeats": answer["repeats"],
                "refused": len(answer["refused"]),
                "dropped": len(answer["dropped"]),
            }
            for node, answer in told.items()
        }
        return "; ".join(
            f"{country.upper()}: {counts['read']} items, "
            f"{counts['accepted']} accepted, "
            f"{counts['repeats']} repeats, {counts['refused']} refused"
            for country, counts in self.result["import"].items()
        )

    def _import_folder(self, node: DemoNode, folder: Path) -> dict[str, Any]:
        return node.run("report", "import", str(folder), account=CLERK)

    def _choose(self) -> str:
        """The series with the most selectors that point to the partner's country."""
        listed = self.rs.run("series", "list", account=DRAFTER)["series"]
        if not listed:
            raise InputError(
                "The reports hold no series: no two share a selector.",
                code="PXY-DEMO-SERIES",
                advice="Name a folder with more reports, or leave out --reports.",
            )
        shown = [
            self.rs.run("series", "explain", row["series"], account=DRAFTER)
            for row in listed[:6]
        ]
        chosen = max(shown, key=lambda one: (len(_german(one)), one["reports"]))
        strongest = max(chosen["members"], key=lambda member: member["weight"])
        reason = strongest["because"][0]["terms"][0]["text"]
        self.linking = _linking(chosen)
        self.result["series"] = len(listed)
        self.result["chosen"] = {
            "series": chosen["series"],
            "reports": chosen["reports"],
            "points_to": sorted(_german(chosen)),
        }
        return (
            f"{len(listed)} found; {chosen['series']} has {chosen['reports']} reports, "
            f"{len(_german(chosen))} selectors point to DE; strongest reason: {reason}"
        )

    def _open(self) -> str:
        opened = self.rs.run(
            *("case", "open", "--series", self.result["chosen"]["series"]),
            *("--title", "Series with a part in Germany", "--offence", "ETS185:8"),
            *("--summary", "Several persons were deceived by the same offender."),
            account=DRAFTER,
        )
        self.result["case"] = opened["ref"]
        return f"{opened['ref']} on {opened['series']}"

    def _route(self) -> str:
        asked = ("--from", "RS", "--to", "DE", "--data", "any", "--offence", "ETS185:8")
        routes = self.rs.run_anywhere("routes", *asked)["routes"]
        usable = [one for one in routes if one["state"] in {"open", "conditional"}]
        chosen = next((one for one in usable if one["form"]), None)
        if chosen is None:
            raise StepError("No channel with a form is open.")
        self.result["route"] = {
            "id": chosen["id"],
            "state": chosen["state"],
            "form": chosen["form"],
            "article": chosen["article"],
        }
        return (
            f"{len(usable)} of {len(routes)} channels usable; {chosen['id']} is "
            f"{chosen['state']}, facts {'stale' if chosen['stale'] else 'fresh'}"
        )

    def _draft(self) -> str:
        drafted = self.rs.run(
            *("request", "draft", "--case", self.result["case"], "--to", "DE/24-7"),
            *("--form", self.result["route"]["form"]),
            account=DRAFTER,
        )
        ref = drafted["ref"]
        self.result["request"] = {
            "ref": ref,
            "article": self.result["route"]["article"],
            "state": drafted["state"],
        }
        missing = self.rs.run("request", "check", ref, account=DRAFTER)["findings"]
        paragraphs = sorted({one["paragraph"] for one in missing if one["paragraph"]})
        filled = self.rs.home / "fields.json"
        filled.write_text(json.dumps(self._judge(ref)), encoding="utf-8")
        self.rs.run("request", "edit", ref, "--fields", str(filled), account=DRAFTER)
        checked = self.rs.run("request", "check", ref, account=DRAFTER)
        self._expect("checked", checked)
        return f"{ref} drafted; pre-flight named {', '.join(paragraphs)}; now complete"

    def _judge(self, ref: str) -> dict[str, Any]:
        """What the officer adds: judgement, and what holds the series together.

        Of the rest nobody has said whose they are, so they stay at home.
        """
        shown = self.rs.run("request", "show", ref, account=DRAFTER)
        body = shown["body"]
        common = [
            {"kind": one["kind"], "value": one["value"]}
            for one in shown["unoffered"]
            if (one["kind"], one["value"]) in self.linking
            and one["kind"] in NOBODYS_OWN
        ]
        return {
            **{name: text for name, text in JUDGED.items() if not body.get(name)},
            "selectors": [*body.get("selectors", []), *common][:SELECTORS_ASKED],
        }

    def _approve(self) -> str:
        ref = self.result["request"]["ref"]
        code = self.rs.refused("request", "approve", ref, account=DRAFTER)
        self._expect(
            "approved", self.rs.run("request", "approve", ref, account=APPROVER)
        )
        paper = self.rs.home / "request.pdf"
        pdf = self.rs.run("request", "pdf", ref, "--out", str(paper), account=APPROVER)
        return f"the drafter is refused ({code}); approved; PDF of {pdf['bytes']} bytes"

    def _send(self) -> str:
        ref = self.result["request"]["ref"]
        self.rs.run("request", "send", ref, account=DRAFTER)
        self._await(self.rs, ref, {"accepted"})
        received = self.de.run(
            "request", "list", "--direction", "received", account=DRAFTER
        )["requests"]
        there = next((one for one in received if one["asked_ref"] == ref), None)
        if there is None:
            raise StepError("The request is not at the other node.")
        self.result["received"] = there["ref"]
        due = there["next_due_at"] or "no clock"
        return (
            f"sealed, delivered, receipt verified; DE shows it as {there['ref']}, {due}"
        )

    def _answer(self) -> str:
        now = datetime.now(UTC)
        until = (now + timedelta(days=PRESERVE_DAYS)).date().isoformat()
        fields = {
            "outcome": "preserved",
            "reference": "DEMO-DE-1",
            "preserved_on": now.date().isoformat(),
            "preserved_until": until,
        }
        sets = [part for name in fields for part in ("--set", f"{name}={fields[name]}")]
        there = self.result["received"]
        self.de.run("request", "answer", there, *sets, account=DRAFTER)
        shown = self._await(self.rs, self.result["request"]["ref"], {"answered"})
        self.result["request"]["state"] = shown["state"]
        self.result["answer"] = shown["reply"]
        events = self.rs.run("case", "show", self.result["case"], account=DRAFTER)
        clock = shown["deadlines"][0]
        return (
            f"preserved until {until}; the case has {len(events['events'])} entries; "
            f"next: {clock['what']} ({clock['article']})"
        )

    def _check_receipts(self) -> str:
        """Verify the stored receipts anew, with the partner's public key alone."""
        from proxeny import exchange

        ref = self.result["request"]["ref"]
        verified = []
        for node, name in ((self.rs, ref), (self.de, self.result["received"])):
            other = self.de if node is self.rs else self.rs
            own = "RS/24-7" if node is self.rs else "DE/24-7"
            card = exchange.read_card(other.run("partner", "card")["card"])
            shown = self._await_receipt(node, name)
            for message in shown["messages"]:
                if message["direction"] == "sent":
                    receipt = exchange.verify_receipt(
                        message["receipt"].encode(),
                        sender=card.keys,
                        message_digest=message["digest"],
                        expected_aud=own,
                    )
                    verified.append(receipt.event.value)
        self.result["receipt_verified"] = verified == ["accepted", "accepted"]
        if not self.result["receipt_verified"]:
            raise StepError("A receipt is missing or does not say accepted.")
        return "of the request and of the answer, each with the other's public key"

    def _await_receipt(self, node: DemoNode, ref: str) -> Mapping[str, Any]:
        end = time.monotonic() + ARRIVES_WITHIN_S
        while time.monotonic() < end:
            shown = node.run("request", "show", ref, account=DRAFTER)
            sent = [one for one in shown["messages"] if one["direction"] == "sent"]
            if all(one["receipt"] for one in sent):
                return shown
            time.sleep(0.1)
        raise StepError("A receipt did not arrive.")

    def _audit(self) -> str:
        found = self._both(lambda node: node.run("audit", "verify"))
        self.result["audit_verified"] = all(one["verified"] for one in found)
        if not self.result["audit_verified"]:
            raise StepError("The audit log does not verify.")
        # Hit/no-hit between the nodes comes at a later stage.
        self.result["matches"] = None
        return " and ".join(f"{one['entries']} entries" for one in found)

    def _await(self, node: DemoNode, ref: str, states: set[str]) -> dict[str, Any]:
        end = time.monotonic() + ARRIVES_WITHIN_S
        while time.monotonic() < end:
            shown = node.run("request", "show", ref, account=DRAFTER)
            if shown["state"] in states:
                return shown
            time.sleep(0.1)
        raise StepError(f"The request did not become {' or '.join(sorted(states))}.")

    def _expect(self, state: str, answer: Mapping[str, Any]) -> None:
        if answer["state"] != state:
            raise StepError(f"The request is {answer['state']}, not {state}.")
        self.result["request"]["state"] = state


def _linking(series: Mapping[str, Any]) -> set[tuple[str, str]]:
    """Kind and value of what holds the series together; stop values weigh nothing."""
    return {
        (term["kind"], term["value"])
        for member in series["members"]
        for link in member["because"]
        for term in link["terms"]
        if term["kind"] is not None and term["bits"] > 0
    }


def _german(series: Mapping[str, Any]) -> set[str]:
    """Selectors of a series that name Germany themselves: bank country, prefix."""
    return {
        f"{kind}:{value}"
        for kind, value in _linking(series)
        if (kind, value[:2]) == ("iban", "DE")
        or (kind == "phone" and value.startswith("+49"))
        or (kind in {"domain", "email"} and value.endswith(".de"))
    }
