//! What is near and what is not, in words as people write them.

use proptest::prelude::*;

use super::*;

fn score(a: &str, b: &str) -> Option<u8> {
    let (a, b) = (Words::of(&normal(a)), Words::of(&normal(b)));
    a.near([((), &b)].into_iter(), 85).first().map(|((), score)| *score)
}

#[test]
fn the_normal_form_drops_what_tells_nothing_apart() {
    for (written, wanted) in [
        ("３号罐　液位计，失灵！", "3号罐液位计失灵"),
        ("3号罐 液位计失灵。", "3号罐液位计失灵"),
        ("Ｔ－101泵（P&ID）漏油", "t101泵pid漏油"),
        ("压力0.5MPa，应为０．８", "压力0.5mpa应为0.8"),
        ("1.首先. 2.其次", "1首先2其次"),
        ("——……！", ""),
        ("", ""),
    ] {
        assert_eq!(normal(written), wanted, "{written}");
    }
    assert_eq!(normal(&"隐".repeat(900)).chars().count(), COMPARED);
}

#[test]
fn the_same_words_are_the_same_however_written() {
    assert_eq!(score("3号罐液位计失灵。", "３号罐 液位计失灵"), Some(100));
    assert_eq!(score("喷漆室可燃气体探测器超期未检定", "喷漆室的可燃气体探测器超期未检定"), Some(96));
    assert_eq!(score("除尘器未设泄爆装置，需整改", "除尘器没有设泄爆装置，需整改"), Some(88));
}

#[test]
fn other_words_are_not() {
    assert_eq!(score("消火栓被遮挡", "灭火器过期"), None);
    assert_eq!(score("漏油", "漏水"), None);
}

#[test]
fn numbers_and_letters_tell_two_things_apart() {
    assert_eq!(score("1号仓库灭火器压力不足，已过期未更换", "2号仓库灭火器压力不足，已过期未更换"), None);
    assert_eq!(score("A区配电箱门未关闭且无警示标识", "B区配电箱门未关闭且无警示标识"), None);
    assert_eq!(score("安全阀整定压力为0.5兆帕不符合要求", "安全阀整定压力为0.05兆帕不符合要求"), None);
    assert_eq!(score("T-101泵机械密封泄漏未处理", "t101泵的机械密封泄漏未处理"), Some(96));
}

/// Twice the characters that both have in the same order, of all characters of both, in per cent rounded down.
fn reckoned(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut row = vec![0; b.len() + 1];
    for x in &a {
        let mut diagonal = 0;
        for (n, y) in b.iter().enumerate() {
            let above = row[n + 1];
            row[n + 1] = if x == y { diagonal + 1 } else { above.max(row[n]) };
            diagonal = above;
        }
    }
    200 * row[b.len()] / (a.len() + b.len()).max(1)
}

proptest! {
    /// The crate's reckoning is ours, whatever its bound.
    #[test]
    fn the_score_is_the_share_of_what_both_have(a in "[阀泵漏油罐区]{1,90}", b in "[阀泵漏油罐区]{1,90}", least in 0u8..=100) {
        let wanted = reckoned(&a, &b);
        let found = Words::of(&a).near([((), &Words::of(&b))].into_iter(), least);
        let found = found.first().map(|((), score)| usize::from(*score));
        prop_assert_eq!(found, (wanted >= usize::from(least)).then_some(wanted));
    }

    #[test]
    fn near_is_the_same_both_ways(a in "[隐患罐区阀门1-3ａＢ ，。]{0,40}", b in "[隐患罐区阀门1-3ａＢ ，。]{0,40}") {
        prop_assert_eq!(score(&a, &b), score(&b, &a));
    }

    #[test]
    fn a_text_is_a_hundred_per_cent_itself(a in "\\PC{1,80}") {
        prop_assert_eq!(score(&a, &a), Some(100));
    }

    #[test]
    fn the_normal_form_of_a_normal_form_is_itself(a in "\\PC{0,80}") {
        let once = normal(&a);
        prop_assert_eq!(normal(&once), once);
    }

    #[test]
    fn punctuation_and_width_never_matter(a in "[隐患罐区阀门过期未检]{5,30}") {
        let dotted: String = a.chars().flat_map(|c| [c, '，', ' ']).collect();
        prop_assert_eq!(score(&a, &dotted), Some(100));
    }
}
