//! `millrace models`: which versions exist, which is live, why, and how to go back.

use millrace_contract::{ModelName, Version};
use millrace_registry::{Changed, Registry, Request, Target, models, render};
use millrace_served::{Serving, TurnedDay};
use millrace_store::Store;
use serde::Serialize;
use serde_json::json;

use crate::arguments::{AliasCommand, Models, ModelsCommand, Shared};
use crate::commands::predictions;
use crate::failure::{Failure, Outcome};
use crate::out;
use crate::runs;
use crate::say::say;

pub fn run(shared: &Shared, options: &Models) -> Outcome {
    let context = shared.context()?;
    let registry = Registry::open(&context, options.model.clone());
    let command = Command {
        shared,
        registry: &registry,
        request: request(options)?,
    };
    match &options.command {
        ModelsCommand::List => command.list(&context.store),
        ModelsCommand::Show { version } => {
            let shown = registry.show(version)?;
            command.say(&shown, || render::show(&shown))
        }
        ModelsCommand::History { at: Some(at) } => {
            let answer = registry.live_at(*at)?;
            command.say(&answer, || render::live_at(&answer))
        }
        ModelsCommand::History { at: None } => {
            let entries = registry.history()?;
            command.say(&entries, || render::history(&entries))
        }
        ModelsCommand::Sign { version } => command.sign(version),
        ModelsCommand::Promote {
            version,
            to_staging,
            why,
        } => command.promote(*version, *to_staging, why.as_deref()),
        ModelsCommand::Reject { version, why } => command.reject(*version, why),
        ModelsCommand::Rollback {
            dry_run,
            with_predictions,
            why,
        } => command.rollback(*with_predictions, *dry_run, why.as_deref()),
        ModelsCommand::Diff { before, after } => {
            let diff = registry.diff(before, after)?;
            command.say(&diff, || render::diff(&diff))
        }
        ModelsCommand::Alias(alias) => command.alias(alias),
        ModelsCommand::Prune { keep, dry_run } => command.prune(*keep, *dry_run),
        ModelsCommand::Restore { dry_run } => command.restore(*dry_run),
    }
}

/// Who asks: the user of this machine, unless another name is given.
fn request(options: &Models) -> Result<Request, Failure> {
    let user = || {
        std::env::var("USER")
            .or_else(|_| std::env::var("USERNAME"))
            .ok()
    };
    let who = options
        .who
        .clone()
        .or_else(user)
        .filter(|who| !who.trim().is_empty());
    Ok(Request::new(
        who.unwrap_or_else(|| "unknown user".into()),
        runs::now(),
    ))
}

/// A rollback with the days whose scores turn with it.
#[derive(Serialize)]
struct WithDays<'a, T> {
    #[serde(flatten)]
    rollback: &'a T,
    predictions: &'a [TurnedDay],
}

impl<'a, T> WithDays<'a, T> {
    fn of(rollback: &'a T, predictions: &'a [TurnedDay]) -> Self {
        WithDays {
            rollback,
            predictions,
        }
    }
}

struct Command<'a> {
    shared: &'a Shared,
    registry: &'a Registry,
    request: Request,
}

impl Command<'_> {
    fn say<T: Serialize>(&self, value: &T, text: impl FnOnce() -> String) -> Outcome {
        say(self.shared, value, text)
    }

    fn because(&self, why: Option<&str>) -> Request {
        match why {
            Some(why) => self.request.clone().because(why),
            None => self.request.clone(),
        }
    }

    /// The versions of the model; of a store with other models, their names as well.
    fn list(&self, store: &Store) -> Outcome {
        let names: Vec<ModelName> = models(store)?;
        if !names.contains(self.registry.name()) && !names.is_empty() && !self.shared.json {
            let names: Vec<&str> = names.iter().map(ModelName::as_str).collect();
            out::line(format_args!("models of this store: {}", names.join(", ")));
        }
        let listing = self.registry.list()?;
        self.say(&listing, || render::list(&listing))
    }

    fn promote(&self, version: Version, to_staging: bool, why: Option<&str>) -> Outcome {
        let target = if to_staging {
            Target::Staging
        } else {
            Target::Live
        };
        let changed = self.registry.promote(version, target, &self.because(why))?;
        self.tell(&changed)
    }

    fn sign(&self, version: &str) -> Outcome {
        let (version, key) = self.registry.sign(version)?;
        let name = self.registry.name();
        let document = json!({ "model": name, "version": version, "signed_by": key });
        self.say(&document, || format!("{name} {version} is signed by {key}"))
    }

    /// With what it scored: readers see nothing of it any more.
    fn reject(&self, version: Version, why: &str) -> Outcome {
        let done = Serving::of(self.registry).reject(version, &self.because(Some(why)))?;
        self.registry.write_rows()?;
        self.say(&done, || {
            format!(
                "{}{}",
                render::changed(self.registry.name(), &done.change),
                predictions::describe(&done.predictions)
            )
        })
    }

    /// The scores are taken back first: a rollback that is interrupted between the two is asked for again,
    /// and then finds its target unchanged.
    fn rollback(&self, with_predictions: bool, dry_run: bool, why: Option<&str>) -> Outcome {
        let plan = self.registry.plan_rollback()?;
        let serving = Serving::of(self.registry);
        let turned = match (with_predictions, dry_run) {
            (false, _) => Vec::new(),
            (true, true) => serving.plan_roll_back(plan.from, plan.to)?,
            (true, false) => serving.roll_back(plan.from, plan.to)?,
        };
        if dry_run {
            let planned = WithDays::of(&plan, &turned);
            return self.say(&planned, || {
                format!(
                    "{}{}",
                    render::rollback_plan(&plan),
                    predictions::describe(&turned)
                )
            });
        }
        let done = self.registry.rollback(&self.because(why))?;
        self.registry.write_rows()?;
        self.say(&WithDays::of(&done, &turned), || {
            format!(
                "{}{}",
                render::rolled_back(&done),
                predictions::describe(&turned)
            )
        })
    }

    /// The table of versions follows whatever was changed.
    fn tell(&self, changed: &Changed) -> Outcome {
        self.registry.write_rows()?;
        self.say(changed, || render::changed(self.registry.name(), changed))
    }

    fn alias(&self, alias: &AliasCommand) -> Outcome {
        let changed = match alias {
            AliasCommand::Set { name, version } => {
                self.registry.set_alias(name, *version, &self.request)?
            }
            AliasCommand::Remove { name } => self.registry.remove_alias(name, &self.request)?,
        };
        self.tell(&changed)
    }

    fn prune(&self, keep: usize, dry_run: bool) -> Outcome {
        if dry_run {
            let plan = self.registry.plan_prune(keep, self.request.now)?;
            return self.say(&plan, || render::prune(&plan, false));
        }
        let pruned = self.registry.prune(keep, &self.request)?;
        self.registry.write_rows()?;
        self.say(&pruned, || render::prune(&pruned.plan, true))
    }

    fn restore(&self, dry_run: bool) -> Outcome {
        let restored = match dry_run {
            true => self.registry.plan_restore(&self.request)?,
            false => self.registry.restore(&self.request)?,
        };
        if !dry_run {
            self.registry.write_rows()?;
        }
        self.say(&restored, || {
            render::restored(self.registry.name(), &restored)
        })
    }
}
