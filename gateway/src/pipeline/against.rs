//! A file of checkpoints held against the ledger: each root computed anew, each leaf against its row, each digest against
//! the bytes that are kept. The first difference is named. What the law of the ledger changes or takes is none: counts
//! that a release moved later, bytes that age dropped, numbers that a restored dump lost.

mod told;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use super::{Context, Result, journal::blocking};
use crate::{
    config::Revision,
    proof::{
        Folder,
        checkpoints::{Checkpoint, Checkpoints, Flaw, Leaf},
    },
    store::{
        checkpoints::{Known, LostNumbers},
        deep::Lost,
    },
};

/// What holding a file against the ledger came to.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize)]
pub struct Against {
    /// The file.
    pub file: String,
    /// Checkpoints that agree.
    pub checkpoints: u64,
    /// Their leaves.
    pub leaves: u64,
    /// Checkpoints that the ledger remembers after the last of the file: an earlier copy has not all.
    pub later: u64,
    /// What a restored dump lost, by kind of thing: in the file, no longer in the ledger, and within the numbers that a
    /// recovery noted as lost.
    pub lost: BTreeMap<String, u64>,
    /// The first difference.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub apart: Option<Apart>,
}

/// The first difference between a file and the ledger.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Apart {
    /// The file's line, from 1, where it is one of the file.
    pub line: Option<u64>,
    /// The checkpoint.
    pub checkpoint: Option<i64>,
    /// What differs, what the file says and what the ledger.
    pub told: String,
}

/// Holds the file at `path` against the ledger; `folder` is where the node's own file would be. `progress` hears of each
/// checkpoint.
///
/// # Errors
/// When the ledger does not answer or the file cannot be read.
pub async fn against(
    context: &Context,
    path: &Path,
    folder: &Folder,
    progress: &(dyn Fn(u64) + Send + Sync),
) -> Result<Against> {
    let mut file = Checkpoints::open(path)?;
    let mut held = Held::new(context, path).await?;
    loop {
        let next;
        (next, file) = blocking(move || Ok((file.next_one()?, file))).await?;
        match next {
            None => return Ok(held.ended(path, folder)),
            Some(Err(flaw)) => return Ok(held.with(flawed(&flaw))),
            Some(Ok(checkpoint)) => {
                if let Some(apart) = held.look(&checkpoint).await? {
                    return Ok(held.with(apart));
                }
                progress(held.against.checkpoints);
            }
        }
    }
}

struct Held<'a> {
    context: &'a Context,
    against: Against,
    /// Whose file it is, and the last checkpoint in it.
    last: Option<(String, i64)>,
    known: BTreeMap<i64, Known>,
    lost: Vec<LostNumbers>,
    newest: i64,
}

impl<'a> Held<'a> {
    async fn new(context: &'a Context, path: &Path) -> Result<Self> {
        Ok(Self {
            context,
            against: Against { file: path.display().to_string(), ..Against::default() },
            last: None,
            known: BTreeMap::new(),
            lost: context.store.lost_numbers().await?,
            newest: context.store.last_number().await?,
        })
    }

    fn with(self, apart: Apart) -> Against {
        Against { apart: Some(apart), ..self.against }
    }

    /// The end of the file: a node's own must have all that the ledger remembers, a copy may be earlier.
    fn ended(mut self, path: &Path, folder: &Folder) -> Against {
        let Some((node, last)) = self.last.take() else {
            return self
                .with(Apart { line: None, checkpoint: None, told: "文件里没有检查点".into() });
        };
        let later = self.known.range(last + 1..).count();
        self.against.later = u64::try_from(later).unwrap_or(u64::MAX);
        let own = folder.checkpoints(&node);
        let is_own = own.canonicalize().is_ok_and(|own| path.canonicalize().is_ok_and(|path| path == own));
        if later > 0 && is_own {
            let newest = self.known.last_key_value().map_or(last, |(no, _)| *no);
            let told = format!("文件到第 {last} 个检查点为止，账目记得写到第 {newest} 个：文件被截短了");
            return self.with(Apart { line: None, checkpoint: Some(last), told });
        }
        self.against
    }

    async fn look(&mut self, checkpoint: &Checkpoint) -> Result<Option<Apart>> {
        let head = &checkpoint.sealed.head;
        if self.last.is_none() {
            self.known = self.context.store.checkpoints(&head.node).await?;
        }
        self.last = Some((head.node.clone(), head.checkpoint));
        let of_head =
            |told: String| Apart { line: Some(checkpoint.line), checkpoint: Some(head.checkpoint), told };
        if self.known.get(&head.checkpoint).is_some_and(|known| known.head != checkpoint.sealed.digest) {
            return Ok(Some(of_head("首行与账目记得的不同：文件改过，或这份文件是另一个账目的".into())));
        }
        if head.upto > self.newest {
            let told = format!(
                "文件记到第 {} 号，账目只到第 {} 号：账目比文件旧，多半是从备份还原的",
                head.upto, self.newest
            );
            return Ok(Some(of_head(told)));
        }
        if let Some((at, told)) = self.compare(checkpoint).await? {
            let line = at.and_then(|at| u64::try_from(at).ok()).map(|at| checkpoint.line + 1 + at);
            return Ok(Some(Apart { line, checkpoint: Some(head.checkpoint), told }));
        }
        self.against.checkpoints += 1;
        self.against.leaves += u64::try_from(checkpoint.leaves.len()).unwrap_or(u64::MAX);
        Ok(None)
    }

    /// The first leaf that differs, by its place in the checkpoint, and what is to be said of it.
    async fn compare(&mut self, checkpoint: &Checkpoint) -> Result<Option<(Option<usize>, String)>> {
        let head = &checkpoint.sealed.head;
        let ledger = self.context.store.leaves_between(head.after, head.upto).await?;
        let ledger: BTreeMap<_, &Leaf> = ledger.iter().map(|leaf| (id(leaf), leaf)).collect();
        let file: BTreeMap<_, (usize, &Leaf)> =
            checkpoint.leaves.iter().enumerate().map(|(at, leaf)| (id(leaf), (at, leaf))).collect();
        let all: BTreeSet<_> = ledger.keys().chain(file.keys()).collect();
        for id in all {
            let told = match (file.get(id), ledger.get(id)) {
                (Some((_, said)), Some(is)) => match told::first(said, is) {
                    Some(told) => Some(told),
                    None => self.bytes(is).await?,
                },
                (Some((_, said)), None) => self.gone(said, head.upto).await?,
                (None, Some(is)) => Some(format!("账目里有{}，文件里没有", told::thing(is))),
                (None, None) => None,
            };
            if let Some(told) = told {
                return Ok(Some((file.get(id).map(|(at, _)| *at), told)));
            }
        }
        Ok(None)
    }

    /// What is in the file and not in the ledger under its number: counts that moved later, and what a restore lost.
    async fn gone(&mut self, said: &Leaf, upto: i64) -> Result<Option<String>> {
        let now = if said.what == "part" { self.context.store.part_leaf(&said.key).await? } else { None };
        if let Some(now) = now.as_ref().filter(|now| now.no > upto) {
            let stays = ["source", "service", "kind", "found"];
            let moved = |name: &&&str| said.says.get(**name) != now.says.get(**name);
            return Ok(stays.iter().find(moved).map(|name| told::field(said, now, name)));
        }
        if self.lost.iter().any(|lost| said.no > lost.low && said.no <= lost.high) {
            *self.against.lost.entry(said.what.clone()).or_default() += 1;
            return Ok(None);
        }
        Ok(Some(match now {
            Some(now) => told::first(said, &now).unwrap_or_else(|| {
                format!("{}：账目把它记在第 {} 号，文件是第 {} 号", told::thing(said), now.no, said.no)
            }),
            None => format!("文件里有{}，账目里没有", told::thing(said)),
        }))
    }

    /// Bytes that are kept must have the digest they are kept under.
    async fn bytes(&self, leaf: &Leaf) -> Result<Option<String>> {
        let of = |name: &str| leaf.says.get(name).and_then(|value| value.as_str());
        if leaf.what == "revision" {
            let stored = self.context.store.revision(leaf.no).await?;
            let same = Revision::from_bytes(&stored.files).is_ok_and(|files| {
                leaf.says.get("engine").and_then(serde_json::Value::as_i64)
                    != Some(i64::from(mappings::ENGINE))
                    || files.hash == stored.hash
            });
            return Ok((!same).then(|| format!("{}：账目里的配置文件与它的摘要不符", told::thing(leaf))));
        }
        let Some(digest) = ["blob", "payload", "answer"].into_iter().find_map(of) else { return Ok(None) };
        match self.context.store.original(digest).await? {
            Ok(_) | Err(Lost::Dropped(_)) => Ok(None),
            Err(Lost::Damaged(why)) => Ok(Some(format!("{}：{why}", told::thing(leaf)))),
        }
    }
}

fn id(leaf: &Leaf) -> (i64, &str, &str) {
    (leaf.no, &leaf.what, &leaf.key)
}

fn flawed(flaw: &Flaw) -> Apart {
    let (checkpoint, told) = told::flaw(&flaw.kind);
    Apart { line: Some(flaw.line), checkpoint, told: told.into() }
}
