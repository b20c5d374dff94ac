"""The screens of the desk as stories of two people, in a real browser over the demo: one brings a
claim, the other decides on it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, FilePayload, Page, Route, expect

from tests.acceptance.conftest import Demo
from tests.acceptance.test_live_page import criticism, log_in
from tests.services.intake.sheets.made import HEADS, as_xlsx


def window_of(browser: Browser, demo: Demo, role: str, path: str) -> Page:
    """A window without script in which somebody of that role is logged in."""
    context = browser.new_context(
        viewport={"width": 1440, "height": 900}, java_script_enabled=False
    )
    page = context.new_page()
    page.goto(demo.url + path)
    log_in(page, demo, role)
    return page


@pytest.fixture(scope="module")
def reviewer(browser: Browser, demo: Demo) -> Iterator[Page]:
    """The window of the reviewer."""
    page = window_of(browser, demo, "reviewer", "/review")
    yield page
    page.context.close()


@pytest.fixture(scope="module")
def contributor(browser: Browser, demo: Demo) -> Iterator[Page]:
    """The window of the contributor."""
    page = window_of(browser, demo, "contributor", "/today")
    yield page
    page.context.close()


def test_what_a_source_brought_is_decided_on_in_the_queue(reviewer: Page, demo: Demo) -> None:
    """A claim that waits is opened, rejected without a reason in vain, then contested; somebody
    who decided meanwhile is told of."""
    sent = demo.api.post(
        "/claims", json=criticism("desk-story"), headers={"Idempotency-Key": "desk-story"}
    )
    assert sent.status_code == 201, sent.text
    reviewer.goto(f"{demo.url}/review?min_position={sent.json()['position']}&claim=desk-story")
    expect(reviewer.locator("#rv")).to_contain_text("condemned it (desk-story)")
    expect(reviewer.locator("nav .count")).to_contain_text("waiting")
    expect(reviewer.locator(".review")).to_contain_text("Pressure, Finland")
    reviewer.get_by_label("Reject.").check()
    reviewer.get_by_role("button", name="Record decision").click()
    expect(reviewer.get_by_role("alert")).to_contain_text("Say why")
    expect(reviewer.get_by_label("Reject.")).to_be_checked()
    reviewer.get_by_label("Contest.").check()
    reviewer.get_by_label("Why, in one sentence").fill("Finland says that it was not there.")
    decided = demo.api.post("/claims/desk-story/contest", json={"reason": "Somebody was quicker."})
    assert decided.status_code == 200, decided.text
    reviewer.get_by_role("button", name="Record decision").click()
    expect(reviewer.get_by_role("alert")).to_contain_text("contested")
    expect(reviewer.get_by_label("Why, in one sentence")).to_have_value(
        "Finland says that it was not there."
    )
    reviewer.get_by_label("Refute.").check()
    reviewer.get_by_role("button", name="Record decision").click()
    expect(reviewer.get_by_role("status").first).to_contain_text("is now refuted")


def fill_in(page: Page, summary: str) -> None:
    """Type a vote of the Seimas into the form, its kind being chosen."""
    page.get_by_label("What happened, in your words").fill(summary)
    page.get_by_label("When did it happen?").fill("between 17 and 19 Feb 2026")
    page.locator("[id='f-actors.0.kind']").select_option("parliament")
    page.locator("[id='f-actors.0.who']").fill("Seimas")
    page.locator("[id='f-targets.0']").fill("Lietuva")
    page.locator("[id='f-sources.0.publisher']").fill("Seimas")
    page.locator("[id='f-sources.0.url']").fill("https://example.org/vote")
    page.locator("[id='f-details.votes.for']").fill("107")


def test_one_person_records_a_claim_and_another_accepts_it(
    contributor: Page, reviewer: Page, demo: Demo
) -> None:
    """Without script: the kind brings its questions, a wrong name is said beside its field, a
    second source is added, the claim waits on its page, and somebody else accepts it in Review."""
    page, summary = contributor, "The Seimas voted on mines, as the form tells."
    page.goto(f"{demo.url}/governments/LTU")
    page.get_by_role("link", name="Record a claim about Lithuania").click()
    expect(page.locator("[id='f-targets.0']")).to_have_value("Lithuania")
    page.get_by_label("Kind").select_option("parliament_vote")
    page.get_by_role("button", name="Show its questions").click()
    fill_in(page, summary)
    page.get_by_role("button", name="Add a source").click()
    page.locator("[id='f-sources.1.title']").fill("A second source")
    page.locator("[id='f-targets.0']").fill("Lithunia")
    page.get_by_role("button", name="Record claim").click()
    expect(page.get_by_role("alert")).to_contain_text("Is it Lithuania?")
    page.locator("[id='f-targets.0']").fill("LTU")
    page.get_by_role("button", name="Record claim").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(summary)
    expect(page.get_by_role("status").first).to_contain_text("It waits for somebody else")
    expect(page.locator("#status")).to_contain_text("Waiting for review")
    expect(page.locator("#sources")).to_contain_text("A second source")
    claim = page.url.partition("?")[0].rpartition("/")[2]
    reviewer.goto(f"{demo.url}/review?claim={claim}")
    expect(reviewer.locator("#rv")).to_have_text(summary)
    reviewer.get_by_label("Accept.").check()
    reviewer.get_by_role("button", name="Record decision").click()
    expect(reviewer.get_by_role("status").first).to_contain_text("is now accepted")
    page.goto(f"{demo.url}/claims/{claim}")
    expect(page.locator("#status")).to_contain_text("Accepted")


def test_the_form_changes_in_place_with_script(browser: Browser, demo: Demo) -> None:
    """With script: choosing a kind and adding a row keep the page and the focus, what is typed is
    understood as one leaves the field, and the claim is recorded."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto(f"{demo.url}/record")
    log_in(page, demo, "contributor")
    page.get_by_label("Kind").select_option("parliament_vote")
    expect(page.locator("[id='f-details.votes.for']")).to_be_visible()
    expect(page.get_by_label("Kind")).to_be_focused()
    expect(page.get_by_role("button", name="Show its questions")).to_be_hidden()
    fill_in(page, "The Seimas voted once more, as the form tells with script.")
    expect(page.locator("[id='f-occurred_on-s']")).to_contain_text("17 to 19 Feb 2026")
    expect(page.locator("[id='f-targets.0-s']")).to_contain_text("Lithuania (LTU)")
    page.get_by_role("button", name="Add a government").click()
    expect(page.locator("[id='f-targets.1']")).to_be_focused()
    page.locator("[id='f-targets.1']").fill("Nowhere")
    page.locator("[id='f-targets.1']").blur()
    expect(page.locator("[id='f-targets.1-e']")).to_contain_text("no government we know")
    page.get_by_role("button", name="Remove Governments concerned, 2").click()
    expect(page.locator("[id='f-targets.1']")).to_have_count(0)
    page.get_by_role("button", name="Record claim").click()
    again = page.get_by_role("button", name="Record anyway")
    expect(again.or_(page.locator("#status"))).to_be_visible()
    if again.is_visible():
        again.click()
    expect(page.locator("#status")).to_contain_text("Waiting for review")
    context.close()


def test_a_kind_chosen_before_the_script_is_there_counts(browser: Browser, demo: Demo) -> None:
    """On a slow line: what was chosen while the script was on its way is asked about once it is
    there."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{demo.url}/account")
    log_in(page, demo, "contributor")
    expect(page.locator("h1")).to_be_visible()
    page.route("**/form*.js*", lambda route: held.append(route))
    held: list[Route] = []
    page.goto(f"{demo.url}/record", wait_until="commit")
    page.get_by_label("Kind").select_option("parliament_vote")
    expect(page.get_by_role("button", name="Show its questions")).to_be_visible()
    for route in held:
        route.continue_()
    expect(page.locator("[id='f-details.votes.for']")).to_be_visible()
    context.close()


def test_a_sheet_is_imported_looked_at_first_and_taken_back(reviewer: Page, demo: Demo) -> None:
    """Without script: a table is chosen, each row is told apart, one is left out and a faulty cell
    mended on the page, the good ones are recorded and wait, and the undo takes them back."""
    rows = [
        HEADS,
        ("lime-1", "open_letter", "APMBC", "3 May 2019", "Finland", "A letter about limes."),
        ("", "open_letter", "CCM", "May 2018", "Łotwa; Polska", "A letter about elms."),
        ("", "open_letter", "CCM", "31.02.2018", "FIN", "A letter about ashes."),
    ]
    reviewer.goto(f"{demo.url}/import")
    sheet = FilePayload(name="letters.xlsx", mimeType="", buffer=as_xlsx(rows))
    reviewer.get_by_label("Spreadsheet").set_input_files(sheet)
    reviewer.get_by_role("button", name="Show what it would do").click()
    expect(reviewer.locator("h1")).to_have_text("Import: what would happen")
    expect(reviewer.locator(".lead")).to_contain_text("3 rows read, nothing stored: 2 new and 1")
    expect(reviewer.get_by_label("D4")).to_have_value("31.02.2018")
    expect(reviewer.get_by_role("link", name="XLSX with comments on the cells")).to_be_visible()
    expect(reviewer.locator("tr[data-row=new]").last).to_contain_text("Latvia and Poland")
    reviewer.get_by_role("link", name="Error 1").click()
    expect(reviewer.locator("tbody tr[data-row]")).to_have_count(1)
    reviewer.get_by_role("link", name="All 3").click()
    reviewer.get_by_label("Row 3 becomes").select_option(label="Leave out")
    reviewer.get_by_label("D4").fill("March 2018")
    reviewer.get_by_role("button", name="Check again").click()
    expect(reviewer.locator(".lead")).to_contain_text("3 rows read, nothing stored: 3 new")
    expect(reviewer.get_by_label("Row 3 becomes")).to_have_value("leave")
    reviewer.get_by_role("button", name="Import 2 rows").click()
    expect(reviewer.locator("h1")).to_have_text("Import: what was recorded")
    assert demo.api.get("/claims/lime-1").json()["status"] == "pending"
    reviewer.get_by_role("button", name="Undo this import").click()
    expect(reviewer.locator("h1")).to_have_text("Import: taken back")
    assert demo.api.get("/claims/lime-1").json()["status"] == "retracted"
    reviewer.get_by_role("navigation", name="Main").get_by_role("link", name="Import").click()
    expect(reviewer.get_by_role("link", name="letters.xlsx")).to_be_visible()
