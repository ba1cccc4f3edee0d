"""The node: the Django project that one authority runs.

The SQLite that many systems ship can corrupt a WAL database (fixed in 3.51.3), so
the node puts the `pysqlite3` wheel in the place of `sqlite3` before Django looks.
The pure packages never touch `sqlite3`.
"""

import sys

try:
    import pysqlite3
    from pysqlite3 import dbapi2
except ImportError:  # `proxeny check` then demands SQLite >= 3.51.3.
    pass
else:
    sys.modules["sqlite3"] = pysqlite3
    sys.modules["sqlite3.dbapi2"] = dbapi2
