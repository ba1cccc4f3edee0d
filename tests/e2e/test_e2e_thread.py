"""The browser journey: sign in, open a series, send a request, see the answer.

The whole journey runs without JavaScript; then every page is opened with it, at two
widths and in both colour schemes, and axe looks for faults.
"""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urljoin

import pytest

PASSWORD = "four words are enough"
AXE = Path(__file__).parents[1] / "vendor" / "axe.min.js"
MAX_PAGE_BYTES = 200_000
ARRIVES_MS = 30_000


class Desk:
    """A person at a node's desk."""

    def __init__(self, chromium, node, account, *, javascript=True, **options):
        context = chromium.new_context(
            viewport={"width": 1280, "height": 800},
            java_script_enabled=javascript,
            **options,
        )
        self.node, self.account = node, account
        self.page = context.new_page()
        self.page.set_default_timeout(15_000)
        self.problems = []
        self.page.on(
            "console",
            lambda message: (
                self.problems.append(message.text) if message.type == "error" else None
            ),
        )

    def sign_in_first(self):
        page = self.page
        page.goto(f"{self.node.url}/desk/first-sign-in/")
        page.get_by_label("Account name").fill(self.account)
        page.get_by_label("One-time code").fill(self.node.codes.pop(self.account))
        page.get_by_label("New password", exact=True).fill(PASSWORD)
        page.get_by_label("New password again").fill(PASSWORD)
        page.get_by_role("button", name="Set the password and sign in").click()
        assert page.get_by_role("heading", name="What needs me now?").is_visible()
        return self

    def sign_in(self):
        if self.account in self.node.codes:
            return self.sign_in_first()
        page = self.page
        page.goto(f"{self.node.url}/desk/account/login/")
        page.get_by_label("Username").fill(self.account)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.locator("main").get_by_role("button", name="Sign in").click()
        assert page.get_by_role("heading", name="What needs me now?").is_visible()
        return self

    def until(self, address, text):
        """Load an address anew until it shows the text, as a person would."""
        end = datetime.now(UTC) + timedelta(milliseconds=ARRIVES_MS)
        while datetime.now(UTC) < end:
            self.page.goto(urljoin(self.node.url, address))
            if self.page.get_by_text(text).count():
                return
            self.page.wait_for_timeout(100)
        raise AssertionError(f"{text!r} did not appear at {address}")


@pytest.fixture(scope="module")
def journey(pair, chromium):
    """The whole thread by hand, without JavaScript; gives the references seen."""
    rs, de = pair
    ana = Desk(chromium, rs, "ana", javascript=False).sign_in()
    page = ana.page
    page.get_by_role("link", name="Series", exact=True).click()
    page.locator("table a").nth(1).click()
    series = re.search(r"RS-S-\d{6}", page.url)[0]
    page.get_by_role("button", name="Open a case on it").click()
    page.get_by_label("Title").fill("Investment platform")
    page.get_by_role("button", name="Open the case").click()
    case = re.search(r"RS-C-\d{6}", page.url)[0]
    page.get_by_role("button", name="Ask another country").click()
    page.get_by_label("To", exact=True).select_option("DE")
    page.get_by_label("Data").select_option("any")
    page.get_by_role("button", name="Show the channels").click()
    assert page.get_by_text("not re-read").count() > 0
    page.get_by_role("button", name="Start the form to Contact point DE").click()
    asked = re.search(r"RS-Q-\d{6}", page.url)[0]
    for paragraph in ("29(2)(d)", "29(2)(e)", "29(2)(f)"):
        assert page.get_by_text(f"(Art. {paragraph})").count() > 0
    page.get_by_label("Custodian of the data").fill("The bank of the account below.")
    page.get_by_label("Necessity of the preservation").fill(
        "Accounts of this kind are emptied within days."
    )
    page.locator("input[name=intention]").check()
    page.get_by_role("button", name="Keep and check").click()
    assert page.get_by_text("A second person can approve it now.").is_visible()

    chief = Desk(chromium, rs, "supervisor", javascript=False).sign_in()
    page = chief.page
    page.get_by_role("link", name=f"{asked} Preservation request").click()
    page.get_by_role("button", name="Approve it").click()
    page.get_by_role("button", name="Send it").click()
    chief.until(f"/desk/requests/{asked}/", "Received there")

    duty = Desk(chromium, de, "supervisor", javascript=False).sign_in()
    duty.until("/desk/", "asks and waits for an answer")
    page = duty.page
    page.get_by_role("button", name="Answer it").first.click()
    assert page.get_by_role("heading", name="What we hold on it ourselves").is_visible()
    page.get_by_role("button", name="Answer it").click()
    received = re.search(r"DE-Q-\d{6}", page.url)[0]
    today = datetime.now(UTC).date()
    page.get_by_label("Answer", exact=True).select_option("preserved")
    page.get_by_label("Reference of the requested authority").fill("DE-77")
    page.get_by_label("Preserved from").fill(today.isoformat())
    page.get_by_label("Preserved until").fill((today + timedelta(days=90)).isoformat())
    page.get_by_role("button", name="Send the answer").click()
    assert page.get_by_text("The answer is on its way.").is_visible()

    chief.until(f"/desk/requests/{asked}/", "The data are preserved")
    chief.page.goto(f"{rs.url}/desk/")
    assert chief.page.get_by_role("button", name="Read the answer").is_visible()
    return {"series": series, "case": case, "asked": asked, "received": received}


def test_journey_ends_with_the_answer_on_the_case(pair, chromium, journey):
    rs, _de = pair
    desk = Desk(chromium, rs, "ana").sign_in()
    desk.page.goto(f"{rs.url}/desk/cases/{journey['case']}/")
    told = desk.page.get_by_role("heading", name="Contact point DE answered: answered.")
    assert told.is_visible()


def test_paper_of_the_request_is_a_pdf(pair, chromium, journey):
    rs, _de = pair
    desk = Desk(chromium, rs, "ana").sign_in()
    answer = desk.page.request.get(
        f"{rs.url}/desk/requests/{journey['asked']}/paper.pdf"
    )
    assert answer.body().startswith(b"%PDF-")
    assert answer.headers["content-type"] == "application/pdf"


def pages_of(node, journey):
    if node == "de":
        return (
            "/desk/",
            f"/desk/requests/{journey['received']}/",
            f"/desk/requests/{journey['received']}/answer/",
            "/desk/reports/DE-R-000003/",
        )
    return (
        "/desk/",
        "/desk/reports/",
        "/desk/reports/?search=nothing-has-this",
        "/desk/reports/RS-R-000010/",
        "/desk/reports/import/",
        "/desk/series/",
        f"/desk/series/{journey['series']}/",
        "/desk/cases/",
        f"/desk/cases/open/?series={journey['series']}",
        f"/desk/cases/{journey['case']}/",
        "/desk/routes/",
        "/desk/routes/?requesting=RS&requested=DE&kind=subscriber&offence=ETS185:8",
        "/desk/routes/?requesting=RS&requested=RS&kind=subscriber&offence=no",
        "/desk/requests/",
        f"/desk/requests/{journey['asked']}/",
        f"/desk/requests/{journey['asked']}/edit/",
        "/desk/directory/",
        "/desk/directory/DE/24-7/",
        "/desk/directory/add/",
        "/desk/series/RS-S-999999/",
        "/desk/account/mfa/",
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("country", ["rs", "de"])
def test_axe_finds_nothing_on_any_page(pair, chromium, journey, country, scheme):
    node = pair[0] if country == "rs" else pair[1]
    # axe is put into the page from outside, which the page's own policy forbids.
    desk = Desk(
        chromium, node, "supervisor", bypass_csp=True, color_scheme=scheme
    ).sign_in()
    axe = AXE.read_text("utf-8")
    found = []
    for address in pages_of(country, journey):
        for width in (1280, 390, 320):
            desk.page.set_viewport_size({"width": width, "height": 800})
            desk.page.goto(urljoin(node.url, address))
            wide = desk.page.evaluate("document.documentElement.scrollWidth")
            if wide > width:
                found.append(f"{address} at {width}: scrolls to {wide}")
        desk.page.evaluate(axe)
        found += [
            f"{address}: {fault}"
            for fault in desk.page.evaluate(
                "async () => (await axe.run()).violations.map(v => v.id + ' ' + "
                "v.nodes[0].html.slice(0, 120))"
            )
        ]
    assert found == []


def test_auditor_sees_the_log_and_no_case_data(pair, chromium, journey):
    rs, _de = pair
    desk = Desk(chromium, rs, "ruth").sign_in()
    desk.page.get_by_role("link", name="Audit", exact=True).click()
    desk.page.get_by_label("An account, or the beginning of an action").fill("request")
    desk.page.get_by_role("button", name="Show").click()
    assert desk.page.get_by_text("request.send", exact=True).count() > 0
    for address in ("reports/", f"cases/{journey['case']}/"):
        answer = desk.page.goto(f"{rs.url}/desk/{address}")
        assert answer.status == 404


def test_pages_break_no_rule_of_the_content_policy(pair, chromium, journey):
    rs, _de = pair
    desk = Desk(chromium, rs, "supervisor").sign_in()
    sizes = {}
    for address in pages_of("rs", journey)[:-2]:
        answer = desk.page.goto(urljoin(rs.url, address))
        policy = answer.headers["content-security-policy"]
        assert "unsafe" not in policy
        assert "default-src 'self'" in policy
        sizes[address] = len(answer.body())
    assert [text for text in desk.problems if "422" not in text] == []
    assert max(sizes.values()) < MAX_PAGE_BYTES


def test_main_action_is_reached_by_keyboard_in_five_presses(pair, chromium, journey):
    """After the skip link, the tab key reaches the page's main action at once."""
    rs, _de = pair
    desk = Desk(chromium, rs, "ana").sign_in()
    desk.page.goto(f"{rs.url}/desk/series/{journey['series']}/")
    desk.page.keyboard.press("Tab")
    desk.page.keyboard.press("Enter")
    reached = []
    for _ in range(3):
        desk.page.keyboard.press("Tab")
        reached.append(desk.page.evaluate("document.activeElement.textContent.trim()"))
    assert "Open a case on it" in reached
