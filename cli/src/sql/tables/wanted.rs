//! Which tables a query names.

use std::collections::BTreeSet;

use datafusion::prelude::SessionContext;

/// Names of tables; everything where a query asks what there is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    Everything,
    Names(BTreeSet<String>),
}

impl Wanted {
    pub fn of(context: &SessionContext, sql: &str) -> Wanted {
        match named(context, sql) {
            Some(names) if !names.is_empty() => Wanted::Names(names),
            _ => Wanted::Everything,
        }
    }

    pub fn has(&self, name: &str) -> bool {
        match self {
            Wanted::Everything => true,
            Wanted::Names(names) => names.contains(name),
        }
    }

    pub fn add(&mut self, more: BTreeSet<String>) {
        if let Wanted::Names(names) = self {
            names.extend(more);
        }
    }
}

/// None where the SQL cannot be read, which is then said when it is run, or asks for the catalogue.
pub fn named(context: &SessionContext, sql: &str) -> Option<BTreeSet<String>> {
    let state = context.state();
    let dialect = state.config().options().sql_parser.dialect;
    let statement = state.sql_to_statement(sql, &dialect).ok()?;
    let references = state.resolve_table_references(&statement).ok()?;
    let catalogue = |schema: Option<&str>| schema == Some("information_schema");
    if references
        .iter()
        .any(|reference| catalogue(reference.schema()))
    {
        return None;
    }
    Some(
        references
            .iter()
            .map(|reference| reference.table().to_owned())
            .collect(),
    )
}
