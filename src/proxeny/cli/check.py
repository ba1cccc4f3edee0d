"""`proxeny check`: is this node fit to serve?"""

from typing import Annotated

import typer

from proxeny.cli import output
from proxeny.cli.entering import Home, enter_node

EXIT_FINDINGS = 1


def check(
    deploy: Annotated[
        bool, typer.Option("--deploy", help="Also what matters once others reach it.")
    ] = False,
    home: Home = None,
    as_json: output.AsJSON = False,
) -> int:
    """Check configuration, database, keys and disk; ends with 1 if there is an error.

    Example: proxeny check --deploy
    """
    enter_node(home)
    from proxeny.node.settings.checks import list_findings

    findings = list_findings(deploy=deploy)
    if as_json:
        output.print_json(
            {
                "findings": [
                    {
                        "code": one.code,
                        "level": one.level,
                        "text": one.text,
                        "advice": one.advice,
                    }
                    for one in findings
                ]
            }
        )
    else:
        for one in findings:
            output.say(f"{one.level}: {one.text} {one.advice} ({one.code})")
        if not findings:
            output.say("Nothing is amiss.")
    return EXIT_FINDINGS if any(one.level == "error" for one in findings) else 0
