"""Whether a text is Trino's SQL, which is Athena's: sqlglot parses it, and what sqlglot lets through is looked at."""

import sqlglot
from sqlglot import exp
from sqlglot.tokens import TokenType

DIALECTS = ("trino", "athena")
# Forms that sqlglot reads in every dialect, and that Trino has not.
FOREIGN_TOKENS = {
    TokenType.DCOLON: "::",
    TokenType.ILIKE: "ILIKE",
    TokenType.QUALIFY: "QUALIFY",
    TokenType.RLIKE: "RLIKE",
    TokenType.DIV: "DIV",
    TokenType.STRAIGHT_JOIN: "STRAIGHT_JOIN",
    TokenType.ASOF: "ASOF",
}
# Words of Trino that are no names without quotes.
RESERVED = frozenset(
    "alter and as between by case cast constraint create cross cube current_catalog current_date current_path current_role"
    " current_schema current_time current_timestamp current_user deallocate delete describe distinct drop else end escape"
    " except exists extract false for from full group grouping having in inner insert intersect into is join json_array"
    " json_exists json_object json_query json_table json_value left like listagg localtime localtimestamp natural normalize"
    " not null on or order outer prepare recursive right rollup select skip table then trim true uescape union unnest using"
    " values when where with".split()
)


def faults(sql):
    """What Trino would not understand of a text, one line each."""
    try:
        tokens = sqlglot.tokenize(sql, read="trino")
    except sqlglot.errors.SqlglotError as error:
        return [str(error)]
    found = [f"{FOREIGN_TOKENS[one.token_type]} is not of Trino" for one in tokens if one.token_type in FOREIGN_TOKENS]
    kinds = [one.token_type for one in tokens]
    if any(kinds[at:at + 3] == [TokenType.LIMIT, TokenType.NUMBER, TokenType.COMMA] for at in range(len(kinds))):
        found.append("LIMIT with two numbers is not of Trino")
    if "`" in sql:
        found.append("names in Trino have double quotes, not backquotes")
    for dialect in DIALECTS:
        try:
            (tree,) = sqlglot.parse(sql, read=dialect)
            tree.sql(dialect=dialect, unsupported_level=sqlglot.ErrorLevel.RAISE)
        except (sqlglot.errors.SqlglotError, ValueError) as error:
            return [*found, f"{dialect}: {error}"]
    return found + list(of_tree(tree))


def of_tree(tree):
    if not isinstance(tree, exp.Query):
        yield f"{tree.key} is no question"
    # A function that sqlglot does not know is one that nobody looked up.
    yield from (f"the function {one.name} is not known" for one in tree.find_all(exp.Anonymous))
    for one in tree.find_all(exp.Identifier):
        if not one.quoted and one.name.lower() in RESERVED:
            yield f"{one.name} is a word of Trino, not a name"
    for one in tree.find_all(exp.Distinct):
        if one.args.get("on"):
            yield "DISTINCT ON is not of Trino"
    for one in tree.find_all(exp.Group):
        if one.args.get("all"):
            yield "GROUP BY ALL is not of Trino"
    for one in tree.find_all(exp.Star):
        if one.args.get("except_") or one.args.get("except") or one.args.get("replace"):
            yield "a star without some columns is not of Trino"
