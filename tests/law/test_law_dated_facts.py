"""Facts that hold for some days only: periods, memberships, names, territories."""

from datetime import date

import pytest

from proxeny import law

TODAY = date(2026, 11, 21)
READ = "https://example.org/,2020-01-01,read"
XK = "ETS185,XK,party,,,{day},{day},{until},,{note}," + READ


def _ask(book, requesting, requested, on=TODAY, data=law.DataKind.SUBSCRIBER):
    found = law.list_routes(
        book, requesting=requesting, requested=requested, data=data, on=on
    )
    return {route.id: route for route in found}


def _why(route):
    return " | ".join(why.text for why in route.because)


def _period(day, until, note=""):
    return XK.format(day=day, until=until, note=note)


def test_two_periods_of_one_country_are_both_kept(edition, append):
    append("parties.csv", _period("2010-01-01", "2015-12-31", "denounced"))
    append("parties.csv", _period("2018-01-01", "", "back again"))
    book = law.load_lawbook(edition)
    states = {
        on.year: _ask(book, "FR", "XK", on)["ETS185:31"]
        for on in (date(2009, 1, 1), date(2012, 1, 1), date(2017, 1, 1), TODAY)
    }
    assert [route.state.value for route in states.values()] == [
        "not_in_force", "open", "closed", "open"]  # fmt: skip
    assert "until 31 December 2015 (denounced)" in _why(states[2017])


def test_overlapping_periods_are_refused_with_file_and_line(edition, append):
    append("parties.csv", _period("2010-01-01", "2015-12-31"))
    line = append("parties.csv", _period("2015-12-31", ""))
    with pytest.raises(law.LawbookError, match=rf"parties\.csv:{line}: .*overlap"):
        law.load_lawbook(edition)


@pytest.mark.parametrize(
    ("name", "line", "why"),
    [
        ("memberships.csv", f"EU,FR,2024-01-01,,,,,{READ}", "overlap"),
        ("memberships.csv", f"UEFA,FR,2024-01-01,,,,,{READ}", "'UEFA' is not in"),
        ("names.csv", f"TR,Turkiye,Turkiye,2024-01-01,,,{READ}", "overlap"),
        ("bodies.csv", f"EU,Union,,,,2024-01-01,,{READ}", "twice"),
        ("bodies.csv", f"UN,UN,2020-01-01,,,2020-01-01,,{READ[:-4]}unknown",
         "can't be called complete"),
        ("offences.csv", f"X:1,X,X:1,x,x,,,2020-01-01,{READ}", "class_of leads from"),
    ],
)  # fmt: skip
def test_dated_entry_that_breaks_a_rule_is_refused(edition, append, name, line, why):
    append(name, line)
    with pytest.raises(law.LawbookError) as caught:
        law.load_lawbook(edition)
    assert name in caught.value.message
    assert why in caught.value.message


def test_follow_up_that_leads_back_is_refused(edition, replace):
    replace(
        "measures/ETS185.toml",
        'text = "central authority, or the authority of the treaty that applies"\n'
        '  instrument = "ETS185"\n  article = "27"\n',
        'text = "central authority, or the authority of the treaty that applies"\n'
        '  instrument = "ETS185"\n  article = "27"\n\n  [[measure.must_follow]]\n'
        '  route = "ETS185:29"\n  article = "31"\n  text = "x"\n',
    )
    with pytest.raises(law.LawbookError, match=r"ETS185\.toml:\d+: must_follow leads"):
        law.load_lawbook(edition)


def test_follow_up_that_is_not_there_is_refused(edition, replace):
    replace("measures/ETS185.toml", 'route = "ETS185:31"', 'route = "ETS185:99"')
    with pytest.raises(law.LawbookError, match="must_follow names 'ETS185:99'"):
        law.load_lawbook(edition)


def test_member_that_left_is_no_member_after_its_last_day(edition, replace):
    # A withdrawal is one new day in the data; the act then closes by itself.
    replace("memberships.csv", "EU,FR,2023-07-28,,", "EU,FR,2023-07-28,2025-12-31,")
    replace("parties.csv", "EU-2023/1543,FR,bound", "EU-2023/1543,XK,bound")
    book = law.load_lawbook(edition)
    before = _ask(book, "DE", "FR", date(2025, 12, 31))["EU-2023/1543:EPOC"]
    after = _ask(book, "DE", "FR")["EU-2023/1543:EPOC"]
    assert "France is not a Member State" not in _why(before)
    assert after.state is law.RouteState.CLOSED
    assert "France is not a Member State of the European Union" in _why(after)


def test_absence_means_no_member_only_where_the_list_is_complete():
    book = law.load_lawbook()
    today = _ask(book, "DE", "GB")["EIO"]
    earlier = _ask(book, "DE", "GB", date(2022, 1, 1))["EIO"]
    assert today.state is law.RouteState.CLOSED
    assert earlier.state is law.RouteState.UNKNOWN


def test_membership_that_was_not_read_never_opens_a_channel():
    book = law.load_lawbook()
    for requesting, requested in (("RS", "DE"), ("US", "JP"), ("AL", "TR")):
        route = _ask(book, requesting, requested)["INTERPOL:I-24/7"]
        assert route.state is law.RouteState.UNKNOWN
        assert "not read" in _why(route)


@pytest.mark.parametrize(
    ("country", "on", "name"),
    [
        ("RS", date(2005, 4, 7), "Serbia and Montenegro"),
        ("RS", date(2007, 3, 12), "Serbia"),
        ("MK", date(2007, 3, 12), "the former Yugoslav Republic of Macedonia"),
        ("MK", TODAY, "North Macedonia"),
        ("TR", date(2022, 5, 31), "Turkey"),
        ("TR", TODAY, "Türkiye"),
        ("FR", TODAY, "France"),
    ],
)
def test_country_is_called_as_it_was_on_the_day(country, on, name):
    assert law.name_country(law.load_lawbook(), country, on) == name


def test_routes_speak_of_a_country_as_it_was_called_then():
    route = _ask(law.load_lawbook(), "FR", "MK", date(2012, 1, 1))["ETS185:31"]
    assert "the former Yugoslav Republic of Macedonia is a Party" in _why(route)


def test_name_with_a_status_note_carries_it():
    found = law.find_name(law.load_lawbook(), "XK", TODAY)
    assert found is not None
    assert "Resolution 1244" in found.note


def test_territories_follow_the_declarations():
    book = law.load_lawbook()
    assert _ask(book, "FR", "FO")["ETS185:31"].state is law.RouteState.CLOSED
    assert _ask(book, "FR", "CW")["ETS185:31"].state is law.RouteState.OPEN
    before = _ask(book, "FR", "CW", date(2024, 9, 30))["ETS185:31"]
    assert before.state is law.RouteState.NOT_IN_FORCE


def test_territorial_declaration_is_told_with_every_measure():
    routes = _ask(law.load_lawbook(), "FR", "MD")
    assert "effectively controlled" in _why(routes["ETS185:29"])
    assert "effectively controlled" in _why(routes["ETS185:31"])


def test_agreement_of_two_sides_does_not_bind_two_of_one_side():
    book = law.load_lawbook()
    between = "EU-US-MLA:7"
    assert _ask(book, "DE", "FR")[between].state is law.RouteState.CLOSED
    assert _ask(book, "RS", "US")[between].state is law.RouteState.CLOSED
    # Its entry into force was not re-read.
    assert _ask(book, "DE", "US")[between].state is law.RouteState.UNKNOWN
