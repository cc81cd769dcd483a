//! Writes a table: `generate TABLE ROWS SEED OUT [key=value ...]`, the keys being days, missing, outliers,
//! noise, bias.ATTRIBUTE and shift.COLUMN.

use std::time::Instant;

use millrace_contract::Contract;
use millrace_generator::{Directory, Options, Setting, Table, generate};

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [table, rows, seed, out, settings @ ..] = words.as_slice() else {
        return Err("use: generate TABLE ROWS SEED OUT [key=value ...]".into());
    };
    let mut options = Options {
        table: table.parse()?,
        seed: seed.parse()?,
        ..Options::default()
    };
    options.rows = Some(rows.parse()?).filter(|rows| *rows > 0);
    for setting in settings {
        apply(&mut options, setting.parse()?)?;
    }
    let table: Table = options.table;
    let contract = Contract::parse(table.contract_toml(), table.as_str())?;
    let started = Instant::now();
    let summary = generate(&options, &contract, &mut Directory(out.into()), &|_| ())?;
    println!("{summary:#?}\n{:.2} s", started.elapsed().as_secs_f64());
    Ok(())
}

fn apply(options: &mut Options, Setting { name, amount }: Setting) -> Result<(), Failure> {
    match name.split_once('.') {
        Some(("bias", attribute)) => options.bias.push(Setting {
            name: attribute.into(),
            amount,
        }),
        Some(("shift", column)) => options.shift.push(Setting {
            name: column.into(),
            amount,
        }),
        _ => match name.as_str() {
            "days" => options.days = Some(amount as u32),
            "missing" => options.missing = amount,
            "outliers" => options.outliers = amount,
            "noise" => options.noise = amount,
            _ => return Err(format!("unknown key `{name}`").into()),
        },
    }
    Ok(())
}
