//! `lianwang sim park|province|bulk`: the simulators that ship, each a process of its own.

use adapters::sim::{BulkOptions, ParkOptions, ProvinceOptions, run_bulk, run_park, run_province};

use super::{
    Failure, Outcome,
    arguments::{BulkArguments, ParkArguments, ProvinceArguments, Sim},
};

/// Key and IV of the simulated province and of the demo: a public text, for loopback only.
pub(super) const DEMO_KEY: &str = "0123456789abcdef";

pub(super) async fn sim(which: Sim) -> Outcome {
    match which {
        Sim::Park(arguments) => park(arguments).await,
        Sim::Province(arguments) => province(arguments).await,
        Sim::Bulk(arguments) => bulk(arguments).await,
    }
}

async fn park(arguments: ParkArguments) -> Outcome {
    let options = ParkOptions {
        seed: arguments.seed,
        enterprises: arguments.enterprises,
        records_dir: arguments.records,
        token: arguments.token,
        clean: arguments.clean,
        ..ParkOptions::default()
    };
    Ok(run_park(options, arguments.listen, arguments.with_parent).await?)
}

async fn province(arguments: ProvinceArguments) -> Outcome {
    let options = ProvinceOptions {
        password: arguments.password,
        on_bad: arguments.on_bad,
        ledger: arguments.ledger,
        parents_elsewhere: arguments.parents_elsewhere,
        ..ProvinceOptions::new(sixteen("key", &arguments.key)?, sixteen("iv", &arguments.iv)?)
    };
    Ok(run_province(options, arguments.listen, arguments.with_parent).await?)
}

async fn bulk(arguments: BulkArguments) -> Outcome {
    let usual = if arguments.file.is_some() { 0 } else { 1_000 };
    let options = BulkOptions {
        records: arguments.records.unwrap_or(usual),
        file: arguments.file,
        touch: arguments.touch,
        change: arguments.change,
    };
    Ok(run_bulk(options, arguments.listen, arguments.with_parent).await?)
}

fn sixteen(name: &str, text: &str) -> Result<[u8; 16], Failure> {
    let wrong = |_| Failure::Usage(format!("--{name} 要正好 16 个字节，现在是 {} 个", text.len()));
    text.as_bytes().try_into().map_err(wrong)
}
