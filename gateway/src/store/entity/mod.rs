//! The ordinary tables as SeaORM entities, named as in `migrations`. The hot path speaks SQL instead.

pub(crate) mod activation;
pub(crate) mod attempt;
pub(crate) mod batch;
pub(crate) mod batch_member;
pub(crate) mod cursor;
pub(crate) mod delivery;
pub(crate) mod destination;
pub(crate) mod destination_kind;
pub(crate) mod document;
pub(crate) mod failed_fetch;
pub(crate) mod held;
pub(crate) mod issue;
pub(crate) mod part;
pub(crate) mod record;
pub(crate) mod revision;
pub(crate) mod version;
