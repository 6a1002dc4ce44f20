//! What a file is held to: a source's mapping with what reads its answers, or a kind's own words.

use std::path::Path;

use adapters::AnyDecoder;
use mappings::{Kind, Mapping};

use crate::{
    cli::{Failure, arguments::InspectArguments, open},
    config::{Compiled, ErrorLimit},
    pipeline::file::Wanted,
};

/// What a file is held to.
pub(in crate::cli) struct Chosen<'c> {
    mapping: Whose<'c>,
    decoder: AnyDecoder,
    list: Option<String>,
    limit: Option<ErrorLimit>,
}

enum Whose<'c> {
    Source(&'c Mapping),
    Plain(Box<Mapping>),
}

impl<'c> Chosen<'c> {
    pub(super) fn of(compiled: &'c Compiled, asked: &InspectArguments) -> Result<Self, Failure> {
        match (&asked.source, &asked.kind) {
            (Some(source), None) => Self::source(compiled, source, asked.service.as_deref(), &asked.file),
            (None, Some(kind)) => Self::plain(compiled, kind, asked.profile.as_deref()),
            _ => Err(Failure::Usage("用 --source 说明是哪个来源的文件，或用 --kind 按本省模板检查".into())),
        }
    }

    pub(in crate::cli) fn source(
        compiled: &'c Compiled,
        name: &str,
        service: Option<&str>,
        file: &Path,
    ) -> Result<Self, Failure> {
        let source = compiled.source(name).ok_or_else(|| {
            let names: Vec<&str> = compiled.sources.iter().map(|source| source.name.as_str()).collect();
            Failure::Usage(format!("没有来源 {name}；现有：{}", names.join("、")))
        })?;
        let mappings: Vec<&Mapping> =
            compiled.rulebook.mappings().iter().filter(|mapping| mapping.source() == name).collect();
        let stem = file.file_stem().map(|stem| stem.to_string_lossy().into_owned());
        let wanted = service.map(str::to_owned).or(stem);
        let named = mappings.iter().find(|mapping| Some(mapping.service()) == wanted.as_deref());
        let only = match mappings.as_slice() {
            [only] if service.is_none() => Some(only),
            _ => None,
        };
        let mapping = *named.or(only).ok_or_else(|| {
            let services: Vec<String> = mappings
                .iter()
                .map(|mapping| format!("{}（{}）", mapping.service(), mapping.kind()))
                .collect();
            Failure::Usage(format!("用 --service 说明是哪一个服务：{}", services.join("、")))
        })?;
        let own = source.services.iter().find(|service| service.name == mapping.service());
        Ok(Self {
            mapping: Whose::Source(mapping),
            decoder: source.connect.decoder(),
            list: own.map(|service| service.request.list.clone()),
            limit: own.and_then(|service| service.error_limit),
        })
    }

    fn plain(compiled: &Compiled, kind: &str, profile: Option<&str>) -> Result<Self, Failure> {
        let mapping = open::plain(compiled, kind, profile)?;
        Ok(Self {
            mapping: Whose::Plain(Box::new(mapping)),
            decoder: AnyDecoder::default(),
            list: None,
            limit: None,
        })
    }

    pub(in crate::cli) fn mapping(&self) -> &Mapping {
        match &self.mapping {
            Whose::Source(mapping) => mapping,
            Whose::Plain(mapping) => mapping,
        }
    }

    /// What its service allows, where so many rejected of those found are more.
    pub(super) fn over_limit(&self, found: u64, rejected: u64) -> Option<String> {
        self.limit.filter(|limit| limit.is_over(found, rejected)).map(|limit| limit.words())
    }

    pub(in crate::cli) fn wanted(&self) -> Wanted<'_> {
        let service = if self.is_plain() { "" } else { self.mapping().service() };
        Wanted { decoder: self.decoder, list: self.list.as_deref(), service }
    }

    /// The kind whose labels a header may have, where the mapping reads names.
    pub(super) fn by_name(&self) -> Option<&Kind> {
        self.is_plain().then(|| self.mapping().shape())
    }

    fn is_plain(&self) -> bool {
        matches!(self.mapping, Whose::Plain(_))
    }
}
