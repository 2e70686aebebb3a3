"""`c360 webhooks`: take deliveries of Stripe, and fetch what they name."""

from typing import Annotated

import typer

from c360.commands.output import JsonOption, LakeOption, WaitOption, say, settings_for, show_json, show_table
from c360.demo.home import refuse_real_accounts
from c360.engines import open_engine
from c360.lake import open_lake
from c360.webhooks import refetch as operations

app = typer.Typer(help="Stripe's webhooks: take deliveries, fetch the objects they name.", no_args_is_help=True)
DEFAULT_PORT = 8360


@app.command()
def serve(
    *,
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port to listen on; 0 takes a free one.")] = DEFAULT_PORT,
    expose: Annotated[bool, typer.Option("--expose", help="Allow an address that other machines can reach.")] = False,
    lake: LakeOption = None,
) -> None:
    """Take Stripe's deliveries at POST /stripe until told to end; what was answered with 200 is in the lake.

    The server speaks plain HTTP: a proxy with TLS belongs before it.
    """
    from c360.webhooks import server  # other commands need no web server

    settings = settings_for(lake)
    refuse_real_accounts(settings)
    with (
        server.listening(host, port, is_exposed=expose) as listener,
        open_engine(settings.engine, settings.lake, settings.storage()) as engine,
    ):
        app = server.application(settings, engine, say)
        address, taken = listener.getsockname()[:2]
        say(f"Listening on http://{f'[{address}]' if ':' in address else address}:{taken}/stripe. Ctrl+C ends.")
        server.serve(app, listener)


@app.command()
def refetch(*, wait: WaitOption = 0, lake: LakeOption = None, as_json: JsonOption = False) -> None:
    """Fetch anew the objects that delivered events name, and store what changed for today's load.

    Events wait where today was loaded already. Running again is always safe.
    """
    settings = settings_for(lake)
    refuse_real_accounts(settings)
    with open_lake(settings) as opened:
        done = operations.refetch(opened, wait_seconds=wait)
    if as_json:
        return show_json(done)
    if done.fetched:
        rows = [(name, count, done.stored[name]) for name, count in done.fetched.items()]
        show_table("Fetched anew", ("entity", "fetched", "changed today"), rows)
    return say(f"{done.event_count} events handled, {done.waiting_count} wait.")
