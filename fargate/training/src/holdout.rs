//! The held-out rows as two files: one to judge by, one to score other models on.

use millrace_contract::{Contract, ObjectRef, OutputColumn, OutputType, Role, Spec};
use millrace_dataset::{Frame, OutputValues, ParquetTable, Values, scratch};
use millrace_features::Holdout;
use millrace_trail::Work;

use crate::TrainError;
use crate::data::TrainingData;

/// Writes `holdout.parquet` (id, truth, prediction, protected attributes) and `holdout_rows.parquet`
/// (the table's columns), both with the rows in the order of the split.
pub fn write(
    work: &mut Work,
    spec: &Spec,
    contract: &Contract,
    data: &TrainingData,
    split: &Holdout,
    truth: &[f64],
    predictions: &[f32],
) -> Result<(ObjectRef, ObjectRef), TrainError> {
    let rows = data.frame.take(&split.holdout);
    let wide: Vec<f64> = predictions.iter().map(|p| f64::from(*p)).collect();

    let mut judged = Columns::default();
    judged.add_roles(&rows, contract, &[Role::Id]);
    judged.add(
        "truth",
        OutputType::Double,
        OutputValues::Double(truth.to_vec()),
    );
    judged.add("prediction", OutputType::Double, OutputValues::Double(wide));
    judged.add_roles(&rows, contract, &[Role::Protected]);

    let mut table = Columns::default();
    table.add_roles(&rows, contract, &[Role::Id, Role::Feature, Role::Protected]);
    table.add(
        &spec.target,
        OutputType::Double,
        OutputValues::Double(truth.to_vec()),
    );

    Ok((
        judged.write(work, "holdout.parquet")?,
        table.write(work, "holdout_rows.parquet")?,
    ))
}

/// The columns of a table that is about to be written.
#[derive(Default)]
struct Columns {
    columns: Vec<OutputColumn>,
    values: Vec<OutputValues>,
}

impl Columns {
    fn add(&mut self, name: &str, output_type: OutputType, values: OutputValues) {
        self.columns.push(OutputColumn {
            name: name.to_owned(),
            output_type,
        });
        self.values.push(values);
    }

    /// All columns of the given roles, in the contract's order.
    fn add_roles(&mut self, rows: &Frame, contract: &Contract, roles: &[Role]) {
        for (name, column) in contract
            .columns
            .iter()
            .filter(|(_, column)| roles.contains(&column.role))
        {
            let Some(values) = rows.get(name) else {
                continue;
            };
            let (output_type, values) = match values {
                Values::Number(numbers) => {
                    (OutputType::Double, OutputValues::Double(numbers.clone()))
                }
                Values::Code(codes) => (
                    OutputType::Text,
                    OutputValues::Words {
                        words: column.values.clone(),
                        codes: codes.clone(),
                    },
                ),
                Values::Text(texts) => (OutputType::Text, OutputValues::Text(texts.clone())),
                Values::Day(days) => (OutputType::Date, OutputValues::Date(days.clone())),
            };
            self.add(name, output_type, values);
        }
    }

    /// By way of a file, which goes up in parts where it is large.
    fn write(self, work: &mut Work, name: &str) -> Result<ObjectRef, TrainError> {
        let aside = scratch()?;
        let mut table = ParquetTable::create(aside.path(), &self.columns)?;
        table.write(self.values)?;
        table.finish()?;
        Ok(work.put_local(name, aside.path())?)
    }
}
