//! Files of rows as lines of text.

use std::fs::File;
use std::path::Path;

use arrow::csv::WriterBuilder;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

/// The header and the rows of a Parquet file as lines of CSV.
pub fn decoded(path: &Path) -> Vec<String> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap();
    let mut text = Vec::new();
    let mut writer = WriterBuilder::new().with_header(true).build(&mut text);
    for batch in builder.build().unwrap() {
        writer.write(&batch.unwrap()).unwrap();
    }
    drop(writer);
    let rows = String::from_utf8(text).unwrap();
    rows.lines().map(str::to_owned).collect()
}

/// The columns of a Parquet file with their types.
pub fn schema(path: &Path) -> String {
    let builder = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap();
    format!("{:?}", builder.schema())
}

/// Generated data of one day as a table of cells, the header first. The day stands in the folder's name,
/// and becomes the last column.
pub fn cells(folder: &str) -> Vec<Vec<String>> {
    let of = |path: &Path| {
        let entry = std::fs::read_dir(path).unwrap().next().unwrap();
        entry.unwrap().path()
    };
    let day = of(Path::new(folder));
    let (column, value) = day
        .file_name()
        .unwrap()
        .to_str()
        .unwrap()
        .split_once('=')
        .unwrap();
    let mut table: Vec<Vec<String>> = decoded(&of(&day))
        .iter()
        .map(|line| line.split(',').map(str::to_owned).collect())
        .collect();
    for (row, cells) in table.iter_mut().enumerate() {
        let last = if row == 0 { column } else { value };
        cells.push(last.to_owned());
    }
    table
}

/// A table of cells as the text of a CSV file.
pub fn csv(table: &[Vec<String>]) -> String {
    let lines: Vec<String> = table.iter().map(|cells| cells.join(",")).collect();
    lines.join("\n") + "\n"
}
