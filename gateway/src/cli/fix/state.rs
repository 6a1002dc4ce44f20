//! How a fix stands: whether the newest state says what it says.

use mappings::{Content, Fix, Key};
use serde::Serialize;

use crate::{cli::Failure, pipeline::Context};

/// How it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "state", content = "stands")]
pub(super) enum State {
    /// The newest state says it.
    InForce,
    /// The newest state still says what was to be put right: it waits for its judging, or its bytes are gone.
    Open,
    /// The newest state says something else again.
    Outlived(String),
    /// There is no such state.
    Nothing,
}

impl State {
    /// Of a fix, as the ledger says now.
    pub(super) async fn of(context: &Context, fix: &Fix) -> Result<Self, Failure> {
        let ids = [fix.id.clone()];
        let found = context.store.find(&fix.kind, Some(&fix.id_space), &ids).await?;
        let own = |(key, record): &(Key, Option<i64>)| if key.id == fix.id { *record } else { None };
        let Some(record) = found.iter().find_map(own) else { return Ok(Self::Nothing) };
        let contents = context.store.contents([record].into_iter()).await?;
        let says = contents.get(&record).and_then(|json| Content::from_json(json));
        let of = |says: Content| Self::says(fix, says.get(&fix.field).unwrap_or_default());
        Ok(says.map_or(Self::Nothing, of))
    }

    fn says(fix: &Fix, stands: &str) -> Self {
        match stands {
            stands if stands == fix.is => Self::InForce,
            stands if stands == fix.was => Self::Open,
            other => Self::Outlived(other.to_owned()),
        }
    }

    /// In words.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::InForce => "已生效".to_owned(),
            Self::Open => "还没有用上：等着研判（lianwang refine）；研判过的，是改了也收不下（原因见 lianwang explain），或原文已按保留规则清除".to_owned(),
            Self::Outlived(stands) if stands.is_empty() => "来源已不再说这一项，可以撤销".to_owned(),
            Self::Outlived(stands) => format!("来源现在说的是 {stands}，可以撤销"),
            Self::Nothing => "这条记录还没有收下过".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fix_is_in_force_open_or_outlived() {
        let text = str::to_owned;
        let fix = Fix {
            kind: text("hazard"),
            id_space: text("uuid"),
            id: text("a1"),
            field: text("dangerSrc"),
            was: text("1"),
            is: text("2"),
            note: String::new(),
            line: 2,
        };
        let said = ["2", "1", "3", ""].map(|stands| State::says(&fix, stands));
        assert_eq!(
            said,
            [State::InForce, State::Open, State::Outlived(text("3")), State::Outlived(text(""))]
        );
        let words = said.map(|state| state.shown());
        assert!(words[2].contains("来源现在说的是 3") && words[3].contains("不再说这一项"), "{words:?}");
        let json = serde_json::to_value(State::Outlived(text("3"))).unwrap();
        assert_eq!(json, serde_json::json!({"state": "outlived", "stands": "3"}));
        assert_eq!(serde_json::to_value(State::InForce).unwrap(), serde_json::json!({"state": "in-force"}));
    }
}
