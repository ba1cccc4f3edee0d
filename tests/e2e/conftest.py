"""Two real nodes with the demo reports, and a real browser on them."""

import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from proxeny.cli.demo import nodes as demo_nodes
from proxeny.cli.demo.nodes import DemoNode, find_ports, stopping

REPORTS = Path(demo_nodes.__file__).parent / "reports"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = (
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    *(("--no-sandbox",) if hasattr(os, "geteuid") and os.geteuid() == 0 else ()),
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here needs the browser, and says so where there is none."""
    absent = pytest.mark.skip(reason="Chromium is not on this machine")
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if CHROMIUM is None:
                item.add_marker(absent)


@pytest.fixture(scope="session")
def pair(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[DemoNode, DemoNode]]:
    """RS and DE, founded, running, introduced to each other, reports taken in."""
    root = tmp_path_factory.mktemp("pair")
    ports = find_ports(None, 2)
    rs = DemoNode(home=root / "rs", port=ports[0])
    de = DemoNode(home=root / "de", port=ports[1])

    def found(node: DemoNode) -> None:
        country = "RS" if node is rs else "DE"
        made = node.run(
            *("init", "--authority", f"Contact point {country}", "--country", country),
            *("--port", str(node.port), "--telephone", "+1 202 555 0100"),
            *(
                "--address",
                "Street 1",
                "--email",
                f"duty@{country.lower()}.example.org",
            ),
            *("--account", "ana:investigator", "--account", "mira:intake"),
            *("--account", "ruth:auditor"),
        )
        node.fingerprint = made["fingerprint"]
        node.codes |= made["accounts"]
        node.run("report", "import", str(REPORTS / country.lower()))
        node.start()

    def meet(node: DemoNode) -> None:
        other = de if node is rs else rs
        card = root / f"{node.port}.card"
        card.write_text(other.run("partner", "card")["card"])
        node.run("partner", "add", str(card), "--fingerprint", other.fingerprint)

    with stopping(rs, de), ThreadPoolExecutor(2) as pool:
        list(pool.map(found, (rs, de)))
        list(pool.map(meet, (rs, de)))
        list(pool.map(DemoNode.await_start, (rs, de)))
        yield rs, de


@pytest.fixture(scope="session")
def chromium():
    """Debian's Chromium, driven by playwright."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()
