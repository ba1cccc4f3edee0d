"""Every group of commands, in the order in which help shows them."""

import typer

from proxeny.cli import (
    audit,
    case,
    check,
    exchange,
    extract,
    init,
    lawbook,
    link,
    partner,
    relink,
    report,
    request,
    routes,
    series,
    serve,
    user,
    what_if,
)
from proxeny.cli.demo.command import demo

app = typer.Typer(
    name="proxeny",
    help="Collect, exchange and analyse information on cybercrime, and cooperate.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("demo")(demo)
app.command("init")(init.init)
app.command("check")(check.check)
app.command("serve")(serve.serve)
app.command("worker")(serve.worker)
app.add_typer(user.app, name="user")
app.add_typer(report.app, name="report")

app.command("extract")(extract.extract)
app.command("link")(link.link)
series.app.command("relink")(relink.relink)
series.app.command("relinks")(relink.relinks)
series.app.command("refit")(relink.refit)
app.add_typer(series.app, name="series")
app.add_typer(case.app, name="case")
app.command("routes")(routes.routes)
app.command("what-if")(what_if.what_if)
app.add_typer(lawbook.app, name="lawbook")
app.add_typer(request.app, name="request")
app.add_typer(partner.app, name="partner")
app.add_typer(exchange.app, name="exchange")
app.add_typer(audit.app, name="audit")
