//! The tables and views that analysts ask, and whose scores they see: the runs that are served.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use support::Workshop;
use support::quick::quick_spec;

/// A store with one day that two versions have scored, one after the other.
struct Desk {
    workshop: Workshop,
}

const ROWS: u64 = 6_000;

impl Desk {
    fn new() -> Desk {
        let workshop = Workshop::default();
        let data = workshop.customers("customers", ROWS);
        // Sixty of the same customers again: rows that validation puts aside.
        let again = workshop.customers("again", 60);
        let day = "snapshot_date=2026-11-01";
        let copy = |from: &str, to: &str| {
            std::fs::copy(workshop.path(from), workshop.path(to)).unwrap();
        };
        copy(
            &format!("{again}/{day}/part-000.parquet"),
            &format!("{data}/{day}/part-001.parquet"),
        );
        let spec = workshop.small_spec();
        for (run, at) in [("a", "2026-11-02T06:00:00Z"), ("b", "2026-11-02T18:00:00Z")] {
            let arguments = [
                "run", "--data", &data, "--spec", &spec, "--run-id", run, "--at", at,
            ];
            workshop.millrace(&arguments).succeeded();
        }
        Desk { workshop }
    }

    /// The answer as lines of CSV without the header.
    #[track_caller]
    fn ask(&self, sql: &str) -> Vec<String> {
        let answer = self.workshop.millrace(&["query", sql, "--csv"]).succeeded();
        answer.lines().skip(1).map(str::to_owned).collect()
    }

    #[track_caller]
    fn seen(&self) -> Vec<String> {
        self.ask("SELECT DISTINCT run_id FROM predictions")
    }
}

#[test]
fn every_table_says_what_happened_and_readers_see_one_run() {
    let desk = Desk::new();
    assert_eq!(
        desk.ask("SELECT run_id, kind, result FROM runs ORDER BY run_id"),
        [
            "a-inference,inference,succeeded",
            "a-training,training,succeeded",
            "b-inference,inference,succeeded",
            "b-training,training,succeeded",
        ]
    );
    let versions = desk.ask(
        "SELECT version, state, quality, fairness, r2 > 0.5 FROM model_versions ORDER BY version",
    );
    assert_eq!(versions.len(), 2);
    assert!(
        versions[0].ends_with(",retired,passed,passed,true"),
        "{versions:?}"
    );
    assert!(
        versions[1].ends_with(",live,passed,passed,true"),
        "{versions:?}"
    );
    assert_eq!(
        desk.ask("SELECT DISTINCT run_id, gate, decision FROM gate_verdicts ORDER BY run_id, gate"),
        [
            "a-training,fairness,passed",
            "a-training,quality,passed",
            "b-training,fairness,passed",
            "b-training,quality,passed",
        ]
    );
    assert_eq!(
        desk.ask("SELECT verdict, rows_read, rows_quarantined FROM data_quality WHERE run_id = 'b-inference'"),
        [format!("accepted,{},60", ROWS + 60)]
    );
    assert_eq!(
        desk.ask(
            "SELECT count(*), count(DISTINCT id), min(file), min(row_in_file), max(row_in_file) \
             FROM quarantine WHERE run_id = 'b-inference'"
        ),
        ["60,60,snapshot_date=2026-11-01/part-001.parquet,1,60"]
    );
    assert_eq!(desk.seen(), ["b-inference"]);
    assert_eq!(
        desk.ask("SELECT count(*) FROM predictions_by_run"),
        [(2 * ROWS).to_string()]
    );
}

/// The view as it is deployed gives the very rows that `predictions` gives here.
#[test]
fn the_deployed_view_shows_the_same_rows() {
    let desk = Desk::new();
    let catalogue: serde_json::Value =
        serde_json::from_str(&support::repository_file("infra/tables.json")).unwrap();
    let views = catalogue["views"].as_array().unwrap();
    let view = views
        .iter()
        .find(|view| view["name"] == "predictions")
        .unwrap();
    let sql = view["sql"].as_str().unwrap();
    let of = |source: &str| {
        desk.ask(&format!("SELECT customer_id, engagement_score_pred, run_id, model, scored_on FROM {source} ORDER BY customer_id"))
    };
    let rows = of("predictions");
    assert_eq!(rows.len() as u64, ROWS);
    assert_eq!(rows, of(&format!("({sql}) v")));
    for view in ["current_predictions", "latest_per_customer"] {
        assert_eq!(rows, of(view), "{view}");
    }
    let tiers = desk.ask("SELECT sum(customers) FROM tier_counts");
    assert_eq!(tiers, [ROWS.to_string()]);
    let called = desk.ask("SELECT count(*) FROM churn_list");
    assert_eq!(
        called,
        desk.ask("SELECT count(*) FROM predictions WHERE churn_risk_tier IN ('High', 'Critical')")
    );
}

#[test]
fn a_rollback_turns_the_model_and_its_scores_back_together() {
    let desk = Desk::new();
    let millrace = |arguments: &[&str]| desk.workshop.millrace(arguments);
    let before = desk.workshop.store_files();
    let planned = millrace(&["models", "rollback", "--with-predictions", "--dry-run"]).succeeded();
    assert!(planned.contains("b-inference by"), "{planned}");
    assert_eq!(
        before,
        desk.workshop.store_files(),
        "a dry run changes nothing"
    );
    millrace(&[
        "models",
        "rollback",
        "--with-predictions",
        "--why",
        "wrong tiers",
    ])
    .succeeded();
    assert_eq!(desk.seen(), ["a-inference"]);
    let live = desk.ask("SELECT run_id FROM model_versions WHERE state = 'live'");
    assert_eq!(live, ["a-training"]);
    assert_eq!(
        desk.ask("SELECT DISTINCT run_id FROM current_predictions"),
        ["a-inference"]
    );
    let list = millrace(&["predictions", "list"]).succeeded();
    assert!(
        list.contains("a-inference by") && list.contains("before: b-inference by"),
        "{list}"
    );
    let day = ["--day", "2026-11-02"];
    let restore =
        |run: &str| millrace(&[&["predictions", "restore", "--run", run], &day[..]].concat());
    restore("b-inference").succeeded();
    assert_eq!(desk.seen(), ["b-inference"]);
    restore("unknown").failed_with("NotServed");
    millrace(&[&["predictions", "withdraw"], &day[..]].concat()).succeeded();
    assert_eq!(
        desk.ask("SELECT count(*) FROM served WHERE run_id IS NOT NULL"),
        ["0"]
    );
}

#[test]
fn scores_of_a_rejected_version_are_not_shown_again() {
    let desk = Desk::new();
    let millrace = |arguments: &[&str]| desk.workshop.millrace(arguments);
    millrace(&["models", "rollback", "--with-predictions"]).succeeded();
    let retired = desk.ask("SELECT version FROM model_versions WHERE state = 'retired'");
    millrace(&["models", "reject", &retired[0], "--why", "unfair"]).succeeded();
    let restore = [
        "predictions",
        "restore",
        "--run",
        "b-inference",
        "--day",
        "2026-11-02",
    ];
    millrace(&restore).failed_with("VersionMayNotServe");
    assert_eq!(desk.seen(), ["a-inference"]);
}

/// No gate has judged it: readers never see it, and the answer says so.
#[test]
fn a_candidate_is_scored_into_a_file_and_nowhere_else() {
    let workshop = Workshop::default();
    let data = workshop.customers("customers", 1_000);
    let spec = quick_spec(&workshop);
    workshop.train(&data, &spec, "t");
    let out = workshop.text("scores.parquet");
    let score = |version: &str, run: &str, more: &[&str]| {
        let score = [
            "score",
            "--data",
            &data,
            "--version",
            version,
            "--run-id",
            run,
        ];
        workshop.millrace(&[&score[..], more].concat())
    };
    let said = score("run:t", "s", &[]).failed_with("VersionMayNotServe");
    assert!(
        said.contains("is not registered") && said.contains("--out FILE"),
        "{said}"
    );
    assert!(!workshop.path("store/runs/s").exists());
    for (version, run) in [("run:t", "s"), ("run:t/1", "s1")] {
        let said = score(version, run, &["--out", &out]).succeeded();
        assert!(
            said.contains("scored 1,000 rows with engagement run:t/1"),
            "{said}"
        );
        assert!(said.contains("nothing was published"), "{said}");
        let rows = support::rows::decoded(&workshop.path("scores.parquet"));
        assert_eq!(rows.len(), 1 + 1_000);
        assert!(rows[1].contains("run:t/1"), "{}", rows[1]);
        std::fs::remove_file(&out).unwrap();
    }
    score("run:t/2", "s2", &["--out", &out]).failed_with("CandidateNotFound");
    score("run:t/0", "s3", &["--out", &out]).failed_with("CandidateNotFound");
    score("run:nobody", "s4", &["--out", &out]).failed_with("CandidateNotFound");
    // Taken up, it is a trial still.
    let said = workshop.millrace(&["resume", "s"]).succeeded();
    assert!(said.contains("on trial: nothing was published"), "{said}");
    for (path, _) in workshop.store_files() {
        let path = path.to_str().unwrap().to_owned();
        let is_shown = ["tables/predictions/", "tables/served/"];
        assert!(
            !is_shown.iter().any(|folder| path.contains(folder)),
            "{path}"
        );
    }
}

#[test]
fn a_rejected_version_is_scored_into_a_file_and_nowhere_else() {
    let workshop = Workshop::default();
    let data = workshop.customers("customers", 1_000);
    let spec = quick_spec(&workshop);
    workshop.live(&data, &spec, "a");
    workshop.live(&data, &spec, "b");
    let millrace = |arguments: &[&str]| workshop.millrace(arguments);
    let shown = || millrace(&["predictions", "list"]).succeeded();
    assert!(shown().contains("b-inference by v1.0.1"), "{}", shown());
    let reject = ["models", "reject", "v1.0.1", "--why", "unfair"];
    millrace(&reject).failed_with("MoveNotAllowed");
    assert!(shown().contains("b-inference by v1.0.1"), "{}", shown());
    millrace(&["models", "rollback"]).succeeded();
    let said = millrace(&reject).succeeded();
    assert!(said.contains("b-inference by v1.0.1 -> nothing"), "{said}");
    assert!(
        shown().contains("  nothing; before: b-inference by v1.0.1"),
        "{}",
        shown()
    );
    let out = workshop.text("scores.parquet");
    let score = [
        "score",
        "--data",
        &data,
        "--version",
        "v1.0.1",
        "--run-id",
        "s",
    ];
    let said = millrace(&score).failed_with("VersionMayNotServe");
    assert!(said.contains("it is rejected (unfair)"), "{said}");
    let before = shown();
    let said = millrace(&[&score[..], &["--out", &out, "--json"]].concat()).json();
    assert_eq!(
        (&said["published"], &said["version"]),
        (&false.into(), &"v1.0.1".into())
    );
    assert_eq!(
        support::rows::decoded(&workshop.path("scores.parquet")).len(),
        1 + 1_000
    );
    assert_eq!(shown(), before);
    // What is live is scored and shown, and copied to the file too.
    let score = [
        "score", "--data", &data, "--out", &out, "--run-id", "l", "--json",
    ];
    let said = millrace(&score).json();
    assert_eq!(
        (&said["published"], &said["version"]),
        (&true.into(), &"v1.0.0".into())
    );
    assert!(shown().contains("l by v1.0.0"), "{}", shown());
}

/// The questions that analysts start from, and those of docs/ANALYSTS.md.
#[test]
fn every_query_that_is_offered_has_an_answer() {
    let desk = Desk::new();
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../sql/queries");
    let mut asked = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let file = entry.unwrap().path();
        let answer = desk
            .workshop
            .millrace(&["query", "--csv", "--file", file.to_str().unwrap()]);
        assert!(answer.succeeded().contains(','), "{}", file.display());
        asked += 1;
    }
    assert!(asked >= 6, "{asked}");
    let book = support::repository_file("docs/ANALYSTS.md");
    let commands = book
        .lines()
        .filter_map(|line| line.strip_prefix("millrace query \"")?.strip_suffix('"'));
    let questions: Vec<&str> = commands.collect();
    assert!(questions.len() >= 7, "{questions:?}");
    for question in questions {
        desk.ask(question);
    }
}
