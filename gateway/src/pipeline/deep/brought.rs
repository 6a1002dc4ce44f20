//! Files that persons brought, read again: each must still make the document that was landed of it.

use super::Damaged;
use crate::{
    pipeline::{Context, Result, file},
    store::{self, deep::Lost, taken::TakenFile},
};

/// The files that no longer make their documents. One whose bytes age took says nothing any more.
pub(super) async fn brought(context: &Context) -> Result<Vec<Damaged>> {
    let mut damaged = Vec::new();
    for taken in context.store.taken_files().await? {
        let Some(document) = context.store.document(taken.document).await? else { continue };
        let why = match context.store.original(&taken.digest).await? {
            Ok(bytes) => apart(&bytes, &taken, &document.digest),
            Err(Lost::Dropped(_)) => None,
            Err(Lost::Damaged(why)) => Some(why),
        };
        if let Some(why) = why {
            let parts = context.store.parts_of(taken.document).await?;
            damaged.push(Damaged {
                document: taken.document,
                kind: parts.first().map(|part| part.kind.clone()).unwrap_or_default(),
                why,
                found: parts.iter().map(|part| i64::from(part.located)).sum(),
            });
        }
    }
    Ok(damaged)
}

fn apart(bytes: &[u8], taken: &TakenFile, wanted: &str) -> Option<String> {
    match file::document(bytes, &taken.service) {
        Ok(document) if store::digest(&document) == wanted => None,
        Ok(_) => Some(format!("文件 {} 重新读出来的与落库的文档不同", taken.name)),
        Err(why) => Some(format!("文件 {} 读不出来了：{why}", taken.name)),
    }
}
