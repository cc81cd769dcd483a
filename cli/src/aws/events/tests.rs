//! A history as AWS writes it: previous events tell what is inside of what.
#![allow(clippy::unwrap_used)]

use aws_sdk_sfn::primitives::DateTime;
use aws_sdk_sfn::types::{
    HistoryEventType, MapIterationEventDetails, StateEnteredEventDetails, StateExitedEventDetails,
    TaskFailedEventDetails, TaskScheduledEventDetails, TaskSubmittedEventDetails,
};
use millrace_flow::History;
use millrace_flow::render::Formatter;

use super::*;

/// An event by its type, its state and the event before it.
fn event(id: i64, previous: i64, kind: &str, name: &str) -> HistoryEvent {
    let mut event = HistoryEvent::builder()
        .id(id)
        .previous_event_id(previous)
        .r#type(HistoryEventType::from(kind))
        .timestamp(DateTime::from_secs(id));
    if kind.ends_with("StateEntered") {
        let details = StateEnteredEventDetails::builder().name(name);
        event = event.state_entered_event_details(details.build().unwrap());
    } else if kind.ends_with("StateExited") {
        let details = StateExitedEventDetails::builder().name(name);
        event = event.state_exited_event_details(details.build().unwrap());
    } else if kind == "MapIterationStarted" {
        let details = MapIterationEventDetails::builder()
            .name("Map")
            .index(id as i32 % 2);
        event = event.map_iteration_started_event_details(details.build());
    } else if kind == "TaskScheduled" {
        let details = TaskScheduledEventDetails::builder()
            .resource_type("lambda")
            .resource("invoke")
            .region("us-east-1")
            .parameters("{}");
        event = event.task_scheduled_event_details(details.build().unwrap());
    } else if kind == "TaskFailed" {
        let details = TaskFailedEventDetails::builder()
            .resource_type("lambda")
            .resource("invoke")
            .error(name)
            .cause("because");
        event = event.task_failed_event_details(details.build().unwrap());
    }
    event.build().unwrap()
}

fn translate(events: &[HistoryEvent]) -> History {
    let mut translator = Translator::default();
    let translated = events
        .iter()
        .filter_map(|event| translator.translate(event));
    History {
        events: translated.collect(),
    }
}

#[test]
fn branches_and_iterations_are_inside_of_their_states() {
    let history = translate(&[
        event(1, 0, "ExecutionStarted", ""),
        event(2, 0, "ParallelStateEntered", "Gates"),
        event(3, 2, "ParallelStateStarted", ""),
        event(4, 3, "TaskStateEntered", "Quality"),
        event(5, 3, "TaskStateEntered", "Fairness"),
        event(6, 4, "TaskScheduled", ""),
        event(7, 5, "TaskScheduled", ""),
        event(8, 6, "TaskStateExited", "Quality"),
        event(9, 7, "TaskStateExited", "Fairness"),
        event(10, 9, "ParallelStateSucceeded", ""),
        event(11, 10, "ParallelStateExited", "Gates"),
        event(12, 11, "MapStateEntered", "Map"),
        event(13, 12, "MapStateStarted", ""),
        event(14, 13, "MapIterationStarted", ""),
        event(15, 13, "MapIterationStarted", ""),
        event(16, 14, "PassStateEntered", "One"),
        event(17, 15, "PassStateEntered", "One"),
        event(18, 17, "PassStateExited", "One"),
        event(19, 16, "PassStateExited", "One"),
        event(20, 19, "MapStateExited", "Map"),
        event(21, 20, "PassStateEntered", "Done"),
    ]);
    let order = ["Gates", "Quality", "Fairness", "Map", "One", "One", "Done"];
    assert_eq!(history.states(), order);
    assert_eq!(history.top_level_states(), ["Gates", "Map", "Done"]);
    let indices: Vec<usize> = history
        .visits()
        .iter()
        .flat_map(|visit| visit.scope.iter().map(|step| step.index))
        .collect();
    assert_eq!(indices, [0, 1, 0, 1]);
}

#[test]
fn attempts_are_counted_and_no_event_is_told_twice() {
    let events = [
        event(1, 0, "TaskStateEntered", "Validate"),
        event(2, 1, "TaskScheduled", ""),
        event(3, 2, "TaskFailed", "StoreUnavailable"),
        event(4, 3, "TaskScheduled", ""),
    ];
    let twice: Vec<HistoryEvent> = events.iter().chain(&events).cloned().collect();
    let mut formatter = Formatter::new("training");
    let lines: Vec<String> = translate(&twice)
        .events
        .iter()
        .filter_map(|event| formatter.event(event))
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    assert_eq!(
        lines,
        [
            "training Validate running attempt 1",
            "training Validate failed attempt 1: StoreUnavailable: because",
            "training Validate running attempt 2",
        ]
    );
}

#[test]
fn the_last_container_is_known() {
    let task = r#"{"Tasks": [{"TaskArn": "t/1", "ClusterArn": "c"}], "Failures": []}"#;
    let details = TaskSubmittedEventDetails::builder()
        .resource_type("ecs")
        .resource("runTask.sync")
        .output(task);
    let submitted = HistoryEvent::builder()
        .id(1)
        .r#type(HistoryEventType::TaskSubmitted)
        .timestamp(DateTime::from_secs(1))
        .task_submitted_event_details(details.build().unwrap())
        .build()
        .unwrap();
    let mut translator = Translator::default();
    translator.translate(&submitted);
    let expected = Task {
        arn: "t/1".into(),
        cluster: "c".into(),
    };
    assert_eq!(translator.last_task(), Some(expected));
}
