"""Messages to and from partners: sealed, delivered once, with signed receipts."""
