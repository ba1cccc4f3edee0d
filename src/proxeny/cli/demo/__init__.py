"""`proxeny demo`: two nodes on this machine, one thread from report to answer."""
