"""E-mail addresses (RFC 5321, dot-atoms only), also defanged and spelled out.

Local parts are folded to lower case, as every large provider does. Dots and plus
tags are kept: who folds them joins different people at other providers.
"""

import re
import unicodedata
from urllib.parse import unquote

from proxeny.selectors.kinds import domains
from proxeny.selectors.kinds.defanging import refang
from proxeny.selectors.values import SelectorError

_MAX_LOCAL_BYTES = 64
_ATOM = r"[\w!#$%&'*+/=?^`{|}~-]+"
_LOCAL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")


def normalise(raw: str) -> str:
    """Give the address in lower case with its domain as A-labels.

    Raises:
        SelectorError: the local part or the domain is wrong.
    """
    text = raw.removeprefix("mailto:").removeprefix("<").removesuffix(">")
    local, sign, host = refang(text).rpartition("@")
    if not sign:
        # As a link has it: an at sign is %40 there, a plus %2B.
        local, _, host = text.rpartition("%40")
        local = unquote(local)
    if not local.isascii():
        local = unicodedata.normalize("NFC", local.lower())
    local = local.lower()
    if len(local.encode("utf-8", "replace")) > _MAX_LOCAL_BYTES:
        raise SelectorError("The part before the @ has more than 64 bytes.")
    if _LOCAL.fullmatch(local) is None:
        raise SelectorError("The part before the @ is wrong.")
    return f"{local}@{domains.normalise(host)}"
