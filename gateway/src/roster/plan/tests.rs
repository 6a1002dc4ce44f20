//! What lines change, and what contradicts itself.

use super::*;

const A: &str = "91410900758355688L";
const B: &str = "91410900MA40000000";

fn code(scheme: &str, value: &str, column: usize) -> Code {
    Code { scheme: scheme.to_owned(), value: value.to_owned(), column }
}

/// An enterprise's line: credit code, chemical code.
fn line(line: u32, name: &str, uscc: &str, chem: &str) -> Entry {
    let codes = [code(USCC, uscc, 2), code("chem", chem, 3)];
    Entry {
        line,
        said: Said { sort: "企业".into(), name: name.into(), region: "410928".into(), ..Said::default() },
        codes: codes.into_iter().filter(|code| !code.value.is_empty()).collect(),
        parent: None,
        span: Span::EVER,
    }
}

fn site(line: u32, name: &str, mine: &str, parent: &str) -> Entry {
    Entry {
        line,
        said: Said { is_site: true, sort: "矿山".into(), name: name.into(), ..Said::default() },
        codes: vec![code("mine", mine, 4)],
        parent: Some((parent.to_owned(), 6)),
        span: Span::EVER,
    }
}

fn during(entry: Entry, from: i64, to: i64) -> Entry {
    let ever = Span::EVER;
    let span =
        Span { from: if from == 0 { ever.from } else { from }, to: if to == 0 { ever.to } else { to } };
    Entry { span, ..entry }
}

/// The roster after a plan, its rows and subjects numbered as the store does.
fn taken(roster: &Roster, plan: &Plan) -> Roster {
    let mut after = roster.after(&plan.change);
    let first = roster.number + 1;
    let rows = after.subjects.iter_mut().map(|row| &mut row.row);
    let rows = rows.chain(after.identifiers.iter_mut().map(|row| &mut row.row));
    for (no, row) in (first + 1..).zip(rows.filter(|row| **row == 0)) {
        *row = no;
    }
    let numbers: BTreeMap<i64, i64> =
        after.subjects.iter().rev().filter(|row| row.subject < 0).map(|row| (row.subject, row.row)).collect();
    let number = |subject: &mut i64| *subject = numbers.get(subject).copied().unwrap_or(*subject);
    after.subjects.iter_mut().for_each(|row| {
        number(&mut row.subject);
        row.said.parent.iter_mut().for_each(number);
    });
    after.identifiers.iter_mut().for_each(|row| number(&mut row.subject));
    after.number = first + 1_000;
    after
}

fn roster(entries: &[Entry]) -> Roster {
    let plan = plan(&Roster::default(), entries, "甲.xlsx");
    assert_eq!(plan.faults, []);
    taken(&Roster::default(), &plan)
}

fn faults(roster: &Roster, entries: &[Entry]) -> Vec<(u32, Option<usize>, String)> {
    plan(roster, entries, "乙.xlsx")
        .faults
        .into_iter()
        .map(|fault| (fault.line, fault.column, fault.what))
        .collect()
}

#[test]
fn a_sheet_taken_twice_changes_nothing() {
    let lines = [
        site(2, "一号矿", "DXK1", A),
        line(3, "甲", A, "410900017"),
        during(line(4, "乙", B, "410900018"), 0, 500),
        during(line(5, "乙新", B, "410900019"), 500, 0),
    ];
    let first = plan(&Roster::default(), &lines, "甲.xlsx");
    assert_eq!((first.new.len(), first.changed.len(), first.coded.len()), (3, 0, 6), "{first:?}");
    let roster = taken(&Roster::default(), &first);
    assert_eq!(roster.contradictions(), Vec::<String>::new());
    let again = plan(&roster, &lines, "甲.xlsx");
    assert!(again.change.is_empty() && again.faults.is_empty(), "{again:?}");
    assert_eq!(again.same, 4);
    let mine = roster.identifiers.iter().find(|row| row.value == "DXK1").unwrap();
    let parent = roster.said(mine.subject, 0).unwrap().parent.unwrap();
    assert_eq!(roster.said(parent, 0).unwrap().name, "甲");
    let of_b = roster.identifiers.iter().find(|row| row.value == B).unwrap();
    assert_eq!(of_b.span, Span::EVER, "a credit code is one legal person's on both lines");
    assert_eq!(roster.said(of_b.subject, 499).unwrap().name, "乙");
    assert_eq!(roster.said(of_b.subject, 500).unwrap().name, "乙新");
}

#[test]
fn a_last_day_ends_a_code_and_a_first_day_widens_it() {
    let before = roster(&[line(2, "甲", A, "410900017")]);
    let ended = plan(&before, &[during(line(2, "甲", "", "410900017"), 0, 500)], "乙.xlsx");
    assert_eq!((ended.ended.len(), ended.coded.len(), ended.changed.len()), (1, 0, 0), "{ended:?}");
    let after = taken(&before, &ended);
    let span = |roster: &Roster| roster.identifiers.iter().find(|row| row.scheme == "chem").unwrap().span;
    assert_eq!(span(&after), Span { from: Span::EVER.from, to: 500 });
    let wider = plan(&after, &[during(line(2, "甲", A, "410900017"), 400, 0)], "丙.xlsx");
    assert_eq!(span(&taken(&after, &wider)), Span::EVER);
    let later = plan(&before, &[during(line(2, "甲", A, "410900017"), 400, 0)], "丙.xlsx");
    assert!(later.change.is_empty(), "what is known since ever is known since then: {later:?}");
}

#[test]
fn a_change_of_properties_keeps_what_was_true_before_and_an_empty_cell_changes_nothing() {
    let before = roster(&[line(2, "甲", A, "")]);
    let mut renamed = during(line(2, "甲新", A, ""), 500, 0);
    renamed.said.region = String::new();
    let change = plan(&before, &[renamed], "乙.xlsx");
    assert_eq!((change.changed.len(), change.new.len()), (1, 0));
    let after = taken(&before, &change);
    let subject = after.identifiers[0].subject;
    assert_eq!(after.said(subject, 499).unwrap().name, "甲");
    let now = after.said(subject, 500).unwrap();
    assert_eq!((now.name.as_str(), now.region.as_str()), ("甲新", "410928"));
}

#[test]
fn a_code_goes_from_one_to_another_on_a_day_whatever_the_order_of_the_lines() {
    let before = roster(&[line(2, "甲", A, "410900017")]);
    let ends = during(line(3, "甲", A, "410900017"), 0, 500);
    let begins = during(line(2, "乙", B, "410900017"), 500, 0);
    for lines in [[ends.clone(), begins.clone()], [begins.clone(), ends]] {
        let moved = plan(&before, &lines, "乙.xlsx");
        assert_eq!(moved.faults, []);
        let after = taken(&before, &moved);
        assert_eq!(after.contradictions(), Vec::<String>::new());
        let holders = after.identifiers.iter().filter(|row| row.value == "410900017");
        assert_eq!(holders.count(), 2);
    }
    // without its end it is a contradiction
    let told = faults(&before, &[begins]);
    assert_eq!((told.len(), told[0].0, told[0].1), (1, 2, Some(3)), "{told:?}");
    assert!(told[0].2.contains(A) && told[0].2.contains("“甲”"), "{told:?}");
}

#[test]
fn lines_that_contradict_each_other_are_told_and_not_taken() {
    let two = roster(&[line(2, "甲", A, "410900017"), line(3, "乙", B, "410900018")]);
    let told = faults(&two, &[line(2, "甲", A, "410900018")]);
    assert!(told[0].2.contains("一行说了两个主体") && told[0].2.contains("分成两行"), "{told:?}");
    let twice = faults(&Roster::default(), &[line(2, "甲", A, ""), line(3, "甲厂", A, "")]);
    assert!(twice.len() == 1 && twice[0].2.contains("名称 甲→甲厂"), "{twice:?}");
    let mut as_site = site(2, "甲", "x", A);
    as_site.codes = vec![code("chem", "410900017", 3)];
    let told = faults(&two, &[as_site]);
    assert!(told[0].2.contains("企业“甲”的，与本行的类型不同"), "{told:?}");
}

#[test]
fn what_leans_on_a_bad_line_is_bad_as_well_and_the_rest_is_good() {
    let lines = [
        site(2, "一号矿", "DXK1", A),
        line(3, "甲", A, "410900017"),
        line(4, "甲厂", A, ""),
        line(5, "乙", B, ""),
        site(6, "二号矿", "DXK2", "91410900000000000X"),
    ];
    let good = plan(&Roster::default(), &lines, "甲.xlsx");
    let bad: Vec<u32> = good.faults.iter().map(|fault| fault.line).collect();
    assert_eq!(bad, [4, 6], "{:?}", good.faults);
    assert_eq!(good.new.len(), 3);
    let told = faults(&Roster::default(), &[site(2, "一号矿", "DXK1", A)]);
    assert_eq!((told[0].0, told[0].1), (2, Some(6)));
}

#[test]
fn a_merged_subject_is_found_by_either_credit_code_and_keeps_its_rows() {
    let before = roster(&[line(2, "甲", A, "410900017"), line(3, "甲厂", B, "410900018")]);
    let merge =
        crate::roster::decide::merge(&before, before.named("甲厂").unwrap(), before.named("甲").unwrap());
    let merged = taken(&before, &Plan { change: merge.unwrap(), ..Plan::default() });
    for (uscc, chem) in [(A, "410900017"), (B, "410900018"), (A, "410900018"), (B, "")] {
        let again = plan(&merged, &[line(2, "甲", uscc, chem)], "丙.xlsx");
        assert_eq!((again.faults.as_slice(), again.new.len()), ([].as_slice(), 0), "{uscc} {chem}");
        assert_eq!(again.change.identifiers, [], "its codes stay where they are");
    }
    let other = faults(&merged, &[line(2, "甲", "91410000170001401D", "410900018")]);
    assert!(other[0].2.contains("它的信用代码是"), "{other:?}");
}
