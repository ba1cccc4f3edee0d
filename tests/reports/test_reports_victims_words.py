"""Words by which a reporter says that a number or an account is their own."""

import pytest

from proxeny import selectors
from proxeny.reports import Channel, Report, find_mentions

VICTIM = selectors.Role.VICTIM


def roles(text: str, channel: Channel) -> dict[str, selectors.Role]:
    report = Report(
        digest="0" * 64, channel=channel, title="", narrative=text, country="RS"
    )
    return {one.selector.value: one.role for one in find_mentions(report)}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("You can reach me on +381601112223.", "+381601112223"),
        ("Please contact me at jovan@own.example.org", "jovan@own.example.org"),
        ("Ich bin erreichbar unter +381601112223.", "+381601112223"),
        ("Javite mi se na +381601112223.", "+381601112223"),
        (
            "I transferred the money from DE89 3704 0044 0532 0130 00.",
            "DE89370400440532013000",
        ),
        (
            "It was paid from my wife's account DE89370400440532013000.",
            "DE89370400440532013000",
        ),
    ],
)
def test_what_reporters_call_their_own_is_a_victims(text: str, value: str) -> None:
    assert roles(text, Channel.CSV)[value] is VICTIM


@pytest.mark.parametrize(
    "words", ["Sent to", "Gesendet an:", "This mail was sent to", "Enviado para"]
)
def test_the_address_that_a_mass_mail_names_as_its_recipient_is_a_victims(
    words: str,
) -> None:
    text = f"{words} klaus.opfer@mail.example.org"
    assert roles(text, Channel.EMAIL)["klaus.opfer@mail.example.org"] is VICTIM


def test_where_money_shall_go_is_still_the_offenders() -> None:
    text = "Transfer the fee to DE89370400440532013000 today."
    found = roles(text, Channel.CSV)["DE89370400440532013000"]
    assert found is selectors.Role.OFFENDER
