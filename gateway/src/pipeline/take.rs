//! A file that a person brings, landed as a document of its source like any other: judged, counted and forwarded by whoever
//! does that. Rows that carry a receipt are linked to what they mend. Leaves opening files to `file`, asking to the command.

use std::collections::{HashMap, HashSet};

use adapters::Document;

use super::{
    Context, Pinned, Result, StepError,
    file::Written,
    rejections::{
        bytes::{self, Found},
        words::Beside,
    },
    room,
};
use crate::store::{
    self,
    documents::Origin,
    returned::ReturnState,
    taken::{At, Brought, Correction, TakenFile},
};

/// What taking a file came to.
#[derive(Debug)]
pub enum Taken {
    /// It landed.
    Landed(Landed),
    /// The same bytes were taken before; nothing was written.
    Before(TakenFile),
}

/// What landed.
#[derive(Debug)]
pub struct Landed {
    /// The document's number.
    pub document: i64,
    /// Rows that are linked to what they mend.
    pub linked: u64,
    /// Rows whose receipt leads nowhere: the receipt and why. They landed as plain rows.
    pub foreign: Vec<(String, String)>,
}

/// Takes a file.
///
/// # Errors
/// When the ledger fails, the disk is nearly full, or the list has no mapping.
pub(crate) async fn take(
    context: &Context,
    pinned: &Pinned,
    brought: &Brought<'_>,
    written: Written,
    beside: &[Beside],
) -> Result<Taken> {
    let digest = store::digest(brought.bytes);
    if let Some(before) = context.store.taken_before(brought.source, brought.service, &digest).await? {
        return Ok(Taken::Before(before));
    }
    if let Some(why) = room::lacking(&context.store, &pinned.rules.hub.disk) {
        return Err(StepError::Config(why));
    }
    let origin = origin(context, pinned, brought)?;
    let receipts = checked(context, brought, beside).await?;
    let documents = [Document { asked: asked(brought, &digest), bytes: written.bytes, parts: written.parts }];
    let write = context.store.write("take").await?;
    let document = write.land(&origin, &documents).await?;
    if !write.put_taken(document, brought, origin.at).await? {
        drop(write);
        let before = context.store.taken_before(brought.source, brought.service, &digest).await?;
        return before.map(Taken::Before).ok_or(store::StoreError::Moved("这个文件").into());
    }
    let corrections = receipts.corrections(document);
    write.put_corrections(&corrections).await?;
    context.note_journal(&write).await?;
    write.commit().await?;
    context.journal_landed(&origin, document, &documents).await;
    let linked = corrections.len() as u64;
    Ok(Taken::Landed(Landed { document, linked, foreign: receipts.foreign }))
}

fn origin<'a>(context: &Context, pinned: &'a Pinned, brought: &Brought<'a>) -> Result<Origin<'a>> {
    let mapping = pinned.rules.rulebook.mapping(brought.source, brought.service).ok_or_else(|| {
        StepError::Config(format!("来源 {} 的服务 {} 没有映射", brought.source, brought.service))
    })?;
    Ok(Origin {
        source: brought.source,
        service: brought.service,
        kind: mapping.kind(),
        revision: pinned.no,
        at: context.now(),
    })
}

/// What stands where a pulled document says what was asked.
fn asked(brought: &Brought<'_>, digest: &str) -> String {
    let said = [brought.who, brought.why]
        .iter()
        .filter(|word| !word.is_empty())
        .fold(String::new(), |said, word| format!("{said}，{word}"));
    format!("文件 {}（sha-256 {digest}）{said}", brought.name)
}

/// Receipts by row.
#[derive(Default)]
struct Receipts {
    good: Vec<(u32, At, String)>,
    foreign: Vec<(String, String)>,
}

impl Receipts {
    fn corrections(&self, document: i64) -> Vec<Correction> {
        let correction = |(place, of, digest): &(u32, At, String)| Correction {
            by: (document, *place),
            of: *of,
            digest: digest.clone(),
        };
        self.good.iter().map(correction).collect()
    }
}

/// Holds the receipts against the ledger: each must lead to a record of this list that was not accepted.
async fn checked(context: &Context, brought: &Brought<'_>, beside: &[Beside]) -> Result<Receipts> {
    let mut receipts = Receipts::default();
    let mut said = Vec::new();
    for (place, receipt) in (0..).zip(beside.iter().map(|beside| beside.receipt.as_str())) {
        match parsed(receipt) {
            _ if receipt.is_empty() => {}
            Some(at) => said.push((place, at)),
            None => receipts.foreign.push((receipt.to_owned(), "不是“文档号/第几条”".to_owned())),
        }
    }
    let ends = documents(context, brought, &said).await?;
    let places: Vec<At> = said.iter().map(|(_, at)| *at).filter(|at| !ends.contains_key(&at.0)).collect();
    let there = there(context, brought.source, places).await?;
    for (place, at) in said {
        let found = match ends.get(&at.0) {
            Some(why) => Err(why.clone()),
            None => there.get(&at).cloned().unwrap_or_else(|| Err(ABSENT.to_owned())),
        };
        match found {
            Ok(digest) => receipts.good.push((place, at, digest)),
            Err(why) => receipts.foreign.push((format!("{}/{}", at.0, at.1), why)),
        }
    }
    Ok(receipts)
}

const ABSENT: &str = "那份文档里没有这一条";

fn parsed(receipt: &str) -> Option<At> {
    let (document, place) = receipt.split_once('/')?;
    Some((document.parse().ok()?, place.parse().ok()?))
}

/// The documents among these that are not of this list, each with why.
async fn documents(
    context: &Context,
    brought: &Brought<'_>,
    said: &[(u32, At)],
) -> Result<HashMap<i64, String>> {
    let wanted: HashSet<i64> = said.iter().map(|(_, at)| at.0).collect();
    let mut foreign = HashMap::new();
    for no in wanted {
        let why = match context.store.document(no).await? {
            None => "账上没有这份文档".to_owned(),
            Some(landed) if landed.source != brought.source => format!("是来源 {} 的", landed.source),
            Some(landed) if landed.service != brought.service => format!("是服务 {} 的", landed.service),
            Some(_) => continue,
        };
        foreign.insert(no, why);
    }
    Ok(foreign)
}

/// The digests of the records at these places, empty where age took the bytes; or why none can be mended.
async fn there(
    context: &Context,
    source: &str,
    mut places: Vec<At>,
) -> Result<HashMap<At, std::result::Result<String, String>>> {
    places.sort_unstable();
    places.dedup();
    let mut there = HashMap::new();
    bytes::visit(context, source, &places, &mut |index, found| {
        let digest = match found {
            Found::Record(_, bytes) | Found::Unreadable(bytes) => Ok(bytes::hex(bytes)),
            Found::Gone(_) => Ok(String::new()),
            Found::Absent => Err(ABSENT.to_owned()),
        };
        there.extend(places.get(index).map(|at| (*at, digest)));
        std::ops::ControlFlow::Continue(())
    })
    .await?;
    let returned = context.store.returned(source, 0).await?;
    let open = |at: &At| returned.iter().any(|own| own.state == ReturnState::Open && own.place == *at);
    for at in context.store.accepted_at(&places).await?.into_iter().filter(|at| !open(at)) {
        there.insert(at, Err("那一条当时已经接收，没有什么可改".to_owned()));
    }
    Ok(there)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receipt_is_a_document_and_a_place() {
        assert_eq!(parsed("12/0"), Some((12, 0)));
        for text in ["", "12", "12/", "/3", "a/b", "12/-1", "12/0/1", "12/99999999999"] {
            assert_eq!(parsed(text), None, "{text}");
        }
    }

    #[test]
    fn what_a_document_says_of_its_file_is_its_name_its_digest_who_and_why() {
        let brought =
            Brought {
                source: "s", service: "t", name: "退回.xlsx", bytes: b"x", why: "改好了", who: "张三"
            };
        assert_eq!(asked(&brought, "ab"), "文件 退回.xlsx（sha-256 ab），张三，改好了");
        assert_eq!(asked(&Brought { why: "", who: "", ..brought }, "ab"), "文件 退回.xlsx（sha-256 ab）");
    }
}
