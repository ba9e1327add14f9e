//! The tables from a stopwatch that does not run.

use std::collections::BTreeSet;

use super::*;
use works::Role;

/// Answers every request from a list of (beginning of the request, answer); the rest with a second.
struct Fake(&'static [(&'static str, &'static str)]);

impl Stopwatch for Fake {
    fn seconds(&mut self, request: &str) -> Result<[f64; 2], String> {
        let answer = self.0.iter().find(|(beginning, _)| request.starts_with(beginning));
        programs::parse(answer.map_or("1 1", |(_, answer)| answer))
    }
}

/// The cells of the lines of a Markdown table.
fn cells(text: &str) -> Vec<Vec<String>> {
    let lines = text.lines().filter(|line| line.starts_with('|'));
    let cells = |line: &str| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
    lines.map(cells).collect()
}

fn table(answers: &'static [(&'static str, &'static str)]) -> Vec<Vec<String>> {
    let rows = works::rows();
    cells(&table::peers(&rows, &measure(&rows, 2, &mut Fake(answers))))
}

#[test]
fn every_row_of_both_tables_is_there_with_all_cells() {
    let all = table(&[]);
    assert_eq!(all.len(), works::rows().len() + 2);
    assert!(all.iter().all(|line| line.len() == 6));
    let growth = scaling::rows();
    let all = cells(&table::scaling(&growth, &measure(&growth, 1, &mut Fake(&[]))));
    assert_eq!(all.len(), growth.len() + 2);
    assert!(all.iter().all(|line| line.len() == 4));
}

#[test]
fn every_work_has_one_line_of_ours_and_no_request_comes_twice() {
    let rows = works::rows();
    let works: BTreeSet<&str> = rows.iter().map(|row| row.work.as_str()).collect();
    assert_eq!(rows.iter().filter(|row| row.role == Role::Ours).count(), works.len());
    let requests: BTreeSet<&str> = rows.iter().map(|row| row.request.as_str()).collect();
    assert_eq!(requests.len(), rows.len());
}

#[test]
fn targets_are_judged_by_the_faster_floor_and_all_peers() {
    let line = |answers, who: &str| {
        let all = table(answers);
        let first = all.iter().position(|line| line[0].starts_with("CD-1 epoch 100×64")).unwrap();
        all[first..].iter().find(|line| line[1] == who).unwrap().clone()
    };
    let met = line(&[("ours cd1", "9 0.7"), ("numpy cd1", "3 3"), ("scikit", "3 3")], "rbmflow");
    assert_eq!(met[2..4], ["700.0 ms", "1.00"]);
    assert_eq!(met[5], "yes (0.70 × the faster floor)");
    let slower_than_a_peer = line(&[("ours cd1", "0.7 0.7"), ("numpy cd1", "0.6 0.6")], "rbmflow");
    assert!(slower_than_a_peer[5].starts_with("NO"));
    let above_the_floor = line(&[("ours cd1", "1.2 1.2"), ("numpy floor", "0.9 0.9")], "rbmflow");
    assert_eq!(above_the_floor[5], "NO (1.33 × the faster floor)");
}

#[test]
fn what_cannot_be_measured_says_so_in_its_row() {
    let all = table(&[("mcising", "! ModuleNotFoundError: No module named 'mcising'"), ("ours wolff", "")]);
    let missing: Vec<_> = all.iter().filter(|line| line[1] == "mcising").collect();
    assert_eq!(missing.len(), 9);
    for line in missing {
        assert_eq!(line[2..4], ["NOT MEASURED: ModuleNotFoundError: No module named 'mcising'", "-"]);
    }
    assert!(all.iter().any(|line| line[5] == "no: not measured"));
}

#[test]
fn medians() {
    assert_eq!(median(&mut [3.0, 1.0, 2.0]), 2.0);
    assert_eq!(median(&mut [3.0, 1.0]), 2.0);
}
