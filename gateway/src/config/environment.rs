//! The one home of the process's environment: read once, at start, handed on as a value.
//! Leaves the resolving of references to `adapters`.

use adapters::Environment;

use crate::store::KillAt;

/// Where this process is to kill itself: only the torture tests set it.
const KILL_AT: &str = "LIANWANG_KILL_AT";

/// The order to die at a boundary, if there is one.
///
/// # Errors
/// The text of an order that is none.
pub fn kill_at(environment: &Environment) -> Result<Option<KillAt>, String> {
    let Some(text) = environment.get(KILL_AT) else { return Ok(None) };
    KillAt::parse(text).map(Some).ok_or_else(|| format!("{KILL_AT} 不对：{text}"))
}

/// The environment as it is now. A name or value that is not UTF-8 is left out.
#[must_use]
pub fn from_process() -> Environment {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_process_are_found() {
        let environment = from_process();
        assert!(environment.get("CARGO_MANIFEST_DIR").is_some_and(|dir| dir.contains('/')));
        assert_eq!(environment.get("LIANWANG_NO_SUCH_NAME"), None);
    }
}
