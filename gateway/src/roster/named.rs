//! What people write for a subject or a code, read against the roster.

use super::{Roster, sheet};

impl Roster {
    /// The subject that a text means: its number, one of its codes (`scheme:value`), or its whole name.
    ///
    /// # Errors
    /// In Chinese, when there is none, or several.
    pub fn named(&self, text: &str) -> Result<i64, String> {
        if let Ok(number) = text.parse() {
            return if self.has(number) {
                Ok(number)
            } else {
                Err(format!("名册里没有主体 {number}（编码要写上种类，如 chem:{number}）"))
            };
        }
        let mut found = self.meant(text);
        found.sort_unstable();
        found.dedup();
        match found.as_slice() {
            [] => Err(format!(
                "名册里没有“{text}”：写主体的号、它的编码（scheme:编码）或全名（lianwang roster show）"
            )),
            [one] => Ok(*one),
            several => {
                let listed: Vec<String> =
                    several.iter().map(|one| format!("  {one} {}", self.name(*one))).collect();
                Err(format!("名册里有几个“{text}”，请写它的号：\n{}", listed.join("\n")))
            }
        }
    }

    fn meant(&self, text: &str) -> Vec<i64> {
        if let Ok((scheme, value)) = code(text) {
            let own = self.identifiers.iter().filter(|row| row.scheme == scheme && row.value == value);
            return own.map(|row| self.root(row.subject)).collect();
        }
        let own = self.subjects.iter().filter(|row| row.said.name == text);
        own.map(|row| self.root(row.subject)).collect()
    }

    /// What a subject is called now, or was last.
    #[must_use]
    pub fn name(&self, subject: i64) -> &str {
        self.said(subject, i64::MAX).map_or("", |said| said.name.as_str())
    }
}

/// A code as `scheme:value`, in its normal form. A platform's scheme has a colon of its own: `platform:park:17`.
///
/// # Errors
/// In Chinese, when it is none.
pub fn code(text: &str) -> Result<(String, String), String> {
    let parts = mappings::owner_parts(text.trim());
    let Some((scheme, value)) = parts.filter(|(scheme, value)| !scheme.is_empty() && !value.is_empty())
    else {
        return Err(format!("“{text}”不是编码：写成 scheme:编码，如 chem:410900017、platform:平台名:编码"));
    };
    match sheet::checked(scheme, value, false) {
        (value, None) => Ok((scheme.to_owned(), value)),
        (_, Some(fault)) => Err(fault),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_with_its_scheme() {
        let read = |text| code(text).map(|(scheme, value)| format!("{scheme} {value}"));
        assert_eq!(read("chem:410900017").unwrap(), "chem 410900017");
        assert_eq!(read(" platform:park:a:7 ").unwrap(), "platform:park a:7");
        assert_eq!(read("uscc:91410900ma40000000").unwrap(), "uscc 91410900MA40000000");
        for bad in ["410900017", "chem:", ":7", "platform:park", "chem:41", "uscc:1"] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
