//! Whether a model treats groups of people alike, and how sure one can be of it.
//!
//! Pure functions, no files: the caller brings columns, this crate answers with a [`Report`].
//!
//! - [`assess`] compares selection rates, true and false positive rates between the groups of each
//!   protected attribute and of their intersections. The numbers equal fairlearn 0.15.0; the verdict
//!   (pass, fail, insufficient evidence) and the bootstrap intervals are added here.
//! - [`assess_proxies`] asks whether the features that the model uses give a protected attribute away.
//! - [`Report::render_text`] prints all of it for a terminal.

mod assess;
mod attribute;
mod bootstrap;
mod counted;
mod error;
mod evidence;
mod groups;
mod measures;
mod policy;
mod probe;
mod proxy;
mod report;
mod sentence;
mod tally;
mod text;
mod verdict;

pub use assess::{assess, measure, measure_jointly};
pub use attribute::{Attribute, AttributeValues, Bands};
pub use error::FairnessError;
pub use evidence::{Evidence, Outcome};
pub use groups::GroupKey;
pub use measures::{Aggregate, Contrast, Disparities, Method, Rate, Side};
pub use policy::{Decision, Policy};
pub use probe::{GroupAuc, LeadingFeature, Probe};
pub use proxy::association::{correlation_ratio, cramers_v, pearson};
pub use proxy::{
    Association, AssociationMeasure, Feature, FeatureValues, Offender, OffenderReason,
    ProxyAttribute, ProxyPolicy, ProxyReport, assess_proxies,
};
pub use report::{
    AttributeReport, Criterion, CriterionReport, Estimate, GroupReport, Interval, Report, Shortfall,
};
pub use tally::GroupMetrics;
pub use verdict::Verdict;
