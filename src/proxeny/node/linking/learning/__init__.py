"""What the machine learns from officers: an organisation's own scorecard."""
