//! The numbers of a figure as text: one line for each row of each array.

use std::fmt::Write as _;

use datasets::{Figure, Values};
use ndarray::{ArrayD, Axis};

use plot::panel::digits;

/// Columns: the array's path, its unit, the names of its axes, the indices of the row, and the values along the last
/// axis with six significant digits. Arrays of more than `most` values are left out and named.
pub(super) fn csv(figure: &Figure, most: usize) -> String {
    let mut csv = String::from("dataset,units,axes,row,values\n");
    for (path, dataset) in &figure.numbers.datasets {
        let head = format!("{path},{},{}", dataset.units, dataset.dims.join(" "));
        let array: ArrayD<f64> = match &dataset.values {
            Values::I8(a) => a.mapv(f64::from),
            Values::U16(a) => a.mapv(f64::from),
            Values::I32(a) => a.mapv(f64::from),
            Values::U32(a) => a.mapv(f64::from),
            Values::U64(a) => a.mapv(|v| v as f64),
            Values::F32(a) => a.mapv(f64::from),
            Values::F64(a) => a.clone(),
        };
        if array.len() > most {
            let _ = writeln!(csv, "{head},,in figures.h5 only");
            continue;
        }
        if array.ndim() == 0 {
            let _ = writeln!(csv, "{head},,{}", array.iter().map(|v| digits(*v, 6)).collect::<String>());
            continue;
        }
        let last = Axis(array.ndim() - 1);
        let lengths = &array.shape()[..array.ndim() - 1];
        for (number, lane) in array.lanes(last).into_iter().enumerate() {
            let mut rest = number;
            let mut indices: Vec<String> = Vec::new();
            for length in lengths.iter().rev() {
                indices.push((rest % length).to_string());
                rest /= length;
            }
            indices.reverse();
            let values: Vec<String> = lane.iter().map(|v| digits(*v, 6)).collect();
            let _ = writeln!(csv, "{head},{},{}", indices.join(" "), values.join(","));
        }
    }
    csv
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_a_line() {
        let mut figure = Figure::default();
        let grid = ndarray::arr2(&[[1.0, 2.5], [f64::NAN, -0.001_234_567]]);
        figure.numbers.put("a/b", &grid, "start,step", "J", "");
        assert_eq!(
            csv(&figure, 10),
            "dataset,units,axes,row,values\na/b,J,start step,0,1,2.5\na/b,J,start step,1,NaN,-0.00123457\n"
        );
        assert!(csv(&figure, 3).ends_with("in figures.h5 only\n"));
    }
}
