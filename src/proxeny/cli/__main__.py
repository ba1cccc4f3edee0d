"""`python -m proxeny.cli`: the same as the `proxeny` command."""

from proxeny.cli import main

main()
