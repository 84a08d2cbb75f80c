//! The chart of the scale.

use std::path::Path;

use plotters::prelude::*;

use crate::scale::Configurations;

/// Draws the cost of a call by callers on the left, and of a lookup by configurations on the right.
pub(crate) fn draw(
    to: &Path,
    threads: &[(usize, f64, f64)],
    tasks: &[(usize, f64)],
    configurations: &[Configurations],
) -> Result<(), Box<dyn std::error::Error>> {
    let root = SVGBackend::new(to, (960, 380)).into_drawing_area();
    root.fill(&WHITE)?;
    let (left, right) = root.split_horizontally(480);
    let threads_ours: Vec<_> = threads
        .iter()
        .map(|(n, ours, _)| (*n as f64, *ours))
        .collect();
    let control: Vec<_> = threads
        .iter()
        .map(|(n, _, control)| (*n as f64, *control))
        .collect();
    let tasks: Vec<_> = tasks.iter().map(|(n, cost)| (*n as f64, *cost)).collect();
    panel(
        &left,
        "CPU ns per call, by callers on one source",
        &[
            ("threads", threads_ours),
            ("tasks", tasks),
            ("threads, shared clone", control),
        ],
    )?;
    let series = |pick: fn(&Configurations) -> f64| {
        configurations
            .iter()
            .map(|row| (row.count as f64, pick(row)))
            .collect::<Vec<_>>()
    };
    panel(
        &right,
        "ns per lookup, by configurations",
        &[
            ("TokenSourcePool", series(|row| row.lookup)),
            ("HashMap", series(|row| row.hash_map)),
        ],
    )?;
    root.present()?;
    Ok(())
}

type Area<'a> = DrawingArea<SVGBackend<'a>, plotters::coord::Shift>;

fn panel(
    area: &Area<'_>,
    title: &str,
    series: &[(&str, Vec<(f64, f64)>)],
) -> Result<(), Box<dyn std::error::Error>> {
    let points = || series.iter().flat_map(|(_, points)| points);
    let most = points().map(|point| point.1).fold(0.0, f64::max) * 1.2;
    let last = points().map(|point| point.0).fold(1.0, f64::max);
    let mut chart = ChartBuilder::on(area)
        .caption(title, ("sans-serif", 16))
        .margin(12)
        .x_label_area_size(28)
        .y_label_area_size(48)
        .build_cartesian_2d((1.0..last).log_scale(), 0.0..most)?;
    chart
        .configure_mesh()
        .x_labels(6)
        .light_line_style(WHITE)
        .draw()?;
    for (number, (name, points)) in series.iter().enumerate() {
        let colour = Palette99::pick(number).to_rgba();
        chart
            .draw_series(
                LineSeries::new(points.iter().copied(), colour.stroke_width(2)).point_size(3),
            )?
            .label(*name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 16, y)], colour.stroke_width(2)));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperLeft)
        .border_style(BLACK.mix(0.3))
        .background_style(WHITE.mix(0.8))
        .draw()?;
    Ok(())
}
