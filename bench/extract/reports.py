"""Writes short reports in several languages, each with its own selectors.

No value is repeated, so that no cache of the extractor is warm by accident. Check
digits are right, the owners are nobody: names of RFC 2606, addresses of RFC 5737 and
RFC 3849, accounts and wallets from random bytes, phone numbers as a plan allows them.
"""

import hashlib
import random
from collections.abc import Callable

REPORT_CHARS = 320

# Sentences with a place for a selector, then sentences that only fill.
_LANGUAGES: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "en": (
        "GB",
        (
            "The caller used {phone} and said he was from my bank.",
            "I transferred 2,450.00 on 12/03/2026 to {iban}.",
            "The site was {url} and it looked real.",
            "He wrote from {email} for three weeks.",
            "They wanted bitcoin at {wallet}.",
            "The mail came through {ip}, the file was {hash}.",
        ),
        (
            "I only noticed when my statement arrived, reference 2026-00417.",
            "Nobody answered afterwards, and the advert was gone by 10.30.",
        ),
    ),
    "de": (
        "DE",
        (
            "Der Anrufer nutzte die Nummer {phone} und nannte sich Kommissar.",
            "Ich habe 1.980,00 Euro auf {iban} überwiesen.",
            "Die Seite {url} sah aus wie die meiner Sparkasse.",
            "Er schrieb mir von {email}.",
            "Bezahlt werden sollte in Krypto an {wallet}.",
        ),
        (
            "Danach war niemand mehr zu erreichen, Az. 12 Js 345/26.",
            "Am 11.03.2026 gegen 9.30 Uhr fiel es meiner Tochter auf.",
        ),
    ),
    "sr": (
        "RS",
        (
            "Позвао ме је неко са броја {phone} и тражио податке.",
            "Уплатила сам 25.000,00 динара на рачун {iban}.",
            "Сајт {url} више не ради.",
            "Писао је са адресе {email}.",
            "Новац је требало послати на {wallet}.",
        ),
        (
            "После тога се више нико није јављао, предмет 1234/26.",
            "Пријавила сам 12.03.2026. године у 10.15 часова.",
        ),
    ),
    "fr": (
        "FR",
        (
            "J'ai reçu un appel du {phone}, soi-disant de ma banque.",
            "Le virement de 1 250,00 € est parti vers {iban}.",
            "Le lien {url} demandait mon code.",
            "Il m'écrivait depuis {email}.",
            "Il voulait des cryptomonnaies sur {wallet}.",
        ),
        (
            "Depuis, plus aucune réponse ; dossier 2026/0042.",
            "Je m'en suis aperçue le 12/03/2026 à 14h30.",
        ),
    ),
    "tr": (
        "TR",
        (
            "Beni {phone} numarasından aradılar.",
            "12.500,00 TL parayı {iban} hesabına gönderdim.",
            "Sahte site {url} adresindeydi.",
            "Bana {email} adresinden yazdı.",
            "Kripto parayı {wallet} adresine istedi.",
        ),
        ("Sonra kimse cevap vermedi, dosya 2026/1234.", "Olay 12.03.2026 günü oldu."),
    ),
    "el": (
        "GR",
        (
            "Με πήραν τηλέφωνο από το {phone}.",
            "Έστειλα 900,00 ευρώ στον λογαριασμό {iban}.",
            "Η σελίδα {url} ήταν ψεύτικη.",
            "Μου έγραφε από {email}.",
            "Ζήτησε κρυπτονομίσματα στο {wallet}.",
        ),
        ("Μετά δεν απαντούσε κανείς.", "Το κατάλαβα στις 12.03.2026, ώρα 10.30."),
    ),
}
_BANKS = {
    "DE": "n" * 18,
    "FR": "n" * 23,
    "GB": "aaaa" + "n" * 14,
    "GR": "n" * 23,
    "RS": "n" * 18,
    "TR": "n" * 22,
}
_PHONES = {
    "DE": ("49", "151", 8),
    "FR": ("33", "6", 8),
    "GB": ("44", "2079460", 3),
    "GR": ("30", "691", 7),
    "RS": ("381", "60", 7),
    "TR": ("90", "501", 7),
}
_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def write_reports(count: int, seed: int) -> list[tuple[str, str]]:
    """So many texts of 320 characters, each with its country."""
    dice = random.Random(seed)
    languages = list(_LANGUAGES.values())
    return [_write(dice, *languages[i % len(languages)]) for i in range(count)]


def _write(
    dice: random.Random,
    country: str,
    telling: tuple[str, ...],
    filling: tuple[str, ...],
) -> tuple[str, str]:
    makers: dict[str, Callable[[random.Random, str], str]] = {
        "phone": _phone,
        "iban": _iban,
        "url": _url,
        "email": _email,
        "wallet": _wallet,
        "ip": lambda dice, _: f"203.0.113.{dice.randrange(1, 255)}",
        "hash": lambda dice, _: dice.randbytes(32).hex(),
    }
    values = {kind: make(dice, country) for kind, make in makers.items()}
    sentences = [s.format(**values) for s in dice.sample(telling, 3)]
    while len(" ".join(sentences)) < REPORT_CHARS:
        sentences.insert(dice.randrange(len(sentences) + 1), dice.choice(filling))
    return " ".join(sentences)[:REPORT_CHARS], country


def _phone(dice: random.Random, country: str) -> str:
    code, area, digits = _PHONES[country]
    number = f"{area}{dice.randrange(10**digits):0{digits}}"
    prefix = dice.choice((f"+{code} ", f"00{code}", "0" if country != "GR" else ""))
    return f"{prefix}{number[:3]} {number[3:6]} {number[6:]}"


def _iban(dice: random.Random, country: str) -> str:
    letters = {"n": "0123456789", "a": "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
    body = "".join(dice.choice(letters[kind]) for kind in _BANKS[country])
    value = int("".join(str(int(char, 36)) for char in f"{body}{country}00"))
    number = f"{country}{98 - value % 97:02}{body}"
    if dice.random() < 1 / 2:
        return number
    return " ".join(number[at : at + 4] for at in range(0, len(number), 4))


def _url(dice: random.Random, _: str) -> str:
    host = f"{dice.choice(('pay', 'login', 'parcel'))}-{dice.getrandbits(40):x}"
    top = dice.choice(("com", "net", "org"))
    return f"https://{host}.example.{top}/{dice.getrandbits(20):x}"


def _email(dice: random.Random, _: str) -> str:
    name = dice.choice(("anna", "office", "m.k"))
    return f"{name}{dice.getrandbits(30)}@mail.example.com"


def _wallet(dice: random.Random, _: str) -> str:
    if dice.random() < 1 / 2:
        return f"0x{dice.randbytes(20).hex()}"
    payload = b"\0" + dice.randbytes(20)
    twice = hashlib.sha256(hashlib.sha256(payload).digest()).digest()
    number = int.from_bytes(payload + twice[:4], "big")
    digits = ""
    while number:
        number, rest = divmod(number, 58)
        digits = _BASE58[rest] + digits
    # One leading byte of nought is written as one "1".
    return f"1{digits}"
