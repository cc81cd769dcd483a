//! Shows what a stage is doing: bars on a terminal, lines of JSON for machines, nothing when quiet.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use millrace_contract::spec::in_words;
use millrace_contract::stages::{Listener, Progress};

use crate::arguments::Shared;
use crate::out;
use crate::text;

/// How far the work is, between 0 and 1 where that is known, and a word on it.
pub fn brief(progress: &Progress) -> Option<(Option<f64>, String)> {
    match progress {
        Progress::Phase { text } => Some((None, text.clone())),
        Progress::Search {
            share,
            candidates,
            finished,
            dropped,
            ..
        } => {
            let text = format!("{finished} of {candidates} candidates finished, {dropped} dropped");
            Some((Some(*share), text))
        }
        Progress::Dropped { .. } => None,
        Progress::Rows { done, total } => {
            let share = *done as f64 / (*total).max(1) as f64;
            let text = format!("{} of {} rows", text::count(*done), text::count(*total));
            Some((Some(share), text))
        }
    }
}

/// Where progress goes. Results go to standard output, what a person watches to standard error.
#[derive(Debug)]
pub enum Display {
    Bars(Mutex<Bars>),
    Json,
    Silent,
}

#[derive(Debug)]
pub struct Bars {
    bar: Option<ProgressBar>,
    began: Instant,
}

impl Display {
    pub fn new(shared: &Shared) -> Display {
        if shared.json {
            return Display::Json;
        }
        let terminal = std::io::IsTerminal::is_terminal(&std::io::stderr());
        if shared.quiet || !terminal {
            return Display::Silent;
        }
        Display::Bars(Mutex::new(Bars {
            bar: None,
            began: Instant::now(),
        }))
    }

    /// Takes the bar away, so that what is printed next stands alone.
    pub fn clear(&self) {
        if let Display::Bars(bars) = self
            && let Ok(mut bars) = bars.lock()
            && let Some(bar) = bars.bar.take()
        {
            bar.finish_and_clear();
        }
    }
}

impl Listener for Display {
    fn hear(&self, progress: Progress) {
        match self {
            Display::Silent => {}
            Display::Json => {
                if let Ok(line) = serde_json::to_string(&progress) {
                    out::line(line);
                }
            }
            Display::Bars(bars) => {
                if let Ok(mut bars) = bars.lock() {
                    bars.show(progress);
                }
            }
        }
    }
}

impl Bars {
    fn show(&mut self, progress: Progress) {
        match progress {
            Progress::Phase { text } => {
                if let Some(bar) = self.bar.take() {
                    bar.finish_and_clear();
                }
                let spinner = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
                spinner.set_style(style("{spinner} {msg} {elapsed}"));
                spinner.set_message(text);
                spinner.enable_steady_tick(Duration::from_millis(120));
                self.bar = Some(spinner);
                self.began = Instant::now();
            }
            Progress::Search {
                share,
                candidates,
                finished,
                dropped,
                best,
            } => {
                let left = text::time_left(self.began.elapsed(), share);
                let best = best.map_or(String::new(), |best| {
                    format!(
                        ", best {} {:.4} ({})",
                        best.score_label,
                        best.mean_score,
                        in_words(&best.hyperparameters)
                    )
                });
                let bar = self.bar_of(1_000, "{wide_bar} {percent} % {msg}");
                bar.set_position((share.clamp(0.0, 1.0) * 1_000.0) as u64);
                bar.set_message(format!(
                    "{finished} of {candidates} finished, {dropped} dropped{best}{left}"
                ));
            }
            Progress::Dropped { .. } => {}
            Progress::Rows { done, total } => {
                let bar = self.bar_of(
                    total,
                    "{wide_bar} {human_pos} of {human_len} rows, {eta} left",
                );
                bar.set_position(done);
            }
        }
    }

    /// The bar that is shown, or a new one in place of a spinner.
    fn bar_of(&mut self, length: u64, template: &str) -> &ProgressBar {
        if self.bar.as_ref().is_some_and(|bar| bar.length().is_none())
            && let Some(spinner) = self.bar.take()
        {
            spinner.finish_and_clear();
        }
        self.bar.get_or_insert_with(|| {
            let bar = ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::stderr());
            bar.set_style(style(template));
            bar
        })
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
