"""The page Import over a real server: a table is uploaded, looked at, recorded and taken back, and
nothing that somebody sends can harm it."""

import csv
import io
import re
import time
import zipfile
from collections.abc import Iterator

import httpx
import pytest

from services.tables.bringing import prefix_of
from tests.services.dashboard.test_people import entered, sent, token_of
from tests.services.intake.sheets.made import HEADS, as_csv, as_xlsx
from tests.services.running import WORKSPACE, Running

KIND = "statement_of_criticism"
STEP_SECONDS_MAX = 60


@pytest.fixture(scope="module")
def reviewer(site: Running) -> Iterator[httpx.Client]:
    """The browser of a reviewer."""
    with entered(site, site.person("reviewer")) as browser:
        yield browser


def upload(
    browser: httpx.Client, body: bytes, name: str = "rows.csv", token: str | None = None
) -> httpx.Response:
    """The answer to a table that is uploaded."""
    given = token_of(browser.get("/import").text) if token is None else token
    # In the order of the form: the token, then the file.
    parts: list[tuple[str, tuple[str | None, bytes, str | None]]] = [
        ("csrf_token", (None, given.encode(), None)),
        ("file", (name, body, "text/csv")),
    ]
    return browser.post("/import", files=parts)


def row(number: int, text: str, **more: str) -> tuple[str, ...]:
    """A row of a table, under `HEADS`."""
    plain = dict(
        zip(HEADS, (f"row-{number}", KIND, "APMBC", "2025-04-02", "FIN", text), strict=True)
    )
    return tuple((plain | more).values())


def settled(browser: httpx.Client, answer: httpx.Response) -> str:
    """The page that a step or an upload leads to, once nothing is under way on it."""
    assert answer.status_code == 303, answer.text
    until = time.monotonic() + STEP_SECONDS_MAX
    while "Under way: " in (page := browser.get(answer.headers["location"])).text:
        assert time.monotonic() < until, page.text
        time.sleep(0.05)
    return page.text


def checked(browser: httpx.Client, body: bytes, name: str = "rows.csv") -> str:
    """The path of a table that was uploaded and looked at."""
    answer = upload(browser, body, name)
    settled(browser, answer)
    return path_of(answer)


def path_of(answer: httpx.Response) -> str:
    """Where the answer leads, without its query."""
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].partition("?")[0]


def text_of(html: str) -> str:
    """What a page says, without its markup."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_a_table_is_looked_at_recorded_and_taken_back(
    site: Running, reviewer: httpx.Client
) -> None:
    """The dry run stores nothing and tells each row apart; the good rows become claims that wait
    for a second person; the undo takes back what nobody touched, and says what it left."""
    rows = [
        HEADS,
        row(1, "The first of the story about the elm."),
        row(2, "The second, of a birch.", occurred_on="2024-04-02"),
        row(3, "The third.", occurred_on="31.02.2025"),
    ]
    before = site.head()
    here = checked(reviewer, as_xlsx(rows), "elms & birches.xlsx")
    page = reviewer.get(here).text
    assert "3 rows read, nothing stored: 2 new and 1 that cannot be read." in page
    assert "elms &amp; birches.xlsx" in page
    assert 'name="cell-D4" value="31.02.2025"' in page
    assert site.head() == before
    only = reviewer.get(f"{here}?show=error").text
    assert ("does not exist" in only, "of a birch" in only) == (True, False)
    answer = sent(reviewer, here, f"{here}/commit")
    assert path_of(answer) == here
    page = settled(reviewer, answer)
    assert "2 claims were recorded" in page
    assert (page.count("Was recorded"), "What to do" in page) == (2, False)
    assert "a second person has to accept them" in page
    assert site.head() == before + 2
    site.caught_up()
    api = site.client("reviewer")
    assert api.get("/api/v1/claims/row-1").json()["status"] == "pending"
    assert api.post("/api/v1/claims/row-1/accept", json={}).status_code == 200
    said = text_of(settled(reviewer, sent(reviewer, here, f"{here}/undo")))
    site.caught_up()
    assert "1 claim was taken back" in said
    assert "row-1 : accepted (position" in said
    assert "Was left: accepted (position" in said, "of the row that somebody decided about"
    assert said.count("Was taken back") == 1
    assert api.get("/api/v1/claims/row-2").json()["status"] == "retracted"
    assert api.get("/api/v1/claims/row-1").json()["status"] == "accepted"
    assert "elms &amp; birches.xlsx" in reviewer.get("/import").text


def test_what_is_on_file_is_told_apart_and_left_alone(
    site: Running, reviewer: httpx.Client
) -> None:
    """A second table: the same is a duplicate, another content a conflict with both values, what
    resembles one is imported only when asked for."""
    first = checked(reviewer, as_csv([HEADS, row(11, "Of a lime tree.")]))
    settled(reviewer, sent(reviewer, first, f"{first}/commit"))
    site.caught_up()
    rows = [
        HEADS,
        row(11, "Of a lime tree."),
        row(12, "Of a lime tree, again.", occurred_on="2025-04-03"),
        row(11, "Of an oak.", id="row-11"),
    ]
    two = [rows[0], rows[1], rows[2]]
    here = checked(reviewer, as_csv(two))
    said = text_of(reviewer.get(here).text)
    assert "1 resembling what is on file and 1 already here" in said
    assert "Resembles: Of a lime tree." in said
    other = checked(reviewer, as_csv([rows[0], rows[3]]))
    assert "summary: Of a lime tree. on file, Of an oak. here" in text_of(reviewer.get(other).text)
    before = site.head()
    settled(reviewer, sent(reviewer, here, f"{here}/commit", likely="yes"))
    assert site.head() == before + 1
    again = sent(reviewer, here, f"{here}/commit")
    assert again.status_code == 409
    assert "Look at it again" in again.text


def test_rows_are_chosen_and_faulty_cells_mended_on_the_page(
    site: Running, reviewer: httpx.Client
) -> None:
    """A new row is left out, one that resembles a claim is declared the same as it, a cell that is
    written anew is checked before anything is recorded, and the undo takes all of it back."""
    first = checked(reviewer, as_csv([HEADS, row(61, "Of a rowan by the river.")]))
    settled(reviewer, sent(reviewer, first, f"{first}/commit", likely="yes"))
    site.caught_up()
    rows = [
        HEADS,
        row(62, "Of a rowan by the river, told again.", occurred_on="2025-04-03"),
        row(63, "Of a yew that nobody wants.", occurred_on="2011-04-02"),
        row(64, "Of a larch.", occurred_on="31.02.2012"),
    ]
    here = checked(reviewer, as_csv(rows))
    before = site.head()
    said = {"row-2": "same", "row-3": "leave", "cell-D4": "1 March 2012"}
    page = settled(reviewer, sent(reviewer, here, f"{here}/commit", **said))
    assert site.head() == before, "what was written anew is looked at first"
    assert "cell-D4" not in page
    assert '<option value="same" selected>' in page
    assert '<option value="leave" selected>' in page
    assert "Import 2 rows" in page
    settled(reviewer, sent(reviewer, here, f"{here}/commit"))
    site.caught_up()
    api = site.client("reviewer")
    assert api.get("/api/v1/claims/row-64").json()["occurred_on"] == "2012-03-01"
    assert api.get("/api/v1/claims/row-63").status_code == 404
    assert api.get("/api/v1/claims/row-62").json()["same_as"] == ["row-61"]
    page = settled(reviewer, sent(reviewer, here, f"{here}/undo"))
    assert "2 claims were taken back" in page
    site.caught_up()
    assert api.get("/api/v1/claims/row-62").json()["status"] == "retracted"


@pytest.mark.parametrize(
    "said",
    [
        {"row-2": "burn"},
        {"row-2": "same"},
        {"row-99": "leave"},
        {"row-x": "leave"},
        {"cell-ZZZ2": "x"},
        {"cell-D99": "x"},
    ],
)
def test_what_no_row_may_become_is_refused(
    site: Running, reviewer: httpx.Client, said: dict[str, str]
) -> None:
    """A choice that a row does not have, and a cell that is not there, change nothing."""
    rows = [HEADS, row(71, f"Of a hazel, {said}.", occurred_on="2001-01-01")]
    here = checked(reviewer, as_csv(rows))
    before = site.head()
    answer = sent(reviewer, here, f"{here}/commit", **said)
    assert answer.status_code == 422
    assert "as it stands now" in answer.text
    assert site.head() == before


def test_the_table_goes_back_with_what_is_wrong_in_it(reviewer: httpx.Client) -> None:
    """The workbook has a comment on the faulty cell where it stood, CSV a column that says it; no
    text becomes a formula, and the marked table can be brought again as it is."""
    rows = [
        HEADS,
        row(81, "Of a plane tree.", occurred_on="1999-01-01"),
        row(82, "=1+1", occurred_on="31.02.2013"),
    ]
    here = checked(reviewer, as_csv(rows))
    table = reviewer.get(f"{here}/marked/csv")
    lines = list(csv.reader(io.StringIO(table.content.decode("utf-8-sig"))))
    assert [line[-1] for line in lines[:2]] == ["What is wrong", ""]
    assert "does not exist in the calendar" in lines[2][-1]
    assert lines[2][5] == "'=1+1"
    with zipfile.ZipFile(io.BytesIO(reviewer.get(f"{here}/marked/xlsx").content)) as book:
        comments = book.read("xl/comments1.xml").decode()
        assert "<f>" not in book.read("xl/worksheets/sheet1.xml").decode()
    assert 'ref="D3"' in comments
    assert "does not exist in the calendar" in comments
    page = settled(reviewer, upload(reviewer, table.content))
    assert "2 rows read, nothing stored: 1 new and 1 that cannot be read." in page


def test_columns_are_chosen_where_they_are_not_known(site: Running, reviewer: httpx.Client) -> None:
    """A table whose headers say nothing is read once somebody says what they are."""
    heads = [*HEADS[:5], "Blurb"]
    here = checked(reviewer, as_csv([heads, row(21, "Of a willow.", occurred_on="2019-04-02")]))
    assert "Columns are missing" in reviewer.get(here).text
    refused = sent(reviewer, here, f"{here}/commit")
    assert refused.status_code == 409
    unknown = sent(reviewer, here, f"{here}/columns", **{"column-F": "Weather"})
    assert unknown.status_code == 422
    assert "is no column of a claim" in unknown.text
    answer = sent(reviewer, here, f"{here}/columns", **{"column-F": "What happened"})
    assert "1 row read, nothing stored: 1 new." in settled(reviewer, answer)
    assert path_of(sent(reviewer, here, f"{here}/check")) == here


def test_an_import_that_was_broken_off_goes_on_without_doubling(
    site: Running, reviewer: httpx.Client
) -> None:
    """What an earlier run recorded is there already; the rest follows."""
    rows = [HEADS, *(row(n, f"Of tree number {n} {'x' * n}.") for n in range(31, 36))]
    here = checked(reviewer, as_csv(rows))
    settled(reviewer, sent(reviewer, here, f"{here}/commit", likely="yes"))
    name = here.rpartition("/")[2]
    one, _touched = site.call(site.house.imports.one(WORKSPACE, name))
    assert one.recorded == 5
    before = site.head()
    one.state = "importing"
    site.call(site.house.imports.keep(WORKSPACE, one))
    site.call(_aged(site, name))
    assert "It was broken off" in reviewer.get(here).text
    settled(reviewer, sent(reviewer, here, f"{here}/commit"))
    assert site.head() == before
    ranges = site.call(site.house.imports.brought(WORKSPACE, prefix_of(name)))
    assert sum(last - first + 1 for first, last in ranges) == 5


async def _aged(site: Running, name: str) -> None:
    async with site.house.pool.acquire() as connection, connection.transaction():
        await connection.execute("SELECT set_config('article20.workspace', $1, true)", WORKSPACE)
        await connection.execute(
            "UPDATE sheet_import SET touched_at = now() - interval '1 hour' WHERE import = $1", name
        )


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "it is empty"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old .xls workbook"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00", "neither a text nor"),
    ],
)
def test_a_file_that_is_no_table_is_refused_on_the_form(
    reviewer: httpx.Client, body: bytes, says: str
) -> None:
    """The form comes back with what is wrong and what to do."""
    answer = upload(reviewer, body)
    assert answer.status_code == 422
    assert says in answer.text
    assert 'type="file"' in answer.text


def test_a_forged_or_oversized_upload_is_refused(site: Running, reviewer: httpx.Client) -> None:
    """Without the token, or with the file before it, nothing is taken; nor beyond the bound."""
    body = as_csv([HEADS, row(41, "Of an ash.")])
    assert upload(reviewer, body, token="0" * 64).status_code == 403
    files = {"file": ("rows.csv", io.BytesIO(body), "text/csv")}
    assert reviewer.post("/import", files=files).status_code == 403
    plain = reviewer.post("/import", data={"csrf_token": token_of(reviewer.get("/import").text)})
    assert plain.status_code == 415
    most = site.house.settings.import_bytes_max
    assert upload(reviewer, b"x," * (most // 2 + 8)).status_code == 413


def test_only_reviewers_import_and_only_their_own_workspace(site: Running) -> None:
    """Contributors may have the template; the tables of others do not exist for anybody."""
    with entered(site, site.person("contributor")) as browser:
        assert browser.get("/import").status_code == 403
        template = browser.get("/import/template/xlsx")
        assert template.headers["content-disposition"] == (
            'attachment; filename="claims-template.xlsx"'
        )
        assert template.content.startswith(b"PK")
    with entered(site, site.person("reviewer")) as browser:
        missing = browser.get("/import/000000000000")
        assert missing.status_code == 404
        assert "There is no import" in missing.text
