//! Asking one thing and taking everything back.

use std::time::Duration;

use migrations::MigratorTrait as _;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, Statement, TransactionTrait as _,
};

use super::{
    super::trouble,
    checks::{Answer, Asks, Finding},
};

/// Longest one question may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// Asks `finding`'s question and notes the answer.
pub(super) async fn ask(session: &DatabaseConnection, finding: &mut Finding) {
    let asked = tokio::time::timeout(PATIENCE, asked(session, finding)).await;
    finding.answer = match asked {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) => Answer::NotRun(trouble::said(&error)),
        Err(_) => Answer::NotRun(format!("{} 秒内没有答完", PATIENCE.as_secs())),
    };
}

async fn asked(session: &DatabaseConnection, finding: &mut Finding) -> Result<Answer, DbErr> {
    let tx = session.begin().await?;
    for statement in finding.check.given {
        tx.execute_unprepared(statement).await?;
    }
    let answer = match finding.check.asks {
        Asks::Statements(asks) => answer(statements(&tx, asks).await),
        Asks::Table => {
            answer(tx.execute_unprepared("CREATE TABLE lianwang_probe (id BIGINT)").await.map(|_| true))
        }
        Asks::Ledger => {
            let answer = ledger(&tx).await?;
            // a ledger is there: what was not run, because it would stop those who work on it, stands in nobody's way
            finding.check.needed = !matches!(answer, Answer::NotRun(_));
            answer
        }
    };
    tx.rollback().await?;
    if matches!(finding.check.asks, Asks::Table) && remains(session).await {
        session.execute_unprepared("DROP TABLE lianwang_probe").await?;
        return Ok(Answer::Lacks("建表不能随事务撤销；已删除试建的表".into()));
    }
    Ok(answer)
}

fn answer(came: Result<bool, DbErr>) -> Answer {
    match came {
        Ok(true) => Answer::Has,
        Ok(false) => Answer::Lacks("语句能执行，结果不对".into()),
        Err(error) => Answer::Lacks(trouble::said(&error)),
    }
}

/// Whether the last of them returns a row.
async fn statements(tx: &DatabaseTransaction, asks: &[&str]) -> Result<bool, DbErr> {
    let Some((last, before)) = asks.split_last() else { return Ok(false) };
    for statement in before {
        tx.execute_unprepared(statement).await?;
    }
    let last = Statement::from_string(tx.get_database_backend(), *last);
    Ok(tx.query_one_raw(last).await?.is_some())
}

async fn remains(session: &DatabaseConnection) -> bool {
    session.execute_unprepared("SELECT 1 FROM lianwang_probe").await.is_ok()
}

/// Makes all tables, unless some are there: changing those of a ledger at work would stop it meanwhile.
async fn ledger(tx: &DatabaseTransaction) -> Result<Answer, DbErr> {
    let pending = migrations::Migrator::get_pending_migrations_read_only(tx).await?.len();
    if pending > 0 && pending < migrations::Migrator::migrations().len() {
        return Ok(Answer::NotRun(format!("这里已有账目，还差 {pending} 步")));
    }
    Ok(answer(migrations::Migrator::up(tx, None).await.map(|()| true)))
}
