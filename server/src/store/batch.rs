//! Statements that go to the database together: SQLite works on a thread of its own, and the way there and back costs
//! more than most statements do.

use crate::error::Error;
use sqlx::error::BoxDynError;
use sqlx::sqlite::SqliteArguments;
use sqlx::{Arguments, AssertSqlSafe, Encode, Sqlite, SqliteConnection, Type};

/// Statements with their values, which are run one after the other, up to the first that fails.
#[derive(Debug, Default)]
pub(super) struct Batch {
    sql: String,
    arguments: SqliteArguments,
    /// The first value that could not be encoded.
    unfit: Option<BoxDynError>,
}

impl Batch {
    /// Adds a statement. Its values are bound after it.
    pub(super) fn add(&mut self, statement: &'static str) -> &mut Self {
        if !self.sql.is_empty() {
            self.sql.push(';');
        }
        self.sql.push_str(statement);
        self
    }

    /// Binds the next value of the statement that was added last.
    pub(super) fn bind<'v>(&mut self, value: impl Encode<'v, Sqlite> + Type<Sqlite>) -> &mut Self {
        if let Err(error) = self.arguments.add(value) {
            self.unfit.get_or_insert(error);
        }
        self
    }

    /// Runs all of it.
    pub(super) async fn run(self, connection: &mut SqliteConnection) -> Result<(), Error> {
        if let Some(error) = self.unfit {
            return Err(sqlx::Error::Encode(error).into());
        }
        if self.sql.is_empty() {
            return Ok(());
        }
        // Made of static statements only.
        sqlx::query_with(AssertSqlSafe(self.sql), self.arguments)
            .execute(connection)
            .await?;
        Ok(())
    }
}
