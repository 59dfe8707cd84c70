"""rows.py DATABASE: every row of every table of an SQLite file, read beside the service that uses it."""

import sqlite3
import sys

with sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True) as database:
    tables = [name for (name,) in database.execute("select name from sqlite_master where type = 'table' order by 1")]
    assert len(tables) > 10, tables
    for table in tables:
        for row in sorted(map(repr, database.execute(f'select * from "{table}"'))):
            print(table, row)
