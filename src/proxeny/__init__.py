"""Proxeny: collect, exchange and analyse information on cybercrime, and cooperate.

The packages right of ``node`` in ARCHITECTURE.md are usable on their own::

    from proxeny import selectors
    selectors.find("Pay to DE89 3704 0044 0532 0130 00")
"""

__version__ = "0.1.0"
