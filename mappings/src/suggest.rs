//! "Did you mean": the nearest of the words that would have been right.
//! Leaves where to say it to the callers.

/// A hint naming the nearest candidate, if one is near enough to be meant.
pub(crate) fn did_you_mean<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<String> {
    nearest(word, candidates).map(|found| format!("是不是 {found}？"))
}

fn nearest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let lower = word.to_lowercase();
    candidates
        .into_iter()
        .filter_map(|candidate| {
            let likeness = strsim::jaro_winkler(&lower, &candidate.to_lowercase());
            (likeness >= 0.85).then_some((likeness, candidate))
        })
        .fold(None, |best: Option<(f64, &str)>, next| match best {
            Some(best) if best.0 >= next.0 => Some(best),
            _ => Some(next),
        })
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_offered() {
        let words = ["dangerName", "dangerLevel", "dangerState", "registTime"];
        assert_eq!(did_you_mean("dangerLevl", words).as_deref(), Some("是不是 dangerLevel？"));
        assert_eq!(did_you_mean("DANGERSTATE", words).as_deref(), Some("是不是 dangerState？"));
        assert_eq!(did_you_mean("cost", words), None);
        assert_eq!(did_you_mean("", words), None);
    }

    #[test]
    fn the_first_of_equally_near_words_is_offered() {
        assert_eq!(nearest("ab", ["abx", "aby"]), Some("abx"));
    }
}
