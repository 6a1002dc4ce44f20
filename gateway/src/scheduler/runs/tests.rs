//! Moments put off and runs missed, on a clock that stands where the test puts it.

use chrono_tz::Asia::Shanghai;
use proptest::prelude::*;

use super::*;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn line(text: &str) -> Schedule {
    Schedule::parse(text, Shanghai).unwrap()
}

fn kept(jitter_s: u32, missed: Missed) -> Keeping {
    Keeping { jitter_s, missed }
}

/// Two in the morning in Shanghai, on a day of November.
fn night(day: u32) -> DateTime<Utc> {
    at(&format!("2026-11-{day:02}T18:00:00Z"))
}

#[test]
fn a_hub_that_was_down_over_several_nights_makes_up_for_one_for_none_or_for_each() {
    let schedule = line("0 2 * * *");
    let runs = |missed| Runs { schedule: &schedule, keeping: kept(0, missed), name: "park" };
    let back = at("2026-11-25T01:00:00Z");
    assert_eq!(runs(Missed::Once).due(Some(night(20)), back), Due::Run(night(24)));
    assert_eq!(runs(Missed::Once).due(Some(night(24)), back), Due::No);
    assert_eq!(runs(Missed::Skip).due(Some(night(20)), back), Due::Passed(night(24)));
    assert_eq!(runs(Missed::Skip).due(Some(night(24)), back), Due::No);

    let each =
        std::iter::successors(Some(night(20)), |last| match runs(Missed::Each).due(Some(*last), back) {
            Due::Run(fired) => Some(fired),
            _ => None,
        });
    assert_eq!(each.collect::<Vec<_>>(), [night(20), night(21), night(22), night(23), night(24)]);
}

#[test]
fn what_was_never_run_is_due_and_so_is_what_ran_by_a_clock_that_was_ahead() {
    let schedule = line("0 2 * * *");
    for missed in [Missed::Skip, Missed::Once, Missed::Each] {
        let runs = Runs { schedule: &schedule, keeping: kept(0, missed), name: "park" };
        assert_eq!(runs.due(None, night(21)), Due::Run(night(21)));
        assert_eq!(runs.due(Some(night(30)), night(21)), Due::Run(night(21)));
        assert_eq!(
            runs.due(Some(night(21)), night(21) - TimeDelta::seconds(10)),
            Due::No,
            "a clock set a little back"
        );
        assert_eq!(runs.due(Some(night(21)), night(21)), Due::No);
    }
    let never = line("0 0 30 2 *");
    let runs = Runs { schedule: &never, keeping: kept(60, Missed::Each), name: "park" };
    assert_eq!((runs.due(Some(night(1)), night(21)), runs.next_after(night(21))), (Due::No, None));
}

#[test]
fn a_run_that_begins_within_minutes_of_its_moment_was_not_missed() {
    let schedule = line("0 2 * * *");
    let runs = Runs { schedule: &schedule, keeping: kept(0, Missed::Skip), name: "park" };
    assert_eq!(runs.due(Some(night(20)), night(21) - TimeDelta::seconds(1)), Due::No);
    assert_eq!(runs.due(Some(night(20)), night(21)), Due::Run(night(21)));
    assert_eq!(runs.due(Some(night(20)), night(21) + PUNCTUAL), Due::Run(night(21)));
    assert_eq!(
        runs.due(Some(night(20)), night(21) + PUNCTUAL + TimeDelta::seconds(1)),
        Due::Passed(night(21))
    );
    assert_eq!(runs.due(None, night(21) + TimeDelta::hours(5)), Due::Run(night(21) + TimeDelta::hours(5)));
}

#[test]
fn what_was_missed_long_ago_is_made_up_for_by_none_of_each() {
    let schedule = line("0 2 * * *");
    let runs = Runs { schedule: &schedule, keeping: kept(0, Missed::Each), name: "park" };
    let back = night(24) + TimeDelta::hours(1);
    let Due::Run(oldest) = runs.due(Some(night(24) - TimeDelta::days(400)), back) else { panic!("none") };
    assert_eq!(oldest, night(24) - TimeDelta::days(30));
}

#[test]
fn a_hundred_and_seventy_nine_parks_do_not_call_at_once_and_each_calls_when_it_did_before() {
    let schedule = line("0 2 * * *");
    let names: Vec<String> = (0..179).map(|n| format!("park-{n}")).collect();
    let begins =
        |name: &str| Runs { schedule: &schedule, keeping: kept(3_600, Missed::Once), name }.begins(night(21));
    let mut moments: Vec<_> = names.iter().map(|name| begins(name)).collect();
    assert_eq!(moments, names.iter().map(|name| begins(name)).collect::<Vec<_>>());
    moments.sort_unstable();
    assert!(moments[0] >= night(21) && moments[178] <= night(21) + TimeDelta::hours(1));
    let quarter = |n: i64| night(21) + TimeDelta::minutes(15 * n);
    let crowd =
        (0..4).map(|n| moments.iter().filter(|at| (quarter(n)..quarter(n + 1)).contains(*at)).count());
    assert!(crowd.clone().all(|calls| (20..80).contains(&calls)), "{:?}", crowd.collect::<Vec<_>>());
}

#[test]
fn a_firing_whose_run_is_put_off_is_not_due_yet_and_the_one_before_still_is() {
    let schedule = line("0 * * * *");
    let name = (0..50).map(|n| format!("park-{n}")).find(|name| {
        Runs { schedule: &schedule, keeping: kept(3_599, Missed::Once), name }.begins(night(21))
            > night(21) + TimeDelta::minutes(20)
    });
    let name = name.unwrap();
    let runs = Runs { schedule: &schedule, keeping: kept(3_599, Missed::Once), name: &name };
    let (hour_before, soon) = (night(21) - TimeDelta::hours(1), night(21) + TimeDelta::minutes(1));
    assert_eq!(runs.due(Some(hour_before - TimeDelta::hours(1)), soon), Due::Run(hour_before));
    assert_eq!(runs.due(Some(hour_before), soon), Due::No);
    assert_eq!(runs.next_after(soon), Some(runs.begins(night(21))));
    assert_eq!(runs.due(Some(hour_before), runs.begins(night(21))), Due::Run(night(21)));
}

proptest! {
    #[test]
    fn runs_begin_in_the_order_of_their_firings_and_none_is_due_twice_or_never(
        text in prop::sample::select(vec!["* * * * * *", "*/7 * * * *", "0 2 * * *", "0 0 9 * * 1", "0 3 1 * *"]),
        jitter_s in 0..=LONGEST_JITTER_S,
        seconds in 0..40_000_000_i64,
        missed in prop::sample::select(vec![Missed::Skip, Missed::Once, Missed::Each]),
    ) {
        let schedule = line(text);
        let runs = Runs { schedule: &schedule, keeping: kept(jitter_s, missed), name: "park" };
        let now = at("2026-01-01T00:00:00Z") + TimeDelta::seconds(seconds);
        let coming = runs.upcoming(now, 4);
        prop_assert_eq!(coming.len(), 4);
        prop_assert!(coming[0] > now && coming.is_sorted_by(|a, b| a < b));
        let fired = runs.begun(now).unwrap();
        let next = schedule.next_after(fired).unwrap();
        prop_assert!(runs.begins(fired) < next);
        prop_assert_eq!(runs.due(Some(fired), now), Due::No);
        prop_assert_eq!(runs.due(Some(fired), coming[0] - TimeDelta::seconds(1)), Due::No);
        prop_assert_eq!(runs.due(Some(fired), coming[0]), Due::Run(next));
    }
}
