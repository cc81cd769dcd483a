//! A published table's columns in the words of the data catalogue.

use millrace_contract::output::score_columns;
use millrace_contract::stages::CatalogueColumn;
use millrace_contract::{Contract, OutputColumn, OutputType, Spec};

pub fn columns(spec: &Spec, contract: &Contract) -> Vec<CatalogueColumn> {
    score_columns(spec, contract)
        .into_iter()
        .map(column)
        .collect()
}

fn column(column: OutputColumn) -> CatalogueColumn {
    CatalogueColumn {
        name: column.name,
        column_type: type_name(column.output_type).to_owned(),
    }
}

fn type_name(output_type: OutputType) -> &'static str {
    match output_type {
        OutputType::Text => "string",
        OutputType::Integer => "bigint",
        OutputType::Double => "double",
        OutputType::Boolean => "boolean",
        OutputType::Timestamp => "timestamp",
        OutputType::Date => "date",
    }
}
