//! Validates a data set and prints how long it took: `validate_bench CONTRACT DATA [repetitions]`.

use std::time::Instant;

use millrace_contract::Contract;
use millrace_contract::stages::Purpose;
use millrace_dataset::{Request, Source, validate};

type AnyError = Box<dyn std::error::Error>;

fn main() -> Result<(), AnyError> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [contract, data, rest @ ..] = arguments.as_slice() else {
        return Err("usage: validate_bench CONTRACT DATA [repetitions]".into());
    };
    let repetitions: usize = rest.first().map_or(Ok(1), |text| text.parse())?;
    let contract = Contract::parse(&std::fs::read_to_string(contract)?, contract)?;
    for repetition in 0..repetitions {
        let start = Instant::now();
        let source = Source::open(data)?;
        let validation = validate(
            &source,
            &contract,
            Purpose::Training,
            jiff::Timestamp::now(),
            None,
        )?;
        let seconds = start.elapsed().as_secs_f64();
        if repetition == 0 {
            print!("{}", validation.report.render_text());
        }
        println!("validate: {seconds:.3} s");
    }
    if repetitions > 1 {
        time_reading(&Source::open(data)?, &contract)?;
    }
    Ok(())
}

fn time_reading(source: &Source, contract: &Contract) -> Result<(), AnyError> {
    let request = Request::all(contract, Purpose::Training);
    let start = Instant::now();
    let frame = source.read(&request)?;
    println!(
        "read: {:.3} s, {} rows",
        start.elapsed().as_secs_f64(),
        frame.rows()
    );
    drop(frame);
    let start = Instant::now();
    let rows = source.for_each_block(&request, |_| Ok::<(), millrace_dataset::DatasetError>(()))?;
    println!(
        "blocks: {:.3} s, {rows} rows",
        start.elapsed().as_secs_f64()
    );
    let start = Instant::now();
    let digest = source.digest()?;
    println!(
        "digest: {:.3} s, {}",
        start.elapsed().as_secs_f64(),
        digest.short()
    );
    Ok(())
}
