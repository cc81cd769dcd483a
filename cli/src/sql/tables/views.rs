//! The views that analysts start from: the same files that are deployed.

use datafusion::prelude::SessionContext;
use millrace_contract::tables::VIEWS;

use super::unreadable;
use super::wanted::{Wanted, named};
use crate::failure::Failure;

/// What each of `VIEWS` is.
const SQL: [&str; VIEWS.len()] = [
    include_str!("../../../../sql/views/current_predictions.sql"),
    include_str!("../../../../sql/views/latest_per_customer.sql"),
    include_str!("../../../../sql/views/tier_counts.sql"),
    include_str!("../../../../sql/views/churn_list.sql"),
];

/// What the wanted views are made of is wanted as well.
pub fn with_sources(context: &SessionContext, mut wanted: Wanted) -> Wanted {
    for (name, sql) in VIEWS.iter().zip(SQL).rev() {
        if wanted.has(name) {
            wanted.add(named(context, sql).unwrap_or_default());
        }
    }
    wanted
}

/// A view whose tables are not there yet is not there either.
pub async fn register(context: &SessionContext, wanted: &Wanted) -> Result<(), Failure> {
    for (name, sql) in VIEWS.into_iter().zip(SQL) {
        let known = |table: &String| context.table_exist(table.as_str()).unwrap_or(false);
        let complete = named(context, sql).is_some_and(|sources| sources.iter().all(known));
        if !(wanted.has(name) && complete) {
            continue;
        }
        let frame = context.sql(sql).await.map_err(unreadable)?;
        context
            .register_table(name, frame.into_view())
            .map_err(unreadable)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_views_are_those_that_are_deployed_in_their_order() {
        let listed: serde_json::Value =
            serde_json::from_str(include_str!("../../../../infra/views.json")).unwrap();
        let listed: Vec<&str> = listed["views"]
            .as_array()
            .unwrap()
            .iter()
            .map(|view| view["name"].as_str().unwrap())
            .collect();
        assert_eq!(listed, VIEWS);
        for (name, sql) in VIEWS.into_iter().zip(SQL) {
            let path = format!("{}/../sql/views/{name}.sql", env!("CARGO_MANIFEST_DIR"));
            assert_eq!(sql, std::fs::read_to_string(path).unwrap(), "{name}");
        }
    }
}
