//! Shows an answer to a person (a table), to a spreadsheet (CSV) or to a program (JSON).

use std::io::{self, Write};

use super::Answer;
use crate::failure::Failure;

/// How an answer is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Table,
    Csv,
    Json,
}

/// Prints the whole answer to standard output.
pub fn print(answer: &Answer, format: Format) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match format {
        Format::Table => print_table(answer, &mut out),
        Format::Csv => print_csv(answer, &mut out),
        Format::Json => print_json(answer, &mut out),
    }
}

fn print_table(answer: &Answer, out: &mut impl Write) -> Result<(), Failure> {
    let schema = answer.schema.clone();
    let table = arrow::util::pretty::pretty_format_batches_with_schema(schema, &answer.batches)
        .map_err(unprintable)?;
    let rows = answer.rows();
    writeln!(
        out,
        "{table}\n{rows} row{}",
        if rows == 1 { "" } else { "s" }
    )
    .map_err(closed)
}

fn print_csv(answer: &Answer, out: &mut impl Write) -> Result<(), Failure> {
    let mut writer = arrow::csv::WriterBuilder::new()
        .with_header(true)
        .build(&mut *out);
    if answer.rows() == 0 {
        let names: Vec<&str> = answer
            .schema
            .fields()
            .iter()
            .map(|field| field.name().as_str())
            .collect();
        drop(writer);
        return writeln!(out, "{}", names.join(",")).map_err(closed);
    }
    answer
        .batches
        .iter()
        .try_for_each(|batch| writer.write(batch))
        .map_err(unprintable)
}

fn print_json(answer: &Answer, out: &mut impl Write) -> Result<(), Failure> {
    let mut writer = arrow::json::ArrayWriter::new(&mut *out);
    answer
        .batches
        .iter()
        .try_for_each(|batch| writer.write(batch))
        .map_err(unprintable)?;
    writer.finish().map_err(unprintable)?;
    drop(writer);
    writeln!(out).map_err(closed)
}

fn unprintable(error: arrow::error::ArrowError) -> Failure {
    Failure::new("AnswerUnprintable", error.to_string())
}

fn closed(error: io::Error) -> Failure {
    Failure::new("OutputClosed", error.to_string())
}

/// The first row as text, for whoever compares it.
pub fn first_row(answer: &Answer) -> Result<Vec<String>, Failure> {
    let Some(batch) = answer.batches.iter().find(|batch| batch.num_rows() > 0) else {
        return Ok(Vec::new());
    };
    let value = |column: &arrow::array::ArrayRef| {
        arrow::util::display::array_value_to_string(column, 0).map_err(unprintable)
    };
    batch.columns().iter().map(value).collect()
}
