//! The two equations, as figures: what was found and what became of it; what is owed and what became of that.
//! Pure: `store::audit` reads the figures, `cli` and `server` show them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// `found = accepted + unchanged + rejected + held`, by current verdicts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Found {
    /// Records found by decoding.
    pub found: i64,
    /// Versions written.
    pub accepted: i64,
    /// Needed no version.
    pub unchanged: i64,
    /// Their sender must mend them.
    pub rejected: i64,
    /// Somebody here must decide.
    pub held: i64,
}

impl Found {
    /// The right side.
    #[must_use]
    pub const fn judged(&self) -> i64 {
        self.accepted + self.unchanged + self.rejected + self.held
    }

    /// Adds another document's or kind's figures.
    pub const fn add(&mut self, other: &Self) {
        self.found += other.found;
        self.accepted += other.accepted;
        self.unchanged += other.unchanged;
        self.rejected += other.rejected;
        self.held += other.held;
    }
}

/// `owed = confirmed + refused + superseded + abandoned + pending`; waiting is part of pending, excluded is outside owed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Owed {
    /// Versions the destination's scope takes.
    pub owed: i64,
    /// It has them.
    pub confirmed: i64,
    /// It, or its own demands, refused them.
    pub refused: i64,
    /// A newer version went instead.
    pub superseded: i64,
    /// A person gave them up.
    pub abandoned: i64,
    /// Due, waiting or sent.
    pub pending: i64,
    /// Of the pending: their parent is not confirmed there.
    pub waiting: i64,
    /// Outside the scope.
    pub excluded: i64,
}

impl Owed {
    /// The right side.
    #[must_use]
    pub const fn settled(&self) -> i64 {
        self.confirmed + self.refused + self.superseded + self.abandoned + self.pending
    }

    /// Adds another kind's figures.
    pub const fn add(&mut self, other: &Self) {
        self.owed += other.owed;
        self.confirmed += other.confirmed;
        self.refused += other.refused;
        self.superseded += other.superseded;
        self.abandoned += other.abandoned;
        self.pending += other.pending;
        self.waiting += other.waiting;
        self.excluded += other.excluded;
    }
}

/// An equation that does not hold, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Broken {
    /// `found` or `owed`.
    pub equation: String,
    /// The document, for `found`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<i64>,
    /// The destination, for `owed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination: Option<String>,
    /// The kind.
    pub kind: String,
    /// Left side.
    pub left: i64,
    /// Right side.
    pub right: i64,
}

/// One destination's figures.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct DestinationAudit {
    /// All kinds together.
    #[serde(flatten)]
    pub sum: Owed,
    /// Kind by kind.
    pub kinds: BTreeMap<String, Owed>,
}

/// The whole ledger, recounted.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Audit {
    /// All kinds together.
    #[serde(flatten)]
    pub sum: Found,
    /// Kind by kind.
    pub kinds: BTreeMap<String, Found>,
    /// Of the accepted: versions that age took, counted when they went.
    #[serde(default, skip_serializing_if = "is_nought")]
    pub dropped: i64,
    /// Destination by destination.
    pub destinations: BTreeMap<String, DestinationAudit>,
    /// Whether both equations hold everywhere.
    pub holds: bool,
    /// Where they do not.
    pub broken: Vec<Broken>,
}

impl Audit {
    /// Sums up figures by kind and destination, and what was found broken document by document.
    #[must_use]
    pub fn of(
        kinds: BTreeMap<String, Found>,
        destinations: BTreeMap<String, BTreeMap<String, Owed>>,
        mut broken: Vec<Broken>,
    ) -> Self {
        let mut audit = Self::default();
        for figures in kinds.values() {
            audit.sum.add(figures);
        }
        audit.kinds = kinds;
        for (name, kinds) in destinations {
            broken.extend(kinds.iter().filter_map(|(kind, owed)| unbalanced(&name, kind, owed)));
            let mut all = DestinationAudit::default();
            for owed in kinds.values() {
                all.sum.add(owed);
            }
            all.kinds = kinds;
            audit.destinations.insert(name, all);
        }
        audit.holds = broken.is_empty();
        audit.broken = broken;
        audit
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
const fn is_nought(n: &i64) -> bool {
    *n == 0
}

fn unbalanced(destination: &str, kind: &str, owed: &Owed) -> Option<Broken> {
    let (left, right) = (owed.owed, owed.settled());
    (left != right).then(|| Broken {
        equation: "owed".into(),
        document: None,
        destination: Some(destination.to_owned()),
        kind: kind.to_owned(),
        left,
        right,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owed(owed: i64, confirmed: i64, pending: i64) -> Owed {
        Owed { owed, confirmed, pending, waiting: pending, ..Owed::default() }
    }

    #[test]
    fn sums_and_a_broken_equation_are_named() {
        let found = Found { found: 3, accepted: 1, unchanged: 1, rejected: 1, held: 0 };
        let kinds = BTreeMap::from([("hazard".to_owned(), found), ("risk_unit".to_owned(), found)]);
        let destinations = BTreeMap::from([(
            "national".to_owned(),
            BTreeMap::from([("hazard".to_owned(), owed(2, 1, 0)), ("risk_unit".to_owned(), owed(2, 1, 1))]),
        )]);
        let audit = Audit::of(kinds, destinations, Vec::new());
        assert_eq!(audit.sum, Found { found: 6, accepted: 2, unchanged: 2, rejected: 2, held: 0 });
        assert_eq!(audit.destinations["national"].sum.owed, 4);
        assert!(!audit.holds);
        assert_eq!(audit.broken.len(), 1);
        assert_eq!(
            (audit.broken[0].kind.as_str(), audit.broken[0].left, audit.broken[0].right),
            ("hazard", 2, 1)
        );
    }

    #[test]
    fn the_json_has_the_figures_at_its_top() {
        let audit =
            Audit::of(BTreeMap::new(), BTreeMap::from([("n".to_owned(), BTreeMap::new())]), Vec::new());
        let json = serde_json::to_value(&audit).unwrap();
        assert_eq!(json["found"], 0);
        assert_eq!(json["holds"], true);
        assert_eq!(json["destinations"]["n"]["superseded"], 0);
        assert!(json["destinations"]["n"]["kinds"].as_object().unwrap().is_empty());
    }
}
