//! A published table's columns in the words of the data catalogue.

use millrace_contract::output::score_columns;
use millrace_contract::stages::CatalogueColumn;
use millrace_contract::{Contract, OutputColumn, Spec};

pub fn columns(spec: &Spec, contract: &Contract) -> Vec<CatalogueColumn> {
    score_columns(spec, contract)
        .into_iter()
        .map(column)
        .collect()
}

fn column(column: OutputColumn) -> CatalogueColumn {
    CatalogueColumn {
        name: column.name,
        column_type: column.output_type.athena_type().to_owned(),
    }
}
