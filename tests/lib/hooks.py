"""For schemathesis: two of three made-up addresses name something that exists, else nearly all would be answered 404."""

import json
import os
from itertools import count

import schemathesis

NAMES = json.load(open(os.environ["MENSUEL_NAMES"], encoding="utf-8"))
turn = count()


def kind_of(path: str, parameter: str) -> str:
    """The collection that a parameter chooses from: the segment before it, else its own name."""
    before = path.split("{" + parameter + "}")[0].rstrip("/").rsplit("/", 1)[-1]
    return before if parameter == "id" else parameter


@schemathesis.hook
def before_call(context, case, kwargs):
    for parameter in case.path_parameters or {}:
        known = NAMES.get(kind_of(case.operation.path, parameter), [])
        n = next(turn)
        if known and n % 3:
            case.path_parameters[parameter] = known[n // 3 % len(known)]


@schemathesis.serializer("message/rfc822")
def mail(context, value):
    """Of three mails that are handed over one is what was made up, one has a header before it, and one answers an
    invitation with it."""
    text = value if isinstance(value, str) else str(value)
    n = next(turn)
    header = f"From: Zoe <zoe{n}@soie.example>\r\nMessage-ID: <{n}@soie.example>\r\nSubject: {n}\r\n\r\n"
    replies = NAMES["replies"]
    answer = replies[n % len(replies)].replace("NUMBER", str(n)).replace("WORDS", text)
    return [text, header + text, answer][n % 3].encode("utf-8", "surrogatepass")
