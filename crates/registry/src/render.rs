//! Plain text for people: what the CLI prints without `--json`.

use std::fmt::Write as _;

use jiff::Timestamp;
use millrace_contract::{ModelName, Version};

use crate::change::Changed;
use crate::document::entry::Entry;
use crate::manifest::evidence::{Decision, GateVerdict, Verdicts};
use crate::operations::diff::Diff;
use crate::operations::history::LiveAt;
use crate::operations::prune::PrunePlan;
use crate::operations::register::Registered;
use crate::operations::restore::Restored;
use crate::operations::rollback::{RollbackPlan, RolledBack};
use crate::operations::view::{Listing, Shown, VersionSummary};

/// One line per version, the newest first.
pub fn list(listing: &Listing) -> String {
    let mut rows = vec![cells([
        "VERSION",
        "STATE",
        "ALIASES",
        "REGISTERED",
        "QUALITY",
        "FAIRNESS",
        "RUN",
    ])];
    rows.extend(listing.versions.iter().map(version_row));
    let mut text = table(&rows);
    let live = or_none(listing.live);
    let target = or_none(listing.rollback_target);
    let _ = writeln!(
        text,
        "\nlive: {live}   a rollback would return to: {target}"
    );
    if !listing.unfinished.is_empty() {
        let unfinished: Vec<String> = listing.unfinished.iter().map(Version::to_string).collect();
        let _ = writeln!(
            text,
            "registering, or interrupted: {}",
            unfinished.join(", ")
        );
    }
    text
}

fn version_row(version: &VersionSummary) -> Vec<String> {
    let state = match version.pruned_at {
        Some(_) => format!("{}, pruned", version.state),
        None => version.state.to_string(),
    };
    let decided = |decision: Option<Decision>| decision.map_or("-".to_owned(), |d| d.to_string());
    vec![
        version.version.to_string(),
        state,
        dash_if_empty(version.aliases.join(", ")),
        time(version.registered_at),
        decided(version.verdicts.quality),
        decided(version.verdicts.fairness),
        version.run_id.to_string(),
    ]
}

/// One version in full.
pub fn show(shown: &Shown) -> String {
    let (summary, manifest) = (&shown.summary, &shown.manifest);
    let lineage = &manifest.lineage;
    let mut rows = vec![
        cells([
            "model",
            &format!("{} {}", manifest.model_name, summary.version),
        ]),
        cells(["state", &summary.state.to_string()]),
        cells(["aliases", &dash_if_empty(summary.aliases.join(", "))]),
        cells(["registered", &time(summary.registered_at)]),
        cells(["run", summary.run_id.as_str()]),
        cells([
            "data",
            &format!("{} ({})", lineage.data_uri, lineage.data_digest.short()),
        ]),
        cells(["spec", lineage.spec_digest.short()]),
        cells([
            "contract",
            &format!(
                "{} ({})",
                lineage.contract_version,
                lineage.contract_digest.short()
            ),
        ]),
        cells(["code", &lineage.code_version]),
        cells(["features", &lineage.features.len().to_string()]),
    ];
    rows.extend(
        summary
            .reasons
            .iter()
            .map(|reason| cells(["rejected because", reason])),
    );
    if let Some(at) = summary.pruned_at {
        rows.push(cells(["files pruned", &time(at)]));
    }
    let metrics = manifest.evidence.metrics.iter();
    rows.extend(metrics.map(|(name, value)| cells([name.as_str(), &number(*value)])));
    rows.extend(gate_rows("quality", manifest.evidence.quality.as_ref()));
    rows.extend(gate_rows("fairness", manifest.evidence.fairness.as_ref()));
    let mut text = table(&rows);
    let files = manifest.files.iter().map(|file| {
        vec![
            file.key.clone(),
            file.bytes.to_string(),
            file.sha256.to_string(),
        ]
    });
    let mut rows = vec![cells(["FILE", "BYTES", "SHA-256"])];
    rows.extend(files);
    let _ = write!(text, "\n{}\n{}", table(&rows), history(&shown.history));
    text
}

fn gate_rows(gate: &str, verdict: Option<&GateVerdict>) -> Vec<Vec<String>> {
    let Some(verdict) = verdict else {
        return vec![cells([gate, "not judged"])];
    };
    let said = format!("{}: {}", verdict.decision, verdict.summary);
    let mut rows = vec![cells([gate, &said])];
    rows.extend(verdict.findings.iter().map(|finding| {
        let value = finding.value.map(|value| format!(" {}", number(value)));
        let limit = finding
            .limit
            .map(|limit| format!(" (limit {})", number(limit)));
        let said = format!(
            "{}{}{} {}",
            finding.outcome,
            value.unwrap_or_default(),
            limit.unwrap_or_default(),
            finding.detail
        );
        cells([&format!("  {}", finding.subject), said.trim_end()])
    }));
    rows
}

/// One line per entry, oldest first.
pub fn history(entries: &[Entry]) -> String {
    let mut rows = vec![cells([
        "#", "AT", "WHO", "WHAT", "LIVE", "VERDICTS", "RUN", "WHY",
    ])];
    rows.extend(entries.iter().map(|entry| {
        vec![
            entry.sequence.to_string(),
            match entry.clock_said {
                Some(said) => format!("{} (clock said {})", time(entry.at), time(said)),
                None => time(entry.at),
            },
            entry.who.clone(),
            what(entry),
            or_none(entry.live_after),
            entry.verdicts.map_or("-".to_owned(), verdicts),
            entry
                .run_id
                .as_ref()
                .map_or("-".to_owned(), ToString::to_string),
            entry.why.clone().unwrap_or_else(|| "-".to_owned()),
        ]
    }));
    table(&rows)
}

fn what(entry: &Entry) -> String {
    let mut text = entry.action.to_string();
    if let Some(alias) = &entry.alias {
        let _ = write!(text, " {alias}");
    }
    if let Some(version) = entry.version {
        let _ = write!(text, " {version}");
    }
    match (entry.from, entry.to) {
        (Some(from), Some(to)) => {
            let _ = write!(text, " ({from} -> {to})");
        }
        (None, Some(to)) => {
            let _ = write!(text, " ({to})");
        }
        _ => {}
    }
    if let Some(before) = entry.alias_before {
        let _ = write!(text, " (was {before})");
    }
    text
}

fn verdicts(verdicts: Verdicts) -> String {
    let said = |gate: &str, decision: Option<Decision>| decision.map(|d| format!("{gate} {d}"));
    let all = [
        said("quality", verdicts.quality),
        said("fairness", verdicts.fairness),
    ];
    let all: Vec<String> = all.into_iter().flatten().collect();
    dash_if_empty(all.join(", "))
}

pub fn live_at(answer: &LiveAt) -> String {
    let (name, at) = (&answer.model_name, time(answer.at));
    let Some(version) = answer.version else {
        return format!("no version of {name} was live at {at}\n");
    };
    let since = answer.since.map(time).unwrap_or_default();
    let who = clean(answer.who.as_deref().unwrap_or("unknown"));
    let why = answer
        .why
        .as_deref()
        .map(|why| format!(", because: {}", clean(why)));
    let why = why.unwrap_or_default();
    format!("{name} {version} was live at {at}, since {since}, by {who}{why}\n")
}

pub fn diff(diff: &Diff) -> String {
    let (before, after) = (diff.before.to_string(), diff.after.to_string());
    let value = |value: Option<f64>| value.map_or("-".to_owned(), number);
    let mut rows = vec![cells(["", &before, &after, "DIFFERENCE"])];
    rows.extend(diff.metrics.iter().map(|metric| {
        let difference = metric.difference.map(|d| {
            let sign = if d > 0.0 { "+" } else { "" };
            format!("{sign}{}", number(d))
        });
        cells([
            metric.name.as_str(),
            &value(metric.before),
            &value(metric.after),
            &difference.unwrap_or_else(|| "-".to_owned()),
        ])
    }));
    let changed = diff.hyperparameters.iter().chain(&diff.documents);
    rows.extend(changed.map(|c| cells([c.name.as_str(), &c.before, &c.after, "changed"])));
    match &diff.data {
        None => rows.push(cells(["data", "the same", "the same", ""])),
        Some(data) => {
            let said = |uri: &str, digest: &str| format!("{uri} ({digest})");
            let before = said(&data.before_uri, data.before_digest.short());
            let after = said(&data.after_uri, data.after_digest.short());
            rows.push(cells(["data", &before, &after, "changed"]));
        }
    }
    let mut text = table(&rows);
    for (title, features) in [
        ("features added", &diff.features_added),
        ("features removed", &diff.features_removed),
    ] {
        let names: Vec<String> = features.iter().map(|feature| clean(feature)).collect();
        let _ = writeln!(text, "{title}: {}", dash_if_empty(names.join(", ")));
    }
    text
}

pub fn registered(name: &ModelName, registered: &Registered) -> String {
    let (version, state) = (registered.version, registered.state);
    let again = if registered.already { " already" } else { "" };
    let mut text = format!("{name} {version} is registered{again}, as {state}\n");
    for reason in &registered.reasons {
        let _ = writeln!(text, "  {}", clean(reason));
    }
    text
}

/// For promote, reject and aliases.
pub fn changed(name: &ModelName, changed: &Changed) -> String {
    let mut text = String::new();
    if changed.already {
        let _ = writeln!(text, "{name}: it was so already, nothing was changed");
    }
    for entry in &changed.entries {
        let _ = writeln!(text, "{name}: {}", what(entry));
    }
    let _ = writeln!(text, "live: {}", or_none(changed.live));
    text
}

pub fn rollback_plan(plan: &RollbackPlan) -> String {
    let RollbackPlan {
        model_name,
        from,
        to,
    } = plan;
    format!("would roll {model_name} back from {from} to {to}: {to} becomes live, {from} retired\n")
}

pub fn rolled_back(done: &RolledBack) -> String {
    let (from, to) = (or_none(done.from), or_none(done.to));
    let again = if done.change.already {
        " (by the same operation, before)"
    } else {
        ""
    };
    format!(
        "rolled {} back from {from} to {to}{again}: {to} is live, {from} retired\n",
        done.model_name
    )
}

/// `done`: whether it was carried out, or would be.
pub fn prune(plan: &PrunePlan, done: bool) -> String {
    let verb = if done { "deleted" } else { "would delete" };
    let join = |versions: &[Version]| {
        let names: Vec<String> = versions.iter().map(Version::to_string).collect();
        dash_if_empty(names.join(", "))
    };
    format!(
        "{verb} {} objects ({} bytes) of {}\nversions pruned: {}\nunfinished registrations given up: {}\n",
        plan.objects.len(),
        plan.bytes,
        plan.model_name,
        join(&plan.versions),
        join(&plan.abandoned)
    )
}

pub fn restored(name: &ModelName, restored: &Restored) -> String {
    let Some(copy) = &restored.copy else {
        return format!("the registry document of {name} is sound: nothing to restore\n");
    };
    let damage = clean(restored.damage.as_deref().unwrap_or_default());
    let verb = if restored.dry_run {
        "would be restored"
    } else {
        "was restored"
    };
    let mut text =
        format!("the registry document of {name} was damaged ({damage}) and {verb} from {copy}\n");
    if let Some(kept) = &restored.damaged_kept_as {
        let _ = writeln!(text, "the damaged document is kept as {kept}");
    }
    text
}

/// Columns as wide as their widest cell, two spaces between; nothing after the last one.
fn table(rows: &[Vec<String>]) -> String {
    let rows: Vec<Vec<String>> = rows
        .iter()
        .map(|row| row.iter().map(|cell| clean(cell)).collect())
        .collect();
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        let cells = rows
            .iter()
            .filter_map(move |row: &Vec<String>| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in &rows {
        let padded = row
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:<width$}"));
        let line: Vec<String> = padded.collect();
        let _ = writeln!(text, "{}", line.join("  ").trim_end());
    }
    text
}

/// What others wrote must not move the cursor of whoever reads it.
fn clean(text: &str) -> String {
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    text.chars().map(plain).collect()
}

fn cells<const N: usize>(cells: [&str; N]) -> Vec<String> {
    cells.map(str::to_owned).to_vec()
}

fn dash_if_empty(text: String) -> String {
    if text.is_empty() {
        "-".to_owned()
    } else {
        text
    }
}

fn or_none(version: Option<Version>) -> String {
    version.map_or_else(|| "none".to_owned(), |version| version.to_string())
}

fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Enough digits to tell two models apart.
fn number(value: f64) -> String {
    format!("{:.6}", value + 0.0)
}
