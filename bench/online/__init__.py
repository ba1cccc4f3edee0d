"""What the benchmark of online linking is made of."""
