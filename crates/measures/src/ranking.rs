//! Measures of the order in which a model puts rows. Rows of equal scores share their places.

use crate::classes::Classes;
use crate::error::NoValue;

/// What is counted from the highest score down to some score.
#[derive(Debug, Clone, Copy, Default)]
struct Above {
    positives: f64,
    negatives: f64,
}

impl Above {
    fn all(self) -> f64 {
        self.positives + self.negatives
    }
}

/// The rows of one class against all others: the counts after each distinct score, falling.
fn curve(rows: Classes<'_>, class: usize) -> Vec<Above> {
    let score = |row: usize| rows.probability(row, class);
    let mut order: Vec<usize> = (0..rows.count()).collect();
    order.sort_unstable_by(|a, b| score(*b).total_cmp(&score(*a)).then(a.cmp(b)));
    let (mut points, mut above) = (Vec::new(), Above::default());
    for (place, row) in order.iter().enumerate() {
        match rows.is_of(*row, class) {
            true => above.positives += rows.weight(*row),
            false => above.negatives += rows.weight(*row),
        }
        let next = order.get(place + 1);
        if next.is_none_or(|next| score(*next) != score(*row)) {
            points.push(above);
        }
    }
    points
}

fn whole(points: &[Above]) -> Above {
    points.last().copied().unwrap_or_default()
}

/// The curve and its end, where both sides have rows.
fn told_apart(rows: Classes<'_>, class: usize) -> Result<(Vec<Above>, Above), NoValue> {
    let points = curve(rows, class);
    let end = whole(&points);
    match end.positives > 0.0 && end.negatives > 0.0 {
        true => Ok((points, end)),
        false => Err(NoValue::OneClass),
    }
}

fn area_of(rows: Classes<'_>, class: usize) -> Result<f64, NoValue> {
    let (points, end) = told_apart(rows, class)?;
    let (mut area, mut before) = (0.0, Above::default());
    for point in points {
        let wide = point.negatives - before.negatives;
        area += wide * (point.positives + before.positives) / 2.0;
        before = point;
    }
    Ok(area / end.positives / end.negatives)
}

fn average_precision_of(rows: Classes<'_>, class: usize) -> Result<f64, NoValue> {
    let (points, end) = told_apart(rows, class)?;
    let (mut sum, mut before) = (0.0, 0.0);
    for point in points {
        sum += (point.positives - before) * share(point.positives, point.all());
        before = point.positives;
    }
    Ok(sum / end.positives)
}

/// 0 of 0 happens where the highest rows weigh nothing.
fn share(part: f64, of: f64) -> f64 {
    if of == 0.0 { 0.0 } else { part / of }
}

/// Of two classes the positive one's; of more the mean over each class against all others.
fn over_classes(
    rows: Classes<'_>,
    of: fn(Classes<'_>, usize) -> Result<f64, NoValue>,
) -> Result<f64, NoValue> {
    if rows.classes() == 2 {
        return of(rows, 1);
    }
    let mut sum = 0.0;
    for class in 0..rows.classes() {
        sum += of(rows, class)?;
    }
    Ok(sum / rows.classes() as f64)
}

/// How likely a row of the class has a higher score than another; equal scores count half.
pub(crate) fn auc_roc(rows: Classes<'_>) -> Result<f64, NoValue> {
    over_classes(rows, area_of)
}

/// The mean precision over all recalls (average precision).
pub(crate) fn auc_pr(rows: Classes<'_>) -> Result<f64, NoValue> {
    over_classes(rows, average_precision_of)
}

/// Kolmogorov and Smirnov's distance between the scores of both classes.
pub(crate) fn ks(rows: Classes<'_>) -> Result<f64, NoValue> {
    let (points, end) = told_apart(rows, 1)?;
    let distance =
        |point: &Above| (point.positives / end.positives - point.negatives / end.negatives).abs();
    Ok(points.iter().map(distance).fold(0.0, f64::max))
}

/// How many times as often positives occur among the highest `PERCENT` of the rows as among all. Rows with the
/// score at the boundary count by the share of them that has a place.
pub(crate) fn lift<const PERCENT: u32>(rows: Classes<'_>) -> Result<f64, NoValue> {
    let (points, end) = told_apart(rows, 1)?;
    let places = end.all() * f64::from(PERCENT) / 100.0;
    let mut before = Above::default();
    for point in points {
        if point.all() < places {
            before = point;
            continue;
        }
        let inside = share(places - before.all(), point.all() - before.all());
        let found = before.positives + inside * (point.positives - before.positives);
        return Ok(found / places / (end.positives / end.all()));
    }
    Ok(1.0)
}
