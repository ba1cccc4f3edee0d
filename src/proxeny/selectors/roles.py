"""Guesses whose a selector is, from the words right before it.

The guess is small on purpose. *Victim* needs words of possession and a noun directly
before the mention (``my account``, ``mein Konto``, ``moj račun``, ``мој рачун``), an
invitation to be reached there (``contact me at``) or money that left from there;
*offender* needs an order to pay (``transfer ... to``, ``überweisen ... an``,
``uplatiti ... na``) and holds for accounts and wallets only. Everything else stays
*unknown*. A victim taken for unknown could join strangers, and is merged away when
any source names the role; an unknown taken for a victim loses one link.
"""

import re

from proxeny.selectors.values import Kind, Role

_WINDOW_CHARS = 80
_OWNED = frozenset({Kind.PHONE, Kind.IBAN, Kind.EMAIL, Kind.WALLET})
_PAYABLE = frozenset({Kind.IBAN, Kind.WALLET})
_SENTENCE_END = re.compile(r"[.!?]\s|[\r\n;]")

_OWN = ("mein", "unser", "moj", "mog", "mom", "naš", "мој", "мог", "мом", "наш")
_STEMS = ("my", "our", *_OWN)
_POSSESSIVE = rf"(?:my|our|(?:{'|'.join(_OWN)})\w{{0,3}})"
_TOWARDS = frozenset({"to", "into", "an", "auf", "na", "на"})
_NOUN = (
    r"(?:\w+ ?)?(?:account|iban|card|e-?mail|phone|mobile|number|address|wallet"
    r"|konto\w{0,2}|kontonummer|karte|nummer|handy|mailadresse|adresse"
    r"|račun\w{0,3}|racun\w{0,3}|broj\w{0,3}|telefon\w{0,3}|mejl\w{0,2}|imejl\w{0,2}"
    r"|adres\w{1,3}|novčanik\w{0,2}"
    r"|рачун\w{0,3}|број\w{0,3}|телефон\w{0,3}|мејл\w{0,2}|имејл\w{0,2}|адрес\w{1,3}"
    r"|новчаник\w{0,2})"
)
_LINK = (
    r"is|was|number|no|nr|iban|address|ist|war|lautet|nummer|adresse"
    r"|je|broj\w{0,2}|telefona|računa|racuna|glasi|је|број\w{0,2}|телефона|рачуна|гласи"
)
_MINE = re.compile(
    rf"\b{_POSSESSIVE}\s(?:[\w'’]+\s)?{_NOUN}(?:[\s:.,(]{{1,3}}(?:{_LINK}))*"
    r"[\s:.,()\"'-]{0,4}$",
    re.IGNORECASE,
)
_CONTACT = (
    r"(?:contact|reach|call|phone|e-?mail|write(?:\sto)?|text|message|kontakt\w*"
    r"|erreich\w*|jav\w*|zov\w*|pozov\w*|piš\w*|јав\w*|зов\w*|позов\w*|пиш\w*)"
)
# "you can reach me on", "contact us at", "ich bin erreichbar unter", "javite mi se na".
_REACH_ME = re.compile(
    rf"(?:\b{_CONTACT}\s(?:me|us|mich|uns|mi|me|nas|ми|ме|нас)\b(?:\s\w+){{0,2}}"
    r"|\bich\s(?:bin|war)\s(?:\w+\s){0,2}erreichbar(?:\s\w+){0,2})"
    r"[\s:,(\"'-]{0,4}$",
    re.IGNORECASE,
)
# "from my wife's account", "sent it from": whoever paid from it is no offender.
_PAID_FROM = re.compile(
    r"\b(?:transferred|sent|paid|wired|left|überwies\w*|uplati\w*|уплати\w*)\b"
    r"(?:\s[\w'’.,]+){0,6}?\s(?:from|von|sa|са)(?:\s[\w'’]+){0,4}[\s:,(\"'-]{1,4}$",
    re.IGNORECASE,
)
_PAY_TO = re.compile(
    r"\b(?:(?:transfer|send|sent|pay|paid|wire|deposit)\w{0,4}\s(?:[\w.,]+\s){0,6}?"
    r"(?:in)?to"
    r"|(?:überw(?:ei|ie)s|bezahl|zahl|eingezahl)\w{0,4}\s(?:[\w.,]+\s){0,6}?(?:an|auf)"
    r"|(?:uplat|prebac|pošalj|posalj)\w{0,5}\s(?:[\w.,]+\s){0,6}?na"
    r"|(?:уплат|пребац|пошаљ)\w{0,5}\s(?:[\w.,]+\s){0,6}?на)"
    r"(?:\s(?!my\b|our\b|mein|unser|moj\b|мој\b)\w+){0,4}[\s:,(\"'-]{1,4}$",
    re.IGNORECASE,
)
_GIVING_BACK = re.compile(
    r"refund|return|reimburs|zurück|erstatt|vrat|vrać|povra|врат|врać|повра",
    re.IGNORECASE,
)


def guess_role(kind: Kind, text: str, start: int) -> Role:
    """Whose the selector at ``text[start:]`` seems to be."""
    if kind not in _OWNED:
        return Role.UNKNOWN
    before = text[max(0, start - _WINDOW_CHARS) : start]
    sentence = _SENTENCE_END.split(before)[-1]
    # Most sentences have none of the words: the patterns are not asked then.
    words = sentence.lower().split()
    if (
        any(word.startswith(_STEMS) for word in words)
        and _MINE.search(sentence) is not None
    ):
        return Role.VICTIM
    if _REACH_ME.search(sentence) is not None:
        return Role.VICTIM
    if kind in _PAYABLE and _PAID_FROM.search(sentence) is not None:
        return Role.VICTIM
    if (
        kind in _PAYABLE
        and any(word.rstrip(":") in _TOWARDS for word in words)
        and _PAY_TO.search(sentence) is not None
        and _GIVING_BACK.search(sentence) is None
    ):
        return Role.OFFENDER
    return Role.UNKNOWN
