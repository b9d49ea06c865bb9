//! Cost against the number of fragments a page, and how straight the line is.

use std::{fmt::Write, slice};

use anyhow::Result;

use super::Plan;
use crate::{measure::micros, mode::Mode};

const SIZES: [usize; 7] = [1, 2, 4, 8, 16, 32, 64];

pub(super) async fn measure(plan: &Plan) -> Result<String> {
    let running = plan.start(&plan.composer(), "fragments").await?;
    let sizes = plan.sizes(&SIZES);
    let mut text = "| page |".to_owned();
    for size in &sizes {
        let _ = write!(text, " {size} |");
    }
    text += " straight line | farthest from it |\n| --- |";
    text += &" ---: |".repeat(sizes.len() + 2);
    for mode in Mode::ALL {
        let _ = write!(text, "\n| {} |", mode.name());
        let mut points = Vec::new();
        for size in &sizes {
            let measured = plan.page(slice::from_ref(&running), mode, *size).await?;
            for measured in measured {
                let cost = micros(measured.cpu_per_page);
                let _ = write!(text, " {cost:.1} µs |");
                points.push((*size as f64, cost));
            }
        }
        let (start, slope) = line(&points);
        let farthest = points
            .iter()
            .map(|(x, y)| ((start + slope * x) / y - 1.0).abs())
            .fold(0.0, f64::max);
        let _ = write!(
            text,
            " {start:.1} µs + {slope:.2} µs a fragment | {:.0} % |",
            farthest * 100.0
        );
    }
    Ok(text)
}

/// The straight line of least squares: where it starts, and how it rises.
fn line(points: &[(f64, f64)]) -> (f64, f64) {
    let number = points.len() as f64;
    let mean = |of: &dyn Fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / number;
    let (x, y) = (mean(&|point| point.0), mean(&|point| point.1));
    let spread = mean(&|point| (point.0 - x).powi(2));
    let slope = mean(&|point| (point.0 - x) * (point.1 - y)) / spread;
    (y - slope * x, slope)
}

#[cfg(test)]
mod tests {
    use super::line;

    #[test]
    fn points_on_a_line_give_that_line() {
        let (start, slope) = line(&[(1.0, 5.0), (2.0, 7.0), (4.0, 11.0)]);
        assert!((start - 3.0).abs() < 1e-9 && (slope - 2.0).abs() < 1e-9);
    }
}
