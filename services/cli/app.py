"""The command ``entente``: every command in one place, in the order in which they are used."""

from __future__ import annotations

import typer

from services.cli import asking, consenting, deciding, demo, matching, operating, profiling, records, training, verifying

app = typer.Typer(
    name="entente",
    help="One customer, across every silo, only as agreed. / Un client, dans tous les silos, seulement comme convenu.",
    epilog=(
        "Exit codes: 0 done; 1 no: what was checked does not hold, or the change is more than its budget allows; 2 bad usage or input; "
        "3 a dependency cannot be reached or used; 70 a defect in Entente; 130 interrupted."
    ),
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.command()(demo.demo)
app.command()(operating.serve)
app.command()(records.ingest)
app.command()(training.train)
app.command()(matching.link)
app.command()(asking.resolve)
app.command()(asking.explain)
app.add_typer(consenting.consent, name="consent")
app.command()(deciding.decide)
app.command()(profiling.profile)
app.command()(records.evaluate)
app.add_typer(records.export, name="export")
app.add_typer(verifying.verify, name="verify")
app.command()(matching.review)
app.command()(matching.judge)
app.command()(matching.split)
app.command()(matching.history)
app.command()(records.delete)
app.add_typer(training.bundle, name="bundle")
app.add_typer(operating.caller, name="caller")
app.add_typer(operating.db, name="db")
