//! What the estimate rests on: the price table, the sizes and the usage that `infra/` estimates a month with.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::failure::Failure;

/// Approximate list prices in US dollars, with their date.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Prices {
    pub as_of: String,
    pub region: String,
    pub fargate: BTreeMap<String, FargatePrice>,
    pub lambda: BTreeMap<String, LambdaPrice>,
    pub function_request: f64,
    pub state_transition: f64,
    pub store_write: f64,
    pub store_read: f64,
    pub scanned_gibibyte: f64,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FargatePrice {
    pub processor_hour: f64,
    pub gibibyte_hour: f64,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LambdaPrice {
    pub gibibyte_second: f64,
}

/// The part of an environment that decides what a second costs.
#[derive(Debug, Deserialize)]
pub struct Sizes {
    pub architecture: String,
    pub functions: Functions,
    pub containers: BTreeMap<String, ContainerSize>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Functions {
    #[serde(rename = "memoryMiB")]
    pub memory_mib: BTreeMap<String, f64>,
}

#[derive(Debug, Deserialize)]
pub struct ContainerSize {
    /// 1024 is one processor.
    pub cpu: f64,
    #[serde(rename = "memoryMiB")]
    pub memory_mib: f64,
}

/// What is assumed of a run whose times are not known here.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Usage {
    pub training_minutes: f64,
    pub scoring_minutes: f64,
    pub function_seconds_per_run: f64,
    pub state_transitions_per_run: f64,
}

/// All of it, as it was when this program was built.
#[derive(Debug)]
pub struct Table {
    pub prices: Prices,
    pub sizes: Sizes,
    pub usage: Usage,
}

impl Table {
    pub fn built_in() -> Result<Table, Failure> {
        Ok(Table {
            prices: parsed(include_str!("../../../infra/prices.json"))?,
            sizes: parsed(include_str!("../../../infra/config/production.json"))?,
            usage: parsed(include_str!("../../../infra/usage.json"))?,
        })
    }
}

fn parsed<T: for<'a> Deserialize<'a>>(text: &str) -> Result<T, Failure> {
    let unusable = |error: serde_json::Error| Failure::new("PricesUnusable", error.to_string());
    serde_json::from_str(text).map_err(unusable)
}
