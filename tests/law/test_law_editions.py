"""Newer editions: what they change, and how one is made from another's file."""

from datetime import date
from pathlib import Path

import pytest

from proxeny import law

ON = date(2026, 11, 22)
SOURCE = "https://www.coe.int/en/web/conventions"
# As the chart has its columns; "a" marks an accession.
CHART = """\
,Signature,Ratification,Entry into Force,Notes,R.,D.,A.,T.,C.,O.
Member States of the Council of Europe,,,,,,,,,,
Albania,27/02/2023,10/03/2026,01/07/2026,,,,X,,,
Andorra,20/05/2022,,,,,,,,,
Armenia,,,,,,,,,,
Hungary,28/06/2023,05/02/2026,01/07/2026,,,X,X,,,
Serbia,12/05/2022,09/02/2023,01/07/2026,,,X,X,,,
Türkiye,01/03/2026,11/03/2026,01/07/2026,,,,,,,
Non-member States of the Council of Europe,,,,,,,,,,
Japan,12/05/2022,10/08/2023,01/07/2026,,X,X,X,,,
Tunisia,,12/03/2026 a,01/07/2026,,,,,,,
"""


def _export(text=CHART, **more):
    given = {"name": "chart.csv", "instrument": "CETS224", "source": SOURCE}
    return law.Export(
        content=text if isinstance(text, bytes) else text.encode(),
        as_of=date(2026, 11, 20),
        **{**given, **more},
    )


def _import(tmp_path, text=CHART, **more):
    into = tmp_path / "editions"
    return law.import_status(_export(text, **more), into, base=None, on=ON)


def test_edition_equals_itself(edition):
    assert law.compare_editions(law.load_lawbook(), law.load_lawbook(edition)) == ()


def test_difference_names_the_fact_and_both_values(edition, replace):
    replace(
        "parties.csv",
        "2009-03-09,2009-07-01,2009-07-01",
        "2009-03-09,2009-08-01,2009-08-01",
    )
    (change,) = law.compare_editions(law.load_lawbook(), law.load_lawbook(edition))
    assert (change.change, change.kind, change.key) == ("changed", "party", "ETS185 DE")
    assert ("in_force", "2009-07-01", "2009-08-01") in change.fields
    assert "in_force 2009-07-01 -> 2009-08-01" in change.text


def test_added_and_removed_facts_are_told(edition, append, replace):
    append(
        "parties.csv",
        f"CETS224,TR,signatory,2026-03-01,,,2026-03-01,,,,{SOURCE},2026-11-20,read",
    )
    replace("names.csv", "GI,Gibraltar", "IM,Isle of Man")
    found = law.compare_editions(law.load_lawbook(), law.load_lawbook(edition))
    told = {(one.change.value, one.kind, one.key) for one in found}
    assert told == {
        ("added", "party", "CETS224 TR"),
        ("added", "name", "IM"),
        ("removed", "name", "GI"),
    }
    assert "signed 2026-03-01" in next(one.text for one in found if one.kind == "party")


def test_entry_of_a_measure_is_told_by_its_words(edition, replace):
    replace(
        "measures/ETS185.toml", "Only while a preservation", "Only when a preservation"
    )
    (change,) = law.compare_editions(law.load_lawbook(), law.load_lawbook(edition))
    assert (change.kind, change.key) == ("measure", "ETS185:30")
    ((field, before, after),) = change.fields
    assert field == "conditions"
    assert before.startswith("Only while a preservation")
    assert after.startswith("Only when a preservation")


@pytest.mark.parametrize(
    ("name", "old", "new", "told"),
    [
        ("measures/ETS185.toml", "days = 60", "days = 90", "time_limit days 60 ->"),
        ("instruments.csv", "5,3,CoE,3,", "5,3,CoE,4,", "entry_rule months 3 -> 4"),
        ("measures/ETS185.toml", "in_requested = true", "in_requested = false",
         "custody in_requested True -> empty"),
    ],
)  # fmt: skip
def test_figure_beside_the_same_words_is_told(edition, replace, name, old, new, told):
    replace(name, old, new)
    (change,) = law.compare_editions(law.load_lawbook(), law.load_lawbook(edition))
    assert told in change.text


def test_requests_whose_routes_change_are_named(edition, replace):
    replace(
        "reservations.csv", "ETS185,DE,29(4),reservation", "ETS185,DE,22,reservation"
    )
    request = law.PastRequest(
        ref="RS-Q-000001",
        requesting="RS",
        requested="DE",
        data=law.DataKind.SUBSCRIBER,
        offence="other",
        emergency=False,
        on=ON,
        days=None,
    )
    found = law.list_route_changes(
        law.load_lawbook(), law.load_lawbook(edition), [request], ON
    )
    assert [(one.ref, one.route, one.before, one.after) for one in found] == [
        ("RS-Q-000001", "ETS185:29", "conditional", "open")
    ]


def test_chart_becomes_the_next_edition(tmp_path):
    made = _import(tmp_path)
    book = law.load_lawbook(made)
    assert (made.name, book.edition, book.edition_on) == ("2026.11.1", "2026.11.1", ON)
    (albania,) = book.parties["CETS224"]["AL"]
    assert albania.standing.value == "party"
    assert albania.in_force == date(2026, 7, 1)
    assert albania.provenance.source == SOURCE
    (tunisia,) = book.parties["CETS224"]["TN"]
    assert tunisia.note == "by accession"
    assert book.parties["CETS224"]["AD"][0].standing.value == "signatory"
    # Armenia's row is empty here: what was known of it stays.
    assert book.parties["CETS224"]["AM"] == law.load_lawbook().parties["CETS224"]["AM"]


def test_treaty_that_enters_into_force_opens_its_routes(tmp_path):
    book = law.load_lawbook(_import(tmp_path))
    assert book.instruments["CETS224"].in_force == date(2026, 7, 1)
    asked = {"requesting": "RS", "requested": "HU", "data": law.DataKind.SUBSCRIBER}
    states = {
        on: {route.id: route.state for route in law.list_routes(book, on=on, **asked)}
        for on in (date(2026, 6, 30), ON)
    }
    assert states[ON]["CETS224:7"] is law.RouteState.OPEN
    assert states[date(2026, 6, 30)]["CETS224:7"] is law.RouteState.NOT_IN_FORCE
    # Three months after the fifth consent (Albania) and the first of the next month.
    assert law.list_differences(book) == ()


def test_wrong_day_in_a_chart_is_a_difference_with_the_rule(tmp_path):
    book = law.load_lawbook(
        _import(
            tmp_path, CHART.replace("10/03/2026,01/07/2026", "10/03/2026,01/09/2026")
        )
    )
    (found,) = law.list_differences(book)
    assert (found.country, found.computed) == ("AL", date(2026, 7, 1))


def test_french_chart_with_semicolons_is_read(tmp_path):
    text = "Etats;Signature;Ratification;Entrée en vigueur\nTürkiye;01/03/2026;;\n"
    book = law.load_lawbook(_import(tmp_path, "\ufeff" + text))
    assert book.parties["CETS224"]["TR"][0].signed == date(2026, 3, 1)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (
            CHART.replace("Albania", "Atlantis"),
            r"chart\.csv:3: 'Atlantis' is no country",
        ),
        (CHART.replace("Albania", "=cmd()"), r"chart\.csv:3: .* is no country"),
        (CHART.replace("10/03/2026", "30/02/2026"), r"chart\.csv:3: .* is not a day"),
        (CHART.replace("10/03/2026", "soon"), r"chart\.csv:3: 'soon' is not a day"),
        (CHART.replace("Hungary", "Albania"), r"chart\.csv:6: Albania is there twice"),
        (CHART.replace("27/02/2023", "27/02/2027"), r"must follow one another"),
        ("a,b\n1,2\n", "no line has the columns"),
        ("", "no line has the columns"),
        (b"\xff\xfe\x00", "is not UTF-8"),
        (b"x" * (law.MAX_EXPORT_BYTES + 1), "is over"),
        (CHART + "Malta,,,,,,,,,,\n" * 1_000, "over 1000 rows"),
        (CHART.replace("Albania", '"Alb\nania"'), "no line of text"),
        (CHART.replace("Albania", "A" * 200_000), "field larger"),
    ],
)
def test_chart_that_can_not_be_read_changes_nothing(tmp_path, text, why):
    with pytest.raises(law.LawbookError, match=why):
        _import(tmp_path, text)
    assert list((tmp_path / "editions").glob("*")) == []


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"instrument": "CETS999"}, "not in the lawbook"),
        ({"source": "\x1b[2J"}, "control character"),
    ],
)
def test_export_that_says_nonsense_of_itself_is_refused(tmp_path, more, why):
    with pytest.raises(law.LawbookError, match=why):
        _import(tmp_path, **more)


def test_second_import_does_not_overwrite_the_first(tmp_path):
    made = _import(tmp_path)
    before = (made / "parties.csv").read_bytes()
    with pytest.raises(law.LawbookError, match="there already"):
        _import(tmp_path, CHART.replace("Andorra,20/05/2022", "Andorra,21/05/2022"))
    assert (made / "parties.csv").read_bytes() == before
    again = law.import_status(_export(), made.parent, base=made, on=ON)
    assert again.name == "2026.11.2"


def test_import_in_a_later_month_takes_its_number(tmp_path):
    made = law.import_status(
        _export(), tmp_path / "editions", base=None, on=date(2027, 1, 5)
    )
    assert made.name == "2027.01"


def test_later_edition_of_another_is_taken_over_whole(edition, replace, tmp_path):
    replace("edition.toml", '"2026.11"', '"2026.12"')
    made = law.import_edition(edition, tmp_path / "mine", base=law.load_lawbook())
    assert made.name == "2026.12"
    assert law.load_lawbook(made) == law.load_lawbook(edition)
    assert not list(Path(made.parent).glob(".edition-*"))


@pytest.mark.parametrize("number", ["2026.11", "2026.10", "newest"])
def test_edition_that_is_not_later_is_refused(edition, replace, tmp_path, number):
    replace("edition.toml", '"2026.11"', f'"{number}"')
    with pytest.raises(law.LawbookError, match=r"not later|no number"):
        law.import_edition(edition, tmp_path / "mine", base=law.load_lawbook())
    assert not (tmp_path / "mine").exists()


def test_faulty_edition_is_not_taken_over(edition, replace, tmp_path):
    replace("edition.toml", '"2026.11"', '"2026.12"')
    replace("parties.csv", "ETS185,DE,party", "ETS185,DE,friend")
    with pytest.raises(law.LawbookError, match=r"parties\.csv:\d+: status"):
        law.import_edition(edition, tmp_path / "mine", base=law.load_lawbook())
    assert not (tmp_path / "mine").exists()
