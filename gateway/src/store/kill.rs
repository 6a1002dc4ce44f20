//! A process that kills itself (SIGKILL) at the n-th passing of a named boundary, for the torture tests. It is part of
//! every build: what is tortured is what is installed, and who can set a process's environment can end it anyway.
//! Leaves where the order is written to `config::environment`.

use std::sync::atomic::{AtomicU64, Ordering};

use super::{Store, Switch, fault::POINTS};

/// Any boundary.
const ANY: &str = "*";
/// The end of any statement, inside a transaction or not.
const STATEMENT: &str = "statement";

/// Where a process is to kill itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KillAt {
    point: String,
    nth: u64,
    after: bool,
}

impl KillAt {
    /// Reads `POINT:N:before` or `POINT:N:after`: the name of a boundary, `*` (any of them) or `statement`; N from 1.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(':');
        let point =
            parts.next().filter(|point| [ANY, STATEMENT].contains(point) || POINTS.contains(point))?;
        let nth = parts.next()?.parse().ok().filter(|nth| *nth > 0)?;
        let after = match parts.next()? {
            "before" => false,
            "after" => true,
            _ => return None,
        };
        parts.next().is_none().then(|| Self { point: point.to_owned(), nth, after })
    }
}

impl Store {
    /// The same store, whose process dies at that boundary.
    #[must_use]
    pub fn dying(self, at: KillAt) -> Self {
        let by_statement = at.point == STATEMENT;
        let fuse = std::sync::Arc::new(Fuse { at, burnt: AtomicU64::new(0) });
        if by_statement {
            return self.watched(move |_| fuse.burn(STATEMENT, fuse.at.after));
        }
        self.with_switch(fuse)
    }
}

#[derive(Debug)]
struct Fuse {
    at: KillAt,
    burnt: AtomicU64,
}

impl Fuse {
    fn burn(&self, point: &str, after: bool) {
        let here = after == self.at.after && (self.at.point == ANY || self.at.point == point);
        if here && self.burnt.fetch_add(1, Ordering::SeqCst) + 1 == self.at.nth {
            // what cannot be caught, nor cleaned up after; nothing can be done about a refusal
            let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
        }
    }
}

impl Switch for Fuse {
    fn reaching(&self, point: &'static str) {
        self.burn(point, false);
    }

    fn passed(&self, point: &'static str) {
        self.burn(point, true);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_is_a_point_a_count_and_a_side() {
        let order = |point: &str, nth, after| Some(KillAt { point: point.to_owned(), nth, after });
        assert_eq!(KillAt::parse("settle:3:after"), order("settle", 3, true));
        assert_eq!(KillAt::parse("*:12:before"), order("*", 12, false));
        assert_eq!(KillAt::parse("statement:1:after"), order("statement", 1, true));
        for wrong in
            ["", "settle", "settle:3", "settle:0:after", "settle:x:after", "lunch:1:after", "land:1:while"]
        {
            assert_eq!(KillAt::parse(wrong), None, "{wrong}");
        }
        assert_eq!(KillAt::parse("land:1:after:all"), None);
    }
}
