//! The spec, as somebody would write it for a first try.

use std::fmt::Write;

use millrace_contract::Role;
use millrace_dataset::Survey;
use millrace_dataset::survey::{Form, Numbers};

use crate::Choices;
use crate::columns::{Described, Kind};
use crate::contract::{key, one_line, quoted};
use crate::names::slug;
use crate::numbers::{decimals, written};

/// Where the groups of ages are cut.
const AGES: [f64; 5] = [25.0, 35.0, 45.0, 55.0, 65.0];

pub(crate) fn write(survey: &Survey, choices: &Choices, columns: &[Described]) -> String {
    let name = choices.name.as_str();
    let target = columns.iter().find(|column| column.role == Role::Target);
    let target_name = target.map_or(choices.target.as_str(), |target| target.name.as_str());
    let scale = Scale::of(survey, target);
    let mut text = format!(
        "# What to learn from {}. Written by `millrace new`: docs/MODELS.md explains every key.\n\n\
         name = {}\ndescription = {}\ncontract = \"../contracts/{name}.toml\"\ntarget = {}\n",
        one_line(&choices.source),
        quoted(name),
        quoted(&format!("Predicts {target_name}.")),
        quoted(target_name),
    );
    if scale.is_yes_or_no {
        text.push_str(
            "# task = \"binary\"   # once there is such a key; until then 0 and 1 are learned as numbers\n",
        );
    }
    let _ = write!(
        text,
        "\n[encoding]\nunseen = \"missing\"   # a word that the contract does not list\n\
         \n[search]\nfolds = 4\n\
         \n[search.space]\nn_estimators = [100, 200]\nmax_depth = [3, 6]\nlearning_rate = [0.1, 0.3]\nsubsample = [1.0]\n\
         colsample_bytree = [1.0]\n\
         \n[scores]\ntable = \"{name}_predictions\"\ncolumn = \"{}_pred\"\ndecimals = {}\nrange = [{}, {}]\n",
        slug(target_name),
        scale.decimals,
        float(scale.range[0]),
        float(scale.range[1]),
    );
    text.push_str(
        "\n[quality]\n\
         maximum_clipped_share = 1.0   # so many predictions may lie outside of the range, whose nearer end they become\n\
         # minimum_r2 = 0.5            # what you need, once you have seen what is possible: a weaker model then stays out\n",
    );
    text.push_str(&fairness(survey, columns, &scale));
    text
}

/// The target's size.
struct Scale {
    decimals: u32,
    range: [f64; 2],
    middle: f64,
    is_yes_or_no: bool,
}

impl Scale {
    fn of(survey: &Survey, target: Option<&Described>) -> Scale {
        let numbers = target.and_then(|target| numbers(survey, target));
        match (target.map(|target| &target.kind), numbers) {
            (Some(Kind::Number { range, .. }), Some(found))
                if *range != [0.0, 1.0] || !found.whole =>
            {
                Scale {
                    decimals: decimals(found),
                    range: *range,
                    middle: middle(found),
                    is_yes_or_no: false,
                }
            }
            _ => Scale {
                decimals: 3,
                range: [0.0, 1.0],
                middle: 0.5,
                is_yes_or_no: true,
            },
        }
    }
}

/// A number with enough rows on either side, if there is one.
fn middle(found: &Numbers) -> f64 {
    let above_the_least = |share: &f64| found.quantile(*share) > found.low;
    match [0.5, 0.75, 0.9].into_iter().find(above_the_least) {
        Some(share) => found.quantile(share),
        None => (found.low + found.high) / 2.0,
    }
}

fn numbers<'a>(survey: &'a Survey, column: &Described) -> Option<&'a Numbers> {
    match &survey.column(&column.source)?.form {
        Form::Number(numbers) => Some(numbers),
        _ => None,
    }
}

/// Groups are compared and the differences told; which of them are too large, nobody can know beforehand.
fn fairness(survey: &Survey, columns: &[Described], scale: &Scale) -> String {
    let protected: Vec<&Described> = columns
        .iter()
        .filter(|column| column.role == Role::Protected)
        .collect();
    if protected.is_empty() {
        return String::new();
    }
    let names: Vec<String> = protected
        .iter()
        .map(|column| quoted(&column.name))
        .collect();
    let names = names.join(", ");
    let mut text = format!(
        "\n# Groups are compared, and the differences are reported. A limit of 1 blocks no model: lower the limits to what is\n\
         # right for your table (0.1 is usual for the first), and take the groups out of the list of those that may be small.\n\
         [fairness]\nattributes = [{names}]\nthreshold = {}   # a score above it counts as selected\n\
         maximum_demographic_parity_difference = 1.0\nallow_insufficient_evidence = [{names}]\n\
         proxy.maximum_association = 1.0\nproxy.maximum_probe_auc = 1.0\n",
        float(scale.middle),
    );
    let bands: Vec<String> = protected
        .iter()
        .filter_map(|column| bands(survey, column))
        .collect();
    if !bands.is_empty() {
        let _ = write!(text, "\n[fairness.bands]\n{}", bands.concat());
    }
    text
}

fn bands(survey: &Survey, column: &Described) -> Option<String> {
    let found = numbers(survey, column)?;
    let inside = |edge: &f64| *edge > found.low && *edge <= found.high;
    let is_age = found.low >= 0.0
        && found.high <= 120.0
        && AGES.iter().filter(|edge| inside(edge)).count() >= 2;
    let mut edges: Vec<f64> = match is_age {
        true => AGES.to_vec(),
        false => [0.25, 0.5, 0.75]
            .map(|share| found.quantile(share))
            .to_vec(),
    };
    edges.retain(inside);
    edges.dedup();
    if edges.is_empty() {
        edges.push(found.high);
    }
    let edges: Vec<String> = edges.into_iter().map(written).collect();
    Some(format!("{} = [{}]\n", key(&column.name), edges.join(", ")))
}

fn float(value: f64) -> String {
    match value.fract() == 0.0 {
        true => format!("{}.0", written(value)),
        false => written(value),
    }
}
