"""Guesses whose a selector is, from the words right before it.

The guess is small on purpose. *Victim* needs words of possession and a noun directly
before the mention (``my account``, ``mein Konto``, ``moj račun``, ``contul meu``), an
invitation to be reached there (``contact me at``) or money that left from there;
*offender* needs an order to pay (``transfer ... to``, ``überweisen ... an``,
``uplatiti ... na``) and holds for accounts and wallets only. Everything else stays
*unknown*. A victim taken for unknown could join strangers, and is merged away when
any source names the role; an unknown taken for a victim loses one link.

The words are data (``proxeny.selectors.cues``).
"""

import re

from proxeny.selectors import cues
from proxeny.selectors.values import Kind, Role

_WINDOW_CHARS = 80
_PAYABLE = frozenset({Kind.IBAN, Kind.WALLET, Kind.ACCOUNT})
_OWNED = _PAYABLE | {Kind.PHONE, Kind.EMAIL, Kind.HANDLE}
# A pattern that begins with a class of characters is searched for much faster.
_SENTENCE_END = re.compile(r"[.!?;\r\n](?:(?<=[;\r\n])|\s)")


def guess_role(kind: Kind, text: str, start: int) -> Role:
    """Whose the selector at ``text[start:]`` seems to be."""
    if kind not in _OWNED:
        return Role.UNKNOWN
    before = text[max(0, start - _WINDOW_CHARS) : start]
    words = list(cues.read_words(_SENTENCE_END.split(before)[-1]))
    if cues.says_mine(words):
        return Role.VICTIM
    if kind in _PAYABLE:
        if cues.says_paid_from(words):
            return Role.VICTIM
        if cues.says_pay_to(words):
            return Role.OFFENDER
    return Role.UNKNOWN
