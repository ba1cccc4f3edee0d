"""Ids of messages: the vector of RFC 9562 and their order in time."""

from datetime import UTC, datetime, timedelta
from uuid import RFC_4122, UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.exchange.parties import NOW

from proxeny.exchange import UUID7_ENTROPY_BYTES, uuid7

instants = st.datetimes(
    # Hypothesis takes bounds without a zone and puts the zone on itself.
    datetime(1970, 1, 1),  # noqa: DTZ001 - as said above
    datetime(9999, 12, 31),  # noqa: DTZ001 - as said above
    timezones=st.just(UTC),
)
entropies = st.binary(min_size=UUID7_ENTROPY_BYTES, max_size=UUID7_ENTROPY_BYTES)


def test_vector_of_rfc_9562_appendix_a6():
    now = datetime.fromisoformat("2022-02-22T14:22:22.00-05:00")
    entropy = bytes.fromhex("0cc318c4dc0c0c07398f")
    assert uuid7(now, entropy) == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"


@given(instants, entropies)
def test_id_is_a_version_7_uuid_that_tells_its_time(now, entropy):
    made = UUID(uuid7(now, entropy))
    assert (made.version, made.variant) == (7, RFC_4122)
    told = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=made.int >> 80)
    assert timedelta(0) <= now - told < timedelta(milliseconds=1)


@given(instants, entropies, entropies)
def test_later_id_sorts_after_the_earlier(now, first, second):
    later = now + timedelta(milliseconds=1) if now.year < 9999 else now
    if later > now:
        assert uuid7(now, first) < uuid7(later, second)


@pytest.mark.parametrize(
    ("now", "entropy"),
    [
        (NOW, bytes(9)),
        (NOW.replace(tzinfo=None), bytes(10)),
        (datetime(1969, 12, 31, tzinfo=UTC), bytes(10)),
    ],
)
def test_id_is_not_made_from_too_little(now, entropy):
    with pytest.raises(ValueError, match=r"UUIDv7"):
        uuid7(now, entropy)
