//! `edge-oauth publish all` and `edge-oauth publish items`: a new job.

use std::process::ExitCode;

use clap::{Args, ValueEnum};
use edge_oauth_no_io::printable;
use experience_edge_api::{InputError, Job, JobFilter, NewJob, PublishItem, PublishMode};

use crate::api_client::{ApiArgs, ApiClient};
use crate::commands::output_format::OutputArg;
use crate::commands::publish::describe;
use crate::commands::publish::end::{self, EndArgs};
use crate::commands::publish::watch::{Watch, WatchArgs};
use crate::error::{CliError, Exit};
use crate::output::terminal;
use crate::output::timestamp;

#[derive(Args, Debug)]
pub(super) struct AllArgs {
    /// Content to publish
    #[arg(long, value_name = "MODE", default_value = "smart")]
    mode: EnvironmentMode,

    #[command(flatten)]
    pub(super) new: NewArgs,
}

#[derive(Args, Debug)]
pub(super) struct ItemsArgs {
    /// Id of an item, such as 0DE95AE4-41AB-4D01-9EB0-67441B7C2450, or ID@LOCALE in place of --locale
    #[arg(value_name = "ID", required = true, value_parser = item)]
    items: Vec<PublishItem>,

    /// Content to publish
    #[arg(long, value_name = "MODE", default_value = "smart")]
    mode: ItemMode,

    /// Publish the items below the given ones too
    #[arg(long)]
    children: bool,

    /// Publish the items that the given ones refer to too
    #[arg(long)]
    related: bool,

    #[command(flatten)]
    pub(super) new: NewArgs,
}

/// The options of a new job.
#[derive(Args, Debug)]
pub(super) struct NewArgs {
    /// Locale to publish, such as en; several are separated by commas or given by several options
    #[arg(long, value_delimiter = ',')]
    locale: Vec<String>,

    /// Name of the job [default: edge-oauth and the time]
    #[arg(long)]
    name: Option<String>,

    /// Program that publishes, by which `edge-oauth publish list` finds the job
    #[arg(long, default_value = "edge-oauth")]
    source: String,

    /// Description of the job
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,

    #[command(flatten)]
    watch: WatchArgs,

    #[command(flatten)]
    end: EndArgs,

    #[command(flatten)]
    output: OutputArg,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum EnvironmentMode {
    /// Content that has changed
    Smart,
    /// All content
    Republish,
    /// Content in the publish queue, of the last 30 days
    Incremental,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ItemMode {
    /// Content that has changed
    Smart,
    /// All content
    Republish,
}

/// A job to create, with the texts that find it again.
pub(super) struct Wanted {
    job: NewJob,
    name: String,
    /// The advice if locales are missing or given twice.
    locales: &'static str,
}

impl AllArgs {
    pub(super) fn job(&self) -> Wanted {
        let mode = match self.mode {
            EnvironmentMode::Smart => PublishMode::Smart,
            EnvironmentMode::Republish => PublishMode::Republish,
            EnvironmentMode::Incremental => PublishMode::Incremental,
        };
        let new = &self.new;
        new.complete(|name| NewJob::environment(name, &new.source, mode))
    }
}

impl ItemsArgs {
    pub(super) fn job(&self) -> Wanted {
        let mode = match self.mode {
            ItemMode::Smart => PublishMode::Smart,
            ItemMode::Republish => PublishMode::Republish,
        };
        let new = &self.new;
        let wanted = new.complete(|name| NewJob::items(name, &new.source, mode));
        let job = wanted
            .job
            .children(self.children)
            .related_items(self.related);
        Wanted {
            job: self.items.iter().cloned().fold(job, NewJob::item),
            locales: "use --locale, such as --locale en, or ID@LOCALE for each item",
            ..wanted
        }
    }
}

impl NewArgs {
    fn complete(&self, begin: impl FnOnce(&str) -> NewJob) -> Wanted {
        let name = self.name.clone().unwrap_or_else(|| {
            let now = timestamp::utc(timestamp::now()).unwrap_or_default();
            format!("edge-oauth {now}")
        });
        let mut job = begin(&name);
        for locale in &self.locale {
            job = job.locale(locale);
        }
        if let Some(description) = &self.description {
            job = job.description(description);
        }
        Wanted {
            job,
            name,
            locales: "use --locale, such as --locale en",
        }
    }
}

/// Parses the id of an item, with or without the braces that Sitecore shows, and its locale.
fn item(text: &str) -> Result<PublishItem, &'static str> {
    let (id, locale) = match text.split_once('@') {
        Some((id, locale)) => (id, Some(locale)),
        None => (text, None),
    };
    let inner = id.strip_prefix('{').and_then(|id| id.strip_suffix('}'));
    let id = inner.unwrap_or(id);
    let is_separated =
        id.len() == 36 && [8, 13, 18, 23].iter().all(|at| id.as_bytes()[*at] == b'-');
    let digits = id.bytes().filter(|byte| byte.is_ascii_hexdigit()).count();
    match digits == 32 && (id.len() == 32 || is_separated) {
        true => Ok(locale.map_or_else(
            || PublishItem::new(id),
            |locale| PublishItem::new(id).locale(locale),
        )),
        false => Err("the id of an item is a GUID, such as 0DE95AE4-41AB-4D01-9EB0-67441B7C2450"),
    }
}

/// Creates a job, prints its id, and watches the job if asked to.
pub(super) fn run(api: &ApiArgs, new: &NewArgs, wanted: Wanted) -> Result<ExitCode, CliError> {
    let api = ApiClient::open(api)?;
    let operation = api.publishing.create_job(&wanted.job).map_err(|error| {
        let field = error.field();
        let failure = match error {
            InputError::Empty { field: "locales" } => {
                CliError::new(Exit::Usage, "a locale is missing")
            }
            error => error.into(),
        };
        match field {
            "locales" => failure.next(wanted.locales),
            _ => failure,
        }
    })?;
    let created = api.attempt(&operation).map_err(|failed| {
        let (source, name) = (printable(&new.source, SHOWN), printable(&wanted.name, SHOWN));
        match failed.is_unknown {
            true => failed.error.next(format!(
                "the job may exist: run edge-oauth publish list --source {source:?}, and look for the name {name:?}, before you publish again"
            )),
            false => failed.error,
        }
    })?;
    let job = match created {
        Some(job) => job,
        None => find(&api, new, &wanted)?,
    };
    let (waits, is_json) = (new.watch.waits(), new.output.is_json());
    let id = printable(job.id(), SHOWN);
    let printed = match (waits, is_json) {
        (false, true) => describe::print(&api, &job, new.output),
        // A script has the id even if the watch is interrupted.
        (_, false) => terminal::print(format!("{id}\n")),
        (true, true) => Ok(()),
    };
    printed.map_err(|error| {
        let next = format!("run edge-oauth publish status {id}, since the job exists");
        CliError::from(error).next(next)
    })?;
    if !waits {
        return Ok(ExitCode::SUCCESS);
    }
    let watched = Watch::new(&api, job.id(), new.watch, new.end.cancels())?.run()?;
    if is_json {
        describe::print(&api, watched.last.as_ref().unwrap_or(&job), new.output)?;
    }
    end::published(&api, &watched, new.end, job.id())
}

/// Finds a job whose id the service did not return.
fn find(api: &ApiClient, new: &NewArgs, wanted: &Wanted) -> Result<Job, CliError> {
    let list = api.publishing.jobs(JobFilter::new().source(&new.source))?;
    let mut jobs = api.call(&list)?.jobs.into_iter();
    let job = jobs.find(|job| job.name() == wanted.name && !job.status().is_final());
    job.ok_or_else(|| {
        let message = "the service accepted the job, and does not say its id";
        CliError::new(Exit::Other, message).next(super::LIST)
    })
}

const SHOWN: usize = 256;
