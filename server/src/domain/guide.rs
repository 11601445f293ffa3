//! The guide: a small knowledge base about Tidings, there on a first start.

use crate::error::Error;
use crate::store::Store;

/// Makes the guide, where nothing has ever been written.
pub async fn bring(_store: &Store) -> Result<(), Error> {
    Ok(())
}
