"""What the web server loads."""

import multiprocessing
import os
import signal
import threading

from django.core.wsgi import get_wsgi_application

from proxeny import selectors


def _leave_with_main() -> None:
    """A server process whose main process was killed must not hold the port."""
    main = multiprocessing.parent_process()
    if main is not None:
        main.join()
        os.kill(os.getpid(), signal.SIGTERM)


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "proxeny.node.settings.django")
application = get_wsgi_application()
# The tables of extraction are loaded now, not while the first report waits.
selectors.prepare()
threading.Thread(target=_leave_with_main, daemon=True).start()
