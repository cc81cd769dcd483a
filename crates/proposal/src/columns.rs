//! What each column becomes in the contract.

use millrace_contract::{ColumnType, Role};
use millrace_dataset::nearest;
use millrace_dataset::survey::{Form, Numbers, Seen, Survey};

use crate::mend::Mend;
use crate::names::{names_one, slug};
use crate::{Choices, ProposalError, numbers};

/// More words than this would become more columns than rows can fill.
const MOST_WORDS: usize = 50;
/// A column that is missing in more of the rows says nothing.
const MOST_MISSING: f64 = 0.95;
/// As many rows may be bad without a word in the contract.
pub(crate) const USUAL_BAD: f64 = 0.05;
/// What a name says that names rows.
pub(crate) const ID_WORDS: &[&str] = &[
    "id",
    "ids",
    "uuid",
    "guid",
    "key",
    "index",
    "idx",
    "rownames",
    "rownum",
    "row number",
    "unnamed",
    "nr",
    "pid",
];

/// A column of the table and of the contract.
#[derive(Debug, Clone, PartialEq)]
pub struct Described {
    /// What the table calls it.
    pub source: String,
    /// What the contract calls it.
    pub name: String,
    pub role: Role,
    pub kind: Kind,
    pub nullable: bool,
    /// For whoever reads the contract.
    pub remark: String,
}

/// What a column may hold.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    Number {
        whole: bool,
        range: [f64; 2],
    },
    Boolean,
    Words {
        values: Vec<String>,
        ordered: bool,
    },
    Id {
        whole: bool,
    },
    Date,
    /// 1 where the source holds this word, else 0.
    Is {
        word: String,
        other: String,
    },
    Unused,
}

impl Kind {
    pub(crate) fn column_type(&self) -> ColumnType {
        match self {
            Kind::Number { whole: true, .. } | Kind::Id { whole: true } | Kind::Is { .. } => {
                ColumnType::Integer
            }
            Kind::Number { whole: false, .. } => ColumnType::Float,
            Kind::Boolean => ColumnType::Boolean,
            Kind::Words { ordered: true, .. } => ColumnType::Ordered,
            Kind::Words { ordered: false, .. } => ColumnType::Category,
            Kind::Id { whole: false } | Kind::Unused => ColumnType::Text,
            Kind::Date => ColumnType::Date,
        }
    }
}

pub(crate) fn describe(
    survey: &Survey,
    choices: &Choices,
) -> Result<Vec<Described>, ProposalError> {
    check_names(survey, choices)?;
    let columns = survey.columns.iter().enumerate();
    let columns = columns.map(|(place, seen)| {
        let name = written_name(&seen.name, place);
        let (role, kind, remark) = decide(survey, choices, seen)?;
        Ok(Described {
            source: seen.name.clone(),
            name,
            nullable: matches!(role, Role::Feature | Role::Protected) && seen.missing > 0,
            role,
            kind,
            remark,
        })
    });
    let columns = columns.collect::<Result<Vec<_>, ProposalError>>()?;
    match columns.iter().any(|column| column.role == Role::Feature) {
        true => Ok(columns),
        false => Err(ProposalError::NothingToLearnFrom {
            target: choices.target.clone(),
        }),
    }
}

/// The columns, with the one that numbers the rows of a copy where no other is the id.
pub(crate) fn numbered(
    mut columns: Vec<Described>,
    mend: Option<&Mend>,
    choices: &Choices,
) -> Vec<Described> {
    let number = mend.and_then(|mend| mend.columns.first());
    if let (None, Some(number)) = (&choices.id, number) {
        let id = Described {
            source: String::new(),
            name: number.name.clone(),
            role: Role::Id,
            kind: Kind::Id { whole: true },
            nullable: false,
            remark: "the number of the row in the copy: it names nobody in another file".to_owned(),
        };
        columns.insert(0, id);
    }
    columns
}

type Decided = (Role, Kind, String);

fn decide(survey: &Survey, choices: &Choices, seen: &Seen) -> Result<Decided, ProposalError> {
    let name = &seen.name;
    if choices.id.as_ref() == Some(name) {
        return id(survey, seen);
    }
    if choices.date.as_ref() == Some(name) {
        return date(survey, seen);
    }
    if choices.target == *name {
        return target(survey, seen);
    }
    let is_protected = choices.protected.contains(name);
    let unused = |because: String| Ok((Role::Unused, Kind::Unused, because));
    let kind = match usable(survey, seen) {
        Ok(kind) => kind,
        Err(because) if is_protected => {
            return Err(ProposalError::ProtectedUnfit {
                column: name.clone(),
                detail: because,
            });
        }
        Err(because) => return unused(because),
    };
    if !is_protected && names_rows(survey, seen) {
        return unused("nearly every row has a value of its own, as with an id".to_owned());
    }
    let (kind, remark) = ordered(choices, seen, kind)?;
    let role = if is_protected {
        Role::Protected
    } else {
        Role::Feature
    };
    Ok((role, kind, remark))
}

/// Whether it is called an id, and no more than a few rows share one of its values.
pub(crate) fn names_rows(survey: &Survey, seen: &Seen) -> bool {
    let many = seen
        .distinct
        .is_none_or(|distinct| 2 * distinct > survey.rows);
    survey.rows > 1 && many && names_one(&seen.name, ID_WORDS).is_some()
}

/// How many rows have the value of another one.
pub(crate) fn repeated(survey: &Survey, seen: &Seen) -> u64 {
    let distinct = seen.distinct;
    distinct.map_or(0, |distinct| survey.rows - seen.missing - distinct)
}

fn ordered(choices: &Choices, seen: &Seen, kind: Kind) -> Result<(Kind, String), ProposalError> {
    let Kind::Words { mut values, .. } = kind else {
        return Ok((kind, String::new()));
    };
    let Some(order) = choices.ordered.get(&seen.name) else {
        let remark = match values.len() {
            0..=2 => String::new(),
            _ => {
                "if its words have an order: type = \"ordered\", values from low to high".to_owned()
            }
        };
        return Ok((
            Kind::Words {
                values,
                ordered: false,
            },
            remark,
        ));
    };
    let mut sorted = order.clone();
    sorted.sort();
    values.sort();
    if sorted != values {
        return Err(ProposalError::OrderUnfit {
            column: seen.name.clone(),
            known: values.join(", "),
        });
    }
    let kind = Kind::Words {
        values: order.clone(),
        ordered: true,
    };
    Ok((kind, String::new()))
}

/// What a feature may hold; or why it is none.
pub(crate) fn usable(survey: &Survey, seen: &Seen) -> Result<Kind, String> {
    let share = seen.missing as f64 / survey.rows as f64;
    if seen.form == Form::Empty {
        return Err("nothing is there".to_owned());
    }
    if share > MOST_MISSING {
        return Err(format!("missing in {:.1} of 100 rows", 100.0 * share));
    }
    if seen.distinct == Some(1) && seen.missing == 0 {
        return Err("the same in every row".to_owned());
    }
    match &seen.form {
        Form::Number(found) => Ok(number(found)),
        Form::Boolean => Ok(Kind::Boolean),
        Form::Words(words) => {
            let present = survey.rows - seen.missing;
            if words.len() > MOST_WORDS || (words.len() > 10 && words.len() as u64 > present / 2) {
                return Err(format!("{} different words", words.len()));
            }
            Ok(Kind::Words {
                values: words.keys().cloned().collect(),
                ordered: false,
            })
        }
        Form::Day { .. } => Err("a day, and another column is the date or none".to_owned()),
        Form::Text { dates: true } => Err("dates that are not written like 2026-12-31".to_owned()),
        Form::Text { dates: false } => Err("texts, nearly all of them different".to_owned()),
        Form::Nested => Err("lists or the like".to_owned()),
        Form::Empty => Err("nothing is there".to_owned()),
    }
}

fn number(found: &Numbers) -> Kind {
    Kind::Number {
        whole: found.whole,
        range: numbers::range(found),
    }
}

fn id(survey: &Survey, seen: &Seen) -> Result<Decided, ProposalError> {
    let unfit = |detail: String| {
        Err(ProposalError::IdUnfit {
            column: seen.name.clone(),
            detail,
        })
    };
    let whole = match &seen.form {
        Form::Number(numbers) if !numbers.whole => return unfit("it holds fractions".to_owned()),
        Form::Number(numbers) => numbers.as_written,
        Form::Words(_) | Form::Text { .. } => false,
        _ => return unfit("it holds neither whole numbers nor words".to_owned()),
    };
    let few = survey.rows as f64 * USUAL_BAD;
    if seen.missing as f64 > few {
        return unfit(format!(
            "it is missing in {} of {} rows",
            seen.missing, survey.rows
        ));
    }
    let repeated = repeated(survey, seen);
    if repeated as f64 > few {
        return unfit(format!(
            "{repeated} of {} rows repeat the value of another; leave the id out, and the rows are numbered in a copy",
            survey.rows
        ));
    }
    let remark = match repeated {
        0 => String::new(),
        _ => format!("{repeated} rows repeat the value of an earlier one and will be put aside"),
    };
    Ok((Role::Id, Kind::Id { whole }, remark))
}

fn date(survey: &Survey, seen: &Seen) -> Result<Decided, ProposalError> {
    let detail = match &seen.form {
        Form::Day { .. } if seen.missing as f64 <= survey.rows as f64 * USUAL_BAD => {
            return Ok((Role::Date, Kind::Date, String::new()));
        }
        Form::Day { .. } => format!("it is missing in {} of {} rows", seen.missing, survey.rows),
        _ => "its values are not all written like 2026-12-31".to_owned(),
    };
    Err(ProposalError::DateUnfit {
        column: seen.name.clone(),
        detail,
    })
}

fn target(survey: &Survey, seen: &Seen) -> Result<Decided, ProposalError> {
    match predictable(survey, seen) {
        Ok(kind) => {
            let remark = match seen.missing {
                0 => String::new(),
                missing => format!("missing in {missing} rows, which will be put aside"),
            };
            Ok((Role::Target, kind, remark))
        }
        Err(detail) => Err(ProposalError::TargetUnfit {
            column: seen.name.clone(),
            detail,
        }),
    }
}

/// How a column can be predicted; or why it cannot.
pub(crate) fn predictable(survey: &Survey, seen: &Seen) -> Result<Kind, String> {
    let share = seen.missing as f64 / survey.rows as f64;
    if share > 0.5 {
        return Err(format!("it is missing in {:.1} of 100 rows", 100.0 * share));
    }
    if seen.distinct == Some(1) {
        return Err("it is the same in every row".to_owned());
    }
    match &seen.form {
        Form::Number(found) => Ok(match found.whole && found.low == 0.0 && found.high == 1.0 {
            true => Kind::Number {
                whole: true,
                range: [0.0, 1.0],
            },
            false => number(found),
        }),
        Form::Boolean => Ok(Kind::Is {
            word: "true".to_owned(),
            other: "false".to_owned(),
        }),
        Form::Words(words) if words.len() == 2 => Ok(two(words)),
        Form::Words(words) => Err(format!(
            "its {} words would be classes, and so far only numbers and what is one of two can be predicted",
            words.len()
        )),
        _ => Err("it holds neither numbers nor two words".to_owned()),
    }
}

const YES: &[&str] = &[
    "yes", "y", "true", "t", "1", "positive", "pos", "left", "churned", "bad", "default", "fraud",
    "won", "good",
];
const NO: &[&str] = &[
    "no", "n", "false", "f", "0", "negative", "neg", "stayed", "none",
];

/// The word that says yes is 1; where none does, the rarer one.
fn two(words: &std::collections::BTreeMap<String, u64>) -> Kind {
    let mut both: Vec<(&String, u64)> = words.iter().map(|(word, count)| (word, *count)).collect();
    let says = |list: &[&str], word: &str| list.contains(&word.trim().to_lowercase().as_str());
    both.sort_by_key(|(word, count)| (!says(YES, word), says(NO, word), *count));
    let word = |place: usize| {
        both.get(place)
            .map_or(String::new(), |(word, _)| (*word).clone())
    };
    Kind::Is {
        word: word(0),
        other: word(1),
    }
}

fn check_names(survey: &Survey, choices: &Choices) -> Result<(), ProposalError> {
    let mut purposes: Vec<(&String, &'static str)> = Vec::new();
    purposes.extend(choices.id.iter().map(|name| (name, "id")));
    purposes.extend(choices.date.iter().map(|name| (name, "date")));
    purposes.push((&choices.target, "target"));
    purposes.extend(choices.protected.iter().map(|name| (name, "protected")));
    for (place, (name, purpose)) in purposes.iter().enumerate() {
        known(survey, name)?;
        let earlier = purposes[..place].iter().find(|(other, _)| other == name);
        if let Some((_, one)) = earlier {
            return Err(ProposalError::ColumnNamedTwice {
                column: (*name).clone(),
                one,
                other: purpose,
            });
        }
    }
    choices
        .ordered
        .keys()
        .try_for_each(|name| known(survey, name))
}

fn known(survey: &Survey, name: &str) -> Result<(), ProposalError> {
    match survey.column(name) {
        Some(_) => Ok(()),
        None => Err(ProposalError::ColumnNotFound {
            column: name.to_owned(),
            nearest: nearest(name, survey.columns.iter().map(|seen| seen.name.as_str())),
        }),
    }
}

/// The table's own name for it, if a contract can have it.
pub(crate) fn written_name(name: &str, place: usize) -> String {
    let fits = !name.is_empty() && name.len() <= 128 && !name.chars().any(char::is_control);
    match fits {
        true => name.to_owned(),
        false if name.trim().is_empty() => format!("column_{}", place + 1),
        false => slug(name),
    }
}
