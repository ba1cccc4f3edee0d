"""The app of messages between nodes."""

from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "proxeny.node.exchange"
    label = "exchange"

    def ready(self) -> None:
        """Declare the two kinds of job."""
        from proxeny.node.exchange.actions import (
            DELIVER,
            OPEN,
            deliver_message,
            open_envelope,
        )
        from proxeny.node.jobs.registry import register_job

        register_job(DELIVER, deliver_message)
        register_job(OPEN, open_envelope)
