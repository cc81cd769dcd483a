"""Starts LocalStack with an evaluator of JSONata that needs no download, and with mocks that may throw any error.

LocalStack evaluates JSONata by a Java library that it fetches when the first expression comes; jsonata-python is a port of
that library. It also refuses mocked errors whose names begin with `States.`: that rule of the language is for names which
people make up, and its own names must be among those that a test can throw, as AWS's TestState lets it.
"""

import json

from jsonata import jsonata
from localstack.runtime.main import main
from localstack.services.stepfunctions.asl.component.common.error_name import custom_error_name, states_error_name
from localstack.services.stepfunctions.asl.component.state.state_execution.state_task import local_mock_eval_utils
from localstack.services.stepfunctions.asl.jsonata import jsonata as evaluation


def evaluate(expression):
    try:
        # To text and back: values of the library's own become JSON's.
        return json.loads(json.dumps(jsonata.Jsonata(expression).evaluate(None), default=plain))
    except Exception as error:
        raise evaluation.JSONataException("UNKNOWN", str(error)) from error


def plain(value):
    """`null` is an object of the library, and a function has no JSON."""
    if value is jsonata.utils.Utils.NULL_VALUE:
        return None
    raise TypeError(f"{type(value).__name__} is no JSON")


def error_name(name):
    if name.startswith("States."):
        return states_error_name.StatesErrorName.from_name(name)
    return custom_error_name.CustomErrorName(name)


evaluation._eval_jsonata = evaluate
local_mock_eval_utils.CustomErrorName = error_name

if __name__ == "__main__":
    main()
