//! Publishing jobs from their creation to their end.

use std::time::Duration;

use edge_oauth_local::{Client, Fault, JobOutcome, Options};
use experience_edge_api::{
    Job, JobFilter, JobStatus, NewJob, PublishItem, PublishMode, Publishing, TimeRange,
};

use crate::caller::Caller;
use crate::stage::Stage;

pub(crate) fn job_is_created_watched_and_completed<C: Caller>() {
    let (stage, publishing) = stage::<C>(Options::default());
    let job = create(&stage, &publishing, &nightly());
    assert_eq!((job.status(), job.source()), (JobStatus::Queued, "suite"));
    let get = publishing.job(job.id()).unwrap();
    stage.edge.advance(RUN / 4);
    let running = stage.call(&get);
    assert_eq!(running.status(), JobStatus::Running);
    assert!(running.start_time().is_some() && running.finish_time().is_none());
    stage.edge.advance(RUN);
    let completed = stage.call(&get);
    assert_eq!(completed.status(), JobStatus::Completed);
    assert_eq!(completed.statistics().items_processed, Some(3));
    assert_eq!(completed.statistics().items_failed, Some(0));
    assert_eq!(completed.mode().as_deref(), Some("Smart"));
    assert_eq!(completed.locales(), ["en"]);
    let creator = completed.created_by().unwrap();
    assert_eq!(creator.kind.as_deref(), Some("Application"));
}

pub(crate) fn job_of_items_is_created_and_fails<C: Caller>() {
    let (stage, publishing) = stage::<C>(Options::default());
    stage
        .edge
        .script_jobs([JobOutcome::Failed("no storage".to_owned())]);
    let items = NewJob::items("home", "suite", PublishMode::Republish)
        .item(PublishItem::new("7").locale("en"))
        .item(PublishItem::new("7").locale("da"))
        .children(true);
    let job = create(&stage, &publishing, &items);
    stage.edge.advance(2 * RUN);
    let failed = stage.call(&publishing.job(job.id()).unwrap());
    assert_eq!(failed.status(), JobStatus::Failed);
    assert_eq!(failed.failure_reasons(), ["no storage"]);
    assert_eq!(failed.statistics().items_sent, Some(2));
}

pub(crate) fn job_is_canceled_until_its_items_are_sent<C: Caller>() {
    let (stage, publishing) = stage::<C>(Options::default());
    let [first, second] = [(); 2].map(|()| create(&stage, &publishing, &nightly()));
    stage.call(&publishing.cancel_job(first.id()).unwrap());
    let get = publishing.job(first.id()).unwrap();
    assert_eq!(stage.call(&get).status(), JobStatus::Canceling);
    stage.edge.advance(RUN / 10);
    let canceled = stage.call(&get);
    assert_eq!(canceled.status(), JobStatus::Canceled);
    assert!(canceled.canceled_by().is_some());

    stage.edge.advance(2 * RUN);
    let error = stage.fail(&publishing.cancel_job(second.id()).unwrap());
    assert_eq!(error.status().unwrap(), 409);
    let message = error.message().unwrap();
    assert!(message.ends_with("ItemsSendingComplete: True."), "{error}");
    assert!(!error.is_transient());
}

pub(crate) fn list_reads_all_pages<C: Caller>() {
    let (stage, publishing) = stage::<C>(Options::default());
    for _ in 0..45 {
        create(&stage, &publishing, &nightly());
    }
    let (_, before) = stage.requests();
    let filter = JobFilter::new()
        .source("suite")
        .status(JobStatus::Queued)
        .status(JobStatus::Running)
        .queued(TimeRange::after("2026-01-01"));
    let list = publishing.jobs(filter.clone()).unwrap();
    let jobs = list.all(|page| stage.try_call(page)).unwrap();
    assert_eq!(jobs.len(), 45);
    let (_, after) = stage.requests();
    assert_eq!(after - before, 3, "20 jobs on a page");
    let list = publishing.jobs(filter.page_size(5.try_into().unwrap()));
    let pages = list.unwrap().pages(|page| stage.try_call(page));
    assert_eq!(pages.map(Result::unwrap).count(), 9);
    let other = publishing.jobs(JobFilter::new().source("other")).unwrap();
    assert_eq!(stage.call(&other).jobs, []);
}

pub(crate) fn summary_values_and_permissions_are_read<C: Caller>() {
    let (stage, publishing) = stage::<C>(Options::default());
    create(&stage, &publishing, &nightly());
    let counts = stage.call(&publishing.job_summary(None).unwrap());
    assert_eq!((counts.queued, counts.completed), (1, 0));
    let values = publishing.job_filter_values(&JobFilter::new()).unwrap();
    let values = stage.call(&values);
    assert_eq!(values.statuses, [JobStatus::Queued]);
    assert_eq!(values.sources, ["suite"]);
    assert_eq!(values.created_by.len(), 1);
    let permissions = stage.call(&publishing.permissions());
    assert!(permissions.can_create && permissions.can_read_all);
}

pub(crate) fn client_without_the_scope_gets_a_hint<C: Caller>() {
    let client = Client::new("i", "a secret of the suite").scopes(["edge.content:clearall"]);
    let (stage, publishing) = stage::<C>(Options::default().client(client));
    let error = stage.fail(&publishing.create_job(&nightly()).unwrap());
    assert_eq!(error.status().unwrap(), 403);
    let hint = error.hint().unwrap();
    assert!(hint.contains("environment automation"), "{hint}");
    // This operation wants no scope, so it tells what is missing.
    let permissions = stage.call(&publishing.permissions());
    assert!(!permissions.can_create && !permissions.can_read_own);
    assert_eq!(stage.requests(), (1, 2));
}

pub(crate) fn rejected_token_is_replaced_and_one_job_created<C: Caller>() {
    let (stage, publishing) = stage::<C>(Options::default());
    stage.script([Fault::status(401)]);
    create(&stage, &publishing, &nightly());
    assert_eq!(stage.requests(), (2, 2));
    let list = publishing.jobs(JobFilter::new()).unwrap();
    assert_eq!(stage.call(&list).total, Some(1));
}

pub(crate) fn missing_job_is_a_404<C: Caller>() {
    let (stage, publishing) = stage::<C>(Options::default());
    let error = stage.fail(&publishing.job("a/b?c").unwrap());
    assert_eq!(error.status().unwrap(), 404);
    let error = stage.fail(&publishing.cancel_job("job_7").unwrap());
    assert_eq!(error.status().unwrap(), 404);
    assert!(error.message().unwrap().starts_with("Not Found"), "{error}");
}

fn stage<C: Caller>(options: Options) -> (Stage<C>, Publishing) {
    let stage = Stage::with(options.publishing_time(RUN));
    let publishing = Publishing::at(stage.edge.base_url()).unwrap();
    (stage, publishing)
}

fn create<C: Caller>(stage: &Stage<C>, publishing: &Publishing, job: &NewJob) -> Job {
    stage.call(&publishing.create_job(job).unwrap()).unwrap()
}

fn nightly() -> NewJob {
    NewJob::environment("nightly", "suite", PublishMode::Smart).locale("en")
}

/// Hours, so that the time of the test itself moves no job.
const RUN: Duration = Duration::from_secs(4 * 3600);
