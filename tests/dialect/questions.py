"""Every SQL text of the repository, by the place where it stands."""

import json
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = ("README.md", "docs/*.md", "sql/README.md")
# A question on a command line of a document, and one in a block of its own.
COMMAND = re.compile(r'millrace query(?: --\w+)* "([^"]+)"')
BLOCK = re.compile(r"^```sql\n(.*?)^```", re.DOTALL | re.MULTILINE)
PLAIN = re.compile(r"^(SELECT .*?)(?:\n\n|^\+-|^```)", re.DOTALL | re.MULTILINE)
# What the questions of a state machine are made of: texts, values in quotes, and names.
PIECE = re.compile(r"\s*(?:'((?:[^'])*)'|\$text\(\$([a-z_.]+)\)|\$([a-z_.]+))\s*(?:&|$)")


class UnknownForm(Exception):
    """A question that is put together in a way that is not read here."""


def views():
    """Name and SQL, each after those that it uses."""
    generated = json.loads((ROOT / "infra/tables.json").read_text())["views"]
    listed = json.loads((ROOT / "infra/views.json").read_text())["views"]
    yield from ((one["name"], one["sql"]) for one in generated)
    yield from ((one["name"], (ROOT / f"sql/views/{one['name']}.sql").read_text()) for one in listed)


def of_files():
    for name, sql in views():
        yield f"view {name}", sql
    for file in sorted((ROOT / "sql/queries").glob("*.sql")):
        yield f"sql/queries/{file.name}", file.read_text()


def of_documents():
    for pattern in DOCUMENTS:
        for file in sorted(ROOT.glob(pattern)):
            text = file.read_text()
            found = COMMAND.findall(text) + BLOCK.findall(text) + PLAIN.findall(text)
            for number, sql in enumerate(one for one in found if one.strip(" .") != "SELECT"):
                yield f"{file.relative_to(ROOT)}, question {number + 1}", sql.strip()


def of_machines(values):
    """Each question of a state machine, with `values` for what an execution would know."""
    for file in sorted((ROOT / "statemachines").glob("*.asl.json")):
        for state, arguments in queries(json.loads(file.read_text())):
            yield f"{file.name}, state {state}", put_together(arguments["QueryString"], values)


def queries(flow):
    for name, state in flow["States"].items():
        if "QueryString" in state.get("Arguments", {}):
            yield name, state["Arguments"]
        for inner in [*state.get("Branches", []), *filter(None, [state.get("ItemProcessor")])]:
            yield from queries(inner)


def put_together(expression, values):
    """The text that the JSONata expression of a `QueryString` gives."""
    found = re.fullmatch(r"\{% \( \$quote := .*?; \$text := .*?; (.*) \) %\}", expression)
    if not found:
        raise UnknownForm(expression)
    rest, sql = found[1], ""
    while rest:
        piece = PIECE.match(rest)
        if not piece:
            raise UnknownForm(rest)
        text, quoted, name = piece.groups()
        sql += text if text is not None else f"'{values[quoted]}'" if quoted else str(values[name])
        rest = rest[piece.end():]
    return sql
