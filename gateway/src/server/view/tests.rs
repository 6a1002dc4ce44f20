//! The headline and the states, at each border.

use super::{super::model::*, *};
use crate::server::tests::sample;

fn said(state: &State) -> (Tone, &str) {
    (state.tone, state.text.as_str())
}

fn headline_of(change: impl Fn(&mut Status)) -> (Tone, String) {
    let mut status = sample::busy();
    status.sources[1].last_error = None;
    status.found.held = 0;
    status.destinations[0].total.refused = 0;
    status.destinations[0].unknown_batches = 0;
    change(&mut status);
    let headline = view(&status).headline;
    (headline.tone, headline.text)
}

#[test]
fn a_document_held_whole_is_for_a_person() {
    let mut source = SourceStatus { over_limit: vec![OverLimitLine::default()], ..SourceStatus::default() };
    assert_eq!(said(&source_state(&source)), (Tone::Attention, "1 批出错太多，整批待定"));
    source.last_error = Some(Failure::default());
    assert_eq!(source_state(&source).tone, Tone::Bad);
}

#[test]
fn a_sweep_that_would_delete_too_much_is_for_a_person() {
    let held = |missing| SweepLine { missing, ..SweepLine::default() };
    let mut source = SourceStatus { held_sweeps: vec![held(7), held(4)], ..SourceStatus::default() };
    assert_eq!(said(&source_state(&source)), (Tone::Attention, "11 条没有再报，等人放行"));
    source.last_error = Some(Failure::default());
    assert_eq!(source_state(&source).tone, Tone::Bad);
}

#[test]
fn the_headline_says_the_gravest_thing() {
    assert_eq!(headline_of(|_| ()), (Tone::Busy, "正在工作".to_owned()));
    assert_eq!(headline_of(|status| status.progress.clear()), (Tone::Good, "运行正常".to_owned()));
    let open = |status: &mut Status| {
        status.found.held = 2;
        status.destinations[0].total.refused = 3;
    };
    assert_eq!(headline_of(open), (Tone::Attention, "5 条待人处理".to_owned()));
    let failing = |status: &mut Status| {
        open(status);
        status.sources[0].last_error = Some(Failure::default());
        status.destinations[1].last_error = Some(Failure::default());
    };
    assert_eq!(headline_of(failing), (Tone::Bad, "2 个系统出错".to_owned()));
    let broken = |status: &mut Status| {
        failing(status);
        status.equations.broken.push(Broken::default());
    };
    assert_eq!(headline_of(broken), (Tone::Bad, "账不平：1 处".to_owned()));
    assert_eq!(headline_of(|status| status.sources.clear()), (Tone::Quiet, "还没有配置来源".to_owned()));
}

#[test]
fn a_source_says_what_it_is_at() {
    let now = sample::now();
    let idle = SourceStatus { next_run: Some(now), ..SourceStatus::default() };
    assert_eq!(said(&source_state(&SourceStatus::default())), (Tone::Quiet, "没有计划"));
    assert_eq!(said(&source_state(&idle)), (Tone::Quiet, "还没有读过"));
    let read = SourceStatus { last_run: Some(now), ..idle };
    assert_eq!(said(&source_state(&read)), (Tone::Good, "正常"));
    let running = SourceStatus { running: true, ..read };
    assert_eq!(said(&source_state(&running)), (Tone::Busy, "正在读取"));
    let failed = SourceStatus { last_error: Some(Failure::default()), ..running };
    assert_eq!(said(&source_state(&failed)), (Tone::Bad, "读取出错"));
}

#[test]
fn a_destination_says_what_it_is_at() {
    let total = |total| DestinationStatus { total, ..DestinationStatus::default() };
    let text = |destination: &DestinationStatus| {
        let state = destination_state(destination);
        (state.tone, state.text)
    };
    assert_eq!(text(&total(Deliveries::default())), (Tone::Quiet, "还没有要送的".to_owned()));
    let sent = Deliveries { owed: 5, confirmed: 5, ..Deliveries::default() };
    assert_eq!(text(&total(sent)), (Tone::Good, "全部送达".to_owned()));
    let waiting = Deliveries { owed: 6, waiting: 1, ..sent };
    assert_eq!(text(&total(waiting)), (Tone::Good, "其余送达，1 条等上级记录".to_owned()));
    let refused = Deliveries { refused: 2, ..waiting };
    assert_eq!(text(&total(refused)), (Tone::Attention, "2 条被拒".to_owned()));
    let due = Deliveries { due: 1, ..refused };
    assert_eq!(text(&total(due)), (Tone::Busy, "正在发送".to_owned()));
    let unknown = DestinationStatus { unknown_batches: 1, ..total(due) };
    assert_eq!(text(&unknown), (Tone::Attention, "1 批结果未知".to_owned()));
    let failed = DestinationStatus { last_error: Some(Failure::default()), ..unknown };
    assert_eq!(text(&failed), (Tone::Bad, "发送出错".to_owned()));
}

#[test]
fn tones_are_ordered_by_gravity() {
    assert!(
        Tone::Quiet < Tone::Good
            && Tone::Good < Tone::Busy
            && Tone::Busy < Tone::Attention
            && Tone::Attention < Tone::Bad
    );
}

#[test]
fn the_samples_add_up() {
    let status = sample::busy();
    for found in status.sources.iter().map(|source| source.found).chain([status.found]) {
        assert_eq!(found.found, found.accepted + found.unchanged + found.rejected + found.held);
    }
    assert_eq!(status.found.found, status.sources.iter().map(|source| source.found.found).sum::<u64>());
}
