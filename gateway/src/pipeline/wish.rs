//! A running hub renews its leases for ever. Who needs one of them for a while leaves a wish beside it, a lease too, and the
//! hub leaves the thing to them for as long as the wish lasts; a wish left by who died runs out like any lease.

use chrono::TimeDelta;

use super::{Context, Result, Step};
use crate::store::{Lease, lease::WISH};

/// How long to wait before looking whether a wish was heeded, or is still there.
const HEEDED: TimeDelta = TimeDelta::seconds(2);

fn wish(lease: &str) -> String {
    format!("{WISH}{lease}")
}

impl Context {
    /// Makes a step that takes `lease`, with the wish for it left beside.
    ///
    /// # Errors
    /// The step's, and when the ledger does not answer.
    pub async fn wishing(&self, lease: &str, step: impl Future<Output = Result<Step>>) -> Result<Step> {
        if let Some(elsewhere) = self.wished(lease).await? {
            return Ok(elsewhere);
        }
        Ok(self.soon(step.await?))
    }

    /// Leaves the wish for a lease; else who wants it already.
    pub(super) async fn wished(&self, lease: &str) -> Result<Option<Step>> {
        Ok(self.lease(&wish(lease), TimeDelta::zero()).await?.err())
    }

    /// A lease that is wished for is looked at again soon.
    pub(super) fn soon(&self, step: Step) -> Step {
        match step {
            Step::Elsewhere(holder, until) => Step::Elsewhere(holder, until.min(self.now() + HEEDED)),
            other => other,
        }
    }

    /// As [`Context::lease`], unless another node wishes for it: then it is left to that one.
    pub(super) async fn lease_unless_wished(
        &self,
        name: &str,
        work: TimeDelta,
    ) -> Result<std::result::Result<Lease, Step>> {
        let now = self.now();
        let wanted = self.store.holder(&wish(name), now).await?;
        let Some((holder, until)) = wanted.filter(|(holder, _)| holder != self.node()) else {
            return self.lease(name, work).await;
        };
        if let Some(held) = self.forget(name) {
            self.store.give_back(&held, now).await?;
        }
        Ok(Err(self.soon(Step::Elsewhere(holder, until))))
    }
}
