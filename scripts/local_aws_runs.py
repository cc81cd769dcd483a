"""Trains and scores on a deployed stack. Called by scripts/local-aws. Every state is printed when it is entered;
at the end Athena answers."""

import argparse
import sys
import time

from deployed import Stack

MODEL = "engagement"


def show(title, rows):
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    print(f"\n== {title}")
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--outputs", required=True)
    parser.add_argument("--millrace", required=True)
    parser.add_argument("--rows", type=int, required=True)
    arguments = parser.parse_args()
    stack = Stack(arguments.outputs, arguments.millrace)

    spec = stack.bring_documents()
    data = stack.bring_rows(f"customers-{arguments.rows}", arguments.rows)
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
    trained = stack.execute("TrainingMachine", f"training-{stamp}", {"spec": spec, "data": data}).succeeded()
    print(f"{trained['model']} {trained['version']} is {trained['promoted_to']}")
    run = f"scoring-{stamp}"
    scored = stack.execute("InferenceMachine", run, {"model": MODEL, "data": data}).succeeded()

    counted = stack.ask(f"SELECT count(*) AS customers FROM predictions WHERE run_id = '{run}'")
    if int(counted[1][0]) != scored["rows_scored"]:
        sys.exit(f"Athena sees {counted[1][0]} rows and not {scored['rows_scored']}")
    show(
        "Athena: how many customers are at risk of leaving?",
        stack.ask(
            "SELECT churn_risk_tier, count(*) AS customers, round(avg(churn_probability), 3) AS mean_churn "
            "FROM predictions GROUP BY churn_risk_tier ORDER BY mean_churn DESC",
        ),
    )
    print(f"\n{scored['rows_scored']} customers scored by {scored['model']} {scored['version']}.")


if __name__ == "__main__":
    main()
