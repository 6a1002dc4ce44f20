//! Which versions a destination takes, in one place: every statement that counts, turns or drops them says the same.

/// The condition on a version `v` and a span `k` of the same kind, their numbers aside, as a literal for `concat!`.
macro_rules! taken {
    () => {
        "(v.test = 0 OR k.takes_test = 1) AND (k.owner_scheme = '' OR v.owner_scheme = k.owner_scheme)"
    };
}
pub(super) use taken;

/// The same as a text.
pub(super) const TAKEN: &str = taken!();
