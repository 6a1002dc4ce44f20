//! Two texts with what differs between them in brackets, short enough for a line.

/// Characters shown of what both begin or end with.
const AROUND: usize = 24;
/// Characters shown of what differs.
const WITHIN: usize = 60;

/// Both texts, what lies between their common beginning and their common end in 【】; the same text comes without.
pub(super) fn marked(a: &str, b: &str) -> [String; 2] {
    let (first, second): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if first == second {
        let whole = cut_after(&first, 2 * AROUND + WITHIN);
        return [whole.clone(), whole];
    }
    let head = first.iter().zip(&second).take_while(|(x, y)| x == y).count();
    let left = first.len().min(second.len()) - head;
    let tail = first.iter().rev().zip(second.iter().rev()).take(left).take_while(|(x, y)| x == y).count();
    [&first, &second].map(|text| {
        let (before, rest) = text.split_at(head);
        let (within, after) = rest.split_at(rest.len() - tail);
        format!("{}【{}】{}", cut_before(before, AROUND), cut_after(within, WITHIN), cut_after(after, AROUND))
    })
}

fn cut_after(text: &[char], most: usize) -> String {
    let shown: String = text.iter().take(most).collect();
    if text.len() > most { shown + "…" } else { shown }
}

fn cut_before(text: &[char], most: usize) -> String {
    let skipped = text.len().saturating_sub(most);
    let shown: String = text.iter().skip(skipped).collect();
    if skipped > 0 { "…".to_owned() + &shown } else { shown }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_differs_stands_in_brackets() {
        for (a, b, wanted) in [
            ("除尘器未设泄爆", "除尘器没设泄爆", ["除尘器【未】设泄爆", "除尘器【没】设泄爆"]),
            ("阀过期", "安全阀过期", ["【】阀过期", "【安全】阀过期"]),
            ("阀阀", "阀", ["阀【阀】", "阀【】"]),
            ("", "阀", ["【】", "【阀】"]),
            ("阀", "阀", ["阀", "阀"]),
        ] {
            assert_eq!(marked(a, b), wanted, "{a} {b}");
        }
    }

    #[test]
    fn long_texts_are_cut_around_the_difference() {
        let (head, tail) = ("前".repeat(90), "后".repeat(90));
        let [a, _] = marked(&format!("{head}甲{tail}"), &format!("{head}乙{tail}"));
        assert_eq!(a, format!("…{}【甲】{}…", "前".repeat(AROUND), "后".repeat(AROUND)));
        let [same, again] = marked(&head.repeat(2), &head.repeat(2));
        assert!(same.ends_with('…') && same == again);
    }

    proptest! {
        #[test]
        fn without_brackets_short_texts_are_whole(a in "[甲乙丙]{0,20}", b in "[甲乙丙]{0,20}") {
            let [x, y] = marked(&a, &b).map(|text| text.replace(['【', '】'], ""));
            prop_assert_eq!((x, y), (a, b));
        }
    }
}
