//! A line chart as SVG, both axes logarithmic, readable on light and dark pages.

use std::fmt::Write;

/// A line with its name at its end.
pub(crate) struct Line {
    pub(crate) name: String,
    /// From left to right.
    pub(crate) points: Vec<(f64, f64)>,
    /// Which of the eight colours it has; the first stands out.
    pub(crate) colour: usize,
}

/// What is drawn.
pub(crate) struct Chart {
    pub(crate) title: String,
    pub(crate) x: String,
    pub(crate) y: String,
    pub(crate) lines: Vec<Line>,
}

const WIDTH: f64 = 800.0;
const HEIGHT: f64 = 440.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 590.0;
const TOP: f64 = 56.0;
const BOTTOM: f64 = 380.0;
const LABEL: f64 = 16.0;

const STYLE: &str = "<style>
  svg { color-scheme: light dark; font: 13px system-ui, sans-serif; }
  .paper { fill: #ffffff; } .ink { fill: #1f2328; } .soft { fill: #59636e; } .grid { stroke: #d1d9e0; }
  .line { fill: none; stroke-width: 2; } .own { stroke-width: 3.5; } text.own { font-weight: 700; }
  .c0 { --c: #0969da; } .c1 { --c: #59636e; } .c2 { --c: #1a7f37; } .c3 { --c: #9a6700; } .c4 { --c: #bc4c00; }
  .c5 { --c: #8250df; } .c6 { --c: #bf3989; } .c7 { --c: #0a7c86; }
  .line, .lead { stroke: var(--c); } .dot, .name { fill: var(--c); }
  @media (prefers-color-scheme: dark) {
    .paper { fill: #0d1117; } .ink { fill: #f0f6fc; } .soft { fill: #9198a1; } .grid { stroke: #3d444d; }
    .c0 { --c: #58a6ff; } .c1 { --c: #9198a1; } .c2 { --c: #3fb950; } .c3 { --c: #d29922; } .c4 { --c: #f0883e; }
    .c5 { --c: #bc8cff; } .c6 { --c: #f778ba; } .c7 { --c: #39c5cf; }
  }
</style>";

impl Chart {
    pub(crate) fn svg(&self) -> String {
        let points = || self.lines.iter().flat_map(|line| line.points.iter().copied());
        let across = Scale::over(points().map(|(x, _)| x), LEFT, RIGHT);
        let up = Scale::decades(points().map(|(_, y)| y), BOTTOM, TOP);
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{0}\">\n{STYLE}\n\
             <rect class=\"paper\" width=\"{WIDTH}\" height=\"{HEIGHT}\"/>\n\
             <text class=\"ink\" x=\"{LEFT}\" y=\"26\" font-size=\"16\" font-weight=\"600\">{0}</text>\n\
             <text class=\"soft\" x=\"{LEFT}\" y=\"44\">{1}</text>\n\
             <text class=\"soft\" x=\"{2}\" y=\"{3}\" text-anchor=\"middle\">{4}</text>\n",
            escaped(&self.title),
            escaped(&self.y),
            f64::midpoint(LEFT, RIGHT),
            BOTTOM + 42.0,
            escaped(&self.x),
        );
        for value in up.steps() {
            let y = up.at(value);
            let _ = writeln!(
                svg,
                "<line class=\"grid\" x1=\"{LEFT}\" x2=\"{RIGHT}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>\
                 <text class=\"soft\" x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
                LEFT - 8.0,
                y + 4.0,
                thousands(value),
            );
        }
        for value in distinct(points().map(|(x, _)| x)) {
            let _ = writeln!(
                svg,
                "<text class=\"soft\" x=\"{:.1}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
                across.at(value),
                BOTTOM + 20.0,
                thousands(value),
            );
        }
        self.draw(&mut svg, &across, &up);
        svg + "</svg>\n"
    }

    fn draw(&self, svg: &mut String, across: &Scale, up: &Scale) {
        let ends: Vec<f64> = self
            .lines
            .iter()
            .map(|line| line.points.last().map_or(BOTTOM, |(_, y)| up.at(*y)))
            .collect();
        let labels = spread(&ends);
        for (at, line) in self.lines.iter().enumerate() {
            let own = if line.colour == 0 { " own" } else { "" };
            let path: Vec<String> = line
                .points
                .iter()
                .map(|(x, y)| format!("{:.1},{:.1}", across.at(*x), up.at(*y)))
                .collect();
            let _ = writeln!(
                svg,
                "<g class=\"c{}\"><polyline class=\"line{own}\" points=\"{}\"/>",
                line.colour,
                path.join(" ")
            );
            for (x, y) in &line.points {
                let _ = write!(
                    svg,
                    "<circle class=\"dot\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"{}\"><title>{}: {x} → {y:.1}</title></circle>",
                    across.at(*x),
                    up.at(*y),
                    if line.colour == 0 { 4.5 } else { 3.5 },
                    escaped(&line.name),
                );
            }
            let end = line.points.last().map_or(RIGHT, |(x, _)| across.at(*x));
            let _ = writeln!(
                svg,
                "<line class=\"lead\" x1=\"{:.1}\" y1=\"{:.1}\" x2=\"{:.1}\" y2=\"{:.1}\" stroke-opacity=\".4\"/>\
                 <text class=\"name{own}\" x=\"{:.1}\" y=\"{:.1}\">{}</text></g>",
                end + 4.0,
                ends[at],
                RIGHT + 16.0,
                labels[at],
                RIGHT + 20.0,
                labels[at] + 4.0,
                escaped(&line.name),
            );
        }
    }
}

/// A logarithmic axis.
struct Scale {
    low: f64,
    high: f64,
    from: f64,
    to: f64,
}

impl Scale {
    fn over(values: impl Iterator<Item = f64>, from: f64, to: f64) -> Self {
        let (low, high) = values.fold((f64::MAX, f64::MIN_POSITIVE), |(low, high), value| {
            (low.min(value), high.max(value))
        });
        let (low, high) = if low < high {
            (low, high)
        } else {
            (high / 2.0, high * 2.0)
        };
        Self { low, high, from, to }
    }

    /// From one round value to another.
    fn decades(values: impl Iterator<Item = f64>, from: f64, to: f64) -> Self {
        let tight = Self::over(values, from, to);
        let steps = round_values();
        let low = steps.iter().rev().find(|step| **step <= tight.low);
        let high = steps.iter().find(|step| **step >= tight.high);
        Self {
            low: low.copied().unwrap_or(tight.low),
            high: high.copied().unwrap_or(tight.high),
            ..tight
        }
    }

    fn at(&self, value: f64) -> f64 {
        let share = (value / self.low).ln() / (self.high / self.low).ln();
        self.from + share * (self.to - self.from)
    }

    fn steps(&self) -> impl Iterator<Item = f64> {
        let inside = move |step: &f64| *step >= self.low * 0.999 && *step <= self.high * 1.001;
        round_values().into_iter().filter(inside)
    }
}

/// 1, 2, 5, 10 and so on, up to ten million.
fn round_values() -> Vec<f64> {
    (0..8)
        .flat_map(|power| [1.0, 2.0, 5.0].map(|step| step * 10_f64.powi(power)))
        .collect()
}

fn distinct(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.dedup();
    values
}

/// Places for labels near these heights, none over another.
fn spread(heights: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..heights.len()).collect();
    order.sort_by(|one, other| heights[*one].total_cmp(&heights[*other]));
    let mut places = heights.to_vec();
    for _ in 0..100 {
        for pair in order.windows(2) {
            let lack = LABEL - (places[pair[1]] - places[pair[0]]);
            if lack > 0.0 {
                places[pair[0]] -= lack / 2.0;
                places[pair[1]] += lack / 2.0;
            }
        }
    }
    places
}

/// A whole number with commas.
pub(crate) fn thousands(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_of_close_lines_do_not_overlap() {
        let mut places = spread(&[100.0, 101.0, 99.0, 300.0]);
        places.sort_by(f64::total_cmp);
        assert!(
            places.windows(2).all(|pair| pair[1] - pair[0] >= LABEL - 0.1),
            "{places:?}"
        );
    }

    #[test]
    fn a_chart_of_one_point_is_drawn() {
        let chart = Chart {
            title: "a < b".into(),
            x: "x".into(),
            y: "y".into(),
            lines: vec![Line {
                name: "one".into(),
                points: vec![(4.0, 100.0)],
                colour: 0,
            }],
        };
        let svg = chart.svg();
        assert!(
            svg.contains("a &lt; b") && !svg.contains("NaN") && !svg.contains("inf"),
            "{svg}"
        );
    }
}
