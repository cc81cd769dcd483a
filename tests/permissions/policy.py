"""The rules of IAM for the forms of statement that this repository uses. Any other form is an error.

After "Policy evaluation logic" of the IAM user guide, for a role and a resource of the same account: what a statement
denies is denied; what none allows is denied; the service of keys asks the key's own policy as well.
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache

IDENTITY = {"Sid", "Effect", "Action", "Resource", "Condition"}
RESOURCE = IDENTITY | {"Principal"}


class UnknownForm(Exception):
    """A statement says something that is not understood here: nothing is proven by guessing."""


@dataclass(frozen=True)
class Call:
    """What one role asks of one resource."""

    role: str
    action: str
    resource: str
    context: tuple = ()
    # Where it was seen; two calls that differ in this alone are one question.
    seen: str = field(default="", compare=False)

    def value(self, key):
        """Names of keys are compared without regard to case."""
        return {name.lower(): value for name, value in self.context}.get(key.lower())


@dataclass(frozen=True)
class Statement:
    sid: str
    effect: str
    actions: tuple
    resources: tuple
    condition: tuple
    principals: tuple = ()

    def pairs(self, call):
        """Which of its actions, on which of its resources, a call is."""
        actions = [one for one in self.actions if covers(one, call.action, ignore_case=True)]
        return [(action, one) for action in actions for one in self.resources if covers(one, call.resource)]


def many(value, what):
    """IAM lets one thing stand without its list."""
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list) or not values or not all(isinstance(one, str) for one in values):
        raise UnknownForm(f"{what} is {value!r}")
    for one in values:
        if "${" in one:
            raise UnknownForm(f"{what} has a variable: {one}")
    return tuple(values)


def parse(document, known=IDENTITY):
    """The statements of a policy."""
    if set(document) - {"Version", "Id", "Statement"} or document.get("Version") != "2012-10-17":
        raise UnknownForm(f"a document with {sorted(document)} of version {document.get('Version')}")
    given = document["Statement"]
    return [statement(one, known) for one in ([given] if isinstance(given, dict) else given)]


def statement(given, known):
    foreign = sorted(set(given) - known)
    if foreign:
        raise UnknownForm(f"a statement with {', '.join(foreign)}")
    if given.get("Effect") not in ("Allow", "Deny"):
        raise UnknownForm(f"the effect {given.get('Effect')!r}")
    return Statement(
        sid=given.get("Sid", ""),
        effect=given["Effect"],
        actions=many(given.get("Action"), "an action"),
        resources=many(given.get("Resource"), "a resource"),
        condition=parse_condition(given.get("Condition", {})),
        principals=parse_principal(given["Principal"]) if "Principal" in given else (),
    )


def parse_principal(given):
    if given == "*":
        return (("AWS", "*"),)
    if not isinstance(given, dict) or set(given) - {"AWS", "Service"}:
        raise UnknownForm(f"the principal {given!r}")
    return tuple((kind, one) for kind, ones in given.items() for one in many(ones, "a principal"))


def parse_condition(given):
    found = []
    for operator, keys in given.items():
        if operator not in OPERATORS:
            raise UnknownForm(f"the operator {operator}")
        for key, values in keys.items():
            values = [str(one).lower() if isinstance(one, bool) else str(one) for one in (values if isinstance(values, list) else [values])]
            found.append((operator, key, many(values, f"the condition {key}")))
    return tuple(found)


@lru_cache(maxsize=None)
def pattern(text, ignore_case=False):
    """`*` stands for any characters, slashes and colons too; `?` for one."""
    words = "".join({"*": ".*", "?": "."}.get(one, re.escape(one)) for one in text)
    return re.compile(words, re.DOTALL | (re.IGNORECASE if ignore_case else 0))


def covers(text, value, ignore_case=False):
    return pattern(text, ignore_case).fullmatch(value) is not None


def arn_like(text, value):
    """ARNs are compared piece by piece, so that a `*` does not reach over a colon, but in the last piece."""
    wanted, found = text.split(":", 5), value.split(":", 5)
    return len(wanted) == len(found) == 6 and all(covers(one, other) for one, other in zip(wanted, found))


OPERATORS = {
    "StringEquals": lambda wanted, found: wanted == found,
    "StringLike": covers,
    "ArnEquals": arn_like,
    "ArnLike": arn_like,
    "Bool": lambda wanted, found: wanted.lower() == found.lower(),
    "NumericLessThan": lambda wanted, found: float(found) < float(wanted),
}


def holds(one, call):
    """Every condition, by one of its values. A key that the request does not have fulfils none."""
    for operator, key, values in one.condition:
        found = call.value(key)
        if found is None or not any(OPERATORS[operator](wanted, found) for wanted in values):
            return False
    return True


def speaks_of(one, call):
    return (
        any(covers(action, call.action, ignore_case=True) for action in one.actions)
        and any(covers(resource, call.resource) for resource in one.resources)
        and holds(one, call)
    )


def names(one, account):
    """Whether a statement of a resource's policy means a role of the account: by all, or by the account itself."""
    meant = False
    for kind, who in one.principals:
        if kind == "Service":
            continue
        if who not in ("*", account, f"arn:aws:iam::{account}:root"):
            raise UnknownForm(f"the principal {who}")
        meant = True
    return meant


@dataclass(frozen=True)
class Answer:
    allowed: bool
    why: str
    # The statements of the role that allow it.
    by: tuple = ()


def decide(call, identity, resource, account):
    """`identity` are the statements of the role, `resource` those of the policy that the resource has, if it has one."""
    about = [one for one in resource if names(one, account) and speaks_of(one, call)]
    own = [one for one in identity if speaks_of(one, call)]
    denied = [one for one in [*about, *own] if one.effect == "Deny"]
    if denied:
        return Answer(False, f"the statement {denied[0].sid or denied[0]} denies it")
    if not own:
        # The account's own policies decide where a resource's policy names the account; it names no role by itself.
        return Answer(False, "no statement of the role allows it")
    if call.action.startswith("kms:") and not about:
        return Answer(False, "the key's policy does not let the account use it")
    return Answer(True, "", tuple(own))
